package order_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

func TestApplyStates(t *testing.T) {
	for _, c := range []struct {
		name  string
		mode  remediation.Mode
		tell  remediation.Gate
		state remediation.OrderState
		holds []string
	}{
		{"OK auto", remediation.Auto, open(), remediation.StateReady, nil},
		{"OK draft", remediation.Draft, open(), remediation.StateDraft, nil},
		{"OK observe", remediation.Observe, open(), remediation.StateHeld, []string{"observe_mode"}},
		{"bad match in auto", remediation.Auto, held(remediation.MatchUnconfirmed), remediation.StateHeld, []string{"match_unconfirmed"}},
		{"bad match in observe", remediation.Observe, held(remediation.NoEligiblePerson), remediation.StateHeld, []string{"no_eligible_person", "observe_mode"}},
		{"no mode is observe", "", open(), remediation.StateHeld, []string{"observe_mode"}},
		{"closed without a reason stays closed", remediation.Auto, remediation.Gate{}, remediation.StateHeld, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			d := w.decision("d-1", "030501", "ICSMA-1", c.mode)
			d.Tell = c.tell
			changes := w.apply(d)
			o := w.state(c.state)
			if got := codesOf(o.Tell); !slices.Equal(got, c.holds) {
				t.Errorf("holds %v, want %v", got, c.holds)
			}
			if len(changes) != 1 || changes[0].Code != order.Created || changes[0].Order.ID != o.ID {
				t.Errorf("changes: %+v", changes)
			}
			if len(w.recorded) != 1 {
				t.Errorf("recorded %d changes, want 1", len(w.recorded))
			}
		})
	}
}

func TestApplyAgainChangesNothing(t *testing.T) {
	w := newWorld(t)
	ds := []remediation.Decision{w.decision("d-1", "1", "A", remediation.Auto), w.decision("d-1", "1", "B", remediation.Draft), w.decision("d-2", "2", "A", remediation.Observe)}
	w.apply(ds...)
	before := w.store.text()
	w.now = w.now.Add(time.Minute)
	slices.Reverse(ds)
	if ch := w.apply(ds...); len(ch) != 0 {
		t.Errorf("the same decisions changed %+v", ch)
	}
	if w.store.text() != before {
		t.Errorf("the same decisions wrote:\n%s\nwas\n%s", w.store.text(), before)
	}
}

func TestApplyDecidesAgain(t *testing.T) {
	w := newWorld(t)
	d := w.decision("d-1", "030501", "ICSMA-1", remediation.Auto)
	d.Tell = held(remediation.MatchUnconfirmed)
	w.apply(d)
	w.state(remediation.StateHeld)
	d.Tell = held(remediation.NoEligiblePerson)
	if ch := w.apply(d); len(ch) != 1 || ch[0].Code != order.Decided {
		t.Errorf("a hold that changes its reason: %+v", ch)
	}
	d.Tell = open()
	w.apply(d)
	w.state(remediation.StateReady)
	d.Tell = held(remediation.NoDoableRemedy)
	w.apply(d)
	w.state(remediation.StateHeld)
	w.run(time.Hour)
	if n := len(w.cmms.calls); n != 0 {
		t.Errorf("an order that was taken back made %d requests", n)
	}
}

func TestInvariant13ObserveSendsNothing(t *testing.T) {
	w := newWorld(t)
	w.apply(w.decision("d-1", "1", "A", remediation.Observe))
	w.run(24 * time.Hour)
	if err := w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		return d.Send(tx, w.only().ID, "ann", "", w.now)
	}); !errors.Is(err, order.ErrNotPossible) {
		t.Errorf("send in observe mode: %v", err)
	}
	// Ready first, then the mode is turned back before anything left.
	w2 := newWorld(t)
	w2.apply(w2.decision("d-1", "1", "A", remediation.Auto))
	w2.apply(w2.decision("d-1", "1", "A", remediation.Observe))
	w2.run(24 * time.Hour)
	// And notes of an order that left before.
	w3 := newWorld(t)
	w3.apply(w3.decision("d-1", "1", "A", remediation.Auto))
	w3.run(time.Minute)
	d := w3.decision("d-1", "1", "A", remediation.Observe)
	d.Start.Gate = held(remediation.InUse)
	w3.apply(d)
	w3.run(24 * time.Hour)
	if n := len(w.cmms.calls) + len(w2.cmms.calls) + w3.cmms.count("note"); n != 0 {
		t.Errorf("observe mode made %d requests that write", n)
	}
}

func TestInvariant11OneOrderThroughIdentity(t *testing.T) {
	const cause = "ICSMA-1"
	t.Run("merged ids", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-1", "", cause, remediation.Auto))
		key := w.only().Key
		w.aliases["d-1"] = "d-2"
		w.apply(w.decision("d-2", "", cause, remediation.Auto))
		if o := w.only(); o.Device != "d-2" || o.Key != key {
			t.Errorf("order %+v", o)
		}
		w.apply(w.decision("d-2", "", cause, remediation.Auto))
		w.only()
	})
	t.Run("register only, then heard, with an alias", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-r", "030503", cause, remediation.Auto))
		w.aliases["d-r"] = "d-9"
		w.apply(w.decision("d-9", "030503", cause, remediation.Auto))
		w.only()
	})
	t.Run("register only, then heard, without an alias", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-r", "030503", cause, remediation.Auto))
		w.run(time.Minute)
		w.gone["d-r"] = true
		w.apply(w.decision("d-9", "030503", cause, remediation.Auto))
		if o := w.only(); o.Device != "d-9" || o.State != remediation.StateSubmitted {
			t.Errorf("order %+v", o)
		}
	})
	t.Run("matched later", func(t *testing.T) {
		w := newWorld(t)
		d := w.decision("d-1", "", cause, remediation.Auto)
		d.Tell = held(remediation.MatchUnconfirmed)
		w.apply(d)
		w.apply(w.decision("d-1", "030501", cause, remediation.Auto))
		got := w.only().Key
		fresh := newWorld(t)
		fresh.apply(fresh.decision("d-77", "030501", cause, remediation.Auto))
		if want := fresh.only().Key; got != want {
			t.Errorf("the key depends on the history of ids: %s and %s", got, want)
		}
	})
}

func TestInvariant11OneOrderThroughMergesAndMatches(t *testing.T) {
	const cause = "ICSMA-1"
	t.Run("two orders of devices that are one", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-1", "", cause, remediation.Auto), w.decision("d-2", "", cause, remediation.Auto))
		w.run(time.Minute)
		w.aliases["d-2"] = "d-1"
		w.apply(w.decision("d-1", "", cause, remediation.Auto))
		w.run(time.Minute)
		opened, err := w.desk.Orders(order.Filter{Open: true})
		if err != nil || len(opened) != 1 {
			t.Fatalf("open orders: %v %v", opened, err)
		}
		notes := append(w.cmms.orders[0].notes, w.cmms.orders[1].notes...)
		if len(notes) != 1 || !strings.Contains(notes[0], opened[0].CMMS.Number) {
			t.Errorf("notes: %q", notes)
		}
		if ch := w.apply(w.decision("d-1", "", cause, remediation.Auto)); len(ch) != 0 {
			t.Errorf("again: %+v", ch)
		}
	})
	t.Run("two nodes under one control number", func(t *testing.T) {
		w := newWorld(t)
		ds := []remediation.Decision{w.decision("d-1", "010021", cause, remediation.Auto), w.decision("d-2", "010021", cause, remediation.Auto)}
		w.apply(ds...)
		all := w.orders()
		if len(all) != 2 || all[0].Key == all[1].Key {
			t.Fatalf("orders %+v", all)
		}
		w.apply(ds[1])
		w.apply(ds[0])
		if len(w.orders()) != 2 {
			t.Errorf("again: %d orders", len(w.orders()))
		}
	})
	t.Run("control number matched elsewhere", func(t *testing.T) {
		w := newWorld(t)
		w.apply(w.decision("d-1", "030501", cause, remediation.Auto))
		w.run(time.Minute)
		w.apply(w.decision("d-1", "", cause, remediation.Auto), w.decision("d-2", "030501", cause, remediation.Auto))
		w.run(time.Minute)
		for _, o := range w.orders() {
			if (o.Device == "d-2") != (o.ControlNumber == "030501") {
				t.Errorf("order %s of device %s has control number %q", o.ID, o.Device, o.ControlNumber)
			}
		}
		if n := len(w.orders()); n != 2 {
			t.Errorf("%d orders, want 2", n)
		}
	})
}

func TestInvariant11RestoredStateMakesNoSecondOrder(t *testing.T) {
	w := newWorld(t)
	backup := newStore() // an empty state: the whole file was lost
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	w.run(time.Minute)
	w.store = backup
	w.restart()
	w.now = w.now.Add(time.Hour)
	delete(w.findings, "f-d-1-A")
	w.apply(w.decision("d-other", "030501", "A", remediation.Auto))
	w.run(time.Minute)
	if n := w.cmms.count("create"); n != 1 {
		t.Errorf("%d creates, want 1", n)
	}
	if o := w.state(remediation.StateSubmitted); o.CMMS.Number != "WO1" {
		t.Errorf("order %+v", o.CMMS)
	}
}

func TestBudget(t *testing.T) {
	w := newWorld(t, func(w *world) { w.o.SiteBudget = 3 })
	var ds []remediation.Decision
	for i := range 10 {
		d := w.decision(fmt.Sprintf("d-%02d", i), fmt.Sprint(i), "A", remediation.Auto)
		if i == 9 {
			d.Priority = "P1"
		}
		ds = append(ds, d)
	}
	w.apply(ds...)
	w.run(59 * time.Minute)
	if n := len(w.cmms.orders); n != 3 {
		t.Fatalf("%d orders in the first hour, want 3", n)
	}
	if !strings.Contains(w.cmms.tickets[0].Priority, "P1") {
		t.Errorf("the most urgent did not go first: %s", w.cmms.tickets[0].Priority)
	}
	waiting, err := w.desk.Orders(order.Filter{States: []remediation.OrderState{remediation.StateHeld}})
	if err != nil || len(waiting) != 7 || waiting[0].Tell.Holds[0].Code != remediation.Budget || waiting[0].Tell.Holds[0].Until.IsZero() {
		t.Fatalf("waiting %d: %+v %v", len(waiting), waiting, err)
	}
	w.apply(ds...) // deciding again gives no more
	w.run(2 * time.Minute)
	if n := len(w.cmms.orders); n != 6 {
		t.Errorf("%d orders after an hour, want 6", n)
	}
	// A person may let one go at once.
	waiting, _ = w.desk.Orders(order.Filter{States: []remediation.OrderState{remediation.StateHeld}})
	if err := w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		return d.Release(tx, waiting[0].ID, "ann", "needed today", w.now)
	}); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute)
	if n := len(w.cmms.orders); n != 7 {
		t.Errorf("%d orders after the release, want 7", n)
	}
}

func TestApplyRefusesUnknownFinding(t *testing.T) {
	w := newWorld(t)
	d := w.decision("d-1", "1", "A", remediation.Auto)
	d.Findings = []string{"f-nowhere"}
	_, err := w.update(func(tx inventory.Tx) ([]order.Change, error) {
		return w.desk.Apply(tx, []remediation.Decision{d}, w.findings, w.resolve, w.now)
	})
	if err == nil || !strings.Contains(err.Error(), "f-nowhere") {
		t.Errorf("error %v", err)
	}
}

func TestGroupedCauses(t *testing.T) {
	w := newWorld(t)
	a, b := w.decision("d-1", "1", "A", remediation.Auto), w.decision("d-1", "1", "B", remediation.Auto)
	both := a
	both.Findings = []string{a.Findings[0], b.Findings[0]}
	w.apply(both)
	key := w.only().Key
	w.run(time.Minute)
	w.apply(a, b) // decided apart from now on: still one order
	if o := w.only(); o.Key != key || len(o.Findings) != 2 {
		t.Errorf("order %+v", o)
	}
	w.apply(both)
	w.only()
}

func TestRecorderErrorStopsAll(t *testing.T) {
	w := newWorld(t)
	w.o.Record = func(inventory.Tx, order.Change) error { return errors.New("full") }
	w.restart()
	_, err := w.update(func(tx inventory.Tx) ([]order.Change, error) {
		return w.desk.Apply(tx, []remediation.Decision{w.decision("d-1", "1", "A", remediation.Auto)}, w.findings, w.resolve, w.now)
	})
	if err == nil || len(w.orders()) != 0 {
		t.Errorf("an order without a record: %v, %d orders", err, len(w.orders()))
	}
}
