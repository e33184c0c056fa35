package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// Spread returns a number that is the same for both directions of a conversation
// and for all fragments of its datagrams: a hash of the pair of IP addresses. It
// is 0 for frames without them. It depends on nothing else, so that the same
// frames are always spread in the same way.
func Spread(f *sensor.Frame) uint64 {
	var h head
	c, v := linkHeader(f, &h)
	if v != sensor.Decoded {
		return 0
	}
	switch {
	case h.etherType == uint16(layers.EthernetTypeIPv4) && c.has(ipv4Length):
		return pair(uint64(be32(c.b[12:])), uint64(be32(c.b[16:])))
	case h.etherType == uint16(layers.EthernetTypeIPv6) && c.has(ipv6Length):
		return pair(fold(c.b[8:24]), fold(c.b[24:40]))
	}
	return 0
}

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
