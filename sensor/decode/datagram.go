package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// The UDP ports of tunnels (IANA, service names and port numbers), but for the one
// that Linux used for VXLAN before there was a number.
const (
	portVXLAN      = 4789
	portLinuxVXLAN = 8472
	portGeneve     = 6081
	portGREinUDP   = 4754
	portTeredo     = 3544
	portCAPWAP     = 5247 // the data channel
)

// tunnelPorts reports whether a datagram may be a tunnel's: its content must say so
// too. VXLAN, Geneve and GRE have a sender's port of any number; Teredo and CAPWAP
// answer from theirs.
func tunnelPorts(from, to uint16) bool {
	switch to {
	case portVXLAN, portLinuxVXLAN, portGeneve, portGREinUDP, portTeredo, portCAPWAP:
		return true
	}
	return from == portTeredo || from == portCAPWAP
}

// overUDP opens a datagram's content. The verdict is notTunnel where it does not
// fit, and Truncated with w.by Plain where the capture cut what would show it.
func overUDP(from, to uint16, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch to {
	case portVXLAN, portLinuxVXLAN:
		return vxlan(c, w)
	case portGeneve:
		return geneve(c, w)
	case portGREinUDP:
		return greInUDP(c, w)
	}
	if from == portTeredo || to == portTeredo {
		return teredo(c, w)
	}
	return capwap(c, w)
}

// datagram opens p, or leaves it as it is.
func (d *Decoder) datagram(f *sensor.Frame, p *sensor.Packet) sensor.Verdict {
	var w wrapping
	c, v := overUDP(p.From.Port, p.To.Port, cursor{b: p.Payload, wire: p.PayloadLength}, &w)
	switch {
	case v == notTunnel:
		return sensor.Decoded
	case w.by == sensor.Plain:
		return v
	}
	return d.enter(f, c, p, &w, v)
}

// undecided is the verdict for n bytes that are not at hand, before it is known
// whether the datagram is a tunnel's.
func undecided(c cursor, n int) (cursor, sensor.Verdict) {
	if c.lacks(n) == cutShort {
		return c, sensor.Truncated
	}
	return c, notTunnel
}

// frameIn opens the Ethernet frame at c. sure says that the header before it leaves
// no doubt, so that a frame with neither IP nor ARP is taken as well.
func frameIn(c cursor, w *wrapping, by sensor.Encapsulation, session uint32, sure bool) (cursor, sensor.Verdict) {
	switch ethernetFits(c) {
	case cutShort:
		return c, sensor.Truncated
	case unfit:
		if !sure || c.wire < ethernetLength {
			return c, notTunnel
		}
	}
	*w = wrapping{by: by, session: session}
	return ethernet(c, &w.head)
}

// The header of VXLAN (RFC 7348, section 5): the flag I, and 24 and 8 reserved bits
// around the network. Extensions and vendors set the other bits (group policy, for
// one), so that they do not rule it out; where all are zero, there is no doubt.
const (
	vxlanLength = 8
	vxlanFlag   = 0x08
)

func vxlan(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(vxlanLength) {
		return undecided(c, vxlanLength)
	}
	b := c.b
	if b[0]&vxlanFlag == 0 {
		return c, notTunnel
	}
	sure := be32(b) == vxlanFlag<<24 && b[7] == 0
	c.skip(vxlanLength)
	return frameIn(c, w, sensor.VXLAN, be32(b[4:])>>8, sure)
}

// geneveLength is that of the fixed header (RFC 8926, section 3.4), in bytes. Options
// follow, 252 bytes at most by the width of their length.
const geneveLength = 8

func geneve(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(geneveLength) {
		return undecided(c, geneveLength)
	}
	b := c.b
	length := geneveLength + int(b[0]&0x3f)*4
	if b[0]>>6 != 0 {
		return c, notTunnel
	}
	if !c.has(length) {
		return undecided(c, length)
	}
	c.skip(length)
	kind, network := be16(b[2:]), be32(b[4:])>>8
	if kind == uint16(layers.EthernetTypeTransparentEthernetBridging) {
		return frameIn(c, w, sensor.Geneve, network, b[1]&0x3f == 0 && b[7] == 0)
	}
	return packetIn(c, w, wrapping{head: head{etherType: kind}, by: sensor.Geneve, session: network})
}

// packetIn takes as, where what it promises is at c.
func packetIn(c cursor, w *wrapping, as wrapping) (cursor, sensor.Verdict) {
	switch networkFits(as.etherType, c) {
	case cutShort:
		return c, sensor.Truncated
	case unfit:
		return c, notTunnel
	}
	*w = as
	return c, sensor.Decoded
}

// greInUDP takes the header that RFC 8086, section 3 allows, and only what fits.
func greInUDP(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(greLength) {
		return undecided(c, greLength)
	}
	flags, kind := be16(c.b), be16(c.b[2:])
	if flags&^(greChecksum|greKey|greSequence) != 0 {
		return c, notTunnel
	}
	length, key := greFields(flags, 0)
	if !c.has(length) {
		return undecided(c, length)
	}
	if kind == uint16(layers.EthernetTypeTransparentEthernetBridging) {
		session := uint32(0)
		if flags&greKey != 0 {
			session = be32(c.b[key:])
		}
		c.skip(length)
		return frameIn(c, w, sensor.GRE, session, true)
	}
	var as wrapping
	c, v := gre(c, &as)
	switch v {
	case sensor.Decoded:
		return packetIn(c, w, as)
	case sensor.Truncated:
		return c, v
	}
	return c, notTunnel
}
