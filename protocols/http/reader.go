package http

import (
	"slices"

	"github.com/auscult/auscult/protocols"
)

// Reader is another room's knowledge of what HTTP carries: an SDC reader of
// application/soap+xml, an HL7 reader of application/hl7-v2, a DICOM reader of the
// files in application/dicom. Whoever wires the rooms hands it to New.
type Reader struct {
	// Name is the protocol whose name statements and outcomes of a body get; "" for
	// HTTP's own.
	Name protocols.Name
	// Media lists media types in lower case, without parameters.
	Media []string
	// Open opens a session on one body, or on one part of a multipart body. The
	// session gets the body's octets as segments of the direction that the body
	// travels, without framing and unpacked, with its sender and receiver; Gap where
	// octets are missing; and Close behind the body, whether it was whole or not. It
	// may answer how many octets of the body it need not see. The context is never
	// midstream: a body whose beginning was not seen is not read.
	Open func(protocols.Context) protocols.Session
	// Series, where it is set, is called once for a conversation, and what it returns
	// is used instead of Open: for a protocol that sends many bodies of one kind, whose
	// sessions know what was stated before. Those sessions are used from one goroutine.
	Series func() func(protocols.Context) protocols.Session
	// End is handed on behind a body that came whole by its length or its last chunk,
	// for a protocol whose messages have no end of their own: senders of HL7 leave the
	// last line end out, and without it a reader cannot tell a segment from its half.
	End string
}

// series opens the bodies that one reader reads of a conversation.
type series struct {
	of   *Reader
	open func(protocols.Context) protocols.Session
}

// opens opens a session on a body. It was seen from its beginning, whether or not
// the conversation was.
func (s *session) opens(r *Reader) protocols.Session {
	c := s.context
	c.Midstream = false
	if r.Series == nil {
		return r.Open(c)
	}
	for _, known := range s.series {
		if known.of == r {
			return known.open(c)
		}
	}
	s.series = append(s.series, series{r, r.Series()})
	return s.series[len(s.series)-1].open(c)
}

// readerOf returns who reads a media type, or nil.
func readerOf(readers []Reader, media string) *Reader {
	for i := range readers {
		if slices.Contains(readers[i].Media, media) {
			return &readers[i]
		}
	}
	return nil
}

// carried is the sink of what a body carries, under its own protocol's name. It is
// made when it is first needed, and once for a body.
type carried struct {
	name    protocols.Name
	of, out *protocols.Sink
}

// sink returns what the reader of a body states to, given HTTP's sink.
func (c *carried) sink(out *protocols.Sink) *protocols.Sink {
	if c.name == "" {
		return out
	}
	if c.of != out {
		c.of, c.out = out, out.As(c.name)
	}
	return c.out
}
