package smb

import (
	"bytes"
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// Header fields of SMB 1 ([MS-CIFS] 2.2.3.1), and words of its messages ([MS-CIFS]
// 2.2.4.52 and 2.2.4.53, [MS-SMB] 2.2.4.5 and 2.2.4.6).
const (
	flagReply       = 0x80
	flagsUnicode    = 0x8000
	modeSigns       = 0x04
	modeSigning     = 0x08
	wordsNegotiated = 17
	wordsLanman     = 13
	wordsCore       = 1
	wordsSealed     = 12 // a request with a security blob
	wordsPlain      = 13 // a request with responses
	wordsAnswer     = 4
	wordsOldAnswer  = 3
	noDialect       = 0xffff
	actionGuest     = 1
	statusMore      = 0xc0000016 // STATUS_MORE_PROCESSING_REQUIRED
)

// message1 is a message of SMB 1.
type message1 struct {
	raw     []byte
	status  uint32
	reply   bool
	unicode bool
	words   []byte
	data    []byte
}

// parse1 reads the header and finds words and data.
func parse1(b []byte) (m message1, ok bool) {
	r := wire.NewReader(b)
	r.Skip(5)
	m.status = r.U32(binary.LittleEndian)
	m.reply = r.U8()&flagReply != 0
	m.unicode = r.U16(binary.LittleEndian)&flagsUnicode != 0
	r.Skip(header1 - 12)
	m.words = r.Bytes(2 * int(r.U8()))
	m.data = r.Bytes(int(r.U16(binary.LittleEndian)))
	m.raw = b
	return m, !r.Failed()
}

func (m *message1) word(at int) uint16 { return binary.LittleEndian.Uint16(m.words[2*at:]) }

// negotiate1 takes an offer of dialects, or the choice among them.
func (s *session) negotiate1(h *half, m *message1) bool {
	if !m.reply {
		s.observe(h, protocols.RoleSMBClient, fact(protocols.SMBDialect, oldestOffer(m.data), "SMB NEGOTIATE dialects", stackTells))
		return true
	}
	dialect, signing := "", ""
	switch {
	case m.status != 0 || len(m.words) >= 2 && m.word(0) == noDialect:
	case len(m.words) == 2*wordsNegotiated:
		dialect, signing = "1.0", signingOf(m.words[2]&modeSigns != 0, m.words[2]&modeSigning != 0)
	case len(m.words) == 2*wordsLanman || len(m.words) == 2*wordsCore:
		dialect = "lanman"
	default:
		return false
	}
	s.observe(h, protocols.RoleSMBServer, fact(protocols.SMBDialect, dialect, "SMB NEGOTIATE DialectIndex", exercised),
		fact(protocols.SMBSigning, signing, "SMB NEGOTIATE SecurityMode", exercised))
	return true
}

// oldestOffer is the best dialect of a client that does not offer SMB 2 as well.
func oldestOffer(data []byte) string {
	offer := ""
	for i := 0; len(data) > 0 && i < maxDialects; i++ {
		one, rest, _ := bytes.Cut(data, []byte{0})
		one = bytes.TrimPrefix(one, []byte{2})
		switch {
		case bytes.HasPrefix(one, []byte("SMB 2.")):
			return ""
		case string(one) == "NT LM 0.12":
			offer = "1.0"
		case offer == "":
			offer = "lanman"
		}
		data = rest
	}
	return offer
}

func signingOf(enabled, required bool) string {
	switch {
	case required:
		return "required"
	case enabled:
		return "enabled"
	}
	return "off"
}

// setup1 takes a session setup. It reports whether it can be one, and whether it is the
// last.
func (s *session) setup1(h *half, m *message1) (ok, last bool) {
	if !m.reply {
		return s.request1(h, m), false
	}
	if m.status != 0 && m.status != statusMore {
		s.observe(h, protocols.RoleSMBServer)
		return true, false
	}
	blob := 0
	switch len(m.words) {
	case 2 * wordsAnswer:
		blob = int(m.word(3))
	case 2 * wordsOldAnswer:
	default:
		return false, false
	}
	if blob > len(m.data) {
		return false, false
	}
	texts := m.texts(blob)
	facts := append(ntlm(m.data[:blob], s.now.from.MAC), native(texts.next(), texts.next())...)
	// What names the domain is a server's own only where no blob tells it better.
	if domain := texts.next(); blob == 0 {
		facts = append(facts, fact(protocols.Domain, protocols.DomainName(domain), "SMB SESSION_SETUP PrimaryDomain", stackTells))
	}
	if m.status == 0 && m.word(2)&actionGuest != 0 {
		facts = append(facts, fact(protocols.SMBSessions, "guest", "SMB SESSION_SETUP Action", exercised))
	}
	s.observe(h, protocols.RoleSMBServer, facts...)
	return true, m.status == 0
}

// request1 takes a client's session setup. The account and its domain are passed over.
func (s *session) request1(h *half, m *message1) bool {
	switch len(m.words) {
	case 2 * wordsSealed:
		blob := int(m.word(7))
		if blob > len(m.data) {
			return false
		}
		texts := m.texts(blob)
		s.observe(h, protocols.RoleSMBClient, append(ntlm(m.data[:blob], s.now.from.MAC), native(texts.next(), texts.next())...)...)
	case 2 * wordsPlain:
		responses := int(m.word(7)) + int(m.word(8))
		if responses > len(m.data) {
			return false
		}
		texts := m.texts(responses)
		texts.skip()
		texts.skip()
		s.observe(h, protocols.RoleSMBClient, native(texts.next(), texts.next())...)
	default:
		return false
	}
	return true
}

// texts are the strings at the end of a message.
type texts struct {
	b       []byte
	unicode bool
}

// texts begins behind so much of the data. Strings of two octets a character begin at
// an even place of the message.
func (m *message1) texts(behind int) texts {
	t := texts{b: m.data[behind:], unicode: m.unicode}
	if m.unicode && (len(m.raw)-len(t.b))%2 != 0 && len(t.b) > 0 {
		t.b = t.b[1:]
	}
	return t
}

// next returns the next string in ASCII, or nil for one that holds anything else or has
// no end. The bytes are a copy where the message has two for a character.
func (t *texts) next() []byte {
	raw, ok := t.raw()
	if !ok || !t.unicode {
		return raw
	}
	return narrow(raw)
}

// skip passes over a string without looking at it.
func (t *texts) skip() { t.raw() }

func (t *texts) raw() (raw []byte, ok bool) {
	width := 1
	if t.unicode {
		width = 2
	}
	for at := 0; at+width <= len(t.b); at += width {
		if t.b[at] == 0 && t.b[at+width-1] == 0 {
			raw, t.b = t.b[:at], t.b[at+width:]
			return raw, true
		}
	}
	t.b = nil
	return nil, false
}

// narrow takes ASCII out of UTF-16, or returns nil.
func narrow(b []byte) []byte {
	if len(b)%2 != 0 || len(b) > 2*protocols.MaxText {
		return nil
	}
	out := make([]byte, 0, len(b)/2)
	for i := 0; i < len(b); i += 2 {
		if b[i+1] != 0 || b[i] > '~' {
			return nil
		}
		out = append(out, b[i])
	}
	return out
}
