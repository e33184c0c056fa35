package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation/audit"
)

var t0 = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// memory is a store whose bytes a test can reach.
type memory struct {
	buckets map[string]map[string][]byte
}

func newMemory() *memory { return &memory{map[string]map[string][]byte{}} }

func (m *memory) View(fn func(inventory.Tx) error) error { return fn(m) }
func (m *memory) Update(fn func(inventory.Tx) error) error {
	before := map[string]map[string][]byte{}
	for name, b := range m.buckets {
		before[name] = maps.Clone(b)
	}
	err := fn(m)
	if err != nil {
		m.buckets = before
	}
	return err
}
func (m *memory) Backup(io.Writer) error              { return nil }
func (m *memory) Close() error                        { return nil }
func (m *memory) Bucket(name string) inventory.Bucket { return &bucket{m, name} }

type bucket struct {
	m    *memory
	name string
}

func (b *bucket) Get(k []byte) []byte { return b.m.buckets[b.name][string(k)] }
func (b *bucket) Put(k, v []byte) error {
	if b.m.buckets[b.name] == nil {
		b.m.buckets[b.name] = map[string][]byte{}
	}
	b.m.buckets[b.name][string(k)] = bytes.Clone(v)
	return nil
}
func (b *bucket) Delete(k []byte) error { delete(b.m.buckets[b.name], string(k)); return nil }
func (b *bucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	all := b.m.buckets[b.name]
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := fn([]byte(k), all[k]); err != nil {
				return err
			}
		}
	}
	return nil
}
func (b *bucket) NextSequence() (uint64, error) { return 0, nil }

func entry(i int) audit.Entry {
	return audit.Entry{At: t0.Add(time.Duration(i) * time.Second), Who: "ann", What: audit.OrderSend, Subject: fmt.Sprint("o-", i),
		Before: "draft", After: "ready", Reasons: []string{"certificate BD-SW-305 < valid & good", "zweiter Grund"}}
}

func filled(t *testing.T, n int) *memory {
	t.Helper()
	m := newMemory()
	for i := range n {
		if err := m.Update(func(tx inventory.Tx) error { return audit.Append(tx, entry(i)) }); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestChain(t *testing.T) {
	empty := newMemory()
	if n, err := audit.Verify(empty); n != 0 || err != nil {
		t.Errorf("empty: %d %v", n, err)
	}
	m := filled(t, 20)
	if n, err := audit.Verify(m); n != 20 || err != nil {
		t.Fatalf("verify: %d %v", n, err)
	}
	if err := audit.Open(m); err != nil {
		t.Error(err)
	}
	all, err := audit.List(m, 0, 100)
	if err != nil || len(all) != 20 || all[0].Seq != 1 || all[19].PrevHash != all[18].Hash || all[3].Reasons[0] != entry(3).Reasons[0] {
		t.Errorf("list: %d %v", len(all), err)
	}
	if some, err := audit.List(m, 5, 3); err != nil || len(some) != 3 || some[0].Seq != 5 {
		t.Errorf("page: %+v %v", some, err)
	}
	if h, err := audit.ReadHead(m); err != nil || h.Count != 20 || h.Hash != all[19].Hash {
		t.Errorf("head: %+v %v", h, err)
	}
	again := filled(t, 20)
	for name := range m.buckets {
		if !maps.EqualFunc(m.buckets[name], again.buckets[name], bytes.Equal) {
			t.Errorf("bucket %s differs between two runs", name)
		}
	}
}

// TestAnySingleChangeIsFound changes one thing at a time: every byte of every value
// and key, and every entry removed, doubled, swapped or replaced.
func TestAnySingleChangeIsFound(t *testing.T) {
	base := filled(t, 6)
	check := func(name string, seq uint64, change func(*memory)) {
		t.Helper()
		m := newMemory()
		for b, kv := range base.buckets {
			m.buckets[b] = map[string][]byte{}
			for k, v := range kv {
				m.buckets[b][k] = bytes.Clone(v)
			}
		}
		change(m)
		_, err := audit.Verify(m)
		var broken *audit.Broken
		if !errors.As(err, &broken) {
			t.Fatalf("%s: not found (%v)", name, err)
		}
		if seq != 0 && broken.Seq != seq {
			t.Errorf("%s: blames entry %d, want %d: %v", name, broken.Seq, seq, err)
		}
	}
	random := rand.New(rand.NewPCG(7, 7))
	for b, kv := range base.buckets {
		for i, k := range slices.Sorted(maps.Keys(kv)) {
			seq := uint64(i + 1)
			if b == "audit.head" {
				seq = 0
			}
			for at := range kv[k] {
				to := kv[k][at] ^ byte(1+random.IntN(255))
				check(fmt.Sprintf("%s %q byte %d to %q", b, k, at, to), seq, func(m *memory) { m.buckets[b][k][at] = to })
			}
			check(b+" removed", seq, func(m *memory) { delete(m.buckets[b], k) })
			check(b+" emptied", seq, func(m *memory) { m.buckets[b][k] = nil })
			check(b+" longer", seq, func(m *memory) { m.buckets[b][k] = append(m.buckets[b][k], ' ') })
		}
	}
	keys := slices.Sorted(maps.Keys(base.buckets["audit"]))
	log := func(m *memory) map[string][]byte { return m.buckets["audit"] }
	check("two swapped", 2, func(m *memory) { log(m)[keys[1]], log(m)[keys[2]] = log(m)[keys[2]], log(m)[keys[1]] })
	check("end cut off", 5, func(m *memory) { delete(log(m), keys[4]); delete(log(m), keys[5]) })
	check("beginning cut off", 1, func(m *memory) { delete(log(m), keys[0]) })
	check("one put in", 2, func(m *memory) { log(m)[keys[0]+"x"] = log(m)[keys[0]] })
	check("one added at the end", 7, func(m *memory) { log(m)[keys[5][:7]+"\x07"] = log(m)[keys[5]] })
	check("all removed", 1, func(m *memory) { clear(log(m)) })
	longer := filled(t, 7)
	check("a longer log under the old head", 7, func(m *memory) { m.buckets["audit"] = longer.buckets["audit"] })
	check("an older log under the new head", 7, func(m *memory) { m.buckets["audit.head"] = longer.buckets["audit.head"] })
}

func TestAppendIsPartOfTheTransaction(t *testing.T) {
	m := filled(t, 2)
	err := m.Update(func(tx inventory.Tx) error {
		if err := audit.Append(tx, entry(2)); err != nil {
			return err
		}
		return errors.New("the decision failed")
	})
	if n, verr := audit.Verify(m); err == nil || n != 2 || verr != nil {
		t.Errorf("%v, %d entries, %v", err, n, verr)
	}
}

func TestAppendRefuses(t *testing.T) {
	for name, change := range map[string]func(*audit.Entry){
		"bad action": func(e *audit.Entry) { e.What = "order.magic" },
		"nobody":     func(e *audit.Entry) { e.Who = "" },
		"nothing":    func(e *audit.Entry) { e.Subject = "" },
		"no time":    func(e *audit.Entry) { e.At = time.Time{} },
	} {
		e := entry(1)
		change(&e)
		m := newMemory()
		if err := m.Update(func(tx inventory.Tx) error { return audit.Append(tx, e) }); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestAppendCuts(t *testing.T) {
	e := entry(1)
	e.Before = strings.Repeat("ä", 1000) + "\x00\n"
	e.Subject = "o-1\nforged line"
	e.Reasons = slices.Repeat([]string{strings.Repeat("r", 1000)}, 100)
	e.Hash, e.PrevHash, e.Seq = "x", "y", 99
	m := newMemory()
	if err := m.Update(func(tx inventory.Tx) error { return audit.Append(tx, e) }); err != nil {
		t.Fatal(err)
	}
	all, err := audit.List(m, 1, 1)
	if err != nil || len(all) != 1 {
		t.Fatal(err)
	}
	got := all[0]
	if len(got.Before) > audit.MaxText || !utf8.ValidString(got.Before) || len(got.Reasons) != audit.MaxReasons ||
		got.Reasons[audit.MaxReasons-1] != "and 69 more" || got.Subject != "o-1 forged line" || got.Seq != 1 {
		t.Errorf("%+v", got)
	}
	if _, err := audit.Verify(m); err != nil {
		t.Error(err)
	}
}

func FuzzAppendVerifies(f *testing.F) {
	f.Add("ann", "o-1", "draft", "a\x80b <>& \u2028", int64(0))
	f.Fuzz(func(t *testing.T, who, subject, text, reason string, at int64) {
		m := newMemory()
		e := audit.Entry{At: time.Unix(at%4e10, at%1e9), Who: who, What: audit.OrderHold, Subject: subject, Before: text, Reasons: []string{reason}}
		if err := m.Update(func(tx inventory.Tx) error { return audit.Append(tx, e) }); err != nil {
			return
		}
		if n, err := audit.Verify(m); n != 1 || err != nil {
			t.Errorf("what was appended does not verify: %v", err)
		}
	})
}
