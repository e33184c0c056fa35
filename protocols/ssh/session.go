package ssh

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation. Each direction is read on its own.
type session struct {
	halves      [2]half
	openerKnown bool
	now         turn
}

// turn is the segment that is being read.
type turn struct {
	when     time.Time
	from, to protocols.Endpoint
	out      *protocols.Sink
}

func newSession(c protocols.Context) *session {
	s := &session{openerKnown: c.OpenerKnown}
	if c.Midstream {
		for d := range s.halves {
			s.halves[d].phase = joining
		}
	}
	return s
}

// Segment reads the octets of one direction. It answers 0, or everything once
// nothing more is wanted.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	s.now = turn{when: seg.When, from: seg.From, to: seg.To, out: out}
	s.consume(d, seg.Bytes)
	s.now = turn{}
	if s.halves[d].phase == done {
		return protocols.Everything
	}
	return 0
}

// Gap gives up what was open in that direction. Only what stands right behind the
// hole can be told.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	h := &s.halves[d&1]
	if h.phase == done {
		return
	}
	if h.open() {
		out.Outcome(protocols.Truncated)
	}
	h.abandon(joining)
}

// Close counts what was cut off.
func (s *session) Close(out *protocols.Sink) {
	for d := range s.halves {
		h := &s.halves[d]
		if h.open() {
			out.Outcome(protocols.Truncated)
		}
		h.abandon(done)
	}
}
