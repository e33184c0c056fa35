package flow

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// deliver takes the next length bytes of a stream, of which data are at hand.
func (e *Engine) deliver(c *conversation, d protocols.Direction, data []byte, length int) {
	h := &c.half[d]
	h.next += uint32(length)
	h.any = true
	if c.state == recognised {
		e.feed(c, d, c.last, data)
		if n := length - len(data); n > 0 {
			e.lack(c, d, uint32(n))
		}
		return
	}
	e.probe(c, d, data, length)
}

// gap declares that the next n bytes of a stream will not come.
func (e *Engine) gap(c *conversation, d protocols.Direction, n uint32) {
	h := &c.half[d]
	h.gapFrom = h.next
	h.next += n
	h.gapTo = h.next
	e.lack(c, d, n)
}

// lack counts n missing bytes and tells the session.
func (e *Engine) lack(c *conversation, d protocols.Direction, n uint32) {
	h := &c.half[d]
	unwanted := min(h.skip, uint64(n))
	h.skip -= unwanted
	e.counters.Skipped += unwanted
	if h.shunt.asked {
		c.lost(d, uint64(n)-unwanted)
	} else {
		c.lost(d, uint64(n))
	}
	if n -= uint32(unwanted); n == 0 {
		return
	}
	e.counters.Gaps++
	e.counters.GapBytes += uint64(n)
	e.missing(c, d, uint64(n))
}

// lost counts missing bytes that nobody shunted towards the loss before the sensor.
// Of a side that was never heard nothing was lost: the mirror does not show it.
func (c *conversation) lost(d protocols.Direction, n uint64) {
	if n > 0 && c.spoke[d] {
		c.place.Holes++
		c.place.HoleBytes += min(n, MaxHoleCounted)
	}
}

// missing tells the session of a gap: n bytes, or an unknown number for 0. While
// probing, it ends what was kept of the direction.
func (e *Engine) missing(c *conversation, d protocols.Direction, n uint64) {
	h := &c.half[d]
	switch c.state {
	case recognised:
		h.skip = 0
		e.withdraw(c, d)
		e.tap = c.tap
		c.session.Gap(d, n, c.protocol.sink)
	case probing:
		e.interrupt(c, d, n)
	}
}

// feed gives a session the next bytes, save those that it does not want.
func (e *Engine) feed(c *conversation, d protocols.Direction, when time.Time, data []byte) {
	h := &c.half[d]
	unwanted := min(h.skip, uint64(len(data)))
	h.skip -= unwanted
	e.counters.Skipped += unwanted
	if data = data[unwanted:]; len(data) == 0 {
		return
	}
	e.tap = c.tap
	h.skip = c.session.Segment(protocols.Segment{
		When:      when,
		Direction: d,
		From:      c.ends[d],
		To:        receiver(c.ends[d.Other()]),
		Bytes:     data,
	}, c.protocol.sink)
}

// receiver is an endpoint as the receiver of a packet, whose hops nobody knows.
func receiver(p protocols.Endpoint) protocols.Endpoint {
	p.Hops = 0
	return p
}

// datagram takes one UDP packet. Each is looked at until one is recognised; a
// datagram is always whole, so nothing is kept.
func (e *Engine) datagram(c *conversation, d protocols.Direction, p *sensor.Packet) {
	if p.PayloadLength == 0 {
		return
	}
	if c.state != recognised {
		if c.deaf {
			return
		}
		x, _ := e.ask(c, d, p.Payload, false)
		if x == nil {
			c.state = unknown
			c.retries++
			return
		}
		e.recognise(c, x, protocols.Context{})
	}
	e.feed(c, d, c.last, p.Payload)
	c.half[d].skip = 0 // a skip is for streams
	if n := p.PayloadLength - len(p.Payload); n > 0 {
		e.lack(c, d, uint32(n))
	}
}
