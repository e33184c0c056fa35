package mirror

import (
	"cmp"
	"slices"
	"time"
)

// maxPerCode bounds the troubles of one code: a person who was told of sixteen VLANs
// looks at the session, not at the seventeenth.
const maxPerCode = 16

// alarm is a trouble that holds, held, or is about to be raised.
type alarm struct {
	Trouble
	first  time.Time // it has held since
	last   time.Time // it was last found
	raised bool
}

// alarms raises and clears each trouble once.
type alarms struct {
	all   map[key]*alarm
	over  uint64 // findings beyond maxPerCode at the last look
	count map[Code]int
	// ended lost their ground and are told as cleared with the next changes.
	ended []Trouble
}

func newAlarms() alarms { return alarms{all: map[key]*alarm{}, count: map[Code]int{}} }

// raised reports whether a trouble stands. A standing one is judged more strictly,
// so that what wavers about a limit is told once.
func (a *alarms) raised(k key) (since time.Time, ok bool) {
	if x := a.all[k]; x != nil && x.raised {
		return x.Since, true
	}
	return time.Time{}, false
}

// keep leaves a trouble as it is, where too little is seen to say that it is gone.
func (a *alarms) keep(at time.Time, k key) {
	if x := a.all[k]; x != nil && x.raised {
		x.last = at
	}
}

// keepCode does so for all troubles of a code; keepAll for every trouble.
func (a *alarms) keepCode(at time.Time, c Code) {
	for k, x := range a.all {
		if x.raised && k.code == c {
			x.last = at
		}
	}
}

func (a *alarms) keepAll(at time.Time, but ...Code) {
	for k, x := range a.all {
		if x.raised && !slices.Contains(but, k.code) {
			x.last = at
		}
	}
}

// settle takes all that was found at one time and says what changed.
func (a *alarms) settle(at time.Time, found []Trouble) []Change {
	changes := a.farewell()
	for _, t := range found {
		if x := a.find(at, t); x != nil {
			changes = x.rise(at, changes)
		}
	}
	for k, x := range a.all {
		changes = a.fall(at, k, x, changes)
	}
	// Stable: what ended and is found again is cleared first.
	slices.SortStableFunc(changes, func(a, b Change) int { return order(a.Trouble, b.Trouble) })
	return changes
}

// withdraw takes back what does not stay, without waiting for it to be gone.
func (a *alarms) withdraw(stays func(key) bool) {
	for k, x := range a.all {
		if stays(k) {
			continue
		}
		delete(a.all, k)
		a.count[k.code]--
		if x.raised {
			a.ended = append(a.ended, x.Trouble)
		}
	}
}

// farewell gives what was withdrawn since it was asked last.
func (a *alarms) farewell() []Change {
	var changes []Change
	for _, t := range a.ended {
		changes = append(changes, Change{Trouble: t})
	}
	a.ended = nil
	return changes
}

// find remembers a finding; nil where its code has too many already.
func (a *alarms) find(at time.Time, t Trouble) *alarm {
	x := a.all[t.key()]
	if x == nil {
		if a.count[t.Code] >= maxPerCode {
			a.over++
			return nil
		}
		a.count[t.Code]++
		x = &alarm{first: at}
		a.all[t.key()] = x
	}
	switch {
	case x.raised:
		t.Since = x.Since
	case t.Since.IsZero():
		t.Since = x.first
	}
	t.Severity = t.Code.Severity()
	x.Trouble, x.last = t, at
	return x
}

func (x *alarm) rise(at time.Time, changes []Change) []Change {
	raise, _ := x.Code.holds()
	if x.raised || at.Sub(x.first) < raise {
		return changes
	}
	x.raised = true
	return append(changes, Change{Raised: true, Trouble: x.Trouble})
}

// fall clears what was not found for long enough, and forgets what never rose.
func (a *alarms) fall(at time.Time, k key, x *alarm, changes []Change) []Change {
	_, clear := x.Code.holds()
	gone := at.Sub(x.last)
	if gone == 0 || x.raised && gone > 0 && gone < clear {
		return changes
	}
	delete(a.all, k)
	a.count[k.code]--
	if x.raised {
		changes = append(changes, Change{Trouble: x.Trouble})
	}
	return changes
}

// standing lists what is raised, in a fixed order.
func (a *alarms) standing() []Trouble {
	var list []Trouble
	for _, x := range a.all {
		if x.raised {
			list = append(list, x.Trouble)
		}
	}
	slices.SortFunc(list, order)
	return list
}

// order puts warnings first, then sorts by code, VLAN, session and protocol.
func order(a, b Trouble) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Code, b.Code), cmp.Compare(a.VLAN, b.VLAN),
		cmp.Compare(a.Session, b.Session), cmp.Compare(a.Protocol, b.Protocol))
}
