package order_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

// told is a world with one order that the CMMS has.
func told(t *testing.T, set ...func(*world)) *world {
	t.Helper()
	w := newWorld(t, set...)
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	w.run(time.Second)
	w.state(remediation.StateSubmitted)
	return w
}

func TestSendsOnce(t *testing.T) {
	w := told(t)
	o := w.only()
	if o.CMMS.RemoteID != "r1" || o.CMMS.Number != "WO1" || o.CMMS.Sync != "ok" || w.cmms.orders[0].Key != o.Key {
		t.Errorf("order %+v", o)
	}
	if w.cmms.calls[0] != "find" || w.cmms.calls[1] != "create" {
		t.Errorf("calls %v: a create without a search", w.cmms.calls)
	}
	if byNumber, err := w.desk.Order("WO1"); err != nil || byNumber.ID != o.ID {
		t.Errorf("by number: %v %v", byNumber.ID, err)
	}
	if byKey, err := w.desk.Order(o.Key); err != nil || byKey.ID != o.ID {
		t.Errorf("by key: %v %v", byKey.ID, err)
	}
	if _, err := w.desk.Order("nothing"); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("nothing: %v", err)
	}
	w.apply(w.decision("d-1", "030501", "A", remediation.Auto))
	w.run(time.Hour)
	if n := w.cmms.count("create"); n != 1 {
		t.Errorf("%d creates", n)
	}
}

// TestInvariant11CrashAnywhere dies at every store commit (before and after it)
// and around every request (before its effect, after it, and with a lost answer),
// with a CMMS that shows new orders late, and with a second crash after the first.
// However it goes, there is one remote order for the key, and it is known here.
func TestInvariant11CrashAnywhere(t *testing.T) {
	type crash struct {
		name string
		set  func(w *world, n int)
	}
	crashes := []crash{
		{"store before commit", func(w *world, n int) { w.store.dieAt, w.store.after = w.store.updates+n, false }},
		{"store after commit", func(w *world, n int) { w.store.dieAt, w.store.after = w.store.updates+n, true }},
	}
	for _, effect := range []bool{true, false} {
		for name, err := range map[string]error{"killed": errDead, "lost": trouble(remediation.Lost, 0), "transient": trouble(remediation.Transient, 0),
			"plain": errors.New("no kind"), "unauthorised": trouble(remediation.Unauthorised, 0)} {
			if effect && (name == "transient" || name == "unauthorised") {
				continue // a connector says these only when nothing was made
			}
			crashes = append(crashes, crash{fmt.Sprintf("%s, effect %v", name, effect), func(w *world, n int) {
				w.cmms.fail = func(i int, _ string) (error, bool) {
					if i != n {
						return nil, false
					}
					w.store.dead = w.store.dead || name == "killed"
					return err, !effect
				}
			}})
		}
	}
	const points = 8
	for _, c := range crashes {
		for n := 1; n <= points; n++ {
			for second := 0; second <= 5; second++ {
				crashOnce(t, fmt.Sprintf("%s at %d, then %d", c.name, n, second), func(w *world) { c.set(w, n) }, second)
			}
		}
	}
}

func crashOnce(t *testing.T, name string, first func(*world), second int) {
	t.Helper()
	w := newWorld(t)
	w.cmms.lag = 40 * time.Second
	d := w.decision("d-1", "030501", "A", remediation.Auto)
	w.apply(d)
	note := d
	note.Start.Gate = held(remediation.InUse)
	first(w)
	steps := func() {
		for range 30 {
			did, next, err := w.courier.Step(context.Background(), w.now)
			if err != nil {
				return
			}
			if !did {
				w.now = w.now.Add(min(next, time.Minute))
			}
		}
	}
	steps()
	w.restart() // at once: the lag has not passed
	if second > 0 {
		w.store.dieAt, w.store.after = w.store.updates+second, second%2 == 0
	}
	steps()
	w.restart()
	w.cmms.fail = nil
	w.apply(note)
	_ = w.human(func(d *order.Desk, tx inventory.Tx) ([]order.Change, error) { return nil, d.Resume(tx, "ann", w.now) })
	w.run(30 * time.Minute)
	o := w.only()
	if len(w.cmms.orders) != 1 {
		t.Fatalf("%s: %d remote orders for one key; calls %v", name, len(w.cmms.orders), w.cmms.calls)
	}
	if o.CMMS.RemoteID != "r1" || o.State != remediation.StateWaiting {
		t.Fatalf("%s: the order is %s with remote id %q; calls %v%s", name, o.State, o.CMMS.RemoteID, w.cmms.calls, story(o))
	}
	if strings.Contains(w.cmms.tickets[0].Description, "DO NOT START") {
		return // the ticket itself said so
	}
	if n := strings.Join(w.cmms.orders[0].notes, "\n"); !strings.Contains(n, "Do not start") {
		t.Fatalf("%s: nobody was told that work may not start; notes %q", name, n)
	}
}

func TestLostAnswerWaitsForTheLag(t *testing.T) {
	w := newWorld(t)
	w.cmms.lag = order.ReplicationLag - time.Second
	w.cmms.fail = func(n int, op string) (error, bool) {
		if op == "create" && n == 2 {
			return trouble(remediation.Lost, 0), false
		}
		return nil, false
	}
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	w.run(order.ReplicationLag - time.Second)
	w.state(remediation.StateSubmitting)
	if n := w.cmms.count("find"); n != 1 {
		t.Errorf("%d searches before the lag has passed", n)
	}
	w.run(2 * time.Second)
	w.state(remediation.StateSubmitted)
	if n := w.cmms.count("create"); n != 1 {
		t.Errorf("%d creates", n)
	}
}

func TestAdoptsAndFlagsDuplicates(t *testing.T) {
	w := newWorld(t)
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	key := w.only().Key
	for i, s := range []remediation.OrderState{remediation.StateCancelled, remediation.StateInProgress, remediation.StateSubmitted} {
		id := fmt.Sprint("x", i)
		w.cmms.orders = append(w.cmms.orders, &remoteOrder{RemoteOrder: remediation.RemoteOrder{ID: id, Number: "N" + id, Key: key, State: s, RawState: string(s)}})
	}
	w.run(time.Minute)
	if o := w.state(remediation.StateInProgress); o.CMMS.RemoteID != "x1" {
		t.Errorf("adopted %s, want the oldest open one", o.CMMS.RemoteID)
	}
	if saw(w.changes, order.Duplicate) != 1 || w.cmms.count("create") != 0 {
		t.Errorf("duplicates flagged %d times, %d creates", saw(w.changes, order.Duplicate), w.cmms.count("create"))
	}
}

func TestSearchThatBringsOthers(t *testing.T) {
	w := newWorld(t)
	w.apply(w.decision("d-1", "1", "A", remediation.Auto))
	w.cmms.orders = append(w.cmms.orders, &remoteOrder{RemoteOrder: remediation.RemoteOrder{ID: "x", Key: w.only().Key}})
	find := w.cmms.orders[0]
	w.cmms.onCall = func(string) { find.Key = w.only().Key }
	bad := &lyingCMMS{w.cmms}
	c, err := w.desk.Courier(bad, w.co)
	if err != nil {
		t.Fatal(err)
	}
	w.courier = c
	w.run(10 * time.Minute)
	if len(w.alarms) != 1 || w.cmms.count("create") != 0 {
		t.Errorf("alarms %+v, creates %d", w.alarms, w.cmms.count("create"))
	}
}

// lyingCMMS answers every search with a stranger's order.
type lyingCMMS struct{ *fakeCMMS }

func (l *lyingCMMS) Find(ctx context.Context, key string) ([]remediation.RemoteOrder, error) {
	out, err := l.fakeCMMS.Find(ctx, key)
	for i := range out {
		out[i].Key = "somebody else's"
	}
	return out, err
}

func TestKeyNotKept(t *testing.T) {
	w := newWorld(t)
	w.apply(w.decision("d-1", "1", "A", remediation.Auto), w.decision("d-2", "2", "A", remediation.Auto))
	w.co.Describe = func(remediation.WorkOrder) (order.Subject, error) { return order.Subject{}, nil }
	forgetful := &forgetfulCMMS{w.cmms}
	c, err := w.desk.Courier(forgetful, w.co)
	if err != nil {
		t.Fatal(err)
	}
	w.courier = c
	w.run(10 * time.Minute)
	if n := w.cmms.count("create"); n != 1 || len(w.alarms) != 1 {
		t.Errorf("%d creates, alarms %+v", n, w.alarms)
	}
}

type forgetfulCMMS struct{ *fakeCMMS }

func (f *forgetfulCMMS) Create(ctx context.Context, t remediation.Ticket) (remediation.RemoteOrder, error) {
	t.Key = ""
	return f.fakeCMMS.Create(ctx, t)
}

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	w.store.dead = true // a store that fails does not end it either
	go func() { w.courier.Run(ctx); close(done) }()
	w.courier.Wake()
	w.courier.Wake()
	time.Sleep(20 * time.Millisecond)
	cancel()
	select {
	case <-done:
		if len(w.alarms) != 1 || w.alarms[0].Code != "store_failed" {
			t.Errorf("alarms %+v", w.alarms)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the courier did not end")
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	w := told(t, func(w *world) { w.co.Registerer = reg })
	w.apply(w.decision("d-2", "2", "A", remediation.Auto))
	want := `
# HELP auscult_cmms_requests_total Requests to the CMMS, by system, operation and code (an HTTP status, ok, or the kind of trouble).
# TYPE auscult_cmms_requests_total counter
auscult_cmms_requests_total{code="ok",operation="create",system="fake"} 1
auscult_cmms_requests_total{code="ok",operation="find",system="fake"} 1
# HELP auscult_orders Work orders, by state.
# TYPE auscult_orders gauge
auscult_orders{state="ready"} 1
auscult_orders{state="submitted"} 1
# HELP auscult_outbox_depth Orders with something still to be told to the CMMS.
# TYPE auscult_outbox_depth gauge
auscult_outbox_depth 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "auscult_cmms_requests_total", "auscult_orders", "auscult_outbox_depth"); err != nil {
		t.Error(err)
	}
}
