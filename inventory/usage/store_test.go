package usage_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
)

// memoryStore is a Store without a disk.
type memoryStore struct{ buckets map[string]map[string][]byte }

func newStore() *memoryStore { return &memoryStore{buckets: map[string]map[string][]byte{}} }

func (s *memoryStore) View(fn func(inventory.Tx) error) error { return fn(s) }
func (s *memoryStore) Update(fn func(inventory.Tx) error) error {
	before := map[string]map[string][]byte{}
	for name, b := range s.buckets {
		before[name] = maps.Clone(b)
	}
	err := fn(s)
	if err != nil {
		s.buckets = before
	}
	return err
}
func (s *memoryStore) Backup(io.Writer) error { return nil }
func (s *memoryStore) Close() error           { return nil }
func (s *memoryStore) Bucket(name string) inventory.Bucket {
	if s.buckets[name] == nil {
		s.buckets[name] = map[string][]byte{}
	}
	return memoryBucket(s.buckets[name])
}

type memoryBucket map[string][]byte

func (b memoryBucket) Get(k []byte) []byte           { return b[string(k)] }
func (b memoryBucket) Put(k, v []byte) error         { b[string(k)] = bytes.Clone(v); return nil }
func (b memoryBucket) Delete(k []byte) error         { delete(b, string(k)); return nil }
func (b memoryBucket) NextSequence() (uint64, error) { return uint64(len(b)), nil }
func (b memoryBucket) Scan(prefix []byte, fn func(k, v []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b)) {
		if bytes.HasPrefix([]byte(k), prefix) {
			if err := fn([]byte(k), b[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestSaveAndLoad(t *testing.T) {
	store := newStore()
	b := usage.New(usage.Options{})
	b.Report("pump", say(at(0), true, channel("A", inUse, "heparin"), channel("B", idle, "")))
	b.Report("mr", say(at(5), false, channel("procedure 1", inUse, "")))
	save := func(want int) {
		t.Helper()
		if err := store.Update(func(tx inventory.Tx) error {
			n, err := b.Save(tx)
			if n != want {
				t.Errorf("saved %d records, want %d", n, want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	save(2)
	save(0)
	b.Report("mr", say(at(9), false, protocols.Channel{Name: "procedure 1", Ended: true}))
	save(1)
	again := usage.New(usage.Options{})
	if err := again.Load(store); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"pump", "mr", "nobody"} {
		for _, moment := range []int{10, 599, 700} {
			want, _ := json.Marshal(b.At([]string{key}, at(moment)))
			got, _ := json.Marshal(again.At([]string{key}, at(moment)))
			if !bytes.Equal(want, got) {
				t.Errorf("%s at %d: before %s, after %s", key, moment, want, got)
			}
		}
	}
}

// What a transaction did not commit is written again.
func TestUnsaved(t *testing.T) {
	store := newStore()
	b := usage.New(usage.Options{})
	b.Report("pump", say(at(0), true, channel("A", inUse, "")))
	full := errors.New("disk full")
	err := store.Update(func(tx inventory.Tx) error {
		if _, err := b.Save(tx); err != nil {
			return err
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Fatal(err)
	}
	b.Unsaved()
	err = store.Update(func(tx inventory.Tx) error {
		n, err := b.Save(tx)
		if n != 1 {
			t.Errorf("%d records after a transaction that failed, want 1", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		value string
		want  error
	}{
		"newer schema": {`{"v":99}`, inventory.ErrNewerState},
		"no JSON":      {`{`, nil},
	} {
		store := newStore()
		_ = store.Bucket(usage.Bucket).Put([]byte("pump"), []byte(c.value))
		b := usage.New(usage.Options{})
		b.Report("mr", say(at(0), true, channel("", idle, "")))
		err := b.Load(store)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if got := b.At([]string{"mr"}, at(1)); got.State != idle {
			t.Errorf("%s: a refused load changed the book: %+v", name, got)
		}
	}
}
