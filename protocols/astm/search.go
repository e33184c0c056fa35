package astm

// line is what a search has seen of the line it is in, and of the one before.
type line struct {
	broken    bool // it cannot be a record
	begun     bool
	fits      bool // it begins as a record does
	kind      byte
	separator byte
	before    byte // the separator of the record on the line before, or 0
	result    bool // that one was a result
}

// end goes to the next line. The second half of a line end changes nothing.
func (l *line) end() {
	switch {
	case l.fits:
		*l = line{before: l.separator, result: l.kind == 'R'}
	case l.begun || l.broken:
		*l = line{}
	}
}

// search looks for a frame, and at the beginnings of lines for records.
func (st *stream) search(c byte, e *event) {
	l := &st.line
	switch c {
	case stx:
		st.place = numbered
		return
	case ack:
		e.signal = taken
		return
	case nak:
		e.signal = refused
		return
	case cr, lf, vt, enq, eot:
		l.end()
		return
	}
	switch {
	case l.broken || l.fits:
	case !l.begun:
		l.begun, l.kind, l.broken = true, c&^0x20, !recordType(c)
	case l.separator == 0:
		l.separator, l.broken = c, !punctuation(c)
		if l.kind == 'H' && !l.broken {
			st.enter(c)
		}
	case c != l.separator && (c < '0' || c > '9'):
		l.broken = true
	case l.before != l.separator:
		l.fits = true
	default:
		st.enter(l.separator)
		st.parser.octet(c)
	}
}

// enter goes on behind the separator of a record that a search has found. The
// result on the line before it counts, too.
func (st *stream) enter(separator byte) {
	l := st.line
	if st.parser.delimiters.field != separator {
		st.parser.delimiters = delimiters{field: separator}
	}
	st.place, st.line = bare, line{}
	st.parser.octet(l.kind)
	st.parser.octet(separator)
	if l.kind != 'H' && l.result {
		st.parser.message.results++
	}
}
