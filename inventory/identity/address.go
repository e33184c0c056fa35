package identity

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/auscult/auscult/protocols"
)

// inside reports an address that the Internet does not route: private use (RFC
// 1918, RFC 4193), shared (RFC 6598), link-local.
func inside(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || shared.Contains(a)
}

var shared = netip.MustParsePrefix("100.64.0.0/10")

// assignable reports whether one host can hold the address.
func assignable(a netip.Addr) bool {
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLoopback() {
		return false
	}
	if a.Is4() {
		b := a.As4()
		return b[0] != 0 && b[0] < 240 // 0/8: RFC 1122, 3.2.1.3; 240/4 and broadcast: RFC 1112, 4
	}
	return true
}

// real reports whether a MAC can be one interface's.
func real(m protocols.MAC) bool { return !m.IsZero() && !m.IsGroup() }

// virtualRouter reports the MACs that routers share: VRRP (RFC 9568, section
// 7.3) and HSRP (RFC 2281, section 5.1; version 2).
func virtualRouter(m protocols.MAC) bool {
	return m[0] == 0 && m[1] == 0 && (m[2] == 0x5e && m[3] == 0 && (m[4] == 1 || m[4] == 2) ||
		m[2] == 0x0c && (m[3] == 0x07 && m[4] == 0xac || m[3] == 0x9f && m[4]&0xf0 == 0xf0))
}

// initial reports a hop limit with which hosts start (Linux and Apple 64, Windows
// 128, network equipment 255): the packet has passed no router.
func initial(hops uint8) bool { return hops == 64 || hops == 128 || hops == 255 }

// addressKey is the key of an address. Link-local addresses repeat on every link,
// so the VLAN belongs to them.
func addressKey(site, tap string, a netip.Addr, vlan uint16) key {
	a = a.Unmap().WithZone("")
	k := key{Site: site, Tap: tap, Kind: kindIP, Value: a.String()}
	if a.IsLinkLocalUnicast() && vlan != 0 {
		k.Value += vlanMark + strconv.Itoa(int(vlan))
	}
	return k
}

// vlanMark stands between an address and its VLAN.
const vlanMark = " vlan "

// holderSince makes the key of a later holder of an address.
func (k key) holderSince(when time.Time) key {
	k.Value += " since " + when.UTC().Format(time.RFC3339Nano)
	return k
}

// macKey is the key of an interface. A MAC that a maker gave is one in the site;
// one that was set locally may repeat behind another tap.
func macKey(site, tap string, m protocols.MAC) key {
	if !m.IsLocal() {
		tap = ""
	}
	return key{Site: site, Tap: tap, Kind: kindMAC, Value: m.String()}
}

// address returns the atom of who holds an address now, or nil when nobody can.
func (l *Ledger) address(site, tap string, a netip.Addr, vlan uint16, when time.Time) *atom {
	a = a.Unmap()
	if !assignable(a) {
		return nil
	}
	if now := l.holderOf(site, tap, a, vlan); now != nil {
		now.seen(when)
		l.touch(now)
		return now
	}
	k := addressKey(site, tap, a, vlan)
	made := l.nextHolder(k, tap, when)
	if made != nil {
		l.hold(k, made)
	}
	return made
}

// nextHolder returns the atom of whoever holds an address from now on: a new one,
// or the first one again when the address changes hands too often.
func (l *Ledger) nextHolder(base key, tap string, when time.Time) *atom {
	for _, a := range l.former[base] {
		l.touch(a)
	}
	first := l.keys[base]
	switch {
	case first == nil:
		return l.atom(base, tap, when)
	case first.Epochs < MaxEpochs:
		first.Epochs++
		l.touch(first)
		return l.atom(base.holderSince(when), tap, when)
	}
	if old := first.binding(); old != nil {
		l.unlink(first, l.atoms[old.To], bound)
	}
	l.resume(first, base)
	first.seen(when)
	return first
}

// holder returns who holds an address now, without making anything.
func (l *Ledger) holder(site, tap string, e protocols.Endpoint) *atom {
	if !assignable(e.Addr.Unmap()) {
		return nil
	}
	return l.holderOf(site, tap, e.Addr, e.VLAN)
}

// mac returns the atom of an interface.
func (l *Ledger) mac(site, tap string, m protocols.MAC, when time.Time) *atom {
	if !real(m) || virtualRouter(m) {
		return nil
	}
	if a := l.interfaceOf(site, tap, m); a != nil {
		a.seen(when)
		l.touch(a)
		return a
	}
	return l.atom(macKey(site, tap, m), tap, when)
}

// spoke notes that an interface sent something of its own.
func (l *Ledger) spoke(m *atom) {
	if !m.Spoke {
		l.turned()
	}
	m.Spoke = true
}

// heard notes that an endpoint sent something, and whose MAC that is as far as
// the frame shows it.
func (l *Ledger) heard(site, tap string, e protocols.Endpoint, when time.Time) *atom {
	host := l.address(site, tap, e.Addr, e.VLAN, when)
	if host == nil {
		return nil
	}
	spoke := host.Spoke
	host.Spoke = true
	host.Plain = host.Plain || !e.Tunnelled
	if e.VLAN != 0 {
		host.VLANs, _ = include(host.VLANs, e.VLAN, MaxVLANs)
	}
	near := initial(e.Hops) || host.linkLocal()
	if m := l.mac(site, tap, e.MAC, when); m != nil && e.Hops != 0 {
		l.sends(m, host, e.Addr.Unmap())
		l.unproxy(host, m, e.Hops)
		if near && !m.Shared {
			l.bind(host, m, protocols.IP, when)
		}
		if now := l.holder(site, tap, e); now != nil {
			if now != host {
				host.Spoke = spoke // it was not its holder that sent this
			}
			host = now
			host.Spoke = true
		}
	}
	return host
}

// routedOnce reports a hop limit that no host starts with, and that is left after
// one router.
func routedOnce(hops uint8) bool { return hops == 63 || hops == 127 || hops == 254 }

// unproxy finds that an interface answers for an address (proxy ARP, RFC 1027):
// what comes from the address through it has passed a router.
func (l *Ledger) unproxy(host, m *atom, hops uint8) {
	if k := host.binding(); k != nil && k.To == m.ID && k.How == string(protocols.ARP) && routedOnce(hops) {
		l.unlink(host, m, bound)
		host.Proxy = m.ID
	}
}

func (a *atom) linkLocal() bool {
	addr, err := netip.ParseAddr(a.address())
	return err == nil && addr.IsLinkLocalUnicast()
}

// address is the address of an address atom, without VLAN and time.
func (a *atom) address() string {
	for i, r := range a.Key.Value {
		if r == ' ' {
			return a.Key.Value[:i]
		}
	}
	return a.Key.Value
}

// sends notes from which addresses a MAC sends. One that sends from many is
// shared: what was bound by its traffic alone is taken back.
func (l *Ledger) sends(m, host *atom, a netip.Addr) {
	if m.Shared || !a.Is4() {
		return
	}
	var added bool
	if m.Sources, added = include(m.Sources, host.address(), OwnAddresses+1); !added {
		return
	}
	l.touch(m)
	if len(m.Sources) <= OwnAddresses {
		return
	}
	m.Shared = true
	m.Spoke = m.Stated // what it sent was not its own, unless it said something itself
	l.turned()
	for _, k := range slices.Clone(m.Links) {
		if k.Why == bound && k.How == string(protocols.IP) {
			l.unlink(m, l.atoms[k.To], bound)
		}
	}
}

// strong reports whether a binding is somebody's word, not only traffic.
func strong(how string) bool { return how != string(protocols.IP) }

// bind says that an address belongs to an interface, by ARP, by DHCP, or by
// traffic that has passed no router. A word is stronger than traffic; a later
// word of the same strength moves the address.
func (l *Ledger) bind(host, m *atom, how protocols.Name, when time.Time) {
	old := host.binding()
	switch {
	case how == protocols.ARP && host.Proxy == m.ID:
		return
	case old == nil:
		l.link(host, m, bound, string(how), when)
	case old.To == m.ID:
		if !strong(old.How) || how == protocols.DHCP {
			old.How = string(how)
		}
		old.At = later(old.At, when)
		l.refresh(m, host, old)
	case m.Shared, !strong(string(how)) && strong(old.How) && when.Sub(old.At) < StaleBinding && !l.holdsOn(host, m, old):
		return
	case l.atoms[old.To].Shared:
		// It answered for the holder, which now speaks for itself.
		l.unlink(host, l.atoms[old.To], bound)
		l.link(host, m, bound, string(how), when)
	default:
		host = l.move(host, m, how, when)
	}
	if host == nil {
		return
	}
	if host.Spoke {
		l.spoke(m)
	}
	if m.Spoke {
		l.joinEUI(m, when)
	}
	if how == protocols.DHCP {
		l.releaseOthers(host, m)
	}
	l.touch(host)
	l.touch(m)
}

// holdsOn reports whether an interface still uses an address that DHCP has given
// to another one: the acknowledgement was forged, or the address is taken.
func (l *Ledger) holdsOn(host, m *atom, now *link) bool {
	if now.How != string(protocols.DHCP) {
		return false
	}
	base := host.Key
	base.Value = baseOf(base.Value)
	return slices.ContainsFunc(l.former[base], func(before *atom) bool {
		k := before.binding()
		return k != nil && k.To == m.ID
	})
}

// binding returns the link of an address to its interface, or nil.
func (a *atom) binding() *link {
	for i := range a.Links {
		if a.Links[i].Why == bound {
			return &a.Links[i]
		}
	}
	return nil
}

// refresh copies a binding's strength and time to the other side.
func (l *Ledger) refresh(m, host *atom, from *link) {
	for i := range m.Links {
		if m.Links[i].To == host.ID && m.Links[i].Why == bound {
			m.Links[i].How, m.Links[i].At = from.How, from.At
		}
	}
}

// move gives an address to another interface: a new atom, or the one from when
// that interface held it before.
func (l *Ledger) move(host, m *atom, how protocols.Name, when time.Time) *atom {
	base := host.Key
	base.Value = baseOf(base.Value)
	l.stats.Moved++
	forged := !strong(string(how)) && l.holdsOn(host, m, host.binding())
	l.retire(host)
	for _, k := range m.Links {
		if earlier := l.atoms[k.To]; k.Why == bound && earlier.Key.Kind == kindIP && earlier.Key.Tap == base.Tap && baseOf(earlier.Key.Value) == base.Value {
			l.resume(earlier, base)
			note := moved(base, how, when)
			if forged {
				note.Attribute, note.Field = disputed, "still used by its holder"
			}
			earlier.note(note)
			return earlier
		}
	}
	made := l.nextHolder(base, host.Tap, when)
	if made == nil {
		return nil
	}
	made.Spoke = strong(string(how)) && how == protocols.ARP || !strong(string(how))
	made.note(moved(base, how, when))
	l.hold(base, made)
	l.link(made, m, bound, string(how), when)
	return made
}

func moved(base key, how protocols.Name, when time.Time) fact {
	return fact{Attribute: movedFrom, Value: base.Value, Protocol: how, Field: "another interface", First: when, Last: when, Count: 1}
}

// movedFrom marks an address that another interface held before.
const movedFrom protocols.Attribute = "moved"

// disputed marks an address that DHCP gave to another interface while its holder
// used it.
const disputed protocols.Attribute = "disputed"

// baseOf takes the time off the key of a later holder.
func baseOf(value string) string {
	const mark = " since "
	for i := range value {
		if len(value)-i >= len(mark) && value[i:i+len(mark)] == mark {
			return value[:i]
		}
	}
	return value
}

// releaseOthers takes back the other addresses that DHCP gave to an interface: a
// client holds one lease of a family at a time (RFC 2131, section 2).
func (l *Ledger) releaseOthers(host, m *atom) {
	for _, k := range m.Links {
		other := l.atoms[k.To]
		if k.Why != bound || k.How != string(protocols.DHCP) || other == host || other.Retired || other.Key.Tap != host.Key.Tap {
			continue
		}
		l.retire(other)
	}
}

// retire says that nobody is known to hold the address any more.
func (l *Ledger) retire(a *atom) {
	a.Retired = true
	base := a.Key
	base.Value = baseOf(base.Value)
	l.release(base, a)
	if !slices.Contains(l.former[base], a) {
		l.former[base] = append(l.former[base], a)
	}
	l.touch(a)
}

// resume gives an address back to an earlier holder.
func (l *Ledger) resume(a *atom, base key) {
	a.Retired = false
	l.former[base] = slices.DeleteFunc(l.former[base], func(x *atom) bool { return x == a })
	l.hold(base, a)
	for _, other := range l.former[base] {
		l.touch(other)
	}
	l.touch(a)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
