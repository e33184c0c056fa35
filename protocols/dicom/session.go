package dicom

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation. Each direction is read on its own; only
// what the association agreed on, and a server's answer that names an instance,
// cross over.
type session struct {
	halves       [2]half
	association  association
	introduction introduction
	procedures   [maxProcedures]rememberedStep
	steps        int // how many were ever remembered
	now          turn
}

// turn is the segment that is being read.
type turn struct {
	when     time.Time
	from, to protocols.Endpoint
	out      *protocols.Sink
}

func newSession(c protocols.Context) *session {
	s := &session{}
	if c.Midstream {
		for d := range s.halves {
			s.halves[d].phase, s.halves[d].lost = hunting, true
		}
	}
	return s
}

// Segment reads the octets of one direction. The number returned reaches to the
// end of the open PDU, or to the predicted beginning of a later one inside the same
// value; there the next Segment is verified.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	s.now = turn{when: seg.When, from: seg.From, to: seg.To, out: out}
	skip := s.feed(seg.Direction&1, seg.Bytes)
	s.now = turn{}
	return skip
}

// Gap gives up what was open in that direction and looks for the next PDU, unless
// the hole lies inside a value that is passed over: then it goes on behind it.
func (s *session) Gap(d protocols.Direction, n uint64, out *protocols.Sink) {
	s.now = turn{out: out}
	s.missing(d&1, n)
	s.now = turn{}
}

// Close counts what was cut off.
func (s *session) Close(out *protocols.Sink) {
	s.now = turn{out: out}
	s.introduce()
	for d := range s.halves {
		s.missing(protocols.Direction(d), 0)
	}
	s.now = turn{}
}
