package flow

import (
	"slices"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// piece is a segment that waits for bytes before it. Where the snap length cut
// it, length is more than len(data).
type piece struct {
	seq    uint32
	length int
	data   []byte
}

// segment takes length bytes of a direction, of which data are at hand.
func (e *Engine) segment(c *conversation, d protocols.Direction, seq uint32, data []byte, length int) {
	h := &c.half[d]
	if c.state == unknown {
		if h.follow(seq, length) && !c.deaf {
			h.any = true
			e.probe(c, d, data, length)
		}
		return
	}
	if h.skip == 0 || !h.shunt.asked { // of what is shunted, holes cannot be told
		c.place.Segments++
		c.place.SegmentBytes += uint64(length)
	}
	if !h.started {
		h.start(seq)
	}
	ahead := distance(seq, h.next)
	if h.far(ahead) && !e.believe(c, d, seq, length) {
		return
	}
	if !h.inGap(seq) {
		h.wild = false
	}
	if ahead = distance(seq, h.next); ahead < 0 && !h.any && !h.synSeen {
		h.start(seq) // what came first was not the beginning
		ahead = 0
	}
	if len(h.waiting) > 0 || !e.inSkip(h, ahead) {
		e.buffer(c, d, seq, data, length)
		return
	}
	e.take(c, d, seq, data, length)
}

// take delivers a segment with nothing missing before it, without what was
// delivered already.
func (e *Engine) take(c *conversation, d protocols.Direction, seq uint32, data []byte, length int) {
	if old := distance(c.half[d].next, seq); old > 0 {
		again := min(old, length)
		late := min(c.half[d].absent, uint64(again))
		c.half[d].absent -= late
		e.counters.Duplicates += uint64(again) - late
		data, length = data[min(old, len(data)):], length-old
	}
	if length > 0 {
		e.deliver(c, d, data, length)
	}
}

// follow keeps the place in a stream that is not put in order. It reports whether
// the segment goes on from there, and does not repeat something.
func (h *half) follow(seq uint32, length int) bool {
	ahead := distance(seq, h.next)
	if h.started && ahead < 0 && !h.far(ahead) {
		return false
	}
	if !h.started {
		h.start(seq)
	}
	h.next = seq + uint32(length)
	return true
}

// believe decides about a segment that is far from its stream: only a second one
// that continues it shows that the stream is there now.
func (e *Engine) believe(c *conversation, d protocols.Direction, seq uint32, length int) bool {
	h := &c.half[d]
	if !h.wild || h.wildNext != seq {
		h.wild, h.wildNext = true, seq+uint32(length)
		e.counters.WildIgnored++
		return false
	}
	e.flush(c, d)
	e.counters.Gaps++
	e.counters.Resyncs++
	h.next, h.acked, h.passed, h.absent, h.absences = seq, false, 0, 0, 0
	e.missing(c, d, 0)
	return true
}

// inSkip reports whether a segment can be taken now: nothing is missing before
// it, or only bytes that the session does not want.
func (e *Engine) inSkip(h *half, ahead int) bool {
	if ahead <= 0 {
		return true
	}
	n := int(min(h.skip, uint64(ahead)))
	h.skip -= uint64(n)
	h.next += uint32(n)
	h.passed = min(h.passed+n, sensor.MaxSkip)
	if n > 0 && !h.shunt.asked {
		h.absent += uint64(n)
		h.absences++
	}
	e.counters.Skipped += uint64(n)
	return n == ahead
}

// buffer keeps a segment until the bytes before it are there, or until a bound
// says that they will not be waited for.
func (e *Engine) buffer(c *conversation, d protocols.Direction, seq uint32, data []byte, length int) {
	h := &c.half[d]
	if h.buffered+len(data) > e.options.MaxBufferedDirection || len(h.waiting) >= MaxPieces ||
		e.counters.Buffered+uint64(len(data)) > uint64(e.options.MaxBufferedBytes) {
		e.overflow(c, d, seq, data, length)
		return
	}
	if distance(seq, h.next) > 0 {
		e.counters.OutOfOrder++
	}
	e.insert(c, d, seq, data, length)
	e.drain(c, d)
}

// overflow declares the holes before a segment, so that it need not be kept.
func (e *Engine) overflow(c *conversation, d protocols.Direction, seq uint32, data []byte, length int) {
	h := &c.half[d]
	e.counters.Overflows++
	for len(h.waiting) > 0 && distance(h.waiting[0].seq, seq) <= 0 {
		e.giveUp(c, d)
	}
	if c.state == unknown {
		e.segment(c, d, seq, data, length)
		return
	}
	if ahead := distance(seq, h.next); ahead > 0 {
		e.gap(c, d, uint32(ahead))
	}
	n := length
	if len(h.waiting) > 0 {
		n = min(n, distance(h.waiting[0].seq, seq))
	}
	cut := min(n, len(data))
	e.take(c, d, seq, data[:cut], n)
	e.drain(c, d)
	if n < length {
		e.segment(c, d, seq+uint32(n), data[cut:], length-n)
	}
}

// insert puts the parts of a segment that are not there yet among those that
// wait: the bytes that arrived first win.
func (e *Engine) insert(c *conversation, d protocols.Direction, seq uint32, data []byte, length int) {
	h := &c.half[d]
	if len(h.waiting) == 0 {
		h.holeSince, h.holePackets = e.clock.elapsed, 0
		e.hold(c)
	}
	for i := 0; length > 0; i++ {
		if i == len(h.waiting) {
			e.place(h, i, seq, data, length)
			return
		}
		q := h.waiting[i]
		if before := distance(q.seq, seq); before > 0 {
			n := min(before, length)
			e.place(h, i, seq, data[:min(n, len(data))], n)
			seq, data, length = seq+uint32(n), data[min(n, len(data)):], length-n
			continue // i is now the new piece: the next turn looks at q again
		}
		if covered := distance(q.seq+uint32(q.length), seq); covered > 0 {
			n := min(covered, length)
			e.counters.Duplicates += uint64(n)
			seq, data, length = seq+uint32(n), data[min(n, len(data)):], length-n
		}
	}
}

func (e *Engine) place(h *half, at int, seq uint32, data []byte, length int) {
	h.waiting = slices.Insert(h.waiting, at, piece{seq: seq, length: length, data: slices.Clone(data)})
	h.buffered += len(data)
	e.counters.Buffered += uint64(len(data))
}

// drain delivers what waits, up to the next hole.
func (e *Engine) drain(c *conversation, d protocols.Direction) {
	h := &c.half[d]
	for len(h.waiting) > 0 {
		q := h.waiting[0]
		if !e.inSkip(h, distance(q.seq, h.next)) {
			return
		}
		h.waiting = slices.Delete(h.waiting, 0, 1)
		h.buffered -= len(q.data)
		e.counters.Buffered -= uint64(len(q.data))
		h.holeSince, h.holePackets = e.clock.elapsed, 0 // the next hole is another one
		e.take(c, d, q.seq, q.data, q.length)
	}
	h.waiting = nil
}

// giveUp declares the first hole of a direction a gap and goes on behind it.
func (e *Engine) giveUp(c *conversation, d protocols.Direction) {
	h := &c.half[d]
	if n := distance(h.waiting[0].seq, h.next); n > 0 {
		e.gap(c, d, uint32(n))
	}
	e.drain(c, d)
}

// flush declares all holes of a direction.
func (e *Engine) flush(c *conversation, d protocols.Direction) {
	for len(c.half[d].waiting) > 0 {
		e.endHole(c, d)
	}
}

// tail tells, at the end, what the other side acknowledged and nobody saw. One
// byte is not told: it is the FIN's, where the FIN was not seen.
func (e *Engine) tail(c *conversation, d protocols.Direction) {
	h := &c.half[d]
	end := h.ack
	if h.finSeen {
		end = h.finAt
	} else if !h.acked {
		return
	}
	if c.state == unknown {
		return // nobody followed it
	}
	if n := distance(end, h.next); h.started && n > 0 && !h.far(n) && (h.finSeen || n > 1) {
		e.gap(c, d, uint32(n))
	}
}
