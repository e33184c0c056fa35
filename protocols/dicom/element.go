package dicom

import "github.com/auscult/auscult/protocols"

// element decides what becomes of the value that follows.
func (r *reader) element(t tag, vr [2]byte, length uint32) {
	if r.closed() {
		return
	}
	where := at(t)
	if r.depth == 0 {
		if t <= r.last && r.elements > 1 {
			r.stop(protocols.Malformed) // elements ascend: PS3.5 section 7.1
			return
		}
		r.last = t
		if !r.done && t > r.want.last {
			r.done, r.following = true, !r.brief
		}
		if r.closed() {
			return
		}
	} else {
		where = in(r.levels[0].tag, t)
	}
	switch {
	case length == undefined:
		r.openUndefined(t, vr)
	case r.following:
		r.over(length)
	case r.depth == 0 && r.want.enters(t) && (vr == [2]byte{'S', 'Q'} || r.syntax == implicitLE):
		r.open(level{tag: t, sequence: true, syntax: r.encoding()}, length)
	case (r.depth == 0 || r.depth == 2) && r.want.wants(where) && keepable(vr):
		r.keep(where, length)
	default:
		r.over(length)
	}
}

// openUndefined opens what is ended by a delimiter: a sequence, one of unknown
// representation (whose items are implicit little endian: PS3.5 section 6.2.2
// note 4), or fragments.
func (r *reader) openUndefined(t tag, vr [2]byte) {
	l := level{tag: t, sequence: true, syntax: r.encoding()}
	switch {
	case l.syntax == implicitLE || vr == [2]byte{'S', 'Q'}:
	case vr == [2]byte{'U', 'N'}:
		l.syntax = implicitLE
	case vr[0] == 'O':
		l.raw = true
	default:
		r.stop(protocols.Malformed)
		return
	}
	r.open(l, undefined)
}

func (r *reader) open(l level, length uint32) {
	if r.depth == maxDepth {
		r.stop(protocols.LimitReached)
		return
	}
	l.end = endless
	if length != undefined {
		l.end = r.pos + uint64(length)
		if l.end > r.bound() {
			r.stop(protocols.Malformed)
			return
		}
	}
	r.levels[r.depth] = l
	r.depth++
	r.close()
}

// bound is where the innermost enclosing level of known length ends.
func (r *reader) bound() uint64 {
	for i := r.depth - 1; i >= 0; i-- {
		if r.levels[i].end != endless {
			return r.levels[i].end
		}
	}
	return endless
}

// close leaves every level that ends here.
func (r *reader) close() {
	for r.depth > 0 && r.levels[r.depth-1].end <= r.pos {
		if r.levels[r.depth-1].end < r.pos {
			r.stop(protocols.Malformed)
			return
		}
		r.depth--
	}
}

// over passes over a value.
func (r *reader) over(length uint32) {
	if length == undefined || r.pos+uint64(length) > r.bound() {
		r.stop(protocols.Malformed)
		return
	}
	r.skip = uint64(length)
	if length == 0 {
		r.close()
	}
}

// keep copies a value, or passes over one that is longer than any wanted value
// can be.
func (r *reader) keep(where place, length uint32) {
	if length == 0 || length > maxValue {
		r.over(length)
		return
	}
	if r.pos+uint64(length) > r.bound() {
		r.stop(protocols.Malformed)
		return
	}
	if len(r.kept) == maxKept || len(r.text)+int(length) > maxKeptBytes {
		r.stop(protocols.LimitReached)
		return
	}
	r.examined += int(length)
	r.left = int(length)
	r.kept = append(r.kept, value{where: where, start: len(r.text), end: len(r.text)})
}
