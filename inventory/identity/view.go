package identity

import (
	"cmp"
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
	judged := map[*group]inventory.Verdict{}
	for _, a := range l.atoms {
		g := l.group(a)
		if g.root() == a && l.presence(g) != "" {
			devices = append(devices, l.view(g, now, judged))
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
	return l.view(l.group(l.atoms[id]), now, map[*group]inventory.Verdict{}), true
}

// view makes a device of a group.
func (l *Ledger) view(g *group, now time.Time, judged map[*group]inventory.Verdict) inventory.Device {
	e := l.evidence(g)
	d := inventory.Device{
		ID: g.root().ID, Site: g.root().Key.Site, Tap: g.root().Tap, Aliases: g.aliases(),
		Presence: l.presence(g), Connectivity: inventory.Heard,
		Manufacturer: e.best(protocols.Manufacturer), Model: e.best(protocols.Model), SerialNumber: e.serial(l.knowledge),
		SoftwareVersions: g.software(), HardwareVersion: e.best(protocols.HardwareVersion), UDI: e.best(protocols.UDI),
		OS: e.best(protocols.OS), SwitchPort: e.best(protocols.SwitchPort), Location: e.best(protocols.Location),
		Hostnames: e.all(protocols.Hostname), StationNames: e.all(protocols.StationName), AETitles: e.all(protocols.AETitle),
		Roles: e.all(protocols.RoleOf), MACs: e.all(protocols.HardwareAddress), IPs: g.addresses(), VLANs: g.vlans(),
		Peers: l.peers(g), Use: l.use.At(g.keys(), now),
	}
	d.ManufacturerCanonical, d.ModelCanonical = l.canonical(d.Manufacturer, d.Model)
	d.FirstSeen, d.LastSeen = g.times()
	d.Via, d.Parent = l.relations(g)
	d.Type = l.judge(g, e, judged).Type
	d.Conflicts = l.conflicts(g, e)
	d.Evidence = append(e.shown(), l.mentioned(g)...)
	slices.SortStableFunc(d.Evidence, compareEvidence)
	d.Evidence = d.Evidence[:min(len(d.Evidence), MaxShown)]
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
// somebody else's data say counts only when the device says nothing itself.
func (g *group) software() []string {
	var best *versionSet
	var rank int
	for _, a := range g.atoms {
		for i := range a.Versions {
			v := &a.Versions[i]
			own := 0
			if g.speaksFor(a, v.By) {
				own = 1
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

// speaksFor reports whether who said something of an atom is the device itself,
// or a gateway that describes it.
func (g *group) speaksFor(a *atom, by string) bool {
	return by == "" || by == a.ID || a.via(by) || slices.ContainsFunc(g.atoms, func(m *atom) bool { return m.ID == by || m.via(by) })
}

// relations are the ids of the gateway and of the whole. A gateway that several
// have been stays the latest one.
func (l *Ledger) relations(g *group) (via, parent string) {
	var latest time.Time
	for _, a := range g.atoms {
		for _, v := range a.Via {
			gateway := l.group(l.atoms[v.Of])
			if gateway != g && l.presence(gateway) != "" && (via == "" || v.Last.After(latest)) {
				via, latest = gateway.root().ID, v.Last
			}
		}
		if whole := l.atoms[a.Parent]; whole != nil && l.group(whole) != g && l.presence(l.group(whole)) != "" {
			parent = l.group(whole).root().ID
		}
	}
	return via, parent
}

// judge asks the knowledge base for the type. What a gateway speaks for is judged
// first; those are never gateways of others in turn.
func (l *Ledger) judge(g *group, e evidence, judged map[*group]inventory.Verdict) inventory.Verdict {
	if v, ok := judged[g]; ok {
		return v
	}
	judged[g] = inventory.Verdict{Type: inventory.UnknownType} // whoever describes itself in a circle
	c := inventory.Clues{
		Presence: l.presence(g), Facts: e.clues(), Machines: l.machines(g.atoms), Addresses: len(g.addresses()),
	}
	if v := e.best(protocols.Manufacturer); v != "" {
		c.Manufacturer, _ = l.knowledge.Manufacturer(v)
	}
	if v := e.best(protocols.Model); v != "" {
		c.Model, _ = l.knowledge.Model(c.Manufacturer, v)
	}
	senders := map[*group]bool{}
	for _, a := range g.atoms {
		if a.Key.Kind == kindMAC && c.Vendor == "" {
			c.Vendor = l.knowledge.Vendor(a.Key.Value)
		}
		for _, id := range a.Senders {
			if from := l.group(l.atoms[id]); from != g {
				senders[from] = true
			}
		}
	}
	c.HL7Senders = len(senders)
	c.SpeaksFor = l.speaksFor(g, judged)
	judged[g] = l.knowledge.Classify(c)
	return judged[g]
}

// speaksFor are the types of the devices that a gateway describes.
func (l *Ledger) speaksFor(g *group, judged map[*group]inventory.Verdict) []inventory.Type {
	var types []inventory.Type
	n := 0
	for _, a := range g.atoms {
		for id := range l.behind[a.ID] {
			other := l.group(l.atoms[id])
			if n++; other == g || n > MaxBehind {
				continue
			}
			kind := l.judge(other, l.evidence(other), judged).Type
			if kind != inventory.UnknownType {
				types, _ = include(types, kind, len(inventory.Types()))
			}
		}
	}
	return types
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
