package order

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// BedsideHours is how long a bedside attestation holds at most: within one shift,
// since who is attached to a device changes with the shift (DESIGN.md, invariant
// 10: hours, not days).
const BedsideHours = 4 * time.Hour

// Attestation is one named person's word at the bedside.
type Attestation struct {
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
}

// bedside is the word of one or two people that the device may be worked on now.
type bedside struct {
	Device string        `json:"device"`
	Words  []Attestation `json:"words"` // of different people, the earlier first
}

// until is when the first of the words lapses.
func (b *bedside) until() time.Time {
	until := b.Words[0].Until
	for _, x := range b.Words {
		if x.Until.Before(until) {
			until = x.Until
		}
	}
	return until
}

func (b *bedside) has(person string) bool {
	return slices.ContainsFunc(b.Words, func(x Attestation) bool { return x.By == person })
}

// Attestations returns the words at the bedside that are good now, by device,
// earliest first and at most one a person, for policy to weigh: it knows whether
// the device itself has said otherwise since.
func (d *Desk) Attestations(tx inventory.Tx, now time.Time) (map[string][]Attestation, error) {
	out := map[string][]Attestation{}
	err := tx.Bucket(bucketBedside).Scan(nil, func(k, v []byte) error {
		var b bedside
		if err := json.Unmarshal(v, &b); err != nil {
			return fmt.Errorf("bedside attestation of order %s: %w; restore the last backup", k, err)
		}
		for _, x := range b.Words {
			if now.Before(x.Until) && !slices.ContainsFunc(out[b.Device], func(y Attestation) bool { return y.By == x.By }) {
				out[b.Device] = append(out[b.Device], x)
			}
		}
		return nil
	})
	for _, words := range out {
		slices.SortFunc(words, func(a, b Attestation) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.By, b.By))
		})
	}
	return out, err
}

// keepBedside stores what Attestations reads, or forgets it.
func (r *record) keepBedside(tx inventory.Tx) error {
	bucket := tx.Bucket(bucketBedside)
	if r.Bedside == nil || r.State.Final() {
		if bucket.Get([]byte(r.ID)) == nil {
			return nil
		}
		return bucket.Delete([]byte(r.ID))
	}
	r.Bedside.Device = r.Device
	v, err := json.Marshal(r.Bedside)
	if err != nil {
		return fmt.Errorf("order %s: %w", r.ID, err)
	}
	return bucket.Put([]byte(r.ID), v)
}

// useHold reports whether it is one of the holds that a person at the bedside may lift.
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
	if r.Bedside == nil || !now.Before(r.Bedside.until()) || !useHold(c) && c != remediation.SecondRelease {
		return false
	}
	return len(r.Bedside.Words) >= 2 || !holding(r.Policy.Start.Holds, remediation.SecondRelease)
}

// dropBedside forgets an attestation that ran out, or that a later decision
// overrules: the device is still, or again, reported in use. decided is when
// policy decided; the zero time means that it did not decide anew.
func (r *record) dropBedside(now, decided time.Time) {
	if r.Bedside == nil {
		return
	}
	words := r.Bedside.Words
	overruled := decided.After(words[len(words)-1].At) && holding(r.Policy.Start.Holds, remediation.InUse)
	if overruled || !now.Before(r.Bedside.until()) {
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
