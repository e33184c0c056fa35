// Package boltstore keeps the inventory's buckets in one bbolt file. It knows
// bytes and transactions, no nouns: codecs belong to the rooms that own the
// buckets. It is the only package that imports bbolt; do not use bbolt elsewhere.
package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/auscult/auscult/inventory"
)

// SchemaVersion is the layout of buckets that this release writes. A file with
// a higher number is refused: an older program would misread it.
const SchemaVersion = 1

// lockWait bounds how long Open waits for another process to let go of the file.
const lockWait = 2 * time.Second

const (
	metaBucket = "meta"
	schemaKey  = "schema"
)

// Store is an inventory.Store in one file.
type Store struct {
	db   *bbolt.DB
	path string
}

var _ inventory.Store = (*Store)(nil)

// Options says how to open a file.
type Options struct {
	// ReadOnly opens an existing file without changing it and shares it with
	// other readers.
	ReadOnly bool
	// Scratch is for a file that nobody opens again: nothing waits for the disk, and
	// after a crash the file is worth nothing.
	Scratch bool
}

// Open opens the state file at path, or makes it with mode 0600. It returns an
// error that wraps inventory.ErrNewerState when a newer release wrote the file.
func Open(path string, o Options) (s *Store, err error) {
	defer damaged(path, &err)
	if err := checkLength(path); err != nil {
		return nil, err
	}
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("state file %s: %w; name an existing file with --state", path, err)
		}
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockWait, ReadOnly: o.ReadOnly, PreLoadFreelist: true, FreelistType: bbolt.FreelistMapType,
		NoSync: o.Scratch, NoGrowSync: o.Scratch,
	})
	if err != nil {
		return nil, openError(path, err)
	}
	s = &Store{db: db, path: path}
	if err := s.checkSchema(o.ReadOnly); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func openError(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("state file %s: in use by another auscult; talk to the running daemon instead of naming --state, or stop it first", path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("state file %s: %w; it is not a state file of auscult or is damaged: restore a backup", path, err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("state file %s: %w; run as the user that owns it", path, err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("state file %s: %w; create the folder %s first", path, err, filepath.Dir(path))
	}
	return fmt.Errorf("state file %s: %w; check the path and the disk", path, err)
}

func (s *Store) checkSchema(readOnly bool) error {
	var found uint64
	err := s.View(func(tx inventory.Tx) error {
		if raw := tx.Bucket(metaBucket).Get([]byte(schemaKey)); len(raw) == 8 {
			found = binary.BigEndian.Uint64(raw)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("state file %s: read schema version: %w", s.path, err)
	}
	if found > SchemaVersion {
		return fmt.Errorf("state file %s: schema %d, this release reads up to %d: %w", s.path, found, SchemaVersion, inventory.ErrNewerState)
	}
	if found == SchemaVersion || readOnly {
		return nil
	}
	return s.Update(func(tx inventory.Tx) error {
		return tx.Bucket(metaBucket).Put([]byte(schemaKey), binary.BigEndian.AppendUint64(nil, SchemaVersion))
	})
}

// View implements inventory.Store.
func (s *Store) View(fn func(inventory.Tx) error) (err error) {
	return s.db.View(func(tx *bbolt.Tx) error { return fn(transaction{tx}) })
}

// Update implements inventory.Store: bbolt writes the data, syncs, writes the
// meta page and syncs again before it returns, unless the file is a scratch.
func (s *Store) Update(fn func(inventory.Tx) error) error {
	var refused error // by the caller: not the file's fault, and not to be told as such
	err := s.db.Update(func(tx *bbolt.Tx) error {
		refused = fn(transaction{tx})
		return refused
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return fmt.Errorf("state file %s: %w; check the space on the disk", s.path, err)
	}
	return nil
}

// Backup implements inventory.Store: a copy from one read transaction, while
// writers go on.
func (s *Store) Backup(w io.Writer) error {
	err := s.db.View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("back up state file %s: %w; check the space at the destination", s.path, err)
	}
	return nil
}

// Close lets go of the file.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close state file %s: %w", s.path, err)
	}
	return nil
}

// Path is where the file lies.
func (s *Store) Path() string { return s.path }
