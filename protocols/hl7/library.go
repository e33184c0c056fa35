package hl7

import (
	"slices"
	"strings"
	"unicode"

	"github.com/auscult/auscult/protocols"
)

// library reads a row of the drug library. Without one a pump checks no drug, and the
// name that it shows may be of an earlier infusion.
func (m *message) library(d *device, p path, c concept, r reader) {
	word, empty := valueWord(r), strings.Trim(r.text(5).s, ` "^~&`) == ""
	if c.term != termLibraryVersion && (empty || switchedOff(word)) {
		d.withoutLibrary(p)
	}
	switch {
	case word == "" || nameless(word):
	case c.term == termCareArea:
		d.add(protocols.CareArea, word, c.entry.name, statedFact)
	default:
		d.library(c, word)
	}
}

// withoutLibrary notes the part of which the drug library is off: the whole device
// where there are more parts than are remembered.
func (d *device) withoutLibrary(p path) {
	switch {
	case slices.Contains(d.unchecked, p):
	case len(d.unchecked) == maxSeen:
		d.unchecked[0] = path{mds: d.mds}
	default:
		d.unchecked = append(d.unchecked, p)
	}
}

// forget takes the names off the channels whose library is off. A row of a source
// speaks for the deliveries of its module.
func (d *device) forget(channels []*channel) {
	for _, p := range d.unchecked {
		own := slices.ContainsFunc(channels, func(ch *channel) bool { return ch.path == p })
		for _, ch := range channels {
			if p.vmd == 0 || ch.vmd == 0 || p.vmd == ch.vmd && (!own || p.channel == ch.channel) {
				ch.agents.forget()
			}
		}
	}
}

// forget leaves of names only that there were some.
func (a *agents) forget() { *a = agents{more: a.loaded(), blank: true} }

// switchedOff reports the name of a library or of a care area that says that there is
// none: "Guardrails Off", "ICU profile disabled".
func switchedOff(name string) bool {
	last := ""
	for word, rest := nextWord(name); word != ""; word, rest = nextWord(rest) {
		last = word
	}
	return nameless(name) || meaningOf(last) == denial
}

// nameless reports what pumps show where a drug or a library has no name ("NO DRUG
// SELECTED", "Drug library off", "---"): no word of it names anything.
func nameless(name string) bool {
	if strings.EqualFold(name, "N/A") {
		return true
	}
	words, denied := 0, false
	for word, rest := nextWord(name); word != ""; word, rest = nextWord(rest) {
		switch meaningOf(word) {
		case naming:
			return false
		case denial:
			denied = true
		}
		words++
	}
	return denied || words == 0
}

// nextWord cuts the first word off a text.
func nextWord(text string) (word, rest string) {
	other := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	text = strings.TrimLeftFunc(text, other)
	if end := strings.IndexFunc(text, other); end >= 0 {
		return text[:end], text[end:]
	}
	return text, ""
}

// meaning is what a word does in the name of a drug or of a library.
type meaning uint8

const (
	naming meaning = iota
	denial
	filling
)

// longestWord bounds the words of the table: a longer one is not in it.
const longestWord = 24

func meaningOf(word string) meaning {
	var room [longestWord]byte
	if len(word) > longestWord {
		return naming
	}
	lower := room[:copy(room[:], word)]
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c - 'A' + 'a'
		}
	}
	switch string(lower) {
	case "off", "no", "not", "none", "without", "disabled", "deactivated", "inactive", "bypassed", "unavailable", "unknown",
		"unspecified", "undefined", "empty", "aus", "keine", "inaktiv", "unbekannt":
		return denial
	case "drug", "drugs", "medication", "medications", "name", "label", "selected", "selection", "specified", "available", "set", "defined",
		"library", "libraries", "guardrails", "ders", "mdl", "dose", "error", "reduction", "software", "system", "safety", "limit", "limits", "mode",
		"care", "area", "profile", "is", "in", "the", "medikament", "medikamente", "medikamentenbibliothek", "bibliothek":
		return filling
	}
	return naming
}
