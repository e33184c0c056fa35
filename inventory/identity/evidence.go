package identity

import (
	"cmp"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

const (
	// secondhand is what a statement loses when somebody passes it on: an old image
	// in an archive tells what the machine was when it was made.
	secondhand = 0.5
	// uninvited is what a statement loses that neither the device nor its gateway
	// makes: little, so that the contradiction shows, but never the better word.
	uninvited = 0.8
	// byPrefix is how sure the maker of an interface is the maker of the device;
	// the least of all, because makers buy their interfaces and computers.
	byPrefix = 0.3
	// byEUI is how sure the MAC inside a EUI-64 is an interface of the device.
	byEUI = 0.6
	// named is how sure a name must be to be shown as the device's.
	named = 0.5
)

// evidence is all that is known of one device, each statement once: sorted like
// facts, with how far it may be believed of this device.
type evidence []fact

// evidence gathers the statements of all atoms of a device.
func (l *Ledger) evidence(g *group) evidence {
	n := 0
	for _, a := range g.atoms {
		n += len(a.Facts) + 1 // and the sighting
	}
	e := make(evidence, 0, n)
	w := l.words(g)
	for _, a := range g.atoms {
		for _, f := range a.Facts {
			switch w.of(a, f.By) {
			case wordImage:
				f.Confidence *= secondhand
			case wordOther, wordFormer:
				f.Confidence *= uninvited
			}
			f.By = ""
			e = append(e, f)
		}
		e = append(e, l.sightings(g, a)...)
	}
	for _, f := range slices.Clone(e) {
		for _, i := range l.knowledge.Implies(f.Attribute, f.Value) {
			f.Attribute, f.Value, f.Confidence = i.Attribute, i.Value, min(i.Confidence, f.Confidence)
			e = append(e, f)
		}
	}
	return e.merged()
}

// sightings are the addresses of an atom as statements.
func (l *Ledger) sightings(g *group, a *atom) []fact {
	f := fact{Protocol: protocols.IP, Confidence: 1, First: a.First, Last: a.Last, Count: 1}
	switch a.Key.Kind {
	case kindIP:
		f.Attribute, f.Value, f.Field = protocols.IPAddress, a.address(), "source address"
		if !a.Spoke {
			return nil
		}
	case kindMAC:
		f.Attribute, f.Value, f.Field, f.Confidence = protocols.HardwareAddress, a.Key.Value, "source address", 0.9
	case kindEUI:
		m := macOf(a.Key.Value)
		if !real(m) || !slices.Contains(l.interfaces(g), m.String()) {
			return nil
		}
		f.Attribute, f.Value, f.Field, f.Confidence = protocols.HardwareAddress, m.String(), "EUI-64", byEUI
	default:
		return nil
	}
	return []fact{f}
}

// merged joins equal statements.
func (e evidence) merged() evidence {
	slices.SortStableFunc(e, compareFacts)
	out := e[:0]
	for _, f := range e {
		if n := len(out); n > 0 && compareFacts(out[n-1], f) == 0 {
			last := &out[n-1]
			last.Count += f.Count
			last.Confidence = max(last.Confidence, f.Confidence)
			if f.First.Before(last.First) {
				last.First = f.First
			}
			last.Last = later(last.Last, f.Last)
			continue
		}
		out = append(out, f)
	}
	return out
}

// best is the surest value of an attribute; of equals the latest, then the first
// by letters. Weaker statements never win over stronger ones, however late.
func (e evidence) best(a protocols.Attribute) string {
	return e.bestOf(a, func(string) bool { return true })
}

func (e evidence) bestOf(a protocols.Attribute, fits func(string) bool) string {
	var best *fact
	for i := range e {
		f := &e[i]
		if f.Attribute == a && fits(f.Value) && (best == nil || cmp.Or(cmp.Compare(f.Confidence, best.Confidence), f.Last.Compare(best.Last)) > 0) {
			best = f
		}
	}
	if best == nil {
		return ""
	}
	return best.Value
}

// serial is the surest serial number that says something.
func (e evidence) serial(lexicon inventory.Lexicon) string {
	return e.bestOf(protocols.SerialNumber, func(v string) bool { return !lexicon.PlaceholderSerial(v) })
}

// all are the values of an attribute that may be believed, sorted.
func (e evidence) all(a protocols.Attribute) []string {
	var out []string
	for _, f := range e {
		if f.Attribute == a && f.Confidence >= named {
			out = append(out, f.Value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// hostnames are the names of the host, each once: NetBIOS writes in capitals what DNS
// does not.
func (e evidence) hostnames() []string {
	all := e.all(protocols.Hostname)
	slices.SortStableFunc(all, func(x, y string) int { return strings.Compare(fold(x), fold(y)) })
	return slices.CompactFunc(all, func(x, y string) bool { return fold(x) == fold(y) })
}

// stations are the station names that somebody filled in.
func (e evidence) stations(lexicon inventory.Lexicon) []string {
	return slices.DeleteFunc(e.all(protocols.StationName), lexicon.PlaceholderSerial)
}

// clues are the statements that a type may be judged by: not those at second hand.
func (e evidence) clues() []inventory.Clue {
	var out []inventory.Clue
	for _, f := range e {
		n := len(out)
		if n > 0 && out[n-1].Attribute == f.Attribute && out[n-1].Value == f.Value && out[n-1].Protocol == f.Protocol {
			out[n-1].Count += f.Count
			out[n-1].Confidence = max(out[n-1].Confidence, f.Confidence)
			continue
		}
		out = append(out, inventory.Clue{Attribute: f.Attribute, Value: f.Value, Protocol: f.Protocol, Confidence: f.Confidence, Count: f.Count})
	}
	return slices.DeleteFunc(out, func(c inventory.Clue) bool {
		return c.Confidence < named && c.Attribute != protocols.VendorClass && c.Attribute != protocols.ParameterList
	})
}

func (e evidence) shown() []inventory.Evidence {
	out := make([]inventory.Evidence, 0, len(e))
	for _, f := range e {
		out = append(out, f.shown())
	}
	return out
}

func (f fact) shown() inventory.Evidence {
	return inventory.Evidence{
		Attribute: string(f.Attribute), Value: f.Value, Protocol: string(f.Protocol), Field: f.Field, Confidence: f.Confidence,
		FirstSeen: f.First.UTC(), LastSeen: f.Last.UTC(), Count: f.Count,
	}
}

// distinct returns the different values of an attribute under a folding, each as
// the surest statement wrote it.
func (e evidence) distinct(a protocols.Attribute, least float64, folded func(string) string) []string {
	seen := map[string]string{}
	for _, f := range e {
		if f.Attribute != a || f.Confidence < least {
			continue
		}
		if k := folded(f.Value); k != "" && seen[k] == "" {
			seen[k] = f.Value
		}
	}
	var out []string
	for _, v := range seen {
		out = append(out, v)
	}
	slices.SortFunc(out, strings.Compare)
	return out[:min(len(out), MaxConflictValues)]
}
