package boltstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// bbolt maps the file into memory and trusts what it finds: a file that was cut
// off faults, and a damaged page panics. Both are told as errors here, before and
// around it. The layout is that of bbolt's meta pages (package doc of
// go.etcd.io/bbolt, internal/common/meta.go), format version 2, in the byte order
// of the machine; the machines that the program is built for are little-endian.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2
	pageHeader  = 16 // before the meta in its page
	metaLength  = 64
	highWater   = 40 // offset in the meta: the first page that was never used
	lastTx      = 48 // offset in the meta: the id of the last transaction
	checksum    = 56 // offset in the meta: FNV-1a, 64 bits, over what comes before
	// maxPageSize bounds what a meta page may claim; bbolt uses the system's.
	maxPageSize = 64 << 10
)

var errCut = errors.New("it is shorter than it says; restore a backup")

// checkLength compares a file with what its newest sound meta page says of its
// length. An empty or absent file is fine: it is about to be made.
func checkLength(path string) (err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return openError(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("state file %s: not a file; name the state file itself", path)
	}
	first, sound := readMeta(f, 0)
	if !sound {
		// Without the first meta page the second one's place is the system's page.
		first.pageSize = uint32(os.Getpagesize())
	}
	second, secondSound := readMeta(f, int64(first.pageSize))
	if secondSound && (!sound || second.txid > first.txid) {
		first, sound = second, true
	}
	if sound && uint64(info.Size()) < first.pages*uint64(first.pageSize) {
		return fmt.Errorf("state file %s: %w", path, errCut)
	}
	return nil
}

// meta is what a meta page says of the file.
type meta struct {
	pageSize uint32
	pages    uint64
	txid     uint64
}

// readMeta reads the meta page at an offset, and whether it is sound.
func readMeta(r io.ReaderAt, at int64) (meta, bool) {
	var b [metaLength]byte
	if _, err := r.ReadAt(b[:], at+pageHeader); err != nil {
		return meta{}, false
	}
	le := binary.LittleEndian
	m := meta{pageSize: le.Uint32(b[8:]), pages: le.Uint64(b[highWater:]), txid: le.Uint64(b[lastTx:])}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:checksum]) // a hash never fails
	sound := le.Uint32(b[0:]) == boltMagic && le.Uint32(b[4:]) == boltVersion && le.Uint64(b[checksum:]) == sum.Sum64()
	return m, sound && m.pageSize > 0 && m.pageSize <= maxPageSize && m.pages < 1<<40
}

// damaged turns a panic of bbolt over a damaged page into an error.
func damaged(path string, err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("state file %s: damaged: %v; restore a backup", path, fault)
	}
}
