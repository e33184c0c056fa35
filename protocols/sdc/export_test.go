package sdc

import "github.com/auscult/auscult/protocols"

// Bounds for the tests of them.
const (
	MaxElements = maxElements
	MaxText     = maxText
	MaxBody     = maxBody
	MaxMatches  = maxMatches
	MaxUnit     = maxUnit
)

// KeptBytes is how much a session holds of what it read.
func KeptBytes(p protocols.Session) int {
	switch s := p.(type) {
	case *datagrams:
		return s.envelope.kept()
	case *body:
		return s.envelope.kept()
	case *association:
		return cap(s.halves[0].unit) + cap(s.halves[1].unit)
	}
	return 0
}

func (e *envelope) kept() int {
	m := &e.xml
	return cap(m.names) + cap(m.text) + cap(m.arena) + cap(m.value) + cap(m.name) + cap(m.entity) + cap(m.mark)
}
