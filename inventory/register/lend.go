package register

import (
	"slices"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// statement is one thing that a record says of a device.
type statement struct {
	attribute protocols.Attribute
	column    string
	value     string
	field     *string   // of the device, nil where it is a list
	list      *[]string // of the device, nil where it is not
}

// typeAttribute is the attribute of evidence about a device's type.
const typeAttribute protocols.Attribute = "type"

// statements pairs what the record says with the device's fields.
func statements(d *inventory.Device, a inventory.Asset, kind string) []statement {
	serial := a.SerialNumber
	if a.SerialDefect != "" {
		serial = ""
	}
	list := []statement{
		{protocols.Manufacturer, "manufacturer", a.Manufacturer, &d.Manufacturer, nil},
		{protocols.Model, "model", a.Model, &d.Model, nil},
		{protocols.SerialNumber, "serial_number", serial, &d.SerialNumber, nil},
		{protocols.SoftwareVersion, "software", a.Software, nil, &d.SoftwareVersions},
		{typeAttribute, "description", kind, (*string)(&d.Type), nil},
	}
	if d.Presence == inventory.RegisterOnly {
		place := a.View(inventory.Match{}).Location
		list = append(list,
			statement{protocols.Location, "room", place, &d.Location, nil},
			statement{protocols.AETitle, "ae_title", a.AETitle, nil, &d.AETitles},
			statement{protocols.Hostname, "hostname", a.Hostname, nil, &d.Hostnames},
			statement{protocols.IPAddress, "ip", a.IP, nil, &d.IPs})
		for _, mac := range a.MACs {
			list = append(list, statement{protocols.HardwareAddress, "mac", mac, nil, &d.MACs})
		}
	}
	return list
}

// open reports whether the field is empty, so that the record may fill it.
func (s statement) open() bool {
	if s.list != nil {
		return len(*s.list) == 0
	}
	return *s.field == "" || s.attribute == typeAttribute && *s.field == string(inventory.UnknownType)
}

func (s statement) fill() {
	if s.list != nil {
		*s.list = append(*s.list, s.value)
		return
	}
	*s.field = s.value
}

// unfill takes a value off again that fill put there.
func (s statement) unfill() {
	switch {
	case s.list != nil:
		*s.list = without(*s.list, func(v string) bool { return v == s.value })
	case *s.field == s.value && s.attribute == typeAttribute:
		*s.field = string(inventory.UnknownType)
	case *s.field == s.value:
		*s.field = ""
	}
}

// lend puts the register's evidence on a device, and fills what the wire leaves
// empty. It never replaces what was heard: a device that says anything of an
// attribute keeps its own word, and the register's stands beside it as evidence.
// A field that is set without evidence is left alone, so that what was lent can
// always be told from what was heard.
func (r *Register) lend(d *inventory.Device, rec *record) {
	a := rec.asset
	kind := string(rec.kind)
	if rec.kind == inventory.UnknownType {
		kind = ""
	}
	list := without(statements(d, a, kind), func(s statement) bool {
		return s.value == "" || !s.open() && !hasEvidence(d.Evidence, s.attribute)
	})
	fills := without(list, func(s statement) bool { return hasEvidence(d.Evidence, s.attribute) })
	for _, s := range fills {
		s.fill()
	}
	for _, s := range list {
		d.Evidence = append(d.Evidence, inventory.Evidence{
			Attribute: string(s.attribute), Value: s.value, Protocol: registerProtocol, Field: s.column, Confidence: registerConfidence,
			FirstSeen: a.AsOf, LastSeen: a.AsOf, Count: 1,
		})
	}
	for _, s := range fills {
		switch {
		case s.attribute == protocols.Manufacturer && rec.makerKnown:
			d.ManufacturerCanonical = rec.maker
		case s.attribute == protocols.Model && rec.modelKnown:
			d.ModelCanonical = rec.model
		}
	}
}

func hasEvidence(list []inventory.Evidence, a protocols.Attribute) bool {
	return slices.ContainsFunc(list, func(e inventory.Evidence) bool { return e.Attribute == string(a) })
}

// reclaim takes back what lend put on a heard device: the values whose only
// evidence is the register's.
func reclaim(d *inventory.Device) {
	wire := without(d.Evidence, func(e inventory.Evidence) bool { return e.Protocol == registerProtocol })
	for _, e := range d.Evidence {
		a := protocols.Attribute(e.Attribute)
		if e.Protocol != registerProtocol || hasEvidence(wire, a) {
			continue
		}
		for _, s := range statements(d, inventory.Asset{Manufacturer: e.Value, Model: e.Value, SerialNumber: e.Value, Software: e.Value}, e.Value) {
			if s.attribute == a {
				s.unfill()
			}
		}
		switch a {
		case protocols.Manufacturer:
			d.ManufacturerCanonical = ""
		case protocols.Model:
			d.ModelCanonical = ""
		}
	}
	d.Evidence = wire
}
