package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Evaluate says what is wrong with one device, by the book as it stands, ordered
// by cause. It reads nothing else and keeps nothing. now becomes the first and
// last time of each finding.
func (b *Book) Evaluate(d inventory.Device, now time.Time) []remediation.Finding {
	return b.index().evaluate(d, now)
}

func (x *index) evaluate(d inventory.Device, now time.Time) []remediation.Finding {
	f := x.know(d)
	var out []remediation.Finding
	for _, group := range x.candidates(&f) {
		if found, _, ok := x.weigh(&f, group); ok {
			found.FirstSeen, found.LastSeen = now.UTC(), now.UTC()
			out = append(out, found)
		}
	}
	out = append(out, drift(d, now)...)
	slices.SortFunc(out, func(a, b remediation.Finding) int { return strings.Compare(a.Cause, b.Cause) })
	return out
}

// candidates are the listings of the device's makers, one group an advisory, in
// the order of advisory ids.
func (x *index) candidates(f *facts) [][]*listing {
	byID := map[string][]*listing{}
	seen := map[*listing]bool{}
	take := func(list []*listing) {
		for _, l := range list {
			if !seen[l] {
				seen[l] = true
				byID[l.adv.ID] = append(byID[l.adv.ID], l)
			}
		}
	}
	for _, m := range f.makers {
		take(x.byMaker[m])
	}
	for _, g := range f.groups {
		take(x.byGroup[g])
	}
	ids := make([]string, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	groups := make([][]*listing, 0, len(ids))
	for _, id := range ids {
		groups = append(groups, byID[id])
	}
	return groups
}

// strength orders what a listing can mean; a finding has its strongest.
func strength(s remediation.FindingStatus) int {
	switch s {
	case remediation.ConfirmedFinding:
		return 3
	case remediation.UnknownVersion:
		return 2
	case remediation.Potential:
		return 1
	}
	return 0
}

// weigh makes one finding of all that an advisory says of a device. Without one,
// clear is why, where the advisory names the device at all.
func (x *index) weigh(f *facts, group []*listing) (found remediation.Finding, clear clearance, ok bool) {
	hits := map[string]hit{}
	var order []string
	for _, l := range group {
		if h, concerns := l.judge(f, &clear); concerns {
			hits[l.p.id] = h
			order = append(order, l.p.id)
		}
	}
	v := x.verdictOf(group[0].adv, hits, order)
	if v.best == nil {
		clear.others = append(clear.others, v.spared...)
		return remediation.Finding{}, clear, false
	}
	return x.compose(f, group[0].adv, v), clearance{}, true
}

// weighed is what an advisory's vulnerabilities come to for one device.
type weighed struct {
	best     *hit
	affected map[string]bool // product ids that the device is
	ranges   []string        // in the advisory's words
	parsed   []ranges
	cves     []string
	cvss     float64
	open     bool     // only under investigation
	spared   []string // why vulnerabilities do not count
}

// verdictOf goes through the vulnerabilities. One that names the device's product
// as fixed or not affected does not count.
func (x *index) verdictOf(a *advisory, hits map[string]hit, order []string) weighed {
	w := weighed{affected: map[string]bool{}, open: true}
	for i := range a.vulns {
		v := &a.vulns[i]
		why := v.sparing(hits, order)
		if why != "" {
			w.spared = append(w.spared, why)
		}
		counted := false
		for _, id := range order {
			s := v.standingOf(id)
			if s != affected && s != undecided {
				continue
			}
			if why != "" && hits[id].l.p.part == "" {
				continue // a component on the device may be affected where the device alone is not
			}
			w.add(hits[id], v, s)
			counted = true
		}
		if counted && v.cve != "" && !slices.Contains(w.cves, v.cve) {
			w.cves = append(w.cves, v.cve)
		}
	}
	slices.Sort(w.cves)
	return w
}

func (w *weighed) add(h hit, v *vulnerability, s standing) {
	id := h.l.p.id
	w.open = w.open && s == undecided
	w.cvss = max(w.cvss, v.scores[id])
	if w.best == nil || strength(h.status) > strength(w.best.status) {
		w.best = &h
	}
	if !w.affected[id] {
		w.affected[id] = true
		if !h.l.affects.all {
			w.ranges = append(w.ranges, h.l.p.rangeText())
			w.parsed = append(w.parsed, h.l.affects)
		}
	}
}

// sparing says why a vulnerability does not concern the device: its product and
// version are named as fixed or not affected, and that beyond doubt.
func (v *vulnerability) sparing(hits map[string]hit, order []string) string {
	for _, id := range order {
		h := hits[id]
		if v.standingOf(id) != spared || h.status != remediation.ConfirmedFinding {
			continue
		}
		why := fmt.Sprintf("%s names %s as not affected or fixed for %s.", h.l.adv.ID, quote(h.l.p.full), firstOf([]string{v.cve, "this weakness"}))
		if flag := v.flags[id]; flag != "" {
			why += " Its reason: " + strings.ReplaceAll(flag, "_", " ") + "."
		}
		return why
	}
	return ""
}

// compose writes the finding.
func (x *index) compose(f *facts, a *advisory, w weighed) remediation.Finding {
	h := w.best
	found := remediation.Finding{
		ID: ID(f.site, f.device, a.ID), Site: f.site, Device: f.device, Kind: remediation.Vulnerability, Status: h.status, Basis: h.basis,
		Cause: a.ID, Advisories: []string{a.ID}, CVEs: w.cves, CVSS: w.cvss, Title: a.Title, Evidence: slices.Clone(h.why), AsOf: a.Released,
		Remedy: x.chooseRemedy(a, w.affected, w.parsed),
	}
	if found.Basis == remediation.OnRegister && !h.version.at.IsZero() {
		found.AsOf = h.version.at.UTC()
	}
	if w.open && found.Status == remediation.ConfirmedFinding {
		found.Status = remediation.Potential
		found.Evidence = append(found.Evidence, "The manufacturer is still investigating whether it is affected.")
	}
	found.Evidence = append(found.Evidence, w.spared...)
	x.addKEV(&found)
	found.Predicate, found.Verifiable = predicate(f, &found, w.ranges)
	return found
}

// addKEV joins the catalogue of known exploited vulnerabilities, by CVE.
func (x *index) addKEV(found *remediation.Finding) {
	if x.kev == nil {
		return
	}
	for _, cve := range found.CVEs {
		if added, ok := x.kev.added[cve]; ok {
			found.KEV = true
			found.Evidence = append(found.Evidence, fmt.Sprintf("%s is known to be exploited since %s (CISA KEV of %s).", cve, added, day(x.kev.released)))
		}
	}
}

// predicate is the test that would show that the finding is mended, and whether
// the wire can show it.
func predicate(f *facts, found *remediation.Finding, affected []string) (remediation.Predicate, remediation.Verifiability) {
	switch {
	case found.Remedy.Kind == remediation.Configuration:
		return remediation.Predicate{Kind: "attest", Says: "A person attests that the advisory's measures are in place."}, remediation.ByAttest
	case len(affected) == 0:
		return remediation.Predicate{Kind: "attest", Says: "A person attests the remedy: the advisory names all versions, so no version shows it."}, remediation.ByAttest
	}
	p := remediation.Predicate{Kind: "version-outside", Ranges: affected,
		Says: fmt.Sprintf("The device reports a software version outside %s.", strings.Join(affected, "; "))}
	if len(f.versions) > 0 && f.versions[0].basis == remediation.OnWire {
		return p, remediation.ByWire
	}
	return p, remediation.ByAttest
}

// ID is the stable id of the finding of a device and cause: "f-" and the first
// twelve hexadecimal digits of the SHA-256 of site, device and cause.
func ID(site, device, cause string) string {
	sum := sha256.Sum256([]byte(site + "\x00" + device + "\x00" + cause))
	return "f-" + hex.EncodeToString(sum[:6])
}
