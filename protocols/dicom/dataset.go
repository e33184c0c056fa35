package dicom

import (
	"encoding/binary"
	"math"

	"github.com/auscult/auscult/protocols"
)

// reader walks one command set or data set as its octets arrive, in runs of any
// length, and keeps the values of the elements that a selection wants. It holds
// one element header and the kept values; everything else is passed over by
// length. The zero value wants nothing; reset prepares it for the next data set.
type reader struct {
	want   *selection
	syntax syntax

	header [12]byte
	have   int // octets of header
	need   int // octets of header that are needed before it can be read

	pos    uint64 // octets taken, seen or not
	skip   uint64 // octets of an unwanted value still to come
	left   int    // octets of a wanted value still to come
	levels [maxDepth]level
	depth  int
	last   tag // at the top level

	examined, elements int
	kept               []value
	text               []byte

	done   bool // nothing more is wanted, or failure says why not
	result protocols.Outcome

	// following says that headers are still read after done, for the lengths of
	// what is passed over; brief, that this is not worth while.
	following, brief bool
}

// level is one open sequence or item.
type level struct {
	tag      tag // of the sequence
	sequence bool
	raw      bool // items hold fragments, not elements (PS3.5 section A.4)
	syntax   syntax
	end      uint64 // position behind it, or endless
}

// value is one kept value: text[start:end].
type value struct {
	where      place
	start, end int
}

const endless = math.MaxUint64

// Octets of an element header: PS3.5 section 7.1.
const (
	shortHeader = 8
	longHeader  = 12
)

// reset prepares the reader for the next data set, keeping its memory.
func (r *reader) reset(want *selection, s syntax) {
	*r = reader{want: want, syntax: s, need: shortHeader, kept: r.kept[:0], text: r.text[:0], result: protocols.Parsed}
}

// follow prepares for a data set that is not read and counts as o: only its
// headers are looked at. Octets that are deflated have none.
func (r *reader) follow(s syntax, o protocols.Outcome) {
	r.reset(nil, s)
	r.stop(o)
	r.following = s != deflated
}

// hurry tells that the lengths of what comes after the wanted elements are of no
// use.
func (r *reader) hurry() { r.brief, r.following = true, false }

// closed reports whether the reader looks at nothing any more.
func (r *reader) closed() bool { return r.done && !r.following }

// unneeded is how many of the following octets make no difference: all of them
// when the reader is closed.
func (r *reader) unneeded() uint64 {
	if r.closed() {
		return endless
	}
	return r.skip
}

// pass goes over n unneeded octets without seeing them.
func (r *reader) pass(n uint64) {
	if r.closed() {
		return
	}
	r.skip -= n
	r.pos += n
	if r.skip == 0 {
		r.close()
	}
}

// write takes some octets of b, at least one, and returns how many. It must not
// be called while some are unneeded.
func (r *reader) write(b []byte) int {
	if r.left > 0 {
		n := min(r.left, len(b))
		r.text = append(r.text, b[:n]...)
		r.left -= n
		r.pos += uint64(n)
		if r.left == 0 {
			r.kept[len(r.kept)-1].end = len(r.text)
			r.close()
		}
		return n
	}
	n := copy(r.header[r.have:r.need], b)
	r.have += n
	r.pos += uint64(n)
	if r.have == r.need {
		r.readHeader()
	}
	return n
}

// traverse goes, behind the wanted elements, over the headers and short values
// that b holds whole, and returns how many octets they take.
func (r *reader) traverse(b []byte) int {
	n := 0
	for r.following && n < len(b) && r.skip <= uint64(len(b)-n) {
		if r.skip == 0 {
			n += r.write(b[n:])
			continue
		}
		n += int(r.skip)
		r.pass(r.skip)
	}
	return n
}

// finish tells that the data set has ended.
func (r *reader) finish() {
	if !r.done && (r.have > 0 || r.left > 0 || r.skip > 0 || r.depth > 0) {
		r.stop(protocols.Malformed)
	}
	r.done, r.following = true, false
}

// value returns the first kept value of an element, nil when there is none. It
// is valid until the next reset.
func (r *reader) value(p place) []byte {
	for _, v := range r.kept {
		if v.where == p {
			return r.text[v.start:v.end]
		}
	}
	return nil
}

// stop ends the reading of a data set, as o says. Where it only was followed, what
// was said of it before stays.
func (r *reader) stop(o protocols.Outcome) {
	if r.following {
		r.following = false
		return
	}
	r.done, r.result = true, o
}

func (r *reader) encoding() syntax {
	if r.depth > 0 {
		return r.levels[r.depth-1].syntax
	}
	return r.syntax
}

// order is the octet order of a syntax. Both implementations are comparable
// values without state.
func order(s syntax) binary.ByteOrder {
	if s == explicitBE {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (r *reader) readHeader() {
	if r.syntax == syntaxUnknown && !r.guess() {
		return
	}
	s := r.encoding()
	o := order(s)
	h := r.header[:]
	t := tag(o.Uint16(h))<<16 | tag(o.Uint16(h[2:]))
	if r.delimits(t) {
		r.account(shortHeader)
		r.delimiter(t, o.Uint32(h[4:]))
		return
	}
	vr, length := [2]byte{}, uint32(0)
	switch {
	case s == implicitLE:
		length = o.Uint32(h[4:])
	case r.need == longHeader:
		vr, length = [2]byte{h[4], h[5]}, o.Uint32(h[8:])
	default:
		vr = [2]byte{h[4], h[5]}
		known, long := representation(vr)
		if !known {
			r.stop(protocols.Malformed)
			return
		}
		if long {
			r.need = longHeader
			return
		}
		length = uint32(o.Uint16(h[6:]))
	}
	r.account(r.need)
	r.element(t, vr, length)
}

// account counts a header that has been read and makes room for the next.
func (r *reader) account(octets int) {
	r.have, r.need = 0, shortHeader
	r.examined += octets
	r.elements++
	limit := r.examined > maxHead || r.elements > maxElements
	if r.following {
		limit = r.elements > maxFollowed
	}
	if limit {
		r.stop(protocols.LimitReached)
	}
}

// delimits reports whether an item header or delimiter is due or has come: those
// have no value representation in any syntax (PS3.5 section 7.5).
func (r *reader) delimits(t tag) bool {
	return t == tagItem || t == tagItemEnd || t == tagSequenceEnd || (r.depth > 0 && r.levels[r.depth-1].sequence)
}

func (r *reader) delimiter(t tag, length uint32) {
	if r.closed() {
		return
	}
	if r.depth == 0 {
		r.stop(protocols.Malformed)
		return
	}
	top := &r.levels[r.depth-1]
	switch {
	case t == tagItem && top.sequence && top.raw:
		r.over(length)
	case t == tagItem && top.sequence:
		r.open(level{tag: top.tag, syntax: top.syntax}, length)
	case t == tagItemEnd && !top.sequence && top.end == endless,
		t == tagSequenceEnd && top.sequence && top.end == endless:
		r.depth--
		r.close()
	default:
		r.stop(protocols.Malformed)
	}
}
