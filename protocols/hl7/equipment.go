package hl7

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// equipment reads EQU (HL7 2.9, section 13.4.1): one instrument about itself.
func (m *message) equipment(r reader) {
	i := m.instrument(r.s.raw(1))
	if i == nil {
		return
	}
	code := strings.ToUpper(r.text(3).component(1))
	i.addInstance(r.text(1).first(), m.header, concept{}, "EQU-1")
	i.state, i.stated, i.alarm = equipmentState(code), true, equipmentAlarm(code)
	if stampOf(r.text(2).component(1)).olderThan(m.header.stamp, resultValid) {
		if i.alarm = ""; i.state != protocols.InUse {
			i.state = protocols.UnknownUse // what it was then
		}
	}
}

// equipmentAlarm is what a state of HL7 table 0365 says is wrong with an instrument.
func equipmentAlarm(code string) protocols.Alarm {
	switch code {
	case "ES":
		return protocols.EmergencyStop
	case "FL":
		return protocols.Malfunction
	}
	return ""
}

// participant reads PRT (HL7 2.7, section 7.4.4): a device named beside a row or
// an order, with its unique device identifier. Below a row it may be any device that
// has a part in it: the one that the row is of, or a gateway, the same for all pumps
// of a ward.
func (m *message) participant(r reader) {
	id := m.named(r, 10, 20, 16)
	if id == nil {
		return
	}
	m.participates, m.before = id, slices.Clone(id.facts)
	for _, n := range [...]int{10, 16} {
		t := r.text(n)
		if udi := t.component(1); isUDI(udi) {
			id.addUDI(udi, fieldName("PRT", n))
		} else if n == 10 && t.s != "" {
			id.addInstance(t.first(), m.header, concept{}, "PRT-10")
		}
	}
	id.add(protocols.SerialNumber, serial(r.text(20).component(1)), "PRT-20", statedFact)
}

// deviceSegment reads DEV (HL7 2.9, section 17.8.1): a device, that of the
// participation before it or one of its own. An implant is a patient's, and nothing
// of it is kept; nor is one that is told to be gone.
func (m *message) deviceSegment(r reader) {
	if len(r.s.raw(17)) > 0 || r.text(1).component(1) == "D" {
		if m.participates != nil {
			m.participates.facts = m.before
		}
		return
	}
	id := m.participates
	if id == nil {
		if id = m.named(r, 2, 11, 9); id == nil {
			return
		}
	}
	m.participates = nil
	for _, n := range [...]int{2, 9} {
		t := r.text(n)
		if udi := t.component(1); isUDI(udi) {
			id.addUDI(udi, fieldName("DEV", n))
		} else if n == 2 && t.s != "" {
			id.addInstance(t.first(), m.header, concept{}, "DEV-2")
		}
	}
	id.add(protocols.Manufacturer, r.text(5).component(1), "DEV-5", statedFact)
	id.add(protocols.Model, r.text(7).component(1), "DEV-7", statedFact)
	id.add(protocols.Model, r.text(6).component(1), "DEV-6", looseFact)
	id.add(protocols.PartNumber, r.text(8).component(1), "DEV-8", statedFact)
	id.add(protocols.SerialNumber, serial(r.text(11).component(1)), "DEV-11", statedFact)
	id.add(protocols.SoftwareVersion, r.text(16).component(1), "DEV-16", statedFact)
}

// named finds whom a segment is about: a device that takes part in the last row, or
// else an instrument, by the first of its fields that names one.
func (m *message) named(r reader, fields ...int) *identity {
	var name []byte
	for _, n := range fields {
		if name = r.s.raw(n); len(name) > 0 {
			break
		}
	}
	switch {
	case len(name) == 0:
		return nil
	case m.current != nil:
		return m.beside()
	}
	if i := m.instrument(name); i != nil {
		return &i.identity
	}
	return nil
}
