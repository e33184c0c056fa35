package hl7

import "github.com/auscult/auscult/protocols"

// place is where a direction of the stream stands.
type place uint8

const (
	between place = iota // before a block
	inside               // in a message
	seeking              // lost; looking for the next header
	done                 // what follows in this body is not wanted
)

// event is what the stream found: a message that has ended, or an outcome to
// count.
type event struct {
	message *message // nil unless one ended
	outcome protocols.Outcome
	counted bool
}

// stream takes one direction apart into messages. Its memory is bounded by one
// segment and one message.
type stream struct {
	place     place
	framed    bool // the message began with VT
	lost      bool // the next header is a resynchronisation
	boundary  bool // seeking: the last octet may stand before a header
	matched   int  // seeking: octets of "MSH" behind the boundary
	segment   segment
	delimiter delimiters
	message   *message // nil between messages
	passed    int      // octets of the message
	body      bool     // it is one body of HTTP
}

// seek gives up what was begun and looks for the next header.
func (st *stream) seek() {
	st.place, st.boundary, st.matched, st.message = seeking, true, 0, nil
	st.lost = true
	st.segment.begin()
}

// next consumes octets of b until something is found.
func (st *stream) next(b []byte) (n int, e event) {
	for n < len(b) {
		c := b[n]
		n++
		switch st.place {
		case between:
			e = st.outside(c)
		case seeking:
			st.search(c)
		case done:
			return len(b), event{}
		case inside:
			n += st.passOver(b[n-1:])
			e = st.within(b[n-1])
		}
		if e.message != nil || e.counted {
			return n, e
		}
	}
	return n, event{}
}

// outside waits for a block, or for a header without one (older senders).
func (st *stream) outside(c byte) event {
	switch c {
	case vt:
		st.start(true)
	case cr, lf, fs, 0, ' ':
	case 'M', 'F', 'B':
		st.start(false)
		st.segment.named(c)
	default:
		return st.fail(protocols.Malformed)
	}
	return event{}
}

func (st *stream) start(framed bool) {
	st.place, st.framed, st.passed = inside, framed, 0
	st.segment.begin()
}

// search looks for MSH behind the start of a block or a line end.
func (st *stream) search(c byte) {
	if c == vt || c == cr || c == lf || c == fs {
		st.boundary, st.matched, st.framed = true, 0, c == vt
		return
	}
	if !st.boundary || c != "MSH"[st.matched] {
		st.boundary, st.matched = false, 0
		return
	}
	if st.matched++; st.matched == 3 {
		st.start(st.framed)
		st.segment.name, st.segment.length = [3]byte{'M', 'S', 'H'}, 3
	}
}

// within takes one octet of a message.
func (st *stream) within(c byte) event {
	if st.segment.passed > maxSegment || st.passed > maxMessage {
		e := st.fail(protocols.LimitReached)
		st.search(c)
		return e
	}
	if st.unwanted() {
		st.place = done
		return st.endMessage(protocols.Parsed)
	}
	switch c {
	case fs:
		return st.endBlock()
	case vt:
		return st.restart()
	case cr, lf:
		if st.segment.empty() {
			return event{} // CRLF, or an empty line
		}
		return st.endSegment()
	}
	st.passed++
	st.segment.passed++
	return st.octet(c)
}

// maxUnread is how many octets of one segment are passed over before the rest of a body
// of which nothing is wanted is given up: what follows a scanned document of that size
// is its end.
const maxUnread = 64 << 10

// unwanted reports a body of a kind of which only the header is read, inside of a
// document.
func (st *stream) unwanted() bool {
	return st.body && st.segment.passed >= maxUnread && st.message != nil && st.message.header.valid &&
		st.message.header.kind == kindOther
}

// octet takes one octet of a segment: of its name, a separator, or of a field.
func (st *stream) octet(c byte) event {
	s := &st.segment
	if s.length < 4 {
		s.named(c)
		if s.length == 4 {
			return st.identify(c)
		}
		return event{}
	}
	if half := s.charset.follow(c); c == st.delimiter.field && !half {
		s.close()
		if s.field == 2 && s.isHeader() && !st.delimiter.declare(s.raw(2)) {
			return st.fail(protocols.Malformed)
		}
		s.open(s.field + 1)
		return event{}
	}
	s.take(c)
	return event{}
}

// identify acts on a segment's name once the separator behind it has come.
func (st *stream) identify(separator byte) (e event) {
	s := &st.segment
	if s.isHeader() {
		if !punctuation(separator) {
			return st.fail(protocols.Malformed)
		}
		e = st.endMessage(protocols.Parsed) // a header ends the message before it
		st.delimiter = delimiters{field: separator}
		s.charset = charset{}
		s.want = wanted(string(s.name[:]), kindOther)
		if s.name[0] == 'M' {
			st.message, st.passed = &message{}, 0
		}
		s.open(2)
		return e
	}
	if st.message == nil && !st.trailer() {
		return st.fail(protocols.Malformed)
	}
	s.bad = s.bad || separator != st.delimiter.field
	if st.message != nil && !s.bad {
		if string(s.name[:]) == "PID" {
			st.message.nextGroup()
		}
		s.want = wanted(string(s.name[:]), st.message.header.kind)
	}
	s.open(1)
	return event{}
}

// trailer reports a segment that may stand outside a message: the end of a batch
// or of a file (HL7 2.9, section 2.10.3).
func (st *stream) trailer() bool {
	name := string(st.segment.name[:])
	return name == "BTS" || name == "FTS"
}

func (s *segment) isHeader() bool {
	name := string(s.name[:])
	return !s.bad && (name == "MSH" || name == "FHS" || name == "BHS")
}

// endSegment hands a whole segment to the message.
func (st *stream) endSegment() (e event) {
	s := &st.segment
	defer func() { st.segment.begin() }()
	if s.length < 4 {
		if s.length == 3 && st.trailer() {
			return st.endMessage(protocols.Parsed)
		}
		if st.message == nil {
			return st.fail(protocols.Malformed)
		}
		return event{} // a stray line: free text with line ends in it
	}
	s.close()
	if s.field == 2 && s.isHeader() && !st.delimiter.declare(s.raw(2)) {
		return st.fail(protocols.Malformed)
	}
	if st.trailer() {
		return st.endMessage(protocols.Parsed)
	}
	if st.message != nil && !s.bad && s.want != 0 {
		st.message.apply(s, &st.delimiter)
		s.charset = st.message.header.charset
	}
	return st.found(s)
}

// found counts the header that ends a search.
func (st *stream) found(s *segment) event {
	if !st.lost || !s.isHeader() {
		return event{}
	}
	st.lost = false
	return event{outcome: protocols.Resynchronised, counted: true}
}

// endBlock ends the message at FS. The last segment may lack its CR.
func (st *stream) endBlock() event {
	if !st.segment.empty() {
		if e := st.endSegment(); e.counted && e.outcome != protocols.Resynchronised || e.message != nil {
			st.place = between
			return e
		}
	}
	st.place = between
	return st.endMessage(protocols.Parsed)
}

// endMessage gives the message out, if there is one.
func (st *stream) endMessage(o protocols.Outcome) event {
	m := st.message
	st.message = nil
	if m == nil {
		return event{}
	}
	if !m.header.valid {
		return event{outcome: protocols.Malformed, counted: true}
	}
	if m.overflow {
		o = protocols.LimitReached
	}
	return event{message: m, outcome: o, counted: true}
}

// restart takes a VT inside a message: an unframed one has ended, a framed one
// never did.
func (st *stream) restart() (e event) {
	if st.idle() {
		e = st.endMessage(protocols.Parsed)
	} else if st.message != nil {
		e = event{outcome: protocols.Malformed, counted: true}
	}
	st.message = nil
	st.start(true)
	return e
}

func (st *stream) fail(o protocols.Outcome) event {
	st.seek()
	st.boundary = false
	return event{outcome: o, counted: true}
}

// idle reports whether an unframed message stands at a point where it may have
// ended: nobody but the peer or the end of the conversation can say.
func (st *stream) idle() bool {
	return st.place == inside && !st.framed && st.message != nil && st.message.header.valid && st.segment.empty()
}

// unfinished reports whether something was begun that has not ended.
func (st *stream) unfinished() bool {
	return st.place == inside && (st.message != nil || !st.segment.empty())
}
