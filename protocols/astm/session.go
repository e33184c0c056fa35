package astm

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation: one stream and one sender for each direction,
// all of them bounded.
type session struct {
	streams [2]stream
	senders [2]sender
	last    [2]moment
	layouts []layout
}

// moment is where and when octets were last heard.
type moment struct {
	when     time.Time
	from, to protocols.Endpoint
}

func newSession(c protocols.Context, known []layout) *session {
	s := &session{layouts: known}
	if c.Midstream {
		for i := range s.streams {
			s.streams[i].seek()
		}
	}
	return s
}

// Segment reads the next octets. It never skips: frames have no lengths.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	s.last[d] = moment{seg.When, seg.From, seg.To}
	for b := seg.Bytes; len(b) > 0; {
		n, e := s.streams[d].next(b)
		b = b[n:]
		s.handle(d, &e, out)
		s.answer(d.Other(), e.signal, out)
	}
	return 0
}

// answer tells a stream what its receiver says of its last frame.
func (s *session) answer(d protocols.Direction, what signal, out *protocols.Sink) {
	if what == silent {
		return
	}
	s.senders[d].heard = s.senders[d].heard || what == taken
	st := &s.streams[d]
	st.ready = st.ready[:0]
	var e event
	st.resolve(what == taken, &e)
	s.handle(d, &e, out)
}

func (s *session) handle(d protocols.Direction, e *event, out *protocols.Sink) {
	for _, o := range e.outcomes[:e.counted] {
		out.Outcome(o)
	}
	for i := range e.ready {
		s.state(d, &e.ready[i], out)
	}
}

// Gap gives up what the hole is in and looks for the next frame or header.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	d &= 1
	e := s.streams[d].giveUp()
	s.handle(d, &e, out)
	s.streams[d].seek()
}

// Close states what whole records have said.
func (s *session) Close(out *protocols.Sink) {
	for d := range s.streams {
		e := s.streams[d].giveUp()
		s.handle(protocols.Direction(d), &e, out)
		s.streams[d].seek()
	}
}
