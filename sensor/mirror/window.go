package mirror

import "time"

// TurnAfter is half the length of what shares are judged on: long enough for a busy
// VLAN to give the named counts many times, short enough that a repair shows.
const TurnAfter = 10 * time.Minute

// maxWindow is when a half is given up though it never held enough: what was seen
// yesterday says little of the mirror today.
const maxWindow = 24 * time.Hour

// tally is a set of counts of one subject; amount is what "enough" is counted in.
type tally[T any] interface {
	plus(T) T
	amount() uint64
}

// window keeps the counts of the last half and of the one before.
type window[T tally[T]] struct {
	now, before T
	since       time.Time
}

func (w *window[T]) add(t T) { w.now = w.now.plus(t) }

// turn begins a new half when this one is old and holds enough, or is very old.
func (w *window[T]) turn(at time.Time, enough uint64) {
	if w.since.IsZero() || at.Before(w.since) {
		w.since = at
	}
	age := at.Sub(w.since)
	if age < TurnAfter || age < maxWindow && w.now.amount() < enough {
		return
	}
	var none T
	w.before, w.now, w.since = w.now, none, at
}

// judged is what to judge on: this half where it holds enough, else both.
func (w *window[T]) judged(enough uint64) (t T, ok bool) {
	if w.now.amount() >= enough {
		return w.now, true
	}
	t = w.now.plus(w.before)
	return t, t.amount() >= enough
}

// followed is TCP payload that was followed by its sequence numbers, and what was
// missing in it.
type followed struct{ segments, bytes, holes, holeBytes uint64 }

func (f followed) plus(o followed) followed {
	return followed{f.segments + o.segments, f.bytes + o.bytes, f.holes + o.holes, f.holeBytes + o.holeBytes}
}

func (f followed) amount() uint64 { return f.segments }

// part is frames of which some are of a kind: duplicates, cut ones, lost ones.
type part struct{ some, all uint64 }

func (p part) plus(o part) part { return part{p.some + o.some, p.all + o.all} }

func (p part) amount() uint64 { return p.all }

func (p part) share() float64 { return ratio(p.some, p.all) }

// sides counts ended TCP conversations by who was heard.
type sides struct{ both, opener, acceptor, unknown uint64 }

func (s sides) plus(o sides) sides {
	return sides{s.both + o.both, s.opener + o.opener, s.acceptor + o.acceptor, s.unknown + o.unknown}
}

func (s sides) amount() uint64 { return s.both + s.single() }

// single is how many lack a side.
func (s sides) single() uint64 { return s.opener + s.acceptor + s.unknown }

func (s sides) share() float64 { return ratio(s.single(), s.amount()) }

// mixed reports whether both senses are missing: of those that lack a side, and of
// which it is known, at least a quarter lack the one and a quarter the other.
func (s sides) mixed() bool {
	known := s.opener + s.acceptor
	return known >= minSenses && 4*min(s.opener, s.acceptor) >= known
}

// minSenses is how many one-sided conversations must tell which side is missing.
const minSenses = 12

func ratio(some, all uint64) float64 {
	if all == 0 {
		return 0
	}
	return float64(some) / float64(all)
}
