package poct1a

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// Protocol recognises and opens POCT1-A conversations. It has no state.
type Protocol struct{}

// New returns the POCT1-A dissector.
func New() protocols.Protocol { return Protocol{} }

// Name implements protocols.Protocol.
func (Protocol) Name() protocols.Name { return protocols.POCT1A }

// Transport implements protocols.Protocol.
func (Protocol) Transport() protocols.Transport { return protocols.TCP }

// Open implements protocols.Protocol.
func (Protocol) Open(c protocols.Context) protocols.Session { return newSession(c) }

// Probe answers by the root element of a document, behind an XML declaration or
// not. Where the stream is joined late a root element's tag anywhere tells, and so
// do two elements of the objects that messages are made of.
func (Protocol) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := documentAt(trimBetween(o.Bytes))
	if v == protocols.No && o.Midstream {
		v = midstream(o.Bytes)
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// escape is what some devices send before they end a conversation.
const escape = 0x1b

// trimBetween passes over what may stand between documents.
func trimBetween(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	return b
}

// blank reports white space, and what devices send besides: NUL, escape, and the
// octets of a byte order mark.
func blank(c byte) bool {
	return space(c) || c == 0 || c == escape || c == 0xef || c == 0xbb || c == 0xbf
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// documentAt reports whether b begins with a document of this protocol.
func documentAt(b []byte) protocols.Verdict {
	const declaration = "<?xml"
	n := min(len(b), len(declaration))
	if string(b[:n]) != declaration[:n] {
		return tagAt(b)
	}
	if n < len(declaration) {
		return protocols.More
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 0 {
		return protocols.More
	}
	return tagAt(trimBetween(b[end+2:]))
}

// tagAt reports whether b begins with the tag of a root element.
func tagAt(b []byte) protocols.Verdict {
	if len(b) == 0 {
		return protocols.More
	}
	if b[0] != '<' {
		return protocols.No
	}
	return rootAt(b[1:])
}

// rootAt reports whether b begins with the name of a root element and what ends it:
// three capitals of a known kind, a dot, and a release (R01), or a vendor and a
// topic of its own.
func rootAt(b []byte) protocols.Verdict {
	for i, c := range b {
		switch {
		case i > maxName:
			return protocols.No
		case i < 3 && c >= 'A' && c <= 'Z', i == 3 && c == '.' && kindOf(b[:3]) != kindOther:
		case i == 4 && c >= 'A' && c <= 'Z':
		case i > 4 && (c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_'):
		case i > 6 && (c == '>' || c == '/' || space(c)) && named(b[4:i]):
			return protocols.Yes
		default:
			return protocols.No
		}
	}
	return protocols.More
}

// named reports a release, or a vendor's message: "R01", "SIEM.DVCMD".
func named(b []byte) bool {
	release := len(b) == 3 && b[0] == 'R' && b[1] >= '0' && b[1] <= '9' && b[2] >= '0' && b[2] <= '9'
	return release || bytes.IndexByte(b, '.') > 0
}

// midstream looks for the tag of a root element, or for two elements of known
// objects.
func midstream(b []byte) protocols.Verdict {
	known := 0
	for i, c := range b {
		if c != '<' {
			continue
		}
		next := b[i+1:]
		if len(next) > 0 && next[0] == '/' {
			next = next[1:]
		}
		if rootAt(next) == protocols.Yes {
			return protocols.Yes
		}
		if objectAt(next) {
			if known++; known == 2 {
				return protocols.Yes
			}
		}
	}
	return protocols.More
}

// objectAt reports the tag of an attribute of one of the objects of POCT01-A2,
// annex B: its name in capitals, a dot, and a name in small letters.
func objectAt(b []byte) bool {
	dot := bytes.IndexByte(b[:min(len(b), 4)], '.')
	if dot < 2 || len(b) < dot+3 || b[dot+1] < 'a' || b[dot+1] > 'z' || b[dot+2] < 'a' || b[dot+2] > 'z' {
		return false
	}
	switch string(b[:dot]) {
	case "HDR", "DEV", "DST", "DSC", "DCP", "SVC", "PT", "OBS", "OPR", "ORD", "RGT", "CTC", "NTE", "ACK", "REQ", "EOT", "DTV", "EVT", "TRM", "ACC":
		return true
	}
	return false
}
