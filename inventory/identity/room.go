package identity

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// telling is one host's names of one kind.
type telling struct {
	by   string
	kind kind
}

// told is how many names of a kind one host may tell first; 0 for keys that are
// not told but seen.
func told(k kind) int {
	switch k {
	case kindTitle:
		return MaxTitles
	case kindStation, kindModel:
		return MaxPictured
	case kindSerial, kindEUI, kindUDI, kindUID, kindLabel, kindLine:
		return MaxNumbers
	}
	return 0
}

// client is 1 for an interface that is joined to nothing, so that it can be counted.
func (a *atom) client() int {
	if a.Key.Kind == kindMAC && len(a.Links) == 0 {
		return 1
	}
	return 0
}

// makeRoom forgets what weighs least when a bound is near, so that what comes
// next is always heard. It depends on the atoms alone, not on when it is asked.
func (l *Ledger) makeRoom() {
	if l.clients > l.options.Clients {
		lone := func(g *group) bool { return len(g.atoms) == 1 && g.atoms[0].client() > 0 }
		n := l.evict(l.clients-l.options.Clients+l.options.Clients/roomShare, lone)
		l.stats.EvictedFor.Clients += n
		l.stats.Evicted += n
	}
	if len(l.atoms) > l.options.Atoms-statementAtoms {
		every := func(*group) bool { return true }
		n := l.evict(len(l.atoms)-l.options.Atoms+statementAtoms+l.options.Atoms/roomShare, every)
		l.stats.EvictedFor.Full += n
		l.stats.Evicted += n
	}
}

// standing is how much a device weighs against being forgotten.
type standing struct {
	g     *group
	rank  int    // what it is known by
	heard uint64 // how often, as far as it matters
	last  time.Time
	seq   uint64
}

// The ranks of what may be forgotten, the first first. Within a rank it is what
// was heard least often, and then longest ago.
const (
	rankNothing = iota // addresses, interfaces and names
	rankSpoken         // that said something in a protocol that is dissected
	rankNumber         // that has a number of its maker, or is a gateway, and was heard enough
)

// enough is how many statements make a device one that is heard regularly; more
// of them do not weigh more, or a flood of statements would outweigh a pump.
const enough = 3

// evict forgets the devices that weigh least, until n atoms are gone, and returns
// how many that were.
func (l *Ledger) evict(n int, of func(*group) bool) uint64 {
	var all []standing
	for _, a := range l.atoms {
		if g := l.group(a); g.atoms[0] == a && of(g) {
			all = append(all, l.standing(g))
		}
	}
	slices.SortFunc(all, func(x, y standing) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.heard, y.heard), x.last.Compare(y.last), cmp.Compare(x.seq, y.seq))
	})
	gone := map[string]*atom{}
	for _, s := range all {
		if len(gone) >= n {
			break
		}
		for _, a := range s.g.atoms {
			gone[a.ID] = a
		}
	}
	l.remove(gone)
	return uint64(len(gone))
}

func (l *Ledger) standing(g *group) standing {
	s := standing{g: g, seq: g.atoms[0].Seq}
	number := false
	for _, a := range g.atoms {
		s.last = later(s.last, a.Last)
		s.heard = max(s.heard, a.heard())
		for id := range l.behind[a.ID] { // a gateway stays as long as what it speaks for
			s.heard = max(s.heard, l.atoms[id].heard())
		}
		switch {
		case a.numbered() && !a.Key.Kind.local(), len(l.behind[a.ID]) > 0, len(a.Via) > 0:
			number = true
		case len(a.Peers) > 0 && a.Stated, len(a.Claiming) > 0:
			s.rank = rankSpoken
		}
	}
	if number && s.heard >= enough {
		s.rank = rankNumber
	}
	return s
}

// heard is how often the atom's most frequent statement was made, as far as that
// matters.
func (a *atom) heard() (n uint64) {
	for _, f := range a.Facts {
		n = max(n, min(f.Count, enough))
	}
	return n
}

// remove takes atoms out of every table, and out of what the others say of them.
func (l *Ledger) remove(gone map[string]*atom) {
	if len(gone) == 0 {
		return
	}
	l.turned()
	crowded := false
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		a := gone[id]
		crowded = l.crowded(a) || crowded
		delete(l.atoms, id)
		delete(l.keys, a.Key)
		l.leave(a)
		l.changed[id] = true
	}
	is := func(id string) bool { return gone[id] != nil }
	for _, a := range l.atoms {
		if a.disown(is) {
			l.changed[a.ID] = true
			a.forget()
		}
	}
	for by, of := range l.behind {
		maps.DeleteFunc(of, func(id string, _ bool) bool { return is(id) })
		if is(by) || len(of) == 0 {
			delete(l.behind, by)
		}
	}
	if crowded {
		l.callAll()
	}
}

// crowded reports whether an atom has a name that more have than are indexed.
func (l *Ledger) crowded(a *atom) bool {
	full := func(name string) bool {
		k := nameKey{a.Key.Site, a.Tap, name}
		return len(l.names[k]) > MaxNamesakes || len(l.pictures[k]) > MaxNamesakes
	}
	return full(a.Told.Station) || slices.ContainsFunc(a.Facts, func(f fact) bool { return full(fold(f.Value)) })
}

// callAll indexes names anew, as after a restart: where many had one, room was
// made for those that were left out.
func (l *Ledger) callAll() {
	clear(l.names)
	clear(l.pictures)
	for _, a := range slices.SortedFunc(maps.Values(l.atoms), func(x, y *atom) int { return cmp.Compare(x.Seq, y.Seq) }) {
		l.index(a)
	}
	l.untouch()
}

// leave takes an atom out of the tables that restore puts it into.
func (l *Ledger) leave(a *atom) {
	if a.Teller != "" {
		t := telling{a.Teller, a.Key.Kind}
		if l.told[t]--; l.told[t] <= 0 {
			delete(l.told, t)
		}
	}
	l.clients -= a.client()
	if a.Key.Kind == kindIP {
		base := a.Key
		base.Value = baseOf(base.Value)
		l.release(base, a)
		without(l.former, base, a)
	}
	if a.Key.Kind == kindMAC {
		l.unplug(a)
	}
	if a.Key.Kind == kindSerial {
		without(l.serials, serialKey{a.Key.Site, a.Told.Serial}, a)
	}
	if a.machine() {
		without(l.pictures, nameKey{a.Key.Site, a.Tap, a.Told.Station}, a)
	}
	for _, f := range a.Facts {
		without(l.names, nameKey{a.Key.Site, a.Tap, fold(f.Value)}, a)
	}
}

// without takes an atom out of an index.
func without[K comparable](index map[K][]*atom, k K, a *atom) {
	list, ok := index[k]
	if !ok {
		return
	}
	if list = slices.DeleteFunc(list, func(x *atom) bool { return x == a }); len(list) == 0 {
		delete(index, k)
	} else {
		index[k] = list
	}
}

// disown forgets what an atom says of others, and reports whether there was any.
// Links lead to none of them: a device goes as a whole.
func (a *atom) disown(gone func(id string) bool) bool {
	before := len(a.Claiming) + len(a.Claims) + len(a.Via) + len(a.Peers) + len(a.Senders)
	a.Claiming = slices.DeleteFunc(a.Claiming, gone)
	a.Senders = slices.DeleteFunc(a.Senders, gone)
	a.Claims = slices.DeleteFunc(a.Claims, func(c claim) bool { return gone(c.By) })
	a.Via = slices.DeleteFunc(a.Via, func(v sighting) bool { return gone(v.Of) })
	a.Peers = slices.DeleteFunc(a.Peers, func(p peer) bool { return gone(p.Of) })
	changed := before != len(a.Claiming)+len(a.Claims)+len(a.Via)+len(a.Peers)+len(a.Senders)
	for _, id := range [...]*string{&a.Parent, &a.Gateway, &a.Proxy} {
		if *id != "" && gone(*id) {
			*id, changed = "", true
		}
	}
	return changed
}
