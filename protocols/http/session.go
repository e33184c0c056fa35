package http

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation. Each direction is read on its own; of the
// other it uses the methods that wait for an answer.
type session struct {
	halves  [2]half
	readers []Reader
	waiting []asked // requests without answer, oldest first
	asked   []onStream
	lost    bool // not all requests were seen: answers cannot be told apart
	said    [2]said
	series  []series // one for each reader that has one
	now     turn
	context protocols.Context
	unpacks *unpacking // from the first compressed body
	store   *store
}

// asked is what is kept of a request until its answer.
type asked struct {
	method  string
	service service
	title   string // AE title in its target
	// proxied: the receiver was asked to fetch it from somebody else.
	proxied bool
}

// turn is the segment that is being read.
type turn struct {
	when      time.Time
	direction protocols.Direction
	from, to  protocols.Endpoint
	out       *protocols.Sink
}

func newSession(c protocols.Context, readers []Reader, of *store) *session {
	s := &session{readers: readers, store: of, context: c, lost: c.Midstream}
	if c.Midstream {
		for d := range s.halves {
			s.halves[d].phase = seeking
		}
	}
	return s
}

// Segment reads the octets of one direction. It answers how much of a body nobody
// wants, or everything once nothing more of the direction is wanted.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	s.now = turn{when: seg.When, direction: d, from: seg.From, to: seg.To, out: out}
	s.consume(d, seg.Bytes)
	skip := s.unwanted(d)
	s.now.out = nil
	return skip
}

func (s *session) consume(d protocols.Direction, b []byte) {
	for h := &s.halves[d]; len(b) > 0 && h.phase != done; {
		b = b[s.step(d, b):]
	}
}

// Gap gives up the message that the hole is in, unless the hole lies in a body
// whose length is known and goes on behind it.
func (s *session) Gap(d protocols.Direction, n uint64, out *protocols.Sink) {
	h := &s.halves[d&1]
	s.now.out = out
	switch {
	case h.phase == done:
	case h.two != nil:
		s.abandon(h, protocols.Truncated)
		h.phase = done
	case h.phase == inBody && n > 0 && n < h.remain || h.phase == untilClose:
		h.remain -= min(n, h.remain)
		h.body.gap(d&1, n, out)
	default:
		s.seek(h, protocols.Truncated)
	}
	s.now.out = nil
}

// Close ends bodies that end with the conversation, and counts what was cut off.
func (s *session) Close(out *protocols.Sink) {
	s.now.out = out
	for d := range s.halves {
		h := &s.halves[d]
		if h.phase == untilClose {
			s.now.direction = protocols.Direction(d)
			s.endMessage(h)
		} else {
			s.abandon(h, protocols.Truncated)
		}
		h.phase = done
	}
	s.now.out = nil
}

// abandon lets go of a message that was begun, and counts it.
func (s *session) abandon(h *half, why protocols.Outcome) {
	if h.open() {
		s.now.out.Outcome(why)
	}
	h.body.close(s.now.out)
	h.body = nil
	if h.two != nil {
		h.two.abandon(s.now.out, why)
	}
	h.line.reset()
	h.head = head{}
}

// seek gives up a message, and looks for the next start line. From now on answers
// cannot be told by their order.
func (s *session) seek(h *half, why protocols.Outcome) {
	s.abandon(h, why)
	h.phase, h.passed, s.lost = seeking, 0, true
	s.waiting = s.waiting[:0]
}
