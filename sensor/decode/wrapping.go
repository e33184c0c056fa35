package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// MaxDepth bounds the wrappings of one frame inside each other. The deepest that is
// known to be sensible is four: a remote mirror (ERSPAN) of a provider's link (MPLS)
// that carries a tunnel between sites (GRE, VXLAN) in which an access point talks to
// its controller (CAPWAP). More is a loop or an attack.
const MaxDepth = 4

// notTunnel is said of a datagram whose port is a tunnel's and whose content is not.
// It is never a frame's verdict.
const notTunnel = sensor.VerdictCount

// wrapping is what was read of one encapsulation: the link header of what it holds,
// as far as there is one, and its name. by stays Plain until the content has shown
// that it is one.
type wrapping struct {
	head
	by      sensor.Encapsulation
	session uint32
}

// overLink opens what follows a link header. With the verdict Decoded, here and in
// the functions below, the cursor stands at the network header inside.
func overLink(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch w.etherType {
	case uint16(layers.EthernetTypeMPLSUnicast), uint16(layers.EthernetTypeMPLSMulticast):
		return mpls(c, w)
	case uint16(layers.EthernetTypePPPoESession):
		return pppoe(c, w)
	}
	return c, notTunnel
}

// overIP opens what follows an IP header and its extensions.
func overIP(number uint8, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch layers.IPProtocol(number) {
	case layers.IPProtocolGRE:
		return gre(c, w)
	case layers.IPProtocolIPv4:
		*w = wrapping{head: head{etherType: uint16(layers.EthernetTypeIPv4)}, by: sensor.IPIP}
		return c, sensor.Decoded
	case layers.IPProtocolIPv6:
		*w = wrapping{head: head{etherType: uint16(layers.EthernetTypeIPv6)}, by: sensor.IPIP}
		return c, sensor.Decoded
	case layers.IPProtocolEtherIP:
		return etherIP(c, w)
	}
	return c, notTunnel
}

// etherIPVersion is the whole header of EtherIP (RFC 3378, section 3): version 3, and
// twelve bits that must be zero.
const etherIPVersion = 0x3000

func etherIP(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	*w = wrapping{by: sensor.IPIP}
	if !c.has(2) {
		return c, c.short(2)
	}
	if be16(c.b) != etherIPVersion {
		return c, sensor.Malformed
	}
	c.skip(2)
	return ethernet(c, &w.head)
}

// otherLink goes on where a link header names neither IP nor ARP.
func (d *Decoder) otherLink(f *sensor.Frame, c cursor, p *sensor.Packet) sensor.Verdict {
	w := wrapping{head: head{vlan: p.From.VLAN, etherType: p.EtherType}}
	c, v := overLink(c, &w)
	if v == notTunnel {
		return sensor.NotIP
	}
	return d.enter(f, c, p, &w, v)
}

// otherTransport goes on where IP carries neither TCP, UDP nor ICMP.
func (d *Decoder) otherTransport(f *sensor.Frame, number uint8, c cursor, p *sensor.Packet) sensor.Verdict {
	var w wrapping
	c, v := overIP(number, c, &w)
	if v == notTunnel {
		return sensor.UnknownTransport
	}
	return d.enter(f, c, p, &w, v)
}

// enter goes on inside a wrapping. What the outer headers said stays in p.Mirror only.
func (d *Decoder) enter(f *sensor.Frame, c cursor, p *sensor.Packet, w *wrapping, v sensor.Verdict) sensor.Verdict {
	if p.Depth == MaxDepth {
		return sensor.TooDeep
	}
	mirror := p.Mirror
	if p.Depth == 0 {
		d.path = 0
		mirror = sensor.Mirror{By: w.by, Session: w.session, From: p.From.Addr, To: p.To.Addr, VLAN: p.From.VLAN}
	}
	*p = sensor.Packet{Mirror: mirror, Depth: p.Depth + 1, Piece: p.Piece, Reassembled: p.Reassembled}
	d.path = mix(d.path + uint64(w.by)<<32 + uint64(w.session))
	setLink(p, &w.head)
	if v != sensor.Decoded {
		return v
	}
	return d.network(f, c, p)
}

// pathOf names the wrappings of p's frame; 0 for none.
func (d *Decoder) pathOf(p *sensor.Packet) uint64 {
	if p.Depth == 0 {
		return 0
	}
	return d.path
}
