package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// Spread returns a number that is the same for both directions of a conversation
// and for all fragments of its datagrams: a hash of the innermost pair of IP
// addresses that the frame shows. It is 0 for frames without any. It depends on
// nothing else, neither on what wraps the frame nor on what was seen before, so that
// the same frames are always spread in the same way.
//
// A tunnel's datagram that comes in fragments shows its inside in one of them at
// most. All its fragments are spread by the tunnel's own pair, so that they meet and
// can be put together; the conversation inside is then spread by that pair for these
// frames, and by its own pair for those that came whole. Who spreads by this number
// therefore sees such a conversation in two places, each with a part of it: the cure
// is a larger MTU on the mirror's way. Spreading everything by the outer pair would
// put the whole of a mirror in one place, and remembering is not possible without
// looking at all frames in one place.
func Spread(f *sensor.Frame) uint64 {
	var h head
	c, v := linkHeader(f, &h)
	if v != sensor.Decoded {
		return 0
	}
	if h.etherType == uint16(layers.EthernetTypeIPv4) && c.has(ipv4Length) && c.b[9] == uint8(layers.IPProtocolTCP) {
		return pair4(c.b)
	}
	return spreadInside(c, h)
}

// spreadInside goes through the wrappings as Decode does, without its reassembly.
func spreadInside(c cursor, h head) uint64 {
	n, v, w := uint64(0), sensor.Decoded, wrapping{head: h}
	for depth := 0; depth <= MaxDepth && v == sensor.Decoded; depth++ {
		switch {
		case w.etherType == uint16(layers.EthernetTypeIPv4) && c.has(ipv4Length):
			n = pair4(c.b)
			c, v = over4(c, &w)
		case w.etherType == uint16(layers.EthernetTypeIPv6) && c.has(ipv6Length):
			n = pair(fold(c.b[8:24]), fold(c.b[24:40]))
			c, v = over6(c, &w)
		default:
			c, v = overLink(c, &w)
		}
	}
	return n
}

// over4 opens what an IPv4 packet carries, where it is a wrapping and whole.
func over4(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	b := c.b
	c, v := ipv4Header(c)
	if v != sensor.Decoded || be16(b[6:])&(moreFragments|offsetMask) != 0 {
		return c, notTunnel
	}
	next := b[9]
	if next == uint8(layers.IPProtocolAH) {
		if next, c, v = authenticated(c); v != sensor.Decoded {
			return c, v
		}
	}
	return overTransport(next, c, w)
}

// ipv4Header leaves the cursor at what an IPv4 packet carries. Decoder.ipv4 has the
// same steps in line, where a call would cost a tenth of the whole.
func ipv4Header(c cursor) (cursor, sensor.Verdict) {
	if !c.has(ipv4Length) {
		return c, c.short(ipv4Length)
	}
	headerLength, total := int(c.b[0]&0x0f)*4, int(be16(c.b[2:]))
	if total == 0 {
		total = c.wire // segmentation offload: the sender's card would have written it
	}
	if c.b[0]>>4 != 4 || headerLength < ipv4Length || total < headerLength {
		return c, sensor.Malformed
	}
	c.limit(total)
	if !c.has(headerLength) {
		return c, c.short(headerLength)
	}
	c.skip(headerLength)
	return c, sensor.Decoded
}

func over6(c cursor, w *wrapping) (cursor, sensor.Verdict) {
	next, c, v := ipv6Header(c)
	if v != sensor.Decoded {
		return c, v
	}
	var piece sensor.Piece
	if next, c, v = extensions(next, c, &piece); v != sensor.Decoded {
		return c, v
	}
	return overTransport(next, c, w)
}

func overTransport(number uint8, c cursor, w *wrapping) (cursor, sensor.Verdict) {
	switch layers.IPProtocol(number) {
	case layers.IPProtocolTCP:
		return c, notTunnel
	case layers.IPProtocolUDP:
	default:
		return overIP(number, c, w)
	}
	b := c.b
	c, v := udpHeader(c)
	if v != sensor.Decoded {
		return c, v
	}
	if from, to := be16(b), be16(b[2:]); tunnelPorts(from, to) {
		return overUDP(from, to, c, w)
	}
	return c, notTunnel
}

func pair4(b []byte) uint64 { return pair(uint64(be32(b[12:])), uint64(be32(b[16:]))) }

func fold(b []byte) uint64 {
	return mix(binary.BigEndian.Uint64(b)) + binary.BigEndian.Uint64(b[8:])
}

func pair(a, b uint64) uint64 {
	if a > b {
		a, b = b, a
	}
	return mix(mix(a) + b)
}

// mix spreads the bits of x: the finaliser of SplitMix64 (Steele, Lea, Flood,
// OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
