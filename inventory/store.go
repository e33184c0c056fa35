package inventory

import (
	"errors"
	"io"
)

// Store keeps bytes in named buckets, in transactions. It knows no nouns: each
// room owns its buckets and codecs. Safe for concurrent use; one writer at a time.
type Store interface {
	// View runs fn in a read transaction that sees one moment.
	View(fn func(Tx) error) error
	// Update runs fn in a write transaction. When it returns nil, everything in it
	// has reached the disk (fsync); when it returns an error, nothing changed.
	Update(fn func(Tx) error) error
	// Backup writes a consistent copy that Open accepts.
	Backup(w io.Writer) error
	Close() error
}

// Tx is one transaction. It and everything read through it die with it: copy
// what must live longer.
type Tx interface {
	// Bucket returns the named bucket. In a read transaction a bucket that does
	// not exist yet reads as empty.
	Bucket(name string) Bucket
}

// Bucket is an ordered map of bytes.
type Bucket interface {
	// Get returns the value, valid until the transaction ends, or nil.
	Get(key []byte) []byte
	Put(key, value []byte) error
	Delete(key []byte) error
	// Scan calls fn for each key with the prefix in byte order until fn returns
	// an error, which Scan returns. fn must not change the bucket.
	Scan(prefix []byte, fn func(key, value []byte) error) error
	// NextSequence returns a number that this bucket never returned before.
	NextSequence() (uint64, error)
}

// ErrNotFound says that nothing has the key that was asked for.
var ErrNotFound = errors.New("not found")

// ErrNewerState says that a state file was written by a newer release.
var ErrNewerState = errors.New("the state file was written by a newer release of auscult; install that release, or restore an older backup")
