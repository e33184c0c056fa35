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
		lost := h.acked && distance(h.ack, h.waiting[0].seq) >= 0 && h.holePackets >= AckedHolePackets
		if lost || h.holePackets >= MaxHolePackets {
			e.giveUp(c, d)
		}
	}
}

// patience looks, at each tick, for holes whose time is up.
func (e *Engine) patience() {
	for _, c := range e.holes {
		for d := range protocols.Direction(2) {
			if h := &c.half[d]; len(h.waiting) > 0 && e.clock.elapsed-h.holeSince >= HoleTimeout {
				e.giveUp(c, d)
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
