package identity

import (
	"slices"
	"strings"

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
	typed := func(a *atom) bool { return slices.ContainsFunc(a.Facts, fact.clinical) }
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
// enough, and its own.
func (f fact) clinical() bool {
	return f.Attribute == protocols.DeviceType && f.By == "" && f.Confidence >= saysItself &&
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
