package audit

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/auscult/auscult/inventory"
)

// Names of this package's buckets. The head is kept apart, so that cutting off the
// end of the log leaves it behind.
const (
	bucketLog  = "audit"
	bucketHead = "audit.head"
)

var keyHead = []byte("head")

// Head is where the chain ends.
type Head struct {
	Count uint64 `json:"count"`
	Hash  string `json:"hash"` // of the last entry
}

// Open checks that the log's head can be read, so that a damaged state file is
// refused before anything is decided.
func Open(store inventory.Store) error {
	_, err := ReadHead(store)
	return err
}

// ReadHead returns where the chain ends: what another system may keep as a witness.
func ReadHead(store inventory.Store) (Head, error) {
	var h Head
	err := store.View(func(tx inventory.Tx) error {
		var err error
		h, err = readHead(tx)
		return err
	})
	return h, err
}

func readHead(tx inventory.Tx) (Head, error) {
	v := tx.Bucket(bucketHead).Get(keyHead)
	if v == nil {
		return Head{Hash: zeroHash}, nil
	}
	var h Head
	if err := json.Unmarshal(v, &h); err != nil {
		return Head{}, fmt.Errorf("audit: the head of the log cannot be read: %w; restore the last backup and compare", err)
	}
	return h, nil
}

func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// Append adds e at the end of the chain, inside the caller's transaction: what is
// decided and its record are one. Seq, PrevHash and Hash of e are ignored.
func Append(tx inventory.Tx, e Entry) error {
	e, err := e.clean()
	if err != nil {
		return err
	}
	head, err := readHead(tx)
	if err != nil {
		return err
	}
	e.Seq, e.PrevHash = head.Count+1, head.Hash
	if e.Hash, err = e.seal(); err != nil {
		return err
	}
	line, err := e.canonical()
	if err != nil {
		return err
	}
	h, err := json.Marshal(Head{Count: e.Seq, Hash: e.Hash})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if err := tx.Bucket(bucketLog).Put(seqKey(e.Seq), line); err != nil {
		return fmt.Errorf("audit: entry %d: %w", e.Seq, err)
	}
	if err := tx.Bucket(bucketHead).Put(keyHead, h); err != nil {
		return fmt.Errorf("audit: head: %w", err)
	}
	return nil
}

// Broken says where the chain no longer holds.
type Broken struct {
	Seq  uint64 // the first entry that is not as it was written
	Says string
}

func (b *Broken) Error() string {
	return fmt.Sprintf("audit: entry %d %s; the entries before it are as they were written: keep this state file, "+
		"restore the last backup beside it and compare from there", b.Seq, b.Says)
}

// Verify checks the whole chain and returns how many entries are as they were
// written. The error is a *Broken naming the first that is not.
func Verify(store inventory.Store) (count int, err error) {
	err = store.View(func(tx inventory.Tx) error {
		prev := Head{Hash: zeroHash}
		scan := tx.Bucket(bucketLog).Scan(nil, func(k, v []byte) error {
			e, err := check(k, v, prev)
			if err != nil {
				return err
			}
			prev = Head{Count: e.Seq, Hash: e.Hash}
			return nil
		})
		count = int(prev.Count)
		if scan != nil {
			return scan
		}
		return checkHead(tx, prev)
	})
	return count, err
}

// check verifies one entry against what went before it.
func check(k, v []byte, prev Head) (Entry, error) {
	seq := prev.Count + 1
	if !bytes.Equal(k, seqKey(seq)) {
		return Entry{}, &Broken{Seq: seq, Says: "is missing, or another stands in its place"}
	}
	var e Entry
	if err := json.Unmarshal(v, &e); err != nil {
		return Entry{}, &Broken{Seq: seq, Says: "is damaged"}
	}
	again, err := e.canonical()
	if err != nil || !bytes.Equal(again, v) || e.Seq != seq {
		return Entry{}, &Broken{Seq: seq, Says: "was altered"}
	}
	if e.PrevHash != prev.Hash {
		return Entry{}, &Broken{Seq: seq, Says: "does not follow the entry before it"}
	}
	if hash, err := e.seal(); err != nil || hash != e.Hash {
		return Entry{}, &Broken{Seq: seq, Says: "was altered"}
	}
	return e, nil
}

// checkHead compares the end of the chain with the head that is kept apart.
func checkHead(tx inventory.Tx, end Head) error {
	stored := tx.Bucket(bucketHead).Get(keyHead)
	if stored == nil && end.Count == 0 {
		return nil
	}
	head, err := readHead(tx)
	if err != nil {
		return &Broken{Seq: end.Count + 1, Says: "cannot be checked, since the head of the log is damaged"}
	}
	if again, err := json.Marshal(head); err != nil || !bytes.Equal(again, stored) {
		return &Broken{Seq: end.Count + 1, Says: "cannot be checked, since the head of the log was altered"}
	}
	switch {
	case head.Count > end.Count:
		return &Broken{Seq: end.Count + 1, Says: fmt.Sprintf("and all after it up to %d were removed", head.Count)}
	case head.Count < end.Count:
		return &Broken{Seq: head.Count + 1, Says: "was added without the program, or the head of the log was altered"}
	case head.Hash != end.Hash:
		return &Broken{Seq: end.Count, Says: "was replaced, or the head of the log was altered"}
	}
	return nil
}

// List returns up to limit entries from the sequence number on, oldest first. It
// does not verify them.
func List(store inventory.Store, from uint64, limit int) ([]Entry, error) {
	var out []Entry
	err := store.View(func(tx inventory.Tx) error {
		head, err := readHead(tx)
		if err != nil {
			return err
		}
		log := tx.Bucket(bucketLog)
		// Verify says what is missing; here a gap longer than what was asked for is
		// the end, so that a forged head cannot keep the loop busy.
		gap := 0
		for seq := max(1, from); seq <= head.Count && len(out) < limit && gap <= limit; seq++ {
			v := log.Get(seqKey(seq))
			if v == nil {
				gap++
				continue
			}
			gap = 0
			var e Entry
			if err := json.Unmarshal(v, &e); err != nil {
				return fmt.Errorf("audit: entry %d cannot be read: %w; run audit verify", seq, err)
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
