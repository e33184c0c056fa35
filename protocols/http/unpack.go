package http

import (
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

// allowance is what the compressed bodies of one side of a conversation have cost. It
// grows with what is received: a sender pays with its own octets for what it makes
// others read.
type allowance struct{ received, unpacked uint64 }

// unpacking is what a conversation keeps of its compressed bodies.
type unpacking struct {
	allowed [2]allowance // of each side
	pending pending
}

// compressed begins a body of the side that is speaking.
func (s *session) compressed(b *body) {
	if s.unpacks == nil {
		s.unpacks = &unpacking{pending: pending{of: s.store}}
	}
	b.allowed, b.packed.on = &s.unpacks.allowed[s.now.direction], &s.unpacks.pending
}

// take counts n octets that came out of a body, and reports whether they were allowed.
func (a *allowance) take(n int) bool {
	a.unpacked += uint64(n)
	return a.unpacked <= freeUnpacked+maxRatio*a.received
}

// unpack hands on what a compressed body holds, up to maxUnpacked and to what its side
// of the conversation may unpack, and reports whether that was all. Of a beginning it is
// known that it breaks off. Nothing is unpacked that nobody wants.
func (b *body) unpack(now turn, beginning bool) bool {
	r, err := b.coded.open(&b.packed)
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
		if !b.allowed.take(n) {
			now.out.Outcome(protocols.Bomb)
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
func (c coding) open(p *packed) (io.Reader, error) {
	if c == gzipped {
		return gzip.NewReader(p.reader())
	}
	if r, err := zlib.NewReader(p.reader()); err == nil {
		return r, nil
	}
	return flate.NewReader(p.reader()), nil
}
