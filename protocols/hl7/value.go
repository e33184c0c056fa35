package hl7

import (
	"math"
	"strconv"
	"strings"
)

// tellsUse reports a row that says whether something runs. Such a row counts also
// when its value cannot be read.
func (c concept) tellsUse() bool { return c.term >= termInfusing && c.term <= termFlowNow }

// status adds what all repetitions of OBX-5 say. A value that was lost, or that
// cannot be read, might have been any.
func (m *message) status(d *device, ch *channel, c concept, r reader) {
	var said states
	var room [maxRepetitions]text
	all := r.text(5).repetitions(room[:0])
	for _, t := range all {
		said |= wordsOf(t, c.term)
	}
	silent := said == 0 && (c.term == termInfusing || c.term == termPumpStatus || c.term == termDelivery)
	if c.tellsUse() && (silent || r.lost(5) || len(all) == maxRepetitions) {
		said |= saidOther
	}
	if said != 0 {
		ch.said |= m.then(said, r)
		d.tells(c.entry.name)
	}
}

// wordsOf reads a coded value: its text, or its code where it has no text. The
// code beside a text, the alternate coding and the original text count where
// they are words of the table; what is there and cannot be read might be.
func wordsOf(t text, row term) states {
	var said states
	first := t.component(2)
	if first == "" {
		first = t.component(1)
	}
	if first != "" {
		said = statusOf(row, first)
	}
	for _, n := range [...]int{1, 2, 4, 5, 9} {
		part, word := t.part(n).s, t.component(n)
		if unreadable(t, part) {
			said |= saidOther
		}
		if word != "" && word != first && pumpWord(normal(word)) != saidOther {
			said |= statusOf(row, word)
		}
	}
	return said
}

// unreadable reports a part that says something that cannot be used.
func unreadable(t text, part string) bool {
	first, more, found := cut(part, t.d.sub)
	return found && more != "" || first != "" && first != `""` && strings.Trim(first, " ") != "" && t.plain(first) == ""
}

// sets notes that a pump is programmed, by a number above zero or one that cannot be
// read.
func (ch *channel) sets(word string, r reader) {
	number, err := numberOf(word)
	ch.programmed = ch.programmed || r.lost(5) || !empty(r) && (err != nil || !(number <= 0))
}

func numberOf(word string) (float64, error) {
	return strconv.ParseFloat(strings.TrimSpace(strings.Replace(word, ",", ".", 1)), 64)
}

func empty(r reader) bool { return len(r.s.raw(5)) == 0 || string(r.s.raw(5)) == `""` }

// flow notes a measured flow. One that is no number, or below zero, was not
// understood; an empty one says nothing.
func (m *message) flow(d *device, ch *channel, c concept, word string, r reader) {
	number, err := numberOf(word)
	if err == nil && number >= 0 {
		ch.flowNow = display(word, r.text(6))
	}
	switch {
	case empty(r) && !r.lost(5):
	case err != nil || number < 0 || math.IsNaN(number) || math.IsInf(number, 0):
		ch.said |= saidOther
		d.tells(c.entry.name)
	case number > 0:
		ch.flowing = true
	}
}

// lost reports a field that was over maxField, or that has an unreadable
// character.
func (r reader) lost(n int) bool {
	return r.s.lost&(1<<n) != 0 || strings.ContainsRune(r.text(n).s, '\uFFFD')
}

// valueWord reads OBX-5 as one text: the text of a coded value, else the value.
// A value of several parts where the type has one is not what it says it is, and
// a coded value of two plain words without a coding system may be a name.
func valueWord(r reader) string {
	first := r.text(5).first()
	one, two := first.component(1), first.component(2)
	switch kind := r.text(2).component(1); kind {
	case "", "CWE", "CNE", "CE", "CF":
		if first.component(3) == "" && plainWord(one) && plainWord(two) {
			return ""
		}
		return coded(first)
	case "EI", "HD", "SN":
	case "XPN", "XCN", "XON", "PPN", "XAD", "XTN", "PN", "CN", "CX":
		return "" // people, places and numbers of people
	default:
		if first.part(1).s != "" && first.part(2).s != "" {
			return ""
		}
	}
	if one != "" {
		return one
	}
	return two
}

// plainWord reports a word as a name is one: no digit and no underscore in it.
func plainWord(s string) bool { return s != "" && !strings.ContainsAny(s, "0123456789_") }

// coded reads a coded element: its text, else its code.
func coded(t text) string {
	if v := t.component(2); v != "" {
		return v
	}
	return t.component(1)
}
