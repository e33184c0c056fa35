package smb

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// The types of the session service (RFC 1002 section 4.3.1). A direct message over TCP
// has type 0 and a longer length ([MS-SMB2] 2.1).
const (
	frameMessage   = 0x00
	frameRequest   = 0x81
	framePositive  = 0x82
	frameNegative  = 0x83
	frameRetarget  = 0x84
	frameKeepalive = 0x85
	frameHeader    = 4
	maxRequest     = 0xff // of a session request: two names with scopes hardly ever
)

// The marks of a message, and the sizes of the headers of SMB 1 and 2.
const (
	mark1       = "\xffSMB"
	mark2       = "\xfeSMB"
	markSealed  = "\xfdSMB" // [MS-SMB2] 2.2.41
	markPacked  = "\xfcSMB" // [MS-SMB2] 2.2.42
	header1     = 32
	header2     = 64
	messageSign = 10 // a frame header, a mark, and the structure size of SMB 2
)

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the SMB dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

// Name implements protocols.Protocol.
func (dissector) Name() protocols.Name { return protocols.SMB }

// Transport implements protocols.Protocol.
func (dissector) Transport() protocols.Transport { return protocols.TCP }

// Open implements protocols.Protocol.
func (dissector) Open(c protocols.Context) protocols.Session { return newSession(c) }

// Probe answers by a frame header whose length can hold a message, and the message's
// mark, behind frames of the session service if there are any. In the middle of a stream
// only the beginning of a message is recognised.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := opening(o.Bytes)
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// opening judges the first frames of a direction.
func opening(b []byte) protocols.Verdict {
	for {
		length, v := frame(b)
		switch {
		case v != protocols.Yes:
			return v
		case b[0] == frameMessage:
			return message(b, length)
		case b[0] == frameRequest && len(b) > frameHeader && !netbiosName(b[frameHeader:]):
			return protocols.No
		case len(b) < frameHeader+length:
			return protocols.More
		case b[0] == frameRequest:
			return protocols.Yes
		}
		b = b[frameHeader+length:]
	}
}

// frame reads a frame header: its type decides how long it may be.
func frame(b []byte) (length int, v protocols.Verdict) {
	if len(b) > 0 && b[0] != frameMessage && (b[0] < frameRequest || b[0] > frameKeepalive) {
		return 0, protocols.No
	}
	if len(b) < frameHeader {
		return 0, protocols.More
	}
	length = int(binary.BigEndian.Uint32(b) & 0x00ffffff)
	fits := false
	switch b[0] {
	case frameMessage:
		fits = length >= header1
	case frameRequest:
		fits = length > 0 && length <= maxRequest
	case framePositive, frameKeepalive:
		fits = length == 0
	case frameNegative:
		fits = length == 1
	case frameRetarget:
		fits = length == 6
	}
	if !fits {
		return 0, protocols.No
	}
	return length, protocols.Yes
}

// message judges what is behind the header of a frame that carries a message.
func message(b []byte, length int) protocols.Verdict {
	said := b[frameHeader:]
	mark := string(said[:min(len(said), len(mark1))])
	fits := false
	for _, known := range [...]string{mark1, mark2, markSealed, markPacked} {
		fits = fits || mark == known[:len(mark)]
	}
	switch {
	case !fits:
		return protocols.No
	case len(b) < messageSign:
		return protocols.More
	case mark == mark2 && (length < header2 || binary.LittleEndian.Uint16(said[4:]) != header2):
		return protocols.No
	}
	return protocols.Yes
}

// netbiosName reports whether b can begin with an encoded NetBIOS name.
func netbiosName(b []byte) bool {
	for i, c := range b[:min(len(b), 1+32)] {
		if i == 0 && c != 32 || i > 0 && (c < 'A' || c > 'P') {
			return false
		}
	}
	return true
}
