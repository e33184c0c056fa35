package identity

import (
	"cmp"
	"slices"
	"time"
)

// settled says for how long an atom needs no settling: as long as nothing turned
// since, and no later than until.
type settled struct {
	turn  uint64 // Ledger.turn; 0 is never
	until time.Time
}

// disorder is how far behind the newest statement one may be whose time still
// changes nothing: taps and files do not deliver in order. Older ones are settled
// in full, whatever they say.
const disorder = 24 * time.Hour

// always is later than every wire time.
var always = time.Unix(1<<40, 0)

// turned notes that something changed on which it depends what is linked: atoms,
// links, claims, facts, names, who describes and who sends. Counts and times that
// grow are none of it, but for what heardAt and the horizon of settle tell.
func (l *Ledger) turned() { l.turn++ }

// heardAt notes the time of a statement. One that is far out of order may bring
// back a claim that had faded.
func (l *Ledger) heardAt(when time.Time) {
	if when.Before(l.newest.Add(-disorder)) {
		l.turned()
	}
	l.newest = later(l.newest, when)
}

// holds reports whether settling an atom again would change nothing.
func (l *Ledger) holds(a *atom) bool {
	return !l.never && a.settled.turn == l.turn && !l.newest.After(a.settled.until)
}

// until bounds how long what is being settled holds.
func (l *Ledger) until(when time.Time) {
	if when.Before(l.horizon) {
		l.horizon = when
	}
}

// settleTouched brings the links of all that changed in a statement up to date,
// and mints the ids of devices that became visible by it. A statement that only
// repeats what is known leaves nothing to settle.
func (l *Ledger) settleTouched() {
	if !slices.ContainsFunc(l.touched, func(a *atom) bool { return !l.holds(a) }) {
		l.mintTouched()
		return
	}
	turn := l.turn
	l.horizon = always
	n := len(l.touched)
	for _, a := range l.due() {
		l.settle(a)
	}
	now := settled{turn, l.horizon}
	if turn != l.turn {
		now = settled{} // what was settled first may depend on what was settled last
	}
	for _, a := range l.touched[:n] {
		a.settled = now
	}
	l.mintTouched()
}

// due lists what the touched atoms have a part in, by id.
func (l *Ledger) due() []*atom {
	due := l.settling[:0]
	for _, a := range l.touched {
		if len(a.Claims) > 0 || a.machine() {
			due = append(due, a)
		}
		for _, part := range l.host(a) {
			for _, claimed := range part.Claiming {
				due = append(due, l.atoms[claimed])
			}
		}
	}
	slices.SortFunc(due, byID)
	due = slices.Compact(due)
	l.settling = due
	return due
}

// mintTouched mints in the order of ids, and ends the statement.
func (l *Ledger) mintTouched() {
	fresh := slices.DeleteFunc(l.touched, func(a *atom) bool {
		a.touched = false
		return l.group(a).root().Mint != 0
	})
	slices.SortFunc(fresh, byID)
	l.touched = nil // a root that is minted is touched anew, which changes nothing more
	for _, a := range fresh {
		l.mint(a)
	}
	for _, a := range l.touched {
		a.touched = false
	}
	l.touched = fresh[:0]
}

func byID(x, y *atom) int { return cmp.Compare(x.ID, y.ID) }
