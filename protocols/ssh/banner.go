package ssh

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// line takes a whole line with its end. One that is no identification is passed
// over: a server may send others before (RFC 4253 section 4.2).
func (s *session) line(d protocols.Direction, line []byte) {
	h := &s.halves[d]
	line = bytes.TrimRight(line, "\r\n")
	if identification(line) != protocols.Yes {
		return
	}
	software, old, either, ok := parseIdentification(line)
	if !ok {
		s.end(d, protocols.Malformed)
		return
	}
	h.either = either
	if len(software) > maxSoftware {
		s.end(d, protocols.LimitReached)
		return
	}
	s.observe(protocols.Fact{Attribute: protocols.Application, Value: string(software), Field: fieldSoftware, Confidence: programTells})
	if old {
		s.end(d, protocols.Parsed)
		return
	}
	s.now.out.Outcome(protocols.Parsed)
	h.abandon(inPacket)
}

// parseIdentification reads "SSH-protoversion-softwareversion SP comments". The
// comment is free text, and never leaves this function. The software version may
// not hold a minus sign, and often does.
func parseIdentification(line []byte) (software []byte, old, either, ok bool) {
	rest := line[len(magic):]
	version, rest, _ := bytes.Cut(rest, []byte("-"))
	software, _, _ = bytes.Cut(rest, []byte(" "))
	for _, c := range software {
		if !graphic(c) {
			return nil, false, false, false
		}
	}
	either = string(version) == "1.99" // RFC 4253 section 5.1
	return software, string(version) != "2.0" && !either, either, len(software) > 0
}
