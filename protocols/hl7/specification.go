package hl7

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// specification notes a production specification at the level that it is of.
func (m *message) specification(d *device, p path, c concept, word string) {
	if c.term == termSerial && p.vmd == 0 {
		d = m.numbered(d, serial(word))
	}
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
		id.versions(word, name)
	case termSystemID:
		id.addEUI(euiOf(word), name, statedFact)
		id.add(protocols.DeviceUID, uuidOf(word), name, statedFact)
	case termLabel:
		id.add(protocols.DeviceLabel, word, name, instanceFact)
	case termBed:
		d.bed(word)
	case termAddress:
		d.address(c, word)
	case termLinkAddress: // a radio is of the whole, wherever its rows stand
		d.radio(name, word)
	}
}

// versions notes software: one version, or "Pump Firmware = 1.1, Wifi Firmware = 1.4".
func (id *identity) versions(word, name string) {
	if !strings.Contains(word, " = ") {
		id.add(protocols.SoftwareVersion, word, name, statedFact)
		return
	}
	for part := range strings.SplitSeq(word, ", ") {
		id.add(protocols.SoftwareVersion, strings.Replace(part, " = ", " ", 1), name, statedFact)
	}
}

// radio notes the link address of a device's radio.
func (d *device) radio(name, word string) {
	if mac, err := protocols.ParseMAC(word); err == nil && !mac.IsZero() && !mac.IsGroup() {
		d.add(protocols.HardwareAddress, mac.String(), name, instanceFact)
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
