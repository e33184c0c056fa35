package boltstore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/auscult/auscult/inventory"
)

// Restore puts a backup in place of the state file at path. The backup is
// checked whole first; the old file is kept beside it with the suffix ".before".
// It must not run while a daemon holds the file.
func Restore(path string, backup io.Reader) (err error) {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".restore-*")
	if err != nil {
		return fmt.Errorf("restore %s: %w; check that the folder can be written", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temporary.Name()))
		}
	}()
	if _, err := io.Copy(temporary, backup); err != nil {
		return errors.Join(fmt.Errorf("restore %s: copy the backup: %w; check the space on the disk", path, err), temporary.Close())
	}
	if err := errors.Join(temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("restore %s: %w; check the space on the disk", path, err)
	}
	if err := Verify(temporary.Name()); err != nil {
		return fmt.Errorf("restore %s: the backup is not usable, nothing was changed: %w", path, err)
	}
	if err := holdFree(path); err != nil {
		return err
	}
	return swap(temporary.Name(), path)
}

// holdFree makes sure that no daemon uses the present file.
func holdFree(path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait})
	if err != nil {
		if inUse := openError(path, err); errors.Is(err, bolterrors.ErrTimeout) {
			return inUse
		}
		return nil // damaged: that is why it is being restored
	}
	return db.Close()
}

func swap(from, to string) error {
	if err := os.Rename(to, to+".before"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("restore %s: keep the old file: %w", to, err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("restore %s: %w; the old file is %s.before", to, err, to)
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return fmt.Errorf("restore %s: %w", to, err)
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Verify reads the whole file at path and checks its pages.
func Verify(path string) error {
	s, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		var all error
		for fault := range tx.Check() {
			all = errors.Join(all, fault)
		}
		return all
	})
	if err == nil {
		err = s.View(func(tx inventory.Tx) error {
			if tx.Bucket(metaBucket).Get([]byte(schemaKey)) == nil {
				return errors.New("it has no schema version, so auscult did not write it; name another file")
			}
			return nil
		})
	}
	return errors.Join(err, s.Close())
}
