package smb

import (
	"encoding/binary"
	"slices"

	"github.com/auscult/auscult/protocols"
)

// The confidence of statements, by the ladder of protocols/README.md.
const (
	exercised  = 0.9 // seen at work
	serverSays = 0.75
	clientSays = 0.6 // or for whom it connects
	versioned  = 0.6
	stackTells = 0.5
)

// read takes a whole message, and ends the direction with the last that is wanted.
func (s *session) read(h *half, b []byte) {
	ok, last := false, false
	if string(b[:len(mark1)]) == mark1 {
		if m, whole := parse1(b); whole && b[4] == negotiate1 {
			ok = s.negotiate1(h, &m)
		} else if whole {
			ok, last = s.setup1(h, &m)
		}
	} else if m, whole := parse2(b); whole && binary.LittleEndian.Uint16(b[12:]) == negotiate2 {
		ok = s.negotiate2(h, &m)
	} else if whole {
		ok, last = s.setup2(h, &m)
	}
	if !ok {
		s.now.out.Outcome(protocols.Malformed)
		h.end()
		return
	}
	s.now.out.Outcome(protocols.Parsed)
	if last {
		h.end()
	}
}

func fact(a protocols.Attribute, value, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
}

// observe hands on what the sender of the current segment is and tells, its role once.
func (s *session) observe(h *half, role protocols.Role, facts ...protocols.Fact) {
	if h.role != role {
		h.role = role
		facts = append([]protocols.Fact{fact(protocols.RoleOf, string(role), "SMB", exercised)}, facts...)
	}
	facts = slices.DeleteFunc(facts, func(f protocols.Fact) bool { return f.Value == "" })
	if len(facts) == 0 {
		return
	}
	s.now.out.Observe(protocols.Observation{
		When: s.now.when, Speaker: s.now.from, Listener: s.now.to, About: protocols.Subject{Kind: protocols.AboutSpeaker}, Facts: facts,
	})
}
