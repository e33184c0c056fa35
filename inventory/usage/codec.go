package usage

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/auscult/auscult/inventory"
)

// Bucket is the bucket of the store that belongs to this package.
const Bucket = "usage"

// Version is the schema of the records in Bucket. A record with a higher one was
// written by a newer release.
const Version = 1

type record struct {
	V int `json:"v"`
	entry
}

// Load implements inventory.UseOf. On an error the book is as it was.
func (b *Book) Load(store inventory.Store) error {
	entries := map[string]*entry{}
	err := store.View(func(tx inventory.Tx) error {
		return tx.Bucket(Bucket).Scan(nil, func(key, value []byte) error {
			var r record
			if err := json.Unmarshal(value, &r); err != nil {
				return fmt.Errorf("use of %s cannot be read: %w; restore a backup", key, err)
			}
			if r.V > Version {
				return inventory.ErrNewerState
			}
			entries[string(key)] = &r.entry
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("load what devices are doing: %w", err)
	}
	b.entries, b.changed, b.written = entries, map[string]bool{}, map[string]bool{}
	return nil
}

// Save implements inventory.UseOf.
func (b *Book) Save(tx inventory.Tx) (int, error) {
	bucket := tx.Bucket(Bucket)
	keys := slices.Sorted(maps.Keys(b.changed))
	for _, key := range keys {
		value, err := json.Marshal(record{Version, *b.entries[key]})
		if err != nil {
			return 0, fmt.Errorf("write use of %s: %w", key, err)
		}
		if err := bucket.Put([]byte(key), value); err != nil {
			return 0, fmt.Errorf("write use of %s: %w", key, err)
		}
	}
	b.written, b.changed = b.changed, map[string]bool{}
	return len(keys), nil
}

// Unsaved implements inventory.UseOf: what the last Save wrote is written again.
func (b *Book) Unsaved() {
	maps.Copy(b.changed, b.written)
	b.written = map[string]bool{}
}
