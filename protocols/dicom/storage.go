package dicom

import "github.com/auscult/auscult/protocols"

// origin is on whose word an object was sent.
type origin uint8

const (
	originUnknown origin = iota
	originSender         // the sender's own: nobody asked, or somebody else did
	originTaker          // the one who takes it
)

// stateForwarding states that the sender of an object passes on what others made, and
// who asked it to.
func (s *session) stateForwarding(d protocols.Direction) {
	h := &s.halves[d]
	c := &h.message.command
	asked := title(c.originator[:])
	switch {
	case c.originator != [16]byte{}:
		s.stateRole(d, protocols.RoleDICOMForwarder, "(0000,1030)")
	case s.association.acceptorSends(d):
		s.stateRole(d, protocols.RoleDICOMForwarder, "C-STORE-RQ of a C-GET")
	}
	said := &h.spoken.asked
	if asked == "" || said.title == c.originator && s.now.when.Sub(said.at) < repeatAfter {
		return
	}
	*said = saidTitle{title: c.originator, at: s.now.when}
	facts := addTitle(nil, asked, "(0000,1030)", mentionedTitle)
	facts = append(facts, protocols.Fact{Attribute: protocols.RoleOf, Value: string(protocols.RoleDICOMMoveSCU), Field: "(0000,1030)", Confidence: mentionedTitle})
	s.observe(protocols.Subject{Kind: protocols.AboutStation, Title: asked}, facts, nil)
}

// originOf tells on whose word an object is sent: the taker's own C-MOVE names it as
// the originator, and its C-GET is answered on its own association. Who leaves the
// originator of a C-MOVE out, against PS3.7 section 9.3.1.1, seems to send unasked.
func (s *session) originOf(d protocols.Direction) origin {
	a, c := &s.association, &s.halves[d].message.command
	taker := a.called
	switch {
	case c.operation() != cStore || !a.requested && !a.answered:
		return originUnknown
	case a.acceptorSends(d):
		return originTaker
	case c.originator == [16]byte{}:
		return originSender
	}
	switch asked := title(c.originator[:]); {
	case asked == "" || taker == "":
		return originUnknown
	case asked == taker:
		return originTaker
	}
	return originSender
}

// stateTaken states whether who took an object had asked for it: a workstation has,
// an archive or a router has not.
func (s *session) stateTaken(d protocols.Direction) {
	asked := s.halves[d.Other()].spoken.request
	if asked.id != s.halves[d].message.command.messageID {
		return
	}
	switch asked.origin {
	case originTaker:
		s.stateRole(d, protocols.RoleDICOMFetcher, "C-STORE-RSP to what it asked for")
	case originSender:
		s.stateRole(d, protocols.RoleDICOMReceiver, "C-STORE-RSP to what it did not ask for")
	}
}
