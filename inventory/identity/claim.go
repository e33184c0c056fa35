package identity

import (
	"cmp"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// claim notes that an atom says to be the machine, or to have the name. Whether
// that makes them one is settled at the end of the statement.
func (l *Ledger) claim(on, by *atom, how claimKind, when time.Time) {
	l.touch(on)
	l.touch(by)
	for i := range on.Claims {
		c := &on.Claims[i]
		if c.By == by.ID && c.How == how {
			if when.Sub(c.Last) > disorder {
				l.turned() // it may have faded
			}
			c.Last = later(c.Last, when)
			return
		}
	}
	if len(on.Claims) >= MaxClaims {
		l.crowds(on)
		return
	}
	l.turned()
	on.Claims = append(on.Claims, claim{By: by.ID, How: how, First: when, Last: when})
	if slices.Contains(by.Claiming, on.ID) {
		return
	}
	if !l.mayClaim(on, by) {
		l.crowds(by)
		return
	}
	by.Claiming = append(by.Claiming, on.ID)
}

// crowds notes that there are more claims than are kept.
func (l *Ledger) crowds(a *atom) {
	if !a.Crowded {
		l.turned()
	}
	a.Crowded = true
}

// candidate is one host, or one described device, that claims something.
type candidate struct {
	atoms       []*atom // of the host
	by          []*atom // those of them that claim
	first, last time.Time
}

// settle decides who a machine is, or who has a name, and links accordingly. It
// depends on what is known now, not on the order in which it came.
func (l *Ledger) settle(on *atom) {
	l.callNamesakes(on)
	for _, c := range on.Claims {
		l.atoms[c.By].forget() // who else claims it is a contradiction for each of them
	}
	won := l.winners(on)
	for _, c := range on.Claims {
		by := l.atoms[c.By]
		at, ok := wonAt(won, by)
		linked := slices.ContainsFunc(on.Links, func(k link) bool { return k.To == c.By && k.Why == claimed })
		switch {
		case ok && !linked:
			l.link(on, by, claimed, string(c.How), at)
		case !ok && linked:
			l.unlink(on, by, claimed)
		}
	}
}

// wonAt tells when a winner that an atom belongs to claimed last.
func wonAt(won []candidate, by *atom) (time.Time, bool) {
	for _, c := range won {
		if slices.Contains(c.by, by) {
			return c.last, true
		}
	}
	return time.Time{}, false
}

func (l *Ledger) winners(on *atom) []candidate {
	if on.Crowded && !on.machine() {
		return nil
	}
	switch {
	case on.machine():
		return l.whoIsMachine(on)
	case on.Key.Kind == kindTitle:
		if all := l.candidates(on, func(claim) bool { return true }); len(all) == 1 {
			return all
		}
		return nil
	}
	return l.whoHasName(on)
}

// candidates gathers the claims by host.
func (l *Ledger) candidates(on *atom, fits func(claim) bool) []candidate {
	var all []candidate
	for _, c := range on.Claims {
		by := l.atoms[c.By]
		if by == nil || !fits(c) {
			continue
		}
		i := slices.IndexFunc(all, func(k candidate) bool { return slices.Contains(k.atoms, by) })
		if i < 0 {
			all = append(all, candidate{atoms: l.host(by), first: c.First, last: c.Last})
			i = len(all) - 1
		}
		k := &all[i]
		if !slices.Contains(k.by, by) {
			k.by = append(k.by, by)
		}
		if c.First.Before(k.first) {
			k.first = c.First
		}
		k.last = later(k.last, c.Last)
	}
	slices.SortFunc(all, func(x, y candidate) int {
		if d := x.first.Compare(y.first); d != 0 {
			return d
		}
		return cmp.Compare(x.by[0].Seq, y.by[0].Seq)
	})
	return all
}

// whoIsMachine decides which host a machine is: one that says so of itself, else
// one that sends its images and those of no other, passes nothing on, and does not say
// to be something else.
func (l *Ledger) whoIsMachine(on *atom) []candidate {
	self := slices.DeleteFunc(l.candidates(on, func(c claim) bool { return c.How == claimSelf }), func(c candidate) bool {
		return relays(c.atoms) || !l.oneMachine(c.atoms, claimSelf) || l.usurps(on, c)
	})
	if len(self) > 0 {
		return pick(self, protocols.RoleHL7Receiver)
	}
	images := slices.DeleteFunc(l.candidates(on, func(c claim) bool { return c.How == claimImage }), func(c candidate) bool {
		return passesOn(c.atoms) || !l.oneMachine(c.atoms, claimImage) || l.isAnother(c.atoms, on)
	})
	if len(images) > 0 {
		return pick(images, protocols.RoleDICOMStoreSCP)
	}
	named := slices.DeleteFunc(l.candidates(on, func(c claim) bool { return c.How == claimName }), func(c candidate) bool {
		return passesOn(c.atoms) || !l.couldBe(c.atoms, on) || l.isAnother(c.atoms, on)
	})
	if len(named) == 1 {
		return named
	}
	return nil
}

// couldBe reports whether nothing that a host claims speaks against it being a
// machine.
func (l *Ledger) couldBe(host []*atom, on *atom) bool {
	for _, a := range host {
		for _, id := range a.Claiming {
			if m := l.atoms[id]; m != on && m.machine() && !m.Told.alike(on.Told) {
				return false
			}
		}
	}
	return true
}

// called indexes what a host is called.
func (l *Ledger) called(a *atom, attribute protocols.Attribute, name string) {
	if a.machine() || a.Key.Kind == kindTitle || attribute != protocols.AETitle && attribute != protocols.StationName && attribute != protocols.Hostname {
		return
	}
	k := nameKey{a.Key.Site, a.Tap, l.knowledge.fold(name)}
	if slices.Contains(l.names[k], a) || len(l.names[k]) > MaxNamesakes {
		return
	}
	l.turned()
	l.names[k] = append(l.names[k], a)
	for _, m := range l.pictures[k] {
		l.touch(m)
	}
}

// station indexes a machine by the station name in its images.
func (l *Ledger) station(m *atom) {
	k := nameKey{m.Key.Site, m.Tap, m.Told.Station}
	if k.name != "" && !slices.Contains(l.pictures[k], m) && len(l.pictures[k]) <= MaxNamesakes {
		l.turned()
		l.pictures[k] = append(l.pictures[k], m)
	}
}

// callNamesakes lets the hosts that are called like the station in a machine's
// images claim to be it.
func (l *Ledger) callNamesakes(on *atom) {
	k := nameKey{on.Key.Site, on.Tap, on.Told.Station}
	if !on.machine() || k.name == "" || len(l.names[k]) > MaxNamesakes || len(l.pictures[k]) > MaxNamesakes {
		return
	}
	for _, a := range l.names[k] {
		if !on.claimedBy(a.ID, claimName) {
			l.claim(on, a, claimName, on.Last)
		}
	}
}

// whoHasName decides who has a EUI-64, a UDI, a UID or a MAC: hosts that say so
// of themselves, and the one described device that has it, unless it is the name
// of the gateway that describes it. An interface that is heard by itself needs nobody's
// table to tell whose it is.
func (l *Ledger) whoHasName(on *atom) []candidate {
	hosts := l.candidates(on, func(c claim) bool { return c.How == claimSelf || c.How == claimTable && !on.Spoke })
	if owner := l.keys[macKey(on.Key.Site, on.Tap, macOf(on.Key.Value))]; on.Key.Kind == kindEUI && owner != nil && owner.Spoke {
		own := slices.DeleteFunc(slices.Clone(hosts), func(c candidate) bool { return !slices.Contains(c.atoms, owner) })
		if len(own) > 0 {
			hosts = own
		}
	}
	hosts = pick(hosts, protocols.RoleHL7Receiver)
	parts := l.candidates(on, func(c claim) bool { return c.How == claimPart })
	if len(parts) != 1 || l.gatewayHas(on, hosts, parts[0]) {
		return hosts
	}
	// A host that takes the name of a described device is not that device, nor the
	// other way round, unless the name is that of its interface.
	hosts = slices.DeleteFunc(hosts, func(c candidate) bool { return !on.interfaceOf(c) && !c.first.Before(parts[0].first) })
	if slices.ContainsFunc(hosts, func(c candidate) bool { return !on.interfaceOf(c) }) {
		return hosts
	}
	return append(hosts, parts...)
}

// gatewayHas reports whether a name that a described device is given belongs to
// the gateway that describes it.
func (l *Ledger) gatewayHas(on *atom, hosts []candidate, part candidate) bool {
	for _, a := range part.by {
		for _, v := range a.Via {
			gateway := l.atoms[v.Of]
			if gateway == nil {
				continue
			}
			for _, g := range l.host(gateway) {
				if g == on || on.Key.Kind == kindEUI && g.Key.Kind == kindMAC && g.Key.Value == macOf(on.Key.Value).String() {
					return true
				}
				if slices.ContainsFunc(hosts, func(c candidate) bool { return slices.Contains(c.atoms, g) }) {
					return true
				}
			}
		}
	}
	return false
}

// pick chooses among several hosts that all could be it. Those that also receive
// such statements may only repeat them. Hosts that followed each other are one
// that changed its address, as long as no two interfaces are known; of hosts that
// speak at the same time the first one is believed, and with it the other interfaces of
// its chassis where it is network equipment.
func pick(all []candidate, receives protocols.Role) []candidate {
	if len(all) < 2 {
		return all
	}
	direct := slices.DeleteFunc(slices.Clone(all), func(c candidate) bool {
		return slices.ContainsFunc(c.atoms, func(a *atom) bool { return a.has(receives) })
	})
	if len(direct) > 0 {
		all = direct
	}
	kept := all[:1:1]
	for _, c := range all[1:] {
		before := kept[len(kept)-1]
		if slices.ContainsFunc(kept, c.sharesChassis) {
			kept = append(kept, c)
			continue
		}
		if c.first.After(before.lastHeard()) && (!c.hasInterface() || !before.hasInterface()) {
			for _, a := range before.atoms {
				a.outlived = true
			}
			kept = append(kept, c)
		}
	}
	return kept
}

func (c candidate) lastHeard() time.Time {
	var last time.Time
	for _, a := range c.atoms {
		last = later(last, a.Last)
	}
	return last
}

func (c candidate) hasInterface() bool {
	return slices.ContainsFunc(c.atoms, func(a *atom) bool { return a.Key.Kind == kindMAC })
}
