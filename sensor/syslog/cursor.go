package syslog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
)

// cursor remembers on disk which number was delivered last. It has two places
// that are written in turn, so that a crash while writing leaves the other; it is
// as long from the first day on, so that a full disk does not stop it.
type cursor struct {
	file *os.File
	turn int64
	last uint64
}

const (
	cursorPlace = 16 // number u64, CRC-32C u32, padding
	cursorName  = "cursor"
)

// openCursor reads the cursor, or makes one at 0.
func openCursor(path string) (*cursor, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	c := &cursor{file: f}
	valid := false
	for turn := range int64(2) {
		if last, ok := c.read(turn); ok {
			valid = true
			if last >= c.last {
				c.last, c.turn = last, 1-turn
			}
		}
	}
	if !valid {
		err = errors.Join(c.save(0), c.save(0))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

func (c *cursor) read(turn int64) (uint64, bool) {
	var b [cursorPlace]byte
	if _, err := c.file.ReadAt(b[:], turn*cursorPlace); err != nil && !errors.Is(err, io.EOF) {
		return 0, false
	}
	sum := crc32.Checksum(b[:8], castagnoli())
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint32(b[8:]) == sum
}

// save makes a number durable.
func (c *cursor) save(last uint64) error {
	var b [cursorPlace]byte
	binary.BigEndian.PutUint64(b[:], last)
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli()))
	if _, err := c.file.WriteAt(b[:], c.turn*cursorPlace); err != nil {
		return err
	}
	c.last, c.turn = last, 1-c.turn
	return c.file.Sync()
}
