package http

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"

	"github.com/auscult/auscult/protocols"
)

// coding is how a body is compressed: RFC 9110 section 8.4.1.
type coding uint8

const (
	identity coding = iota
	gzipped
	deflated
)

func codingOf(name string) (c coding, known bool) {
	switch name {
	case "", "identity":
		return identity, true
	case "gzip", "x-gzip":
		return gzipped, true
	case "deflate":
		return deflated, true
	}
	return identity, false
}

// unpackPiece is how much is unpacked at a time.
const unpackPiece = 8 << 10

// unpack hands on what a compressed body holds, up to maxUnpacked, and reports
// whether that was all. Of a beginning it is known that it breaks off.
func (b *body) unpack(now turn, beginning bool) bool {
	r, err := b.coded.open(b.packed)
	if err != nil && !beginning {
		now.out.Outcome(protocols.Malformed)
	}
	if err != nil {
		return false
	}
	piece := make([]byte, unpackPiece)
	for total := 0; b.skip < protocols.Everything; {
		n, err := r.Read(piece)
		if total += n; total > maxUnpacked {
			now.out.Outcome(protocols.LimitReached)
			return false
		}
		b.pass(now, piece[:n])
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil && !beginning {
			now.out.Outcome(protocols.Malformed)
		}
		if err != nil {
			return false
		}
	}
	return false
}

// open reads the beginning of what was compressed. What is called deflate is sent
// with the header of zlib, as RFC 9110 section 8.4.1.2 asks, or without.
func (c coding) open(packed []byte) (io.Reader, error) {
	if c == gzipped {
		return gzip.NewReader(bytes.NewReader(packed))
	}
	if r, err := zlib.NewReader(bytes.NewReader(packed)); err == nil {
		return r, nil
	}
	return flate.NewReader(bytes.NewReader(packed)), nil
}
