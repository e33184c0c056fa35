package ssh

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the SSH dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.SSH }
func (dissector) Transport() protocols.Transport { return protocols.TCP }

func (dissector) Open(c protocols.Context) protocols.Session { return newSession(c) }

// Probe recognises an identification string at the beginning of either direction,
// a server's also behind other lines, and in a stream that was joined later the
// first key exchange message too. It never asks for a port. What follows the key
// exchange looks like noise and is not recognised.
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := identification(o.Bytes)
	switch {
	case v != protocols.No:
	case o.Midstream:
		v = exchange(o.Bytes)
	case o.Direction == protocols.FromAcceptor:
		v = behindLines(o.Bytes)
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

const magic = "SSH-"

// identification judges whether b begins with "SSH-", a version and what begins a
// software version: RFC 4253 sections 4.2 and 5.1.
func identification(b []byte) protocols.Verdict {
	for i := 0; i < len(magic); i++ {
		if i == len(b) {
			return protocols.More
		}
		if b[i] != magic[i] {
			return protocols.No
		}
	}
	for _, version := range [...]string{"2.0-", "1.99-", "1.5-", "1.3-"} {
		if v := begins(b[len(magic):], version); v != protocols.No {
			return v
		}
	}
	return protocols.No
}

// begins judges whether b begins with a text and a printable octet behind it.
func begins(b []byte, text string) protocols.Verdict {
	n := min(len(b), len(text))
	switch {
	case string(b[:n]) != text[:n]:
		return protocols.No
	case len(b) <= len(text):
		return protocols.More
	case !graphic(b[n]):
		return protocols.No
	}
	return protocols.Yes
}

// behindLines judges whether b is lines of text with an identification behind
// them. An HTTP answer is none: it is a proxy's, and who speaks behind it is not
// the host at this address.
func behindLines(b []byte) protocols.Verdict {
	const proxy = "HTTP/"
	if n := min(len(b), len(proxy)); string(b[:n]) == proxy[:n] && n == len(proxy) {
		return protocols.No
	}
	for i, c := range b {
		if !textual(c) {
			return protocols.No
		}
		if c != '\n' {
			continue
		}
		if v := identification(b[i+1:]); v != protocols.No {
			return v
		}
	}
	return protocols.More
}

const (
	packetHeader = 6 // length, padding length, message number: RFC 4253 section 6
	cookie       = 16
	// exchangeSign is how many octets tell a key exchange message: header, cookie,
	// the length of the first list, and the beginning of its first name.
	exchangeSign = packetHeader + cookie + 4 + 8
	// minPacket is ten empty lists behind a cookie, with one name of eight octets.
	minPacket = 1 + 1 + cookie + 10*4 + 8 + 1 + 4 + minPadding
	// minPadding: RFC 4253 section 6.
	minPadding = 4
	// messageKexInit is SSH_MSG_KEXINIT: RFC 4253 section 12.
	messageKexInit = 20
)

// exchange judges whether b begins with a key exchange message (RFC 4253 section
// 7.1) by lengths that agree and by a name in the first list.
func exchange(b []byte) protocols.Verdict {
	h := [exchangeSign]byte{}
	have := copy(h[:], b)
	length, list := binary.BigEndian.Uint32(h[:]), binary.BigEndian.Uint32(h[packetHeader+cookie:])
	switch {
	case have == 0:
		return protocols.More
	case h[0] != 0 || h[1] != 0:
		return protocols.No
	case have >= 4 && (length < minPacket || length > maxPacket):
		return protocols.No
	case have >= 5 && (h[4] < minPadding || uint32(h[4]) >= length):
		return protocols.No
	case have >= 6 && h[5] != messageKexInit:
		return protocols.No
	case have >= packetHeader+cookie+4 && (list < 8 || list > length-minPacket+8):
		return protocols.No
	}
	for i := packetHeader + cookie + 4; i < have; i++ {
		if !graphic(h[i]) {
			return protocols.No
		}
	}
	if have < exchangeSign {
		return protocols.More
	}
	return protocols.Yes
}

// graphic reports a printable US-ASCII octet that is not a space.
func graphic(c byte) bool { return c > ' ' && c < 0x7f }

// textual reports an octet that lines before an identification may have: UTF-8
// text (RFC 4253 section 4.2).
func textual(c byte) bool { return c >= ' ' && c != 0x7f || c == '\r' || c == '\n' || c == '\t' }
