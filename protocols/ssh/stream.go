package ssh

import (
	"bytes"
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// phase says what the next octet of a direction belongs to.
type phase uint8

const (
	inLines  phase = iota // the identification, or lines before it
	inPacket              // the first binary packet
	joining               // behind a hole, or where the stream was joined
	done                  // nothing more is wanted
)

// half is one direction of a conversation.
type half struct {
	phase  phase
	either bool   // it offers SSH 1 too
	passed int    // octets of lines, up to the identification
	length int    // octets of the open line
	kept   []byte // the beginning of the open line, or the open packet
}

// open reports whether something was begun and has not ended.
func (h *half) open() bool {
	return (h.phase == inLines || h.phase == inPacket) && len(h.kept) > 0
}

// abandon lets go of all that was begun and goes on in another phase.
func (h *half) abandon(next phase) { h.phase, h.kept, h.length = next, nil, 0 }

// end counts an outcome and asks for nothing more of a direction.
func (s *session) end(d protocols.Direction, o protocols.Outcome) {
	s.now.out.Outcome(o)
	s.halves[d].abandon(done)
}

func (s *session) consume(d protocols.Direction, b []byte) {
	h := &s.halves[d]
	for len(b) > 0 && h.phase != done {
		switch h.phase {
		case inLines:
			b = b[s.readLine(d, b):]
		case inPacket:
			b = b[s.readPacket(d, b):]
		case joining:
			b = b[s.join(d, b):]
		}
	}
}

// readLine takes octets up to the end of a line.
func (s *session) readLine(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	b = b[:min(len(b), maxPrelude+1-h.passed)]
	n, whole := len(b), false
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		n, whole = i+1, true
	}
	line := b[:n]
	if h.length > 0 {
		h.kept = append(h.kept, line[:min(n, maxIdentification+1-len(h.kept))]...)
		line = h.kept
	}
	h.passed, h.length = h.passed+n, h.length+n
	switch {
	case h.passed > maxPrelude || len(line) > maxIdentification && identification(line) == protocols.Yes:
		s.end(d, protocols.LimitReached)
	case !whole && h.length == n:
		h.kept = append(h.kept, line[:min(n, maxIdentification+1)]...)
	case whole:
		h.kept, h.length = nil, 0
		s.line(d, line)
	}
	return n
}

// readPacket takes octets of the first binary packet. Only a key exchange message
// is read; whatever else comes first, nothing wanted follows in clear.
func (s *session) readPacket(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := len(b)
	packet := b
	if len(h.kept) > 0 {
		n = min(n, 4+maxPacket-len(h.kept))
		h.kept = append(h.kept, b[:n]...)
		packet = h.kept
	}
	if len(packet) < packetHeader {
		h.hold(packet)
		return n
	}
	length := int(binary.BigEndian.Uint32(packet))
	switch {
	case length > maxPacket && h.either || packet[5] != messageKexInit:
		s.end(d, protocols.Unsupported)
	case length < minPacket || int(packet[4]) < minPadding:
		s.end(d, protocols.Malformed)
	case length > maxPacket:
		s.end(d, protocols.LimitReached)
	case len(packet) < 4+length:
		h.hold(packet)
	default:
		s.exchange(d, packet[packetHeader:4+length-min(int(packet[4]), length-2)])
	}
	return n
}

func (h *half) hold(packet []byte) {
	if len(h.kept) == 0 {
		h.kept = append(h.kept, packet...)
	}
}

// join looks at what stands behind a hole, or where the stream was joined: an
// identification or a key exchange message. Anything else is beyond both.
func (s *session) join(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	had := len(h.kept)
	n := min(len(b), exchangeSign-had)
	h.kept = append(h.kept, b[:n]...)
	text, packet := identification(h.kept), exchange(h.kept)
	found := h.kept
	switch {
	case text == protocols.Yes:
		h.abandon(inLines)
	case packet == protocols.Yes:
		h.abandon(inPacket)
	case text == protocols.No && packet == protocols.No:
		h.abandon(done)
		return n
	default:
		return n
	}
	s.now.out.Outcome(protocols.Resynchronised)
	s.consume(d, found)
	return n
}
