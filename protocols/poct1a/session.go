package poct1a

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation: one stream and what each side has shown of
// itself, all bounded.
type session struct {
	streams [2]stream
	sides   [2]side
	last    [2]moment
}

// moment is where and when octets were last heard.
type moment struct {
	when     time.Time
	from, to protocols.Endpoint
}

func newSession(c protocols.Context) *session {
	s := &session{}
	if c.Midstream {
		for i := range s.streams {
			s.streams[i].seek()
		}
	}
	return s
}

// Segment reads the next octets. It never skips: documents have no lengths.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	s.last[d] = moment{seg.When, seg.From, seg.To}
	for b := seg.Bytes; len(b) > 0; {
		n, e := s.streams[d].next(b)
		b = b[n:]
		if e.counted {
			out.Outcome(e.outcome)
		}
		switch {
		case e.document != nil:
			s.state(d, e.document, out)
		case e.glimpsed != kindOther:
			s.state(d, &document{kind: e.glimpsed}, out)
		}
	}
	return 0
}

// Gap gives the document up that the hole is in, and looks for the next.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	st := &s.streams[d&1]
	if st.unfinished() {
		out.Outcome(protocols.Truncated)
	}
	st.seek()
}

// Close counts what was begun. Nothing is stated of a document without its end.
func (s *session) Close(out *protocols.Sink) {
	for i := range s.streams {
		if s.streams[i].unfinished() {
			out.Outcome(protocols.Truncated)
		}
		s.streams[i].seek()
	}
}
