package identity

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// announces reports whether a chassis tells its neighbours of itself, through one of its
// interfaces. The dissector has checked that the interface is numbered like one of it.
func announces(o protocols.Observation) bool {
	return (o.Protocol == protocols.LLDP || o.Protocol == protocols.CDP) && o.About.Kind == protocols.AboutAddress && real(o.About.MAC)
}

// announcer returns the atom of a chassis that announces itself. An interface of it that
// has said something by its own address is the same device; the others have no atoms, so
// that a switch of which every port is mirrored is one key and not hundreds.
func (l *Ledger) announcer(o protocols.Observation) *atom {
	chassis := l.mac(o.Site, o.Tap, o.About.MAC, o.When)
	if chassis == nil || o.Speaker.Tunnelled && l.plainly(chassis) {
		return nil
	}
	l.spoke(chassis)
	chassis.Stated = true
	if port := l.interfaceOf(o.Site, o.Tap, o.Speaker.MAC); port != nil && port != chassis {
		l.claim(port, chassis, claimSelf, o.When)
	}
	return chassis
}

// mayClaim reports whether there is room for one more thing that an atom claims to be.
// The interfaces of a chassis are not machines, and a switch has many.
func (l *Ledger) mayClaim(on, by *atom) bool {
	if on.Key.Kind == kindMAC && by.Key.Kind == kindMAC {
		return len(by.Claiming) < MaxLinks
	}
	n := len(by.Claiming)
	if by.Key.Kind == kindMAC {
		for _, id := range by.Claiming {
			if l.atoms[id].Key.Kind == kindMAC {
				n--
			}
		}
	}
	return n < MaxMachines
}

// sharesChassis reports whether two hosts have interfaces that can be of one chassis, of
// which one has announced itself as a bridge or a router: a switch is heard by the
// address that it is managed at, and by those of its ports. Two devices of one delivery
// are numbered as near, and announce nothing of that kind.
func (c candidate) sharesChassis(other candidate) bool {
	forwards := func(a *atom) bool { return a.has(protocols.RoleBridge) || a.has(protocols.RoleRouter) }
	if !slices.ContainsFunc(c.atoms, forwards) && !slices.ContainsFunc(other.atoms, forwards) {
		return false
	}
	for _, a := range c.atoms {
		for _, b := range other.atoms {
			x, _ := protocols.ParseMAC(a.Key.Value)
			y, _ := protocols.ParseMAC(b.Key.Value)
			if a.Key.Kind == kindMAC && b.Key.Kind == kindMAC && x.SameChassis(y) {
				return true
			}
		}
	}
	return false
}

// plainly reports whether an interface is that of a host that is known from the wire.
func (l *Ledger) plainly(m *atom) bool {
	return slices.ContainsFunc(m.Links, func(k link) bool { return k.Why == bound && l.atoms[k.To].Plain })
}
