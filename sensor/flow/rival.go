package flow

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// A packet with any addresses can be put onto a wire by anybody who reaches it. So
// neither a SYN nor segments from nowhere end a conversation that has something to
// lose: what they begin stands beside it, as its rival, and each packet goes to the
// one that it continues. The one that stays silent goes by its time-out. Where the
// ports really are used again, that costs the memory of a conversation.

// suited returns the one of two conversations between the same ports that a packet
// continues best: the elder where both are as good.
func (c *conversation) suited(fromLow bool, p *sensor.Packet) *conversation {
	x := c.elder
	if x.state == ended {
		return c
	}
	elder, fits := x.nearness(x.direction(fromLow), p)
	if young, either := c.nearness(c.direction(fromLow), p); fits && (!either || elder <= young) {
		return x
	}
	return c
}

// nearness is how far a packet lies from where a conversation is, in bytes; false
// where that is farther than is believed.
func (c *conversation) nearness(d protocols.Direction, p *sensor.Packet) (n int, fits bool) {
	h, o := &c.half[d], &c.half[d.Other()]
	switch {
	case p.Flags.Has(sensor.SYN):
		return 0, h.synSeen && h.isn == p.Seq
	case h.started:
		n = distance(p.Seq, h.next)
		fits = !h.far(n)
	case p.Flags.Has(sensor.ACK) && o.started:
		n = distance(p.Ack, o.next)
		fits = !o.far(n)
	}
	return max(n, -n), fits
}

// solid reports whether a conversation has something to lose: it is recognised, or
// may still be, and has said something or shaken hands.
func (c *conversation) solid() bool {
	return c.state == recognised || c.state == probing && (c.half[0].any || c.half[1].any || c.half[0].acked && c.half[1].acked)
}

// elsewhereBegins reports whether a packet shows that its stream goes on at another
// place than c is: the second in a row that lies far away, or in a gap that was
// declared. Alone, such a segment is not believed.
func (c *conversation) elsewhereBegins(d protocols.Direction, p *sensor.Packet) bool {
	h := &c.half[d]
	if p.PayloadLength == 0 || !h.started || !c.solid() || !h.far(distance(p.Seq, h.next)) && !h.inGap(p.Seq) {
		return false
	}
	second := h.wild && h.wildNext == p.Seq
	h.wild, h.wildNext = true, p.Seq+uint32(p.PayloadLength)
	return second
}

// inGap reports whether a byte lies in the last gap that was declared.
func (h *half) inGap(seq uint32) bool {
	return distance(seq, h.gapFrom) >= 0 && distance(h.gapTo, seq) > 0
}

// beside makes room for a rival of c, which hears the same protocol from the middle
// on, unless it begins with a SYN. A session that wanted nothing more passes nothing
// on: what comes there is looked at anew. There are two at most, and the elder stays.
func (e *Engine) beside(c *conversation, begins bool) {
	e.counters.Disputed++
	if !begins && c.state == recognised && c.half[0].skip <= sensor.MaxSkip && c.half[1].skip <= sensor.MaxSkip {
		e.heir = c.protocol
	}
	if young := e.table.known[c.key]; young.elder != nil {
		e.remove(young, EndReused)
	}
}

// inherit gives a rival the protocol of the one that it stands beside.
func (e *Engine) inherit(c *conversation) {
	if e.heir != nil {
		e.recognise(c, e.heir, protocols.Context{Midstream: true})
		e.heir = nil
	}
}

// unlink takes c out from between its ports.
func (e *Engine) unlink(c *conversation) {
	switch now := e.table.known[c.key]; {
	case now != c:
		now.elder = nil
	case c.elder != nil:
		e.table.known[c.key] = c.elder
	default:
		delete(e.table.known, c.key)
	}
	c.elder = nil
}
