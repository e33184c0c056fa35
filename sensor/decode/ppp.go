package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// The header of PPPoE (RFC 2516, section 4): version 1 and type 1 in one byte, a code
// that is 0 in a session, the session, and the length of what follows.
const (
	pppoeLength  = 6
	pppoeVersion = 0x11
)

// The protocol numbers of PPP (IANA, PPP numbers; RFC 1332, RFC 5072, RFC 3032
// section 4.1, RFC 1968, RFC 3078).
const (
	pppIPv4          = 0x0021
	pppIPv6          = 0x0057
	pppMPLS          = 0x0281
	pppEncrypted     = 0x0053
	pppCompressed    = 0x00fd // by MPPC, in practice encrypted by MPPE
	pppAddress       = 0xff03 // address and control: all stations, unnumbered
	pppAddressLength = 2
)

// pppoe keeps a VLAN tag before it as the frame's.
func pppoe(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	*w = wrapping{head: head{vlan: w.vlan}, by: sensor.PPPoE}
	if !c.has(pppoeLength) {
		return c, c.short(pppoeLength)
	}
	b := c.b
	if b[0] != pppoeVersion {
		return c, sensor.Malformed
	}
	c.skip(pppoeLength)
	c.limit(int(be16(b[4:])))
	if b[1] != 0 {
		return c, sensor.NotIP
	}
	return ppp(c, w)
}

func pppoeFits(c cursor) fit {
	if !c.has(pppoeLength) {
		return c.lacks(pppoeLength)
	}
	if c.b[0] != pppoeVersion || c.b[1] != 0 {
		return unfit
	}
	return fits
}

// ppp reads the protocol number, of one byte where it is compressed (RFC 1661,
// section 6.5), behind address and control where they are not (RFC 1662, section 3.1).
func ppp(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(pppAddressLength) {
		return c, c.short(pppAddressLength)
	}
	if be16(c.b) == pppAddress {
		c.skip(pppAddressLength)
	}
	if !c.has(1) {
		return c, c.short(1)
	}
	number, length := uint16(c.b[0]), 1
	if number&1 == 0 {
		if !c.has(2) {
			return c, c.short(2)
		}
		number, length = be16(c.b), 2
	}
	c.skip(length)
	switch number {
	case pppIPv4:
		w.etherType = uint16(layers.EthernetTypeIPv4)
	case pppIPv6:
		w.etherType = uint16(layers.EthernetTypeIPv6)
	case pppMPLS:
		w.etherType = uint16(layers.EthernetTypeMPLSUnicast)
	case pppEncrypted, pppCompressed:
		return c, sensor.Encrypted
	default:
		return c, sensor.NotIP
	}
	return c, sensor.Decoded
}
