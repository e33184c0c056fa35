package http

import (
	"github.com/auscult/auscult/protocols"
)

// body hands the octets of one body to who reads them, unpacked. A nil body is
// one that nobody reads.
type body struct {
	reader  protocols.Session
	carries carried
	mark    string // Reader.End
	cut     bool   // octets are missing, or its end cannot be told
	skip    uint64 // octets of the unpacked body that the reader need not see
	coded   coding
	allowed *allowance // of its side of the conversation
	packed  packed
	over    bool // nothing more of it is unpacked
	last    turn // when the last octet came, for a body that ends with the conversation
}

// openBody returns what reads the body of a message, or nil.
func (s *session) openBody(h *head) *body {
	r := s.read(h)
	if r == nil {
		return nil
	}
	coded, known := codingOf(h.coding)
	if !known {
		s.now.out.Outcome(protocols.Unsupported)
		return nil
	}
	b := &body{reader: s.opens(r), carries: carried{name: r.Name}, mark: r.End, coded: coded}
	if coded != identity {
		s.compressed(b)
	}
	return b
}

// read returns who reads a body of this media type, or nil.
func (s *session) read(h *head) *Reader {
	if r := s.readPart(h.media, !h.request); r != nil {
		return r
	}
	switch h.media {
	case "application/hl7-v2+xml", "x-application/hl7-v2+xml":
		return &Reader{Name: protocols.HL7, Open: func(protocols.Context) protocols.Session { return unread{} }}
	case "application/fhir+json", "application/json+fhir", "application/json", "text/json":
		return readFHIR(h, false)
	case "application/fhir+xml", "application/xml+fhir":
		return readFHIR(h, true)
	case "multipart/related":
		if h.boundary == "" || h.part != "" && s.readPart(h.part, !h.request) == nil {
			return nil
		}
		boundary, part, answer := h.boundary, h.part, !h.request
		return &Reader{Open: func(protocols.Context) protocols.Session { return s.newMultipart(boundary, part, answer) }}
	}
	return nil
}

// unread counts a body that is known and not read: the XML encoding of HL7 version 2.
type unread struct{}

func (unread) Segment(protocols.Segment, *protocols.Sink) uint64 { return protocols.Everything }
func (unread) Gap(protocols.Direction, uint64, *protocols.Sink)  {}
func (unread) Close(out *protocols.Sink)                         { out.Outcome(protocols.Unsupported) }

func readFHIR(h *head, xml bool) *Reader {
	certain, request, passedOn := fhirMedia(h.media), h.request, h.passedOn
	return &Reader{Name: protocols.FHIR, Open: func(protocols.Context) protocols.Session {
		return newFHIR(certain, request, passedOn, xml)
	}}
}

// readPart returns who reads a body, or a part of a multipart body, whose media type
// tells all, or nil.
func (s *session) readPart(media string, answer bool) *Reader {
	switch media {
	case "application/dicom+json", "application/dicom+xml":
		return &Reader{Name: protocols.DICOM, Open: func(protocols.Context) protocols.Session {
			return s.newMetadata(answer, media == "application/dicom+xml")
		}}
	}
	return readerOf(s.readers, media)
}

func (b *body) write(now turn, octets []byte) {
	if b == nil || len(octets) == 0 {
		return
	}
	b.last = turn{when: now.when, direction: now.direction, from: now.from, to: now.to}
	if b.coded == identity {
		b.pass(now, octets)
		return
	}
	if b.over {
		return
	}
	b.allowed.received += uint64(len(octets))
	if !b.packed.write(octets) {
		b.breakOff(now.out, protocols.LimitReached)
	}
}

// breakOff hands on what was gathered of a compressed body of which no more can be
// read: what equipment says of itself often stands first.
func (b *body) breakOff(out *protocols.Sink, why protocols.Outcome) {
	if b.over {
		return
	}
	out.Outcome(why)
	b.last.out = out
	b.unpack(b.last, true)
	b.packed.drop()
	b.over, b.cut, b.last.out = true, true, nil
}

// pass hands on unpacked octets that the reader wants.
func (b *body) pass(now turn, octets []byte) {
	unwanted := min(b.skip, uint64(len(octets)))
	b.skip -= unwanted
	if octets = octets[unwanted:]; len(octets) == 0 {
		return
	}
	b.skip = b.reader.Segment(protocols.Segment{
		When: now.when, Direction: now.direction, From: now.from, To: now.to, Bytes: octets,
	}, b.carries.sink(now.out))
}

// end unpacks a compressed body that is whole, and ends the reading.
func (b *body) end(now turn) {
	if b == nil {
		return
	}
	if b.last.when.IsZero() {
		b.last = now
	}
	if b.coded != identity && !b.over {
		last := b.last
		last.out = now.out
		b.cut = !b.unpack(last, false) || b.cut
	}
	if b.mark != "" && !b.cut {
		last := b.last
		last.out = now.out
		b.pass(last, []byte(b.mark))
	}
	b.close(now.out)
}

// close ends the reading, whatever was read.
func (b *body) close(out *protocols.Sink) {
	if b == nil {
		return
	}
	b.reader.Close(b.carries.sink(out))
	b.packed.drop()
}

// gap tells of octets that were not seen. Nothing can be unpacked behind a hole.
func (b *body) gap(d protocols.Direction, n uint64, out *protocols.Sink) {
	switch {
	case b == nil:
	case b.coded != identity:
		b.breakOff(out, protocols.Truncated)
	default:
		b.skip, b.cut = 0, true
		b.reader.Gap(d, n, b.carries.sink(out))
	}
}

// spare answers how many of the next n octets nobody needs, and counts them as
// passed.
func (b *body) spare(n uint64) uint64 {
	switch {
	case b == nil || b.over:
		return n
	case b.coded != identity:
		return 0
	}
	n = min(n, b.skip)
	if b.skip < protocols.Everything {
		b.skip -= n
	}
	return n
}
