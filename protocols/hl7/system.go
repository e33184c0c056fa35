package hl7

import "github.com/auscult/auscult/protocols"

// device returns the system that a path speaks of, a new one if need be, nil over
// the bound. A second row of its own is another system that was given the same
// number, unless both name themselves alike.
func (m *message) device(p path, structural bool, r reader) *device {
	root, name := structural && p.vmd == 0 && p.channel == 0, string(r.s.raw(18))
	for i := len(m.devices) - 1; i >= 0; i-- {
		d := m.devices[i]
		if d.mds != p.mds || d.group != m.group {
			continue
		}
		if m.belongs(d, root, name) {
			return d
		}
		// Rows that came before this one, below the same OBR, may be this one's.
		if d.further && d.order == m.order {
			return m.another(p, root, name, d)
		}
		break
	}
	return m.another(p, root, name, nil)
}

// belongs reports whether a row is of the system, and notes it there.
func (m *message) belongs(d *device, root bool, name string) bool {
	if root && d.rooted && (name == "" || d.root != name) {
		return false
	}
	if root && !d.rooted {
		d.rooted, d.root = true, name
	}
	if d.order != m.order {
		d.order, d.further = m.order, true
	}
	return true
}

// another begins a system. mixed is one whose rows may be the new one's, or nil.
func (m *message) another(p path, root bool, name string, mixed *device) *device {
	if len(m.devices) == maxDevices {
		m.overflow = true
		return nil
	}
	d := &device{mds: p.mds, group: m.group, location: m.location, rooted: root, order: m.order}
	if root {
		d.root = name
	}
	if mixed != nil {
		mixed.doubtful, d.doubtful = true, true
	}
	m.devices = append(m.devices, d)
	return d
}

// numbered takes the serial number of a system's production specification. A
// second, other number is another system whose own row is missing: which rows
// are whose cannot be told.
func (m *message) numbered(d *device, number string) *device {
	switch {
	case number == "" || d.number == number:
		return d
	case d.number == "":
		d.number = number
		return d
	}
	next := m.another(path{mds: d.mds}, false, "", d)
	if next == nil {
		return d
	}
	next.number, m.current = number, next
	return next
}

// tell finds out by what each system can be told from others. Of several with one
// number, of which one cannot be told, none has a use of its own.
func (m *message) tell() {
	m.settle()
	for _, d := range m.devices {
		if v := d.votes; d.key() == "" && v.raw != "" && !v.torn {
			d.addInstance(v.text, m.header, concept{}, "OBX-18")
		}
	}
	m.participate()
	for _, d := range m.devices {
		d.absorb()
		for _, other := range m.devices {
			if d != other && d.mds == other.mds && d.group == other.group && other.key() == "" {
				d.doubtful = true
			}
		}
	}
}

// absorb takes what the only module of a pump says for the pump's: makers write the
// model and the identifier of the whole below it. A module with a number of its own
// stays a part.
func (d *device) absorb() {
	if len(d.units) != 1 || !d.units[0].pump || !d.pump {
		return
	}
	u := d.units[0]
	if number := u.get(protocols.SerialNumber); number != "" && number != d.get(protocols.SerialNumber) {
		return
	}
	for _, f := range u.facts {
		if f.Attribute != protocols.DeviceType {
			d.add(f.Attribute, f.Value, f.Field, f.Confidence)
		}
	}
	u.facts = nil
}
