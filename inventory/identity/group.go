package identity

import (
	"cmp"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
)

// group is a device: atoms that are linked, by their order of first sight.
type group struct {
	atoms []*atom
	// What view has made of the atoms, until one of them changes.
	built     *inventory.Device
	makerSaid bool // its maker was said, and not only concluded from an interface
	evidence  evidence
	verdict   inventory.Verdict
}

// forget drops what was made of the device that an atom is part of.
func (a *atom) forget() {
	if a != nil && a.device != nil {
		a.device.built, a.device.evidence, a.device.verdict = nil, nil, inventory.Verdict{}
	}
}

// link joins two atoms.
func (l *Ledger) link(a, b *atom, why reason, how string, at time.Time) {
	if a == b || len(a.Links) >= MaxLinks || len(b.Links) >= MaxLinks {
		l.stats.Refused++
		l.stats.RefusedFor.Links++
		l.until(time.Time{}) // and each attempt is counted
		return
	}
	l.clients -= a.client() + b.client()
	for _, pair := range [...][2]*atom{{a, b}, {b, a}} {
		pair[0].Links = append(pair[0].Links, link{To: pair[1].ID, Why: why, How: how, At: at})
		slices.SortFunc(pair[0].Links, func(x, y link) int { return cmp.Or(cmp.Compare(x.To, y.To), cmp.Compare(x.Why, y.Why)) })
	}
	l.clients += a.client() + b.client()
	l.regroup(a, b)
}

// unlink takes a join back: what was said goes back to whom it was said of.
func (l *Ledger) unlink(a, b *atom, why reason) {
	l.regroup(a, b)
	l.clients -= a.client() + b.client()
	for _, pair := range [...][2]*atom{{a, b}, {b, a}} {
		pair[0].Links = slices.DeleteFunc(pair[0].Links, func(k link) bool { return k.To == pair[1].ID && k.Why == why })
	}
	l.clients += a.client() + b.client()
	l.stats.Undone++
	l.regroup(a, b)
}

func (l *Ledger) regroup(changed ...*atom) {
	l.turned()
	for _, a := range changed {
		if g := a.device; g != nil {
			for _, member := range g.atoms {
				member.device = nil
			}
		}
		for _, member := range a.host {
			member.host = nil
		}
		l.touch(a)
	}
}

// group returns the device that an atom is part of.
func (l *Ledger) group(a *atom) *group {
	if a.device != nil {
		return a.device
	}
	g := &group{atoms: l.reach(a, "")}
	for _, member := range g.atoms {
		member.device = g
	}
	return g
}

// host returns the atoms of one host: its addresses and interfaces. Callers do not
// change the slice.
func (l *Ledger) host(a *atom) []*atom {
	if a.host == nil {
		host := l.reach(a, bound)
		for _, member := range host {
			member.host = host
		}
	}
	return a.host
}

// reach returns the atoms that links of one reason lead to, of any when it is
// empty, by their order of first sight.
func (l *Ledger) reach(from *atom, why reason) []*atom {
	found := []*atom{from}
	seen := map[string]bool{from.ID: true}
	for i := 0; i < len(found); i++ {
		for _, k := range found[i].Links {
			if why != "" && k.Why != why || seen[k.To] {
				continue
			}
			seen[k.To] = true
			found = append(found, l.atoms[k.To])
		}
	}
	slices.SortFunc(found, func(x, y *atom) int { return cmp.Compare(x.Seq, y.Seq) })
	return found
}

// root is the atom whose id the device has: the one that was minted first.
func (g *group) root() *atom {
	root := g.atoms[0]
	for _, a := range g.atoms[1:] {
		if a.Mint != 0 && (root.Mint == 0 || a.Mint < root.Mint) {
			root = a
		}
	}
	return root
}

// aliases are the other ids under which the device was ever known.
func (g *group) aliases() []string {
	var ids []string
	root := g.root()
	for _, a := range g.atoms {
		if a != root && a.Mint != 0 {
			ids = append(ids, a.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// mint gives a device its id for ever, once it is visible: that of its first atom
// which is visible by itself, so that the id outlives every join.
func (l *Ledger) mint(a *atom) {
	g := l.group(a)
	if g.root().Mint != 0 || l.presence(g) == "" {
		return
	}
	root := g.atoms[0]
	if i := slices.IndexFunc(g.atoms, l.visible); i >= 0 {
		root = g.atoms[i]
	}
	l.mints++
	root.Mint = l.mints
	l.touch(root)
}

// visible reports whether an atom makes a device without any other. An interface
// that is known by traffic alone does not: it may turn out to be shared.
func (l *Ledger) visible(a *atom) bool {
	if a.Key.Kind == kindMAC && !a.Stated {
		return false
	}
	return l.presence(&group{atoms: []*atom{a}}) != ""
}

// presence says how a device is known, "" when what is known makes none: a host
// that never sent a packet, a title that nobody has, a machine in images that
// nothing identifies.
func (l *Ledger) presence(g *group) inventory.Presence {
	var described, pictured bool
	for _, a := range g.atoms {
		if a.Spoke && (a.Stated || l.own(a)) {
			return inventory.OnNetwork
		}
		described = described || a.isDescribed()
		pictured = pictured || a.Key.Kind == kindSerial && len(a.Claims) > 0
	}
	switch {
	case described:
		return inventory.Behind
	case pictured:
		return inventory.Referenced
	}
	return ""
}

// describers are who speaks for the atom: gateways, and hosts that state it of
// themselves and of others as well.
func (a *atom) describers() []sighting {
	all := slices.Clone(a.Via)
	for _, c := range a.Claims {
		if a.Key.Kind == kindSerial && c.How == claimSelf {
			all = append(all, sighting{Of: c.By, First: c.First, Last: c.Last})
		}
	}
	return all
}

// isDescribed reports whether there are describers.
func (a *atom) isDescribed() bool {
	return len(a.Via) > 0 || a.Key.Kind == kindSerial && slices.ContainsFunc(a.Claims, func(c claim) bool { return c.How == claimSelf })
}

// own reports whether an address belongs to the site: by its range, or because
// its holder is on a link that is listened to.
func (l *Ledger) own(a *atom) bool {
	if a.Key.Kind != kindIP {
		return a.Stated
	}
	if l.options.Inside(addrOf(a.address())) {
		return true
	}
	k := a.binding()
	return k != nil && strong(k.How)
}

// Resolve returns the id of the device that has, or ever had, an id.
func (l *Ledger) Resolve(id string) (string, bool) {
	a := l.atoms[id]
	if a == nil || a.Mint == 0 && l.group(a).root() != a {
		return "", false
	}
	g := l.group(a)
	if l.presence(g) == "" {
		return "", false
	}
	return g.root().ID, true
}
