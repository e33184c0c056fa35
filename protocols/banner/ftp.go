package banner

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// ftp is the Protocol. It has no state but the knowledge, which does not change.
type ftp struct{ greetings Greetings }

// NewFTP returns the FTP dissector, for control connections. It is safe for concurrent
// use. g may be nil: then it states roles only.
func NewFTP(g Greetings) protocols.Protocol { return ftp{known(g)} }

func (ftp) Name() protocols.Name           { return protocols.FTP }
func (ftp) Transport() protocols.Transport { return protocols.TCP }

func (p ftp) Open(protocols.Context) protocols.Session { return &control{greetings: p.greetings} }

// Replies of RFC 959 section 4.2, and RFC 2428 section 3 for the last.
const (
	replyReady    = "220"
	replyPassive  = "227 Entering Passive Mode ("
	replyExtended = "229 Entering Extended Passive Mode ("
)

// Probe recognises a greeting, reply 220, that names FTP and not SMTP, whose greeting
// has the same number; in a stream that was joined later, the replies in which a
// server tells where to fetch data. It never asks for a port.
func (p ftp) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := ready(o.Bytes)
	if o.Midstream && v == protocols.No {
		if v = protocols.Begins(o.Bytes, replyPassive); v == protocols.No {
			v = protocols.Begins(o.Bytes, replyExtended)
		}
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// ready judges whether b begins with a whole reply 220 of one line or of several (RFC
// 959 section 4.2) whose text names FTP.
func ready(b []byte) protocols.Verdict {
	if v := protocols.Begins(b, replyReady); v != protocols.Yes {
		return v
	}
	for rest := b; ; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		for _, c := range line {
			if c < ' ' && c != '\r' && c != '\t' || c == 0x7f {
				return protocols.No
			}
		}
		if len(line) > len(replyReady) && line[len(replyReady)] != ' ' && line[len(replyReady)] != '-' && len(rest) == len(b) {
			return protocols.No
		}
		if !whole {
			return protocols.More
		}
		if last(line) {
			return names(b[:len(b)-len(after)])
		}
		rest = after
	}
}

// last reports the last line of the reply 220.
func last(line []byte) bool {
	return bytes.HasPrefix(line, []byte(replyReady)) && (len(line) == len(replyReady) || line[len(replyReady)] != '-')
}

func names(text []byte) protocols.Verdict {
	if contains(text, "ftp") && !contains(text, "smtp") {
		return protocols.Yes
	}
	return protocols.No
}

// contains looks for a word in lower case, whatever the case of b.
func contains(b []byte, word string) bool {
	for i := 0; i+len(word) <= len(b); i++ {
		j := 0
		for j < len(word) && b[i+j]|0x20 == word[j] {
			j++
		}
		if j == len(word) {
			return true
		}
	}
	return false
}
