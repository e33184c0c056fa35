package hl7

import "strings"

// Bounds of what is kept of a message.
const (
	// maxField bounds one kept field. The longest field of the allow-list that is
	// an identity (OBX-18 with several repetitions) stays under 300 octets; a
	// longer one is not an identity and is dropped, not cut.
	maxField = 512
	// maxIndex is the highest field number of the allow-list (PRT-22).
	maxIndex = 22
	// maxSegment bounds one segment as it passes: a scanned document in OBX-5 has
	// tens of megabytes. More is taken for a stream that lost its line ends.
	maxSegment = 64 << 20
	// maxMessage bounds a message as it passes, for the same reason.
	maxMessage = 256 << 20
	// maxEncoding is the number of encoding characters of MSH-2: component,
	// repetition, escape, subcomponent, and truncation since 2.7 (section 2.5.5.2).
	maxEncoding = 5
)

// delimiters are the characters that a message declares in MSH-1 and MSH-2.
type delimiters struct {
	field, component, repetition, escape, sub, truncation byte
}

// declare reads MSH-2; what is left out has the value that the standard
// recommends (section 2.5.4), truncation has none.
func (d *delimiters) declare(encoding []byte) bool {
	if len(encoding) < 2 || len(encoding) > maxEncoding {
		return false
	}
	*d = delimiters{field: d.field, escape: '\\', sub: '&'}
	for i, c := range encoding {
		if !punctuation(c) || c == d.field || strings.IndexByte(string(encoding[:i]), c) >= 0 {
			return false
		}
		*[...]*byte{&d.component, &d.repetition, &d.escape, &d.sub, &d.truncation}[i] = c
	}
	return true
}

// wanted is the allow-list: which fields of a segment are copied out of the
// stream, as a bit set by field number. A segment that is not here is passed
// over unread; so is every segment about a patient (PID, NK1, DG1, ...), and
// every field of PV1 but the place of the device. Times (MSH-7, OBR-7, OBX-14,
// EQU-2) are compared with each other and never stated.
func wanted(name string, k kind) uint32 {
	switch name {
	case "MSH":
		return bits(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 18, 19, 21, 22) // some of them for headers that are shifted
	case "FHS", "BHS":
		return bits(2)
	case "SFT":
		return bits(1, 2, 3, 4)
	case "MSA":
		return bits(1)
	}
	if k != kindResult && k != kindEquipment {
		return 0
	}
	switch name {
	case "PV1":
		return bits(3)
	case "OBR":
		return bits(3, 4, 7)
	case "OBX":
		return bits(2, 3, 4, 5, 6, 8, 11, 14, 18)
	case "PRT":
		return bits(10, 16, 20)
	case "DEV":
		return bits(1, 2, 5, 6, 7, 8, 9, 11, 16, 17)
	case "EQU":
		return bits(1, 2, 3)
	}
	return 0
}

func bits(fields ...int) uint32 {
	var set uint32
	for _, f := range fields {
		set |= 1 << f
	}
	return set
}

// span is where a kept field stands in the arena.
type span struct{ from, to int }

// segment collects the wanted fields of one segment as its octets pass. Its
// memory is bounded by the allow-list times maxField.
type segment struct {
	name    [3]byte
	length  int // octets of the name seen so far, at most 4
	bad     bool
	want    uint32
	field   int // number of the field that is passing
	keep    bool
	long    bool   // the passing field is over maxField
	lost    uint32 // wanted fields that were over maxField, by number
	start   int
	arena   []byte
	spans   [maxIndex + 1]span
	written string // the arena once the segment has ended, when it is ASCII; see text
	passed  int    // octets of this segment, all fields
	charset charset
}

// begin makes ready for the next segment; the arena is used again.
func (s *segment) begin() {
	*s = segment{arena: s.arena[:0], charset: s.charset.fresh()}
}

// empty reports whether nothing of a segment has been seen.
func (s *segment) empty() bool { return s.length == 0 }

// named takes the octets of the segment's name and the separator behind it.
func (s *segment) named(c byte) {
	if s.length < 3 {
		s.name[s.length] = c
		upper := c >= 'A' && c <= 'Z' || s.length > 0 && c >= '0' && c <= '9'
		s.bad = s.bad || !upper
	}
	s.length++
}

// open begins the field with number n.
func (s *segment) open(n int) {
	s.field, s.start, s.long = n, len(s.arena), false
	s.keep = n <= maxIndex && s.want&(1<<n) != 0
}

// take copies one octet of the passing field when it is wanted.
func (s *segment) take(c byte) {
	if !s.keep || s.long {
		return
	}
	if len(s.arena)-s.start >= maxField {
		s.long = true
		s.arena = s.arena[:s.start]
		return
	}
	s.arena = append(s.arena, c)
}

// close ends the passing field.
func (s *segment) close() {
	switch {
	case s.keep && s.long:
		s.lost |= 1 << s.field
	case s.keep:
		s.spans[s.field] = span{s.start, len(s.arena)}
	}
	s.keep = false
}

// write makes the arena readable as text: one copy for all fields.
func (s *segment) write() {
	if ascii(s.arena) {
		s.written = string(s.arena)
	}
}

// text returns a kept field as ASCII, "" when there is something else in the
// segment. It shares its memory with the other fields: what outlives the message is
// copied.
func (s *segment) text(n int) string {
	if s.written == "" {
		return ""
	}
	return s.written[s.spans[n].from:s.spans[n].to]
}

// raw returns the octets of a kept field, valid until begin.
func (s *segment) raw(n int) []byte { return s.arena[s.spans[n].from:s.spans[n].to] }
