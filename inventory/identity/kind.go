package identity

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// saysItself is how sure a host's own word for what it is must be so that the images
// that come from its address do not make another machine of it: the word of a device in
// a protocol of devices. One packet with an image needs no answer, and anybody can send
// it from any address.
const saysItself = 0.9

// isAnother reports whether a host states of itself what kind of device it is, and that
// it is no machine of this model. What images are of (sop) and what a printer answers
// (mib) is no such word.
func (l *Ledger) isAnother(host []*atom, on *atom) bool {
	own := func(f fact) bool { return f.By == "" && f.clinical() }
	typed := func(a *atom) bool { return slices.ContainsFunc(a.Facts, own) }
	return on.Told.Model != "" && slices.ContainsFunc(host, typed) && !slices.Contains(l.ownModels(host), on.Told.Model)
}

// ownModels are the models that a host says to be, as a tuple has them.
func (l *Ledger) ownModels(host []*atom) []string {
	var models []string
	for _, a := range host {
		for _, f := range a.Facts {
			if f.Attribute == protocols.Model && f.By == "" {
				maker := protocols.Fact{Attribute: protocols.Manufacturer, Value: evidence(a.Facts).best(protocols.Manufacturer)}
				models = append(models, l.tupleOf([]protocols.Fact{maker, {Attribute: f.Attribute, Value: f.Value}}).Model)
			}
		}
	}
	return models
}

// clinical reports a statement of what kind of device somebody is that is sure
// enough.
func (f fact) clinical() bool {
	return f.Attribute == protocols.DeviceType && f.Confidence >= saysItself &&
		!strings.HasPrefix(f.Value, "sop:") && !strings.HasPrefix(f.Value, "mib:")
}

// imagesOfAnother lists the machines whose images come from a device that says itself to
// be something else.
func (l *Ledger) imagesOfAnother(g *group) []string {
	var out []string
	for _, a := range g.atoms {
		for _, id := range a.Claiming {
			if m := l.atoms[id]; m.machine() && m.claimedBy(a.ID, claimImage) && !slices.Contains(g.atoms, m) && l.isAnother(l.host(a), m) {
				out, _ = include(out, m.Told.Model, MaxConflictValues)
			}
		}
	}
	return out
}

// staysItself reports whether a device states what kind of device it is, and is that
// although others are described from its address: one message is no gateway. It gives
// that up once it has spoken as a gateway as often, and for as long after its last own
// word, as a device takes that moves to another gateway.
func (l *Ledger) staysItself(g *group) bool {
	var own, gateway time.Time
	var as uint64
	for _, a := range g.atoms {
		for _, f := range a.Facts {
			mine := f.By == "" || slices.ContainsFunc(g.atoms, func(x *atom) bool { return x.ID == f.By })
			switch {
			case !mine:
			case f.clinical():
				own = later(own, f.Last)
			case f.Attribute == protocols.RoleOf && f.Value == string(protocols.RoleHL7DeviceGateway):
				gateway, as = later(gateway, f.Last), as+f.Count
			}
		}
	}
	return !own.IsZero() && !relays(g.atoms) && (as < HandOverStatements || gateway.Sub(own) < HandOverTime)
}

// describedBy lists the devices that a device describes without being their gateway: it
// says to be no gateway, and they are no parts of it.
func (l *Ledger) describedBy(g *group) []string {
	if !l.staysItself(g) {
		return nil
	}
	var out []string
	n := 0
	for _, a := range g.atoms {
		for _, id := range slices.Sorted(maps.Keys(l.behind[a.ID])) {
			other := l.group(l.atoms[id])
			if n++; other == g || n > MaxBehind {
				continue
			}
			if via, parent := l.relations(other); via == g.root().ID && parent != g.root().ID {
				out, _ = include(out, other.root().ID, MaxConflictValues)
			}
		}
	}
	return out
}

// shows reports whether a host knows more of a machine than who speaks for it: it states
// a EUI-64 that is made of its own interface, and what kind of device that is, which the
// other one does not. A laboratory's system names many numbers on its results.
func (l *Ledger) shows(on *atom, c candidate, gateway *atom) bool {
	mac := macOf(on.Told.EUI)
	if !real(mac) || !slices.ContainsFunc(c.atoms, func(a *atom) bool { return a.Key.Kind == kindMAC && a.Key.Value == mac.String() }) {
		return false
	}
	return on.typedBy(c.atoms) && !on.typedBy(l.host(gateway))
}

// typedBy reports whether a host stated what kind of device the atom is.
func (a *atom) typedBy(host []*atom) bool {
	return slices.ContainsFunc(a.Facts, func(f fact) bool {
		return f.Attribute == protocols.DeviceType && slices.ContainsFunc(host, func(x *atom) bool { return x.ID == f.By })
	})
}
