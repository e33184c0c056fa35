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
	p.From.Addr, p.To.Addr = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	p.From.Hops = b[8]
	c.skip(headerLength)
	if field := be16(b[6:]); field&(moreFragments|offsetMask) != 0 {
		p.IPProtocol = b[9]
		p.Piece = sensor.Piece{ID: uint32(be16(b[4:])), Offset: int(field&offsetMask) * 8, More: field&moreFragments != 0}
		return d.fragment(f, c, p, b[9])
	}
	return d.transport(b[9], c, p)
}

func (d *Decoder) ipv6(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(ipv6Length) {
		return c.short(ipv6Length)
	}
	b := c.b
	if b[0]>>4 != 6 {
		return sensor.Malformed
	}
	p.From.Addr, p.To.Addr = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	p.From.Hops = b[7]
	c.skip(ipv6Length)
	if length := int(be16(b[4:])); length != 0 { // 0: segmentation offload, or a jumbogram (RFC 2675)
		c.limit(length)
	}
	return d.chain(f, b[6], c, p)
}

// chain walks the extension headers to the transport.
func (d *Decoder) chain(f *sensor.Frame, next uint8, c cursor, p *sensor.Packet) sensor.Verdict {
	for range MaxExtensionHeaders + 1 {
		unit, extra := 8, 1
		switch layers.IPProtocol(next) {
		case layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing, layers.IPProtocolIPv6Destination:
		case layers.IPProtocolAH:
			unit, extra = 4, 2
		case layers.IPProtocolIPv6Fragment:
			v, done := d.ipv6Fragment(f, &next, &c, p)
			if done {
				return v
			}
			continue
		default:
			return d.transport(next, c, p)
		}
		if !c.has(extensionLength) {
			return c.short(extensionLength)
		}
		length := (int(c.b[1]) + extra) * unit
		if length > c.wire || length < extensionLength {
			return sensor.Malformed
		}
		next = c.b[0]
		c.skip(length)
	}
	return sensor.Malformed
}

// ipv6Fragment reads a fragment header. An atomic one (RFC 6946) is passed over.
func (d *Decoder) ipv6Fragment(f *sensor.Frame, next *uint8, c *cursor, p *sensor.Packet) (sensor.Verdict, bool) {
	if !c.has(fragmentLength) {
		return c.short(fragmentLength), true
	}
	b := c.b
	field := be16(b[2:])
	*next = b[0]
	c.skip(fragmentLength)
	if field&^0x6 == 0 { // the two reserved bits are not tested
		return sensor.Decoded, false
	}
	if p.Reassembled {
		return sensor.Malformed, true // a fragment inside a reassembled datagram
	}
	p.IPProtocol = b[0]
	p.Piece = sensor.Piece{ID: be32(b[4:]), Offset: int(field &^ 0x7), More: field&1 != 0}
	return d.fragment(f, *c, p, b[0]), true
}

// fragment holds a piece, and goes on with the datagram when it is complete.
func (d *Decoder) fragment(f *sensor.Frame, c cursor, p *sensor.Packet, next uint8) sensor.Verdict {
	if len(c.b) < c.wire {
		return sensor.Truncated // a datagram cannot be put together from pieces that are cut
	}
	whole, next, v := d.fragments.add(f, c.b, p, next)
	if v != sensor.Decoded {
		return v
	}
	p.Reassembled = true
	c = cursor{b: whole, wire: len(whole)}
	if p.From.Addr.Is4() {
		return d.transport(next, c, p)
	}
	return d.chain(f, next, c, p)
}

func (d *Decoder) transport(number uint8, c cursor, p *sensor.Packet) sensor.Verdict {
	p.IPProtocol = number
	switch layers.IPProtocol(number) {
	case layers.IPProtocolTCP:
		return tcp(c, p)
	case layers.IPProtocolUDP:
		return udp(c, p)
	case layers.IPProtocolICMPv4, layers.IPProtocolICMPv6:
		return icmp(c, p)
	case layers.IPProtocolGRE, layers.IPProtocolIPv4, layers.IPProtocolIPv6, layers.IPProtocolEtherIP:
		return sensor.Tunnelled
	case layers.IPProtocolAH:
		if p.From.Addr.Is4() {
			return ipv4Authenticated(d, c, p)
		}
	}
	return sensor.UnknownTransport
}

// ipv4Authenticated passes over one authentication header (RFC 4302, section 2).
func ipv4Authenticated(d *Decoder, c cursor, p *sensor.Packet) sensor.Verdict {
	if !c.has(extensionLength) {
		return c.short(extensionLength)
	}
	length := (int(c.b[1]) + 2) * 4
	next := c.b[0]
	if length > c.wire || length < extensionLength || next == uint8(layers.IPProtocolAH) {
		return sensor.Malformed
	}
	c.skip(length)
	return d.transport(next, c, p)
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
	if !c.has(udpLength) {
		return c.short(udpLength)
	}
	b := c.b
	length := int(be16(b[4:]))
	if length == 0 {
		length = c.wire // segmentation offload, or a jumbogram (RFC 2675, section 4)
	}
	if length < udpLength || length > c.wire {
		return sensor.Malformed
	}
	p.Transport = protocols.UDP
	p.From.Port, p.To.Port = be16(b), be16(b[2:])
	c.limit(length)
	c.skip(udpLength)
	p.Payload, p.PayloadLength = c.b, c.wire
	return sensor.Decoded
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
