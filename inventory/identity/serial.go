package identity

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// euiTells is how sure a EUI-64 must be to tell a machine from another one with the
// same serial number: the device's own word, or its gateway's.
const euiTells = 0.8

// machineBySerial finds or makes the machine that has a real serial number. A
// description may leave the maker out: then it is one that is known with the same
// model, or by the same speaker. Machines of which different EUI-64s are stated are
// different ones, whatever else is alike.
func (l *Ledger) machineBySerial(o protocols.Observation, t tuple, by *atom) *atom {
	if t.Serial == "" {
		return nil
	}
	t.EUI = l.euiStated(o, by)
	at := serialKey{o.Site, t.Serial}
	m := t.among(l.serials[at], by)
	if m == nil {
		k := l.serialKeyOf(o.Site, t, by)
		known := l.keys[k] != nil
		if m = l.atom(k, o.Tap, o.When); m == nil {
			return nil
		}
		if !known {
			l.serials[at] = append(l.serials[at], m)
		}
	}
	m.seen(o.When)
	l.tells(m, t)
	l.touch(m)
	return m
}

// maySay reports whether a description with the machine's serial number may be of it.
func (a *atom) maySay(t tuple, by *atom) bool {
	return a.Told.sameSerial(t) ||
		a.Told.alike(t) && by != nil && (a.via(by.ID) || a.claimedBy(by.ID, claimSelf) || a.claimedBy(by.ID, claimImage))
}

// among chooses of the machines that have the serial number of t: the one with its
// EUI-64, else the only one there is. Once several have the number, who leaves the
// EUI-64 out speaks of none that is known by one, and nobody knows of which.
func (t tuple) among(all []*atom, by *atom) *atom {
	fits := func(eui string) *atom {
		i := slices.IndexFunc(all, func(m *atom) bool { return m.Told.EUI == eui && m.maySay(t, by) })
		if i < 0 {
			return nil
		}
		return all[i]
	}
	if m := fits(t.EUI); m != nil {
		return m
	}
	known := ""
	for _, m := range all {
		switch eui := m.Told.EUI; {
		case eui == "" || !m.maySay(t, by):
		case t.EUI != "" || known != "" && known != eui:
			return nil
		default:
			known = eui
		}
	}
	return fits(known)
}

// serialKeyOf is the key of a new machine. The maker and the number are enough, until a
// second machine has them.
func (l *Ledger) serialKeyOf(site string, t tuple, by *atom) key {
	k := key{Site: site, Kind: kindSerial, Value: t.Maker + "|" + t.Serial}
	if t.Maker == "" {
		k.Value = "|" + t.Model + "|" + t.Serial
		if t.Model == "" && by != nil {
			k.Value += " by " + by.ID
		}
	}
	if m := l.keys[k]; m != nil && m.Told.EUI != "" && m.Told.EUI != t.EUI {
		k.Value += "|" + t.EUI
	}
	return k
}

// euiStated is the EUI-64 that a statement gives the machine that it is about, "" for
// one that is the speaker's own: gateways write theirs beside the numbers of all
// devices that they speak for.
func (l *Ledger) euiStated(o protocols.Observation, by *atom) string {
	i := slices.IndexFunc(o.Facts, func(f protocols.Fact) bool { return f.Attribute == protocols.EUI64 && f.Confidence >= euiTells })
	if i < 0 {
		return ""
	}
	eui := o.Facts[i].Value
	if o.About.Kind == protocols.AboutDescribed && by != nil && l.hasEUI(l.host(by), o.Site, eui) {
		return ""
	}
	return eui
}

// hasEUI reports whether a host says to have a EUI-64, or has the interface that it is
// made of.
func (l *Ledger) hasEUI(host []*atom, site, eui string) bool {
	named, mac := l.keys[key{Site: site, Kind: kindEUI, Value: eui}], macOf(eui).String()
	return slices.ContainsFunc(host, func(a *atom) bool {
		return a.Key.Kind == kindMAC && a.Key.Value == mac || named != nil && named.claimedBy(a.ID, claimSelf)
	})
}

// sameSerial reports whether two serial numbers that read alike are of one series:
// makers number for themselves, so the maker must be the same, or the model where one
// of them leaves the maker out.
func (t tuple) sameSerial(other tuple) bool {
	if t.Maker != "" && other.Maker != "" {
		return t.Maker == other.Maker
	}
	return t.Model != "" && t.Model == other.Model
}

// otherEUI reports whether two descriptions state different EUI-64s.
func (t tuple) otherEUI(other tuple) bool {
	return t.EUI != "" && other.EUI != "" && t.EUI != other.EUI
}

// withTwins adds the serial numbers of a device that another device has as well, which
// is told from it by its EUI-64.
func (l *Ledger) withTwins(g *group, out []string) []string {
	for _, a := range g.atoms {
		if a.Key.Kind != kindSerial {
			continue
		}
		for _, m := range l.serials[serialKey{a.Key.Site, a.Told.Serial}] {
			if m != a && m.Told.sameSerial(a.Told) && l.group(m) != g && l.presence(l.group(m)) != "" {
				out, _ = include(out, a.Told.Serial, MaxConflictValues)
			}
		}
	}
	return out
}

// euisOnTwo lists the EUI-64s that are stated of the device and of another one. The one
// of a gateway, which it writes beside the numbers of its devices, is its own.
func (l *Ledger) euisOnTwo(g *group) []string {
	var out []string
	look := func(on *atom) {
		if on == nil || on.Key.Kind != kindEUI {
			return
		}
		hosts := l.candidates(on, func(c claim) bool { return c.How == claimSelf })
		parts := l.candidates(on, func(c claim) bool { return c.How == claimPart })
		parts = slices.DeleteFunc(parts, func(c candidate) bool { return l.gatewayHas(on, hosts, c) })
		all := slices.DeleteFunc(append(hosts, parts...), func(c candidate) bool { return !c.saysEUI(on.Key.Value) })
		of := func(c candidate) bool { return slices.Contains(g.atoms, c.by[0]) }
		if others := slices.DeleteFunc(slices.Clone(all), of); len(others) > 0 && (len(others) < len(all) || slices.Contains(g.atoms, on)) {
			out, _ = include(out, on.Key.Value, MaxConflictValues)
		}
	}
	for _, a := range g.atoms {
		look(a)
		for _, id := range a.Claiming {
			look(l.atoms[id])
		}
	}
	return out
}

// saysEUI reports whether a EUI-64 is stated surely enough to tell a device by.
func (c candidate) saysEUI(eui string) bool {
	return slices.ContainsFunc(c.by, func(a *atom) bool {
		return slices.ContainsFunc(a.Facts, func(f fact) bool {
			return f.Attribute == protocols.EUI64 && f.Value == eui && f.Confidence >= euiTells
		})
	})
}
