package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Confidences of header facts.
const (
	roleFact     = 0.9 // the message is of that kind
	senderName   = 0.7 // MSH-3, MSH-4: typed in by whoever set the interface up
	receiverName = 0.4 // MSH-5, MSH-6: what the sender calls the other side
	echoedName   = 0.4 // MSH-3 of an acknowledgement: receivers repeat what they were called
	relayedName  = 0.3 // MSH-3 of a sender that sends under several names
)

// sender is what one side of a conversation has shown of itself so far.
type sender struct {
	named       bool    // a header came
	application string  // of the first MSH-3
	eui         string  // of the same
	several     bool    // it sent under several: it passes messages on
	self        string  // key of the first device that it spoke of as itself
	described   string  // key of the first device that it described
	ward        bool    // it described several
	clocks      []clock // of the programs it sends for, at most maxClocks
}

// heard notes a header.
func (s *sender) heard(h header) {
	switch {
	case !s.named:
		s.named, s.application, s.eui = true, strings.Clone(h.application), strings.Clone(h.eui)
	case s.application != h.application || s.eui != h.eui:
		s.several = true
	}
}

// describes notes a device behind the sender.
func (s *sender) describes(key string) {
	if s.described == "" {
		s.described = key
	}
	s.ward = s.ward || s.described != key
}

// is notes a device that the sender seems to be, and reports whether it may be: a
// host is one device, so a second one unmasks a gateway.
func (s *sender) is(key string) bool {
	if s.several || s.ward || s.self != "" && s.self != key {
		s.ward = true
		return false
	}
	s.self = key
	return true
}

// statement collects what one message says of its sender, and hands everything
// on in a fixed order: sender, receiver, devices.
type statement struct {
	moment
	out     *protocols.Sink
	message *message
	sender  *sender
	whole   bool
	timing
	speaker identity
	later   []protocols.Observation
}

// state hands on what a whole message says.
func (s *session) state(d protocols.Direction, m *message, whole bool, out *protocols.Sink) {
	st := &statement{moment: s.last[d], out: out, message: m, sender: &s.senders[d], whole: whole}
	if m.header.kind == kindAck || m.header.kind == kindOther && m.acknowledges {
		st.acknowledgement()
		return
	}
	st.sender.heard(m.header)
	st.timing = st.sender.timed(m.header, st.when, s.zone)
	st.devices()
	st.instruments()
	st.introduce()
	st.receiver()
	for _, o := range st.later {
		out.Observe(o)
	}
}

func (st *statement) observation(about protocols.Subject, facts []protocols.Fact) protocols.Observation {
	return protocols.Observation{When: st.when, Speaker: st.from, Listener: st.to, About: about, Facts: facts}
}

func (st *statement) role(r protocols.Role, field string, confidence float64) {
	if st.speaker.facts == nil {
		st.speaker.facts = make([]protocols.Fact, 0, usualFacts)
	}
	st.speaker.facts = append(st.speaker.facts, protocols.Fact{
		Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence,
	})
}

// acknowledgement is about who sends it: a receiver.
func (st *statement) acknowledgement() {
	h := st.message.header
	st.role(protocols.RoleHL7Receiver, "MSA", roleFact)
	if r := h.part().sender; r != "" {
		st.role(r, "MSH-9", roleFact)
	}
	st.speaker.add(protocols.Application, h.application, "MSH-3", echoedName)
	st.out.Observe(st.observation(protocols.Subject{Kind: protocols.AboutSpeaker}, st.speaker.facts))
}

// introduce states who the sender is. One that sends under several names passes
// other programs' messages on: MSH-3 is not its own, and what they show is not
// shown of it.
func (st *statement) introduce() {
	m, h, name := st.message, st.message.header, senderName
	st.role(protocols.RoleHL7Sender, "MSH-9", roleFact)
	switch r := h.part().sender; {
	case st.sender.several:
		st.role(protocols.RoleHL7Relay, "MSH-3", looseFact)
	case r != "":
		st.role(r, "MSH-9", roleFact)
	}
	if m.acknowledges {
		st.role(protocols.RoleHL7Receiver, "MSA", roleFact)
	}
	if st.sender.several {
		name = relayedName
	} else {
		st.own(m, h)
	}
	st.speaker.add(protocols.Application, h.application, "MSH-3", name)
	if maker := makerAsFacility(h.facility); maker == "" {
		st.speaker.add(protocols.Institution, st.institution(), "MSH-4", name)
	} else if !st.sender.several {
		st.speaker.add(protocols.Manufacturer, maker, "MSH-4", guessedFact)
	}
	st.out.Observe(st.observation(protocols.Subject{Kind: protocols.AboutSpeaker}, st.speaker.facts))
}

// own adds what holds only for a sender of its own messages. Several SFT segments
// are the programs that the message went through, so versions count only in one.
func (st *statement) own(m *message, h header) {
	confidence := looseFact
	if ofMAC(h.eui, st.from.MAC) {
		confidence = statedFact
	}
	st.speaker.add(protocols.EUI64, h.eui, "MSH-3", confidence)
	st.gatewayNamed()
	if len(m.software) == 1 {
		st.speaker.add(protocols.SoftwareVersion, m.software[0].version, "SFT-2", senderName)
	}
	for _, s := range m.software {
		st.speaker.add(protocols.Application, s.product, "SFT-3", senderName)
	}
}

// institution is MSH-4, unless an analyser wrote its maker there.
func (st *statement) institution() string {
	for _, i := range st.message.instruments {
		if i.makerInHeader(st.message.header) {
			return ""
		}
	}
	return st.message.header.facility
}

// receiver states what the other side is by being sent this.
func (st *statement) receiver() {
	h := st.message.header
	id := identity{make([]protocols.Fact, 0, usualFacts/2)}
	id.facts = append(id.facts, protocols.Fact{
		Attribute: protocols.RoleOf, Value: string(protocols.RoleHL7Receiver), Field: "MSH-9", Confidence: looseFact,
	})
	if h.kind == kindResult && len(st.message.instruments) > 0 {
		id.facts = append(id.facts, protocols.Fact{
			Attribute: protocols.RoleOf, Value: string(protocols.RoleHL7ResultReceiver), Field: "MSH-9", Confidence: looseFact,
		})
	}
	if r := h.part().receiver; r != "" {
		id.facts = append(id.facts, protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: "MSH-9", Confidence: looseFact})
	}
	id.add(protocols.Application, h.receiver, "MSH-5", receiverName)
	id.add(protocols.Institution, h.receiverAt, "MSH-6", receiverName)
	st.out.Observe(st.observation(protocols.Subject{Kind: protocols.AboutListener}, id.facts))
}

// devices states each system of the containment tree.
func (st *statement) devices() {
	m := st.message
	whole := st.whole && !m.unread && (m.header.trigger == "R01" || m.header.trigger == "")
	m.tell()
	for _, d := range m.devices {
		st.selfNamed(d)
		key := d.key()
		if key == "" {
			if st.namesGateway() {
				st.once(protocols.RoleHL7DeviceGateway, "MSH-3", looseFact)
			}
			continue // nothing to tell the device by
		}
		d.add(protocols.Location, d.location, "PV1-3", senderName)
		about := protocols.Subject{Kind: protocols.AboutDescribed}
		if st.isSelf(d) && st.sender.is(key) {
			about.Kind = protocols.AboutSpeaker
			st.once(protocols.RoleHL7DeviceReporter, "OBX-18", roleFact)
		} else {
			st.sender.describes(key)
			st.once(protocols.RoleHL7DeviceGateway, "OBX-18", st.gatewayConfidence(d))
		}
		o := st.observation(about, d.facts)
		if st.now {
			o.Report = d.careful(st.dated(d.report(whole), d.age))
			if !d.doubtful {
				o.Facts = append(o.Facts, d.condition.facts...)
			}
		}
		st.later = append(st.later, o)
		st.parts(d, key)
	}
}

// parts states the modules that carry a number of their own.
func (st *statement) parts(d *device, whole string) {
	for _, u := range d.units {
		if key := u.key(); key != "" && key != whole && u.get(protocols.SerialNumber) != d.get(protocols.SerialNumber) {
			st.later = append(st.later, st.observation(protocols.Subject{Kind: protocols.AboutDescribed, Component: whole}, u.facts))
		}
	}
}

// isSelf reports whether a device speaks for itself: the sender has its EUI-64
// or its link address, or is named by its serial number. A device that is sent
// without any such sign is taken for one behind the sender.
func (st *statement) isSelf(d *device) bool {
	h, eui := st.message.header, d.get(protocols.EUI64)
	if number := d.get(protocols.SerialNumber); number != "" && strings.EqualFold(number, h.application) {
		return true
	}
	link := d.get(protocols.HardwareAddress)
	return eui != "" && eui == h.eui || ofMAC(eui, st.from.MAC) || link != "" && link == st.from.MAC.String()
}

// gatewayConfidence weighs the signs that the sender is a gateway: it says so by
// name, has another EUI-64 than the device, or has described several.
func (st *statement) gatewayConfidence(d *device) float64 {
	h := st.message.header
	other := h.eui != "" && d.get(protocols.EUI64) != h.eui
	if other || st.sender.ward || st.namesGateway() {
		return roleFact
	}
	return looseFact
}

// namesGateway reports whether the sender calls itself a gateway.
func (st *statement) namesGateway() bool {
	name := strings.ToUpper(st.message.header.application)
	return strings.Contains(name, "GATEWAY") || strings.HasSuffix(name, "GW")
}

// once adds a role, or raises its confidence.
func (st *statement) once(r protocols.Role, field string, confidence float64) {
	for i, f := range st.speaker.facts {
		if f.Value == string(r) {
			st.speaker.facts[i].Confidence = max(f.Confidence, confidence)
			return
		}
	}
	st.role(r, field, confidence)
}
