package order

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

// BedsideHours is how long a bedside attestation holds at most: within one shift,
// since who is attached to a device changes with the shift (DESIGN.md, invariant
// 10: hours, not days).
const BedsideHours = 4 * time.Hour

// bedside is a named person's word that the device may be worked on now.
type bedside struct {
	By    []string               `json:"by"` // different people, in order
	Until time.Time              `json:"until"`
	Codes []remediation.HoldCode `json:"codes"` // the holds that it was given over
}

// useHolds are the holds that a person at the bedside may lift.
func useHold(c remediation.HoldCode) bool {
	return c == remediation.InUse || c == remediation.UseUnknown || c == remediation.OnStandby
}

// tellGate is policy's gate with what mode, people and budget add.
func (r *record) tellGate() remediation.Gate {
	holds := slices.Clone(r.Policy.Tell.Holds)
	if r.Mode != remediation.Auto && r.Mode != remediation.Draft && !holding(holds, remediation.ObserveMode) {
		holds = append(holds, remediation.Hold{Code: remediation.ObserveMode,
			Says: "this class and department are only observed; set mode to draft or auto to tell the CMMS"})
	}
	if r.Held != nil && r.unsent() {
		holds = append(holds, r.Held.hold())
	}
	if !r.BudgetTo.IsZero() {
		holds = append(holds, remediation.Hold{Code: remediation.Budget, Until: r.BudgetTo,
			Says: "the site's hourly number of new orders is used up; it goes by itself, or release it now"})
	}
	return remediation.Gate{OK: r.Policy.Tell.OK && len(holds) == 0, Holds: nonNil(holds)}
}

// startGate is policy's gate with a person's hold, less what people at the
// bedside lifted.
func (r *record) startGate(now time.Time) remediation.StartGate {
	g := remediation.StartGate{Window: r.Policy.Start.Window}
	for _, h := range r.Policy.Start.Holds {
		if !r.lifted(h.Code, now) {
			g.Holds = append(g.Holds, h)
		}
	}
	if r.Held != nil && !r.unsent() {
		g.Holds = append(g.Holds, r.Held.hold())
	}
	// Policy's "not OK" without a reason stays closed: deny by default.
	g.OK = len(g.Holds) == 0 && (r.Policy.Start.OK || len(r.Policy.Start.Holds) > 0)
	g.Holds = nonNil(g.Holds)
	return g
}

// lifted reports whether an attestation that is still good covers the hold. Where
// a second release is asked for, two different people must have attested.
func (r *record) lifted(c remediation.HoldCode, now time.Time) bool {
	if r.Bedside == nil || !now.Before(r.Bedside.Until) || !useHold(c) && c != remediation.SecondRelease {
		return false
	}
	return len(r.Bedside.By) >= 2 || !holding(r.Policy.Start.Holds, remediation.SecondRelease)
}

// dropBedside forgets an attestation that no longer fits: it ran out, the device
// became free by itself, or it is newly reported in use.
func (r *record) dropBedside(now time.Time) {
	if r.Bedside == nil {
		return
	}
	busy, newly := false, false
	for _, h := range r.Policy.Start.Holds {
		busy = busy || useHold(h.Code) || h.Code == remediation.SecondRelease
		newly = newly || h.Code == remediation.InUse && !slices.Contains(r.Bedside.Codes, remediation.InUse)
	}
	if !busy || newly || !now.Before(r.Bedside.Until) {
		r.Bedside = nil
	}
}

func (p *personHold) hold() remediation.Hold {
	return remediation.Hold{Code: remediation.ChangeApproval, Says: "held by " + p.By + ": " + p.Says}
}

func holding(holds []remediation.Hold, c remediation.HoldCode) bool {
	return slices.ContainsFunc(holds, func(h remediation.Hold) bool { return h.Code == c })
}

// codes returns the holds' codes in order, each once.
func codes(holds []remediation.Hold) []string {
	out := make([]string, 0, len(holds))
	for _, h := range holds {
		out = append(out, string(h.Code))
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// says joins the holds' sentences.
func says(holds []remediation.Hold) string {
	if len(holds) == 0 {
		return "no reason was given"
	}
	var all []string
	for _, h := range holds {
		all = append(all, orElse(h.Says, string(h.Code)))
	}
	return strings.Join(all, "; ")
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
