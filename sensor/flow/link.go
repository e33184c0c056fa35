package flow

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// linkSessions are the sessions on the link frames of one tap, by protocol. Link
// frames have no conversation: one session hears all of them.
type linkSessions struct {
	tap *sensor.Tap
	of  []protocols.Session
}

// link takes one link frame. The first protocol that says Yes has it.
func (e *Engine) link(tap uint16, f *sensor.Frame, p *sensor.Packet) {
	for i := range e.protocols {
		x := &e.protocols[i]
		o := protocols.Opening{Transport: protocols.Link, Bytes: p.Payload}
		if x.on != protocols.Link || x.protocol.Probe(o) != protocols.Yes {
			continue
		}
		s := e.linkSession(tap, i, f.Tap)
		e.tap = f.Tap
		s.Segment(protocols.Segment{When: f.When, From: p.From, To: p.To, Bytes: p.Payload}, x.sink)
		if n := p.PayloadLength - len(p.Payload); n > 0 {
			e.counters.Gaps++
			e.counters.GapBytes += uint64(n)
			s.Gap(protocols.FromOpener, uint64(n), x.sink)
		}
		return
	}
}

func (e *Engine) linkSession(tap uint16, i int, name *sensor.Tap) protocols.Session {
	l := e.links[tap]
	if l == nil {
		l = &linkSessions{tap: name, of: make([]protocols.Session, len(e.protocols))}
		e.links[tap] = l
	}
	if l.of[i] == nil {
		l.of[i] = e.protocols[i].protocol.Open(protocols.Context{})
		e.protocols[i].count.Sessions++
	}
	return l.of[i]
}

// closeLinks ends the sessions on link frames, in the order in which the taps
// were met.
func (e *Engine) closeLinks() {
	for tap := range len(e.taps.numbers) {
		l := e.links[uint16(tap)]
		if l == nil {
			continue
		}
		e.tap = l.tap
		for i, s := range l.of {
			if s != nil {
				s.Close(e.protocols[i].sink)
			}
		}
	}
	clear(e.links)
}
