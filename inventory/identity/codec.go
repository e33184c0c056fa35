package identity

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/auscult/auscult/inventory"
)

// Bucket is the bucket of the store that belongs to this package: one record for
// each atom, by its id.
const Bucket = "identity"

// Version is the schema of the records in Bucket. A record with a higher one was
// written by a newer release.
const Version = 1

type record struct {
	V int `json:"v"`
	*atom
}

// Load reads what Save wrote, and what devices are doing. On an error the ledger
// is as it was.
func (l *Ledger) Load(store inventory.Store) error {
	var atoms []*atom
	err := store.View(func(tx inventory.Tx) error {
		return tx.Bucket(Bucket).Scan(nil, func(key, value []byte) error {
			r := record{atom: &atom{}}
			if err := json.Unmarshal(value, &r); err != nil {
				return fmt.Errorf("device %s cannot be read: %w; restore a backup", key, err)
			}
			if r.V > Version {
				return inventory.ErrNewerState
			}
			atoms = append(atoms, r.atom)
			return nil
		})
	})
	if err == nil {
		err = check(atoms)
	}
	if err == nil {
		err = l.use.Load(store)
	}
	if err != nil {
		return fmt.Errorf("load devices: %w", err)
	}
	l.reset()
	slices.SortFunc(atoms, func(x, y *atom) int { return cmp.Compare(x.Seq, y.Seq) })
	for _, a := range atoms {
		l.restore(a)
	}
	l.untouch()
	for _, a := range l.atoms {
		a.unsaved = false
	}
	clear(l.changed)
	return nil
}

// check refuses records that refer to atoms that are not there: they were written
// by something else, or a part of them is lost.
func check(atoms []*atom) error {
	known := make(map[string]bool, len(atoms))
	for _, a := range atoms {
		known[a.ID] = true
	}
	var errs []error
	for _, a := range atoms {
		for _, id := range a.refers() {
			if !known[id] && len(errs) < MaxConflictValues {
				errs = append(errs, fmt.Errorf("device %s refers to %s, which is missing; restore a backup", a.ID, id))
			}
		}
	}
	return errors.Join(errs...)
}

// refers lists the atoms that an atom refers to.
func (a *atom) refers() []string {
	ids := slices.Concat(a.Claiming, a.Senders)
	for _, k := range a.Links {
		ids = append(ids, k.To)
	}
	for _, c := range a.Claims {
		ids = append(ids, c.By)
	}
	for _, v := range a.Via {
		ids = append(ids, v.Of)
	}
	for _, p := range a.Peers {
		ids = append(ids, p.Of)
	}
	if a.Parent != "" {
		ids = append(ids, a.Parent)
	}
	return ids
}

// restore puts one atom back into all tables.
func (l *Ledger) restore(a *atom) {
	l.enter(a)
	l.newest = later(l.newest, a.Last)
	l.seq, l.mints = max(l.seq, a.Seq), max(l.mints, a.Mint)
	switch a.Key.Kind {
	case kindIP:
		base := a.Key
		base.Value = baseOf(base.Value)
		if a.Retired {
			l.former[base] = append(l.former[base], a)
		} else {
			l.hold(base, a)
		}
	case kindSerial:
		at := serialKey{a.Key.Site, a.Told.Serial}
		l.serials[at] = append(l.serials[at], a)
	}
	l.index(a)
	for _, v := range a.Via {
		if l.behind[v.Of] == nil {
			l.behind[v.Of] = map[string]bool{}
		}
		l.behind[v.Of][a.ID] = true
	}
}

// index finds an atom by its names.
func (l *Ledger) index(a *atom) {
	if a.machine() {
		l.station(a)
	}
	for _, f := range a.Facts {
		l.called(a, f.Attribute, f.Value)
	}
}

// Save writes what changed since the last Save, and what devices are doing, into
// one transaction, and returns how many records that were. When the transaction
// does not commit, the caller says so with Unsaved.
func (l *Ledger) Save(tx inventory.Tx) (int, error) {
	bucket := tx.Bucket(Bucket)
	ids := slices.Sorted(maps.Keys(l.changed))
	for _, id := range ids {
		if l.atoms[id] == nil {
			if err := bucket.Delete([]byte(id)); err != nil {
				return 0, fmt.Errorf("forget device %s: %w", id, err)
			}
			continue
		}
		l.atoms[id].unsaved = false
		value, err := json.Marshal(record{Version, l.atoms[id]})
		if err != nil {
			return 0, fmt.Errorf("write device %s: %w", id, err)
		}
		if err := bucket.Put([]byte(id), value); err != nil {
			return 0, fmt.Errorf("write device %s: %w", id, err)
		}
	}
	n, err := l.use.Save(tx)
	if err != nil {
		return 0, err
	}
	l.written, l.changed = l.changed, map[string]bool{}
	return len(ids) + n, nil
}

// Unsaved tells that the transaction of the last Save did not commit: what it
// wrote is written again by the next one.
func (l *Ledger) Unsaved() {
	maps.Copy(l.changed, l.written)
	l.written = map[string]bool{}
	l.use.Unsaved()
}
