package identity

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// Snapshot returns all devices, by id, as they stand at a moment. They share
// nothing with the ledger.
func (l *Ledger) Snapshot(now time.Time) []inventory.Device {
	var devices []inventory.Device
	for _, a := range l.atoms {
		g := l.group(a)
		if g.root() == a && l.presence(g) != "" {
			devices = append(devices, l.view(g, now))
		}
	}
	slices.SortFunc(devices, func(x, y inventory.Device) int { return cmp.Compare(x.ID, y.ID) })
	return devices
}

// Device returns one device by its id or an alias, as it stands at a moment.
func (l *Ledger) Device(id string, now time.Time) (inventory.Device, bool) {
	id, ok := l.Resolve(id)
	if !ok {
		return inventory.Device{}, false
	}
	return l.view(l.group(l.atoms[id]), now), true
}

// view makes a device of a group: what its own atoms say, which is kept until one
// of them changes, and what depends on other devices or on the moment.
func (l *Ledger) view(g *group, now time.Time) inventory.Device {
	l.build(g)
	d := detached(g.built)
	d.Peers, d.Use = l.peers(g), l.useOf(g, now)
	d.Via, d.Parent = l.relations(g)
	if d.Type = l.judge(g).Type; program(d.Type) && !g.makerSaid {
		d.Manufacturer, d.ManufacturerCanonical = "", "" // who made its interface made no program
	}
	d.Conflicts = l.conflicts(g, g.evidence)
	d.Evidence = slices.DeleteFunc(d.Evidence, l.borrowed(g).program)
	d.FirstSeen, d.LastSeen = g.times()
	return d
}

// build makes the part of a device that its own atoms say.
func (l *Ledger) build(g *group) {
	if g.built != nil {
		return
	}
	e := l.evidence(g)
	d := &inventory.Device{
		ID: g.root().ID, Site: g.root().Key.Site, Tap: g.root().Tap, Aliases: g.aliases(),
		Presence: l.presence(g), Connectivity: inventory.Heard,
		Manufacturer: e.best(protocols.Manufacturer), Model: e.best(protocols.Model), SerialNumber: e.serial(l.knowledge),
		SoftwareVersions: g.software(l.words(g)), HardwareVersion: e.best(protocols.HardwareVersion), UDI: e.best(protocols.UDI),
		OS: e.best(protocols.OS), SwitchPort: e.best(protocols.SwitchPort), Location: e.best(protocols.Location),
		Hostnames: e.hostnames(), StationNames: e.stations(l.knowledge), AETitles: e.all(protocols.AETitle),
		Roles: e.all(protocols.RoleOf), MACs: l.interfaces(g), IPs: g.addresses(), VLANs: g.vlans(),
	}
	g.built, g.evidence = d, e
	if tells := l.concluded(g); len(tells) > 0 {
		e = append(slices.Clone(e), tells...)
		d.Manufacturer = e.best(protocols.Manufacturer)
	}
	g.makerSaid = e.states(protocols.Manufacturer, d.Manufacturer)
	d.ManufacturerCanonical, d.ModelCanonical = l.canonical(d.Manufacturer, d.Model)
	d.Evidence = append(e.shown(), l.mentioned(g)...)
	slices.SortStableFunc(d.Evidence, compareEvidence)
	d.Evidence = d.Evidence[:min(len(d.Evidence), MaxShown)]
}

// program reports the types that are programs on somebody's computer. Its interface tells
// who made that, if anybody: it stays among the evidence.
func program(t inventory.Type) bool {
	switch t {
	case "ehr", "lis", "ris", "pacs", "image-archive", "image-router", "integration-engine", "server":
		return true
	}
	return false
}

// detached copies a device so that nothing of it is shared.
func detached(from *inventory.Device) inventory.Device {
	d := *from
	for _, list := range []*[]string{
		&d.Aliases, &d.SoftwareVersions, &d.Hostnames, &d.StationNames, &d.AETitles, &d.MACs, &d.IPs, &d.Roles,
	} {
		*list = slices.Clone(*list)
	}
	d.VLANs, d.Evidence = slices.Clone(d.VLANs), slices.Clone(d.Evidence)
	return d
}

// canonical returns the knowledge base's names, empty where it has none.
func (l *Ledger) canonical(manufacturer, model string) (string, string) {
	maker, known := l.knowledge.Manufacturer(manufacturer)
	if !known {
		maker = ""
	}
	name, known := l.knowledge.Model(manufacturer, model)
	if !known {
		name = ""
	}
	return maker, name
}

// addresses are those that the device holds now, IPv4 first.
func (g *group) addresses() []string {
	var all []netip.Addr
	for _, a := range g.atoms {
		if addr := addrOf(a.address()); a.Key.Kind == kindIP && !a.Retired && a.Spoke && addr.IsValid() {
			all = append(all, addr)
		}
	}
	slices.SortFunc(all, func(x, y netip.Addr) int { return x.Compare(y) })
	var out []string
	for _, a := range slices.Compact(all) {
		out = append(out, a.String())
	}
	return out
}

// interfaces are the MACs of the device: those that were bound or claimed, and
// where none is known the one that its EUI-64 was made of.
func (l *Ledger) interfaces(g *group) []string {
	var known, made []string
	for _, a := range g.atoms {
		switch a.Key.Kind {
		case kindMAC:
			known, _ = include(known, a.Key.Value, MaxLinks)
		case kindEUI:
			m := macOf(a.Key.Value)
			if l.keys[macKey(a.Key.Site, a.Tap, m)] == nil && real(m) {
				made, _ = include(made, m.String(), MaxLinks)
			}
		}
	}
	if len(known) > 0 {
		return known
	}
	return made
}

func (g *group) vlans() []uint16 {
	var all []uint16
	for _, a := range g.atoms {
		for _, v := range a.VLANs {
			all, _ = include(all, v, MaxVLANs)
		}
	}
	return all
}

// times are when the device itself was heard first and last; of one that others
// speak for, when they spoke of it.
func (g *group) times() (first, last time.Time) {
	spoke := slices.ContainsFunc(g.atoms, func(a *atom) bool { return a.Spoke })
	for _, a := range g.atoms {
		if spoke && !a.Spoke {
			continue
		}
		if first.IsZero() || a.First.Before(first) {
			first = a.First
		}
		last = later(last, a.Last)
	}
	return first.UTC(), last.UTC()
}

// software is the set of versions that the surest source named last. What
// somebody else's data say counts only when the device says nothing itself, and
// what another host says than its gateway not at all.
func (g *group) software(w words) []string {
	var best *versionSet
	var rank word
	for _, a := range g.atoms {
		for i := range a.Versions {
			v := &a.Versions[i]
			own := w.of(a, v.By)
			if own == wordOther {
				continue
			}
			if best == nil || cmp.Or(cmp.Compare(own, rank), cmp.Compare(v.Confidence, best.Confidence), v.When.Compare(best.When),
				slices.Compare(best.Values, v.Values)) > 0 {
				best, rank = v, own
			}
		}
	}
	if best == nil {
		return nil
	}
	return slices.Clone(best.Values)
}

// relations are the ids of the gateway and of the whole. Of several
// hosts that speak for it, it is the one whose word counts, then the latest.
func (l *Ledger) relations(g *group) (via, parent string) {
	var latest time.Time
	var best word
	w := l.words(g)
	for _, a := range g.atoms {
		all := a.describers()
		for _, v := range all {
			gateway := l.group(l.atoms[v.Of])
			if gateway == g || l.presence(gateway) == "" || l.repeats(gateway, all) {
				continue
			}
			says := w.of(a, v.Of)
			if via == "" || says > best || says == best && v.Last.After(latest) {
				via, latest, best = gateway.root().ID, v.Last, says
			}
		}
		if whole := l.atoms[a.Parent]; whole != nil && l.group(whole) != g && l.presence(l.group(whole)) != "" {
			parent = l.group(whole).root().ID
		}
	}
	return via, parent
}

// repeats reports whether a describer receives messages from another one: then it
// passes on what that one said.
func (l *Ledger) repeats(g *group, all []sighting) bool {
	for _, a := range g.atoms {
		for _, id := range a.Senders {
			from := l.group(l.atoms[id])
			if from != g && slices.ContainsFunc(all, func(v sighting) bool { return l.group(l.atoms[v.Of]) == from }) {
				return true
			}
		}
	}
	return false
}

// judge asks the knowledge base for the type. What a gateway speaks for is judged
// by its own evidence only, so that two that speak for each other end nowhere.
func (l *Ledger) judge(g *group) inventory.Verdict {
	l.build(g)
	types, repeated := l.speaksFor(g)
	if len(types) == 0 && !repeated || l.staysItself(g) {
		return l.alone(g)
	}
	c := l.clues(g)
	if c.SpeaksFor = types; repeated {
		// All that it describes comes from another gateway: it is none itself.
		c.Facts = slices.DeleteFunc(c.Facts, func(f inventory.Clue) bool {
			return f.Attribute == protocols.RoleOf && f.Value == string(protocols.RoleHL7DeviceGateway)
		})
	}
	return l.knowledge.Classify(c)
}

// alone judges a device by its own evidence. What others are to it, who sends to it
// and whose images it sends, is looked at anew.
func (l *Ledger) alone(g *group) inventory.Verdict {
	l.build(g)
	depends := slices.ContainsFunc(g.atoms, func(a *atom) bool { return len(a.Senders)+len(a.Claiming) > 0 })
	if g.verdict.Type == "" || depends {
		g.verdict = l.knowledge.Classify(l.clues(g))
	}
	return g.verdict
}

// clues gathers what a type is judged by.
func (l *Ledger) clues(g *group) inventory.Clues {
	c := l.ownClues(g)
	c.Machines, c.OtherDevices, c.HL7Senders = l.machines(g.atoms), l.otherMachines(g), l.senders(g)
	c.Facts = slices.DeleteFunc(c.Facts, l.borrowed(g).clue)
	return c
}

// speaksFor are the types of the devices that a gateway describes first-hand, and
// whether it repeats another's word for all of them.
func (l *Ledger) speaksFor(g *group) (types []inventory.Type, repeated bool) {
	n := 0
	first := false
	for _, a := range g.atoms {
		for _, id := range slices.Sorted(maps.Keys(l.behind[a.ID])) {
			other := l.group(l.atoms[id])
			if n++; other == g || n > MaxBehind {
				continue
			}
			if via, _ := l.relations(other); via != g.root().ID {
				continue
			}
			first = true
			kind := l.alone(other).Type
			if kind != inventory.UnknownType {
				types, _ = include(types, kind, len(inventory.Types()))
			}
		}
	}
	return types, n > 0 && !first
}

// mentioned shows what a host told of machines that it is not.
func (l *Ledger) mentioned(g *group) []inventory.Evidence {
	var out []inventory.Evidence
	for _, a := range g.atoms {
		for _, id := range a.Claiming {
			m := l.atoms[id]
			if !m.machine() || slices.Contains(g.atoms, m) {
				continue
			}
			for _, f := range m.Facts {
				if f.By == a.ID && (f.Attribute == protocols.Manufacturer || f.Attribute == protocols.Model || f.Attribute == protocols.StationName) {
					f.Attribute, f.Confidence = "referenced_"+f.Attribute, 0
					out = append(out, f.shown())
				}
			}
		}
	}
	return out
}

func compareEvidence(x, y inventory.Evidence) int {
	return cmp.Or(strings.Compare(x.Attribute, y.Attribute), cmp.Compare(y.Confidence, x.Confidence), strings.Compare(x.Value, y.Value),
		strings.Compare(x.Protocol, y.Protocol), strings.Compare(x.Field, y.Field))
}
