package syslog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A segment file holds records one after the other, and its name is the number of
// the first: length u32, CRC-32C u32, number u64, message. Lengths count the
// message only, the checksum covers number and message; all big endian.
const (
	recordHeader  = 16
	segmentSuffix = ".queue"
)

// segment is one file of the queue.
type segment struct {
	first uint64
	path  string
	file  *os.File
	size  int64 // up to the end of the last whole record
}

var errDamaged = errors.New("damaged record")

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// createSegment makes an empty one, which must not exist yet.
func createSegment(dir string, first uint64) (*segment, error) {
	path := filepath.Join(dir, fmt.Sprintf("%020d%s", first, segmentSuffix))
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &segment{first: first, path: path, file: f}, nil
}

// openSegment opens an existing one for reading and appending.
func openSegment(path string) (*segment, error) {
	name := strings.TrimSuffix(filepath.Base(path), segmentSuffix)
	first, err := strconv.ParseUint(name, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: the name is no number; move the file away", path)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return &segment{first: first, path: path, file: f}, nil
}

// append writes one record and makes it durable. On failure the file is as it
// was before.
func (s *segment) append(number uint64, message []byte) error {
	b := make([]byte, recordHeader, recordHeader+len(message))
	binary.BigEndian.PutUint32(b, uint32(len(message)))
	binary.BigEndian.PutUint64(b[8:], number)
	b = append(b, message...)
	binary.BigEndian.PutUint32(b[4:], crc32.Checksum(b[8:], castagnoli()))
	_, err := s.file.WriteAt(b, s.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		return errors.Join(err, s.file.Truncate(s.size))
	}
	s.size += int64(len(b))
	return nil
}

// read returns the record at an offset and the offset behind it: io.EOF at the
// end, errDamaged where no whole record stands.
func (s *segment) read(at int64) (number uint64, message []byte, next int64, err error) {
	var header [recordHeader]byte
	if _, err := s.file.ReadAt(header[:], at); err != nil {
		if errors.Is(err, io.EOF) {
			return 0, nil, at, endOrTorn(s.file, at)
		}
		return 0, nil, at, err
	}
	length := binary.BigEndian.Uint32(header[:])
	if length == 0 || length > maxMessage {
		return 0, nil, at, errDamaged
	}
	body := make([]byte, 8+int(length))
	copy(body, header[8:])
	if _, err := s.file.ReadAt(body[8:], at+recordHeader); err != nil {
		if errors.Is(err, io.EOF) {
			return 0, nil, at, errDamaged
		}
		return 0, nil, at, err
	}
	if crc32.Checksum(body, castagnoli()) != binary.BigEndian.Uint32(header[4:]) {
		return 0, nil, at, errDamaged
	}
	return binary.BigEndian.Uint64(body), body[8:], at + recordHeader + int64(length), nil
}

func endOrTorn(f *os.File, at int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > at {
		return errDamaged
	}
	return io.EOF
}

// remove deletes the file.
func (s *segment) remove() error { return errors.Join(s.file.Close(), os.Remove(s.path)) }

// syncDir makes names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
