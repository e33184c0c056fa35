package decode

import "github.com/auscult/auscult/sensor"

// The headers of ERSPAN (draft-foschiano-erspan-03, sections 4.2 and 4.3), in bytes:
// type I has none, type III may have a platform's own behind it.
const (
	erspan2Length   = 8
	erspan3Length   = 12
	erspanSubheader = 8
	erspanVersion2  = 1 // the version field of type II
	erspanVersion3  = 2
)

// The fields of those headers.
const (
	erspanSession   = 0x03ff
	erspanTruncated = 0x04 // T, in the third byte
	erspanOptional  = 0x01 // O, in the last byte of type III
	erspanEthernet  = 0    // frame types of type III
	erspanIP        = 2
)

// erspan opens a mirrored frame. maybe1 says that the GRE header had no sequence
// number, as type I has none; some senders of type II leave it out too, so that the
// content decides.
func erspan(maybe1 bool, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if maybe1 {
		switch erspan2Fits(c) {
		case cutShort:
			return c, sensor.Truncated
		case unfit:
			return ethernet(c, &w.head)
		}
	}
	if !c.has(erspan2Length) {
		return c, c.short(erspan2Length)
	}
	length, version := erspan2Length, c.b[0]>>4
	switch version {
	case erspanVersion2:
	case erspanVersion3:
		length = erspan3Length
	default:
		return c, sensor.Malformed
	}
	if !c.has(length) {
		return c, c.short(length)
	}
	b := c.b
	w.vlan, w.session = be16(b)&vlanMask, uint32(be16(b[2:])&erspanSession)
	c.skip(length)
	if b[2]&erspanTruncated != 0 {
		c.wire = max(c.wire, maxDatagram) // how much there was, the headers inside know
	}
	if version == erspanVersion3 {
		return erspan3(b, c, w)
	}
	return ethernet(c, &w.head)
}

// erspan3 goes on behind the header b of type III.
func erspan3(b []byte, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if b[11]&erspanOptional != 0 {
		if !c.has(erspanSubheader) {
			return c, c.short(erspanSubheader)
		}
		c.skip(erspanSubheader)
	}
	switch b[10] >> 2 & 0x1f {
	case erspanEthernet:
		return ethernet(c, &w.head)
	case erspanIP:
		return rawIP(c, &w.head)
	}
	return c, sensor.NotIP
}

// erspan2Fits reports whether a type II header with an Ethernet frame behind it
// stands at c, and not an Ethernet frame at once.
func erspan2Fits(c cursor) fit {
	if !c.has(erspan2Length) {
		return c.lacks(erspan2Length)
	}
	if c.b[0]>>4 != erspanVersion2 || ethernetFits(c) == fits {
		return unfit
	}
	c.skip(erspan2Length)
	return ethernetFits(c)
}
