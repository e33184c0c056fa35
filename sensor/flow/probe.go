package flow

import (
	"slices"
	"time"
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// answer is what the protocols said of a direction.
type answer uint8

const (
	notAsked answer = iota
	wantMore
	refused
)

// kept is the first bytes of both directions, in the order in which they came.
type kept struct {
	data [2][protocols.ProbeLimit]byte
	n    [2]int
	runs []run
}

// run is bytes of one direction that came without any of the other between.
type run struct {
	direction protocols.Direction
	n         int
	when      time.Time // of the last of them
}

// keptSize is what one kept counts towards MaxBufferedBytes.
const keptSize = int(unsafe.Sizeof(kept{}) + MaxRuns*unsafe.Sizeof(run{}))

// midstream reports whether the beginning of a direction was not seen.
func (h *half) midstream() bool { return !h.fromStart || h.gapped }

// probe looks at the next length bytes of a direction, of which data are at
// hand, while no protocol has said Yes.
func (e *Engine) probe(c *conversation, d protocols.Direction, data []byte, length int) {
	h := &c.half[d]
	if h.probe == refused && !e.again(c, h) {
		e.retain(c, d, data, length)
		return
	}
	look, rest := data[:min(len(data), protocols.ProbeLimit)], data
	if held := c.held(d); held > 0 {
		n := min(len(data), protocols.ProbeLimit-held)
		if !e.keep(c, d, data[:n]) {
			e.giveIn(c)
			return
		}
		look, rest = c.kept.data[d][:held+n], data[n:]
	}
	lacking := length - len(data)
	x, more := e.ask(c, d, look, h.midstream())
	switch {
	case x != nil:
		e.begin(c, d, x, rest, lacking)
	case more && len(look) < protocols.ProbeLimit:
		e.await(c, d, rest, lacking)
	default:
		e.refuse(c, d, rest, len(rest)+lacking)
	}
}

// again allows another look at a direction that was joined in the middle: what
// was refused may have been the middle of a message. A stream that was refused
// from its beginning is never looked at again.
func (e *Engine) again(c *conversation, h *half) bool {
	if !h.midstream() || c.retries >= MaxRetries {
		return false
	}
	c.retries++
	h.probe = notAsked
	return true
}

// ask puts the first bytes of a direction to all protocols of the transport. The
// first that says Yes has it; more tells that one wants to see more.
func (e *Engine) ask(c *conversation, d protocols.Direction, look []byte, midstream bool) (x *dissector, more bool) {
	o := protocols.Opening{
		Transport: c.key.transport,
		FromPort:  c.ends[d].Port,
		ToPort:    c.ends[d.Other()].Port,
		Direction: d,
		Midstream: midstream,
		Bytes:     look,
	}
	for i := range e.protocols {
		x := &e.protocols[i]
		if x.on != o.Transport {
			continue
		}
		switch x.protocol.Probe(o) {
		case protocols.Yes:
			return x, false
		case protocols.More:
			more = true
		}
	}
	return nil, more
}

// begin opens a session and hands it what was kept, then the rest of the segment
// that told.
func (e *Engine) begin(c *conversation, d protocols.Direction, x *dissector, rest []byte, lacking int) {
	e.recognise(c, x, protocols.Context{OpenerKnown: c.openerKnown, Midstream: c.half[d].midstream()})
	if k := c.kept; k != nil {
		var at [2]int
		for _, r := range k.runs {
			e.feed(c, r.direction, r.when, k.data[r.direction][at[r.direction]:][:r.n])
			at[r.direction] += r.n
		}
		e.forget(c)
	}
	if o := &c.half[d.Other()]; o.lost {
		e.missing(c, d.Other(), o.dropped)
	}
	e.feed(c, d, c.last, rest)
	if lacking > 0 {
		e.lack(c, d, uint32(lacking))
	}
}

// recognise opens the session of a conversation.
func (e *Engine) recognise(c *conversation, x *dissector, ctx protocols.Context) {
	c.state, c.protocol, c.due = recognised, x, true
	c.session = x.protocol.Open(ctx)
	x.count.Sessions++
	e.move(c, &e.table.named)
}

// await keeps the bytes until there are more. Where the next ones are missing,
// there is nothing to wait for.
func (e *Engine) await(c *conversation, d protocols.Direction, rest []byte, lacking int) {
	c.half[d].probe = wantMore
	if !e.keep(c, d, rest) {
		e.giveIn(c)
		return
	}
	c.state = probing
	if lacking > 0 {
		e.lack(c, d, uint32(lacking))
	}
}

// refuse takes the No of all protocols for a direction. The other one may still
// tell; then the session wants the beginning of this one, too. The middle of a
// stream is of no use to it.
func (e *Engine) refuse(c *conversation, d protocols.Direction, rest []byte, length int) {
	h, o := &c.half[d], &c.half[d.Other()]
	h.probe = refused
	if h.midstream() {
		e.drop(c, d)
		h.lost, h.dropped = true, 0
	} else {
		e.retain(c, d, rest, length)
	}
	if o.probe == refused || c.kept == nil {
		e.giveIn(c)
	}
}

// retain keeps the beginning of a direction that was refused, as long as the
// other one may still tell.
func (e *Engine) retain(c *conversation, d protocols.Direction, data []byte, length int) {
	h := &c.half[d]
	if c.state == unknown {
		h.lost, h.dropped = true, 0
		return
	}
	if room := protocols.ProbeLimit - c.held(d); !h.lost && room > 0 {
		n := min(room, len(data))
		if !e.keep(c, d, data[:n]) {
			e.giveIn(c)
			return
		}
		length -= n
	}
	if length == 0 {
		return
	}
	h.lost, h.dropped = true, h.dropped+uint64(length)
	if h.dropped > MaxOneSided {
		e.giveIn(c)
	}
}

// interrupt takes note of missing bytes while probing. A direction that was
// refused from its beginning stays so.
func (e *Engine) interrupt(c *conversation, d protocols.Direction, n uint64) {
	h := &c.half[d]
	if h.probe == refused && !h.midstream() {
		h.lost, h.dropped = true, h.dropped+n
		return
	}
	e.drop(c, d)
	h.gapped, h.lost, h.dropped, h.probe = true, true, 0, notAsked
}

// giveIn calls a conversation unknown: nothing of it is kept, only counted.
func (e *Engine) giveIn(c *conversation) {
	e.forget(c)
	c.state = unknown
	for d := range c.half {
		h := &c.half[d]
		if h.any {
			h.lost, h.dropped = true, 0
		}
		if h.probe == wantMore {
			h.probe = refused
		}
		for _, q := range h.waiting {
			h.follow(q.seq, q.length)
		}
		e.counters.Buffered -= uint64(h.buffered)
		h.waiting, h.buffered = nil, 0
	}
}

// held is how many bytes of a direction are kept.
func (c *conversation) held(d protocols.Direction) int {
	if c.kept == nil {
		return 0
	}
	return c.kept.n[d]
}

// keep adds bytes of a direction, which fit. It reports false when a bound
// stands against it.
func (e *Engine) keep(c *conversation, d protocols.Direction, data []byte) bool {
	if len(data) == 0 {
		return true
	}
	if c.kept == nil && !e.newKept(c) {
		return false
	}
	k := c.kept
	last := len(k.runs) - 1
	switch {
	case last >= 0 && k.runs[last].direction == d:
		k.runs[last].n += len(data)
		k.runs[last].when = c.last
	case len(k.runs) == MaxRuns:
		return false
	default:
		k.runs = append(k.runs, run{direction: d, n: len(data), when: c.last})
	}
	k.n[d] += copy(k.data[d][k.n[d]:], data)
	return true
}

func (e *Engine) newKept(c *conversation) bool {
	if e.counters.Buffered+uint64(keptSize) > uint64(e.options.MaxBufferedBytes) {
		return false
	}
	e.counters.Buffered += uint64(keptSize)
	if n := len(e.freeKept); n > 0 {
		c.kept, e.freeKept = e.freeKept[n-1], e.freeKept[:n-1]
		return true
	}
	c.kept = &kept{runs: make([]run, 0, MaxRuns)}
	return true
}

// drop forgets what was kept of one direction.
func (e *Engine) drop(c *conversation, d protocols.Direction) {
	k := c.kept
	if k == nil {
		return
	}
	k.n[d] = 0
	k.runs = slices.DeleteFunc(k.runs, func(r run) bool { return r.direction == d })
	if len(k.runs) == 0 {
		e.forget(c)
	}
}

// forget gives back what was kept of a conversation.
func (e *Engine) forget(c *conversation) {
	if c.kept == nil {
		return
	}
	k := c.kept
	k.n, k.runs = [2]int{}, k.runs[:0]
	e.freeKept = append(e.freeKept, k)
	e.counters.Buffered -= uint64(keptSize)
	c.kept = nil
}
