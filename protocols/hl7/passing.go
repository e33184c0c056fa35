package hl7

// passOver returns how many octets of b, which begins in a message, need not be
// looked at one by one: the inside of a field, which is kept when it is wanted, and
// the fields behind the last one that is wanted.
func (st *stream) passOver(b []byte) (n int) {
	s := &st.segment
	if s.length < 4 || s.charset.wide() {
		return 0
	}
	b = b[:len(b)-1]
	if left := maxUnread - s.passed; st.body && left >= 0 && left < len(b) {
		b = b[:left] // so that where a body is given up does not depend on its pieces
	}
	switch {
	case s.last():
		n = lineLength(b)
	default:
		n = fieldLength(b, st.delimiter.field)
		s.takeAll(b[:n])
	}
	s.passed += n
	st.passed += n
	return n
}

// lineLength counts the octets before the end of a segment, of a block or of b.
func lineLength(b []byte) int {
	for n, c := range b {
		if c < ' ' && (c == cr || c == lf || c == fs || c == vt) {
			return n
		}
	}
	return len(b)
}

// fieldLength counts the octets before the end of a field, or what lineLength
// counts.
func fieldLength(b []byte, separator byte) int {
	for n, c := range b {
		if c == separator || c < ' ' && (c == cr || c == lf || c == fs || c == vt) {
			return n
		}
	}
	return len(b)
}

// takeAll copies octets of the passing field as take does each of them.
func (s *segment) takeAll(b []byte) {
	switch {
	case !s.keep || s.long || len(b) == 0:
	case len(s.arena)-s.start+len(b) > maxField:
		s.long = true
		s.arena = s.arena[:s.start]
	default:
		s.arena = append(s.arena, b...)
	}
}

// last reports whether no field from the passing one on is wanted. The fields of a
// header are counted to the end: its second one declares the delimiters.
func (s *segment) last() bool {
	return !s.keep && s.field < 32 && s.want>>s.field == 0 && !s.isHeader()
}
