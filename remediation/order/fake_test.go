package order_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/order"
)

var t0 = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// fakeStore is an in-memory store with real transactions: an Update that returns
// an error changes nothing. It can die at a chosen Update, before or after the
// commit, and then answers nothing any more, as a killed process would.
type fakeStore struct {
	buckets map[string]map[string][]byte
	seq     map[string]uint64
	updates int
	dieAt   int // number of the Update to die at; 0 never
	after   bool
	dead    bool
}

var errDead = errors.New("the process is dead")

func newStore() *fakeStore {
	return &fakeStore{buckets: map[string]map[string][]byte{}, seq: map[string]uint64{}}
}

func (s *fakeStore) View(fn func(inventory.Tx) error) error {
	if s.dead {
		return errDead
	}
	return fn(&fakeTx{s, s.buckets, s.seq})
}

func (s *fakeStore) Update(fn func(inventory.Tx) error) error {
	if s.dead {
		return errDead
	}
	s.updates++
	dying := s.dieAt > 0 && s.updates == s.dieAt
	tx := &fakeTx{s, map[string]map[string][]byte{}, maps.Clone(s.seq)}
	for name, b := range s.buckets {
		tx.buckets[name] = maps.Clone(b)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if dying && !s.after {
		s.dead = true
		return errDead
	}
	s.buckets, s.seq = tx.buckets, tx.seq
	if dying {
		s.dead = true
		return errDead
	}
	return nil
}

func (s *fakeStore) Backup(io.Writer) error { return nil }
func (s *fakeStore) Close() error           { return nil }

// revive is the restart after the crash: what was committed is there.
func (s *fakeStore) revive() { s.dead, s.dieAt = false, 0 }

// text is everything that the store holds, for a search.
func (s *fakeStore) text() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		for _, k := range slices.Sorted(maps.Keys(s.buckets[name])) {
			b.WriteString(name + " " + strconv.Quote(k) + " = " + string(s.buckets[name][k]) + "\n")
		}
	}
	return b.String()
}

type fakeTx struct {
	s       *fakeStore
	buckets map[string]map[string][]byte
	seq     map[string]uint64
}

func (t *fakeTx) Bucket(name string) inventory.Bucket { return &fakeBucket{t, name} }

type fakeBucket struct {
	t    *fakeTx
	name string
}

func (b *fakeBucket) Get(k []byte) []byte { return b.t.buckets[b.name][string(k)] }
func (b *fakeBucket) Put(k, v []byte) error {
	if b.t.buckets[b.name] == nil {
		b.t.buckets[b.name] = map[string][]byte{}
	}
	b.t.buckets[b.name][string(k)] = bytes.Clone(v)
	return nil
}
func (b *fakeBucket) Delete(k []byte) error { delete(b.t.buckets[b.name], string(k)); return nil }
func (b *fakeBucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	m := b.t.buckets[b.name]
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := fn([]byte(k), m[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
func (b *fakeBucket) NextSequence() (uint64, error) {
	b.t.seq[b.name]++
	return b.t.seq[b.name], nil
}

// fakeCMMS is a CMMS in memory. What it does is kept whatever its answers are.
type fakeCMMS struct {
	now     func() time.Time
	lag     time.Duration
	orders  []*remoteOrder
	calls   []string
	fail    func(n int, op string) (err error, before bool) // of the nth call
	tickets []remediation.Ticket
	onCall  func(op string)
}

type remoteOrder struct {
	remediation.RemoteOrder
	visible time.Time
	notes   []string
	gone    bool
}

func trouble(kind remediation.TroubleKind, retry time.Duration) error {
	return &remediation.ConnectorError{System: "fake", Operation: "any", Kind: kind, RetryAfter: retry, Err: errors.New("says the fake")}
}

func (f *fakeCMMS) System() string { return "fake" }

// do runs one call with the failure that was asked for, before or after its effect.
func (f *fakeCMMS) do(op string, effect func() error) error {
	f.calls = append(f.calls, op)
	if f.onCall != nil {
		f.onCall(op)
	}
	if f.fail != nil {
		if err, before := f.fail(len(f.calls), op); err != nil {
			if !before {
				_ = effect()
			}
			return err
		}
	}
	return effect()
}

func (f *fakeCMMS) Find(_ context.Context, key string) ([]remediation.RemoteOrder, error) {
	var out []remediation.RemoteOrder
	err := f.do("find", func() error {
		for _, o := range f.orders {
			if o.Key == key && !o.gone && !o.visible.After(f.now()) {
				out = append(out, o.RemoteOrder)
			}
		}
		return nil
	})
	return out, err
}

func (f *fakeCMMS) Create(_ context.Context, t remediation.Ticket) (remediation.RemoteOrder, error) {
	var out remediation.RemoteOrder
	err := f.do("create", func() error {
		f.tickets = append(f.tickets, t)
		n := strconv.Itoa(len(f.orders) + 1)
		o := &remoteOrder{visible: f.now().Add(f.lag), RemoteOrder: remediation.RemoteOrder{ID: "r" + n, Number: "WO" + n, Key: t.Key,
			State: remediation.StateSubmitted, RawState: "1"}}
		f.orders = append(f.orders, o)
		out = o.RemoteOrder
		return nil
	})
	return out, err
}

func (f *fakeCMMS) byID(id string) *remoteOrder {
	for _, o := range f.orders {
		if o.ID == id && !o.gone {
			return o
		}
	}
	return nil
}

func (f *fakeCMMS) Read(_ context.Context, id string) (remediation.RemoteOrder, error) {
	var out remediation.RemoteOrder
	err := f.do("read", func() error {
		o := f.byID(id)
		if o == nil {
			return trouble(remediation.Gone, 0)
		}
		out = o.RemoteOrder
		return nil
	})
	return out, err
}

func (f *fakeCMMS) Note(_ context.Context, id, text string) error {
	return f.do("note", func() error {
		o := f.byID(id)
		if o == nil {
			return trouble(remediation.Gone, 0)
		}
		o.notes = append(o.notes, text)
		return nil
	})
}

func (f *fakeCMMS) Check(context.Context) ([]string, error) { return nil, nil }

func (f *fakeCMMS) count(op string) int {
	n := 0
	for _, c := range f.calls {
		if c == op {
			n++
		}
	}
	return n
}

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
		return w.desk.Observed(tx, order.Seen{Findings: w.findings, Heard: func(string) time.Time { return heard }}, w.now)
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
