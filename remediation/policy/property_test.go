package policy_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/policy"
)

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// randomInput draws an input of everything that policy looks at, odd values too.
func randomInput(r *rand.Rand) policy.Input {
	dates := []inventory.Date{"", "2020-01-01", "2026-11-22", "2026-11-23", "2026-11-24", "2030-01-01", "soon"}
	var list []inventory.Grant
	for range r.IntN(12) {
		list = append(list, inventory.Grant{Site: pick(r, "stv", "stv", "stv", "elsewhere", ""), Person: pick(r, "P1", "P2", "P3", "P4", ""), Team: pick(r, "Biomed", "BD", "GE Healthcare"),
			Manufacturer: pick(r, "BD", "CareFusion", "*", "Philips", ""), Model: pick(r, "8015", "Alaris*", "*", "T5", "Pyxis*", ""),
			Activity: pick(r, inventory.ApplyVendorPatch, inventory.ApplyVendorPatch, inventory.ConfigureNetwork, inventory.Inspect), Certificate: pick(r, "C-1", "C-2", "C-3", ""),
			ValidFrom: pick(r, dates[1], dates[1], dates[r.IntN(len(dates))]), ValidTo: pick(r, dates[5], dates[3], dates[r.IntN(len(dates))])})
	}
	a := asset(pick(r, inventory.InHouse, inventory.InHouse, inventory.TimeAndMaterial, inventory.OEMExclusive, inventory.OEMFullService, inventory.Leased, inventory.CoverageUnknown),
		pick(r, "Biomed", "BD", ""))
	a.Match.State = pick(r, inventory.Matched, inventory.Matched, inventory.Confirmed, inventory.Ambiguous, inventory.Conflicts, inventory.Unmatched)
	a.Status, a.LifeSupport, a.WarrantyExpires = pick(r, inventory.Active, inventory.Active, inventory.Retired), r.IntN(3) == 0, pick(r, "", "", dates[r.IntN(len(dates))])
	a.WarrantyLatest, a.WarrantyText, a.StatusUnread = pick(r, "", "", "", dates[r.IntN(len(dates))]), pick(r, "", "", "", "lifetime"), pick(r, "", "", "", "sleeping")
	d := pump(pick(r, protocols.Idle, protocols.InUse, protocols.Standby, protocols.Off, protocols.UnknownUse, ""), a)
	d.Use.ObservedAt, d.Use.ExpiresAt = pick(r, now.Add(-time.Hour), time.Time{}), pick(r, now.Add(time.Hour), now, time.Time{})
	if r.IntN(8) == 0 {
		d.Asset = nil
	}
	in := input(d, pick(r, remediation.FixAvailable, remediation.FixAvailable, remediation.Configuration, remediation.AskVendor, remediation.FixPlanned, remediation.NoFix))
	in.Findings[0].Status = pick(r, remediation.ConfirmedFinding, remediation.ConfirmedFinding, remediation.Potential, remediation.Resolved)
	in.Grants, in.Mode = list, policy.Modes(pick(r, remediation.Auto, remediation.Draft, remediation.Observe))
	if r.IntN(3) == 0 {
		in.Attestation = &policy.Attestation{By: pick(r, "Nurse A", ""), At: now.Add(-time.Duration(r.IntN(20)) * time.Hour), Until: now.Add(time.Duration(r.IntN(100)) * time.Hour)}
	}
	if r.IntN(3) == 0 {
		in.SecondRelease = &policy.Attestation{By: pick(r, "Nurse A", "Engineer B"), At: now.Add(-time.Hour)}
	}
	in.Asked, in.Stopped = r.IntN(5) == 0, r.IntN(10) == 0
	return in
}

// mayToday is the rule for a grant, written a second time and as plainly as
// possible.
func mayToday(in policy.Input, person string, a inventory.Activity) bool {
	return slices.ContainsFunc(in.Grants, func(g inventory.Grant) bool {
		maker := g.Manufacturer == "*" || g.Manufacturer == "BD" || g.Manufacturer == "CareFusion"
		model := g.Model == "*" || g.Model == "8015" || g.Model == "Alaris*"
		from, to := g.ValidFrom.Time(), g.ValidTo.Time()
		today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		return g.Person == person && (g.Site == "stv" || g.Site == "") && maker && model && g.Activity == a && g.Certificate != "" &&
			!from.IsZero() && !to.IsZero() && !today.Before(from) && !today.After(to)
	})
}

// TestInvariants09And10HoldForRandomInputs draws inputs with a fixed seed.
func TestInvariants09And10HoldForRandomInputs(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for range 5000 {
		check(t, randomInput(r), r)
		if t.Failed() {
			return
		}
	}
}

func FuzzDecide(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, a, b uint64) {
		r := rand.New(rand.NewPCG(a, b))
		check(t, randomInput(r), r)
	})
}

func check(t *testing.T, in policy.Input, r *rand.Rand) {
	t.Helper()
	d := policy.Decide(in)
	fail := func(what string) { t.Errorf("%s\n%s\n%+v", what, text(t, d), in) }
	wants := d.Activity
	if wants == inventory.ContactVendor {
		wants = inventory.ApplyVendorPatch
	}
	for _, p := range d.Eligible {
		if !mayToday(in, p, wants) {
			fail(p + " is eligible without a grant that is valid today")
		}
		if refused(d, p) != "" {
			fail(p + " is eligible and refused")
		}
	}
	if p := d.Assignee.Person; p != "" && !slices.Contains(d.Eligible, p) {
		fail("the order names " + p + ", who is not eligible")
	}
	coverage := inventory.CoverageUnknown
	if in.Device.Asset != nil {
		coverage = in.Device.Asset.Coverage
	}
	if d.Assignee.Person != "" && coverage != inventory.InHouse && coverage != inventory.TimeAndMaterial {
		fail("a person is named on a device under " + string(coverage))
	}
	if a := in.Device.Asset; a != nil && d.Assignee.Person != "" {
		for _, day := range []inventory.Date{a.WarrantyExpires, a.WarrantyLatest} {
			if day != "" && (day.Time().IsZero() || day >= "2026-11-23") || a.WarrantyText != "" {
				fail("a person is named although the warranty runs or cannot be read")
			}
		}
	}
	if a := in.Device.Asset; a != nil && a.StatusUnread != "" && d.Tell.OK {
		fail("told although the status is not read")
	}
	if d.Tell.OK && (in.Device.Asset == nil || !in.Device.Asset.Match.Decisive() || in.Device.Asset.Status == inventory.Retired || in.Stopped || d.Mode == remediation.Observe) {
		fail("told without a decisive match, on a retired asset, stopped or only observing")
	}
	if d.Tell.OK && d.Assignee.Person == "" && d.Assignee.Queue == "" {
		fail("told to nobody")
	}
	checkStart(t, in, d)
	shuffled := in
	shuffled.Grants = slices.Clone(in.Grants)
	r.Shuffle(len(shuffled.Grants), func(i, j int) { shuffled.Grants[i], shuffled.Grants[j] = shuffled.Grants[j], shuffled.Grants[i] })
	if text(t, policy.Decide(shuffled)) != text(t, d) {
		fail("the order of the grants matters")
	}
}

func checkStart(t *testing.T, in policy.Input, d remediation.Decision) {
	t.Helper()
	u, a := in.Device.Use, in.Attestation
	idle := u.State == protocols.Idle && !u.ObservedAt.IsZero() && (u.ExpiresAt.IsZero() || now.Before(u.ExpiresAt))
	attested := a != nil && a.By != "" && now.Sub(a.At) < policy.AttestationLimit
	if d.Start.OK && !idle && !attested {
		t.Errorf("may start on a device that is %q and not attested\n%s", u.State, text(t, d))
	}
	if d.Start.OK != (len(d.Start.Holds) == 0) || d.Tell.OK != (len(d.Tell.Holds) == 0) {
		t.Errorf("a gate and its holds disagree\n%s", text(t, d))
	}
}
