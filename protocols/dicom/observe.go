package dicom

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// The confidence of statements: how sure it is that the value is true of the
// subject, given that the octets were read right.
const (
	// declared: a device's own data name its make, serial number or software.
	declared = 0.95
	// declaredName: names that people gave the device, kept in its configuration.
	declaredName = 0.9
	// declaredByPeople: what people typed about its place.
	declaredByPeople = 0.8
	// exercised: a role that was seen at work.
	exercised = 0.9
	// ownTitle: an AE title that its holder announces.
	ownTitle = 0.9
	// acceptedTitle: an AE title that its holder was called by, and answered to;
	// some acceptors answer to any.
	acceptedTitle = 0.85
	// toolkit: the software that speaks DICOM, which often is a part from another
	// maker.
	toolkit = 0.8
	// queriedName: the station that a worklist is asked for, by its own host.
	queriedName = 0.7
	// mentionedTitle: an AE title that somebody sends images to.
	mentionedTitle = 0.7
	// agreedRole: a role that both ends agreed on, and that was not seen at work.
	agreedRole = 0.7
	// proposed: a SOP class that a program knows. It need not be made for it.
	proposed = 0.6
	// repeatedTitle: an AE title from the reserved fields of an acceptance (PS3.8
	// table 9-17), where the request was not seen.
	repeatedTitle = 0.6
)

// spoken is what one direction has stated, so that a long association does not
// state it with every image.
type spoken struct {
	roles   []saidRole
	digests [maxDigests]saidDigest
	next    int // digest to replace
	machine machine
	request request
	asked   saidTitle // who asked for what is sent here
	pending pendingStep
	taken   takenItem
}

type saidRole struct {
	role protocols.Role
	at   time.Time
}

type saidTitle struct {
	title [16]byte
	at    time.Time
}

type saidDigest struct {
	digest uint64
	at     time.Time
}

// request is the last one of a direction: a response may leave out what it is an
// answer to.
type request struct {
	id     uint16
	class  sopClass
	origin origin
}

// observe hands on facts about a subject, as stated by the current segment.
func (s *session) observe(about protocols.Subject, facts []protocols.Fact, report *protocols.Report) {
	s.now.out.Observe(protocols.Observation{
		When: s.now.when, Speaker: s.now.from, Listener: s.now.to,
		About: about, Facts: facts, Report: report,
	})
}

func speaker() protocols.Subject { return protocols.Subject{Kind: protocols.AboutSpeaker} }

// associated states who the two ends are. It reports false for an acceptance
// that comes from the requestor.
func (s *session) associated(d protocols.Direction, a *associate) bool {
	known := &s.association
	if a.answer && known.requested && known.requestor == d {
		return false
	}
	s.introduce()
	var facts []protocols.Fact
	switch {
	case !a.answer:
		known.request(d, a)
		facts = addTitle(facts, known.calling, "A-ASSOCIATE-RQ calling AE title", ownTitle)
		if !known.answered {
			s.hold(append(facts, a.software()...))
			return true
		}
	case known.requested:
		known.answer(d, a)
		facts = addTitle(facts, known.called, "A-ASSOCIATE-RQ called AE title", acceptedTitle)
	default:
		known.answer(d, a)
		facts = addTitle(facts, known.called, "A-ASSOCIATE-AC called AE title", repeatedTitle)
		s.observe(protocols.Subject{Kind: protocols.AboutListener},
			addTitle(nil, known.calling, "A-ASSOCIATE-AC calling AE title", repeatedTitle), nil)
	}
	s.observe(speaker(), append(facts, a.software()...), nil)
	if a.answer {
		s.stateReversed(a.serves)
	}
	return true
}

// software states what one end says of the program that speaks for it.
func (a *associate) software() []protocols.Fact {
	var facts []protocols.Fact
	add := func(attribute protocols.Attribute, value, field string, confidence float64) {
		if value != "" {
			facts = append(facts, protocols.Fact{Attribute: attribute, Value: value, Field: field, Confidence: confidence})
		}
	}
	add(protocols.Implementation, a.class, "implementation class UID", toolkit)
	add(protocols.ImplVersion, a.version, "implementation version name", toolkit)
	for _, class := range a.private {
		add(protocols.PrivateClass, class, "abstract syntax", proposed)
	}
	add(protocols.Credential, credentialOf(a.identity), "user identity type", exercised)
	if a.answered {
		add(protocols.Credential, "user identity answered", "user identity server response", exercised)
	}
	return facts
}

// credentialOf names the kind of a user identity: PS3.7 table D.3-14. Whatever is
// read here was sent in clear. It is "" for none, and for a type that is reserved.
func credentialOf(kind byte) string {
	switch kind {
	case 1:
		return "user name in clear"
	case 2:
		return "user name and passcode in clear"
	case 3:
		return "Kerberos ticket in clear"
	case 4:
		return "SAML assertion in clear"
	case 5:
		return "JSON web token in clear"
	}
	return ""
}

// stateReversed states who serves whom where both ends agreed that the requestor
// does: an archive that calls a modality to tell what it has stored. Storage is left
// out: who fetches images by C-GET agrees to it as well, and serves nobody.
func (s *session) stateReversed(consented []uint32) {
	for _, class := range s.association.reversed(consented) {
		user, provider := serviceRoles(class)
		for _, end := range []struct {
			kind protocols.SubjectKind
			role protocols.Role
		}{{protocols.AboutListener, provider}, {protocols.AboutSpeaker, user}} {
			if end.role != "" {
				s.observe(protocols.Subject{Kind: end.kind}, []protocols.Fact{{Attribute: protocols.RoleOf, Value: string(end.role),
					Field: "role selection", Confidence: agreedRole}}, nil)
			}
		}
	}
}

func addTitle(facts []protocols.Fact, title, field string, confidence float64) []protocols.Fact {
	if title == "" {
		return facts
	}
	return append(facts, protocols.Fact{Attribute: protocols.AETitle, Value: title, Field: field, Confidence: confidence})
}

// acceptorSpoke takes a message from the acceptor for the acceptance that was
// not seen.
func (s *session) acceptorSpoke(d protocols.Direction) {
	a := &s.association
	if !a.requested || a.accepted || d == a.requestor {
		return
	}
	a.accepted = true
	s.observe(speaker(), addTitle(nil, a.called, "A-ASSOCIATE-RQ called AE title", acceptedTitle), nil)
}

// ownTitle is the AE title of the side that sends in d, "" when not known.
func (a *association) ownTitle(d protocols.Direction) string {
	switch {
	case !a.requested && !a.answered:
		return ""
	case d == a.requestor:
		return a.calling
	case a.accepted:
		return a.called
	}
	return ""
}

// acceptorSends reports whether d is known to come from the acceptor.
func (a *association) acceptorSends(d protocols.Direction) bool {
	return (a.requested || a.answered) && d != a.requestor
}

// stateRole states a role of the sender, once in a while.
func (s *session) stateRole(d protocols.Direction, role protocols.Role, field string) {
	if role == "" {
		return
	}
	said := &s.halves[d].spoken.roles
	i := 0
	for i < len(*said) && (*said)[i].role != role {
		i++
	}
	if i == len(*said) {
		*said = append(*said, saidRole{role: role})
	} else if s.now.when.Sub((*said)[i].at) < repeatAfter {
		return
	}
	(*said)[i].at = s.now.when
	s.observe(speaker(), []protocols.Fact{{Attribute: protocols.RoleOf, Value: string(role), Field: field, Confidence: exercised}}, nil)
}

// recently reports whether a data set of this digest was stated a moment ago,
// and remembers it.
func (p *spoken) recently(digest uint64, now time.Time) bool {
	for i := range p.digests {
		said := &p.digests[i]
		if said.digest != digest || said.at.IsZero() {
			continue
		}
		if now.Sub(said.at) < repeatAfter {
			return true
		}
		said.at = now
		return false
	}
	p.digests[p.next] = saidDigest{digest: digest, at: now}
	p.next = (p.next + 1) % maxDigests
	return false
}
