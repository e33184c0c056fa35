package dicom

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// rememberedStep is the subject of a performed procedure step, for its end.
type rememberedStep struct {
	procedure procedure
	subject   protocols.Subject
}

// pendingStep is a performed procedure step that its server will name.
type pendingStep struct {
	open     bool
	id       uint16 // of the request
	subject  protocols.Subject
	status   stepStatus
	from, to protocols.Endpoint
}

// takenItem is a workitem whose state its performer has changed, until the server has
// answered.
type takenItem struct {
	id        uint16 // of the request
	procedure procedure
	from, to  protocols.Endpoint
}

// stepStatus is (0040,0252) of a performed procedure step or (0074,1000) of a
// workitem: PS3.3 sections C.4.14 and C.30.1.
type stepStatus uint8

const (
	stepUnknown stepStatus = iota
	stepInProgress
	stepOver // COMPLETED or DISCONTINUED; CANCELED of a workitem
)

// What reports come from, in the protocol's words.
const (
	stepSource     = "dicom MPPS (0040,0252)"
	workitemSource = "dicom UPS (0074,1000)"
)

// statusOf reads the status of a performed procedure step.
func statusOf(b []byte) stepStatus { return status(b, "DISCONTINUED") }

// stateOf reads the state of a workitem.
func stateOf(b []byte) stepStatus { return status(b, "CANCELED") }

// status tells a step that runs from one that is over: completed, or given up in the
// word of its kind. Any other word ends nothing.
func status(b []byte, givenUp string) stepStatus {
	switch strings.Trim(string(b), " \x00") {
	case "IN PROGRESS":
		return stepInProgress
	case "COMPLETED", givenUp:
		return stepOver
	}
	return stepUnknown
}

// report states that one examination runs or is over, and nothing of others.
func (p procedure) report(status stepStatus, source string) *protocols.Report {
	channel := protocols.Channel{Name: "procedure " + string(p[:]), State: protocols.InUse, Activity: protocols.Examination}
	valid := examinationValid
	if status == stepOver {
		channel.State, channel.Ended, valid = protocols.Idle, true, endedValid
	}
	return &protocols.Report{Channels: []protocols.Channel{channel}, Valid: valid, Source: source}
}

// stateStep states what an N-CREATE of a performed procedure step says: which
// station, and that it is busy.
func (s *session) stateStep(d protocols.Direction) {
	h := &s.halves[d]
	m := &h.message
	subject := speaker()
	station := title(m.reader.value(at(tagPerformedAE)))
	if station != "" && station != s.association.ownTitle(d) {
		subject = protocols.Subject{Kind: protocols.AboutStation, Title: station}
	}
	facts, status := m.reader.facts(), statusOf(m.reader.value(at(tagPerformedStatus)))
	h.spoken.pending = pendingStep{}
	switch {
	case status == stepUnknown:
		s.observe(subject, facts, nil)
	case m.command.procedure == (procedure{}):
		s.observe(subject, facts, nil)
		h.spoken.pending = pendingStep{open: true, id: m.command.messageID, subject: subject, status: status,
			from: s.now.from, to: s.now.to}
	default:
		s.remember(m.command.procedure, subject)
		s.observe(subject, facts, m.command.procedure.report(status, stepSource))
	}
}

// stateNamedStep completes a step of the other direction whose instance the
// server has named (PS3.7 section 10.1.5.1.4).
func (s *session) stateNamedStep(d protocols.Direction) {
	c := &s.halves[d].message.command
	pending := &s.halves[d.Other()].spoken.pending
	if !pending.open || pending.id != c.messageID {
		return
	}
	step := *pending
	*pending = pendingStep{}
	if c.procedure == (procedure{}) || !c.performed() {
		return
	}
	s.remember(c.procedure, step.subject)
	s.now.out.Observe(protocols.Observation{When: s.now.when, Speaker: step.from, Listener: step.to,
		About: step.subject, Report: c.procedure.report(step.status, stepSource)})
}

// stateStepEnd states what an N-SET of a performed procedure step says. It does
// not name the station: that is the one of the N-CREATE where this conversation
// had it, and the sender otherwise.
func (s *session) stateStepEnd(d protocols.Direction) {
	m := &s.halves[d].message
	status := statusOf(m.reader.value(at(tagPerformedStatus)))
	if status == stepUnknown || m.command.procedure == (procedure{}) {
		return
	}
	subject := speaker()
	for _, step := range s.procedures {
		if step.procedure == m.command.procedure {
			subject = step.subject
		}
	}
	s.observe(subject, nil, m.command.procedure.report(status, stepSource))
}

// stateWorkitem states what an N-ACTION says of a unified procedure step: who changes
// its state performs it (PS3.4 section CC.2.1). It takes a workitem in hand, or is
// done with it; that one is scheduled says nothing. No other element is read: what a
// workitem holds is a patient's treatment.
func (s *session) stateWorkitem(d protocols.Direction) {
	m := &s.halves[d].message
	status := stateOf(m.reader.value(at(tagWorkitemState)))
	if status == stepUnknown || m.command.procedure == (procedure{}) {
		return
	}
	s.halves[d].spoken.taken = takenItem{id: m.command.messageID, procedure: m.command.procedure, from: s.now.from, to: s.now.to}
	s.observe(speaker(), nil, m.command.procedure.report(status, workitemSource))
}

// stateRefusedItem takes back what a workitem's performer said of it, where the server
// did not consent: whether it works on it is not known then, which counts as in use.
func (s *session) stateRefusedItem(d protocols.Direction) {
	c, taken := &s.halves[d].message.command, &s.halves[d.Other()].spoken.taken
	item := *taken
	if item.procedure == (procedure{}) || item.id != c.messageID {
		return
	}
	*taken = takenItem{}
	if c.performed() {
		return
	}
	report := item.procedure.report(stepInProgress, workitemSource)
	report.Channels[0].State = protocols.UnknownUse
	s.now.out.Observe(protocols.Observation{When: s.now.when, Speaker: item.from, Listener: item.to, About: speaker(), Report: report})
}

func (s *session) remember(p procedure, subject protocols.Subject) {
	for i := range s.procedures {
		if s.procedures[i].procedure == p {
			s.procedures[i].subject = subject
			return
		}
	}
	s.procedures[s.steps%maxProcedures] = rememberedStep{procedure: p, subject: subject}
	s.steps++
}
