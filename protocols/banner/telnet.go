package banner

import "github.com/auscult/auscult/protocols"

// telnet is the Protocol. It has no state but the knowledge, which does not change.
type telnet struct{ greetings Greetings }

// NewTelnet returns the telnet dissector. It is safe for concurrent use. g may be nil:
// then it states roles only.
func NewTelnet(g Greetings) protocols.Protocol { return telnet{known(g)} }

func (telnet) Name() protocols.Name           { return protocols.Telnet }
func (telnet) Transport() protocols.Transport { return protocols.TCP }

func (p telnet) Open(c protocols.Context) protocols.Session {
	return &terminal{greetings: p.greetings, openerKnown: c.OpenerKnown, midstream: c.Midstream}
}

// Probe recognises commands of a negotiation with an option that only terminals have,
// or with text behind them; and, at the beginning of a stream, the distinctive words
// of a known greeting without any negotiation. It never asks for a port.
func (p telnet) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := negotiation(o.Bytes)
	if v == protocols.No && !o.Midstream && (len(o.Bytes) == 0 || o.Bytes[0] != iac) {
		v = p.greetings.Begins(o.Bytes)
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// Commands: RFC 854, and RFC 855 for SB and SE.
const (
	iac  = 255
	dont = 254
	do   = 253
	wont = 252
	will = 251
	sb   = 250
	se   = 240
)

// Options, by the IANA registry "Telnet Options".
const (
	optBinary   = 0  // RFC 856
	optEcho     = 1  // RFC 857
	optType     = 24 // terminal type, RFC 1091
	optSize     = 31 // window size, RFC 1073
	optSpeed    = 32 // RFC 1079
	optDisplay  = 35 // RFC 1096
	optEnviron  = 36 // RFC 1408
	optNewEnv   = 39 // RFC 1572
	optCOMPort  = 44 // RFC 2217
	lastOption  = 49 // the last of those in a row
	commandSize = 3
)

// terminals reports an option that only a terminal has.
func terminals(option byte) bool {
	switch option {
	case optType, optSize, optSpeed, optDisplay, optEnviron, optNewEnv:
		return true
	}
	return false
}

// wantedText is how many octets of text behind commands tell a terminal where no
// option does.
const wantedText = 4

// negotiation judges whether b begins with commands about known options. Whole
// commands decide, so that more octets change no verdict.
func negotiation(b []byte) protocols.Verdict {
	commands := 0
	for len(b) > 0 && b[0] == iac {
		switch {
		case len(b) == 1:
			return protocols.More
		case b[1] == sb && commands > 0:
			return protocols.Yes
		case b[1] < will || b[1] > dont:
			return protocols.No
		case len(b) < commandSize:
			return protocols.More
		case b[2] > lastOption, b[2] == optBinary, b[2] == optCOMPort:
			return protocols.No
		case terminals(b[2]):
			return protocols.Yes
		}
		commands++
		b = b[commandSize:]
	}
	if commands == 0 && len(b) > 0 {
		return protocols.No
	}
	for _, c := range b[:min(len(b), wantedText)] {
		if (c < ' ' || c > '~') && c != '\r' && c != '\n' {
			return protocols.No
		}
	}
	if len(b) < wantedText {
		return protocols.More
	}
	return protocols.Yes
}
