package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/auscult/auscult/sensor"
)

// File gives the frames of one capture file. It is used from one goroutine;
// Progress may be asked from another.
type File struct {
	name     string
	tap      *sensor.Tap
	owned    io.Closer // nil when somebody else closes the file
	meter    *meter
	total    int64
	stream   *stream
	records  records
	packet   packet // the last one; here, so that it is not allocated for each
	pending  int64  // bytes of the last record, passed over when the next is asked for
	stats    sensor.SourceStats
	deferred error // the first damage that could be stepped over
	end      error // what every later Next returns
}

var _ sensor.Source = (*File)(nil)

// records is one file format: it finds the next packet in the stream.
type records interface {
	// next looks at the next packet and says how many bytes the record has, which
	// the caller passes over when it is done with p.data. io.EOF is a clean end. A
	// *skippable error leaves the stream behind the record it speaks of.
	next(s *stream, p *packet) (size int64, err error)
	// lost is how many packets the recorder says that it lost.
	lost() uint64
}

// packet is one record as the file tells it.
type packet struct {
	data   []byte // in the stream's window
	length int
	when   time.Time
	link   sensor.LinkType
}

// skippable says that one record makes no sense while those after it may.
type skippable struct {
	offset int64
	err    error
}

func (e *skippable) Error() string { return e.err.Error() }
func (e *skippable) Unwrap() error { return e.err }

// OpenFile opens a pcap or pcapng file, compressed with gzip or not; "-" is
// standard input. The frames are said to come from tap. The caller closes the
// File.
func OpenFile(path string, tap *sensor.Tap) (*File, error) {
	if path == "-" {
		return NewFile(os.Stdin, "standard input", tap)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("capture file: %w; check the path and its permissions", err)
	}
	file, err := newOwnedFile(f, path, tap)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file, nil
}

func newOwnedFile(f *os.File, path string, tap *sensor.Tap) (*File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("capture file: %w", err)
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the capture files in it", path)
	}
	file, err := NewFile(f, path, tap)
	if err != nil {
		return nil, err
	}
	file.owned = f
	if info.Mode().IsRegular() {
		file.total = info.Size()
	}
	return file, nil
}

// NewFile reads a capture from r, which the caller closes; name stands for it in
// messages. The head of the file is read at once: an error says what r holds
// instead of a capture.
func NewFile(r io.Reader, name string, tap *sensor.Tap) (*File, error) {
	f := &File{name: name, tap: tap, meter: &meter{r: r}}
	plain, err := decompress(f.meter)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w; copy the file again", name, err)
	}
	f.stream = newStream(plain)
	if f.records, err = recognise(f.stream); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// Next fills f with the next packet, in the order of the file. Frames of pcapng
// simple packet blocks, which have no time, carry that of the frame before them.
func (f *File) Next(out *sensor.Frame) error {
	if f.end != nil {
		return f.end
	}
	p := &f.packet
	if err := f.read(p); err != nil {
		f.end = f.conclude(err)
		return f.end
	}
	f.stats.Frames++
	f.stats.Bytes += uint64(len(p.data))
	*out = sensor.Frame{
		Data: p.data, Length: max(p.length, len(p.data)),
		When: p.when, Link: p.link, Tap: f.tap,
	}
	return nil
}

// read passes over the last record, and over those that make no sense.
func (f *File) read(p *packet) error {
	for {
		if err := f.stream.advance(f.pending); err != nil {
			return err
		}
		var err error
		f.pending, err = f.records.next(f.stream, p)
		if err == nil {
			return nil
		}
		f.pending = 0
		if !f.stepOver(err) {
			return err
		}
	}
}

// stepOver reports whether the records after err may still be read, and keeps the
// first such damage for the end.
func (f *File) stepOver(err error) bool {
	var skip *skippable
	if !errors.As(err, &skip) {
		return false
	}
	if f.deferred == nil {
		f.deferred = &sensor.DamagedError{Path: f.name, Offset: skip.offset, Err: skip.err}
	}
	return true
}

// conclude turns the reader's last error into the file's: damage that was stepped
// over comes first, because it stands first.
func (f *File) conclude(err error) error {
	switch {
	case f.deferred != nil:
		return f.deferred
	case err == io.EOF:
		return io.EOF
	}
	return &sensor.DamagedError{Path: f.name, Offset: f.stream.offset, Err: err}
}

// Progress says how many bytes of the file have been read, and how many it has; 0
// when that is not known, as of standard input. It may be called at any time.
func (f *File) Progress() (done, total int64) { return f.meter.done.Load(), f.total }

// Stats says what was read. KernelDrops is what the recorder itself lost, where
// the file says so (pcapng interface statistics).
func (f *File) Stats() sensor.SourceStats {
	stats := f.stats
	stats.KernelDrops = f.records.lost()
	return stats
}

// Close lets go of the file, where OpenFile opened it.
func (f *File) Close() error {
	f.end = os.ErrClosed
	if f.owned == nil {
		return nil
	}
	owned := f.owned
	f.owned = nil
	if err := owned.Close(); err != nil {
		return fmt.Errorf("%s: close: %w", f.name, err)
	}
	return nil
}
