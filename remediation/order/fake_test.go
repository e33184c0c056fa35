package order_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
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
