package smb

import (
	"encoding/binary"
	"time"

	"github.com/auscult/auscult/protocols"
)

// session dissects one conversation. Each direction is read on its own.
type session struct {
	halves [2]half
	now    turn
}

// turn is the segment that is being read.
type turn struct {
	when     time.Time
	from, to protocols.Endpoint
	out      *protocols.Sink
}

// half is one direction of a conversation.
type half struct {
	done   bool   // nothing more is wanted
	sure   bool   // a message was seen: what follows it is one
	wanted int    // octets that were looked at
	kept   []byte // of the open frame, with its header
	need   int    // octets of it until the next step; 0 before its header is known
	pass   int    // octets that belong to a frame that is not read
	role   protocols.Role
}

func newSession(c protocols.Context) *session {
	s := &session{}
	for d := range s.halves {
		s.halves[d].sure = !c.Midstream
	}
	return s
}

// Segment reads the octets of one direction. It answers 0, or everything once nothing
// more is wanted.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	d := seg.Direction & 1
	h := &s.halves[d]
	s.now = turn{when: seg.When, from: seg.From, to: seg.To, out: out}
	for b := seg.Bytes; len(b) > 0 && !h.done; {
		n := s.take(h, b)
		b = b[n:]
		h.wanted += n
	}
	s.now = turn{}
	if h.done {
		return protocols.Everything
	}
	return 0
}

// Gap gives up what was open in that direction. A message that begins right behind the
// hole is still read.
func (s *session) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	h := &s.halves[d&1]
	if h.done {
		return
	}
	if len(h.kept) > 0 {
		out.Outcome(protocols.Truncated)
	}
	h.kept, h.need, h.pass, h.sure = nil, 0, 0, false
}

// Close counts what was cut off.
func (s *session) Close(out *protocols.Sink) {
	for d := range s.halves {
		h := &s.halves[d]
		if len(h.kept) > 0 {
			out.Outcome(protocols.Truncated)
		}
		h.end()
	}
}

// end asks for nothing more of a direction.
func (h *half) end() { h.done, h.kept, h.need, h.pass = true, nil, 0, 0 }

// fail ends a direction that is no SMB. Behind a hole that says nothing of who speaks.
func (s *session) fail(h *half, o protocols.Outcome) {
	if h.sure {
		s.now.out.Outcome(o)
	}
	h.end()
}

// take reads some of the octets, and returns how many.
func (s *session) take(h *half, b []byte) int {
	if h.pass > 0 {
		n := min(h.pass, len(b))
		h.pass -= n
		return n
	}
	if len(h.kept) == 0 {
		h.need = frameHeader
		if h.wanted > maxWanted {
			s.fail(h, protocols.LimitReached)
			return 0
		}
	}
	n := min(h.need-len(h.kept), len(b))
	h.kept = append(h.kept, b[:n]...)
	if len(h.kept) == h.need {
		s.step(h)
	}
	return n
}

// commandSign is how many octets tell the command of a message.
const commandSign = frameHeader + 14

// step goes on once as much of a frame is there as was needed.
func (s *session) step(h *half) {
	length, v := frame(h.kept)
	whole := frameHeader + length
	switch {
	case v != protocols.Yes:
		s.fail(h, protocols.Malformed)
	case h.kept[0] != frameMessage:
		h.passOver(whole)
	case len(h.kept) < commandSign:
		h.need = commandSign
	case len(h.kept) == commandSign:
		s.choose(h, whole)
	default:
		h.sure = true
		s.read(h, h.kept[frameHeader:])
		h.kept = nil
	}
}

// passOver leaves the rest of the open frame unread.
func (h *half) passOver(whole int) { h.pass, h.kept = whole-len(h.kept), nil }

// The commands that are read or passed over; any other one comes after the session
// setup. [MS-CIFS] 2.2.2.1, [MS-SMB2] 2.2.1.2.
const (
	negotiate1    = 0x72
	sessionSetup1 = 0x73
	echo1         = 0x2b
	negotiate2    = 0
	sessionSetup2 = 1
	logoff2       = 2
	echo2         = 13
)

// choose decides by a message's command whether it is read.
func (s *session) choose(h *half, whole int) {
	if message(h.kept, whole-frameHeader) != protocols.Yes {
		s.fail(h, protocols.Malformed)
		return
	}
	said := h.kept[frameHeader:]
	reads, passes := false, false
	switch string(said[:len(mark1)]) {
	case mark1:
		reads = said[4] == negotiate1 || said[4] == sessionSetup1
		passes = said[4] == echo1
	case mark2:
		command := binary.LittleEndian.Uint16(said[12:])
		reads = command == negotiate2 || command == sessionSetup2
		passes = command == logoff2 || command == echo2
	}
	switch {
	case reads && whole <= maxMessage:
		h.need = whole
	case reads:
		s.now.out.Outcome(protocols.LimitReached)
		h.sure = true
		h.passOver(whole)
	case passes:
		h.passOver(whole)
	default:
		h.end()
	}
}
