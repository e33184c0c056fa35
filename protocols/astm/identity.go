package astm

import "github.com/auscult/auscult/protocols"

// identity is what a message says of one device. Its facts are bounded by the
// attributes that can be added.
type identity struct{ facts []protocols.Fact }

func (id *identity) add(a protocols.Attribute, value, field string, confidence float64) {
	if value == "" {
		return
	}
	if id.facts == nil {
		id.facts = make([]protocols.Fact, 0, 8)
	}
	id.facts = append(id.facts, protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence})
}

func (id *identity) role(r protocols.Role, field string, confidence float64) {
	id.add(protocols.RoleOf, string(r), field, confidence)
}

// get returns the value of an attribute, or "".
func (id *identity) get(a protocols.Attribute) string {
	for _, f := range id.facts {
		if f.Attribute == a {
			return f.Value
		}
	}
	return ""
}

// read takes the components of a name apart by a layout. believed weighs each
// fact.
func (id *identity) read(l *layout, parts []string, field string, believed func(float64) float64) {
	model, serial := part(parts, l.model), protocols.SerialText(part(parts, l.serial))
	confidence := productFact
	switch {
	case l.borrowed:
		confidence = looseFact
	case model != "" && serial != "":
		confidence = statedFact
	}
	confidence = believed(confidence)
	if l.maker != "" {
		id.add(protocols.Manufacturer, l.maker, field, min(believed(tableFact), confidence))
	}
	id.add(protocols.Manufacturer, part(parts, l.brand), field, confidence)
	id.add(protocols.Model, model, field, confidence)
	id.add(protocols.SerialNumber, serial, field, confidence)
	id.add(protocols.SoftwareVersion, versionOf(part(parts, l.software)), field, confidence)
	id.add(protocols.Institution, part(parts, l.institution), field, min(confidence, echoedFact))
	id.add(protocols.DeviceType, instrumentType, field, min(confidence, roleFact))
}
