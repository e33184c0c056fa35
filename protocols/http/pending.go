package http

import (
	"bytes"
	"io"
	"sync/atomic"
)

// store counts what the sessions of one dissector hold of compressed bodies, together.
// It decides only whether a body is read further, in a flood that fills it.
type store struct{ held atomic.Int64 }

// pending counts what one conversation holds of compressed bodies: both sides, and all
// streams of HTTP/2.
type pending struct {
	of   *store
	held int
}

// take asks for one piece more.
func (p *pending) take() bool {
	if p.held+packedPiece > maxCompressed {
		return false
	}
	if p.of.held.Add(packedPiece) > MaxHeld {
		p.of.held.Add(-packedPiece)
		return false
	}
	p.held += packedPiece
	return true
}

func (p *pending) give(pieces int) {
	p.held -= pieces * packedPiece
	p.of.held.Add(-int64(pieces) * packedPiece)
}

// packed is what was gathered of a compressed body: pieces, so that nothing is held
// that is not counted, and nothing copied when it grows.
type packed struct {
	pieces [][]byte
	on     *pending
}

// write keeps octets while there is room, and reports whether all were kept.
func (p *packed) write(b []byte) bool {
	for len(b) > 0 {
		last := len(p.pieces) - 1
		if last < 0 || len(p.pieces[last]) == packedPiece {
			if !p.on.take() {
				return false
			}
			p.pieces = append(p.pieces, make([]byte, 0, packedPiece))
			last++
		}
		n := min(len(b), packedPiece-len(p.pieces[last]))
		p.pieces[last] = append(p.pieces[last], b[:n]...)
		b = b[n:]
	}
	return true
}

// drop lets go of what was kept.
func (p *packed) drop() {
	if len(p.pieces) > 0 {
		p.on.give(len(p.pieces))
	}
	p.pieces = nil
}

// reader reads what was kept from its beginning.
func (p *packed) reader() io.Reader {
	all := make([]io.Reader, len(p.pieces))
	for i := range p.pieces {
		all[i] = bytes.NewReader(p.pieces[i])
	}
	return io.MultiReader(all...)
}
