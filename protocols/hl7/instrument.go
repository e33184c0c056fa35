package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// maxInstruments bounds the instruments of one message: a laboratory line has
// about a dozen.
const maxInstruments = 16

// instrument is a laboratory device that results or equipment messages name.
type instrument struct {
	identity
	name   string // the identifier as sent, by which rows are told apart
	named  bool   // the sender named itself in the header
	state  protocols.UseState
	stated bool // state came from EQU-3
	alarm  protocols.Alarm
	result bool // a row or the header says that it has measured
}

// instrument returns the one with that identifier, a new one if need be, nil for
// an empty identifier and over the bound.
func (m *message) instrument(name []byte) *instrument {
	if len(name) == 0 {
		return nil
	}
	for _, i := range m.instruments {
		if i.name == string(name) {
			return i
		}
	}
	if len(m.instruments) == maxInstruments {
		m.overflow = true
		return nil
	}
	i := &instrument{name: string(name)}
	m.instruments = append(m.instruments, i)
	return i
}

// result reads an OBX that is no row of a containment tree: only which
// instrument measured it.
func (m *message) result(r reader) {
	if !r.inPlace() {
		return
	}
	if i := m.instrument(r.s.raw(18)); i != nil {
		i.result = true
		i.addInstance(r.text(18).first(), m.header, concept{}, "OBX-18")
	}
}

// selfNamed recognises the analysers that put maker and model into MSH-3 and
// MSH-4, by their repeating both in OBR-4.
func (m *message) selfNamed() {
	h := m.header
	if len(m.instruments) > 0 || h.application == "" || h.facility == "" || m.service != [2]string{h.application, h.facility} {
		return
	}
	i := m.instrument([]byte("MSH"))
	i.named, i.result = true, true
	i.add(protocols.Manufacturer, h.application, "MSH-3", looseFact)
	i.add(protocols.Model, h.facility, "MSH-4", looseFact)
}

// isSender reports whether the instrument speaks for itself: the sender is named
// after it, has its EUI-64, or sends as the analyser of the laboratory analytical
// workflow (IHE PaLM TF-1: the actor of LAB-29 is the analyser itself).
func (i *instrument) isSender(h header, speaker protocols.MAC) bool {
	eui := i.get(protocols.EUI64)
	return i.named || eui != "" && eui == h.eui || ofMAC(eui, speaker) ||
		related(i.get(protocols.Model), h.application) ||
		h.application != "" && strings.EqualFold(i.get(protocols.SerialNumber), h.application) ||
		h.profiled("LAB-29")
}

// makerInHeader reads MSH-4 as the maker, as analysers do that write their model
// into MSH-3; a facility would be the receiver's too.
func (i *instrument) makerInHeader(h header) bool {
	if i.named {
		return true
	}
	if !related(i.get(protocols.Model), h.application) || h.facility == h.receiverAt {
		return false
	}
	i.add(protocols.Manufacturer, h.facility, "MSH-4", guessedFact)
	return i.get(protocols.Manufacturer) == h.facility
}

// report says that the instrument works: it has just measured, or says so; nil for one
// that is only named.
func (i *instrument) report() *protocols.Report {
	if !i.stated && !i.result {
		return nil
	}
	c := protocols.Channel{State: protocols.InUse, Activity: protocols.Analysing}
	r := &protocols.Report{Complete: true, Valid: resultValid, Source: "hl7 OBX"}
	if i.stated {
		r.Source = "hl7 EQU-3"
		if c.State = i.state; c.State != protocols.InUse {
			c.Activity = ""
		}
	}
	r.Channels = []protocols.Channel{c}
	return r
}

// instruments states what a laboratory message says, if it describes no
// containment tree.
func (st *statement) instruments() {
	m := st.message
	if len(m.devices) > 0 || m.header.kind != kindResult && m.header.kind != kindEquipment {
		m.instruments = nil
		return
	}
	m.selfNamed()
	for _, i := range m.instruments {
		about := protocols.Subject{Kind: protocols.AboutDescribed}
		switch key := i.key(); {
		case len(m.instruments) == 1 && i.isSender(m.header, st.from.MAC) && st.sender.is(key):
			about.Kind = protocols.AboutSpeaker
			i.makerInHeader(m.header)
			st.once(ownRole(m.header.kind), "MSH-9", roleFact)
		case key == "":
			continue
		default:
			st.sender.describes(key)
			st.once(protocols.RoleHL7DeviceGateway, "OBX-18", looseFact)
		}
		o := st.observation(about, i.facts)
		if st.now {
			i.add(protocols.AlarmOf, string(i.alarm), "EQU-3", statedFact)
			o.Facts, o.Report = i.facts, st.dated(i.report(), 0)
		}
		st.later = append(st.later, o)
	}
}

// ownRole is what an instrument is that speaks for itself.
func ownRole(k kind) protocols.Role {
	if k == kindEquipment {
		return protocols.RoleHL7DeviceReporter
	}
	return protocols.RoleHL7ResultSender
}
