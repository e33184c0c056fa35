package tls

import "github.com/auscult/auscult/protocols"

// phase says what the next octet of a direction belongs to.
type phase uint8

const (
	inHeader phase = iota // of a record
	inRecord
	hunting // for a record
	done    // nothing more is wanted
)

// half is one direction of a conversation.
type half struct {
	phase   phase
	header  [oldHelloSign]byte // of a record, or of a hello in the form of SSL 2.0
	have    int
	began   bool // a record was read: the old form can come no more
	ssl20   bool // a client that offers no more than SSL 2.0
	kind    byte
	left    int // of the record
	wanted  int // octets that were looked at
	role    role
	alert   [alertLength]byte
	alerted int
	message message
	carry   []byte // while hunting
	offered uint16 // the highest version of a ClientHello
	agreed  agreement
}

// agreement is what a ServerHello chose.
type agreement struct{ version, suite uint16 }

// open reports whether something was begun and has not ended.
func (h *half) open() bool {
	return h.phase != done && (h.have > 0 || h.phase == inRecord || h.message.have > 0)
}

// abandon lets go of all that was begun and goes on in another phase.
func (h *half) abandon(next phase) {
	h.phase, h.have, h.left, h.alerted = next, 0, 0, 0
	h.message, h.carry = message{}, nil
}

func (s *session) consume(d protocols.Direction, b []byte) {
	h := &s.halves[d]
	for len(b) > 0 && h.phase != done {
		n := 0
		switch h.phase {
		case inHeader:
			n = s.readHeader(d, b)
		case inRecord:
			n = s.readRecord(d, b[:min(len(b), h.left)])
		case hunting:
			s.hunt(d, b)
			return
		}
		b = b[n:]
		h.wanted += n
	}
}

// readHeader takes octets of a record header and begins the record.
func (s *session) readHeader(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	if h.have == 0 && h.wanted > maxWanted {
		return s.end(d, protocols.LimitReached)
	}
	need := recordHeader
	if h.have == 0 {
		h.header[0] = b[0]
	}
	if !h.began && h.header[0]&0x80 != 0 {
		need = oldHelloSign
	}
	n := copy(h.header[h.have:need], b)
	if h.have += n; h.have < need {
		return n
	}
	h.have, h.began = 0, true
	if need == oldHelloSign {
		s.oldHello(d)
		return n
	}
	kind, length, v := header(h.header[:need])
	if v != protocols.Yes {
		return s.end(d, protocols.Malformed)
	}
	h.kind, h.left, h.phase = kind, length, inRecord
	s.beginRecord(d)
	return n
}

// end counts an outcome and asks for nothing more of a direction.
func (s *session) end(d protocols.Direction, o protocols.Outcome) int {
	s.now.out.Outcome(o)
	s.halves[d].abandon(done)
	return 0
}

// beginRecord ends a direction with the first record that belongs to new keys.
func (s *session) beginRecord(d protocols.Direction) {
	h := &s.halves[d]
	switch {
	case h.kind == contentChangeCipher || h.kind == contentApplication:
		if h.message.have > 0 {
			s.now.out.Outcome(protocols.Truncated)
		}
		h.abandon(done)
	case h.kind != contentHeartbeat && h.left > maxPlain:
		s.end(d, protocols.Malformed)
	}
}

// readRecord takes octets of a record's content.
func (s *session) readRecord(d protocols.Direction, b []byte) int {
	h := &s.halves[d]
	n := len(b)
	switch h.kind {
	case contentHandshake:
		n = s.readMessage(d, b)
	case contentAlert:
		n = s.readAlert(d, b)
	}
	if h.phase != inRecord {
		return n
	}
	if h.left -= n; h.left == 0 {
		h.phase = inHeader
	}
	return n
}

// oldHello takes a hello in the form of SSL 2.0. One that offers no more than SSL
// 2.0 is followed by nothing that is read here; neither is the answer to it.
func (s *session) oldHello(d protocols.Direction) {
	h := &s.halves[d]
	switch {
	case oldHello(h.header[:]) == protocols.Yes && h.header[3] == 0:
		h.ssl20 = true
		s.end(d, protocols.Unsupported)
	case oldHello(h.header[:]) == protocols.Yes:
		h.offered = uint16(h.header[3])<<8 | uint16(h.header[4])
		s.isClient(d)
	case s.halves[d.Other()].ssl20:
		s.end(d, protocols.Unsupported)
	default:
		s.end(d, protocols.Malformed)
	}
}

// hunt looks for a record behind a hole. What is not found within maxHunt octets
// is not looked for any longer.
func (s *session) hunt(d protocols.Direction, b []byte) {
	h := &s.halves[d]
	n := min(len(b), maxHunt-len(h.carry))
	h.carry = append(h.carry, b[:n]...)
	at, v := findRecord(h.carry, len(h.carry) == maxHunt)
	switch {
	case v == protocols.Yes:
		found := h.carry[at:]
		s.now.out.Outcome(protocols.Resynchronised)
		h.abandon(inHeader)
		h.began = true
		h.wanted += at
		s.consume(d, found)
		s.consume(d, b[n:])
	case len(h.carry) == maxHunt:
		h.abandon(done)
	}
}
