package protocols

import "time"

// Segment is a run of ordered bytes of one direction of a TCP conversation, or
// one datagram, or the body of one link frame, with its link context. A hole in
// a stream is told by Session.Gap, never by silence.
type Segment struct {
	When      time.Time // wire time of the frame that completed it
	Direction Direction
	From, To  Endpoint
	// Bytes belong to the caller and are valid only during the call.
	Bytes []byte
}

// Verdict is a recogniser's answer.
type Verdict uint8

// More means that the bytes so far fit and too few have been seen.
const (
	No Verdict = iota
	More
	Yes
)

// Opening is what a recogniser may look at: the first bytes seen of one
// direction. A port is a hint at most (DESIGN.md, invariant 5).
type Opening struct {
	Transport        Transport
	FromPort, ToPort uint16
	Direction        Direction
	Midstream        bool   // the beginning of the stream was not seen
	Bytes            []byte // valid only during the call
}

// Protocol is one dissector: it recognises a conversation by what is said and
// opens a session on it. Implementations hold no mutable state, but for counts that
// bound what their sessions hold together, and are safe for concurrent use.
type Protocol interface {
	Name() Name
	Transport() Transport
	// Probe must be pure, must not allocate, and must answer Yes or No once
	// Bytes is as long as ProbeLimit.
	Probe(Opening) Verdict
	Open(Context) Session
}

// Carrier is a Protocol whose sessions also speak under the names of others, for what
// they carry (Sink.As).
type Carrier interface {
	Protocol
	// Carries lists those names. The caller owns the slice.
	Carries() []Name
}

// ProbeLimit bounds how many bytes of a direction flow keeps while no protocol
// has answered Yes: a DICOM A-ASSOCIATE-RQ is told by 96 bytes, an HL7 message
// by fewer; 512 leaves room for a stream that is joined inside a message.
const ProbeLimit = 512

// Context is what flow knows when it opens a session.
type Context struct {
	OpenerKnown bool // FromOpener really is the TCP client
	Midstream   bool // the beginning was not seen
}

// Everything is what a session's Segment returns once nothing more of a direction is
// wanted: more than any TCP conversation carries, and far from overflow when flow
// adds to it.
const Everything = 1 << 62

// Session dissects one conversation. It is used from one goroutine at a time,
// bounds what it keeps, and never panics on hostile input.
type Session interface {
	// Segment takes the next bytes of one direction. It returns how many
	// following bytes of that direction it need not see (0: all are wanted); flow
	// then drops those, and a gap that lies wholly inside them is not reported.
	Segment(s Segment, out *Sink) (skip uint64)
	// Gap tells that bytes of a direction were never seen: n of them, or an
	// unknown number when n is 0. The session must resynchronise.
	Gap(d Direction, n uint64, out *Sink)
	// Close ends the session. Nothing may be stated that needed more bytes.
	Close(out *Sink)
}

// Outcome counts how dissection went, by protocol: malformed input is evidence.
type Outcome uint8

// The closed set of outcomes. One Outcome is reported for one message (a PDU, a
// message, a datagram), not for one segment.
const (
	Parsed         Outcome = iota // understood
	Malformed                     // breaks its own standard
	Truncated                     // ended, or was cut, before it was complete
	Unsupported                   // well-formed, and nothing this release reads
	LimitReached                  // longer, deeper or more than a named bound
	Resynchronised                // found the next boundary after a gap
	Bomb                          // compressed, and swells beyond what honest senders make
	OutcomeCount                  // how many outcomes there are
)

// String names the outcome as the metric label does.
func (o Outcome) String() string {
	return [...]string{"parsed", "malformed", "truncated", "unsupported", "limit", "resynchronised", "bomb", "?"}[min(o, OutcomeCount)]
}

// Sink takes what a session states, and keeps the text rules of Observation: a
// fact that breaks them is dropped and counted, so that no dissector can pass on
// a free payload. A Sink belongs to one goroutine.
type Sink struct {
	protocol Name
	over     Name // what carries it
	observe  func(Observation)
	count    func(Name, Outcome)
	refused  func(Name)
}

// Begins judges whether b begins with a text: More where b is too short to tell.
func Begins(b []byte, text string) Verdict {
	n := min(len(b), len(text))
	switch {
	case string(b[:n]) != text[:n]:
		return No
	case n < len(text):
		return More
	}
	return Yes
}

// NewSink returns a sink for one protocol. Each function may be nil.
func NewSink(p Name, observe func(Observation), count func(Name, Outcome), refused func(Name)) *Sink {
	if observe == nil {
		observe = func(Observation) {}
	}
	if count == nil {
		count = func(Name, Outcome) {}
	}
	if refused == nil {
		refused = func(Name) {}
	}
	return &Sink{protocol: p, over: p, observe: observe, count: count, refused: refused}
}

// As returns a sink that hands on and counts under the name of another protocol:
// for what a conversation carries inside (FHIR in HTTP). It allocates, so take it
// once for a body and not for each segment of it.
func (s *Sink) As(p Name) *Sink {
	if s == nil || s.protocol == p {
		return s
	}
	carried := *s
	carried.protocol = p
	return &carried
}

// Outcome counts one message.
func (s *Sink) Outcome(o Outcome) { s.count(s.protocol, o) }

// Observe hands on a statement. The sink owns o's slices afterwards.
func (s *Sink) Observe(o Observation) {
	o.Protocol, o.Over = s.protocol, s.over
	kept := o.Facts[:0]
	for _, f := range o.Facts {
		clean, ok := f.clean()
		if !ok {
			s.refused(s.protocol)
			continue
		}
		kept = append(kept, clean)
	}
	o.Facts = kept
	if o.Report != nil {
		o.Report.clean()
	}
	if len(o.Facts) == 0 && o.Report == nil {
		return
	}
	s.observe(o)
}
