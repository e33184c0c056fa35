package flow

import (
	"encoding/binary"
	"hash/maphash"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// rememberedCopies is how many packets of a direction are compared with the next:
// a mirror of both ports of a conversation interleaves a few.
const rememberedCopies = 4

// copies are the last packets of a direction, as digests; 0 for none.
type copies struct {
	digest [rememberedCopies]uint64
	when   [rememberedCopies]time.Duration
	at     uint8
}

// have reports whether a packet was seen just before. What is taken for a copy is
// counted and not looked at; its bytes were seen.
func (k *copies) have(sum uint64, now time.Duration) bool {
	if sum == 0 {
		return false
	}
	for i, s := range k.digest {
		if s == sum && now-k.when[i] <= DuplicateWithin {
			return true
		}
	}
	return false
}

// remember keeps a packet to compare the next ones with.
func (k *copies) remember(sum uint64, now time.Duration) {
	if sum != 0 {
		i := k.at % rememberedCopies
		k.digest[i], k.when[i] = sum, now
		k.at++
	}
}

// distinct reports whether a packet can be told from one that says the same: it has
// an identification, or data of TCP, which have a place in their stream.
func distinct(p *sensor.Packet) bool {
	return p.ID != 0 || p.Transport == protocols.TCP && p.PayloadLength > 0
}

// digestOf tells packets of one direction apart: by all that the headers say,
// without what a router changes (hop limit, tag, addresses of the link), and by the
// payload: of a segment, which has its place in a stream, by three samples; of a
// datagram by all of it. The seed is the engine's own, so that nobody can make two
// packets that are taken for one. It is 0 for a packet that is not distinct.
func (e *Engine) digestOf(p *sensor.Packet) uint64 {
	if !distinct(p) {
		return 0
	}
	b := &e.compared
	binary.LittleEndian.PutUint32(b[0:], p.Seq)
	binary.LittleEndian.PutUint32(b[4:], p.Ack)
	binary.LittleEndian.PutUint32(b[8:], uint32(p.PayloadLength))
	binary.LittleEndian.PutUint16(b[12:], p.ID)
	binary.LittleEndian.PutUint16(b[14:], p.Window)
	b[16] = byte(p.Flags)
	n, used := len(p.Payload), 17
	switch {
	case n == 0:
	case p.Transport == protocols.TCP && n >= 3*sample:
		used += copy(b[used:], p.Payload[:sample])
		used += copy(b[used:], p.Payload[n/2-sample/2:][:sample])
		used += copy(b[used:], p.Payload[n-sample:])
	default:
		binary.LittleEndian.PutUint64(b[used:], maphash.Bytes(e.seed, p.Payload))
		used += sample
	}
	return maphash.Bytes(e.seed, b[:used]) | 1
}

// sample is how many bytes of a payload are compared at its beginning, in its middle
// and at its end.
const sample = 8

// compared is what two copies of a packet have in common.
type compared [17 + 3*sample]byte
