package http

import (
	"unsafe"

	"github.com/auscult/auscult/protocols"
)

// Bounds for the tests of them.
const (
	MaxHead       = maxHead
	MaxSeek       = maxSeek
	MaxCompressed = maxCompressed
	MaxUnpacked   = maxUnpacked
	MaxRatio      = maxRatio
	FreeUnpacked  = freeUnpacked
	MaxStreams    = maxStreams
	MaxDevices    = maxDevices
	MaxParts      = maxParts
)

// Done reports whether a session wants no more of either direction.
func Done(p protocols.Session) bool {
	s := p.(*session)
	return s.halves[0].phase == done && s.halves[1].phase == done
}

// KeptBytes is about how much text a session holds.
func KeptBytes(p protocols.Session) (n int) {
	s := p.(*session)
	for d := range s.halves {
		h := &s.halves[d]
		n += cap(h.line.kept)
		n += h.body.kept()
		if h.two == nil {
			continue
		}
		n += cap(h.two.payload) + cap(h.two.block)
		for _, st := range h.two.streams {
			n += st.body.kept()
		}
	}
	return n
}

func (b *body) kept() int {
	if b == nil {
		return 0
	}
	n := len(b.packed.pieces) * packedPiece
	if f, ok := b.reader.(*fhir); ok {
		switch d := f.scan.(type) {
		case *scanner:
			n += cap(d.path) + cap(d.text)
		case *fhirXML:
			n += cap(d.path) + cap(d.text) + cap(d.names) + cap(d.name) + cap(d.mark) + cap(d.entity)
		}
	}
	return n
}

// HeldBytes is what all sessions of a dissector hold of compressed bodies.
func HeldBytes(p protocols.Protocol) int64 { return p.(dissector).store.held.Load() }

// SessionSize is what a session takes before it has read anything.
const SessionSize = unsafe.Sizeof(session{})
