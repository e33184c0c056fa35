package astm

// parser turns octets of records into a message. It is a plain value: the stream
// keeps a copy of it from before each frame.
type parser struct {
	record     record
	message    message
	delimiters delimiters
	passed     int // octets since the last end of a message
}

// finding is what the end of a record brought about.
type finding uint8

const (
	nothing   finding = iota
	headed            // a header: what came before is a message of its own
	ended             // a terminator
	malformed         // a header without delimiters, or a line that is no record
)

// octet takes one octet of a record.
func (p *parser) octet(c byte) {
	r := &p.record
	p.passed++
	switch {
	case r.kind == 0:
		r.kind, r.bad = c, !recordType(c)
		if !r.bad {
			r.kind = c &^ 0x20
		}
	case r.field == 0:
		p.separate(c)
	case c == p.delimiters.field:
		p.next()
	default:
		r.high = r.high || c >= 0x80
		r.take([]byte{c})
	}
}

// separate takes the octet behind a record's type.
func (p *parser) separate(c byte) {
	r := &p.record
	switch {
	case r.bad || !punctuation(c):
		r.bad = true
	case r.kind == 'H':
		p.delimiters = delimiters{field: c}
	case !p.delimiters.declared:
		p.delimiters = delimiters{field: c} // joined behind the header
	default:
		r.bad = c != p.delimiters.field
	}
	if !r.bad {
		r.want = wanted(r.kind)
	}
	r.open(2)
}

// next goes to the next field.
func (p *parser) next() {
	r := &p.record
	r.close()
	r.open(r.field + 1)
	if r.field == 4 && r.kind == 'R' && !r.bad {
		p.message.results++ // it has a value, whatever it is
	}
}

// run takes the octets of b up to a control octet, all at once, and returns how many
// they are.
func (p *parser) run(b []byte) (n int) {
	r := &p.record
	if r.field == 0 {
		return 0
	}
	for n < len(b) && b[n] >= ' ' {
		from, high := n, byte(0)
		for n < len(b) && b[n] >= ' ' && b[n] != p.delimiters.field {
			high |= b[n]
			n++
		}
		r.high = r.high || high >= 0x80
		r.take(b[from:n])
		if n < len(b) && b[n] == p.delimiters.field {
			p.next()
			n++
		}
	}
	p.passed += n
	return n
}

// end ends the record, if one has begun. The header's message is not begun before
// the caller has taken the one before it.
func (p *parser) end() finding {
	r := &p.record
	switch {
	case r.kind == 0:
		return nothing
	case r.bad && !p.message.begun():
		return malformed
	case r.bad:
		r.begin() // free text with line ends in it
		return nothing
	}
	r.close()
	if r.kind == 'H' {
		if r.field == 0 || !p.delimiters.declare(r.get(2)) {
			return malformed
		}
		return headed
	}
	defer r.begin()
	return p.apply()
}

// head begins a message with the header that end has found.
func (p *parser) head() {
	p.message = message{delimiters: p.delimiters}
	p.message.readHeader(&p.record)
	p.record.begin()
}

// apply hands a whole record to the message.
func (p *parser) apply() finding {
	m := &p.message
	m.delimiters = p.delimiters
	switch p.record.kind {
	case 'R':
		if p.record.field >= 4 {
			m.readResult(&p.record)
		}
	case 'O':
		m.orders++
		m.readOrder(&p.record)
	case 'Q':
		m.queries++
	case 'L':
		return ended
	default:
		m.other = true
	}
	return nothing
}

// forget drops what was begun. What was declared stays: it is asked for again
// only by a header.
func (p *parser) forget() {
	p.record.begin()
	p.message, p.passed = message{}, 0
}
