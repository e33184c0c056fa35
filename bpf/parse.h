/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the first bytes of a frame to the conversation that it belongs to. Every
 * function returns PASSED to go on, or the cause for which the frame is passed to
 * user space, which decodes all that is not decoded here.
 */
#ifndef AUSCULT_PARSE_H
#define AUSCULT_PARSE_H

#include "maps.h"
#include "window.h"

/* IEEE 802 EtherTypes, in network order. */
#define ETHER_IPV4 swap16(0x0800)
#define ETHER_IPV6 swap16(0x86dd)
#define ETHER_BRIDGED swap16(0x6558)    /* RFC 1701: Transparent Ethernet Bridging */
#define ETHER_ERSPAN_II swap16(0x88be)  /* draft-foschiano-erspan, section 4.1 and 4.2 */
#define ETHER_ERSPAN_III swap16(0x22eb) /* the same, section 4.3 */
#define ETHER_CUSTOMER_TAG swap16(0x8100) /* 802.1Q */
#define ETHER_SERVICE_TAG swap16(0x88a8)  /* 802.1ad */
#define ETHER_OLD_TAG swap16(0x9100)      /* before 802.1ad */

/* IANA protocol numbers. */
enum {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_ESP = 50,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_DESTINATION = 60,
	PROTOCOL_MOBILITY = 135,
	PROTOCOL_HIP = 139,
	PROTOCOL_SHIM6 = 140,
};

#define VXLAN_PORT swap16(4789)    /* RFC 7348, section 5 */
#define OLD_VXLAN_PORT swap16(8472) /* Linux before RFC 7348 */
#define GENEVE_PORT swap16(6081)    /* RFC 8926, section 3.3 */
#define GRE_IN_UDP_PORT swap16(4754) /* RFC 8086, section 3.1 */
#define TEREDO_PORT swap16(3544)    /* RFC 4380, section 2.7 */
#define CAPWAP_PORT swap16(5247)    /* RFC 5415, section 3.1 */

/* What a UDP packet may carry by its ports. */
enum wrapping { NO_WRAPPING, VXLAN_WRAPPING, OTHER_WRAPPING };
#define IPV4_FRAGMENT swap16(0x3fff) /* RFC 791: more fragments, or an offset */

/* GRE: RFC 2784 and RFC 2890. Any other bit, a version too, is another protocol. */
#define GRE_CHECKSUM swap16(0x8000)
#define GRE_KEY swap16(0x2000)
#define GRE_SEQUENCE swap16(0x1000)
#define GRE_KNOWN (GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE)

/* RFC 7348: the I flag. The P flag is that of VXLAN-GPE, which carries other things
 * than Ethernet. */
enum { VXLAN_VALID = 0x08, VXLAN_OTHER_PROTOCOL = 0x04 };

struct ethernet { __be16 to[3], from[3], type; };
struct tag { __be16 control, type; };
struct ipv4 {
	__u8 version_length, service;
	__be16 total, id, fragment;
	__u8 hops, protocol;
	__be16 checksum;
	__be32 from, to;
};
struct ipv6 {
	__be32 version_flow;
	__be16 length;
	__u8 protocol, hops;
	__be32 from[4], to[4];
};
struct gre { __be16 flags, type; };
struct erspan { __u8 version_vlan, rest[9], kind, options; };
struct udp { __be16 from, to, length, checksum; };
struct vxlan { __u8 flags, rest[7]; };
struct tcp {
	__be16 from, to;
	__be32 sequence, acknowledgement;
	__u8 length, flags;
	__be16 window, checksum, urgent;
};

/* A packet is what the headers say, as far as the rules need it. */
struct packet {
	struct conversation_way way __attribute__((aligned(8)));
	__u64 offset;   /* of the header that is read next */
	__u32 length;   /* bytes that the IP header says are behind it */
	__u32 payload;  /* bytes that the transport carries */
	__u32 sequence, acknowledgement;
	__be16 type;    /* EtherType of what is read next */
	__u8 tcp_length, tcp_flags; /* as the header has them */
};

static __always_inline int is_tag(__be16 type)
{
	return type == ETHER_CUSTOMER_TAG || type == ETHER_SERVICE_TAG || type == ETHER_OLD_TAG;
}

/* read_link reads an Ethernet header and up to two tags. */
static __always_inline enum verdict read_link(struct window *w, struct packet *p)
{
	struct ethernet *link = look(w, p->offset, sizeof(*link));
	if (!link)
		return PASSED_TRUNCATED;
	p->type = link->type;
	p->offset += sizeof(*link);
#pragma unroll
	for (int i = 0; i < 2; i++) {
		if (!is_tag(p->type))
			break;
		struct tag *tag = look(w, p->offset, sizeof(*tag));
		if (!tag)
			return PASSED_TRUNCATED;
		p->type = tag->type;
		p->offset += sizeof(*tag);
	}
	FORGET(p->offset, w->noise);
	return is_tag(p->type) ? PASSED_TOO_DEEP : PASSED;
}

static __always_inline enum verdict read_ipv4(struct window *w, struct packet *p)
{
	struct ipv4 *ip = look(w, p->offset, sizeof(*ip));
	if (!ip)
		return PASSED_TRUNCATED;
	__u32 header = (ip->version_length & 15) * 4, total = swap16(ip->total);
	if (ip->version_length >> 4 != IPV4 || header < sizeof(*ip) || total < header)
		return PASSED_MALFORMED;
	if (ip->fragment & IPV4_FRAGMENT)
		return PASSED_FRAGMENT;
	__builtin_memset(&p->way, 0, sizeof(p->way));
	__builtin_memcpy(p->way.from, &ip->from, sizeof(ip->from));
	__builtin_memcpy(p->way.to, &ip->to, sizeof(ip->to));
	p->way.family = IPV4;
	p->way.protocol = ip->protocol;
	p->length = total - header;
	p->offset += header;
	return PASSED;
}

static __always_inline enum verdict read_ipv6(struct window *w, struct packet *p)
{
	struct ipv6 *ip = look(w, p->offset, sizeof(*ip));
	if (!ip)
		return PASSED_TRUNCATED;
	if ((ip->version_flow & 0xf0) != IPV6 << 4)
		return PASSED_MALFORMED;
	__builtin_memcpy(p->way.from, ip->from, sizeof(ip->from));
	__builtin_memcpy(p->way.to, ip->to, sizeof(ip->to));
	p->way.family = IPV6;
	p->way.protocol = ip->protocol;
	p->length = swap16(ip->length);
	p->offset += sizeof(*ip);
	return PASSED;
}

/* read_network reads one IP header. */
static __always_inline enum verdict read_network(struct window *w, struct packet *p)
{
	enum verdict cause = PASSED_NOT_IP;
	if (p->type == ETHER_IPV4)
		cause = read_ipv4(w, p);
	else if (p->type == ETHER_IPV6)
		cause = read_ipv6(w, p);
	FORGET(p->offset, w->noise);
	return cause;
}

/* other_transport names the cause for which a packet is passed that carries neither
 * TCP nor UDP. The numbers of IPv6 extension headers are those of RFC 7045. */
static __always_inline enum verdict other_transport(const struct packet *p)
{
	if (p->way.family == IPV4)
		return PASSED_OTHER_TRANSPORT;
	switch (p->way.protocol) {
	case PROTOCOL_FRAGMENT:
		return PASSED_FRAGMENT;
	case PROTOCOL_HOP_BY_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_ESP:
	case PROTOCOL_AUTHENTICATION:
	case PROTOCOL_DESTINATION:
	case PROTOCOL_MOBILITY:
	case PROTOCOL_HIP:
	case PROTOCOL_SHIM6:
		return PASSED_EXTENSION_HEADER;
	}
	return PASSED_OTHER_TRANSPORT;
}

/* read_tcp reads what the rules need of a TCP header (RFC 9293, section 3.1). */
static __always_inline enum verdict read_tcp(struct window *w, struct packet *p)
{
	struct tcp *tcp = look(w, p->offset, sizeof(*tcp));
	if (!tcp)
		return PASSED_TRUNCATED;
	__u32 header = (tcp->length >> 4) * 4;
	if (header < sizeof(*tcp) || header > p->length)
		return PASSED_MALFORMED;
	p->way.from_port = tcp->from;
	p->way.to_port = tcp->to;
	p->payload = p->length - header;
	p->sequence = swap32(tcp->sequence);
	p->acknowledgement = swap32(tcp->acknowledgement);
	p->tcp_length = tcp->length;
	p->tcp_flags = tcp->flags;
	return PASSED;
}

/* read_udp reads a UDP header (RFC 768). */
static __always_inline enum verdict read_udp(struct window *w, struct packet *p)
{
	struct udp *udp = look(w, p->offset, sizeof(*udp));
	if (!udp)
		return PASSED_TRUNCATED;
	__u32 length = swap16(udp->length);
	p->way.from_port = udp->from;
	p->way.to_port = udp->to;
	p->payload = length - sizeof(*udp);
	p->tcp_flags = 0;
	return length < sizeof(*udp) || length > p->length ? PASSED_MALFORMED : PASSED;
}

#endif
