package order_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// TestInvariant12DisputedStatementsEndNothing: what is heard while it is
// contradictory which device speaks shows no work.
func TestInvariant12DisputedStatementsEndNothing(t *testing.T) {
	f := remediation.Finding{Status: remediation.Resolved, Predicate: remediation.Predicate{Kind: "version-outside"}}
	d := inventory.Device{LastSeen: t0, SoftwareVersions: []string{"12.3"},
		Evidence: []inventory.Evidence{{Attribute: "software_version", Value: "12.3", Protocol: "hl7", LastSeen: t0}}}
	for _, c := range []struct {
		code, attribute string
		believed        bool
	}{
		{"", "", true}, {"mac_vendor_differs", "mac", true}, {"register_software_stale", "software_version", true},
		{"register_duplicate", "serial_number", true}, {"register_ip_differs", "ip", true}, {"serial_placeholder", "serial_number", true},
		{"serial_on_two", "serial_number", false}, {"serial_differs", "serial_number", false}, {"model_differs", "model", false},
		{"manufacturer_differs", "manufacturer", false}, {"ae_title_on_two", "ae_title", false}, {"address_moved", "ip", false},
		{"register_serial_differs", "serial_number", false}, {"register_maker_differs", "manufacturer", false}, {"register_keys_disagree", "mac", false},
	} {
		d.Conflicts = nil
		if c.code != "" {
			d.Conflicts = []inventory.Conflict{{Code: c.code, Attribute: c.attribute}}
		}
		if got := order.LastStatement(d, f); got.IsZero() == c.believed {
			t.Errorf("%s: a statement at %v", c.code, got)
		}
		still := f
		still.Status = remediation.ConfirmedFinding
		if order.LastStatement(d, still).IsZero() {
			t.Errorf("%s: the old fault is not heard any more", c.code)
		}
	}
	w := done(t)
	w.now = w.now.Add(time.Hour)
	w.finding(func(f *remediation.Finding) { f.Status = remediation.Resolved })
	w.observed(order.LastStatement(d, f)) // d is in dispute
	w.state(remediation.StateVerifying)
	d.Conflicts, d.Evidence[0].LastSeen = nil, w.now
	w.observed(order.LastStatement(d, f))
	w.state(remediation.StateVerified)
}

// TestInvariant12NoVersionAttests: where only a person can say that the work is
// done, a version that left the range asks one, and closes nothing.
func TestInvariant12NoVersionAttests(t *testing.T) {
	attest := func(f *remediation.Finding) {
		f.Predicate, f.Verifiable = remediation.Predicate{Kind: "attest", Says: "a person attests the settings"}, remediation.ByAttest
	}
	start := func(t *testing.T) *world {
		w := newWorld(t)
		d := w.decision("d-1", "030501", "A", remediation.Auto)
		w.finding(attest)
		w.apply(d)
		w.run(time.Second)
		w.state(remediation.StateSubmitted)
		w.finding(func(f *remediation.Finding) { f.Status = remediation.Resolved })
		return w
	}
	t.Run("told", func(t *testing.T) {
		w := start(t)
		w.observed(w.now)
		w.observed(w.now.Add(24 * time.Hour))
		o := w.state(remediation.StateVerifying)
		if o.Verification.By != remediation.ByAttest || strings.Count(story(o), "look at the device and attest") != 1 {
			t.Errorf("%+v%s", o.Verification, story(o))
		}
		w.must("attest", "ann")
		w.state(remediation.StateVerified)
		w.run(time.Minute)
		if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "can be closed") {
			t.Errorf("the CMMS is not told: %q", n)
		}
	})
	t.Run("done", func(t *testing.T) {
		w := start(t)
		w.remote(remediation.StateWorkDone, "6")
		w.now = w.now.Add(time.Hour)
		w.observed(w.now)
		w.state(remediation.StateVerifying)
	})
	t.Run("back again", func(t *testing.T) {
		w := start(t)
		w.observed(w.now)
		w.finding(func(f *remediation.Finding) { f.Status = remediation.ConfirmedFinding })
		w.observed(w.now)
		w.state(remediation.StateSubmitted)
	})
	t.Run("a version that the register told first", func(t *testing.T) {
		w := start(t)
		w.finding(func(f *remediation.Finding) { f.Predicate.Kind = "version-outside" })
		w.observed(w.now)
		w.now = w.now.Add(time.Hour)
		w.observed(w.now)
		w.state(remediation.StateVerified)
	})
}
