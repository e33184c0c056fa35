package capture

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

const (
	// maxPacket bounds one packet: what tcpdump and Wireshark take as the largest
	// sensible snap length. More is damage, not a packet.
	maxPacket = 256 << 10
	// maxOptions bounds what a pcapng block carries besides its packet; an option's
	// length has 16 bits, and recorders write a handful of short ones.
	maxOptions = 256 << 10
	// windowSize is how much of a file is in memory: the largest block that is read
	// whole, and room to read ahead.
	windowSize = 1 << 20
	// readSize is how much of a file is asked for at once: a piece that still lies in
	// the processor's cache when its frames are looked at.
	readSize = 128 << 10
	// gzipWindow is the read size in front of the decompressor.
	gzipWindow = 128 << 10
)

// stream is a window on a file of any length. Bytes are looked at in place and
// stay valid until the next call of peek or advance.
type stream struct {
	window *bufio.Reader
	offset int64 // of the window's first byte, uncompressed
}

func newStream(r io.Reader) *stream {
	return &stream{window: bufio.NewReaderSize(r, windowSize)}
}

// peek shows the next n bytes, at most windowSize, without passing over them. It
// returns io.EOF when there are none and a *shortError when there are fewer.
func (s *stream) peek(n int) ([]byte, error) {
	b, err := s.window.Peek(n)
	switch {
	case err == nil:
		return b, nil
	case err != io.EOF:
		return nil, explain(err)
	case len(b) == 0:
		return nil, io.EOF
	}
	return nil, &shortError{want: n, have: len(b)}
}

// advance passes over n bytes. It returns a *shortError when there are fewer.
func (s *stream) advance(n int64) error {
	for n > 0 {
		step := int(min(n, windowSize))
		done, err := s.window.Discard(step)
		s.offset += int64(done)
		n -= int64(done)
		if err == io.EOF {
			return &shortError{want: step, have: done}
		}
		if err != nil {
			return explain(err)
		}
	}
	return nil
}

// shortError says that a file ends too early.
type shortError struct{ want, have int }

func (e *shortError) Error() string {
	return fmt.Sprintf("the file ends here: %d bytes expected, %d there", e.want, e.have)
}

// Unwrap lets callers test for io.ErrUnexpectedEOF.
func (e *shortError) Unwrap() error { return io.ErrUnexpectedEOF }

// explain says in words what the decompressor found.
func explain(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the compressed file ends too early: %w", err)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return fmt.Errorf("the compression is damaged: %w", err)
	}
	return err
}

// meter counts what is taken from the file itself, compressed or not. It may be
// asked from another goroutine than the one that reads.
type meter struct {
	r    io.Reader
	done atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p[:min(len(p), readSize)])
	m.done.Add(int64(n))
	return n, err
}

// decompress looks whether r holds gzip (RFC 1952 section 2.3.1), whatever its
// name; concatenated members are read as one.
func decompress(r io.Reader) (io.Reader, error) {
	front := bufio.NewReaderSize(r, gzipWindow)
	head, err := front.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(head) < 3 || head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 {
		return front, nil
	}
	z, err := gzip.NewReader(front)
	if err != nil {
		return nil, explain(err)
	}
	return z, nil
}
