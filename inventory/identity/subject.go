package identity

import (
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// speaker returns the atom of who sent the statement. A client without an address
// (DHCP, ARP) is known by its MAC, because such frames pass no router.
func (l *Ledger) speaker(o protocols.Observation) *atom {
	if o.Protocol == protocols.ARP {
		return nil // the claim names its own sender
	}
	if host := l.heard(o.Site, o.Tap, o.Speaker, o.When); host != nil {
		host.Stated = true
		return host
	}
	if o.Speaker.Addr.IsValid() && !o.Speaker.Addr.IsUnspecified() {
		return nil
	}
	if m := l.mac(o.Site, o.Tap, o.Speaker.MAC, o.When); m != nil {
		m.Spoke, m.Stated = true, true
		return m
	}
	return nil
}

// subject returns the atom that the statement is about, or nil when it cannot be
// told who that is.
func (l *Ledger) subject(o protocols.Observation, speaker *atom) *atom {
	switch o.About.Kind {
	case protocols.AboutSpeaker:
		return speaker
	case protocols.AboutListener:
		return l.address(o.Site, o.Tap, o.Listener.Addr, o.Listener.VLAN, o.When)
	case protocols.AboutAddress:
		return l.addressee(o, speaker)
	case protocols.AboutStation:
		return l.title(o, o.About.Title)
	case protocols.AboutDescribed:
		return l.described(o, speaker)
	case protocols.AboutReferenced:
		return l.referenced(o, speaker)
	}
	return nil
}

// addressee finds who holds an address, a MAC, or both, and binds them where the
// protocol gives its word for it.
func (l *Ledger) addressee(o protocols.Observation, speaker *atom) *atom {
	m := l.mac(o.Site, o.Tap, o.About.MAC, o.When)
	host := l.address(o.Site, o.Tap, o.About.Addr, o.Speaker.VLAN, o.When)
	self := o.Speaker.MAC == o.About.MAC && real(o.Speaker.MAC)
	if m != nil && self && (o.Protocol == protocols.ARP || o.Protocol == protocols.DHCP && speaker == m) {
		m.Spoke, m.Stated = true, true
	}
	if host != nil && (self && o.Protocol == protocols.ARP || speaker == host) {
		host.Spoke, host.Stated = true, true
	}
	if host == nil {
		return m
	}
	if m != nil && (o.Protocol == protocols.ARP || o.Protocol == protocols.DHCP) {
		l.bind(host, m, o.Protocol, o.When)
		host = l.address(o.Site, o.Tap, o.About.Addr, o.Speaker.VLAN, o.When)
	}
	if m != nil && o.Protocol == protocols.DHCP {
		return m // what DHCP says is about the client, wherever its address goes
	}
	return host
}

// title returns the atom of an AE title.
func (l *Ledger) title(o protocols.Observation, title string) *atom {
	if title = strings.TrimSpace(title); title == "" {
		return nil
	}
	return l.atom(key{Site: o.Site, Tap: o.Tap, Kind: kindTitle, Value: title}, o.Tap, o.When)
}

// described returns the atom of a device that somebody speaks for.
func (l *Ledger) described(o protocols.Observation, speaker *atom) *atom {
	t := l.tupleOf(o.Facts)
	subject := l.machineBySerial(o, t, speaker)
	if subject == nil {
		subject = l.name(o, speaker)
	}
	if subject == nil {
		l.stats.Unkeyed++
		return nil
	}
	if speaker != nil {
		l.describes(speaker, subject, o.When)
	}
	if o.About.Component != "" {
		l.part(o, subject, speaker)
	}
	return subject
}

// describes notes who speaks for a device.
func (l *Ledger) describes(speaker, subject *atom, when time.Time) {
	l.touch(subject)
	of := l.behind[speaker.ID]
	if of == nil {
		of = map[string]bool{}
		l.behind[speaker.ID] = of
	}
	of[subject.ID] = true
	for i := range subject.Via {
		if subject.Via[i].Of == speaker.ID {
			subject.Via[i].Last = later(subject.Via[i].Last, when)
			return
		}
	}
	if len(subject.Via) >= MaxClaims {
		oldest := 0
		for i := range subject.Via {
			if subject.Via[i].Last.Before(subject.Via[oldest].Last) {
				oldest = i
			}
		}
		delete(l.behind[subject.Via[oldest].Of], subject.ID)
		subject.Via[oldest] = sighting{speaker.ID, when}
		return
	}
	subject.Via = append(subject.Via, sighting{speaker.ID, when})
}

// part says of which whole a described part is.
func (l *Ledger) part(o protocols.Observation, subject, speaker *atom) {
	for _, k := range [...]kind{kindEUI, kindUID} {
		if whole := l.keys[key{Site: o.Site, Kind: k, Value: o.About.Component}]; whole != nil && whole != subject {
			subject.Parent = whole.ID
			return
		}
	}
	for _, whole := range l.serials[serialKey{o.Site, fold(o.About.Component)}] {
		if whole != subject && (speaker == nil || whole.via(speaker.ID)) {
			subject.Parent = whole.ID
			return
		}
	}
}

func (a *atom) via(id string) bool {
	for _, v := range a.Via {
		if v.Of == id {
			return true
		}
	}
	return false
}

// names are the attributes that are keys by themselves, the strongest first.
var names = [...]struct {
	attribute protocols.Attribute
	kind      kind
}{
	{protocols.UDI, kindUDI}, {protocols.EUI64, kindEUI}, {protocols.DeviceUID, kindUID}, {protocols.DeviceLabel, kindLabel},
}

// name returns the atom of the strongest name among the facts. A label is the
// hospital's own and means something only where it was said.
func (l *Ledger) name(o protocols.Observation, speaker *atom) *atom {
	for _, n := range names {
		if v := value(o.Facts, n.attribute); v != "" {
			return l.nameAtom(o, n.kind, v, speaker)
		}
	}
	return nil
}

func (l *Ledger) nameAtom(o protocols.Observation, k kind, v string, speaker *atom) *atom {
	named := key{Site: o.Site, Kind: k, Value: v}
	if k == kindLabel {
		named.Tap = o.Tap
		if speaker != nil {
			named.Value += " by " + speaker.ID
		}
	}
	return l.atom(named, o.Tap, o.When)
}

// referenced returns the atom of the machine that images come from. The speaker
// claims to be it until it shows that it is not.
func (l *Ledger) referenced(o protocols.Observation, speaker *atom) *atom {
	if speaker == nil {
		return nil
	}
	t := l.tupleOf(o.Facts)
	machine := l.machineBySerial(o, t, nil)
	switch {
	case machine != nil:
	case t.Station != "" && t.Maker+t.Model != "":
		machine = l.atom(key{Site: o.Site, Tap: o.Tap, Kind: kindStation, Value: t.Maker + "|" + t.Model + "|" + t.Station}, o.Tap, o.When)
	default:
		machine = l.atom(key{Site: o.Site, Tap: o.Tap, Kind: kindModel, Value: t.Maker + "|" + t.Model + "|" + t.Station + "|" + speaker.ID}, o.Tap, o.When)
	}
	if machine != nil {
		machine.Told = machine.Told.with(t)
		l.claim(machine, speaker, claimImage, o.When)
	}
	return machine
}

// machineBySerial finds or makes the machine that has a real serial number. A
// description may leave the maker out: then it is the one machine with that number
// that nothing else tells apart.
func (l *Ledger) machineBySerial(o protocols.Observation, t tuple, by *atom) *atom {
	if t.Serial == "" {
		return nil
	}
	at := serialKey{o.Site, t.Serial}
	for _, m := range l.serials[at] {
		if m.Told.Maker != "" && m.Told.Maker == t.Maker || m.Told.alike(t) && (by == nil || m.via(by.ID) || m.Told.Model == t.Model) {
			m.seen(o.When)
			m.Told = m.Told.with(t)
			l.touch(m)
			return m
		}
	}
	k := key{Site: o.Site, Kind: kindSerial, Value: t.Maker + "|" + t.Serial}
	if t.Maker == "" {
		k.Value = "|" + t.Model + "|" + t.Serial
		if by != nil {
			k.Value += " by " + by.ID
		}
	}
	known := l.keys[k] != nil
	m := l.atom(k, o.Tap, o.When)
	if m != nil {
		m.Told = m.Told.with(t)
		if !known {
			l.serials[at] = append(l.serials[at], m)
		}
	}
	return m
}

// product are the attributes of a machine, which go with its serial number; all
// others stay with the host that speaks.
var product = map[protocols.Attribute]bool{
	protocols.Manufacturer: true, protocols.Model: true, protocols.SerialNumber: true, protocols.SoftwareVersion: true,
	protocols.HardwareVersion: true, protocols.UDI: true, protocols.DeviceUID: true, protocols.DeviceLabel: true,
	protocols.DeviceType: true, protocols.Calibrated: true, protocols.DrugLibrary: true, protocols.SecondaryMaker: true,
}

// state files the facts and the report of a statement.
func (l *Ledger) state(o protocols.Observation, speaker, subject *atom) {
	machine := subject
	if o.About.Kind == protocols.AboutSpeaker || o.About.Kind == protocols.AboutListener {
		if m := l.machineBySerial(o, l.tupleOf(o.Facts), nil); m != nil {
			l.claim(m, subject, claimSelf, o.When)
			machine = m
		}
	}
	by := ""
	if speaker != nil && speaker != subject {
		by = speaker.ID
	}
	var versions versionSet
	for _, f := range o.Facts {
		to := subject
		if product[f.Attribute] {
			to = machine
		}
		kept := fact{
			Attribute: f.Attribute, Value: f.Value, Protocol: o.Protocol, Field: f.Field, Confidence: f.Confidence,
			First: o.When, Last: o.When, Count: 1,
		}
		if to != speaker {
			kept.By = by
			if by == "" && speaker != nil {
				kept.By = speaker.ID
			}
		}
		to.note(kept)
		l.touch(to)
		if f.Attribute == protocols.SoftwareVersion {
			versions.Values, _ = include(versions.Values, f.Value, MaxVersions)
			versions.Confidence = max(versions.Confidence, f.Confidence)
			versions.By = kept.By
		}
		l.consequences(o, f, subject)
	}
	subject.Stated = subject.Stated || o.About.Kind != protocols.AboutListener
	if len(versions.Values) > 0 {
		versions.Source, versions.When = string(o.Protocol), o.When
		machine.software(versions)
	}
	if o.Report != nil {
		l.use.Report(subject.ID, inventory.Statement{Site: o.Site, Tap: o.Tap, Protocol: o.Protocol, When: o.When, Report: *o.Report})
		l.touch(subject)
	}
}

// consequences follows what one fact means beyond itself: names are claimed, and
// receivers of messages are told from senders.
func (l *Ledger) consequences(o protocols.Observation, f protocols.Fact, subject *atom) {
	how := claimSelf
	if o.About.Kind == protocols.AboutDescribed {
		how = claimPart
	}
	switch f.Attribute {
	case protocols.AETitle:
		if named := l.title(o, f.Value); named != nil && named != subject && o.About.Kind != protocols.AboutReferenced {
			l.claim(named, subject, how, o.When)
		}
	case protocols.UDI, protocols.EUI64, protocols.DeviceUID:
		if o.About.Kind == protocols.AboutReferenced {
			return
		}
		for _, n := range names {
			if n.attribute != f.Attribute {
				continue
			}
			if named := l.nameAtom(o, n.kind, f.Value, nil); named != nil && named != subject {
				l.claim(named, subject, how, o.When)
			}
		}
	case protocols.HardwareAddress:
		l.claimMAC(o, f, subject, how)
	case protocols.RoleOf:
		l.sender(o, protocols.Role(f.Value))
	}
}

// claimMAC follows a device that names its own interface, outside the protocols
// that bind addresses.
func (l *Ledger) claimMAC(o protocols.Observation, f protocols.Fact, subject *atom, how claimKind) {
	if o.Protocol == protocols.ARP || o.Protocol == protocols.DHCP {
		return
	}
	address, err := protocols.ParseMAC(f.Value)
	if err != nil {
		return
	}
	if m := l.mac(o.Site, o.Tap, address, o.When); m != nil && m != subject {
		l.claim(m, subject, how, o.When)
	}
}

// sender notes who sends messages to whom.
func (l *Ledger) sender(o protocols.Observation, role protocols.Role) {
	switch role {
	case protocols.RoleHL7Sender, protocols.RoleHL7ADTSource, protocols.RoleHL7DeviceGateway, protocols.RoleHL7DeviceReporter,
		protocols.RoleHL7ResultSender, protocols.RoleHL7OrderSource:
	default:
		return
	}
	if o.About.Kind != protocols.AboutSpeaker {
		return
	}
	to, from := l.holder(o.Site, o.Tap, o.Listener), l.holder(o.Site, o.Tap, o.Speaker)
	if to == nil || from == nil || to == from {
		return
	}
	var added bool
	if to.Senders, added = include(to.Senders, from.ID, MaxSenders); added {
		l.touch(to)
	}
}

func value(facts []protocols.Fact, a protocols.Attribute) string {
	for _, f := range facts {
		if f.Attribute == a {
			return f.Value
		}
	}
	return ""
}

// fold makes two spellings of a number comparable.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// addrOf parses an address that was stored by the ledger itself.
func addrOf(s string) netip.Addr {
	a, _ := netip.ParseAddr(s)
	return a
}
