package hl7

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// maxParticipations bounds the devices that take part in the rows of one message: one
// for each system and each part of it, at most.
const maxParticipations = maxDevices + maxUnits

// participation is a device that PRT or DEV names below a row of a containment tree.
type participation struct {
	identity
	device *device // whose row stands before it
	unit   *unit   // its part, when the row spoke of one
}

// beside begins a participation in the last row, nil over the bound.
func (m *message) beside() *identity {
	if len(m.participations) == maxParticipations {
		m.overflow = true
		return nil
	}
	p := &participation{device: m.current, unit: m.unit}
	m.participations = append(m.participations, p)
	return &p.identity
}

// keys are the attributes that one device has one value of, the strongest first.
var keys = [...]protocols.Attribute{protocols.EUI64, protocols.SerialNumber, protocols.UDI, protocols.DeviceUID, protocols.DeviceLabel}

// agrees reports whether two identities share a key, and none speaks against it.
func (id *identity) agrees(other *identity) bool {
	shared := false
	for _, a := range keys {
		x, y := id.get(a), other.get(a)
		if x == "" || y == "" {
			continue
		}
		if !strings.EqualFold(x, y) {
			return false
		}
		shared = true
	}
	return shared
}

// participate gives to each system and each part what is said of it as a participant
// in its own rows, once all of its keys are known. What has another key, or none that
// the rows have, is another device, and what is said of it is not said of this one.
func (m *message) participate() {
	for _, p := range m.participations {
		switch {
		case p.unit != nil && p.unit.agrees(&p.identity):
			p.unit.takes(p.identity)
		case p.device.agrees(&p.identity) || m.onlyNames(p):
			p.device.takes(p.identity)
		}
	}
}

// onlyNames reports whether a UDI is all that tells a system which has no key of its
// own: of several participants nobody knows which one it is. Two systems with one UDI
// have none of the two their own use.
func (m *message) onlyNames(p *participation) bool {
	udi := p.get(protocols.UDI)
	if udi == "" || p.device.key() != "" || slices.ContainsFunc(m.participations, func(o *participation) bool { return o != p && o.device == p.device }) {
		return false
	}
	for _, d := range m.devices {
		if d.get(protocols.UDI) == udi {
			d.doubtful, p.device.doubtful = true, true
		}
	}
	return true
}

// takes adds the facts of another identity that is the same device's.
func (id *identity) takes(other identity) {
	for _, f := range other.facts {
		id.add(f.Attribute, f.Value, f.Field, f.Confidence)
	}
}

// gatewayNamed adds what a participant with the sender's own EUI-64 says: it is the
// gateway, and none of the devices whose rows it sends.
func (st *statement) gatewayNamed() {
	eui := st.message.header.eui
	of := func(d *device) bool { return d.get(protocols.EUI64) == eui }
	if eui == "" || slices.ContainsFunc(st.message.devices, of) {
		return
	}
	for _, p := range st.message.participations {
		if p.get(protocols.EUI64) == eui {
			st.speaker.takes(p.identity)
		}
	}
}
