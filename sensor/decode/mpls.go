package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// MaxLabels bounds an MPLS label stack. Routers push and read about ten (RFC 8662,
// section 3, tells why they announce how many); more is an attack.
const MaxLabels = 16

// labelLength is that of one label stack entry, and of a pseudowire's control word,
// in bytes (RFC 3032, section 2.1; RFC 4448, section 4.6).
const labelLength = 4

// mpls passes over a label stack. A VLAN tag before it stays the frame's.
func mpls(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	*w = wrapping{head: head{vlan: w.vlan}, by: sensor.MPLS}
	for range MaxLabels {
		if !c.has(labelLength) {
			return c, c.short(labelLength)
		}
		bottom := c.b[2]&1 != 0
		c.skip(labelLength)
		if bottom {
			return underLabels(c, w)
		}
	}
	return c, sensor.Malformed
}

// underLabels: no label says what it carries, so the content must. The first four
// bits are a version of IP, a control word's zeros, or of an Ethernet address: IP
// that leaves no doubt wins, then Ethernet with IP or ARP in it, then IP as it may be.
func underLabels(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(1) {
		return c, c.short(1)
	}
	etherType := uint16(0)
	switch c.b[0] >> 4 {
	case 4:
		etherType = uint16(layers.EthernetTypeIPv4)
	case 6:
		etherType = uint16(layers.EthernetTypeIPv6)
	}
	ip := networkFits(etherType, c)
	if ip == fits && surely(etherType, c) {
		w.etherType = etherType
		return c, sensor.Decoded
	}
	frame, wire := pseudowire(c)
	switch {
	case wire == fits:
		*w = wrapping{by: sensor.EoMPLS}
		return ethernet(frame, &w.head)
	case ip == fits:
		w.etherType = etherType
		return c, sensor.Decoded
	case ip == cutShort || wire == cutShort:
		return c, sensor.Truncated
	}
	return c, sensor.NotIP
}

// pseudowire looks for an Ethernet frame, behind a control word or without one. A
// control word begins with four zero bits and has none for fragments in Ethernet
// (RFC 4385, section 3; RFC 4448, section 4.6).
func pseudowire(c cursor) (cursor, fit) {
	bare := ethernetFits(c)
	if bare == fits || !c.has(labelLength) || c.b[0]>>4 != 0 || c.b[1]&0xc0 != 0 {
		return c, bare
	}
	c.skip(labelLength)
	return c, max(bare, ethernetFits(c))
}

// labelsFit reports whether a label stack ends within its bound.
func labelsFit(c cursor) fit {
	for range MaxLabels {
		if !c.has(labelLength) {
			return c.lacks(labelLength)
		}
		if c.b[2]&1 != 0 {
			return fits
		}
		c.skip(labelLength)
	}
	return unfit
}
