package medibus

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one line. What it keeps is the open frames of each direction and
// what was said of the device.
type session struct {
	lines [2]line
	who   [2]identity // an identification that waits, or was stated
	has   [2]bool     // who is filled
	ends  [2]end      // who is the device
	heard [2]protocols.Segment

	standbyAt time.Time // when a text last said standby
	state     protocols.UseState
	stated    time.Time
	toldAt    time.Time
}

// end is what is known of one end of a line.
type end uint8

const (
	either end = iota
	device
	collector
)

// Segment reads the next octets. It never skips: MEDIBUS has no lengths.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	b := seg.Bytes
	seg.Bytes = nil // they are the caller's
	s.heard[d] = seg
	for _, c := range b {
		if c >= curve {
			continue // which end sends curves is told by its answers as well
		}
		v, f := s.lines[d].take(c)
		switch v {
		case whole:
			out.Outcome(s.frame(d, f, out))
		case corrupt:
			out.Outcome(protocols.Malformed)
		case overlong:
			out.Outcome(protocols.LimitReached)
		case broken:
			out.Outcome(protocols.Truncated)
		}
	}
	return 0
}

// Gap gives up the open frames; the next beginning is found by itself.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	if s.lines[d&1].abandon() == broken {
		out.Outcome(protocols.Truncated)
	}
}

// Close counts what was cut off. An identification that still waits is dropped.
func (s *session) Close(out *protocols.Sink) {
	for d := range s.lines {
		if s.lines[d].abandon() == broken {
			out.Outcome(protocols.Truncated)
		}
	}
}

// frame takes a whole frame whose checksum fits. A body that breaks its own form
// tells nothing, not even which end the device is.
func (s *session) frame(d protocols.Direction, f *frame, out *protocols.Sink) protocols.Outcome {
	c, body := f.body[0], f.body[1:]
	if !known(c) {
		return protocols.Unsupported
	}
	if f.begin == esc {
		if asksForData(c) {
			s.know(d.Other(), d, out)
		}
		return protocols.Parsed
	}
	a, ok := parse(c, body)
	if !ok {
		return protocols.Malformed
	}
	if asksForData(c) && len(body) > 0 {
		s.know(d, d, out)
	}
	s.answer(d, c, a, out)
	return protocols.Parsed
}

// answer states what a response says. Only the device's word counts for its use.
func (s *session) answer(d protocols.Direction, c byte, a answer, out *protocols.Sink) {
	when := s.heard[d].When
	switch {
	case c == identify && a.named:
		s.identified(d, a.id, out)
	case s.ends[d] != device:
	case c == texts && a.standby:
		s.standbyAt = when
		s.report(d, protocols.Standby, "medibus text message", out)
	case c == texts:
		s.standbyAt = time.Time{}
	case a.breathing && (s.standbyAt.IsZero() || when.Sub(s.standbyAt) > standbyKept):
		s.report(d, protocols.InUse, "medibus measured data", out)
	}
}

// know notes which end is the device, by a frame of one direction, and states what
// waited for that. The first evidence stays: an end does not change.
func (s *session) know(dev, by protocols.Direction, out *protocols.Sink) {
	if s.ends[dev] != either {
		return
	}
	s.ends[dev], s.ends[dev.Other()] = device, collector
	s.roles(by, out)
	if dev == by || s.has[dev] {
		s.describe(dev, out)
	}
}

// identified keeps who an end says it is, until it is known which one the device is.
func (s *session) identified(d protocols.Direction, id identity, out *protocols.Sink) {
	changed := !s.has[d] || s.who[d] != id
	s.who[d], s.has[d] = id, true
	if s.ends[d] == device && (changed || s.heard[d].When.Sub(s.toldAt) >= restate) {
		s.describe(d, out)
	}
}
