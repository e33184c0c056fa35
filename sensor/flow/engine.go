package flow

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// Engine is the conversations of one stream of frames. It belongs to one
// goroutine.
type Engine struct {
	options   Options
	out       Output
	protocols []dissector
	decoder   Decoder
	packet    sensor.Packet
	clock     clock
	taps      taps
	tap       *sensor.Tap // of what is being delivered: it stamps observations
	table     table
	links     map[uint16]*linkSessions // by tap
	holes     []*conversation          // with a hole in either direction, or had one
	freeKept  []*kept
	skips     []sensor.Skip // to hand over
	seed      maphash.Seed
	digest    uint64     // of the packet
	compared  compared   // room to make it
	heir      *dissector // what a conversation that is opened beside another hears
	places    places
	counters  Counters
	rows      map[protocols.Name]*ProtocolCounters // into counters
}

// dissector is a protocol with its sink.
type dissector struct {
	name     protocols.Name
	protocol protocols.Protocol
	on       protocols.Transport
	sink     *protocols.Sink
	count    *ProtocolCounters
}

// New returns an engine that reads frames with d, which nobody else uses, asks ps,
// in this order, and tells out. Options that are not set take their defaults.
func New(d Decoder, o Options, ps []protocols.Protocol, out Output) *Engine {
	e := &Engine{
		options:   o.withDefaults(),
		out:       out,
		protocols: make([]dissector, len(ps)),
		decoder:   d,
		table:     table{known: make(map[key]*conversation)},
		links:     make(map[uint16]*linkSessions),
		skips:     make([]sensor.Skip, 0, pendingSkips),
		places:    newPlaces(),
		seed:      maphash.MakeSeed(),
	}
	e.counters.Protocols = rows(ps)
	e.rows = make(map[protocols.Name]*ProtocolCounters, len(e.counters.Protocols))
	for i := range e.counters.Protocols {
		e.rows[e.counters.Protocols[i].Protocol] = &e.counters.Protocols[i]
	}
	for i, p := range ps {
		e.protocols[i] = dissector{name: p.Name(), protocol: p, on: p.Transport(), sink: e.sink(p.Name()), count: e.rows[p.Name()]}
	}
	return e
}

// rows is a count for each protocol, then for each that others carry only.
func rows(ps []protocols.Protocol) []ProtocolCounters {
	var all []ProtocolCounters
	add := func(name protocols.Name) {
		if !slices.ContainsFunc(all, func(c ProtocolCounters) bool { return c.Protocol == name }) {
			all = append(all, ProtocolCounters{Protocol: name})
		}
	}
	for _, p := range ps {
		add(p.Name())
	}
	for _, p := range ps {
		if c, carries := p.(protocols.Carrier); carries {
			for _, name := range c.Carries() {
				add(name)
			}
		}
	}
	return all
}

// row is the count of a protocol; of one that nobody announced, the carrier's.
func (e *Engine) row(name, carrier protocols.Name) *ProtocolCounters {
	if r := e.rows[name]; r != nil {
		return r
	}
	return e.rows[carrier]
}

// sink stamps what a session states with where it was heard, and counts.
func (e *Engine) sink(carrier protocols.Name) *protocols.Sink {
	return protocols.NewSink(carrier,
		func(o protocols.Observation) {
			if e.tap != nil {
				o.Site, o.Tap = e.tap.Site, e.tap.Name
			}
			e.row(o.Protocol, carrier).Observations++
			e.counters.Observations++
			e.out.Observe(o)
		},
		func(name protocols.Name, o protocols.Outcome) {
			e.row(name, carrier).Outcomes[min(o, protocols.OutcomeCount-1)]++
		},
		func(name protocols.Name) { e.row(name, carrier).Refused++ })
}

// Frame takes the next frame. Its bytes are not kept after the call, save copies
// within the bounds of Options.
func (e *Engine) Frame(f *sensor.Frame) {
	if e.clock.advance(f.When) {
		e.tick()
	}
	e.frame(f)
}

// Tick takes the time, wire time or the live clock, when no frame brings it.
func (e *Engine) Tick(now time.Time) {
	e.clock.advance(now)
	e.tick()
}

// Close ends all sessions and reports all conversations, from the one that was
// silent longest to the one heard last: those that ended already, those without
// a protocol, those with one.
func (e *Engine) Close() {
	for _, l := range [...]*list{&e.table.leaving, &e.table.plain, &e.table.named} {
		for l.oldest != nil {
			e.remove(l.oldest, EndClosed)
		}
	}
	e.holes = nil
	e.closeLinks()
	e.Flush()
}

// Counters returns a copy of the counts. It is for the goroutine that has the
// engine.
func (e *Engine) Counters() Counters {
	var c Counters
	e.addTo(&c)
	c.Heard = e.places.list()
	return c
}

func (e *Engine) addTo(c *Counters) {
	c.Add(e.counters)
	c.Decode.Add(e.decoder.Counters())
	c.Open += uint64(e.table.count())
}

func (e *Engine) tick() {
	e.patience()
	e.expire()
}

// frame decodes a frame and gives it to its conversation. The clock has been set.
func (e *Engine) frame(f *sensor.Frame) {
	e.counters.Frames++
	e.counters.Bytes += uint64(max(f.Length, len(f.Data)))
	p := &e.packet
	v := e.decoder.Decode(f, p)
	e.doubt(p)
	if v != sensor.Decoded {
		e.places.of(p).count(f)
		return
	}
	tap := e.taps.of(f.Tap)
	if p.Transport == protocols.Link {
		e.places.of(p).count(f)
		e.link(tap, f, p)
		return
	}
	c, d := e.conversation(tap, f, p)
	if c == nil {
		return
	}
	if c.place == nil || !sameplace(&c.place.Place, p) {
		c.place = e.places.of(p).heard // a routed conversation has several: the last counts
	}
	c.half[d].copies.remember(e.digest, e.clock.elapsed)
	hearing{c.place}.count(f)
	c.account(d, p, f.When)
	switch p.Transport {
	case protocols.TCP:
		e.tcp(c, d, p)
	case protocols.UDP:
		e.datagram(c, d, p)
	}
	e.divert(c)
	if c.due || e.clock.elapsed-c.reported >= e.options.ReportEvery {
		e.report(c, false)
	}
}

// conversation finds the conversation of a packet, or opens one; nil for a packet
// that was seen before, and for one that belongs to none.
func (e *Engine) conversation(tap uint16, f *sensor.Frame, p *sensor.Packet) (*conversation, protocols.Direction) {
	k, fromLow := keyOf(p, tap)
	c := e.table.known[k]
	if c == nil && p.Flags.Has(sensor.RST) {
		e.places.of(p).count(f)
		e.counters.WildIgnored++ // it ends nothing that is known, and begins nothing
		return nil, 0
	}
	if c != nil && c.elder != nil {
		c = c.suited(fromLow, p)
	}
	e.digest = e.digestOf(p)
	if c != nil && c.half[c.direction(fromLow)].copies.have(e.digest, e.clock.elapsed) {
		e.counters.DuplicateFrames++
		c.place.DuplicateFrames++
		return nil, 0
	}
	if c != nil && p.Transport == protocols.TCP {
		c = e.current(c, c.direction(fromLow), p)
	}
	if c == nil {
		c = e.open(k, fromLow, f, p)
	}
	e.touch(c)
	return c, c.direction(fromLow)
}
