package decode

import (
	"net/netip"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// MaxExtensionHeaders bounds an IPv6 header chain. RFC 8200 section 4.1 lists
// seven places, one header twice.
const MaxExtensionHeaders = 8

// The fixed parts of IP headers, in bytes (RFC 791, section 3.1; RFC 8200,
// sections 3, 4.3 to 4.6; RFC 4302, section 2).
const (
	ipv4Length      = 20
	ipv6Length      = 40
	extensionLength = 8
	fragmentLength  = 8
)

// The bits of the IPv4 fragment field (RFC 791, section 3.1).
const (
	moreFragments = 0x2000
	offsetMask    = 0x1fff
)

func (d *Decoder) ipv4(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(ipv4Length) {
		return c.short(ipv4Length)
	}
	b := c.b
	headerLength, total := int(b[0]&0x0f)*4, int(be16(b[2:]))
	if total == 0 {
		total = c.wire // segmentation offload: the sender's card would have written it
	}
	if b[0]>>4 != 4 || headerLength < ipv4Length || total < headerLength {
		return sensor.Malformed
	}
	c.limit(total)
	if !c.has(headerLength) {
		return c.short(headerLength)
	}
	c.skip(headerLength)
	p.From.Addr, p.To.Addr = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	p.From.Hops, p.ID = b[8], be16(b[4:])
	if field := be16(b[6:]); field&(moreFragments|offsetMask) != 0 {
		p.IPProtocol = b[9]
		p.Piece = sensor.Piece{ID: uint32(be16(b[4:])), Offset: int(field&offsetMask) * 8, More: field&moreFragments != 0}
		return d.fragment(f, c, p, b[9])
	}
	return d.transport(f, b[9], c, p)
}

func (d *Decoder) ipv6(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	b := c.b
	next, c, v := ipv6Header(c)
	if v != sensor.Decoded {
		return v
	}
	p.From.Addr, p.To.Addr = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	p.From.Hops = b[7]
	if next == uint8(layers.IPProtocolTCP) {
		p.IPProtocol = next
		return tcp(c, p)
	}
	return d.chain(f, next, c, p, false)
}

// ipv6Header leaves the cursor behind the fixed header.
func ipv6Header(c cursor) (next uint8, rest cursor, v sensor.Verdict) {
	if !c.has(ipv6Length) {
		return 0, c, c.short(ipv6Length)
	}
	b := c.b
	if b[0]>>4 != 6 {
		return 0, c, sensor.Malformed
	}
	c.skip(ipv6Length)
	if length := int(be16(b[4:])); length != 0 { // 0: segmentation offload, or a jumbogram (RFC 2675)
		c.limit(length)
	}
	return b[6], c, sensor.Decoded
}

// chain goes through the extension headers to the transport. whole says that they
// stand in a datagram that was put together.
func (d *Decoder) chain(f *sensor.Frame, next uint8, c cursor, p *sensor.Packet, whole bool) sensor.Verdict {
	next, c, v := extensions(next, c, &p.Piece)
	switch {
	case v == sensor.Decoded:
		return d.transport(f, next, c, p)
	case v == sensor.Fragment && whole:
		return sensor.Malformed // a fragment inside a reassembled datagram
	case v == sensor.Fragment:
		p.IPProtocol = next
		return d.fragment(f, c, p, next)
	}
	return v
}

// extensions walks IPv6 extension headers to the transport. The verdict Fragment
// means that the cursor stands behind a fragment header, which is in piece; an
// atomic one (RFC 6946) is passed over.
func extensions(next uint8, c cursor, piece *sensor.Piece) (uint8, cursor, sensor.Verdict) {
	for range MaxExtensionHeaders + 1 {
		unit, extra := 8, 1
		switch layers.IPProtocol(next) {
		case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Destination:
		case layers.IPProtocolAH:
			unit, extra = 4, 2
		case layers.IPProtocolIPv6Fragment:
			if !c.has(fragmentLength) {
				return next, c, c.short(fragmentLength)
			}
			b := c.b
			next = b[0]
			c.skip(fragmentLength)
			if field := be16(b[2:]); field&^0x6 != 0 { // the two reserved bits are not tested
				*piece = sensor.Piece{ID: be32(b[4:]), Offset: int(field &^ 0x7), More: field&1 != 0}
				return next, c, sensor.Fragment
			}
			continue
		default:
			return next, c, sensor.Decoded
		}
		var v sensor.Verdict
		if next, c, v = extension(c, unit, extra); v != sensor.Decoded {
			return next, c, v
		}
	}
	return next, c, sensor.Malformed
}

// extension passes over one header whose length field counts units beyond extra.
func extension(c cursor, unit, extra int) (uint8, cursor, sensor.Verdict) {
	if !c.has(extensionLength) {
		return 0, c, c.short(extensionLength)
	}
	next, length := c.b[0], (int(c.b[1])+extra)*unit
	if length > c.wire || length < extensionLength {
		return 0, c, sensor.Malformed
	}
	c.skip(length)
	return next, c, sensor.Decoded
}

// authenticated passes over the one authentication header that IPv4 may have (RFC
// 4302, section 2).
func authenticated(c cursor) (uint8, cursor, sensor.Verdict) {
	next, c, v := extension(c, 4, 2)
	if v == sensor.Decoded && next == uint8(layers.IPProtocolAH) {
		v = sensor.Malformed
	}
	return next, c, v
}

// fragment holds a piece, and goes on with the datagram when it is complete.
func (d *Decoder) fragment(f *sensor.Frame, c cursor, p *sensor.Packet, next uint8) sensor.Verdict {
	if len(c.b) < c.wire {
		return sensor.Truncated // a datagram cannot be put together from pieces that are cut
	}
	whole, next, v := d.fragments.add(f, c.b, p, next, d.pathOf(p))
	if v != sensor.Decoded {
		return v
	}
	p.Reassembled = true
	c = cursor{b: whole, wire: len(whole)}
	if p.From.Addr.Is4() {
		return d.transport(f, next, c, p)
	}
	return d.chain(f, next, c, p, true)
}

func (d *Decoder) transport(f *sensor.Frame, number uint8, c cursor, p *sensor.Packet) sensor.Verdict {
	p.IPProtocol = number
	switch layers.IPProtocol(number) {
	case layers.IPProtocolTCP:
		return tcp(c, p)
	case layers.IPProtocolUDP:
		v := udp(c, p)
		if v == sensor.Decoded && tunnelPorts(p.From.Port, p.To.Port) {
			return d.datagram(f, p)
		}
		return v
	case layers.IPProtocolICMPv4, layers.IPProtocolICMPv6:
		return icmp(c, p)
	case layers.IPProtocolAH:
		if p.From.Addr.Is4() {
			return d.authenticated(f, c, p)
		}
	}
	return d.otherTransport(f, number, c, p)
}

func (d *Decoder) authenticated(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	next, c, v := authenticated(c)
	if v != sensor.Decoded {
		return v
	}
	return d.transport(f, next, c, p)
}

// The fixed parts of transport headers, in bytes (RFC 9293 section 3.1, RFC 768,
// RFC 792, RFC 4443 section 2.1).
const (
	tcpLength  = 20
	udpLength  = 8
	icmpLength = 4
)

func tcp(c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(tcpLength) {
		return c.short(tcpLength)
	}
	b := c.b
	headerLength := int(b[12]>>4) * 4
	if headerLength < tcpLength || headerLength > c.wire {
		return sensor.Malformed
	}
	p.Transport = protocols.TCP
	p.From.Port, p.To.Port = be16(b), be16(b[2:])
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.Flags, p.Window = sensor.TCPFlags(b[13]), be16(b[14:])
	c.skip(headerLength)
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
}

func udp(c cursor, p *sensor.Packet) sensor.Verdict {
	b := c.b
	c, v := udpHeader(c)
	if v != sensor.Decoded {
		return v
	}
	p.Transport = protocols.UDP
	p.From.Port, p.To.Port = be16(b), be16(b[2:])
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
}

// udpHeader leaves the cursor at what a datagram carries.
func udpHeader(c cursor) (cursor, sensor.Verdict) {
	if !c.has(udpLength) {
		return c, c.short(udpLength)
	}
	length := int(be16(c.b[4:]))
	if length == 0 {
		length = c.wire // segmentation offload, or a jumbogram (RFC 2675, section 4)
	}
	if length < udpLength || length > c.wire {
		return c, sensor.Malformed
	}
	c.limit(length)
	c.skip(udpLength)
	return c, sensor.Decoded
}

func icmp(c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(icmpLength) {
		return c.short(icmpLength)
	}
	p.Transport = protocols.ICMP
	p.ICMPType, p.ICMPCode = c.b[0], c.b[1]
	c.skip(icmpLength)
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
}
