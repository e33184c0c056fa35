package dicom

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// phase says what the next octet of a direction belongs to.
type phase uint8

const (
	inHeader    phase = iota // of a PDU
	inAssociate              // the body of an A-ASSOCIATE-RQ or -AC
	inPDVHeader
	inPDV
	inRefusal // the body of an A-ASSOCIATE-RJ or A-ABORT
	inRest    // of a PDU, unwanted
	inAhead   // octets that are passed over up to a predicted boundary
	landing   // where that boundary should be
	hunting
)

// half is one direction of a conversation.
type half struct {
	phase   phase
	then    phase                       // what follows inRest
	header  [pduHeader + pdvHeader]byte // of a PDU or PDV, of both when landing
	have    int
	pdu     uint32 // length of the open one
	pduLeft uint32
	pdvLeft uint32
	last    bool   // the open PDV is the last fragment of its part
	ahead   uint32 // octets to the predicted boundary, while inAhead
	bridged bool   // the prediction leads over a hole
	stride  stride
	lost    bool // octets are missing, or never seen: fragments may lack their beginning

	carry     [associateSign]byte // while hunting: what might begin a PDU
	carried   int
	associate *associate // while inAssociate

	message message
	spoken  spoken
}

// feed reads b, then returns how many octets behind it are not needed; those
// count as read.
func (s *session) feed(d protocols.Direction, b []byte) uint64 {
	h := &s.halves[d]
	s.consume(d, b)
	s.predict(d)
	n := h.unneeded()
	s.pass(d, uint32(n))
	return n
}

func (s *session) consume(d protocols.Direction, b []byte) {
	h := &s.halves[d]
	for len(b) > 0 {
		s.predict(d)
		if n := min(h.unneeded(), uint64(len(b))); n > 0 {
			s.pass(d, uint32(n))
			b = b[n:]
			continue
		}
		b = b[s.read(d, b):]
	}
}

// unneeded is how many of the following octets make no difference. It reaches to
// the end of the open PDU or to a predicted one at most, so it fits 32 bits.
func (h *half) unneeded() uint64 {
	switch h.phase {
	case inRest:
		return uint64(h.pduLeft)
	case inAhead:
		return uint64(h.ahead)
	case inPDV:
		return min(h.message.unneeded(), uint64(h.pdvLeft))
	case inAssociate:
		return uint64(h.associate.skip)
	}
	return 0
}

// pass goes over n unneeded octets.
func (s *session) pass(d protocols.Direction, n uint32) {
	h := &s.halves[d]
	if n == 0 {
		return
	}
	if h.phase == inAhead {
		h.advance(n)
		return
	}
	h.pduLeft -= n
	switch h.phase {
	case inPDV:
		h.message.pass(uint64(n))
		s.pdvAdvance(d, n)
	case inAssociate:
		h.associate.pass(n)
		s.associateEnd(d)
	case inRest:
		h.rest(h.pduLeft, h.then)
	}
}

// read takes some octets of b and returns how many; none only when the phase
// has changed instead.
func (s *session) read(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	switch h.phase {
	case inHeader:
		return s.readHeader(d, b)
	case inAssociate:
		n := h.associate.write(b[:min(len(b), int(h.pduLeft))], h.pduLeft)
		h.pduLeft -= uint32(n)
		s.associateEnd(d)
		return n
	case inPDVHeader:
		return s.readPDVHeader(d, b)
	case inRefusal:
		return s.readRefusal(d, b)
	case landing:
		return s.land(d, b)
	case inPDV:
		n := h.message.write(b[:min(len(b), int(h.pdvLeft))])
		h.pduLeft -= uint32(n)
		s.pdvAdvance(d, uint32(n))
		return n
	}
	return s.hunt(d, b)
}

func (s *session) readHeader(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := copy(h.header[h.have:pduHeader], b)
	h.have += n
	if h.have == pduHeader {
		s.openPDU(d)
	}
	return n
}

func (s *session) openPDU(d protocols.Direction) {
	h := &s.halves[d]
	h.have = 0
	length := binary.BigEndian.Uint32(h.header[2:])
	if !plausible(h.header[0], length) {
		s.lose(d, protocols.Malformed)
		return
	}
	h.pdu, h.pduLeft = length, length
	switch h.header[0] {
	case pduAssociateRQ, pduAssociateAC:
		s.breakOff(d, protocols.Malformed) // a message that was left open
		h.associate = newAssociate(h.header[0] == pduAssociateAC)
		h.phase, h.stride = inAssociate, stride{}
	case pduData:
		s.introduce()
		h.phase = inPDVHeader
	case pduAssociateRJ, pduAbort:
		s.breakOff(d, protocols.Truncated)
		h.phase = inRefusal
	default:
		s.breakOff(d, protocols.Truncated)
		s.introduce()
		s.now.out.Outcome(protocols.Parsed)
		h.rest(length, inHeader)
	}
}

// plausible reports whether a PDU of this type may have this length: PS3.8
// section 9.3, and the bounds of this package. The second octet is reserved and
// not tested.
func plausible(kind byte, length uint32) bool {
	switch kind {
	case pduAssociateRQ, pduAssociateAC:
		return associateLength(length)
	case pduData:
		return length >= pdvHeader && length <= maxPDU
	case pduAssociateRJ, pduReleaseRQ, pduReleaseRP, pduAbort:
		return length == 4
	}
	return false
}

func (s *session) associateEnd(d protocols.Direction) {
	h := &s.halves[d]
	switch a := h.associate; {
	case h.pduLeft > 0 && a.failed:
		h.rest(h.pduLeft, inHeader)
	case h.pduLeft > 0:
		return
	default:
		h.phase = inHeader
	}
	a := h.associate
	h.associate = nil
	if !a.complete() || !s.associated(d, a) {
		s.now.out.Outcome(protocols.Malformed)
		return
	}
	s.now.out.Outcome(protocols.Parsed)
}

func (s *session) readPDVHeader(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := copy(h.header[h.have:pdvHeader], b[:min(len(b), int(h.pduLeft))])
	h.have += n
	h.pduLeft -= uint32(n)
	switch {
	case h.have == pdvHeader:
		s.openPDV(d)
	case h.pduLeft == 0:
		s.badPDV(d)
	}
	return n
}

func (s *session) openPDV(d protocols.Direction) {
	h := &s.halves[d]
	h.have = 0
	length, id, control := binary.BigEndian.Uint32(h.header[:]), h.header[4], h.header[5]
	if length < pdvOverhead || length-pdvOverhead > h.pduLeft || id%2 == 0 {
		s.badPDV(d)
		return
	}
	h.phase, h.pdvLeft = inPDV, length-pdvOverhead
	h.last = control&fragmentLast != 0
	h.stride.take(h.pdu, length, control)
	s.fragment(d, id, control&fragmentCommand != 0)
	if h.message.phase == inData && (h.last || h.stride.broken) {
		h.message.reader.hurry()
	}
	s.pdvAdvance(d, 0)
}

// badPDV gives up the message, and the PDU, whose end is still known.
func (s *session) badPDV(d protocols.Direction) {
	h := &s.halves[d]
	if !s.breakOff(d, protocols.Malformed) {
		s.now.out.Outcome(protocols.Malformed)
	}
	h.have = 0
	h.rest(h.pduLeft, inHeader)
}

// pdvAdvance counts n octets of the open PDV and closes it, and its PDU, at the
// end.
func (s *session) pdvAdvance(d protocols.Direction, n uint32) {
	h := &s.halves[d]
	s.settle(d)
	h.pdvLeft -= n
	if h.pdvLeft > 0 {
		return
	}
	h.phase = inPDVHeader
	if h.pduLeft == 0 {
		h.phase = inHeader
	}
	if h.last {
		s.partEnd(d)
	}
}

// missing tells that n octets were not seen, or an unknown number when n is 0.
// The end of an open PDU survives a hole inside it; what follows is verified
// like any other boundary.
func (s *session) missing(d protocols.Direction, n uint64) {
	h := &s.halves[d]
	if s.bridge(d, n) {
		return
	}
	left, inside := h.pduLeft, h.phase != inHeader && h.phase != hunting
	if open := h.phase == inAssociate || h.phase == inPDVHeader || h.phase == inRefusal || h.have > 0; open && h.message.phase == noMessage {
		s.now.out.Outcome(protocols.Truncated)
	}
	s.lose(d, protocols.Truncated)
	if inside && n > 0 && n < uint64(left) {
		h.rest(left-uint32(n), hunting)
	}
}

// rest passes over what is left of a PDU.
func (h *half) rest(left uint32, then phase) {
	h.phase, h.then, h.pduLeft = inRest, then, left
	if left == 0 {
		h.phase = then
	}
}
