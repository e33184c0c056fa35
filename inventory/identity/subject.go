package identity

import (
	"github.com/auscult/auscult/protocols"
	"net/netip"
	"slices"
	"strings"
)

// speaker returns the atom of who sent the statement. A client without an address
// (DHCP, ARP) is known by its MAC, because such frames pass no router.
func (l *Ledger) speaker(o protocols.Observation) *atom {
	switch {
	case o.Protocol == protocols.ARP:
		return nil // the claim names its own sender
	case announces(o):
		return l.announcer(o)
	case everybodys(o) && !l.options.Inside(o.Speaker.Addr):
		return nil // a server somewhere in the world, and no device of this hospital
	}
	if host := l.heard(o.Site, o.Tap, o.Speaker, o.When); host != nil {
		host.Stated = true
		return host
	}
	if o.Speaker.Addr.IsValid() && !o.Speaker.Addr.IsUnspecified() {
		return nil
	}
	if m := l.mac(o.Site, o.Tap, o.Speaker.MAC, o.When); m != nil {
		l.spoke(m)
		m.Stated = true
		return m
	}
	return nil
}

// everybodys reports whether something was said in a protocol that all kinds of hosts
// speak, or was carried by one, so that saying it makes nobody a device of the hospital.
// What a FHIR server or an image archive somewhere in the world has records of need not
// be there.
func everybodys(o protocols.Observation) bool {
	return spokenByAll(o.Protocol) || spokenByAll(o.Over)
}

func spokenByAll(p protocols.Name) bool {
	switch p {
	case protocols.TLS, protocols.SSH, protocols.HTTP, protocols.FHIR, protocols.Telnet, protocols.FTP, protocols.SMB,
		protocols.NBNS, protocols.SNMP:
		return true
	}
	return false
}

// subject returns the atom that the statement is about, or nil when it cannot be
// told who that is.
func (l *Ledger) subject(o protocols.Observation, speaker *atom) *atom {
	if announces(o) {
		return speaker
	}
	switch o.About.Kind {
	case protocols.AboutSpeaker:
		return speaker
	case protocols.AboutListener:
		if everybodys(o) && !l.options.Inside(o.Listener.Addr) {
			return nil
		}
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
	asks := o.Protocol == protocols.DHCP && value(o.Facts, protocols.RoleOf) == string(protocols.RoleDHCPClient)
	if m != nil && (self && o.Protocol == protocols.ARP || asks) {
		l.spoke(m) // a client that a relay passes on has spoken, too
		m.Stated = true
		l.joinEUI(m, o.When)
	}
	if host == nil {
		return m
	}
	if m != nil && (o.Protocol == protocols.ARP || o.Protocol == protocols.DHCP) {
		l.bind(host, m, o.Protocol, o.When)
		host = l.address(o.Site, o.Tap, o.About.Addr, o.Speaker.VLAN, o.When)
	}
	// Who answers for an address that is not its own has not spoken as its holder.
	k := host.binding()
	claims := self && o.Protocol == protocols.ARP && (m == nil || k != nil && k.To == m.ID)
	if speaker == host || claims {
		host.Spoke, host.Stated = true, true
		if o.Speaker.VLAN != 0 {
			host.VLANs, _ = include(host.VLANs, o.Speaker.VLAN, MaxVLANs)
		}
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

// referenced returns the atom of the machine that images come from. The speaker
// claims to be it until it shows that it is not.
func (l *Ledger) referenced(o protocols.Observation, speaker *atom) *atom {
	if speaker == nil {
		return nil
	}
	t := l.tupleOf(o.Facts)
	machine := l.machineBySerial(o, t, speaker)
	switch {
	case machine != nil:
	case t.Station != "" && t.Maker+t.Model != "":
		machine = l.atom(key{Site: o.Site, Tap: o.Tap, Kind: kindStation, Value: t.Maker + "|" + t.Model + "|" + t.Station}, o.Tap, o.When)
	default:
		machine = l.atom(key{Site: o.Site, Tap: o.Tap, Kind: kindModel, Value: t.Maker + "|" + t.Model + "|" + t.Station + "|" + speaker.ID}, o.Tap, o.When)
	}
	if machine != nil {
		l.tells(machine, t)
		l.station(machine)
		l.claim(machine, speaker, claimImage, o.When)
	}
	return machine
}

// product reports the attributes of a machine, which go with its serial number;
// all others stay with the host that speaks.
func product(a protocols.Attribute) bool {
	switch a {
	case protocols.Manufacturer, protocols.Model, protocols.SerialNumber, protocols.SoftwareVersion, protocols.HardwareVersion,
		protocols.FirmwareVersion, protocols.PartNumber, protocols.UDI, protocols.DeviceUID, protocols.DeviceLabel, protocols.DeviceType, protocols.Calibrated,
		protocols.DrugLibrary, protocols.SecondaryMaker, protocols.SecondaryModel,
		protocols.SecondarySystem, protocols.CareArea, protocols.PowerSource, protocols.Battery, protocols.AlarmOf:
		return true
	}
	return false
}

// state files the facts and the report of a statement.
func (l *Ledger) state(o protocols.Observation, speaker, subject *atom) {
	machine := subject
	if o.About.Kind == protocols.AboutSpeaker || o.About.Kind == protocols.AboutListener || announces(o) {
		if m := l.machineBySerial(o, l.tupleOf(o.Facts), subject); m != nil {
			l.claim(m, subject, claimSelf, o.When)
			machine = m
		}
	}
	foreign := o.About.Kind == protocols.AboutDescribed && l.foreign(subject, speaker)
	for _, f := range o.Facts {
		to := subject
		switch {
		case product(f.Attribute):
			to = machine
		case o.About.Kind == protocols.AboutAddress:
			to = l.part(o, f, subject)
		}
		l.file(o, f, to, speaker)
		if !foreign {
			l.consequences(o, f, subject)
		}
	}
	l.software(o, machine, speaker)
	subject.Stated = subject.Stated || o.About.Kind != protocols.AboutListener
	if o.Report != nil {
		l.report(o, speaker, subject)
	}
}

// file keeps one fact of a statement as evidence of an atom.
func (l *Ledger) file(o protocols.Observation, f protocols.Fact, to, speaker *atom) {
	l.keep(to, fact{
		Attribute: f.Attribute, Value: f.Value, Protocol: o.Protocol, Field: f.Field, By: saidBy(to, speaker),
		Confidence: f.Confidence, First: o.When, Last: o.When, Count: 1,
	})
	l.called(to, f.Attribute, f.Value)
}

// keep adds to the evidence of an atom.
func (l *Ledger) keep(to *atom, f fact) {
	dropped, fresh := to.note(f)
	if fresh {
		l.turned()
	}
	if dropped.Value != "" && !slices.ContainsFunc(to.Facts, func(f fact) bool { return fold(f.Value) == fold(dropped.Value) }) {
		without(l.names, nameKey{to.Key.Site, to.Tap, fold(dropped.Value)}, to)
	}
	l.touch(to)
}

// saidBy names who said something of an atom, where that was somebody else.
func saidBy(of, speaker *atom) string {
	if speaker == nil || speaker == of {
		return ""
	}
	return speaker.ID
}

// software keeps the versions that one statement names, as a set.
func (l *Ledger) software(o protocols.Observation, machine, speaker *atom) {
	set := versionSet{Source: string(o.Protocol), By: saidBy(machine, speaker), When: o.When}
	set.Values = l.versions[:0]
	for _, f := range o.Facts {
		if f.Attribute == protocols.SoftwareVersion {
			set.Values, _ = include(set.Values, f.Value, MaxVersions)
			set.Confidence = max(set.Confidence, f.Confidence)
		}
	}
	l.versions = set.Values
	if len(set.Values) > 0 {
		machine.software(set)
	}
}

// part returns the atom that a fact about an address and an interface belongs to:
// each side's own key stays with it when they part.
func (l *Ledger) part(o protocols.Observation, f protocols.Fact, subject *atom) *atom {
	var to *atom
	switch f.Attribute {
	case protocols.HardwareAddress:
		to = l.interfaceOf(o.Site, o.Tap, o.About.MAC)
	case protocols.IPAddress:
		to = l.holderOf(o.Site, o.Tap, o.About.Addr, o.Speaker.VLAN)
	}
	if to == nil {
		return subject
	}
	return to
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
	if everybodys(o) {
		how = claimTable
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
		if o.About.Kind != protocols.AboutSpeaker {
			return
		}
	case protocols.RoleHL7ADTReceiver: // it may not have been heard yet when the sender was
		if o.About.Kind != protocols.AboutListener {
			return
		}
	default:
		return
	}
	to, from := l.holder(o.Site, o.Tap, o.Listener), l.holder(o.Site, o.Tap, o.Speaker)
	if to == nil || from == nil || to == from {
		return
	}
	var added bool
	if to.Senders, added = include(to.Senders, from.ID, MaxSenders); added {
		l.turned()
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

// euiOf makes a EUI-64 of a MAC, as macOf takes it apart.
func euiOf(mac string) string {
	bare := strings.ToUpper(strings.ReplaceAll(mac, ":", ""))
	return bare[:6] + "FFFE" + bare[6:]
}

// fold makes two spellings of a number comparable.
func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// addrOf parses an address that was stored by the ledger itself.
func addrOf(s string) netip.Addr {
	a, _ := netip.ParseAddr(s)
	return a
}
