package boltstore

import (
	"bytes"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/auscult/auscult/inventory"
)

type transaction struct{ tx *bbolt.Tx }

// Bucket makes the bucket on the first write, so that a read transaction never
// has to.
func (t transaction) Bucket(name string) inventory.Bucket {
	return &bucket{tx: t.tx, name: []byte(name), b: t.tx.Bucket([]byte(name))}
}

type bucket struct {
	tx   *bbolt.Tx
	name []byte
	b    *bbolt.Bucket // nil until the bucket exists
}

func (b *bucket) Get(key []byte) []byte {
	if b.b == nil {
		return nil
	}
	return b.b.Get(key)
}

func (b *bucket) make() error {
	if b.b != nil {
		return nil
	}
	made, err := b.tx.CreateBucketIfNotExists(b.name)
	if err != nil {
		return fmt.Errorf("make bucket %s: %w", b.name, err)
	}
	b.b = made
	return nil
}

func (b *bucket) Put(key, value []byte) error {
	if err := b.make(); err != nil {
		return err
	}
	if err := b.b.Put(key, value); err != nil {
		return fmt.Errorf("put into bucket %s: %w", b.name, err)
	}
	return nil
}

func (b *bucket) Delete(key []byte) error {
	if b.b == nil {
		return nil
	}
	if err := b.b.Delete(key); err != nil {
		return fmt.Errorf("delete from bucket %s: %w", b.name, err)
	}
	return nil
}

func (b *bucket) Scan(prefix []byte, fn func(key, value []byte) error) error {
	if b.b == nil {
		return nil
	}
	c := b.b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}

func (b *bucket) NextSequence() (uint64, error) {
	if err := b.make(); err != nil {
		return 0, err
	}
	n, err := b.b.NextSequence()
	if err != nil {
		return 0, fmt.Errorf("next number of bucket %s: %w", b.name, err)
	}
	return n, nil
}
