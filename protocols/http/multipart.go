package http

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// multipart hands on the parts of a multipart body (RFC 2046 section 5.1) that a
// reader wants. Parts have no lengths, so that only what their reader knows to be one
// value can be skipped: no boundary is looked for inside.
type multipart struct {
	on        *session
	delimiter []byte // line feed, two hyphens, the boundary
	usual     string // media type of parts that do not name theirs
	answer    bool
	place     place
	matched   int    // octets of the delimiter that were just read
	carriage  bool   // a carriage return is held back: it may belong to the delimiter
	line      line   // of the head of a part
	media     string // of the part
	size      int    // octets of the head
	parts     int
	reader    protocols.Session
	carries   carried
	skip      uint64 // octets of the part that its reader need not see
}

// place says what the next octet belongs to.
type place uint8

const (
	inPreamble place = iota
	inMark           // behind a boundary
	inPartHead
	inPart
	inEpilogue
)

func (s *session) newMultipart(boundary, usual string, answer bool) *multipart {
	// The first boundary may stand at the very beginning: its line feed is taken as read.
	return &multipart{on: s, delimiter: []byte("\n--" + boundary), usual: usual, answer: answer, matched: 1}
}

// Segment reads octets of the body.
func (m *multipart) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	for b := seg.Bytes; len(b) > 0; {
		switch m.place {
		case inEpilogue:
			return protocols.Everything
		case inMark:
			m.mark(b[0], out)
			b = b[1:]
		case inPartHead:
			m.headOctet(b[0], out)
			b = b[1:]
		default:
			b = b[m.search(seg, b, out):]
		}
	}
	if m.place == inEpilogue {
		return protocols.Everything
	}
	n := m.spare()
	m.skip -= n
	return n
}

// spare answers how many of the next octets are inside one value.
func (m *multipart) spare() uint64 {
	if m.place != inPart || m.matched > 0 || m.carriage || m.skip >= protocols.Everything {
		return 0
	}
	return m.skip
}

// search hands on the octets of a part up to the next boundary.
func (m *multipart) search(seg protocols.Segment, b []byte, out *protocols.Sink) int {
	if n := min(m.spare(), uint64(len(b))); n > 0 {
		m.skip -= n
		return int(n)
	}
	if m.matched == 0 && !m.carriage {
		if n := lineEnd(b); n > 0 {
			m.pass(seg, b[:n], out)
			return n
		}
	}
	c := b[0]
	switch {
	case c == m.delimiter[m.matched]:
		m.matched++
		if m.matched == len(m.delimiter) {
			m.partEnds(out)
		}
	case m.matched > 0 || m.carriage:
		m.release(seg, out)
		return 0
	default: // a carriage return
		m.carriage = true
	}
	return 1
}

// lineEnd is how many octets stand before one that a delimiter may begin with.
func lineEnd(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		b = b[:i]
	}
	if i := bytes.IndexByte(b, '\r'); i >= 0 {
		b = b[:i]
	}
	return len(b)
}

// release hands on what was held back and is no boundary.
func (m *multipart) release(seg protocols.Segment, out *protocols.Sink) {
	held := m.delimiter[:m.matched]
	carriage := m.carriage
	m.matched, m.carriage = 0, false
	if carriage {
		m.pass(seg, []byte("\r"), out)
	}
	m.pass(seg, held, out)
}

// pass hands on octets of a part that its reader wants.
func (m *multipart) pass(seg protocols.Segment, b []byte, out *protocols.Sink) {
	if m.place != inPart || m.reader == nil {
		return
	}
	n := min(m.skip, uint64(len(b)))
	if m.skip < protocols.Everything {
		m.skip -= n
	}
	if b = b[n:]; len(b) == 0 {
		return
	}
	seg.Bytes = b
	m.skip = m.reader.Segment(seg, m.carries.sink(out))
}

// partEnds takes a boundary.
func (m *multipart) partEnds(out *protocols.Sink) {
	m.Close(out)
	m.place, m.matched, m.carriage, m.size, m.media = inMark, 0, false, 0, m.usual
	m.line.reset()
}

// mark takes an octet behind a boundary: two hyphens end the body, and only blanks may
// stand before the end of the line.
func (m *multipart) mark(c byte, out *protocols.Sink) {
	m.size++
	switch {
	case c == '\n':
		if m.place, m.size = inPartHead, 0; m.parts == maxParts {
			out.Outcome(protocols.LimitReached)
			m.place = inEpilogue
		}
		m.parts++
	case c == '-' && m.size == 2:
		m.place = inEpilogue
	case c == '-' && m.size == 1, (c == ' ' || c == '\t' || c == '\r') && m.size <= maxFieldValue:
	default:
		m.place = inPreamble // a longer boundary, of a body inside another
	}
}

// headOctet takes an octet of the head of a part: Content-Type is read.
func (m *multipart) headOctet(c byte, out *protocols.Sink) {
	if m.size++; m.size > maxHead {
		out.Outcome(protocols.LimitReached)
		m.place = inEpilogue
		return
	}
	if c != '\n' {
		m.line.keep(c, maxFieldValue)
		return
	}
	name, value, ok := bytes.Cut(bytes.TrimSuffix(m.line.kept, []byte("\r")), []byte(":"))
	blank := !ok && len(name) == 0
	if bytes.EqualFold(name, []byte("Content-Type")) && !m.line.cut {
		m.media, _, _ = mediaType(value)
	}
	clear(m.line.kept)
	m.line.reset()
	if !blank {
		return
	}
	m.place, m.skip = inPart, 0
	if r := m.on.readPart(m.media, m.answer); r != nil {
		m.reader, m.carries = m.on.opens(r), carried{name: r.Name}
	}
}

// Gap gives the part up that the hole is in.
func (m *multipart) Gap(d protocols.Direction, n uint64, out *protocols.Sink) {
	if m.reader != nil {
		m.reader.Gap(d, n, m.carries.sink(out))
	}
	m.Close(out)
	m.matched, m.carriage, m.place = 0, false, inPreamble
}

// Close ends the part that is open.
func (m *multipart) Close(out *protocols.Sink) {
	if m.reader != nil {
		m.reader.Close(m.carries.sink(out))
	}
	m.reader = nil
}
