/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shunt: what nobody needs to see is dropped. In doubt a packet passes: a range
 * that is wrong or lost can only cost work.
 */
#ifndef AUSCULT_SKIP_H
#define AUSCULT_SKIP_H

#include "parse.h"

/* No range is longer, and no retransmission is recognised further back: a quarter of
 * the sequence space (RFC 9293, section 3.4). */
#define MAX_SKIP (1U << 30)

/* RFC 9293, section 3.1. */
enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10, URG = 0x20 };

/* Data offsets of a header without options, and with twelve bytes of them. The low
 * four bits are reserved, or AccECN's: zero. */
enum { TCP_BARE = 5 << 4, TCP_TIMED = 8 << 4 };

/* RFC 7323, appendix A: NOP, NOP, timestamps of ten bytes. */
#define OPTION_TIMESTAMPS swap32(0x0101080a)

/* applies reports whether a range of the direction that has this account is alive.
 * The account may be missing. */
static __always_inline int applies(const struct skip_range *r, const struct account *a, __u64 now)
{
	if (now >= r->until_ns)
		return 0;
	return !(r->flags & EPOCH_KNOWN) || !a || !a->isn_known || a->isn == r->epoch;
}

static __always_inline void reverse(struct conversation_way *to, const struct conversation_way *from)
{
	__builtin_memset(to, 0, sizeof(*to));
	__builtin_memcpy(to->from, from->to, sizeof(to->from));
	__builtin_memcpy(to->to, from->from, sizeof(to->to));
	to->from_port = from->to_port;
	to->to_port = from->from_port;
	to->protocol = from->protocol;
	to->family = from->family;
}

/* clear deletes a range; it looks first, because deleting takes a lock. */
static __always_inline void clear(const struct conversation_way *way)
{
	if (bpf_map_lookup_elem(&ranges, way))
		bpf_map_delete_elem(&ranges, way);
}

/* begin is for a SYN: a reused pair of ports must not lose its beginning. */
static __always_inline void begin(const struct packet *p, struct account *a)
{
	struct conversation_way back __attribute__((aligned(8)));
	if (!a->isn_known || a->isn != p->sequence) {
		a->isn = p->sequence;
		a->high_known = 0;
		a->isn_known = 1;
	}
	clear(&p->way);
	reverse(&back, &p->way);
	clear(&back);
}

/* repeats reports whether a segment that is dropped was dropped before, and
 * remembers where it ends. */
static __always_inline int repeats(struct account *a, __u32 end)
{
	if (a->high_known && a->high - end <= MAX_SKIP)
		return 1;
	a->high = end;
	a->high_known = 1;
	return 0;
}

/* skip_segment drops a segment that lies wholly inside the range of its way. */
static __always_inline enum verdict skip_segment(const struct packet *p, struct account *a, __u64 now)
{
	struct skip_range *r = bpf_map_lookup_elem(&ranges, &p->way);
	if (!r || r->flags & WHOLE || !applies(r, a, now))
		return PASSED;
	__u32 size = r->end - r->start, before = p->sequence - r->start;
	if (size > MAX_SKIP || before >= size || p->payload > size - before)
		return PASSED;
	if (repeats(a, p->sequence + p->payload))
		__sync_fetch_and_add(&a->repeated_bytes, p->payload);
	return DROPPED_SEGMENT;
}

/* is_pure reports whether a segment without payload acknowledges and says nothing
 * else: no flag and no option that anybody could miss. */
static __always_inline int is_pure(struct window *w, const struct packet *p)
{
	if (p->tcp_flags != ACK)
		return 0;
	if (p->tcp_length == TCP_BARE)
		return 1;
	if (p->tcp_length != TCP_TIMED)
		return 0;
	__be32 *option = look(w, p->offset + sizeof(struct tcp), sizeof(*option));
	return option && *option == OPTION_TIMESTAMPS;
}

/* skip_acknowledgement drops a pure one that answers the range of the other way. */
static __always_inline enum verdict skip_acknowledgement(struct window *w, const struct packet *p, __u64 now)
{
	struct conversation_way back __attribute__((aligned(8)));
	reverse(&back, &p->way);
	struct skip_range *r = bpf_map_lookup_elem(&ranges, &back);
	if (!r || r->flags & WHOLE)
		return PASSED;
	__u32 size = r->end - r->start, after = p->acknowledgement - r->start;
	if (size > MAX_SKIP || !after || after > size || !is_pure(w, p))
		return PASSED;
	return applies(r, bpf_map_lookup_elem(&accounting, &back), now) ? DROPPED_ACKNOWLEDGEMENT : PASSED;
}

static __always_inline enum verdict judge_tcp(struct window *w, const struct packet *p, struct account *a, __u64 now)
{
	if (p->tcp_flags & SYN) {
		begin(p, a);
		return PASSED;
	}
	if (p->tcp_flags & (FIN | RST | URG))
		return PASSED;
	return p->payload ? skip_segment(p, a, now) : skip_acknowledgement(w, p, now);
}

static __always_inline enum verdict judge_udp(const struct packet *p, __u64 now)
{
	struct skip_range *r = bpf_map_lookup_elem(&ranges, &p->way);
	return r && r->flags & WHOLE && now < r->until_ns ? DROPPED_DATAGRAM : PASSED;
}

#endif
