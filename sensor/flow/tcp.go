package flow

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// current decides whether a TCP packet belongs to c or begins another
// conversation between the same ports: then it returns nil, and c is over, or stays
// beside the other where it has something to lose.
func (e *Engine) current(c *conversation, d protocols.Direction, p *sensor.Packet) *conversation {
	switch syn := p.Flags.Has(sensor.SYN) && !p.Flags.Has(sensor.RST); {
	case syn && c.sameSYN(d, p):
		c.orient(d, p)
	case syn && c.solid():
		e.beside(c, true)
		return nil
	case !syn && c.elsewhereBegins(d, p):
		e.beside(c, false)
		return nil
	case syn, c.goesOn(d, p):
		e.remove(c, EndReused)
		return nil
	}
	return c
}

// goesOn reports whether a segment shows that an ended conversation is not over: a
// reset was forged, or a FIN. Right behind the last byte one is enough.
func (c *conversation) goesOn(d protocols.Direction, p *sensor.Packet) bool {
	h := &c.half[d]
	if c.state != ended || p.PayloadLength == 0 || !h.beyond(p) {
		return false
	}
	c.stragglers++
	return c.stragglers > MaxStragglers || c.cause == EndRST && h.started && p.Seq == h.next
}

// beyond reports whether a segment has bytes that its direction has not had.
func (h *half) beyond(p *sensor.Packet) bool {
	return !h.started || after(p.Seq+uint32(p.PayloadLength), h.next)
}

// sameSYN reports whether a SYN belongs to c: a repeated one, or one that was
// overtaken by the packets behind it.
func (c *conversation) sameSYN(d protocols.Direction, p *sensor.Packet) bool {
	h, o := &c.half[d], &c.half[d.Other()]
	answers := p.Flags.Has(sensor.ACK) && o.synSeen && p.Ack == o.isn+1
	switch {
	case h.synSeen:
		return h.isn == p.Seq || answers
	case c.state == ended:
		return false
	case h.started:
		return h.base == p.Seq+1
	case p.Flags.Has(sensor.ACK):
		return answers || !o.started || !o.synSeen && o.base == p.Ack
	}
	return !o.started || o.synSeen // both sides may open at once (RFC 9293, section 3.5)
}

// orient corrects a guess about who opened the conversation.
func (c *conversation) orient(d protocols.Direction, p *sensor.Packet) {
	if c.openerKnown {
		return
	}
	opener := d
	if p.Flags.Has(sensor.ACK) {
		opener = d.Other()
	}
	c.openerKnown = opener == protocols.FromOpener || c.turn()
}

// tcp takes one TCP packet.
func (e *Engine) tcp(c *conversation, d protocols.Direction, p *sensor.Packet) {
	if c.state == ended {
		return
	}
	h, o := &c.half[d], &c.half[d.Other()]
	seq := p.Seq
	if p.Flags.Has(sensor.SYN) {
		h.syn(seq)
		seq++
	}
	if p.Flags.Has(sensor.ACK) {
		o.acknowledge(h, p)
	}
	if p.Flags.Has(sensor.RST) {
		e.reset(c, h, o, p)
		return
	}
	if p.PayloadLength > 0 {
		e.segment(c, d, seq, p.Payload, p.PayloadLength)
	}
	if p.Flags.Has(sensor.FIN) && !h.finSeen {
		h.fin(seq + uint32(p.PayloadLength))
		e.skipToFIN(h)
	}
	e.settle(c)
	if c.halfOver(d) && (c.halfOver(d.Other()) || !c.spoke[d.Other()]) {
		e.finish(c, EndFIN)
	}
}

// syn takes the beginning of a direction.
func (h *half) syn(isn uint32) {
	if h.synSeen {
		return
	}
	h.synSeen, h.isn = true, isn
	if !h.started {
		h.start(isn + 1)
	}
	h.fromStart = true
}

// start says where the bytes of a direction begin.
func (h *half) start(seq uint32) { h.started, h.base, h.next = true, seq, seq }

// fin takes the end of a direction.
func (h *half) fin(at uint32) {
	if !h.started {
		h.start(at)
	}
	if distance(at, h.next) < 0 || h.far(distance(at, h.next)) {
		return
	}
	h.finSeen, h.finAt = true, at
}

// skipToFIN passes over what is not wanted before the end of a direction: where
// it was shunted, it will not come.
func (e *Engine) skipToFIN(h *half) {
	if h.finSeen && len(h.waiting) == 0 {
		e.inSkip(h, distance(h.finAt, h.next))
	}
}

// halfOver reports whether a direction has come to its FIN, with nothing missing.
func (c *conversation) halfOver(d protocols.Direction) bool {
	h := &c.half[d]
	return h.finSeen && distance(h.next, h.finAt) >= 0
}

// acknowledge takes what the other side, by, says that it has received of h. The
// acknowledgement of a SYN tells where h begins, even when h itself is not seen.
func (h *half) acknowledge(by *half, p *sensor.Packet) {
	if !h.started {
		if p.Flags.Has(sensor.SYN) || by.synSeen && p.Seq == by.isn+1 {
			h.start(p.Ack)
			h.fromStart = true
		}
		return
	}
	if h.far(distance(p.Ack, h.next)) {
		return // nobody has sent that
	}
	if !h.acked || after(p.Ack, h.ack) {
		h.acked, h.ack = true, p.Ack
	}
}

// reset ends the conversation, unless the RST lies outside anything that its
// receiver would believe (RFC 5961, section 3): at the next byte, or a little behind
// it, because the mirror may have lost what came before. Of a side that was never
// heard, what it acknowledges must be right.
func (e *Engine) reset(c *conversation, h, o *half, p *sensor.Packet) {
	at, next := p.Seq, h
	if !h.started {
		at, next = p.Ack, o
	}
	ahead := distance(at, next.next)
	ahead -= int(min(next.skip, uint64(max(ahead, 0))))
	if !next.started || ahead < -1 || ahead > MaxResetJump {
		e.counters.WildIgnored++
		return
	}
	e.finish(c, EndRST)
}

// distance is how far a lies behind b in the sequence space, which wraps (RFC
// 9293, section 3.4).
func distance(a, b uint32) int { return int(int32(a - b)) }

// after reports whether a lies behind b.
func after(a, b uint32) bool { return distance(a, b) > 0 }

// far reports whether a distance from the next byte is not believed. What nobody
// wants may be passed over unseen, ahead or behind.
func (h *half) far(n int) bool {
	if n > 0 {
		return n-int(min(h.skip, uint64(n))) > MaxJump
	}
	return n < -MaxJump-h.passed
}
