package identity

import (
	"slices"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// senders counts the devices that send messages to a device.
func (l *Ledger) senders(g *group) int {
	n := 0
	l.eachSender(g, func(*group) { n++ })
	return n
}

// eachSender shows the devices that send messages to a device, each once.
func (l *Ledger) eachSender(g *group, show func(*group)) {
	shown := map[*group]bool{}
	for _, a := range g.atoms {
		for _, id := range a.Senders {
			if other := l.group(l.atoms[id]); other != g && !shown[other] {
				shown[other] = true
				show(other)
			}
		}
	}
}

// borrowed are the names of programs that a device does not call itself: it took
// messages under them, and sends them on as they were. What they imply is true of
// whose name it is.
type borrowed struct {
	names    []string // as they were written
	programs []string // the software that they imply
}

// borrowed gathers the names under which a device sends and is sent messages. Where two
// send to each other, the name is that of who was heard under it first.
func (l *Ledger) borrowed(g *group) (b borrowed) {
	l.eachSender(g, func(from *group) {
		mutual := l.sendsTo(g, from)
		g.eachProgram(func(mine fact) {
			from.eachProgram(func(theirs fact) {
				if theirs.Value == mine.Value && (!mutual || theirs.First.Before(mine.First)) {
					b.names = append(b.names, mine.Value)
				}
			})
		})
	})
	g.eachProgram(func(f fact) {
		for _, i := range l.knowledge.Implies(f.Attribute, f.Value) {
			if i.Attribute == inventory.Software && slices.Contains(b.names, f.Value) {
				b.programs = append(b.programs, i.Value)
			}
		}
	})
	return b
}

// sendsTo reports whether a device sends messages to another.
func (l *Ledger) sendsTo(from, to *group) (sends bool) {
	l.eachSender(to, func(g *group) { sends = sends || g == from })
	return sends
}

// eachProgram shows the names of programs that were stated of a device.
func (g *group) eachProgram(show func(fact)) {
	for _, a := range g.atoms {
		for _, f := range a.Facts {
			if f.Attribute == protocols.Application {
				show(f)
			}
		}
	}
}

// program reports evidence of software that only a borrowed name implies.
func (b borrowed) program(e inventory.Evidence) bool {
	return e.Attribute == string(inventory.Software) && slices.Contains(b.programs, e.Value)
}

// clue reports a clue that rests on a borrowed name.
func (b borrowed) clue(c inventory.Clue) bool {
	return c.Attribute == protocols.Application && slices.Contains(b.names, c.Value) ||
		c.Attribute == inventory.Software && slices.Contains(b.programs, c.Value)
}
