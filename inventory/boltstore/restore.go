package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
	"golang.org/x/sys/unix"
)

// Restore puts a backup in place of the state file at path. The backup is
// checked whole first, by Verify and then by check, which knows what the buckets
// hold; the old file is kept beside it with the suffix ".before". It must not run
// while a daemon holds the file.
func Restore(path string, backup io.Reader, check func(path string) error) (err error) {
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
	err = Verify(temporary.Name())
	if err == nil {
		err = check(temporary.Name())
	}
	if err != nil {
		return fmt.Errorf("restore %s: the backup is not usable, nothing was changed: %w", path, err)
	}
	if err := holdFree(path); err != nil {
		return err
	}
	if err := keepOwner(temporary.Name(), path); err != nil {
		return err
	}
	return swap(temporary.Name(), path)
}

// holdFree makes sure that no daemon uses the present file, which may be damaged:
// it asks for bbolt's own lock (flock(2), exclusive) and reads nothing.
func holdFree(path string) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return openError(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return openError(path, bolterrors.ErrTimeout)
	}
	return nil
}

// keepOwner gives the new file to whoever owns the old one, or its folder where
// there is none: a restore is done by root, and the service must open the file.
func keepOwner(file, old string) error {
	info, err := os.Stat(old)
	if errors.Is(err, os.ErrNotExist) {
		info, err = os.Stat(filepath.Dir(old))
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", old, err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Geteuid() {
		return nil
	}
	if err := os.Chown(file, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("restore %s: %w; run as root or as the user that owns it", old, err)
	}
	return nil
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

// Verify reads every key and value of the file at path.
func Verify(path string) (err error) {
	defer damaged(path, &err)
	s, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		if b := tx.Bucket([]byte(metaBucket)); b == nil || b.Get([]byte(schemaKey)) == nil {
			return errors.New("it has no schema version, so auscult did not write it; name another file")
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readAll(b) })
	})
	return errors.Join(err, s.Close())
}

// readAll touches every byte of a bucket, in order, so that a damaged page shows.
func readAll(b *bbolt.Bucket) error {
	var last []byte
	return b.ForEach(func(k, v []byte) error {
		if last != nil && bytes.Compare(last, k) >= 0 {
			return errors.New("its keys are out of order; restore another backup")
		}
		last = append(last[:0], k...)
		for i := 0; i < len(v); i += os.Getpagesize() {
			_ = v[i] // a page that cannot be read faults here
		}
		return nil
	})
}
