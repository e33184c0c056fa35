package flow

import (
	"encoding/binary"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// rememberedCopies is how many packets of a direction are compared with the next:
// a mirror of both ports of a conversation interleaves a few.
const rememberedCopies = 4

// copies are the last packets of a direction, as digests; 0 for none.
type copies struct {
	digest [rememberedCopies]uint32
	when   [rememberedCopies]time.Duration
	at     uint8
}

// have reports whether a packet was seen just before. Only what cannot be two
// packets of the same words is taken for a copy: one with an identification, or
// with data of TCP, which has a place in its stream. What is taken for one is
// counted and not looked at; its bytes were seen.
func (k *copies) have(p *sensor.Packet, now time.Duration) bool {
	if !distinct(p) {
		return false
	}
	sum := digestOf(p)
	for i, s := range k.digest {
		if s == sum && now-k.when[i] <= DuplicateWithin {
			return true
		}
	}
	return false
}

// remember keeps a packet to compare the next ones with.
func (k *copies) remember(p *sensor.Packet, now time.Duration) {
	if distinct(p) {
		i := k.at % rememberedCopies
		k.digest[i], k.when[i] = digestOf(p), now
		k.at++
	}
}

// distinct reports whether a packet can be told from one that says the same.
func distinct(p *sensor.Packet) bool {
	return p.ID != 0 || p.Transport == protocols.TCP && p.PayloadLength > 0
}

// digestOf tells packets of one direction apart: by what the headers say, without
// what a router changes (hop limit, tag, addresses of the link), and by the ends
// of the payload. It is never 0.
func digestOf(p *sensor.Packet) uint32 {
	const prime = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	x := uint64(p.Seq)<<32 | uint64(p.Ack)
	x = (x ^ uint64(p.ID)<<48 ^ uint64(p.Flags)<<40 ^ uint64(p.Window)<<16 ^ uint64(p.PayloadLength)) * prime
	if n := len(p.Payload); n >= 8 {
		x = (x ^ x>>29 ^ binary.LittleEndian.Uint64(p.Payload)) * prime
		x = (x ^ x>>29 ^ binary.LittleEndian.Uint64(p.Payload[n-8:])) * prime
	} else {
		for _, b := range p.Payload {
			x = (x ^ x>>29 ^ uint64(b)) * prime
		}
	}
	return uint32(x>>32) | 1
}
