/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two maps of the kernel seam and the counts beside them. Every layout is
 * written out to the last byte: user space reads and writes the same memory.
 */
#ifndef AUSCULT_MAPS_H
#define AUSCULT_MAPS_H

#include "kernel.h"

/* The versions of IP, as the first four bits of a packet say them. */
enum { IPV4 = 4, IPV6 = 6 };

/* One direction of a conversation. An IPv4 address takes the first four bytes and
 * leaves the others zero. A VLAN tag is not part of it: an offloaded one is
 * invisible here. */
struct conversation_way {
	__u8 from[16];
	__u8 to[16];
	__be16 from_port;
	__be16 to_port;
	__u8 protocol; /* IPPROTO_TCP or IPPROTO_UDP */
	__u8 family;   /* IPV4 or IPV6 */
	__u16 pad;     /* zero */
};

/* What was seen of one direction. The kernel writes, user space reads. Counts are
 * added atomically; the other fields are written plainly, and where two processors
 * see the same direction at the same instant the later one wins. */
struct account {
	__u64 passed_packets;
	__u64 passed_bytes;    /* of payload, by the header's length */
	__u64 skipped_packets; /* dropped */
	__u64 skipped_bytes;   /* of payload */
	__u64 repeated_bytes;  /* of skipped_bytes: those dropped before */
	__u64 first_ns;        /* CLOCK_MONOTONIC, to a tick */
	__u64 last_ns;
	__u32 isn;  /* sequence number of the last SYN, where isn_known */
	__u32 high; /* highest sequence end dropped so far, where high_known */
	__u8 tcp_flags; /* of all segments */
	__u8 isn_known;
	__u8 high_known;
	__u8 pad[5];
};

enum skip_flags {
	EPOCH_KNOWN = 1 << 0, /* epoch is the ISN that the range belongs to */
	WHOLE = 1 << 1,       /* all datagrams, for UDP: start and end mean nothing */
};

/* What nobody needs to see of one direction. User space writes; the kernel reads,
 * and deletes at a SYN. */
struct skip_range {
	__u32 start; /* sequence numbers, [start, end) */
	__u32 end;
	__u32 epoch;
	enum skip_flags flags;
	__u64 until_ns; /* CLOCK_MONOTONIC: it does not apply from then on */
};

/* What became of a frame. Each frame is counted under exactly one of them. */
enum verdict {
	PASSED,
	DROPPED_SEGMENT,
	DROPPED_ACKNOWLEDGEMENT,
	DROPPED_DATAGRAM,
	PASSED_NOT_IP,
	PASSED_FRAGMENT,
	PASSED_OTHER_TRANSPORT,
	PASSED_EXTENSION_HEADER,
	PASSED_TRUNCATED,
	PASSED_MALFORMED,
	PASSED_ENCAPSULATION_UNKNOWN,
	PASSED_TOO_DEEP,
	PASSED_UNACCOUNTED,
	VERDICT_COUNT,
};

struct total {
	__u64 packets;
	__u64 bytes;             /* of frames */
	__u64 accounted_packets; /* of packets: those that an account was given */
	__u64 accounted_bytes;   /* of payload, likewise: what eviction forgot is this less all accounts */
};

/* The loader sets how many entries there are. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1);
	__type(key, struct conversation_way);
	__type(value, struct account);
} accounting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct conversation_way);
	__type(value, struct skip_range);
} ranges SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, VERDICT_COUNT);
	__type(key, enum verdict);
	__type(value, struct total);
} totals SEC(".maps");

#endif
