package astm

// delimiters are the characters that a header declares in H-1 and H-2 (LIS02-A2,
// section 5.4). They are not always |\^&.
type delimiters struct {
	field, repetition, component, escape byte
	declared                             bool
}

// declare reads H-2.
func (d *delimiters) declare(encoding []byte) bool {
	if len(encoding) < 2 || len(encoding) > maxEncoding {
		return false
	}
	for i, c := range encoding {
		if !punctuation(c) || c == d.field || contains(encoding[:i], c) {
			return false
		}
	}
	d.repetition, d.component, d.escape, d.declared = encoding[0], encoding[1], 0, true
	if len(encoding) > 2 {
		d.escape = encoding[2]
	}
	return true
}

// wanted is the allow-list: which fields of a record are copied, as a bit set by
// field number, the record type being field 1. A record that is not here is
// passed over unread. Times (H-14; O-7, ordered; O-8, collected; O-15, received; O-23,
// reported; R-12, begun; R-13, done) are compared and never stated.
func wanted(kind byte) uint32 {
	switch kind {
	case 'H':
		return 1<<2 | 1<<5 | 1<<10 | 1<<11 | 1<<12 | 1<<14
	case 'O':
		return 1<<7 | 1<<8 | 1<<15 | 1<<23
	case 'R':
		return 1<<12 | 1<<13 | 1<<14
	}
	return 0
}

// span is where a kept field stands in the arena.
type span struct{ from, to uint16 }

// record collects the wanted fields of one record as its octets pass. It is a
// plain value: a copy of it is what it was.
type record struct {
	kind  byte // 0 before the first octet
	field int  // number of the field that passes; 0 before the separator
	want  uint32
	keep  bool
	long  bool // the passing field is over maxField
	high  bool // an octet beyond ASCII has passed: separators behind it may be halves of characters
	bad   bool // no record of this message
	start uint16
	used  uint16
	spans [maxIndex + 1]span
	arena [maxArena]byte
}

// begin makes ready for the next record. The arena keeps old octets that nothing
// points to.
func (r *record) begin() {
	r.kind, r.field, r.want = 0, 0, 0
	r.keep, r.long, r.high, r.bad = false, false, false, false
	r.start, r.used = 0, 0
	r.spans = [maxIndex + 1]span{}
}

// open begins the field with number n. Where a character of two octets may have
// hidden or shown a separator, field numbers mean nothing any more.
func (r *record) open(n int) {
	r.field, r.start, r.long = n, r.used, false
	r.keep = n <= maxIndex && r.want&(1<<n) != 0 && !r.high
}

// take copies octets of the passing field when it is wanted.
func (r *record) take(b []byte) {
	if !r.keep || r.long {
		return
	}
	if int(r.used-r.start)+len(b) > maxField {
		r.long, r.used = true, r.start
		return
	}
	r.used += uint16(copy(r.arena[r.used:], b))
}

// close ends the passing field.
func (r *record) close() {
	if r.keep && !r.long {
		r.spans[r.field] = span{r.start, r.used}
	}
	r.keep = false
}

// get returns a kept field, valid until begin.
func (r *record) get(n int) []byte { return r.arena[r.spans[n].from:r.spans[n].to] }
