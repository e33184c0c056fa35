package order_test

import (
	"context"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// world is a desk, its store, its CMMS and a clock.
type world struct {
	t        *testing.T
	store    *fakeStore
	cmms     *fakeCMMS
	now      time.Time
	desk     *order.Desk
	courier  *order.Courier
	o        order.Options
	co       order.CourierOptions
	findings map[string]remediation.Finding
	aliases  map[string]string
	gone     map[string]bool
	recorded []order.Change
	changes  []order.Change
	alarms   []order.Alarm
	subject  order.Subject
}

func newWorld(t *testing.T, set ...func(*world)) *world {
	t.Helper()
	w := &world{t: t, store: newStore(), now: t0, findings: map[string]remediation.Finding{}, aliases: map[string]string{}, gone: map[string]bool{}}
	w.cmms = &fakeCMMS{now: func() time.Time { return w.now }}
	w.o = order.Options{Site: "stv", System: "fake", SiteBudget: 1000, Record: func(_ inventory.Tx, c order.Change) error {
		w.recorded = append(w.recorded, c)
		return nil
	}}
	w.co = order.CourierOptions{Seed: 1, RequestsPerHour: 1_000_000,
		Clock:    func() time.Time { return w.now },
		Describe: func(remediation.WorkOrder) (order.Subject, error) { return w.subject, nil },
		OnChange: func(c order.Change) { w.changes = append(w.changes, c) },
		OnAlarm:  func(a order.Alarm) { w.alarms = append(w.alarms, a) },
	}
	for _, f := range set {
		f(w)
	}
	w.restart()
	return w
}

// restart is a new process over the same store and the same CMMS.
func (w *world) restart() {
	w.t.Helper()
	w.store.revive()
	var err error
	if w.desk, err = order.Open(w.store, w.o); err != nil {
		w.t.Fatal(err)
	}
	if w.courier, err = w.desk.Courier(w.cmms, w.co); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) resolve(id string) string {
	if w.gone[id] {
		return ""
	}
	if a, ok := w.aliases[id]; ok {
		return a
	}
	return id
}

// decision makes one, with its finding.
func (w *world) decision(device, control, cause string, mode remediation.Mode) remediation.Decision {
	id := "f-" + device + "-" + cause
	if _, ok := w.findings[id]; !ok {
		w.findings[id] = remediation.Finding{ID: id, Site: "stv", Device: device, Kind: remediation.Vulnerability, Status: remediation.ConfirmedFinding,
			Basis: remediation.OnWire, Cause: cause, Title: "Something is wrong: " + cause, Verifiable: remediation.ByWire,
			Remedy:    remediation.Remedy{Kind: remediation.FixAvailable, Text: "Update to 12.3.1", Version: "12.3.1"},
			Predicate: remediation.Predicate{Kind: "version-outside", Says: "the software is 12.3.1 or later"}, LastSeen: w.now}
	}
	return remediation.Decision{Device: device, ControlNumber: control, Findings: []string{id}, Activity: inventory.ApplyVendorPatch,
		Priority: "P3", Mode: mode, Tell: open(), Start: remediation.StartGate{Gate: open()},
		Assignee: remediation.Assignee{Person: "T-105", Team: "Biomed", Why: "certificate BD-SW-305, valid to 2027-05-01"},
		Eligible: []string{"T-105"}, At: w.now}
}

func open() remediation.Gate { return remediation.Gate{OK: true, Holds: []remediation.Hold{}} }

func held(codes ...remediation.HoldCode) remediation.Gate {
	g := remediation.Gate{Holds: []remediation.Hold{}}
	for _, c := range codes {
		g.Holds = append(g.Holds, remediation.Hold{Code: c, Says: "because of " + string(c)})
	}
	return g
}

func (w *world) update(fn func(inventory.Tx) ([]order.Change, error)) ([]order.Change, error) {
	var ch []order.Change
	err := w.store.Update(func(tx inventory.Tx) error {
		var err error
		ch, err = fn(tx)
		return err
	})
	return ch, err
}

func (w *world) apply(ds ...remediation.Decision) []order.Change {
	w.t.Helper()
	ch, err := w.update(func(tx inventory.Tx) ([]order.Change, error) {
		return w.desk.Apply(tx, ds, w.findings, w.resolve, w.now)
	})
	if err != nil {
		w.t.Fatalf("apply: %v", err)
	}
	return ch
}

// observed runs the verification; heard is when every device last spoke.
func (w *world) observed(heard time.Time) []order.Change {
	w.t.Helper()
	ch, err := w.update(func(tx inventory.Tx) ([]order.Change, error) {
		return w.desk.Observed(tx, order.Seen{Findings: w.findings, Heard: func(remediation.Finding) time.Time { return heard }}, w.now)
	})
	if err != nil {
		w.t.Fatalf("observed: %v", err)
	}
	return ch
}

type decide func(*order.Desk, inventory.Tx) ([]order.Change, error)

func (w *world) human(fn decide) error {
	_, err := w.update(func(tx inventory.Tx) ([]order.Change, error) { return fn(w.desk, tx) })
	return err
}

// run steps the courier for the given time.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	end := w.now.Add(d)
	for i := 0; ; i++ {
		if i > 200_000 {
			w.t.Fatal("the courier does not come to rest")
		}
		did, next, err := w.courier.Step(context.Background(), w.now)
		if err != nil {
			w.t.Fatalf("step: %v", err)
		}
		if did {
			continue
		}
		if next <= 0 {
			w.t.Fatalf("step: nothing to do, and no waiting time")
		}
		if w.now.Add(next).After(end) {
			w.now = end
			return
		}
		w.now = w.now.Add(next)
	}
}

func (w *world) orders() []remediation.WorkOrder {
	w.t.Helper()
	all, err := w.desk.Orders(order.Filter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// only returns the one order that there must be.
func (w *world) only() remediation.WorkOrder {
	w.t.Helper()
	all := w.orders()
	if len(all) != 1 {
		w.t.Fatalf("there are %d orders, want 1: %+v", len(all), all)
	}
	return all[0]
}

func (w *world) state(want remediation.OrderState) remediation.WorkOrder {
	w.t.Helper()
	o := w.only()
	if o.State != want {
		w.t.Fatalf("the order is %s, want %s; history: %s", o.State, want, story(o))
	}
	return o
}

func story(o remediation.WorkOrder) string {
	var b strings.Builder
	for _, e := range o.History {
		b.WriteString("\n  " + e.At.Format("15:04:05") + " " + string(e.State) + " by " + e.By + ": " + e.Says)
	}
	return b.String()
}

func codesOf(g remediation.Gate) []string {
	var out []string
	for _, h := range g.Holds {
		out = append(out, string(h.Code))
	}
	sort.Strings(out)
	return out
}

func saw(changes []order.Change, c order.Code) int {
	n := 0
	for _, x := range changes {
		if x.Code == c {
			n++
		}
	}
	return n
}
