package astm

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// fronted is an instrument that an unknown sender's results name by a name and
// a number, as middleware does.
type fronted struct {
	name, number string
	layout       *layout // of the family that the name is of, or nil
}

// fronted reads the instruments that the results of an unknown sender name. What has no
// name and number of its own may be anything, and is passed over.
func (s *session) fronted(st *statement) (all []fronted) {
	if st.layout != nil || len(st.parts) == 0 {
		return nil
	}
	m := st.message
	for i := range m.used {
		parts := m.components(&m.instrument[i])
		f := fronted{name: part(parts, 1), number: part(parts, 2)}
		if !strings.ContainsFunc(f.name, letter) || !counts(f.number) {
			continue
		}
		if l := s.layoutOf(parts); l != nil && l.at == 1 {
			f.layout = l
		}
		st.sender.sendsFor(f.name+"^"+f.number, f.layout != nil)
		all = append(all, f)
	}
	return all
}

func letter(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }

// counts reports whether a text can number an instrument of a laboratory, which may do
// with one digit.
func counts(s string) bool {
	return len(s) <= maxNumber && strings.ContainsAny(s, "0123456789") &&
		!strings.ContainsFunc(s, func(r rune) bool { return !letter(r) && (r < '0' || r > '9') && r != '-' })
}

// behind states the instruments that a relay sends for. The number is the relay's own:
// it may be the serial number, or the place on the bench.
func (st *statement) behind(named []fronted) {
	if !st.sender.fronts {
		return
	}
	for _, f := range named {
		var id identity
		if f.layout != nil {
			id.add(protocols.Manufacturer, f.layout.maker, "R-14", st.believed(looseFact))
		}
		id.add(protocols.Model, f.name, "R-14", st.believed(looseFact))
		id.add(protocols.DeviceLabel, f.name+" "+f.number, "R-14", st.believed(productFact))
		id.add(protocols.DeviceType, instrumentType, "R-14", st.believed(roleFact))
		st.observe(protocols.Subject{Kind: protocols.AboutDescribed}, id.facts, st.report())
	}
}
