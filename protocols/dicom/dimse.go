package dicom

import (
	"bytes"
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
	case cFind, cGet, cCancel:
		return queryRoles(class)
	case nEventReport: // the provider reports: PS3.7 section 10.1.1
		provider, user = serviceRoles(class)
		return user, provider
	case nGet, nSet, nAction, nCreate, nDelete:
		return serviceRoles(class)
	}
	return "", ""
}

// queryRoles are by what is asked for. A C-CANCEL ends what its sender had asked.
func queryRoles(class sopClass) (user, provider protocols.Role) {
	switch class {
	case classWorklist:
		return protocols.RoleDICOMWorklistSCU, protocols.RoleDICOMWorklistSCP
	case classQuery:
		return protocols.RoleDICOMQuerySCU, protocols.RoleDICOMQuerySCP
	case classWorkitem:
		return protocols.RoleDICOMWorkitemSCU, protocols.RoleDICOMWorkitemSCP
	}
	return "", ""
}

func serviceRoles(class sopClass) (user, provider protocols.Role) {
	switch class {
	case classMPPS:
		return protocols.RoleDICOMMPPSSCU, protocols.RoleDICOMMPPSSCP
	case classCommitment:
		return protocols.RoleDICOMCommitSCU, protocols.RoleDICOMCommitSCP
	case classPrint, classPrinter:
		return protocols.RoleDICOMPrintSCU, protocols.RoleDICOMPrintSCP
	case classWorkitem:
		return protocols.RoleDICOMWorkitemSCU, protocols.RoleDICOMWorkitemSCP
	}
	return "", ""
}

// stateCommand states what a command says, and settles which data set is read.
// What comes behind a rejection, or on a context that was refused or never proposed,
// is no part of an association, and states nothing.
func (s *session) stateCommand(d protocols.Direction) protocols.Outcome {
	h := &s.halves[d]
	m := &h.message
	c := &m.command
	m.content = unread
	name := operationName(c.field)
	if name == "" {
		return protocols.Unsupported
	}
	if s.association.rejected || s.association.refuses(m.context) {
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
	if c.operation() != cCancel { // it names the request that it ends, and gets no answer of its own
		h.spoken.request = request{id: c.messageID, class: c.class, origin: s.originOf(d)}
	}
	s.stateRole(d, user, name)
	s.stateRequest(d)
	return protocols.Parsed
}

// completeClass takes the class of a response from the request that it answers, as
// some put another one there, and where none is named from the presentation context.
func (s *session) completeClass(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	asked := s.halves[d.Other()].spoken.request
	if c.response() && asked.id == c.messageID && asked.class != classUnknown {
		c.class = asked.class
	}
	if c.class == classUnknown {
		c.class = s.association.contexts[m.context>>1].class
	}
}

func (s *session) stateRequest(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	switch {
	case c.operation() == cStore:
		m.content = imageContent
		s.stateForwarding(d)
	case c.operation() == cFind && c.class == classWorklist:
		m.content = queryContent
	case c.operation() == cMove:
		s.stateTitle(title(c.destination[:]), "(0000,0600)")
	case c.operation() == nCreate && c.class == classMPPS:
		m.content = stepContent
	case c.operation() == nSet && c.class == classMPPS:
		m.content = stepEndContent
	case c.operation() == nAction && c.class == classWorkitem && c.action == changeState:
		m.content = workitemContent
	case c.operation() == nEventReport && c.class == classCommitment:
		m.content = commitContent
	}
}

// changeState is the N-ACTION type by which a workitem is taken in hand and ended:
// PS3.4 table CC.2-1.
const changeState = 1

func (s *session) stateAnswer(d protocols.Direction) {
	m := &s.halves[d].message
	c := &m.command
	switch {
	case c.operation() == nGet && c.class == classPrinter && c.performed():
		m.content = printerContent
	case c.operation() == cStore && c.performed():
		s.stateTaken(d)
	case c.operation() == nAction && c.class == classWorkitem:
		s.stateRefusedItem(d)
	case c.operation() == nCreate && c.class == classMPPS:
		s.stateNamedStep(d)
	}
}

// stateTitle states that somewhere there is a station of this title.
func (s *session) stateTitle(title, field string) {
	if title != "" {
		s.observe(protocols.Subject{Kind: protocols.AboutStation, Title: title}, addTitle(nil, title, field, mentionedTitle), nil)
	}
}

// stateKeeper states from where objects can be fetched that were committed to: the
// first title, where there are several.
func (s *session) stateKeeper(d protocols.Direction) {
	first, _, _ := bytes.Cut(s.halves[d].message.reader.value(at(tagRetrieveAE)), []byte(`\`))
	s.stateTitle(title(first), "(0008,0054)")
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
	case workitemContent:
		s.stateWorkitem(d)
	case commitContent:
		s.stateKeeper(d)
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
