package dicom

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// stride is the length of P-DATA-TF PDUs that a direction keeps to. A sender cuts
// a data set into PDUs of one PDV each and of one length, the last one excepted;
// nothing in PS3.8 says so, so it is observed, and what follows from it is
// verified.
type stride struct {
	length uint32 // of the body
	count  uint8  // PDUs in a row that had it, up to steadyPDUs
	broken bool   // a prediction failed, or none is likely: no more in this association
	// changes counts other lengths, and PDUs of several PDVs, since it last was steady.
	changes uint8
}

// take observes a PDV of a PDU, by both lengths as their headers say them. A
// command and the last fragment of a data set may have any length.
func (st *stride) take(pdu, pdv uint32, control byte) {
	switch {
	case pdv+pdvHeader-pdvOverhead != pdu: // several PDVs
		st.change(0, 0)
	case control&(fragmentCommand|fragmentLast) != 0:
	case pdu != st.length:
		st.change(pdu, 1)
	case st.count < steadyPDUs:
		st.count++
	default:
		st.changes = 0
	}
}

func (st *stride) change(length uint32, count uint8) {
	st.length, st.count = length, count
	if st.changes < maxChanges {
		st.changes++
	}
	st.broken = st.broken || st.changes == maxChanges
}

func (st *stride) steady() bool {
	return st.count == steadyPDUs && st.length >= minStride && !st.broken
}

// fragment is how many octets of a data set one PDU carries, and size how many of
// the stream it takes.
func (st *stride) fragment() uint64 { return uint64(st.length - pdvHeader) }
func (st *stride) size() uint64     { return uint64(st.length) + pduHeader }

// predict passes over the PDUs that lie wholly inside the value that the open PDU
// is in, when their length is known well enough. It stops short of the PDU in
// which the value ends: that may end the message, and is read. What it decides
// follows from the octets before it alone, not from where segments end, so that
// one stream always gives one result.
func (s *session) predict(d protocols.Direction) {
	h := &s.halves[d]
	if h.phase != inPDV || !h.stride.steady() || h.last || h.pdvLeft != h.pduLeft {
		return
	}
	run := h.message.run()
	if run <= uint64(h.pdvLeft) {
		return
	}
	k := min((run-uint64(h.pdvLeft)-1)/h.stride.fragment(), maxAhead/h.stride.size())
	if k*h.stride.size() >= minAhead {
		h.jump(k, 0)
	}
}

// jump goes to the end of the open PDU and k more. gone octets of them are passed
// already.
func (h *half) jump(k, gone uint64) {
	h.message.pass(uint64(h.pdvLeft) + k*h.stride.fragment())
	h.ahead = uint32(uint64(h.pduLeft) + k*h.stride.size() - gone)
	h.phase, h.have, h.pduLeft, h.pdvLeft = inAhead, 0, 0, 0
	h.advance(0)
}

// advance goes n octets nearer to the predicted boundary.
func (h *half) advance(n uint32) {
	if h.ahead -= n; h.ahead == 0 {
		h.phase = landing
	}
}

// bridge takes a hole of n octets inside a value that is passed over for what a
// prediction would have passed over: the rest of the value is told by its length
// still. It reports false when the hole reaches, or may reach, further.
func (s *session) bridge(d protocols.Direction, n uint64) bool {
	h := &s.halves[d]
	inside := h.phase == inPDV && h.pdvLeft == h.pduLeft && !h.last
	if n == 0 || h.phase != landing && !inside || !h.stride.steady() {
		return false
	}
	if h.phase == landing {
		n += uint64(h.have)
	}
	k, left := uint64(0), uint64(h.pduLeft)
	if n > left {
		k = (n - left + h.stride.size() - 1) / h.stride.size()
	}
	if uint64(h.pdvLeft)+k*h.stride.fragment() >= h.message.run() {
		return false
	}
	h.bridged = true
	h.jump(k, n)
	return true
}

// land verifies a predicted boundary. What is no PDU that fits there is hunted
// through from its first octet: the prediction was wrong, and what was passed
// over may have held anything.
func (s *session) land(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	need := pduHeader
	if h.have >= pduHeader {
		need += pdvHeader
	}
	n := copy(h.header[h.have:need], b)
	h.have += n
	if h.have < need || need == pduHeader && h.header[0] == pduData {
		return n
	}
	switch {
	case !h.landed():
		s.overshoot(d)
	case h.header[0] != pduData:
		s.arrive(d)
		s.openPDU(d)
	default:
		s.arrive(d)
		s.openPDU(d)
		h.pduLeft -= uint32(copy(h.header[:], h.header[pduHeader:]))
		s.openPDV(d)
	}
	return n
}

// landed reports whether the octets at a predicted boundary fit: the next fragment
// of the open data set, of the usual length or shorter, or the end of the
// association, whose PDUs are told whole by six octets.
func (h *half) landed() bool {
	b := h.header[:]
	length := binary.BigEndian.Uint32(b[2:])
	if b[1] != 0 {
		return false
	}
	if b[0] != pduData {
		return (b[0] == pduReleaseRQ || b[0] == pduAbort) && plausible(b[0], length)
	}
	return length >= pdvHeader && length <= h.stride.length &&
		binary.BigEndian.Uint32(b[pduHeader:]) == length-(pdvHeader-pdvOverhead) &&
		b[10] == h.message.context && b[11]&^fragmentLast == 0
}

// arrive ends a prediction that was right.
func (s *session) arrive(d protocols.Direction) {
	h := &s.halves[d]
	if h.bridged {
		h.bridged = false
		s.now.out.Outcome(protocols.Resynchronised)
	}
}

// overshoot ends a prediction that was wrong. The message is given up, although
// all that is wanted of it was read: where it ended is not known.
func (s *session) overshoot(d protocols.Direction) {
	h := &s.halves[d]
	octets, have := h.header, h.have
	h.stride.broken = true
	s.endMessage(d, protocols.Truncated)
	s.lose(d, protocols.Truncated)
	s.consume(d, octets[:have])
}
