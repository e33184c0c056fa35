package astm

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// layout says what the components of a sender (H-5) mean, for one family of
// instruments. Components count from 1; 0 is none.
type layout struct {
	at     int      // the component by which the family is told
	names  []string // its values, without case
	prefix bool     // each is the beginning of the value only

	maker       string // "" where the sender says it itself
	brand       int
	model       int
	serial      int
	software    int
	institution int
	// Components of a result's instrument: the serial numbers of the instrument
	// that measured, which the sender is while it names no other, and of an instrument
	// that is a module of it.
	instrument int
	module     int
	// borrowed: other instruments of the maker send under this name.
	borrowed bool

	example string // a sender as published
	source  string // where
}

// layouts returns the families that are known. A row needs a sender as published:
// the order of components follows no rule.
func layouts() []layout {
	return []layout{
		{at: 1, names: []string{"Afinion 2 Analyzer"}, maker: "Abbott", model: 1, serial: 3,
			example: "Afinion 2 Analyzer^^AF20052397", source: "senaite.astm, abbott_afinion2.txt"},
		{at: 1, names: []string{"ARCHITECT"}, maker: "Abbott", model: 1, software: 2, serial: 3, module: 1,
			example: "ARCHITECT^1.00^123456789^H1P1O1R1C1Q1L1", source: "senaite.astm, abbott_architect.txt"},
		{at: 3, names: []string{"c111"}, brand: 2, model: 3, software: 4, serial: 6,
			example: "SENAITE^Roche^c111^4.2.2.1730^1^13147", source: "senaite.astm, cobas_c111.txt"},
		{at: 1, names: []string{"c311"}, maker: "Roche", model: 1,
			example: "c311^1", source: "senaite.astm, cobas_c311.txt"},
		{at: 1, names: []string{"H7600"}, maker: "Roche", model: 1, borrowed: true,
			example: "H7600^1", source: "senaite.astm, hitachi_7600.py"},
		{at: 1, names: []string{"cobas u 411"}, maker: "Roche", model: 1, serial: 2, software: 3,
			example: "cobas u 411^8^3.2.0.1001^Int", source: "a public test message of the instrument"},
		{at: 1, names: []string{"URISYS1100"}, maker: "Roche", model: 1, serial: 2, software: 3,
			example: "URISYS1100^99305^SW5.31^INT", source: "a public test message of the instrument"},
		{at: 1, names: []string{"DCA VANTAGE"}, maker: "Siemens Healthineers", model: 1, software: 2, serial: 3,
			example: "DCA VANTAGE^04.04.00.00^S067337", source: "senaite.astm, dca_vantage.txt"},
		{at: 2, names: []string{"GeneXpert"}, maker: "Cepheid", institution: 1, model: 2, software: 3, instrument: 2,
			example: ".806149 Happy Hospital^GeneXpert^4.8", source: "senaite.astm, genexpert.txt; Cepheid 302-2261 rev. E"},
		{at: 1, names: []string{"XN-"}, prefix: true, maker: "Sysmex", model: 1, software: 2, serial: 3,
			example: "    XN-550^00-24^22723^^^^BD634545", source: "senaite.astm, sysmex_xn550.txt; Sysmex XN-L host interface rev. 6"},
		{at: 1, names: []string{"CS-"}, prefix: true, maker: "Sysmex", model: 1, software: 2, serial: 3,
			example: "CS-2500^01-70^21768^^^Rezus^BV981798", source: "a public driver's test message"},
		{at: 1, names: []string{"XP-"}, prefix: true, maker: "Sysmex", model: 1, software: 2, serial: 6,
			example: "XP-100^00-13^^^^A7869^BS649542", source: "senaite.astm, sysmex_xp100.txt; Sysmex XP communication specification rev. 1.0"},
		{at: 1, names: []string{"H500", "H550"}, maker: "Horiba", model: 1, serial: 2, software: 3,
			example: "H500^910YOXH02826^2.2.2.2b", source: "senaite.astm, yumizen_h500.txt"},
		{at: 1, names: []string{"ABX"}, brand: 1,
			example: "ABX", source: "senaite.astm, pentra_xlr.txt"},
		{at: 1, names: []string{"OCD"}, brand: 1, model: 2, software: 3, serial: 4,
			example: "OCD^VISION^5.13.1.46935^J60009999", source: "twgenaux.github.io, ORTHO VISION"},
	}
}

// fits reports whether the components are of the family.
func (l *layout) fits(parts []string) bool {
	if l.at > len(parts) {
		return false
	}
	name := parts[l.at-1]
	return slices.ContainsFunc(l.names, func(n string) bool {
		if l.prefix {
			return len(name) > len(n) && strings.EqualFold(name[:len(n)], n)
		}
		return strings.EqualFold(name, n)
	})
}

// layoutOf finds the family of a sender, or nil.
func (s *session) layoutOf(parts []string) *layout {
	for i := range s.layouts {
		if s.layouts[i].fits(parts) {
			return &s.layouts[i]
		}
	}
	return nil
}

// maxParts bounds the components of a field that are read.
const maxParts = 8

// components splits a field of the message. A field with several repetitions, with
// an escape or without declared delimiters is not read: what its parts are cannot
// be told.
func (m *message) components(t *text) []string {
	d := &m.delimiters
	if !d.declared || t.n == 0 || contains(t.bytes(), d.repetition) || d.escape != 0 && contains(t.bytes(), d.escape) {
		return nil
	}
	parts := strings.Split(string(t.bytes()), string(rune(d.component)))
	for i := range parts {
		parts[i], _ = protocols.Text(parts[i])
	}
	return parts[:min(len(parts), maxParts)]
}

func part(parts []string, n int) string {
	if n == 0 || n > len(parts) {
		return ""
	}
	return parts[n-1]
}

// versionOf returns a software version without the letters that say so.
func versionOf(s string) string {
	for _, word := range [...]string{"SW", "V"} {
		if len(s) > len(word) && strings.EqualFold(s[:len(word)], word) && s[len(word)] >= '0' && s[len(word)] <= '9' {
			s = s[len(word):]
		}
	}
	if !strings.ContainsAny(s, "0123456789") {
		return ""
	}
	return s
}
