/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One level of what a mirror wraps frames in. The conversation is the inner one.
 */
#ifndef AUSCULT_TUNNEL_H
#define AUSCULT_TUNNEL_H

#include "parse.h"

/* read_erspan reads the header of type II or III, in front of an Ethernet frame. */
static __always_inline enum verdict read_erspan(struct window *w, struct packet *p, __u32 version, __u32 size)
{
	struct erspan *mirror = look(w, p->offset, size);
	if (!mirror)
		return PASSED_TRUNCATED;
	if (mirror->version_vlan >> 4 != version)
		return PASSED_ENCAPSULATION_UNKNOWN;
	p->offset += size;
	if (size < sizeof(*mirror))
		return PASSED;
	/* Type III: P(1) FT(5) Hw(6) D(1) Gra(2) O(1). Frame type 0 is Ethernet; O says
	 * that eight bytes of options follow. */
	if (mirror->kind & 0x7c)
		return PASSED_ENCAPSULATION_UNKNOWN;
	p->offset += (mirror->options & 1) * 8;
	return PASSED;
}

/* read_gre reads a GRE header up to the beginning of what it carries. */
static __always_inline enum verdict read_gre(struct window *w, struct packet *p)
{
	struct gre *gre = look(w, p->offset, sizeof(*gre));
	if (!gre)
		return PASSED_TRUNCATED;
	__be16 flags = gre->flags, type = gre->type;
	if (flags & (__be16)~GRE_KNOWN)
		return PASSED_ENCAPSULATION_UNKNOWN;
	p->offset += sizeof(*gre) + !!(flags & GRE_CHECKSUM) * 4 + !!(flags & GRE_KEY) * 4 + !!(flags & GRE_SEQUENCE) * 4;
	FORGET(p->offset, w->noise);
	p->type = type;
	switch (type) {
	case ETHER_IPV4:
	case ETHER_IPV6:
		return PASSED;
	case ETHER_BRIDGED:
		break;
	case ETHER_ERSPAN_II: {
		/* Without a sequence number it is type I, which has no header of its own. */
		enum verdict cause = flags & GRE_SEQUENCE ? read_erspan(w, p, 1, 8) : PASSED;
		if (cause != PASSED)
			return cause;
		break;
	}
	case ETHER_ERSPAN_III: {
		enum verdict cause = read_erspan(w, p, 2, sizeof(struct erspan));
		if (cause != PASSED)
			return cause;
		break;
	}
	default:
		return PASSED_ENCAPSULATION_UNKNOWN;
	}
	FORGET(p->offset, w->noise);
	p->type = ETHER_BRIDGED;
	return PASSED;
}

/* read_vxlan reads a VXLAN header, behind the UDP header at the offset. */
static __always_inline enum verdict read_vxlan(struct window *w, struct packet *p)
{
	struct vxlan *vxlan = look(w, p->offset + sizeof(struct udp), sizeof(*vxlan));
	if (!vxlan)
		return PASSED_TRUNCATED;
	if ((vxlan->flags & (VXLAN_VALID | VXLAN_OTHER_PROTOCOL)) != VXLAN_VALID)
		return PASSED_ENCAPSULATION_UNKNOWN;
	p->offset += sizeof(struct udp) + sizeof(*vxlan);
	p->type = ETHER_BRIDGED;
	return PASSED;
}

/* wrapping_of says what a UDP packet may carry by its ports. Which it is, content
 * decides above; the kernel opens VXLAN only, and must not take the ends of any
 * other tunnel for a conversation. */
static __always_inline enum wrapping wrapping_of(struct window *w, const struct packet *p)
{
	if (p->way.protocol != PROTOCOL_UDP)
		return NO_WRAPPING;
	struct udp *udp = look(w, p->offset, sizeof(*udp));
	if (!udp)
		return NO_WRAPPING;
	if (udp->to == VXLAN_PORT)
		return VXLAN_WRAPPING;
	if (udp->to == OLD_VXLAN_PORT || udp->to == GENEVE_PORT || udp->to == GRE_IN_UDP_PORT || udp->to == TEREDO_PORT ||
	    udp->from == TEREDO_PORT || udp->to == CAPWAP_PORT || udp->from == CAPWAP_PORT)
		return OTHER_WRAPPING;
	return NO_WRAPPING;
}

/* read_inner opens a wrapping, if there is one, and reads the IP header inside. */
static __always_inline enum verdict read_inner(struct window *w, struct packet *p)
{
	enum verdict cause;
	enum wrapping wrapping = wrapping_of(w, p);
	if (p->way.protocol == PROTOCOL_GRE)
		cause = read_gre(w, p);
	else if (wrapping == VXLAN_WRAPPING)
		cause = read_vxlan(w, p);
	else
		return wrapping == OTHER_WRAPPING ? PASSED_ENCAPSULATION_UNKNOWN : PASSED;
	if (cause == PASSED && p->type == ETHER_BRIDGED)
		cause = read_link(w, p);
	if (cause == PASSED)
		cause = read_network(w, p);
	if (cause == PASSED && (p->way.protocol == PROTOCOL_GRE || wrapping_of(w, p) != NO_WRAPPING))
		cause = PASSED_TOO_DEEP;
	return cause;
}

/* read_packet reads all headers of a frame. */
static __always_inline enum verdict read_packet(struct window *w, struct packet *p)
{
	enum verdict cause = read_link(w, p);
	if (cause == PASSED)
		cause = read_network(w, p);
	if (cause == PASSED)
		cause = read_inner(w, p);
	if (cause != PASSED)
		return cause;
	if (p->way.protocol == PROTOCOL_TCP)
		return read_tcp(w, p);
	if (p->way.protocol == PROTOCOL_UDP)
		return read_udp(w, p);
	return other_transport(p);
}

#endif
