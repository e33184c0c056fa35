package order_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// act runs one decision of a person on the only order, or on the one named.
func (w *world) act(action, by, id string) error {
	if id == "" {
		id = w.only().ID
	}
	return w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		do := map[string]func(inventory.Tx, string, string, string, time.Time) ([]order.Change, error){
			"send": d.Send, "attest": d.Attest, "hold": d.Hold, "release": d.Release, "cancel": d.Cancel, "retry": d.Retry}[action]
		return do(tx, id, by, "for a reason", w.now)
	})
}

func (w *world) must(action, by string) {
	w.t.Helper()
	if err := w.act(action, by, ""); err != nil {
		w.t.Fatal(err)
	}
}

func TestDraftIsSentByAPerson(t *testing.T) {
	w := newWorld(t)
	d := w.decision("d-1", "1", "A", remediation.Draft)
	w.apply(d)
	w.run(time.Hour)
	if len(w.cmms.calls) != 0 {
		t.Fatalf("a draft made requests: %v", w.cmms.calls)
	}
	w.must("send", "ann")
	w.state(remediation.StateReady)
	if ch := w.apply(d); len(ch) != 0 {
		t.Errorf("deciding again changed a sent draft: %+v", ch)
	}
	w.run(time.Minute)
	o := w.state(remediation.StateSubmitted)
	if !strings.Contains(story(o), "by ann: sent") {
		t.Errorf("history does not name the person: %s", story(o))
	}
}

func TestRefusalsSayWhatIsPossible(t *testing.T) {
	w := told(t)
	err := w.act("send", "ann", "")
	var s *order.StateError
	if !errors.As(err, &s) || !errors.Is(err, order.ErrNotPossible) || !strings.Contains(err.Error(), "possible now: hold, cancel") {
		t.Errorf("error %v", err)
	}
	if err := w.act("hold", "", ""); err == nil || !strings.Contains(err.Error(), "who") {
		t.Errorf("nobody: %v", err)
	}
	if err := w.act("hold", "ann", "o-nowhere"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("nowhere: %v", err)
	}
	err = w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		return d.Cancel(tx, w.only().ID, "ann", " ", w.now)
	})
	if err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("no reason: %v", err)
	}
}

func TestHoldAndRelease(t *testing.T) {
	w := newWorld(t)
	d := w.decision("d-1", "1", "A", remediation.Auto)
	w.apply(d)
	w.must("hold", "ann")
	w.apply(d) // policy does not undo a person
	o := w.state(remediation.StateHeld)
	if len(o.Tell.Holds) != 1 || !strings.Contains(o.Tell.Holds[0].Says, "held by ann") {
		t.Errorf("holds %+v", o.Tell.Holds)
	}
	w.run(time.Hour)
	w.must("release", "ann")
	w.run(time.Minute)
	w.state(remediation.StateSubmitted)
	// Told already: the hold keeps the work from starting, and the CMMS hears it.
	w.must("hold", "bob")
	w.run(time.Minute)
	w.state(remediation.StateWaiting)
	if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "Do not start") {
		t.Errorf("notes %q", n)
	}
	w.must("release", "bob")
	w.state(remediation.StateSubmitted)
}

func TestCancelIsRemembered(t *testing.T) {
	w := told(t)
	w.must("cancel", "ann")
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	w.apply(d)
	w.run(time.Hour)
	w.state(remediation.StateCancelled)
	if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "Please close") {
		t.Errorf("notes %q", n)
	}
	// Less than before is not material; newly exploited is.
	f := w.findings[d.Findings[0]]
	f.Status = remediation.Potential
	w.findings[f.ID] = f
	w.apply(d)
	w.only()
	f.Status, f.KEV = remediation.ConfirmedFinding, true
	w.findings[f.ID] = f
	w.apply(d)
	all := w.orders()
	if len(all) != 2 {
		t.Fatalf("%d orders after the cause became exploited, want 2", len(all))
	}
	for _, o := range all {
		if o.State != remediation.StateCancelled && (o.Generation != 1 || o.Key == w.cmms.orders[0].Key) {
			t.Errorf("the new order %+v", o)
		}
	}
	w.apply(d)
	if len(w.orders()) != 2 {
		t.Error("deciding again made a third")
	}
}

func TestRetryMakesACancelledOrderAgain(t *testing.T) {
	w := told(t)
	w.must("cancel", "ann")
	w.must("retry", "ann")
	w.run(time.Minute)
	if len(w.orders()) != 2 || len(w.cmms.orders) != 2 || w.cmms.orders[0].Key == w.cmms.orders[1].Key {
		t.Errorf("%d orders, %d remote", len(w.orders()), len(w.cmms.orders))
	}
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	if len(w.orders()) != 2 {
		t.Error("deciding again made a third")
	}
}

// start decides again with a start gate that is held by the codes.
func start(w *world, codes ...remediation.HoldCode) {
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	d.Start.Gate = held(codes...)
	d.Start.OK = len(codes) == 0
	w.apply(d)
}

func TestInvariant10BedsideAttestation(t *testing.T) {
	t.Run("lifts unknown, for hours", func(t *testing.T) {
		w := told(t)
		start(w, remediation.UseUnknown)
		w.state(remediation.StateWaiting)
		w.must("attest", "nurse")
		if o := w.state(remediation.StateSubmitted); !o.Start.OK {
			t.Errorf("start %+v", o.Start)
		}
		start(w, remediation.UseUnknown)
		w.state(remediation.StateSubmitted)
		w.run(order.BedsideHours + time.Hour) // noticed when it is read back
		w.state(remediation.StateWaiting)
	})
	t.Run("newly in use ends it", func(t *testing.T) {
		w := told(t)
		start(w, remediation.OnStandby)
		w.must("attest", "nurse")
		w.state(remediation.StateSubmitted)
		words := func() int {
			n := 0
			_ = w.store.View(func(tx inventory.Tx) error {
				all, err := w.desk.Attestations(tx, w.now)
				n = len(all["d-1"])
				return err
			})
			return n
		}
		if words() != 1 {
			t.Error("policy cannot see the attestation")
		}
		w.now = w.now.Add(time.Second)
		start(w, remediation.InUse)
		if words() != 0 {
			t.Error("policy still sees the attestation")
		}
		w.state(remediation.StateWaiting)
		start(w, remediation.OnStandby) // and the old word does not come back
		w.state(remediation.StateWaiting)
	})
}

func TestInvariant10BedsideLimits(t *testing.T) {
	t.Run("lifts nothing else", func(t *testing.T) {
		w := told(t)
		start(w, remediation.InUse, remediation.OutsideWindow)
		w.must("attest", "nurse")
		if o := w.state(remediation.StateWaiting); len(o.Start.Holds) != 1 || o.Start.Holds[0].Code != remediation.OutsideWindow {
			t.Errorf("holds %+v", o.Start.Holds)
		}
		start(w, remediation.OutsideWindow)
		if err := w.act("attest", "nurse", ""); !errors.Is(err, order.ErrNotPossible) {
			t.Errorf("attest of a window: %v", err)
		}
	})
	t.Run("second release needs two people", func(t *testing.T) {
		w := told(t)
		start(w, remediation.InUse, remediation.SecondRelease)
		w.must("attest", "nurse")
		w.state(remediation.StateWaiting)
		if err := w.act("attest", "nurse", ""); err == nil || !strings.Contains(err.Error(), "second person") {
			t.Errorf("the same person twice: %v", err)
		}
		w.must("attest", "charge")
		w.state(remediation.StateSubmitted)
	})
}

func TestStartGateNotes(t *testing.T) {
	w := told(t)
	busy, free := w.decision("d-1", "030501", "A", remediation.Auto), w.decision("d-1", "030501", "A", remediation.Auto)
	busy.Start.Gate = held(remediation.InUse)
	for range 10 { // a pump in and out of use within the hour
		w.apply(busy)
		w.run(time.Minute)
		w.apply(free)
		w.run(time.Minute)
	}
	notes := w.cmms.orders[0].notes
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "Do not start") {
		t.Fatalf("notes %q", notes)
	}
	w.run(2 * time.Hour)
	if notes = w.cmms.orders[0].notes; len(notes) != 2 || !strings.Contains(notes[1], "may begin") {
		t.Errorf("the opening was withheld for ever: %q", notes)
	}
	w.apply(busy)
	w.run(time.Second)
	if notes = w.cmms.orders[0].notes; len(notes) != 3 || !strings.HasPrefix(notes[2], "Do not start") {
		t.Errorf("the closing was withheld: %q", notes)
	}
}

func TestInvariant09NoLongerAuthorisedIsSaid(t *testing.T) {
	w := told(t)
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	d.Eligible = []string{"T-107"}
	d.Assignee.Person = "T-107"
	d.Refused = []remediation.Refusal{{Person: "T-105", Why: "certificate BD-SW-305 expired on 2027-05-01"}}
	ch := w.apply(d)
	if saw(ch, order.NoLongerAuthorised) != 1 {
		t.Errorf("changes %+v", ch)
	}
	w.run(time.Minute)
	if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "expired on 2027-05-01") || !strings.Contains(n[0], "T-107") {
		t.Errorf("notes %q", n)
	}
	if ch := w.apply(d); len(ch) != 0 {
		t.Errorf("said twice: %+v", ch)
	}
}

func TestEscalationIsANote(t *testing.T) {
	w := told(t)
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	f := w.findings[d.Findings[0]]
	f.KEV = true
	w.findings[f.ID] = f
	d.Priority = "P2"
	if ch := w.apply(d); saw(ch, order.Escalated) != 1 {
		t.Errorf("changes %+v", ch)
	}
	w.run(time.Minute)
	if n := w.cmms.orders[0].notes; len(n) != 1 || !strings.Contains(n[0], "exploited") || !strings.Contains(n[0], "P2") {
		t.Errorf("notes %q", n)
	}
}
