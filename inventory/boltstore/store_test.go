package boltstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/boltstore"
)

func open(t *testing.T, path string) *boltstore.Store {
	t.Helper()
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, s inventory.Store, bucket, key, value string) {
	t.Helper()
	err := s.Update(func(tx inventory.Tx) error { return tx.Bucket(bucket).Put([]byte(key), []byte(value)) })
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s inventory.Store, bucket, key string) string {
	t.Helper()
	var got string
	err := s.View(func(tx inventory.Tx) error {
		got = string(tx.Bucket(bucket).Get([]byte(key)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeepsAcrossReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	put(t, s, "devices", "d-1", "pump")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	if got := get(t, s, "devices", "d-1"); got != "pump" {
		t.Errorf("after reopen: %q", got)
	}
	if got := get(t, s, "never-written", "x"); got != "" {
		t.Errorf("a bucket that does not exist reads %q, want empty", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestFailedUpdateChangesNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	defer s.Close()
	put(t, s, "b", "k", "old")
	stop := errors.New("stop")
	err := s.Update(func(tx inventory.Tx) error {
		if err := tx.Bucket("b").Put([]byte("k"), []byte("new")); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("error %v does not wrap the cause", err)
	}
	if got := get(t, s, "b", "k"); got != "old" {
		t.Errorf("half of a failed transaction stayed: %q", got)
	}
}

func TestScanIsOrderedAndBounded(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "s.db"))
	defer s.Close()
	for _, k := range []string{"b2", "a1", "b1", "c"} {
		put(t, s, "x", k, k)
	}
	var seen []string
	err := s.View(func(tx inventory.Tx) error {
		return tx.Bucket("x").Scan([]byte("b"), func(k, _ []byte) error {
			seen = append(seen, string(k))
			return nil
		})
	})
	if err != nil || strings.Join(seen, " ") != "b1 b2" {
		t.Errorf("scan gave %v, %v", seen, err)
	}
}

func TestRefusesANewerState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("meta"))
		if err != nil {
			return err
		}
		return b.Put([]byte("schema"), binary.BigEndian.AppendUint64(nil, boltstore.SchemaVersion+1))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := boltstore.Open(path, boltstore.Options{}); !errors.Is(err, inventory.ErrNewerState) {
		t.Errorf("opened a newer state: %v", err)
	}
}

func TestNamesWhoHoldsTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := open(t, path)
	defer s.Close()
	_, err := boltstore.Open(path, boltstore.Options{})
	if err == nil || !strings.Contains(err.Error(), "in use by another auscult") {
		t.Errorf("second open: %v", err)
	}
}

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.db")
	s := open(t, path)
	put(t, s, "b", "k", "kept")
	var backup bytes.Buffer
	if err := s.Backup(&backup); err != nil {
		t.Fatal(err)
	}
	put(t, s, "b", "k", "later")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := boltstore.Restore(path, strings.NewReader("not a backup"), boltstore.Verify); err == nil {
		t.Error("restored a text file")
	}
	s = open(t, path)
	if got := get(t, s, "b", "k"); got != "later" {
		t.Errorf("a refused restore changed the state to %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := boltstore.Restore(path, &backup, boltstore.Verify); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	defer s.Close()
	if got := get(t, s, "b", "k"); got != "kept" {
		t.Errorf("after restore: %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".restore-*")); len(left) > 0 {
		t.Errorf("temporary files stay: %v", left)
	}
}

// TestInvariant11Once kills a writer at an arbitrary moment, many times: every
// transaction that was acknowledged on its standard output is in the file.
func TestInvariant11OnceAcknowledgedSurvivesKill(t *testing.T) {
	if path := os.Getenv("BOLTSTORE_WRITER"); path != "" {
		writeForEver(path)
		return
	}
	path := filepath.Join(t.TempDir(), "s.db")
	for round := range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestInvariant11OnceAcknowledgedSurvivesKill$")
		cmd.Env = append(os.Environ(), "BOLTSTORE_WRITER="+path)
		var said bytes.Buffer
		cmd.Stdout = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(120+40*round) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed: its status says nothing
		lines := strings.Split(said.String(), "\n")
		if len(lines) < 2 {
			continue // killed before its first acknowledgement
		}
		s := open(t, path)
		for _, n := range lines[:len(lines)-1] { // the last may be cut
			if get(t, s, "b", n) != n {
				t.Errorf("round %d: %s was acknowledged and is lost", round, n)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := boltstore.Verify(path); err != nil {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

func writeForEver(path string) {
	s, err := boltstore.Open(path, boltstore.Options{})
	if err != nil {
		return
	}
	for i := 0; ; i++ {
		n := strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(i)
		err := s.Update(func(tx inventory.Tx) error { return tx.Bucket("b").Put([]byte(n), []byte(n)) })
		if err != nil {
			return
		}
		if _, err := os.Stdout.WriteString(n + "\n"); err != nil {
			return
		}
	}
}

// TestDamagedFilesAreRefused cuts and spoils a state file in many places: each is
// an error or reads as before, never a crash.
func TestDamagedFilesAreRefused(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.db")
	s := open(t, whole)
	for i := range 400 {
		put(t, s, "b"+strconv.Itoa(i%7), strconv.Itoa(i), strings.Repeat("value ", 100))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	try := func(name string, spoilt []byte) error {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		err := boltstore.Verify(path)
		if err == nil {
			err = boltstore.Restore(filepath.Join(dir, "target.db"), bytes.NewReader(spoilt), boltstore.Verify)
		}
		return errors.Join(err, os.Remove(path))
	}
	if err := try("sound.db", body); err != nil {
		t.Errorf("the sound file: %v", err)
	}
	for _, share := range []float64{0.3, 0.2, 0.1, 0.01} {
		if err := try("cut.db", body[:int(share*float64(len(body)))]); err == nil {
			t.Errorf("a file cut to %.0f %% passes", 100*share)
		}
	}
	for page := 2; page < len(body)/4096; page++ {
		spoilt := bytes.Clone(body)
		for i := range 16 {
			spoilt[page*4096+i] = 0xA5 // the page's header
		}
		_ = try("spoilt.db", spoilt) // a free page may be spoilt without harm
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".restore-*")); len(left) > 0 {
		t.Errorf("temporary files stay: %v", left)
	}
}
