package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// tuple is what tells one machine from another: canonical maker and model, and
// the folded serial number and station name, and the EUI-64 that was stated with
// them. An empty part was not said.
type tuple struct {
	Maker   string `json:"maker,omitempty"`
	Model   string `json:"model,omitempty"`
	Serial  string `json:"serial,omitempty"`
	Station string `json:"station,omitempty"`
	EUI     string `json:"eui,omitempty"`
}

// tupleOf reads the facts of one statement. A serial number that says nothing is
// none.
func (l *Ledger) tupleOf(facts []protocols.Fact) tuple {
	written := writtenIn(facts)
	if written == (tuple{}) {
		return written
	}
	t, ok := l.knowledge.tuples[written]
	if !ok {
		t = l.knowledge.tuple(written)
		l.knowledge.tuples = remember(l.knowledge.tuples, written, t)
	}
	return t
}

// writtenIn takes the parts of a tuple from facts as they stand there, the first of
// each.
func writtenIn(facts []protocols.Fact) tuple {
	var t tuple
	for i := range facts {
		var part *string
		switch facts[i].Attribute {
		case protocols.Manufacturer:
			part = &t.Maker
		case protocols.Model:
			part = &t.Model
		case protocols.SerialNumber:
			part = &t.Serial
		case protocols.StationName:
			part = &t.Station
		default:
			continue
		}
		if *part == "" {
			*part = facts[i].Value
		}
	}
	return t
}

// tuple reads the parts as they were written.
func (m *memory) tuple(written tuple) tuple {
	var t tuple
	if v := written.Maker; v != "" {
		t.Maker, _ = m.Manufacturer(v)
	}
	if v := written.Model; v != "" {
		t.Model, _ = m.Model(t.Maker, v)
		t.Model = fold(t.Model)
	}
	if v := written.Serial; v != "" && !m.PlaceholderSerial(v) {
		t.Serial = fold(v)
	}
	if v := written.Station; !m.PlaceholderSerial(v) {
		t.Station = fold(v)
	}
	t.Maker = fold(t.Maker)
	return t
}

// with fills in what t does not say.
func (t tuple) with(more tuple) tuple {
	for _, part := range [...]struct {
		to   *string
		from string
	}{{&t.Maker, more.Maker}, {&t.Model, more.Model}, {&t.Serial, more.Serial}, {&t.Station, more.Station}, {&t.EUI, more.EUI}} {
		if *part.to == "" {
			*part.to = part.from
		}
	}
	return t
}

// tells adds to what tells a machine from others.
func (l *Ledger) tells(m *atom, more tuple) {
	if t := m.Told.with(more); t != m.Told {
		m.Told = t
		l.turned()
	}
}

// alike reports whether two descriptions can be of one machine. A machine may
// leave a part out, and its screenshots and dose reports may name another model,
// so the more telling part decides where both have it.
func (t tuple) alike(other tuple) bool {
	both := func(a, b string) bool { return a != "" && b != "" }
	switch {
	case t.otherEUI(other):
		return false
	case both(t.Serial, other.Serial):
		return t.Serial == other.Serial && (!both(t.Maker, other.Maker) || t.Maker == other.Maker)
	case both(t.Maker, other.Maker) && t.Maker != other.Maker:
		return false
	case both(t.Station, other.Station):
		return t.Station == other.Station
	}
	return !both(t.Model, other.Model) || t.Model == other.Model
}

// machines counts how many different machines a host's images come from, as far
// as MaxMachines goes: each that is like none before counts.
func (l *Ledger) machines(host []*atom) int {
	var kinds []tuple
	for _, a := range host {
		for _, id := range a.Claiming {
			m := l.atoms[id]
			if !m.claimedBy(a.ID, claimImage) {
				continue
			}
			if !slices.ContainsFunc(kinds, m.Told.alike) {
				kinds = append(kinds, m.Told)
			}
		}
		if a.Crowded {
			return max(len(kinds), MaxMachines)
		}
	}
	return len(kinds)
}

// otherMachines counts the machines whose images a device sends and which are other
// devices on the network, as far as MaxMachines goes.
func (l *Ledger) otherMachines(g *group) int {
	others := map[*group]bool{}
	for _, a := range g.atoms {
		for _, id := range a.Claiming {
			m := l.atoms[id]
			if !m.machine() || !m.claimedBy(a.ID, claimImage) {
				continue
			}
			if other := l.group(m); other != g && l.presence(other) == inventory.OnNetwork {
				others[other] = true
			}
		}
	}
	return len(others)
}

// oneMachine reports whether all that a host claims to be, or sends images of,
// can be one machine, and that it is m.
// What it stopped claiming ClaimsFade ago was replaced.
func (l *Ledger) oneMachine(host []*atom, how claimKind) bool {
	var told []tuple
	var newest time.Time
	l.claimsOf(host, func(c *claim) { newest = later(newest, c.Last) })
	l.claimsOf(host, func(c *claim) {
		if !c.Last.Before(newest.Add(-ClaimsFade)) {
			l.until(c.Last.Add(ClaimsFade))
		}
	})
	faded := newest.Add(-ClaimsFade)
	for _, a := range host {
		if a.Crowded {
			return false
		}
		for _, id := range a.Claiming {
			if m := l.atoms[id]; m.machine() && m.claims(a.ID, how, faded) {
				told = append(told, m.Told)
			}
		}
	}
	for i, t := range told {
		for _, other := range told[i+1:] {
			if !t.alike(other) {
				return false
			}
		}
	}
	return true
}

// claimsOf shows the claims of a host to be machines.
func (l *Ledger) claimsOf(host []*atom, show func(*claim)) {
	for _, a := range host {
		for _, id := range a.Claiming {
			m := l.atoms[id]
			for i := range m.Claims {
				if c := &m.Claims[i]; c.By == a.ID && m.machine() {
					show(c)
				}
			}
		}
	}
}

// claims reports whether an atom claimed to be this machine lately: by its own
// word when only that counts, by any means otherwise. A name alone is no claim
// that could contradict another.
func (a *atom) claims(by string, how claimKind, since time.Time) bool {
	return slices.ContainsFunc(a.Claims, func(c claim) bool {
		return c.By == by && c.How != claimName && (how != claimSelf || c.How == claimSelf) && !c.Last.Before(since)
	})
}

// machine reports whether the atom is one machine's, by whatever tells it.
func (a *atom) machine() bool {
	return a.Key.Kind == kindSerial || a.Key.Kind == kindStation || a.Key.Kind == kindModel
}

func (a *atom) claimedBy(id string, how claimKind) bool {
	return slices.ContainsFunc(a.Claims, func(c claim) bool { return c.By == id && c.How == how })
}

// passesOn reports whether a host passes on what others made: it says so, or it
// keeps images and serves them, or it takes images and acquires none.
func passesOn(host []*atom) bool {
	has := func(r protocols.Role) bool {
		return slices.ContainsFunc(host, func(a *atom) bool { return a.has(r) })
	}
	if has(protocols.RoleDICOMForwarder) {
		return true
	}
	if !has(protocols.RoleDICOMStoreSCP) && !has(protocols.RoleDICOMwebStoreServer) {
		return false
	}
	serves := has(protocols.RoleDICOMQuerySCP) || has(protocols.RoleDICOMMoveSCP) ||
		has(protocols.RoleDICOMwebQueryServer) || has(protocols.RoleDICOMwebRetrieveServer)
	acquires := has(protocols.RoleDICOMWorklistSCU) || has(protocols.RoleDICOMMPPSSCU)
	return serves || !acquires
}

// relays reports whether a host sends for several instruments. It began in the name of
// one, before the second came, and is none of them.
func relays(host []*atom) bool {
	return slices.ContainsFunc(host, func(a *atom) bool {
		return a.has(protocols.RoleASTMRelay) || a.has(protocols.RolePOCT1ARelay)
	})
}

// macOf returns the MAC that a EUI-64 was made from, by FFFE in the middle (IEEE
// Registration Authority, "Guidelines for use of EUI"), or zero.
func macOf(eui string) protocols.MAC {
	if len(eui) != 16 || !strings.EqualFold(eui[6:10], "FFFE") {
		return protocols.MAC{}
	}
	m, err := protocols.ParseMAC(eui[:6] + eui[10:])
	if err != nil {
		return protocols.MAC{}
	}
	return m
}
