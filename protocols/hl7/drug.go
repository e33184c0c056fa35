package hl7

import (
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

const (
	// maxAgents bounds the names of one channel: a label, a type, an original text
	// and a few repetitions.
	maxAgents = 8
	// unknownAgent stands for what is given and cannot be told. No list of drugs has
	// the word, so that it asks for the highest caution, alone and beside a name.
	unknownAgent = "unknown"
	// besides stands between two names, as pharmacies write a mixture: a list of
	// drugs finds each of them in the text.
	besides = " + "
)

// agents are all names of what one channel gives. Senders name one drug in several
// rows and codings, and the drug beside the fluid that it is dissolved in: the text of
// all of them is plain fluid only if each is.
type agents struct {
	names []string
	more  bool // something is named that cannot be told
	blank bool // it is said that nothing is named
}

// add notes a name once, whatever its case.
func (a *agents) add(name string) {
	switch {
	case name != "" && nameless(name):
		a.blank = true
	case name == "" || slices.ContainsFunc(a.names, func(old string) bool { return strings.EqualFold(old, name) }):
	case len(a.names) == maxAgents:
		a.more = true
	default:
		a.names = append(a.names, name)
	}
}

func (a *agents) merge(b agents) {
	for _, name := range b.names {
		a.add(name)
	}
	a.more, a.blank = a.more || b.more, a.blank || b.blank
}

// loaded reports that something was named.
func (a *agents) loaded() bool { return len(a.names) > 0 || a.more }

// text writes the names down in at most protocols.MaxText bytes. Where one does not
// fit, or cannot be told, it ends in unknownAgent.
func (a *agents) text() string {
	out := strings.Join(a.names, besides)
	if !a.more && !a.blank && len(out) <= protocols.MaxText {
		return out
	}
	out = ""
	for _, name := range a.names {
		if len(out)+len(name)+len(besides)+len(unknownAgent) <= protocols.MaxText {
			out += name + besides
		}
	}
	return out + unknownAgent
}

// agent is what the channel gives, unknownAgent where that cannot be told: also where
// a program names no drug and nobody says that it runs. A channel that gives nothing
// need not say what.
func (ch *channel) agent() string {
	state, named := ch.state(), ch.agents.loaded()
	switch {
	case !named && (state == protocols.Idle || state == protocols.Off):
		return ""
	case !named && state != protocols.InUse && (ch.flowing || ch.programmed):
		return unknownAgent
	}
	return ch.agents.text()
}

// loaded reports that the channel has something to give.
func (ch *channel) loaded() bool { return ch.programmed || ch.agents.loaded() }

// drug reads a row that names a drug: every repetition of OBX-5, and of a coded value
// its text, its alternates and its original text. What is there and cannot be read
// might be any drug.
func (m *message) drug(ch *channel, r reader) {
	var room [maxRepetitions]text
	all := r.text(5).repetitions(room[:0])
	for _, t := range all {
		ch.agents.read(t, r.text(2).component(1))
	}
	ch.agents.more = ch.agents.more || r.lost(5) || len(all) == maxRepetitions
}

func (a *agents) read(t text, kind string) {
	for _, n := range [...]int{1, 2, 4, 5, 9, 10, 11} {
		a.more = a.more || unreadable(t, t.part(n).s)
	}
	switch kind {
	case "", "CWE", "CNE", "CE", "CF":
		for _, first := range [...]int{1, 4, 10} {
			a.coding(t, first)
		}
		a.add(t.component(9))
	case "XPN", "XCN", "XON", "PPN", "XAD", "XTN", "PN", "CN", "CX": // people, places and numbers of people
		a.more = a.more || t.s != ""
	default:
		if t.part(1).s != "" && t.part(2).s != "" {
			a.more = true // it is not what it says it is
			return
		}
		a.add(coded(t))
	}
}

// coding reads one of the codings of a coded value (HL7 2.9, section 2A.2.12: in
// components 1 to 3, 4 to 6 and 10 to 12). Two plain words without a coding system may
// be a person's name, and an alternate number alone names nothing.
func (a *agents) coding(t text, first int) {
	code, name := t.component(first), t.component(first+1)
	switch {
	case plainWord(code) && plainWord(name) && t.component(first+2) == "":
		a.more = true
	case name != "":
		a.add(name)
	case first == 1 || strings.ToUpper(code) != strings.ToLower(code):
		a.add(code)
	}
}
