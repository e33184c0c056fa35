package order_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// remote lets somebody in the CMMS put the order into a state, and reads it back.
func (w *world) remote(s remediation.OrderState, raw string) {
	w.t.Helper()
	o := w.cmms.orders[len(w.cmms.orders)-1]
	o.State, o.RawState = s, raw
	w.run(order.DefaultPollEvery + time.Second)
}

func TestFollowsTheCMMS(t *testing.T) {
	w := told(t)
	for _, s := range []remediation.OrderState{remediation.StateAcknowledged, remediation.StateScheduled, remediation.StateInProgress,
		remediation.StateWaiting, remediation.StateInProgress, remediation.StateWorkDone} {
		w.remote(s, string(s))
		w.state(s)
	}
	w.remote(remediation.StateInProgress, "2")
	if o := w.state(remediation.StateInProgress); !strings.Contains(story(o), "reopened") {
		t.Errorf("a re-opened order: %s", story(o))
	}
}

func TestUnknownStateChangesNothing(t *testing.T) {
	w := told(t)
	w.remote(remediation.StateInProgress, "2")
	w.remote("", "18x")
	w.run(time.Hour)
	o := w.state(remediation.StateInProgress)
	if saw(w.changes, order.StateUnmapped) != 1 || !strings.Contains(o.CMMS.Trouble, "18x") || o.CMMS.State != "18x" {
		t.Errorf("raised %d times; %+v", saw(w.changes, order.StateUnmapped), o.CMMS)
	}
	// A state that no CMMS may report is not taken from one either.
	w.remote(remediation.StateVerified, "closed by magic")
	w.state(remediation.StateInProgress)
}

func TestStartedAlthoughInUse(t *testing.T) {
	w := told(t)
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	d.Start.Gate = held(remediation.InUse)
	w.apply(d)
	w.remote(remediation.StateInProgress, "2")
	w.run(time.Minute)
	w.state(remediation.StateInProgress)
	if n := w.cmms.orders[0].notes; len(n) != 2 || !strings.Contains(n[1], "reported begun") {
		t.Errorf("notes %q", n)
	}
}

func TestCancelledByThePeopleThere(t *testing.T) {
	w := told(t)
	w.cmms.orders[0].Note = "not ours"
	w.remote(remediation.StateCancelled, "8")
	o := w.state(remediation.StateCancelled)
	if !strings.Contains(story(o), "by cmms: cancelled in the CMMS: not ours") {
		t.Errorf("history: %s", story(o))
	}
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	w.run(24 * time.Hour)
	w.state(remediation.StateCancelled)
	if w.cmms.count("create") != 1 {
		t.Error("made again what people cancelled")
	}
}

func TestDeletedInTheCMMS(t *testing.T) {
	w := told(t)
	w.cmms.orders[0].gone = true
	w.run(order.DefaultPollEvery + time.Second)
	if o := w.state(remediation.StateSubmitted); o.CMMS.Sync != "stale" {
		t.Errorf("sync %q after the first time", o.CMMS.Sync)
	}
	w.run(10 * time.Minute)
	w.state(remediation.StateLost)
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	w.run(24 * time.Hour)
	w.state(remediation.StateLost)
	if w.cmms.count("create") != 1 {
		t.Error("made again without a person")
	}
	w.must("retry", "ann")
	w.run(time.Minute)
	if len(w.cmms.orders) != 2 || w.cmms.orders[1].Key == w.cmms.orders[0].Key {
		t.Errorf("%d remote orders", len(w.cmms.orders))
	}
	// Hidden for a moment only.
	w2 := told(t)
	w2.cmms.orders[0].gone = true
	w2.run(order.DefaultPollEvery + time.Second)
	w2.cmms.orders[0].gone = false
	w2.run(time.Hour)
	if o := w2.state(remediation.StateSubmitted); o.CMMS.Sync != "ok" {
		t.Errorf("%+v", o.CMMS)
	}
}

func TestInvariant09AssigneeIsCheckedAgain(t *testing.T) {
	w := told(t)
	w.cmms.orders[0].Assignee = "T-104"
	w.run(time.Hour)
	if n := saw(w.changes, order.AssignmentViolation); n != 1 {
		t.Fatalf("raised %d times, want 1", n)
	}
	if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "T-104 may not do this work") || w.cmms.orders[0].Assignee != "T-104" {
		t.Errorf("notes %q, assignee %s", n, w.cmms.orders[0].Assignee)
	}
	w.cmms.orders[0].Assignee = "T-105"
	w.run(time.Hour)
	w.cmms.orders[0].Assignee = "T-104"
	w.run(time.Hour)
	if n := saw(w.changes, order.AssignmentViolation); n != 2 {
		t.Errorf("raised %d times, want 2: once more after it had been right", n)
	}
	// A certificate that runs out while the order is open.
	valid := true
	w2 := told(t, func(w *world) {
		w.co.MayPerform = func(_ remediation.WorkOrder, p string) (bool, string) { return valid, "expired yesterday" }
	})
	w2.cmms.orders[0].Assignee = "T-105"
	w2.run(time.Hour)
	valid = false
	w2.run(time.Hour)
	if n := saw(w2.changes, order.AssignmentViolation); n != 1 {
		t.Errorf("raised %d times, want 1", n)
	}
}

// done is a world whose order is reported done.
func done(t *testing.T, set ...func(*world)) *world {
	t.Helper()
	w := told(t, set...)
	w.remote(remediation.StateWorkDone, "6")
	w.state(remediation.StateWorkDone)
	return w
}

func (w *world) finding(change func(*remediation.Finding)) {
	for id, f := range w.findings {
		change(&f)
		w.findings[id] = f
	}
}

func TestInvariant12DoneMeansSeen(t *testing.T) {
	t.Run("verified", func(t *testing.T) {
		w := done(t)
		w.observed(t0) // not heard since
		w.state(remediation.StateVerifying)
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.Status, f.LastSeen = remediation.Resolved, w.now })
		w.observed(w.now)
		o := w.state(remediation.StateVerified)
		if o.Verification.State != "verified" || o.Verification.By != remediation.ByWire || o.Verification.ObservedAt.IsZero() {
			t.Errorf("%+v", o.Verification)
		}
		w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
		w.only()
	})
	t.Run("resolved, but not heard since the work", func(t *testing.T) {
		w := done(t)
		w.finding(func(f *remediation.Finding) { f.Status, f.LastSeen = remediation.Resolved, t0 })
		w.observed(t0)
		w.state(remediation.StateVerifying)
	})
}

func TestInvariant12StillSeenComesBack(t *testing.T) {
	t.Run("still seen", func(t *testing.T) {
		w := done(t)
		at := w.now
		w.finding(func(f *remediation.Finding) { f.LastSeen = at.Add(time.Minute) })
		w.observed(at.Add(time.Minute)) // the restart may be to come
		w.state(remediation.StateVerifying)
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.LastSeen = w.now })
		w.observed(w.now)
		o := w.state(remediation.StateVerifyFailed)
		w.run(time.Minute)
		if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "still seen") {
			t.Errorf("notes %q", n)
		}
		if o.Verification.State != "still_present" {
			t.Errorf("%+v", o.Verification)
		}
		w.run(time.Hour) // the CMMS still says resolved: no news
		w.state(remediation.StateVerifyFailed)
		w.remote(remediation.StateInProgress, "2")
		w.state(remediation.StateInProgress)
		w.remote(remediation.StateWorkDone, "6")
		w.state(remediation.StateWorkDone)
	})
	t.Run("heard, but said nothing of it", func(t *testing.T) {
		w := done(t)
		at := w.now
		w.now = w.now.Add(time.Hour)
		d := inventory.Device{LastSeen: w.now, SoftwareVersions: []string{"9.33"}, Evidence: []inventory.Evidence{
			{Attribute: "software_version", Value: "9.33", LastSeen: at}, {Attribute: "mac", LastSeen: w.now},
			{Attribute: "software_version", Value: "12.3", LastSeen: w.now},                       // another host's word: not in the current set
			{Attribute: "software_version", Value: "9.33", Protocol: "register", LastSeen: w.now}, // no statement of the device
		}}
		w.observed(order.LastStatement(d, w.findings["f-d-1-A"]))
		w.state(remediation.StateVerifying)
		d.Evidence[0].LastSeen = w.now
		w.observed(order.LastStatement(d, w.findings["f-d-1-A"]))
		w.state(remediation.StateVerifyFailed)
	})
	t.Run("follow-up where the CMMS does not reopen", func(t *testing.T) {
		w := done(t, func(w *world) { w.o.FollowUp = true })
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.LastSeen = w.now })
		w.observed(w.now)
		w.run(time.Minute)
		if len(w.cmms.orders) != 2 || len(w.orders()) != 2 {
			t.Fatalf("%d remote, %d here", len(w.cmms.orders), len(w.orders()))
		}
		w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
		if len(w.orders()) != 2 {
			t.Error("deciding again made a third")
		}
	})
}

func TestInvariant12PeopleAttestWhatTheWireCannotShow(t *testing.T) {
	t.Run("silence asks a person", func(t *testing.T) {
		w := done(t)
		w.observed(t0)
		if err := w.act("attest", "ann", ""); err == nil {
			t.Error("attested what the wire may still show")
		}
		w.now = w.now.Add(order.NotObservableAfter + time.Hour)
		w.observed(t0)
		w.observed(t0)
		if o := w.state(remediation.StateVerifying); o.Verification.State != "not_observable" {
			t.Errorf("%+v", o.Verification)
		}
		w.must("attest", "ann")
		if o := w.state(remediation.StateVerified); o.Verification.By != remediation.ByAttest {
			t.Errorf("%+v", o.Verification)
		}
	})
	t.Run("attested where the wire cannot show it", func(t *testing.T) {
		attest := func(w *world) { w.finding(func(f *remediation.Finding) { f.Verifiable = remediation.ByAttest }) }
		w := newWorld(t)
		d := w.decision("d-1", "030501", "A", remediation.Auto)
		attest(w)
		w.apply(d)
		w.run(time.Second)
		w.remote(remediation.StateWorkDone, "6")
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.LastSeen = w.now }) // the version still matches: that says nothing
		w.observed(w.now)
		w.state(remediation.StateVerifying)
		w.must("attest", "ann")
		w.state(remediation.StateVerified)
		w.apply(d)
		w.only()
	})
}

func TestInvariant12GoneWithoutAReport(t *testing.T) {
	t.Run("the register's word alone ends nothing that was told", func(t *testing.T) {
		w := told(t)
		w.finding(func(f *remediation.Finding) { f.Status, f.Basis = remediation.Resolved, remediation.OnRegister })
		w.observed(time.Time{})
		w.state(remediation.StateSubmitted)
	})
	t.Run("gone before the work was reported", func(t *testing.T) {
		w := told(t)
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.Status, f.LastSeen = remediation.Resolved, w.now })
		first := w.now
		w.observed(first)
		w.observed(first) // the same statement
		w.observed(first.Add(time.Minute))
		if o := w.state(remediation.StateSubmitted); !strings.Contains(story(o), "stated once more") {
			t.Errorf("one statement is not explained: %s", story(o))
		}
		w.now = first.Add(order.SettleTime)
		w.observed(w.now)
		w.state(remediation.StateVerified)
		w.run(time.Minute)
		if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "can be closed") {
			t.Errorf("notes %q", n)
		}
	})
	t.Run("one statement, then the old version again", func(t *testing.T) {
		w := told(t)
		w.finding(func(f *remediation.Finding) { f.Status = remediation.Resolved })
		w.observed(w.now)
		w.finding(func(f *remediation.Finding) { f.Status = remediation.ConfirmedFinding })
		w.observed(w.now.Add(time.Hour))
		w.finding(func(f *remediation.Finding) { f.Status = remediation.Resolved })
		w.observed(w.now.Add(2 * time.Hour))
		w.state(remediation.StateSubmitted)
	})
	t.Run("gone before anybody was told", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-1", "1", "A", remediation.Auto))
		w.finding(func(f *remediation.Finding) { f.Status = remediation.Resolved })
		w.observed(w.now)
		w.run(time.Hour)
		if o := w.state(remediation.StateNoAction); !strings.Contains(story(o), "nothing was done") {
			t.Errorf("it does not say so: %s", story(o))
		}
		if len(w.cmms.calls) != 0 {
			t.Errorf("calls %v", w.cmms.calls)
		}
		w.finding(func(f *remediation.Finding) { f.Status = remediation.ConfirmedFinding })
		w.apply(w.decision("d-1", "1", "A", remediation.Auto))
		if len(w.orders()) != 2 {
			t.Error("it is back, and nobody is told")
		}
	})
	t.Run("comes back", func(t *testing.T) {
		w := done(t)
		w.now = w.now.Add(time.Hour)
		w.finding(func(f *remediation.Finding) { f.Status, f.LastSeen = remediation.Resolved, w.now })
		w.observed(w.now)
		w.now = w.now.Add(24 * time.Hour)
		w.finding(func(f *remediation.Finding) { f.Status, f.LastSeen = remediation.ConfirmedFinding, w.now })
		w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
		w.run(time.Minute)
		if len(w.orders()) != 2 || len(w.cmms.orders) != 2 {
			t.Errorf("%d orders, %d remote", len(w.orders()), len(w.cmms.orders))
		}
	})
}

func TestAcceptedRiskEndsTheOrder(t *testing.T) {
	w := told(t)
	w.finding(func(f *remediation.Finding) { f.Status = remediation.Accepted })
	w.observed(w.now)
	w.state(remediation.StateNoAction)
	w.run(time.Minute)
	if n := w.cmms.orders[0].notes; len(n) != 1 {
		t.Errorf("notes %q", n)
	}
	// The waiver ran out.
	w.finding(func(f *remediation.Finding) { f.Status = remediation.ConfirmedFinding })
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	if len(w.orders()) != 2 {
		t.Errorf("%d orders", len(w.orders()))
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	p1 := w.decision("d-2", "2", "A", remediation.Auto)
	p1.Priority = "P1"
	w.apply(w.decision("d-1", "1", "A", remediation.Observe), p1)
	for _, c := range []struct {
		name string
		f    order.Filter
		want []string
	}{
		{"all, urgent first", order.Filter{}, []string{"d-2", "d-1"}},
		{"device", order.Filter{Device: "d-1"}, []string{"d-1"}},
		{"control number", order.Filter{ControlNumber: "2"}, []string{"d-2"}},
		{"state", order.Filter{States: []remediation.OrderState{remediation.StateHeld}}, []string{"d-1"}},
		{"open", order.Filter{Open: true}, []string{"d-2", "d-1"}},
		{"none", order.Filter{Device: "d-3"}, nil},
	} {
		all, err := w.desk.Orders(c.f)
		var got []string
		for _, o := range all {
			got = append(got, o.Device)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, err, c.want)
		}
	}
}
