package hl7

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation. What it keeps is one stream and one sender
// for each direction, all of them bounded.
type session struct {
	streams [2]stream
	wide    [2]wideText
	senders [2]sender
	last    [2]moment
	zone    *time.Location // of the site; nil where nobody said
}

// moment is where and when bytes were last heard.
type moment struct {
	when     time.Time
	from, to protocols.Endpoint
}

func newSession(c protocols.Context, zone *time.Location) *session {
	s := &session{zone: zone}
	for i := range s.streams {
		if c.Midstream {
			s.streams[i].seek()
			s.wide[i].decided = true // as octets: where a unit begins is not known
		}
	}
	return s
}

// OpenBody opens a session on one body of HTTP, which has a length: inside of a document
// in a message of which nothing more is wanted, the rest is not asked for.
func (p Protocol) OpenBody(c protocols.Context) protocols.Session {
	s := newSession(c, p.zone)
	for i := range s.streams {
		s.streams[i].body = true
	}
	return s
}

// Segment reads the next bytes. Over MLLP it never skips, because MLLP has no lengths.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	s.last[d] = moment{seg.When, seg.From, seg.To}
	s.read(d, s.wide[d].pass(seg.Bytes), out)
	if s.streams[d].place == done {
		return protocols.Everything
	}
	return 0
}

// read reads text in octets.
func (s *session) read(d protocols.Direction, b []byte, out *protocols.Sink) {
	for len(b) > 0 {
		n, e := s.streams[d].next(b)
		b = b[n:]
		s.handle(d, e, out)
	}
}

func (s *session) handle(d protocols.Direction, e event, out *protocols.Sink) {
	if e.message != nil && e.message.acknowledges {
		s.acknowledged(d.Other(), out)
	}
	if e.counted {
		out.Outcome(e.outcome)
	}
	if e.message != nil && e.outcome == protocols.Parsed {
		s.state(d, e.message, true, out)
	}
}

// acknowledged ends an unframed message whose receiver says that it has it all.
func (s *session) acknowledged(d protocols.Direction, out *protocols.Sink) {
	st := &s.streams[d]
	if st.place != inside || st.framed || st.message == nil {
		return
	}
	if !st.segment.empty() {
		if e := st.endSegment(); e.counted {
			out.Outcome(e.outcome)
		}
	}
	s.finish(d, true, out)
}

// finish states an unframed message.
func (s *session) finish(d protocols.Direction, whole bool, out *protocols.Sink) {
	st := &s.streams[d]
	e := st.endMessage(protocols.Parsed)
	st.place = between
	if e.counted {
		out.Outcome(e.outcome)
	}
	if e.message != nil && e.outcome == protocols.Parsed {
		s.state(d, e.message, whole, out)
	}
}

// Gap gives up the message that the hole is in and looks for the next.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	st := &s.streams[d&1]
	if st.place == done {
		return
	}
	s.read(d&1, s.wide[d&1].rest(), out)
	s.wide[d&1] = wideText{decided: true}
	if st.unfinished() {
		out.Outcome(protocols.Truncated)
	}
	st.seek()
}

// Close states an unframed message that stands at the end of a segment, without
// calling it complete; anything else that was begun is counted as truncated.
func (s *session) Close(out *protocols.Sink) {
	for i := range s.streams {
		st := &s.streams[i]
		s.read(protocols.Direction(i), s.wide[i].rest(), out)
		if st.idle() {
			s.finish(protocols.Direction(i), false, out)
		} else if st.unfinished() {
			out.Outcome(protocols.Truncated)
		}
		st.place, st.message = between, nil
	}
}
