package identity

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// place finds who holds an address without writing the address out: it is the
// same as the key of an address.
type place struct {
	site, tap string
	addr      netip.Addr // unmapped, without a zone
	vlan      uint16     // of a link-local address; 0 otherwise
}

// nic finds an interface without writing its MAC out, as place does.
type nic struct {
	site, tap string // the tap as in macKey
	mac       protocols.MAC
}

func placeOf(site, tap string, a netip.Addr, vlan uint16) place {
	a = a.Unmap().WithZone("")
	if !a.IsLinkLocalUnicast() {
		vlan = 0
	}
	return place{site, tap, a, vlan}
}

// place reads the key of an address back, without the time of a later holder.
func (k key) place() place {
	addr, vlan, _ := strings.Cut(baseOf(k.Value), vlanMark)
	n, _ := strconv.ParseUint(vlan, 10, 16)
	return placeOf(k.Site, k.Tap, addrOf(addr), uint16(n))
}

// holderOf returns who holds an address now, or nil.
func (l *Ledger) holderOf(site, tap string, a netip.Addr, vlan uint16) *atom {
	return l.places[placeOf(site, tap, a, vlan)]
}

// hold gives an address to an atom.
func (l *Ledger) hold(base key, a *atom) {
	l.current[base] = a
	l.places[base.place()] = a
}

// release takes an address from an atom, if it holds it.
func (l *Ledger) release(base key, a *atom) {
	if l.current[base] == a {
		delete(l.current, base)
		delete(l.places, base.place())
	}
}

// interfaceOf returns the atom of an interface, or nil.
func (l *Ledger) interfaceOf(site, tap string, m protocols.MAC) *atom {
	if !m.IsLocal() {
		tap = ""
	}
	n := nic{site, tap, m}
	a := l.nics[n]
	if a == nil {
		if a = l.keys[macKey(site, tap, m)]; a != nil {
			l.nics[n] = a
		}
	}
	return a
}

// unplug forgets an interface.
func (l *Ledger) unplug(a *atom) {
	if m, err := protocols.ParseMAC(a.Key.Value); err == nil {
		delete(l.nics, nic{a.Key.Site, a.Key.Tap, m})
	}
}

// euiOfMAC is the EUI-64 that is made of an interface's MAC.
func (a *atom) euiOfMAC() string {
	if a.eui == "" {
		a.eui = euiOf(a.Key.Value)
	}
	return a.eui
}
