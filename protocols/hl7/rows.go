package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// value reads a row with a value: an identity, a state, or a measurement of
// which only the existence counts.
func (m *message) value(d *device, p path, c concept, r reader) {
	if c.term == termNone {
		numeric := r.text(2).component(1) == "NM" && len(r.s.raw(5)) > 0
		d.measures = d.measures || numeric
		m.event(d, p, r)
		return
	}
	word := valueWord(r)
	if word == "" {
		return
	}
	if c.term < termInfusing {
		m.specification(d, p, c, word)
		return
	}
	if c.term == termLibraryName || c.term == termLibraryVersion {
		d.library(c, word)
		return
	}
	m.pumpValue(d, p, c, r)
}

// event reads the value of an event row (IHE PCD-10): that a delivery began or
// stopped.
func (m *message) event(d *device, p path, r reader) {
	const prefix = "MDC_EVT_PUMP_DELIV_"
	name := r.text(5).component(2)
	if !strings.HasPrefix(name, prefix) {
		return
	}
	d.pump = true
	if ch := m.channel(d, p); ch != nil {
		ch.said |= pumpWord(normal(name))
		d.tells("MDC_EVT_PUMP_DELIV")
	}
}

// tells notes the row that a report comes from: the first.
func (d *device) tells(row string) {
	if d.source == "" {
		d.source = row
	}
}

// pumpValue reads what a pump says of a channel, of a module or of itself.
func (m *message) pumpValue(d *device, p path, c concept, r reader) {
	d.pump = d.pump || c.term < termLibraryName
	ch := m.channel(d, p)
	if ch == nil {
		return
	}
	word := valueWord(r)
	switch c.term {
	case termFlowNow:
		ch.flowNow = display(word, r.text(6))
		ch.flowing = strings.Trim(word, "0.+- ") != "" && !strings.HasPrefix(word, "-")
	case termFlowSet:
		ch.flowSet = display(word, r.text(6))
	case termDrugLabel:
		ch.label = word
	case termDrugType:
		ch.kind = word
	default:
		d.status(ch, c, r)
	}
}

// status adds what all repetitions of OBX-5 say.
func (d *device) status(ch *channel, c concept, r reader) {
	for _, t := range r.text(5).repetitions() {
		if word := coded(t); word != "" {
			ch.said |= statusOf(c.term, word)
		}
	}
	if ch.said != 0 {
		d.tells(c.entry.name)
	}
}

// valueWord reads OBX-5 as one text: the text of a coded value, else the value.
func valueWord(r reader) string {
	first := r.text(5).repetitions()[0]
	switch r.text(2).component(1) {
	case "CWE", "CNE", "CE", "CF":
		return coded(first)
	}
	if v := first.component(1); v != "" {
		return v
	}
	return first.component(2)
}

// coded reads a coded element: its text, else its code.
func coded(t text) string {
	if v := t.component(2); v != "" {
		return v
	}
	return t.component(1)
}

// specification notes a production specification at the level that it is of.
func (m *message) specification(d *device, p path, c concept, word string) {
	id := &d.identity
	if p.vmd > 0 {
		u := m.part(d, p.vmd)
		if u == nil {
			return
		}
		m.unit, id = u, &u.identity
	}
	name := c.entry.name
	switch c.term {
	case termModel:
		id.add(protocols.Model, word, name, instanceFact)
	case termModelNumber:
		id.add(protocols.Model, word, name, statedFact)
	case termMaker:
		id.add(protocols.Manufacturer, word, name, statedFact)
	case termSerial:
		id.add(protocols.SerialNumber, serial(word), name, statedFact)
	case termHardware:
		id.add(protocols.HardwareVersion, word, name, statedFact)
	case termSoftware, termFirmware:
		id.add(protocols.SoftwareVersion, word, name, statedFact)
	case termSystemID:
		id.add(protocols.EUI64, euiOf(word), name, statedFact)
		id.add(protocols.DeviceUID, uuidOf(word), name, statedFact)
	case termLabel:
		id.add(protocols.DeviceLabel, word, name, instanceFact)
	case termBed:
		d.bed(word)
	case termLinkAddress:
		if mac, err := protocols.ParseMAC(word); err == nil && !mac.IsZero() && !mac.IsGroup() {
			id.add(protocols.HardwareAddress, mac.String(), name, instanceFact)
		}
	}
}

// bed notes the bed label, if the visit does not say where the device stands.
func (d *device) bed(label string) {
	if d.location == "" {
		d.add(protocols.Location, label, "MDC_ATTR_ID_BED_LABEL", looseFact)
	}
}

// library notes the drug library; its version follows its name.
func (d *device) library(c concept, word string) {
	for i, f := range d.facts {
		if f.Attribute != protocols.DrugLibrary {
			continue
		}
		if c.term == termLibraryVersion {
			word = f.Value + " " + word
		} else {
			word += " " + f.Value
		}
		d.facts[i].Value = word
		return
	}
	d.add(protocols.DrugLibrary, word, c.entry.name, statedFact)
}
