package flow

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// table is all conversations of an engine, each in one of three lists by how
// long it may be silent.
type table struct {
	known   map[key]*conversation
	plain   list // no protocol, or none yet
	named   list // recognised
	leaving list // ended; in the order in which they did
	free    *conversation
}

// count is how many conversations there are, with the rivals of others.
func (t *table) count() int { return t.plain.n + t.named.n + t.leaving.n }

// open makes a conversation for a packet, with room taken from the oldest if
// there is none.
func (e *Engine) open(k key, fromLow bool, f *sensor.Frame, p *sensor.Packet) *conversation {
	for e.table.count() >= e.options.MaxConversations {
		e.evict()
	}
	c := e.table.free
	if c != nil {
		e.table.free = c.older
		*c = conversation{}
	} else {
		c = new(conversation)
	}
	c.key, c.tap, c.openerLow = k, f.Tap, fromLow
	if p.Transport == protocols.TCP && p.Flags.Has(sensor.SYN) {
		c.openerKnown = true
		if p.Flags.Has(sensor.ACK) {
			c.openerLow = !fromLow
		}
	}
	c.first = f.When
	c.seen, c.reported = e.clock.elapsed, e.clock.elapsed
	c.elder = e.table.known[k]
	e.table.known[k] = c
	e.table.plain.push(c)
	e.inherit(c)
	e.counters.Opened++
	return c
}

// touch makes c the one heard last. One that has ended leaves at its time.
func (e *Engine) touch(c *conversation) {
	if c.list == &e.table.leaving {
		return
	}
	c.seen = e.clock.elapsed
	if l := c.list; l.newest != c {
		l.remove(c)
		l.push(c)
	}
}

// move puts c into another list, as the one heard last.
func (e *Engine) move(c *conversation, to *list) {
	c.list.remove(c)
	c.seen = e.clock.elapsed
	to.push(c)
}

// evict gives up one conversation because the table is full.
func (e *Engine) evict() {
	t := &e.table
	switch {
	case t.leaving.oldest != nil:
		e.remove(t.leaving.oldest, EndFIN)
	case t.named.oldest == nil || t.plain.n*unknownShare > e.options.MaxConversations:
		e.remove(t.plain.oldest, EndEvictedUnknown)
	default:
		e.remove(t.named.oldest, EndEvictedRecognised)
	}
}

// expire ends what has been silent for too long.
func (e *Engine) expire() {
	for _, x := range [...]struct {
		list  *list
		after time.Duration
	}{
		{&e.table.leaving, Linger},
		{&e.table.plain, e.options.UnknownTimeout},
		{&e.table.named, e.options.IdleTimeout},
	} {
		for x.list.oldest != nil && e.clock.elapsed-x.list.oldest.seen > x.after {
			e.remove(x.list.oldest, EndIdle)
		}
	}
}

// finish ends a conversation's session and lets it linger.
func (e *Engine) finish(c *conversation, why End) {
	e.conclude(c, why)
	e.move(c, &e.table.leaving)
}

// conclude delivers what is left and closes the session.
func (e *Engine) conclude(c *conversation, why End) {
	if c.state == ended {
		return
	}
	for d := range protocols.Direction(2) {
		e.flush(c, d)
		e.tail(c, d)
	}
	if c.session != nil {
		e.tap = c.tap
		c.session.Close(c.protocol.sink)
		c.session = nil
	}
	e.forget(c)
	for d := range protocols.Direction(2) {
		e.settleAbsent(c, d)
		e.withdraw(c, d)
	}
	c.state, c.cause = ended, why
}

// settleAbsent counts what was passed over in a skip, came neither in time nor
// late, and was shunted by nobody: it was lost before the sensor.
func (e *Engine) settleAbsent(c *conversation, d protocols.Direction) {
	h := &c.half[d]
	for ; h.absences > 0 && h.absent > 0; h.absences-- {
		n := h.absent / h.absences
		c.lost(d, n)
		h.absent -= n
	}
	h.absent, h.absences = 0, 0
}

// remove ends a conversation, if it has not, reports it for the last time, and
// forgets it.
func (e *Engine) remove(c *conversation, why End) {
	e.conclude(c, why)
	e.counters.Ended[c.cause]++
	if c.cause == EndEvictedUnknown && c.fruitless() {
		e.counters.Unreported++
	} else {
		e.report(c, true)
	}
	e.unlink(c)
	c.list.remove(c)
	c.older, e.table.free = e.table.free, c
}

// report hands on what happened since the last one.
func (e *Engine) report(c *conversation, over bool) {
	var name protocols.Name
	if c.protocol != nil {
		name = c.protocol.name
	}
	c.reported = e.clock.elapsed
	e.collect(c)
	for d := range protocols.Direction(2) {
		e.settleAbsent(c, d) // what is still to come is not a minute late
	}
	e.counters.Reports++
	e.out.Converse(c.report(name, over))
}
