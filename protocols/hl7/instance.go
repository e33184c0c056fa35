package hl7

import "strings"

// instanceVote remembers the identifiers that stand on measurement rows, where a
// sender leaves the row of the system out: it counts when all of them agree.
type instanceVote struct {
	text text
	raw  string
	torn bool
}

// identify reads OBX-18, whose repetitions go from the lowest subsystem up (IHE
// PCD TF-2, B.8.6): on the row of a system all are its own names; on the row of
// a part the first is the part's and the last the system's.
func (m *message) identify(d *device, p path, c concept, id text) {
	var room [maxRepetitions]text
	names := id.repetitions(room[:0])
	switch {
	case c.term == termPlace:
		d.place(id)
		return
	case p.vmd == 0 && p.channel == 0:
		if d.own == "" {
			d.own = id.s
		}
		for _, name := range names {
			d.addInstance(name, m.header, c, "OBX-18")
		}
		return
	}
	if ch := d.at(p); ch != nil && p.channel > 0 && channelLetter(names[0]) != "" {
		ch.letter = channelLetter(names[0])
		return
	}
	if u := m.moduleOf(d, p, c); u != nil {
		if letter := channelLetter(names[0]); letter != "" {
			u.letter = letter
		} else if !d.calledBy(names[0]) {
			u.addInstance(names[0], m.header, c, "OBX-18")
		}
		m.unit, names = u, names[1:]
	}
	if len(names) > 0 {
		d.votes.cast(names[len(names)-1])
	}
}

// calledBy reports whether an identifier is the system's own: some senders write it on
// every row, and a module that has it is no device beside its system.
func (d *device) calledBy(name text) bool {
	var room [maxRepetitions]text
	for _, own := range (text{d.own, name.d, name.charset}).repetitions(room[:0]) {
		if own.bare() == name.bare() {
			return true
		}
	}
	return false
}

// moduleOf returns the part that a structural row names, nil for other rows.
func (m *message) moduleOf(d *device, p path, c concept) *unit {
	if p.channel > 0 || c.term != termNone || !strings.Contains(c.name, "VMD") {
		return nil
	}
	return m.part(d, p.vmd)
}

// channelLetter returns the letter by which a module's display calls it.
func channelLetter(t text) string {
	if s := t.component(1); len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		return string(rune(s[0]))
	}
	return ""
}

func (v *instanceVote) cast(t text) {
	switch {
	case v.raw == "":
		d, cs := *t.d, t.charset.fresh()
		v.text, v.raw = text{t.s, &d, &cs}, t.s
	case v.raw != t.s:
		v.torn = true
	}
}
