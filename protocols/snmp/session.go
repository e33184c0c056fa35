package snmp

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// session reads the datagrams of one conversation. It remembers, within bounds, what of
// a table arrives in several of them; each statement is about the sender of the datagram
// that completed it. What one end said never mixes with what the other did.
type session struct {
	ends [2]agent
}

// Segment states what one datagram says.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	m, outcome := parse(seg.Bytes)
	out.Outcome(outcome)
	if outcome != protocols.Parsed && outcome != protocols.LimitReached {
		return 0
	}
	facts := m.roles()
	if m.op == 0 || m.ofItself(seg.From) {
		facts = append(facts, m.identity()...)
	}
	if !m.ofItself(seg.From) {
		observe(seg, out, facts)
		return 0
	}
	a := &s.ends[seg.Direction&1]
	a.read(m.objects, seg.From)
	observe(seg, out, append(facts, a.system...))
	a.system = nil
	a.product(seg, out)
	return 0
}

// Gap and Close have nothing to do: each datagram stands alone.
func (*session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

func (*session) Close(*protocols.Sink) {}

// ofItself reports whether the sender speaks of itself: it answers without refusing, or
// notifies, and nothing shows that the words are another's.
func (m *message) ofItself(from protocols.Endpoint) bool {
	switch m.op {
	case opResponse:
		return !m.failed && !m.foreign && !m.confirms()
	case opTrap, opInform:
		return !m.foreign && !m.passedOn(from)
	case opTrapV1:
		return !m.sent.IsValid() || m.sent.IsUnspecified() || m.sent == from.Addr.Unmap()
	case opReport:
		return !m.foreign
	}
	return false
}

// confirms reports whether an answer confirms a notification: then it has the
// notification's objects, of which the second is snmpTrapOID.0 (RFC 3416 section 4.2.6
// and 4.2.7).
func (m *message) confirms() bool {
	list := ber{b: m.objects}
	_, _, _, _ = varbind(&list)
	name, _, _, ok := varbind(&list)
	return ok && bytes.Equal(name, trapOID)
}

// passedOn reports whether a notification names another agent than its sender.
func (m *message) passedOn(from protocols.Endpoint) bool {
	other := false
	m.each(func(name []byte, tag byte, value []byte) {
		if bytes.Equal(name, trapAddress) && tag == tagIPAddress {
			other = other || !bytes.Equal(value, from.Addr.Unmap().AsSlice())
		}
	})
	return other
}

// each shows the objects of a message.
func (m *message) each(show func(name []byte, tag byte, value []byte)) {
	list := ber{b: m.objects}
	for range maxVarbinds {
		name, tag, value, ok := varbind(&list)
		if !ok {
			return
		}
		show(name, tag, value)
	}
}
