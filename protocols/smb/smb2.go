package smb

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/wire"
)

// Fields of SMB 2: [MS-SMB2] 2.2.1.2, 2.2.3 to 2.2.6.
const (
	flagFromServer    = 1
	sizeNegotiate     = 36
	sizeNegotiated    = 65
	sizeSetup         = 25
	sizeSetupAnswer   = 9
	modeEnabled       = 1
	modeRequired      = 2
	sessionGuest      = 1
	sessionNull       = 2
	dialectToBeChosen = 0x02ff
)

// message2 is a message of SMB 2 or 3.
type message2 struct {
	raw    []byte
	status uint32
	reply  bool
	size   uint16 // of the structure behind the header
	body   wire.Reader
}

func parse2(b []byte) (m message2, ok bool) {
	r := wire.NewReader(b)
	r.Skip(8)
	m.status = r.U32(binary.LittleEndian)
	r.Skip(4)
	m.reply = r.U32(binary.LittleEndian)&flagFromServer != 0
	r.Skip(header2 - 20)
	m.size = r.U16(binary.LittleEndian)
	m.raw, m.body = b, r
	return m, !r.Failed()
}

// dialects are the revisions of SMB 2 and 3 ([MS-SMB2] 2.2.3), in their order.
var dialects = [...]struct {
	revision uint16
	name     string
}{{0x0202, "2.0.2"}, {0x0210, "2.1"}, {0x0300, "3.0"}, {0x0302, "3.0.2"}, {0x0311, "3.1.1"}}

// rankOf is the place of a revision among those that are known, or -1.
func rankOf(revision uint16) int {
	for i, d := range dialects {
		if d.revision == revision {
			return i
		}
	}
	return -1
}

func dialectName(rank int) string {
	if rank < 0 {
		return ""
	}
	return dialects[rank].name
}

// negotiate2 takes an offer of dialects, or the choice among them.
func (s *session) negotiate2(h *half, m *message2) bool {
	switch {
	case !m.reply:
		best, ok := m.bestOffer()
		if ok {
			s.observe(h, protocols.RoleSMBClient, fact(protocols.SMBDialect, dialectName(best), "SMB2 NEGOTIATE Dialects", stackTells))
		}
		return ok
	case m.status != 0:
		s.observe(h, protocols.RoleSMBServer)
		return true
	case m.size != sizeNegotiated:
		return false
	}
	mode, revision := m.body.U16(binary.LittleEndian), m.body.U16(binary.LittleEndian)
	m.body.Skip(sizeNegotiated - 1 - 6) // with the server's GUID, which is no key
	if m.body.Failed() {
		return false
	}
	rank := rankOf(revision)
	if rank < 0 && revision != dialectToBeChosen {
		return false
	}
	s.observe(h, protocols.RoleSMBServer, fact(protocols.SMBDialect, dialectName(rank), "SMB2 NEGOTIATE DialectRevision", exercised),
		fact(protocols.SMBSigning, signingOf(mode&modeEnabled != 0, mode&modeRequired != 0), "SMB2 NEGOTIATE SecurityMode", exercised))
	return true
}

// bestOffer is the rank of the newest dialect that a client offers.
func (m *message2) bestOffer() (best int, ok bool) {
	count := int(m.body.U16(binary.LittleEndian))
	m.body.Skip(sizeNegotiate - 4)
	if m.size != sizeNegotiate || count == 0 || count > maxDialects {
		return -1, false
	}
	best = -1
	for range count {
		best = max(best, rankOf(m.body.U16(binary.LittleEndian)))
	}
	return best, !m.body.Failed()
}

// setup2 takes a session setup. It reports whether it can be one, and whether it is the
// last.
func (s *session) setup2(h *half, m *message2) (ok, last bool) {
	if m.reply && m.status != 0 && m.status != statusMore {
		s.observe(h, protocols.RoleSMBServer)
		return true, false
	}
	want, role := uint16(sizeSetup), protocols.RoleSMBClient
	if m.reply {
		want, role = sizeSetupAnswer, protocols.RoleSMBServer
	}
	var flags uint16
	if m.reply {
		flags = m.body.U16(binary.LittleEndian)
	} else {
		m.body.Skip(10) // flags, mode, capabilities, channel
	}
	at, n := int(m.body.U16(binary.LittleEndian)), int(m.body.U16(binary.LittleEndian))
	if m.size != want || m.body.Failed() || n > 0 && (at < header2 || at+n > len(m.raw)) {
		return false, false
	}
	var facts []protocols.Fact
	if n > 0 {
		facts = ntlm(m.raw[at:at+n], s.now.from.MAC)
	}
	if m.reply && m.status == 0 {
		facts = append(facts, fact(protocols.SMBSessions, without(flags), "SMB2 SESSION_SETUP SessionFlags", exercised))
	}
	s.observe(h, role, facts...)
	return true, m.reply && m.status == 0
}

// without says who was let in without an account, or "".
func without(flags uint16) string {
	switch {
	case flags&sessionGuest != 0:
		return "guest"
	case flags&sessionNull != 0:
		return "anonymous"
	}
	return ""
}
