package identity

import (
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// contacts keeps what a conversation shows of its ends, where a rule of the knowledge
// base asks for it. A port that nobody answered on is none that a host serves, and one
// packet that knocks shows nothing of who is said to have sent it.
func (l *Ledger) contacts(c protocols.Conversation, ends [2]*atom) {
	at, _ := calledEnd(c)
	for d, a := range ends {
		of := protocols.Direction(d)
		if a == nil || c.Packets[of] == 0 || knocks(c, of) || of == at && c.Bytes[0]+c.Bytes[1] == 0 {
			continue
		}
		for _, i := range l.knowledge.Contacts(c, of, at) {
			if i.Attribute != inventory.CalledBy || l.isOf(ends[at.Other()], i.Value) {
				l.contact(c, a, i)
			}
		}
	}
}

// isOf reports whether the interface of a caller is of the maker that a contact begins
// with.
func (l *Ledger) isOf(caller *atom, contact string) bool {
	if caller == nil {
		return false
	}
	vendor := l.vendor(l.group(caller))
	return vendor != "" && strings.HasPrefix(contact, vendor+" ")
}

// contact files one contact as evidence of an end.
func (l *Ledger) contact(c protocols.Conversation, a *atom, i inventory.Implied) {
	l.keep(a, fact{
		Attribute: i.Attribute, Value: i.Value, Protocol: protocols.IP, Field: "conversation", Confidence: i.Confidence,
		First: c.First, Last: c.Last, Count: 1,
	})
}

// vendor is who registered the device's own MAC, or "".
func (l *Ledger) vendor(g *group) string {
	for _, a := range g.atoms {
		if a.Key.Kind == kindMAC {
			if v := l.knowledge.Vendor(a.Key.Value); v != "" {
				return v
			}
		}
	}
	return ""
}

// ownClues are the clues that the device's own atoms give.
func (l *Ledger) ownClues(g *group) inventory.Clues {
	c := inventory.Clues{
		Presence: g.built.Presence, Facts: g.evidence.clues(), Addresses: len(g.built.IPs), Vendor: l.vendor(g),
	}
	if v := g.evidence.best(protocols.Manufacturer); v != "" {
		c.Manufacturer, _ = l.knowledge.Manufacturer(v)
	}
	if v := g.built.Model; v != "" {
		c.Model, _ = l.knowledge.Model(c.Manufacturer, v)
	}
	return c
}

// concluded is what the rules of the knowledge base conclude of a device from all that was
// heard of it. It stands among the evidence under its own name, and nothing is
// judged by them again: a conclusion is not a clue.
func (l *Ledger) concluded(g *group) evidence {
	var out evidence
	first, last := g.times()
	for _, t := range l.knowledge.Tells(l.ownClues(g)) {
		f := fact{Protocol: inventory.Tells, Field: "rule " + t.Rule, Confidence: t.Confidence, First: first, Last: last, Count: 1}
		f.Attribute, f.Value = inventory.Note, t.Note
		out = append(out, f)
		if t.Manufacturer != "" {
			f.Attribute, f.Value = protocols.Manufacturer, t.Manufacturer
			out = append(out, f)
		}
	}
	return out
}
