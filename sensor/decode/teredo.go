package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// What may stand before the IPv6 header in Teredo (RFC 4380, section 5.1.1): an
// authentication with identifier and value of the lengths that it names, a nonce and
// a confirmation byte; then an origin indication.
const (
	teredoAuthentication = 0x0001
	teredoAuthFixed      = 4
	teredoNonce          = 9
	teredoOrigin         = 0x0000
	teredoOriginLength   = 8
	teredoPrefix         = 0x20010000 // 2001::/32 (RFC 4380, section 2.6)
	linkLocal            = 0xfe80
)

func teredo(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	if c.has(teredoAuthFixed) && be16(c.b) == teredoAuthentication {
		length := teredoAuthFixed + int(c.b[2]) + int(c.b[3]) + teredoNonce
		if !c.has(length) {
			return undecided(c, length)
		}
		c.skip(length)
	}
	if c.has(teredoOriginLength) && be16(c.b) == teredoOrigin {
		c.skip(teredoOriginLength)
	}
	if !c.has(ipv6Length) {
		return undecided(c, ipv6Length)
	}
	if !teredoFits(c) {
		return c, notTunnel
	}
	return packetIn(c, w, wrapping{head: head{etherType: uint16(layers.EthernetTypeIPv6)}, by: sensor.Teredo})
}

// teredoFits asks for a packet that the datagram has room for, between addresses of
// which one is Teredo's, or from a client that has none yet (section 5.2.1).
func teredoFits(c cursor) bool {
	room := ipv6Length+int(be16(c.b[4:])) <= c.wire
	from, to := c.b[8:24], c.b[24:40]
	return room && (be32(from) == teredoPrefix || be32(to) == teredoPrefix || be16(from) == linkLocal)
}
