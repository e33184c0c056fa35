package tls

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// Content types: RFC 8446 section 5.1; heartbeat: RFC 6520 section 3.
const (
	contentChangeCipher = 20
	contentAlert        = 21
	contentHandshake    = 22
	contentApplication  = 23
	contentHeartbeat    = 24
)

// recordHeader is content type, version and length: RFC 8446 section 5.1.
const recordHeader = 5

const (
	messageHeader = 4 // of a handshake message: RFC 8446 section 4
	fixedHello    = 2 + 32 + 1
	maxSessionID  = 32 // RFC 5246 section 7.4.1.2
	// minHello is a ServerHello without a session and without extensions.
	minHello = fixedHello + 3
	// helloSign is how many octets of a hello tell it: its header, its fixed part,
	// the longest session and what follows.
	helloSign = messageHeader + fixedHello + maxSessionID + 3
	alertSign = recordHeader + alertLength
)

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the TLS dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.TLS }
func (dissector) Transport() protocols.Transport { return protocols.TCP }

func (dissector) Open(c protocols.Context) protocols.Session { return newSession(c) }

// Probe recognises a hello or a refusal at the beginning of either direction, and
// in a stream that was joined later a hello or three records in a row. It never
// asks for a port. Bulk data joined in the middle is not recognised: its records
// are longer than what a probe sees.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	full := len(o.Bytes) >= protocols.ProbeLimit
	v := beginning(o.Bytes)
	if v == protocols.No && o.Midstream {
		if _, v = findRecord(o.Bytes, full); v == protocols.No {
			v = protocols.More // a record may still begin
		}
	}
	if v == protocols.More && full {
		return protocols.No
	}
	return v
}

// beginning judges the first octets of a direction.
func beginning(b []byte) protocols.Verdict {
	switch {
	case len(b) == 0:
		return protocols.More
	case b[0] == contentHandshake:
		return hello(b)
	case b[0] == contentAlert:
		return refusal(b)
	case b[0]&0x80 != 0:
		return oldHello(b)
	}
	return protocols.No
}

// hello judges whether b begins with a ClientHello or a ServerHello, which may be
// cut into any number of records.
func hello(b []byte) protocols.Verdict {
	var gathered [helloSign]byte
	have := 0
	for {
		kind, length, v := header(b)
		if v != protocols.Yes {
			return v
		}
		if kind != contentHandshake || length > maxPlain {
			return protocols.No
		}
		b = b[recordHeader:]
		have += copy(gathered[have:], b[:min(length, len(b))])
		if v := helloMessage(gathered[:have]); v != protocols.More || len(b) < length {
			return v
		}
		b = b[length:]
	}
}

// header judges whether b begins with a record header, and reads it.
func header(b []byte) (kind byte, length int, v protocols.Verdict) {
	switch {
	case len(b) == 0:
		return 0, 0, protocols.More
	case b[0] < contentChangeCipher || b[0] > contentHeartbeat:
		return 0, 0, protocols.No
	case len(b) > 1 && b[1] != 3 || len(b) > 2 && b[2] > 4:
		return 0, 0, protocols.No
	case len(b) < recordHeader:
		return 0, 0, protocols.More
	}
	kind, length = b[0], int(binary.BigEndian.Uint16(b[3:]))
	if length > maxRecord || length == 0 && kind != contentApplication {
		return 0, 0, protocols.No
	}
	return kind, length, protocols.Yes
}

// helloMessage judges a handshake message by type, length, version, and the
// lengths inside that have to agree.
func helloMessage(b []byte) protocols.Verdict {
	have := len(b)
	if have == 0 {
		return protocols.More
	}
	if b[0] != typeClientHello && b[0] != typeServerHello {
		return protocols.No
	}
	if have < messageHeader {
		return protocols.More
	}
	length := int(uint24(b[1:]))
	switch {
	case length < minHello || length > maxHello:
		return protocols.No
	case have > 4 && b[4] != 3 || have > 5 && b[5] > 4:
		return protocols.No
	case have < messageHeader+fixedHello:
		return protocols.More
	}
	return afterSession(b, length)
}

// afterSession judges what follows the session identifier of a hello of a length.
func afterSession(b []byte, length int) protocols.Verdict {
	session := int(b[messageHeader+fixedHello-1])
	if session > maxSessionID || fixedHello+session+3 > length {
		return protocols.No
	}
	rest := b[messageHeader+fixedHello:]
	if len(rest) < session+3 {
		return protocols.More
	}
	rest = rest[session:]
	fits := rest[2] <= 1 // a ServerHello's compression: none, or RFC 3749
	if b[0] == typeClientHello {
		suites := int(binary.BigEndian.Uint16(rest))
		fits = suites >= 2 && suites%2 == 0 && fixedHello+session+2+suites+2 <= length
	}
	if !fits {
		return protocols.No
	}
	return protocols.Yes
}

// refusal judges whether b is an alert in clear: what a server says first that
// does not like what it was offered.
func refusal(b []byte) protocols.Verdict {
	_, length, v := header(b)
	switch {
	case v != protocols.Yes:
		return v
	case length != alertLength:
		return protocols.No
	case len(b) > recordHeader && b[recordHeader] != alertWarning && b[recordHeader] != alertFatal:
		return protocols.No
	case len(b) < alertSign:
		return protocols.More
	case !knownAlert(b[recordHeader+1]):
		return protocols.No
	}
	return protocols.Yes
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }
