package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

type coverageView struct {
	Coverage
	Feeds []Feed
	Wrong []tapTrouble // of all taps, warnings first
	Other []string     // holes that are nobody's trouble
	// Secret says of types of device how much is encrypted, TooFew of how many types
	// that cannot be said.
	Secret []EncryptedShare
	TooFew int
}

// tapTrouble is what is wrong with the mirror of a tap.
type tapTrouble struct {
	Tap string
	MirrorTrouble
}

func (s *Server) coveragePage(visitor, *http.Request) (body, error) {
	shows := coverageView{Coverage: s.coverage(), Feeds: s.o.House.Feeds()}
	for _, e := range shows.Encrypted {
		if e.Known {
			shows.Secret = append(shows.Secret, e)
		} else {
			shows.TooFew++
		}
	}
	told := map[string]bool{}
	for _, t := range shows.Taps {
		for _, p := range t.Troubles {
			if p.isState() {
				continue
			}
			shows.Wrong = append(shows.Wrong, tapTrouble{t.Name, p})
			told[t.Name+": "+p.Says+" Check: "+p.Check] = true
		}
	}
	slices.SortStableFunc(shows.Wrong, func(a, b tapTrouble) int { return cmp.Compare(b.Severity, a.Severity) })
	for _, h := range shows.Holes {
		if !told[h] {
			shows.Other = append(shows.Other, h)
		}
	}
	return body{"Coverage", shows}, nil
}

// isState reports whether a trouble is what the state of its tap says already.
func (p MirrorTrouble) isState() bool {
	return p.Code == "link-down" || p.Code == "tap-silent" || p.Code == "nothing-heard"
}

// quiet reports whether a tap should be heard and is not.
func (t Tap) quiet() bool { return t.State == "silent" || t.State == "down" }

// quietAlarm says in one line which taps are silent or down; "" when none is.
func quietAlarm(taps []Tap) string {
	var names []string
	says := ""
	for _, t := range taps {
		if t.quiet() {
			names, says = append(names, t.Name), t.Says
		}
	}
	if len(names) < 2 {
		return says
	}
	return fmt.Sprintf("%d of %d taps are silent or down: %s; uses under them are unknown.", len(names), len(taps), few(names))
}

// minShown is how many frames make a VLAN that nobody declared worth a row of its own:
// a few come of every change on a switch.
const minShown = 100

func (v VLAN) minor() bool { return !v.Declared && v.ID != 0 && v.Frames < minShown }

// Major are the VLANs that have a row, Minor those that are folded away.
func (t Tap) Major() []VLAN { return slices.DeleteFunc(slices.Clone(t.VLANs), VLAN.minor) }

// Minor are the others.
func (t Tap) Minor() []VLAN {
	return slices.DeleteFunc(slices.Clone(t.VLANs), func(v VLAN) bool { return !v.minor() })
}

// Missing are the VLANs that were declared and are known to be missing; of one that is
// not heard yet that is not known.
func (t Tap) Missing() (ids []uint16) {
	for _, v := range t.VLANs {
		if v.State == "missing" {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// Unsaid is how many TCP segments an estimate of loss needs, where a VLAN has a field
// of which too little was heard to say; 0 where all have said enough.
func (t Tap) Unsaid() (needed uint64) {
	for _, v := range t.VLANs {
		if !v.LostBefore.Known || !v.OneSided.Known || !v.Duplicates.Known || !v.Shunted.Known || v.UsualRate == 0 {
			needed = max(needed, v.LostBefore.Needed, 1)
		}
	}
	return needed
}

// Words is the estimate for people, its numbers grouped as all others.
func (e Estimate) Words() string {
	if !e.Known {
		return fmt.Sprintf("not enough was heard to say (%s of %s TCP segments)", thousands(e.Segments), thousands(e.Needed))
	}
	words := strings.Split(e.Says, " ")
	for i, w := range words {
		if strings.Trim(w, "0123456789") == "" {
			words[i] = groups(w)
		}
	}
	return strings.Join(words, " ")
}
