package http

import (
	"bytes"
	"slices"

	"github.com/auscult/auscult/protocols"
)

// dissector is the Protocol. Of its sessions it knows how much they hold together, which
// no statement depends on while there is room.
type dissector struct {
	readers []Reader
	store   *store
}

// New returns the HTTP dissector. The readers are asked in order for bodies that
// this room does not read itself. It is safe for concurrent use.
func New(readers ...Reader) protocols.Protocol {
	return dissector{append([]Reader(nil), readers...), &store{}}
}

func (dissector) Name() protocols.Name           { return protocols.HTTP }
func (dissector) Transport() protocols.Transport { return protocols.TCP }

var _ protocols.Carrier = dissector{}

// Carries implements protocols.Carrier.
func (p dissector) Carries() []protocols.Name {
	names := []protocols.Name{protocols.FHIR, protocols.DICOM, protocols.HL7}
	for _, r := range p.readers {
		if r.Name != "" && !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	return names
}

func (p dissector) Open(c protocols.Context) protocols.Session {
	return newSession(c, p.readers, p.store)
}

// preface is what a client of HTTP/2 begins with: RFC 9113 section 3.4.
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// Probe recognises a start line at the beginning of either direction, the preface
// of an HTTP/2 client, the first frame of its server, and in a stream that was
// joined later a start line anywhere in sight. It never asks for a port.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	b := o.Bytes[:min(len(o.Bytes), protocols.ProbeLimit)]
	v := opening(b)
	if v == protocols.No && o.Midstream {
		v = within(b)
	}
	if v == protocols.More && len(b) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// opening judges what stands at the beginning of a direction.
func opening(b []byte) protocols.Verdict {
	best := protocols.Begins(b, preface)
	for _, v := range [...]protocols.Verdict{settings(b), statusBegins(b), requestBegins(b)} {
		best = max(best, v)
	}
	return best
}

const (
	version1   = "HTTP/1."
	statusSign = len(version1) + len("1 200 ")
)

// statusBegins judges a status line by its version, three digits and what follows:
// RFC 9112 section 4.
func statusBegins(b []byte) protocols.Verdict {
	if v := protocols.Begins(b, version1); v != protocols.Yes {
		return v
	}
	for i := len(version1); i < len(b) && i < statusSign; i++ {
		if !statusOctet(i-len(version1), b[i]) {
			return protocols.No
		}
	}
	if len(b) < statusSign {
		return protocols.More
	}
	return protocols.Yes
}

func statusOctet(i int, c byte) bool {
	switch i {
	case 0:
		return c == '0' || c == '1'
	case 1:
		return c == ' '
	case 2:
		return c >= '1' && c <= '5'
	case 3, 4:
		return c >= '0' && c <= '9'
	}
	return c == ' ' || c == '\r' || c == '\n'
}

// methods are those of RFC 9110 section 9, PATCH (RFC 5789), and those of WebDAV
// that file shares of workstations use (RFC 4918).
var methods = [...]string{"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "PROPFIND", "MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK"}

// requestBegins judges a request line by its method, the form of its target, and
// the version behind it. One that is longer than a probe sees is told by the first
// two and by being text.
func requestBegins(b []byte) protocols.Verdict {
	best := protocols.No
	for _, m := range &methods {
		if v := protocols.Begins(b, m); v == protocols.More {
			best = protocols.More
		} else if v == protocols.Yes {
			best = max(best, targetBegins(b[len(m):], len(b) >= protocols.ProbeLimit, m == "CONNECT"))
		}
	}
	return best
}

func targetBegins(b []byte, full, authority bool) protocols.Verdict {
	if len(b) == 0 || len(b) == 1 && b[0] == ' ' {
		return protocols.More
	}
	if len(b) == 1 || b[0] != ' ' || !authority && b[1] != '/' && b[1] != '*' && protocols.Begins(b[1:], "http") == protocols.No {
		return protocols.No
	}
	end := bytes.IndexByte(b[1:], ' ')
	line := b[1:]
	if end >= 0 {
		line = b[1 : 1+end]
	}
	for _, c := range line {
		if c <= ' ' || c == 0x7f {
			return protocols.No
		}
	}
	switch {
	case end >= 0:
		return versionEnds(b[2+end:])
	case full && !authority:
		return protocols.Yes
	}
	return protocols.More
}

func versionEnds(b []byte) protocols.Verdict {
	v := protocols.Begins(b, version1)
	switch {
	case v != protocols.Yes:
		return v
	case len(b) < len(version1)+2:
		return protocols.More
	case b[len(version1)] != '0' && b[len(version1)] != '1' || b[len(version1)+1] != '\r' && b[len(version1)+1] != '\n':
		return protocols.No
	}
	return protocols.Yes
}

const (
	frameHeader  = 9 // RFC 9113 section 4.1
	maxSettings  = 32
	settingOctet = 6 // RFC 9113 section 6.5.1
)

// settings judges whether b begins with the frame that a server of HTTP/2 must
// send first: RFC 9113 section 3.4.
func settings(b []byte) protocols.Verdict {
	h := [frameHeader + 2]byte{}
	have := copy(h[:], b)
	length := int(h[1])<<8 | int(h[2])
	switch {
	case have == 0:
		return protocols.More
	case h[0] != 0, have >= 3 && (length%settingOctet != 0 || length > maxSettings*settingOctet):
		return protocols.No
	case have >= 4 && h[3] != frameSettings, h[4]|h[5]|h[6]|h[7]|h[8] != 0:
		return protocols.No
	case have < frameHeader, length > 0 && have < len(h):
		return protocols.More
	case length > 0 && (h[9] != 0 || h[10] == 0 || h[10] > 0x10):
		return protocols.No // RFC 9113 section 11.3: settings up to 0x10 are registered
	}
	return protocols.Yes
}

// within looks for a line that ends in a start line: a body before it need not end
// in a line of its own.
func within(b []byte) protocols.Verdict {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return protocols.More
		}
		if startLineIn(b[:i]) >= 0 {
			return protocols.Yes
		}
		b = b[i+1:]
	}
}

// startLineIn returns where in a line, without its line feed, a start line begins
// that ends it, or -1.
func startLineIn(line []byte) int {
	line = bytes.TrimSuffix(line, []byte("\r"))
	i := bytes.LastIndex(line, []byte(version1))
	switch {
	case i < 0:
		return -1
	case len(line)-i == len(version1)+1 && i > 0 && line[i-1] == ' ':
		return requestIn(line, i-1)
	case len(line)-i >= statusSign-1 && statusBegins(line[i:]) != protocols.No:
		return i
	}
	return -1
}

// requestIn returns where the request line begins whose target ends at end.
func requestIn(line []byte, end int) int {
	if v := line[len(line)-1]; v != '0' && v != '1' {
		return -1
	}
	target := bytes.LastIndexByte(line[:end], ' ')
	if target < 0 {
		return -1
	}
	for _, m := range &methods {
		at := target - len(m)
		if at >= 0 && string(line[at:target]) == m && (at == 0 || !letter(line[at-1])) &&
			targetBegins(line[target:], false, m == "CONNECT") == protocols.More {
			return at
		}
	}
	return -1
}

func letter(c byte) bool { return c >= 'A' && c <= 'Z' }
