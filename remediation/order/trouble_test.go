package order_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

func TestTransientBacksOffAndHonoursRetryAfter(t *testing.T) {
	w := newWorld(t)
	w.cmms.fail = func(int, string) (error, bool) { return trouble(remediation.Transient, 10*time.Minute), true }
	w.apply(w.decision("d-1", "1", "A", remediation.Auto), w.decision("d-2", "2", "A", remediation.Auto))
	w.run(time.Hour)
	if n := len(w.cmms.calls); n < 4 || n > 7 {
		t.Errorf("%d requests in an hour when asked to wait ten minutes after each", n)
	}
	w.cmms.fail = func(int, string) (error, bool) { return trouble(remediation.Transient, 0), true }
	w.cmms.calls = nil
	w.run(24 * time.Hour)
	if n := len(w.cmms.calls); n < 24*4 || n > 24*60 {
		t.Errorf("%d requests in a day of failures", n)
	}
	for _, o := range w.orders() {
		if o.State != remediation.StateReady || o.CMMS.Sync != "error" {
			t.Errorf("order is %s, sync %q", o.State, o.CMMS.Sync)
		}
	}
	w.cmms.fail = nil
	w.run(time.Hour)
	if len(w.cmms.orders) != 2 {
		t.Errorf("%d orders after the CMMS came back", len(w.cmms.orders))
	}
}

func TestPoisonLimit(t *testing.T) {
	w := newWorld(t)
	w.cmms.fail = func(_ int, op string) (error, bool) { return trouble(remediation.Transient, 0), true }
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	w.run(95 * time.Hour)
	w.state(remediation.StateReady)
	w.run(3 * time.Hour)
	o := w.state(remediation.StateRejected)
	if o.CMMS.Sync != "dead_letter" || !strings.Contains(o.CMMS.Trouble, "attempts") {
		t.Errorf("%+v", o.CMMS)
	}
}

func TestRefusedIsADeadLetter(t *testing.T) {
	w := newWorld(t)
	w.cmms.fail = func(_ int, op string) (error, bool) {
		if op == "create" {
			return trouble(remediation.Refused, 0), true
		}
		return nil, false
	}
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	w.run(24 * time.Hour)
	o := w.state(remediation.StateRejected)
	if w.cmms.count("create") != 1 || o.CMMS.Sync != "dead_letter" || saw(w.changes, order.DeadLetter) != 1 {
		t.Errorf("%d creates, %+v", w.cmms.count("create"), o.CMMS)
	}
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	w.state(remediation.StateRejected)
	w.cmms.fail = nil
	if err := w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		return d.Retry(tx, o.ID, "ann", "table corrected", w.now)
	}); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute)
	w.state(remediation.StateSubmitted)
}

func TestUnauthorisedPausesTheTarget(t *testing.T) {
	w := newWorld(t)
	w.cmms.fail = func(int, string) (error, bool) { return trouble(remediation.Unauthorised, 0), true }
	for i := range 20 {
		w.apply(w.decision(fmt.Sprint("d-", i), fmt.Sprint(i), "A", remediation.Auto))
	}
	w.run(59 * time.Minute)
	if len(w.cmms.calls) != 1 || len(w.alarms) != 1 {
		t.Fatalf("%d requests, %d alarms; want one of each", len(w.cmms.calls), len(w.alarms))
	}
	w.restart() // the circuit stays open
	w.run(10 * time.Hour)
	if n := len(w.cmms.calls); n < 5 || n > 12 {
		t.Errorf("%d probes in eleven hours", n)
	}
	if len(w.alarms) != 1 {
		t.Errorf("%d alarms, want 1", len(w.alarms))
	}
	f, err := w.desk.Flow()
	if err != nil || !f.Paused || f.Waiting != 20 || f.Trouble == "" {
		t.Errorf("flow %+v %v", f, err)
	}
	w.cmms.fail = nil
	if err := w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) { return nil, d.Resume(tx, "ann", w.now) }); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute)
	if len(w.cmms.orders) != 20 {
		t.Errorf("%d orders after the resumption", len(w.cmms.orders))
	}
	// A probe that goes through closes the circuit too.
	w2 := newWorld(t)
	w2.cmms.fail = func(n int, _ string) (error, bool) {
		if n == 1 {
			return trouble(remediation.Unauthorised, 0), true
		}
		return nil, false
	}
	w2.apply(w2.decision("d-1", "1", "A", remediation.Auto))
	w2.run(2 * time.Hour)
	w2.state(remediation.StateSubmitted)
	if len(w2.alarms) != 2 || w2.alarms[1].Code != "target_resumed" {
		t.Errorf("alarms %+v", w2.alarms)
	}
}

func TestInvariant13OneSwitchStopsAllWriting(t *testing.T) {
	w := told(t)
	if err := w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
		return nil, d.Stop(tx, "ann", "drill", w.now)
	}); err != nil {
		t.Fatal(err)
	}
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	d.Start.Gate = held(remediation.InUse)
	w.apply(d, w.decision("d-2", "2", "A", remediation.Auto))
	w.cmms.calls = nil
	w.restart()
	w.run(24 * time.Hour)
	if w.cmms.count("create")+w.cmms.count("note")+w.cmms.count("find") != 0 {
		t.Errorf("wrote while stopped: %v", w.cmms.calls)
	}
	if w.cmms.count("read") == 0 {
		t.Error("reading back stopped too")
	}
	_ = w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) { return nil, d.Resume(tx, "ann", w.now) })
	w.run(time.Hour)
	if len(w.cmms.orders) != 2 || len(w.cmms.orders[0].notes) != 1 {
		t.Errorf("after the resumption: %d orders, notes %q", len(w.cmms.orders), w.cmms.orders[0].notes)
	}
	// Stopped between the search and the create.
	w2 := newWorld(t)
	w2.apply(w2.decision("d-1", "1", "A", remediation.Auto))
	w2.cmms.onCall = func(op string) {
		if op == "find" {
			_ = w2.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) {
				return nil, d.Stop(tx, "ann", "now", w2.now)
			})
		}
	}
	w2.run(time.Hour)
	if w2.cmms.count("create") != 0 {
		t.Error("created after the switch")
	}
	w2.state(remediation.StateReady)
}

func TestRequestBudget(t *testing.T) {
	w := newWorld(t, func(w *world) { w.co.RequestsPerHour = 60 })
	for i := range 100 {
		w.apply(w.decision(fmt.Sprint("d-", i), fmt.Sprint(i), "A", remediation.Auto))
	}
	w.run(3 * time.Hour)
	if n := len(w.cmms.calls); n > 3*60+40 {
		t.Errorf("%d requests in three hours, more than the budget", n)
	}
	if n := len(w.cmms.orders); n < 60 {
		t.Errorf("only %d orders: reading back did not yield to creating", n)
	}
}

func TestDescribeTroubleIsOneOrdersOwn(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.co.Describe = func(o remediation.WorkOrder) (order.Subject, error) {
			if o.Device == "d-1" {
				return order.Subject{}, errors.New("the device cannot be read")
			}
			return order.Subject{}, nil
		}
	})
	for i := range 5 {
		w.apply(w.decision(fmt.Sprint("d-", i), fmt.Sprint(i), "A", remediation.Auto))
	}
	w.run(time.Second)
	if len(w.cmms.orders) != 4 {
		t.Errorf("%d orders, want the other four", len(w.cmms.orders))
	}
}
