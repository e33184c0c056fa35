package dicom

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// roles are what a request says of its sender, and a response of its own: PS3.4
// by service class. Either may be "".
func roles(operation uint16, class sopClass) (user, provider protocols.Role) {
	switch operation {
	case cEcho:
		return protocols.RoleDICOMVerifySCU, ""
	case cStore:
		return protocols.RoleDICOMStoreSCU, protocols.RoleDICOMStoreSCP
	case cMove:
		return protocols.RoleDICOMMoveSCU, protocols.RoleDICOMMoveSCP
	case cFind, cGet:
		switch class {
		case classWorklist:
			return protocols.RoleDICOMWorklistSCU, protocols.RoleDICOMWorklistSCP
		case classQuery:
			return protocols.RoleDICOMQuerySCU, protocols.RoleDICOMQuerySCP
		}
		return "", ""
	case nEventReport: // the provider reports: PS3.7 section 10.1.1
		provider, user = serviceRoles(class)
		return user, provider
	case nGet, nSet, nAction, nCreate, nDelete:
		return serviceRoles(class)
	}
	return "", ""
}

func serviceRoles(class sopClass) (user, provider protocols.Role) {
	switch class {
	case classMPPS:
		return protocols.RoleDICOMMPPSSCU, protocols.RoleDICOMMPPSSCP
	case classCommitment:
		return protocols.RoleDICOMCommitSCU, protocols.RoleDICOMCommitSCP
	case classPrint:
		return protocols.RoleDICOMPrintSCU, protocols.RoleDICOMPrintSCP
	}
	return "", ""
}

// stateCommand states what a command says, and settles which data set is read.
// What comes behind a rejection is no part of an association, and states nothing.
func (s *session) stateCommand(d protocols.Direction) protocols.Outcome {
	h := &s.halves[d]
	m := &h.message
	c := &m.command
	m.content = unread
	name := operationName(c.field)
	if name == "" {
		return protocols.Unsupported
	}
	if s.association.rejected {
		return protocols.Malformed
	}
	s.acceptorSpoke(d)
	s.completeClass(d)
	user, provider := roles(c.operation(), c.class)
	if c.response() {
		if c.performed() {
			s.stateRole(d, provider, name)
		}
		s.stateAnswer(d)
		return protocols.Parsed
	}
	h.spoken.request = request{id: c.messageID, class: c.class}
	s.stateRole(d, user, name)
	s.stateRequest(d)
	return protocols.Parsed
}

// completeClass takes the class of a message that does not name one from its
// presentation context, or from the request that it answers.
func (s *session) completeClass(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	if c.class == classUnknown {
		c.class = s.association.contexts[m.context>>1].class
	}
	asked := s.halves[d.Other()].spoken.request
	if c.class == classUnknown && c.response() && asked.id == c.messageID {
		c.class = asked.class
	}
}

func (s *session) stateRequest(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	switch {
	case c.operation() == cStore:
		m.content = imageContent
		if c.originator {
			s.stateRole(d, protocols.RoleDICOMForwarder, "(0000,1030)")
		} else if s.association.acceptorSends(d) {
			s.stateRole(d, protocols.RoleDICOMForwarder, "C-STORE-RQ of a C-GET")
		}
	case c.operation() == cFind && c.class == classWorklist:
		m.content = queryContent
	case c.operation() == cMove:
		s.stateDestination(title(c.destination[:]))
	case c.operation() == nCreate && c.class == classMPPS:
		m.content = stepContent
	case c.operation() == nSet && c.class == classMPPS:
		m.content = stepEndContent
	}
}

func (s *session) stateAnswer(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	switch {
	case c.operation() == nGet && c.class == classPrint && c.performed():
		m.content = printerContent
	case c.operation() == nCreate && c.class == classMPPS:
		s.stateNamedStep(d)
	}
}

// stateDestination states that somewhere there is a station of this title.
func (s *session) stateDestination(title string) {
	if title != "" {
		s.observe(protocols.Subject{Kind: protocols.AboutStation, Title: title},
			addTitle(nil, title, "(0000,0600)", mentionedTitle), nil)
	}
}

// stateData states what the data set says, of which all that is wanted was read.
func (s *session) stateData(d protocols.Direction) {
	m := &s.halves[d].message
	switch m.content {
	case imageContent:
		s.stateImage(d)
	case stepContent:
		s.stateStep(d)
	case stepEndContent:
		s.stateStepEnd(d)
	case queryContent:
		s.stateQuery(d)
	case printerContent:
		s.observe(speaker(), m.reader.facts(), nil)
	}
}

// stateQuery states the station that a worklist is asked for, when the host asks
// for itself: others ask for many stations, or for all.
func (s *session) stateQuery(d protocols.Direction) {
	r := &s.halves[d].message.reader
	own := s.association.ownTitle(d)
	if own == "" || title(r.value(in(tagScheduledStep, tagScheduledAE))) != own {
		return
	}
	facts := addTitle(nil, own, "(0040,0100)/(0040,0001)", queriedName)
	for _, from := range []source{
		{in(tagScheduledStep, tagModality), "(0040,0100)/(0008,0060)", protocols.Modality, code, queriedName},
		{in(tagScheduledStep, tagScheduledStation), "(0040,0100)/(0040,0010)", protocols.StationName, text, queriedName},
	} {
		for _, f := range r.stated(&from, decoderOf(r.value(at(tagCharacterSet)))) {
			if !strings.ContainsAny(f.Value, "*?") { // wildcards: PS3.4 section C.2.2.2.4
				facts = append(facts, f)
			}
		}
	}
	s.observe(speaker(), facts, nil)
}
