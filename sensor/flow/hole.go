package flow

import "github.com/auscult/auscult/protocols"

// hold remembers that c has a hole, for patience to look at.
func (e *Engine) hold(c *conversation) {
	if !c.inHoles {
		if len(e.holes) >= 2*e.options.MaxConversations {
			e.sweep() // half of them at least are over
		}
		c.inHoles = true
		e.holes = append(e.holes, c)
	}
}

// settle looks, after a packet, whether a hole has lasted long enough in packets.
func (e *Engine) settle(c *conversation) {
	for d := range protocols.Direction(2) {
		h := &c.half[d]
		if len(h.waiting) == 0 {
			continue
		}
		h.holePackets++
		switch {
		case h.acked && distance(h.ack, h.waiting[0].seq) >= 0 && h.holePackets >= AckedHolePackets:
			e.giveUp(c, d)
		case h.holePackets >= MaxHolePackets:
			e.endHole(c, d)
		}
	}
}

// received reports whether what waits behind a hole was received, as far as the
// receiver's acknowledgements of data are seen.
func (h *half) received() bool {
	return !h.acked || !after(h.ack, h.base) || distance(h.ack, h.waiting[0].seq) >= 0
}

// endHole ends the wait for a hole. What lies behind it and was never received was
// forged, or will come again.
func (e *Engine) endHole(c *conversation, d protocols.Direction) {
	h := &c.half[d]
	if h.received() {
		e.giveUp(c, d)
		return
	}
	e.counters.Unacked += uint64(len(h.waiting))
	e.counters.Buffered -= uint64(h.buffered)
	h.waiting, h.buffered = nil, 0
}

// patience looks, at each tick, for holes whose time is up.
func (e *Engine) patience() {
	for _, c := range e.holes {
		for d := range protocols.Direction(2) {
			h := &c.half[d]
			if len(h.waiting) == 0 {
				continue
			}
			if lasts := e.clock.elapsed - h.holeSince; lasts >= UnackedTimeout || lasts >= HoleTimeout && h.received() {
				e.endHole(c, d)
			}
		}
	}
	e.sweep()
}

// sweep forgets the conversations that have no hole any more.
func (e *Engine) sweep() {
	kept := e.holes[:0]
	for _, c := range e.holes {
		if len(c.half[0].waiting)+len(c.half[1].waiting) > 0 {
			kept = append(kept, c)
		} else {
			c.inHoles = false
		}
	}
	clear(e.holes[len(kept):])
	e.holes = kept
}
