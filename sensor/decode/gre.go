package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// The header of GRE (RFC 2784, section 2; RFC 2890, section 2; RFC 2637, section 4.1;
// RFC 1701 for source routing). Each optional field is four bytes long.
const (
	greLength   = 4
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080 // version 1 only
	greVersion  = 0x0007
)

// The protocol types that GRE adds to EtherTypes. ERSPAN's are those of
// draft-foschiano-erspan-03. Aruba's are published nowhere by the maker: Wireshark
// (packet-gre.h) and Zeek (protocol/gre/GRE.cc) name 0x8200 to 0x8370 in steps of 16,
// and 0x9000, one for each virtual access point. Inside are 802.11 frames in the
// forward mode "tunnel", and 802.3 frames in "decrypt-tunnel" (ArubaOS user guides).
const (
	greERSPAN      = 0x88be // types I and II
	greERSPAN3     = 0x22eb
	greArubaFirst  = 0x8200
	greArubaLast   = 0x8370
	greArubaStep   = 0x000f // mask of the bits that are zero
	greArubaOthers = 0x9000
)

// gre opens versions 0 and 1. Source routing, which RFC 2784 took out, is not opened.
func gre(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	*w = wrapping{by: sensor.GRE}
	if !c.has(greLength) {
		return c, c.short(greLength)
	}
	b, flags := c.b, be16(c.b)
	version := flags & greVersion
	if version > 1 || flags&greRouting != 0 {
		return c, sensor.Tunnelled
	}
	length, key := greFields(flags, version)
	if !c.has(length) {
		return c, c.short(length)
	}
	c.skip(length)
	if version == 1 {
		return pptp(be16(b[2:]), c, w)
	}
	if flags&greKey != 0 {
		w.session = be32(b[key:])
	}
	return greInside(be16(b[2:]), flags&greSequence != 0, c, w)
}

// greFields says how long the header is and where its key stands.
func greFields(flags, version uint16) (length, key int) {
	length = greLength
	if flags&greChecksum != 0 {
		length += 4
	}
	key = length
	if flags&greKey != 0 {
		length += 4
	}
	if flags&greSequence != 0 {
		length += 4
	}
	if version == 1 && flags&greAck != 0 {
		length += 4
	}
	return length, key
}

// pptp is GRE version 1. Its key is a length and a call, not a session that both
// directions have. A packet without content acknowledges only.
func pptp(kind uint16, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if kind != uint16(layers.EthernetTypePPP) || c.wire == 0 {
		return c, sensor.NotIP
	}
	return ppp(c, w)
}

func greInside(kind uint16, sequence bool, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch kind {
	case uint16(layers.EthernetTypeIPv4), uint16(layers.EthernetTypeIPv6),
		uint16(layers.EthernetTypeMPLSUnicast), uint16(layers.EthernetTypeMPLSMulticast):
		w.etherType = kind
		return c, sensor.Decoded
	case uint16(layers.EthernetTypeTransparentEthernetBridging):
		return ethernet(c, &w.head)
	case uint16(layers.EthernetTypePPP):
		return ppp(c, w)
	case greERSPAN, greERSPAN3:
		*w = wrapping{by: sensor.ERSPAN}
		return erspan(kind == greERSPAN && !sequence, c, w)
	}
	if kind == greArubaOthers || kind >= greArubaFirst && kind <= greArubaLast && kind&greArubaStep == 0 {
		w.by = sensor.ArubaGRE
		return aruba(c, w)
	}
	return c, sensor.NotIP
}

// aruba takes an Ethernet frame where one with IP or ARP fits, 802.11 otherwise: an
// 802.11 frame has an address where Ethernet has its type.
func aruba(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch ethernetFits(c) {
	case fits:
		return ethernet(c, &w.head)
	case cutShort:
		return c, sensor.Truncated
	}
	return dot11(c, &w.head)
}
