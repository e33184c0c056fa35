package web_test

import (
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/auscult/auscult/inventory"
)

// memory is an inventory.Store for tests: buckets in maps, whole transactions.
type memory struct {
	mu      sync.Mutex
	buckets map[string]map[string][]byte
	broken  error // what every transaction fails with
}

func newMemory() *memory { return &memory{buckets: map[string]map[string][]byte{}} }

func (m *memory) View(fn func(inventory.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	return fn(&memoryTx{m.buckets, false})
}

func (m *memory) Update(fn func(inventory.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	next := map[string]map[string][]byte{}
	for name, b := range m.buckets {
		next[name] = maps.Clone(b)
	}
	if err := fn(&memoryTx{next, true}); err != nil {
		return err
	}
	m.buckets = next
	return nil
}

func (m *memory) Backup(io.Writer) error { return errors.New("a test store has no backup") }
func (m *memory) Close() error           { return nil }

type memoryTx struct {
	buckets map[string]map[string][]byte
	writes  bool
}

func (t *memoryTx) Bucket(name string) inventory.Bucket {
	if t.buckets[name] == nil && t.writes {
		t.buckets[name] = map[string][]byte{}
	}
	return memoryBucket{t.buckets[name], t.writes}
}

type memoryBucket struct {
	all    map[string][]byte
	writes bool
}

var errReadOnly = errors.New("a read transaction does not write")

func (b memoryBucket) Get(key []byte) []byte { return b.all[string(key)] }

func (b memoryBucket) Put(key, value []byte) error {
	if !b.writes {
		return errReadOnly
	}
	b.all[string(key)] = slices.Clone(value)
	return nil
}

func (b memoryBucket) Delete(key []byte) error {
	if !b.writes {
		return errReadOnly
	}
	delete(b.all, string(key))
	return nil
}

func (b memoryBucket) Scan(prefix []byte, fn func(key, value []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(b.all)) {
		if strings.HasPrefix(k, string(prefix)) {
			if err := fn([]byte(k), b.all[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b memoryBucket) NextSequence() (uint64, error) { return 0, errors.New("not used here") }
