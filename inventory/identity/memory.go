package identity

import (
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// maxRemembered bounds each of the answers that are kept: a hospital has some
// thousand different makers, models and classes, and the rest asks again.
const maxRemembered = 1 << 14

// memory remembers what the knowledge base answered, which never changes: the
// same few names are looked up for every statement. It belongs to one goroutine,
// as the ledger does.
type memory struct {
	inventory.Knowledge
	makers  map[string]answer
	models  map[[2]string]answer
	implied map[question][]inventory.Implied
	folded  map[string]string
	tuples  map[tuple]tuple // by what was written
}

type answer struct {
	name  string
	known bool
}

type question struct {
	attribute protocols.Attribute
	value     string
}

// Manufacturer implements inventory.Lexicon.
func (m *memory) Manufacturer(name string) (string, bool) {
	a, ok := m.makers[name]
	if !ok {
		a.name, a.known = m.Knowledge.Manufacturer(name)
		m.makers = remember(m.makers, name, a)
	}
	return a.name, a.known
}

// Model implements inventory.Lexicon.
func (m *memory) Model(manufacturer, model string) (string, bool) {
	k := [2]string{manufacturer, model}
	a, ok := m.models[k]
	if !ok {
		a.name, a.known = m.Knowledge.Model(manufacturer, model)
		m.models = remember(m.models, k, a)
	}
	return a.name, a.known
}

// Implies implements inventory.Knowledge. Callers do not change what it returns.
func (m *memory) Implies(a protocols.Attribute, value string) []inventory.Implied {
	k := question{a, value}
	out, ok := m.implied[k]
	if !ok {
		out = m.Knowledge.Implies(a, value)
		m.implied = remember(m.implied, k, out)
	}
	return out
}

// fold remembers how names are folded that are not written so.
func (m *memory) fold(s string) string {
	if plain(s) {
		return s
	}
	out, ok := m.folded[s]
	if !ok {
		out = fold(s)
		m.folded = remember(m.folded, s, out)
	}
	return out
}

// plain reports text that folding does not change.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 'A' && c <= 'Z' || c > '~' {
			return false
		}
	}
	return true
}

// remember keeps an answer, and forgets all when there are too many.
func remember[K comparable, V any](in map[K]V, k K, v V) map[K]V {
	if in == nil || len(in) >= maxRemembered {
		in = map[K]V{}
	}
	in[k] = v
	return in
}
