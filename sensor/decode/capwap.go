package decode

import "github.com/auscult/auscult/sensor"

// The header of CAPWAP (RFC 5415, section 4.3): a preamble of version 0 and a type,
// then the header's length in words of four bytes, the radio, the wireless binding,
// and flags; then the fragment fields.
const (
	capwapLength     = 8
	capwapDTLS       = 0x01000000 // a preamble of type 1, and three zero bytes (section 4.2)
	capwapBinding    = 9          // shift, of five bits
	capwapHeaderSize = 19         // shift, of five bits
	capwapNative     = 0x100      // T: a frame of the binding, not 802.3
	capwapFragment   = 0x080      // F
	capwapKeepAlive  = 0x008      // K
	capwapReserved   = 0x007
	// bindingDot11 is IEEE 802.11 (RFC 5416). Cisco's controllers write 0 too
	// (Wireshark, packet-capwap.c), and 3 is the last that is assigned.
	bindingDot11 = 1
	bindingLast  = 3
)

func capwap(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if !c.has(capwapLength) {
		return undecided(c, capwapLength)
	}
	header := be32(c.b)
	if header == capwapDTLS {
		return capwapEncrypted(c, w)
	}
	length, binding := int(header>>capwapHeaderSize&0x1f)*4, header>>capwapBinding&0x1f
	if header>>24 != 0 || header&capwapReserved != 0 || length < capwapLength || length > c.wire || binding > bindingLast {
		return c, notTunnel
	}
	offset := be16(c.b[6:])
	switch {
	case header&capwapFragment != 0:
		w.by = sensor.CAPWAP
		return c, sensor.Tunnelled
	case offset != 0:
		return c, notTunnel
	case header&capwapKeepAlive != 0:
		w.by = sensor.CAPWAP
		return c, sensor.NotIP
	case !c.has(length):
		return c, sensor.Truncated
	}
	c.skip(length)
	if header&capwapNative == 0 {
		return frameIn(c, w, sensor.CAPWAP, 0, false)
	}
	return wirelessIn(c, w, binding == bindingDot11)
}

// wirelessIn opens the 802.11 frame at c. sure says that the header named 802.11.
func wirelessIn(c cursor, w *wrapping, sure bool) (cursor, sensor.Verdict) {
	as := wrapping{by: sensor.CAPWAP}
	inner, v := dot11(c, &as.head)
	switch {
	case v == sensor.Truncated:
		return c, v
	case v == sensor.Malformed:
		return c, notTunnel
	case sure, v == sensor.Encrypted:
		*w = as
		return inner, v
	case v == sensor.Decoded:
		return packetIn(inner, w, as)
	}
	return c, notTunnel
}

// The first fields of a DTLS record (RFC 6347, section 4.1): its type, 20 to 26, and
// its version, 254 and something. Old libraries wrote 1.0 as 1 and 0.
const (
	dtlsFirstType  = 20
	dtlsLastType   = 26
	dtlsVersion    = 0xfe
	dtlsOldVersion = 0x01
)

// capwapEncrypted: what is in DTLS cannot be read. A mirror behind the controller
// shows it.
func capwapEncrypted(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	kind, version := c.b[4], c.b[5]
	if kind < dtlsFirstType || kind > dtlsLastType || version != dtlsVersion && version != dtlsOldVersion {
		return c, notTunnel
	}
	w.by = sensor.CAPWAP
	return c, sensor.Encrypted
}
