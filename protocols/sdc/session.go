package sdc

import (
	"bytes"

	"github.com/auscult/auscult/protocols"
)

// discoverer is the Protocol of WS-Discovery. It has no state.
type discoverer struct{}

// NewDiscovery returns the WS-Discovery dissector. It is safe for concurrent use.
func NewDiscovery() protocols.Protocol { return discoverer{} }

func (discoverer) Name() protocols.Name           { return protocols.WSDiscovery }
func (discoverer) Transport() protocols.Transport { return protocols.UDP }

func (discoverer) Open(protocols.Context) protocols.Session { return &datagrams{} }

// Probe recognises a SOAP 1.2 envelope in a datagram, by markup, the name of the
// element and its namespace or that of WS-Discovery, as far as a probe sees.
func (discoverer) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.UDP {
		return protocols.No
	}
	b := bytes.TrimLeft(bytes.TrimPrefix(o.Bytes, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(b) == 0 || b[0] != '<' {
		return protocols.No // a datagram is all that there is
	}
	spaces := bytes.Contains(b, []byte(spaceSOAP)) || bytes.Contains(b, []byte(spaceDiscovery2005)) || bytes.Contains(b, []byte(spaceDiscovery2009))
	if spaces && bytes.Contains(b, []byte("Envelope")) {
		return protocols.Yes
	}
	return protocols.No
}

// datagrams is a conversation over UDP: each datagram is a message.
type datagrams struct{ envelope envelope }

// Segment reads one datagram.
func (d *datagrams) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	e := &d.envelope
	e.start()
	e.xml.write(seg.Bytes)
	e.close(turn{seg.When, seg.From, seg.To, out})
	return 0
}

// Gap does nothing: a datagram that was lost takes nothing else with it.
func (d *datagrams) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close does nothing: every datagram was stated when it came.
func (d *datagrams) Close(*protocols.Sink) {}

// close counts a message, and states what it says if it is whole.
func (e *envelope) close(t turn) {
	outcome := e.outcome()
	t.out.Outcome(outcome)
	if outcome == protocols.Parsed || outcome == protocols.LimitReached && e.xml.whole() {
		e.tell(t)
	}
}

func (e *envelope) outcome() protocols.Outcome {
	switch {
	case e.xml.failed == broken, e.xml.failed == refused:
		return protocols.Malformed
	case e.xml.failed == tooMuch, e.found.over, e.state.over:
		return protocols.LimitReached
	case !e.xml.whole():
		return protocols.Truncated
	case !e.soap || e.empty:
		return protocols.Unsupported
	}
	return protocols.Parsed
}

// OpenBody opens a session on one HTTP body: a SOAP 1.2 message of SDC, DPWS or
// WS-Discovery. Give it to the HTTP dissector as reader of application/soap+xml.
func OpenBody(protocols.Context) protocols.Session {
	b := &body{}
	b.envelope.start()
	return b
}

// body is one message in pieces.
type body struct {
	envelope envelope
	last     turn
	size     int
	done     bool
}

// Segment reads octets of the body.
func (b *body) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	b.last = turn{when: seg.When, from: seg.From, to: seg.To}
	if b.done {
		return protocols.Everything
	}
	piece := seg.Bytes[:min(len(seg.Bytes), maxBody-b.size)]
	b.size += len(piece)
	switch {
	case !b.envelope.xml.write(piece):
	case len(piece) < len(seg.Bytes):
		b.envelope.xml.failed = tooMuch
	default:
		return 0
	}
	out.Outcome(b.envelope.outcome())
	b.done = true
	return protocols.Everything
}

// Gap gives the message up: markup cannot be read behind a hole.
func (b *body) Gap(_ protocols.Direction, _ uint64, out *protocols.Sink) {
	if !b.done && b.size > 0 {
		out.Outcome(protocols.Truncated)
	}
	b.done = true
}

// Close states what a whole message says.
func (b *body) Close(out *protocols.Sink) {
	if b.done || b.size == 0 {
		return
	}
	b.done = true
	t := b.last
	t.out = out
	b.envelope.close(t)
}
