package astm

import "github.com/auscult/auscult/protocols"

// place is where a direction of the conversation stands.
type place uint8

const (
	between  place = iota // before a frame or a header
	numbered              // behind STX
	framed                // in the text of a frame
	trailer               // in the checksum
	bare                  // in records without frames
	seeking               // lost; looking for a frame, a header or two records
)

// signal is what one side tells the other with a single octet.
type signal uint8

const (
	silent  signal = iota
	taken          // ACK: the frame was accepted
	refused        // NAK: it is asked for again
)

// event is what the stream found.
type event struct {
	outcomes [maxHeld + 4]protocols.Outcome
	counted  int
	ready    []message // valid until the stream is asked again
	signal   signal
}

func (e *event) count(o protocols.Outcome) {
	if e.counted < len(e.outcomes) {
		e.outcomes[e.counted] = o
		e.counted++
	}
}

func (e *event) empty() bool { return e.counted == 0 && len(e.ready) == 0 && e.signal == silent }

// stream takes one direction apart. Its memory is two parsers and a few messages.
type stream struct {
	place  place
	lost   bool // what is found next is a resynchronisation
	doubt  bool // a frame with a wrong checksum waits for the receiver's answer
	parser parser
	saved  parser // the parser before the frame that is not yet believed
	frame  frame
	last   frame // the frame that was believed last, or waits for an answer
	held   []message
	ready  []message
	line   line
}

// frame is what tells one frame from another.
type frame struct {
	number byte // 0 for none
	sum    byte
	given  byte // the checksum as sent
	digits int  // of it, read so far
	length int
	hash   uint32
}

func (f *frame) add(b []byte) {
	for _, c := range b {
		f.sum += c
		f.hash = f.hash*31 + uint32(c)
	}
	f.length += len(b)
}

// next consumes octets of b until something is found.
func (st *stream) next(b []byte) (n int, e event) {
	st.ready = st.ready[:0]
	for n < len(b) && e.empty() {
		run := 0
		if st.place == framed || st.place == bare {
			run = st.parser.run(b[n:])
		}
		switch {
		case run == 0:
			st.octet(b[n], &e)
			n++
		case st.place == framed:
			st.frame.add(b[n : n+run])
		}
		n += run
		if st.parser.passed > maxPassed {
			st.parser.forget()
			st.fail(protocols.LimitReached, &e)
		}
		e.ready = st.ready
	}
	return n, e
}

func (st *stream) octet(c byte, e *event) {
	switch st.place {
	case between:
		st.outside(c, e)
	case numbered:
		st.begin(c, e)
	case framed:
		st.within(c, e)
	case trailer:
		st.checksum(c, e)
	case bare:
		st.unframed(c, e)
	case seeking:
		st.search(c, e)
	}
}

// outside waits for a frame or a header.
func (st *stream) outside(c byte, e *event) {
	switch c {
	case stx:
		st.place = numbered
	case enq: // a frame in doubt was given up by its sender; numbers begin anew
		st.resolve(false, e)
		st.last = frame{}
	case eot:
		st.over(e)
	case ack:
		e.signal = taken
	case nak:
		e.signal = refused
	case cr, lf, vt, fs, 0, ' ':
	case 'H', 'h':
		st.resolve(true, e)
		st.place = bare
		st.parser.octet(c)
	default:
		st.fail(protocols.Malformed, e)
	}
}

// begin takes the number of a frame. A frame in doubt was refused if the same
// number comes again.
func (st *stream) begin(c byte, e *event) {
	if !number(c) {
		st.fail(protocols.Malformed, e)
		if c == stx {
			st.place = numbered
		}
		return
	}
	st.resolve(c != st.last.number, e)
	if st.last.number == 0 && c == '1' {
		st.parser.record.begin() // a new transmission does not go on with a record
	}
	st.frame = frame{number: c, sum: c}
	st.saved, st.place = st.parser, framed
}

// within takes an octet of a frame's text.
func (st *stream) within(c byte, e *event) {
	switch c {
	case stx, enq, eot:
		st.takeBack()
		st.place = between
		e.count(protocols.Truncated)
		st.outside(c, e)
		return
	}
	st.frame.add([]byte{c})
	switch c {
	case etx, etb:
		if c == etx {
			st.endRecord(e) // the last record may lack its CR
		}
		if st.place == framed {
			st.place = trailer
		}
	case cr, lf:
		st.endRecord(e)
	default:
		st.parser.octet(c)
	}
}

// checksum takes the octets behind a frame's text: two hexadecimal digits (LIS01-A2,
// section 6.3).
func (st *stream) checksum(c byte, e *event) {
	value := digit(c)
	f := &st.frame
	if value >= 0 {
		f.given = f.given<<4 | byte(value)
		if f.digits++; f.digits < 2 {
			return
		}
	}
	st.place = between
	fits := f.digits == 2 && f.given == f.sum
	f.given, f.digits = 0, 0
	switch {
	case f.number == 0: // joined inside it: nobody can tell
		st.believe(e)
	case !fits:
		st.suspect(e)
	case *f == st.last:
		st.takeBack()
		e.count(protocols.Resynchronised) // sent twice: the answer was NAK, or was lost
	default:
		st.last = *f
		st.found(e)
		st.believe(e)
	}
	if value < 0 {
		st.outside(c, e)
	}
}
