package http

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// The confidence of statements.
const (
	// exercised: a role that was seen at work.
	exercised = 0.9
	// asked for: a role that somebody else took for granted.
	askedFor = 0.6
	// programTells: the product that a message names, which many devices share.
	programTells = 0.5
	// softwareStated: a CapabilityStatement is the server's own word.
	softwareStated = 0.8
	// titleInPath: an AE title in a path was typed in at the client, and answered to.
	titleInPath = 0.5
	// declared: an object says it of the machine that made it, as in its file;
	// declaredName: names that people gave the machine; declaredByPeople: what they
	// typed about its place.
	declared         = 0.95
	declaredName     = 0.9
	declaredByPeople = 0.8
	// posted: a record that a gateway sends of a device.
	posted = 0.65
	// recorded: a record that a server keeps of a device, some time old.
	recorded = 0.5
	// guessed: a version that does not say of what.
	guessed = 0.4
)

// said is what one side of a conversation has stated already.
type said struct {
	roles    []protocols.Fact
	products []string
	titles   []string
	machines *machines // that metadata told of
}

// maxSaid bounds the roles of one side: those of this room.
const maxSaid = 16

// maxNames bounds the products, and the AE titles, that are stated of one side of a
// conversation. A host has some programs, and an archive some titles; more come from
// somebody who passes on what others say, or who makes them up.
const maxNames = 8

// introduce states what the head of a message says of its sender and its
// receiver.
func (s *session) introduce(h *head, asked asked) {
	speaker, role, listener := s.now.direction, protocols.RoleHTTPServer, s.now.direction.Other()
	if h.request {
		role = protocols.RoleHTTPClient
	}
	s.role(speaker, protocols.AboutSpeaker, role, "start line", exercised)
	if h.request {
		s.request(h, asked, speaker, listener)
		s.product(speaker, h, h.agent, "User-Agent")
		return
	}
	if asked.proxied {
		h.passedOn = true // whose answer it is, is not known
	}
	s.product(speaker, h, h.server, "Server")
	if h.status < 200 || h.status > 299 {
		return
	}
	s.forwards(h, speaker)
	if asked.proxied {
		return
	}
	if fhirMedia(h.media) {
		s.role(speaker, protocols.AboutSpeaker, protocols.RoleFHIRServer, "Content-Type", exercised)
	}
	s.title(speaker, asked.title)
	server := asked.service.server()
	switch {
	case asked.service == storing:
		s.role(speaker, protocols.AboutSpeaker, server, "status", exercised)
	case !dicomMedia(h.media) && !dicomMedia(h.part):
		return
	case server == "":
		server = protocols.RoleDICOMwebServer
	}
	s.role(speaker, protocols.AboutSpeaker, server, "Content-Type", exercised)
}

// forwards states that the sender of objects did not make them: it keeps them and
// was asked for them, or it passes on what somebody sent. What such objects say of a
// machine is not about the sender.
func (s *session) forwards(h *head, speaker protocols.Direction) {
	if objects := h.media == dicomFile || h.part == dicomFile; !objects {
		return
	}
	switch {
	case !h.request:
		s.role(speaker, protocols.AboutSpeaker, protocols.RoleDICOMForwarder, "application/dicom in an answer", exercised)
	case h.passedOn:
		s.role(speaker, protocols.AboutSpeaker, protocols.RoleDICOMForwarder, "application/dicom behind a proxy", exercised)
	}
}

// request states the roles that a request shows.
func (s *session) request(h *head, asked asked, speaker, listener protocols.Direction) {
	if h.accepts.fhir || fhirMedia(h.media) {
		s.role(speaker, protocols.AboutSpeaker, protocols.RoleFHIRClient, "Accept", exercised)
		if !asked.proxied {
			s.role(listener, protocols.AboutListener, protocols.RoleFHIRServer, "Accept", askedFor)
		}
	}
	if asked.service == noService {
		return
	}
	s.forwards(h, speaker)
	s.role(speaker, protocols.AboutSpeaker, asked.service.client(), "request target", exercised)
	if !asked.proxied {
		s.role(listener, protocols.AboutListener, asked.service.server(), "request target", askedFor)
	}
}

// title states the AE title that a server was asked by, and has answered to. A client
// can write any into a path.
func (s *session) title(of protocols.Direction, title string) {
	side := &s.said[of]
	if title == "" || slices.Contains(side.titles, title) || len(side.titles) >= maxNames {
		return
	}
	side.titles = append(side.titles, title)
	s.observe(protocols.AboutSpeaker, protocols.Fact{
		Attribute: protocols.AETitle, Value: title, Field: "request target aets", Confidence: titleInPath,
	})
}

// role states a role of one side, once, and again when it is better known.
func (s *session) role(of protocols.Direction, about protocols.SubjectKind, r protocols.Role, field string, confidence float64) {
	f := protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence}
	side := &s.said[of]
	i := slices.IndexFunc(side.roles, func(known protocols.Fact) bool { return known.Value == f.Value })
	switch {
	case i >= 0 && side.roles[i].Confidence >= confidence:
		return
	case i >= 0:
		side.roles[i] = f
	case len(side.roles) < maxSaid:
		side.roles = append(side.roles, f)
	}
	s.observe(about, f)
}

// product states the program that a message names, unless somebody passed the
// message on: then it may be another host's.
func (s *session) product(of protocols.Direction, h *head, name, field string) {
	side := &s.said[of]
	if name == "" || h.passedOn || slices.Contains(side.products, name) || len(side.products) >= maxNames {
		return
	}
	side.products = append(side.products, name)
	s.observe(protocols.AboutSpeaker, protocols.Fact{
		Attribute: protocols.Application, Value: name, Field: field, Confidence: programTells,
	})
}

func (s *session) observe(about protocols.SubjectKind, facts ...protocols.Fact) {
	s.now.state(protocols.Subject{Kind: about}, facts, nil)
}

// state hands on what the current segment says.
func (t turn) state(about protocols.Subject, facts []protocols.Fact, report *protocols.Report) {
	t.out.Observe(protocols.Observation{
		When: t.when, Speaker: t.from, Listener: t.to, About: about, Facts: facts, Report: report,
	})
}
