package banner

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// control dissects the greeting of one FTP control connection. It never reads a
// command.
type control struct {
	greetings Greetings
	now       turn
	first     [2][]byte // the first octets of a direction, until they tell who it is
	other     [2]bool   // they did not
	told      [2]bool
	server    protocols.Direction
	serves    bool
	reply     greeting
	ended     bool
}

const fieldReply = "reply of an FTP server"

// Segment reads what the server says up to the end of its greeting, and nothing of the
// client.
func (s *control) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	s.now = turnOf(seg, out)
	d := seg.Direction & 1
	if s.told[s.server] && s.serves && d != s.server && len(seg.Bytes) > 0 {
		s.introduce(d)
	}
	for _, c := range seg.Bytes {
		if s.ended || s.serves && d != s.server {
			break
		}
		s.octet(d, c)
	}
	s.now = turn{}
	if s.ended && (!s.serves || d == s.server || s.told[d]) {
		return protocols.Everything
	}
	return 0
}

// introduce states the role of a direction, once.
func (s *control) introduce(d protocols.Direction) {
	if s.told[d] {
		return
	}
	s.told[d] = true
	role := protocols.RoleFTPClient
	if d == s.server {
		role = protocols.RoleFTPServer
	}
	s.now.role(role, fieldReply, exercised)
}

// octet reads one octet of a direction that may be the server's.
func (s *control) octet(d protocols.Direction, c byte) {
	if !s.serves {
		s.seek(d, c)
		return
	}
	if line, long := s.reply.take(c); len(line) > 0 {
		s.line(line, long)
	}
	if !s.ended && s.reply.full() {
		s.end(protocols.LimitReached)
	}
}

// seek looks for the reply that tells a server.
func (s *control) seek(d protocols.Direction, c byte) {
	if s.other[d] {
		return
	}
	s.first[d] = append(s.first[d], c)
	switch first := s.first[d]; {
	case protocols.Begins(first, replyReady) == protocols.Yes:
		s.server, s.serves = d, true
		for _, c := range first {
			s.reply.take(c)
		}
	case protocols.Begins(first, replyPassive) == protocols.Yes, protocols.Begins(first, replyExtended) == protocols.Yes:
		s.server, s.serves = d, true
		s.introduce(d)
		s.end(protocols.Unsupported)
	case protocols.Begins(first, replyPassive) == protocols.No && protocols.Begins(first, replyExtended) == protocols.No && protocols.Begins(first, replyReady) == protocols.No:
		s.other[d], s.first[d] = true, nil // a client, or later than the greeting
	}
}

// line reads a whole line of the greeting, without its number.
func (s *control) line(line []byte, long bool) {
	final := last(line)
	if !long {
		if rest, ok := bytes.CutPrefix(line, []byte(replyReady)); ok {
			line = bytes.TrimLeft(rest, " -")
		}
		s.reply.keep(line)
	}
	if names(s.reply.text) == protocols.Yes {
		s.introduce(s.server)
	}
	if facts := s.reply.told(s.greetings, protocols.FTP); len(facts) > 0 {
		s.now.state(facts...)
	}
	if final {
		s.end(protocols.Parsed)
	}
}

func (s *control) end(o protocols.Outcome) {
	s.now.out.Outcome(o)
	s.ended, s.first = true, [2][]byte{}
	if !s.told[s.server] {
		s.serves = false // nothing said that this is FTP
	}
	s.reply.forget()
}

// Gap ends the greeting.
func (s *control) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	if !s.ended && (!s.serves || d == s.server) {
		s.now = turn{out: out}
		s.end(protocols.Truncated)
	}
}

// Close counts a greeting that was cut off.
func (s *control) Close(out *protocols.Sink) {
	if !s.ended {
		s.now = turn{out: out}
		s.end(protocols.Truncated)
	}
}
