package banner

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// terminal dissects one telnet conversation up to the end of its greeting.
type terminal struct {
	greetings   Greetings
	openerKnown bool
	midstream   bool
	now         turn
	halves      [2]commands
	octets      [2]int
	heard       [2]bool   // a direction has said something
	last        time.Time // of what was heard
	introduced  [2]bool
	server      protocols.Direction
	field       string  // how server is known; "" while it is not
	sure        float64 // of it
	greets      greeting
	greeter     protocols.Direction
	speaks      bool // greeter has said something
	ended       bool
}

const (
	fieldOption   = "option of a terminal"
	fieldGreeting = "greeting"
	fieldOpener   = "who opened the connection"
)

// Segment reads the octets of one direction. It answers everything once the greeting
// has ended.
func (s *terminal) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	s.now = turnOf(seg, out)
	d := seg.Direction & 1
	if s.ended && len(seg.Bytes) > 0 {
		s.introduce(d)
	}
	if len(seg.Bytes) > 0 {
		s.listen(d, seg.When)
	}
	for _, c := range seg.Bytes {
		if s.ended {
			break
		}
		s.octet(d, c)
	}
	s.now = turn{}
	if s.ended {
		return protocols.Everything
	}
	return 0
}

// octet reads one octet: of a command, or of the text between.
func (s *terminal) octet(d protocols.Direction, c byte) {
	switch text, ok := s.halves[d].octet(c); {
	case s.halves[d].broken:
		s.end(protocols.Malformed)
		s.introduced = [2]bool{true, true} // it may be no telnet at all
	case ok:
		s.text(d, text)
	case s.halves[d].told:
		s.halves[d].told = false
		s.negotiated(d)
	}
	if s.octets[d]++; s.octets[d] >= maxOpening && !s.ended {
		s.end(protocols.LimitReached)
	}
}

// negotiated follows a command that only one of both sides sends.
func (s *terminal) negotiated(d protocols.Direction) {
	server := d
	if !s.halves[d].serves {
		server = d.Other()
	}
	if s.field == "" {
		s.serves(server, fieldOption, exercised)
	}
	s.introduce(d)
}

// serves notes who the server is.
func (s *terminal) serves(server protocols.Direction, field string, sure float64) {
	s.server, s.field, s.sure = server, field, sure
}

// introduce states the role of a direction, once, where it is known.
func (s *terminal) introduce(d protocols.Direction) {
	if s.field == "" && s.openerKnown {
		s.serves(protocols.FromAcceptor, fieldOpener, opened)
	}
	if s.field == "" || s.introduced[d] {
		return
	}
	s.introduced[d] = true
	role := protocols.RoleTelnetClient
	if d == s.server {
		role = protocols.RoleTelnetServer
	}
	s.now.role(role, s.field, s.sure)
}

// text takes an octet that is no command. The first that the other side types ends
// the greeting.
func (s *terminal) text(d protocols.Direction, c byte) {
	s.introduce(d)
	switch {
	case s.midstream:
		s.end(protocols.Unsupported)
		return
	case s.field != "" && d != s.server, s.speaks && d != s.greeter:
		s.end(protocols.Parsed)
		return
	}
	s.greeter, s.speaks = d, true
	g := &s.greets
	if line, long := g.take(c); len(line) > 0 && !long {
		g.keep(line)
		s.tell(d)
	}
	switch {
	case g.prompts():
		g.keep(g.line) // up to its colon nobody has typed
		s.tell(d)
		s.end(protocols.Parsed)
	case s.alone(d) && g.asks():
		s.end(protocols.Parsed)
	case g.full():
		s.end(protocols.LimitReached)
	}
}

// alone reports that nothing of the other side was heard: its typing may not be on this
// tap, so that nothing but the server's own voice tells where it begins.
func (s *terminal) alone(d protocols.Direction) bool { return !s.heard[d.Other()] }

// listen ends the greeting where a server that is heard alone goes on behind what may
// have been a prompt. It goes by the time: where one packet ends says the same, but a
// stream may come in other pieces than it was sent in.
func (s *terminal) listen(d protocols.Direction, when time.Time) {
	if s.heard[d] = true; !s.ended && s.alone(d) && s.greets.waits() && when.After(s.last) {
		s.end(protocols.Parsed)
	}
	s.last = when
}

// tell states what the greeting tells so far. Who gives a known greeting is the
// server.
func (s *terminal) tell(d protocols.Direction) {
	facts := s.greets.told(s.greetings, protocols.Telnet)
	if len(facts) == 0 {
		return
	}
	if s.field == "" {
		s.serves(d, fieldGreeting, exercised)
	}
	s.introduce(d)
	s.now.state(facts...)
}

// end counts how the greeting went, and lets go of it.
func (s *terminal) end(o protocols.Outcome) {
	s.now.out.Outcome(o)
	s.ended = true
	s.greets.forget()
}

// Gap ends the greeting: what was typed, or a line of it, may be missing.
func (s *terminal) Gap(_ protocols.Direction, _ uint64, out *protocols.Sink) {
	if !s.ended {
		s.now = turn{out: out}
		s.end(protocols.Truncated)
	}
}

// Close counts what was cut off. An open line is not read: it may lack its end.
func (s *terminal) Close(out *protocols.Sink) {
	if s.ended {
		return
	}
	s.now = turn{out: out}
	if s.greets.lines > 0 {
		s.end(protocols.Parsed)
		return
	}
	s.end(protocols.Truncated)
}
