package sdc

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// associator is the Protocol of IEEE 11073-20601 over TCP. It has no state.
type associator struct{}

// NewAssociation returns the 20601 dissector. It is safe for concurrent use.
func NewAssociation() protocols.Protocol { return associator{} }

func (associator) Name() protocols.Name           { return protocols.PHD }
func (associator) Transport() protocols.Transport { return protocols.TCP }

func (associator) Open(c protocols.Context) protocols.Session {
	s := &association{}
	if c.Midstream {
		s.halves[0].seeking, s.halves[1].seeking = true, true
	}
	return s
}

// APDU choices: IEEE 11073-20601 annex A.
const (
	unitAARQ = 0xe200
	unitAARE = 0xe300
	unitRLRQ = 0xe400
	unitRLRE = 0xe500
	unitABRT = 0xe600
	unitPRST = 0xe700
)

const (
	unitHeader = 4  // choice and length
	unitSign   = 12 // of a PRST: length, invoke id, choice and length
	protocolID = 0x5079
	// resultGet is the choice rors-cmip-get: an answer with attributes.
	resultGet = 0x0203
)

// Probe recognises an association request or its answer by its choice, a length
// that fits, and the protocol id of 20601; in a stream that was joined later also
// data whose lengths agree. It never asks for a port.
func (associator) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := unitBegins(o.Bytes)
	if v == protocols.Yes && !o.Midstream && binary.BigEndian.Uint16(o.Bytes) == unitPRST {
		return protocols.No // nobody begins with data
	}
	return v
}

// unitBegins judges whether b begins with an AARQ, an AARE or a PRST.
func unitBegins(b []byte) protocols.Verdict {
	if len(b) >= 1 && b[0] != 0xe2 && b[0] != 0xe3 && b[0] != 0xe7 || len(b) >= 2 && b[1] != 0 {
		return protocols.No
	}
	if len(b) < unitSign+2 {
		return protocols.More
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	fits := false
	switch binary.BigEndian.Uint16(b) {
	case unitAARQ: // version 1, at least one protocol, the first of them
		fits = binary.BigEndian.Uint32(b[4:]) == 1<<31 && b[8] == 0 && b[9] > 0 && b[9] < 8 && length >= 14 &&
			(binary.BigEndian.Uint16(b[12:]) == protocolID || binary.BigEndian.Uint16(b[12:]) == 0xffff)
	case unitAARE: // a result of eight, the protocol
		fits = b[4] == 0 && b[5] < 8 && binary.BigEndian.Uint16(b[6:]) == protocolID && length >= 6
	default: // lengths within each other
		fits = int(binary.BigEndian.Uint16(b[4:])) == length-2 && int(binary.BigEndian.Uint16(b[10:])) == length-8 &&
			remoteOperation(binary.BigEndian.Uint16(b[8:]))
	}
	if !fits {
		return protocols.No
	}
	return protocols.Yes
}

// remoteOperation reports the choices of a DataApdu: IEEE 11073-20601 annex A.
func remoteOperation(choice uint16) bool {
	switch choice {
	case 0x0100, 0x0101, 0x0103, 0x0104, 0x0105, 0x0106, 0x0107, 0x0201, resultGet, 0x0205, 0x0207, 0x0300, 0x0400:
		return true
	}
	return false
}

// association is a conversation of an agent with its manager.
type association struct{ halves [2]unitHalf }

// unitHalf is one direction.
type unitHalf struct {
	seeking bool
	passed  int    // octets of the search
	unit    []byte // of the open APDU
	skip    int    // octets of the open APDU that are not wanted
	stated  bool   // who it is
	done    bool
}

// Segment reads octets of one direction.
func (a *association) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	h := &a.halves[seg.Direction&1]
	t := turn{seg.When, seg.From, seg.To, out}
	for b := seg.Bytes; len(b) > 0 && !h.done; {
		n := min(h.skip, len(b))
		h.skip -= n
		if b = b[n:]; len(b) > 0 {
			b = b[h.gather(t, b):]
		}
	}
	if h.done {
		return protocols.Everything
	}
	n := h.skip
	h.skip = 0
	return uint64(n)
}

// gather takes octets of an APDU as far as they are wanted.
func (h *unitHalf) gather(t turn, b []byte) int {
	want := unitHeader
	switch {
	case h.seeking:
		h.seek(t, b[0])
		return 1
	case len(h.unit) >= unitSign && binary.BigEndian.Uint16(h.unit) == unitPRST || len(h.unit) >= unitHeader && binary.BigEndian.Uint16(h.unit) != unitPRST:
		want += int(binary.BigEndian.Uint16(h.unit[2:]))
	case len(h.unit) >= unitHeader:
		want = min(unitSign, unitHeader+int(binary.BigEndian.Uint16(h.unit[2:])))
	}
	n := min(want-len(h.unit), len(b))
	h.unit = append(h.unit, b[:n]...)
	if len(h.unit) == want {
		h.judge(t)
	}
	return n
}

// judge looks at what was gathered: a header, the beginning of data, or all.
func (h *unitHalf) judge(t turn) {
	choice, length := binary.BigEndian.Uint16(h.unit), int(binary.BigEndian.Uint16(h.unit[2:]))
	switch {
	case choice < unitAARQ || choice > unitPRST || choice&0xff != 0 || length > maxUnit:
		t.out.Outcome(protocols.Malformed)
		h.lose()
	case len(h.unit) == unitHeader+length:
		h.state(t, choice, h.unit[unitHeader:])
		h.unit = h.unit[:0]
	case choice == unitPRST && len(h.unit) == unitSign:
		if v := unitBegins(append(h.unit, 0, 0)); v != protocols.Yes {
			t.out.Outcome(protocols.Malformed)
			h.lose()
		} else if binary.BigEndian.Uint16(h.unit[8:]) != resultGet || h.stated {
			t.out.Outcome(protocols.Parsed)
			h.skip, h.unit = unitHeader+length-unitSign, h.unit[:0]
		}
	}
}

// lose looks for the next APDU.
func (h *unitHalf) lose() { h.seeking, h.passed, h.unit = true, 0, h.unit[:0] }

// maxSeek bounds how far a direction is searched before it is given up: several
// APDUs of the largest size.
const maxSeek = 4 * maxUnit

// seek looks for the beginning of an APDU, octet by octet.
func (h *unitHalf) seek(t turn, c byte) {
	h.unit = append(h.unit, c)
	if h.passed++; h.passed > maxSeek {
		h.done, h.unit = true, nil
		return
	}
	for len(h.unit) > 0 {
		switch unitBegins(h.unit) {
		case protocols.More:
			return
		case protocols.Yes:
			t.out.Outcome(protocols.Resynchronised)
			found := append([]byte(nil), h.unit...)
			h.seeking, h.unit = false, h.unit[:0]
			for len(found) > 0 && !h.seeking {
				n := min(h.skip, len(found))
				h.skip -= n
				if found = found[n:]; len(found) > 0 {
					found = found[h.gather(t, found):]
				}
			}
			return
		}
		h.unit = h.unit[:copy(h.unit, h.unit[1:])]
	}
}

// Gap gives the open APDU up.
func (a *association) Gap(d protocols.Direction, _ uint64, out *protocols.Sink) {
	h := &a.halves[d&1]
	if h.done {
		return
	}
	if !h.seeking && (len(h.unit) > 0 || h.skip > 0) {
		out.Outcome(protocols.Truncated)
	}
	h.skip = 0
	h.lose()
}

// Close counts what was cut off.
func (a *association) Close(out *protocols.Sink) {
	for d := range a.halves {
		h := &a.halves[d]
		if !h.done && !h.seeking && len(h.unit) > 0 {
			out.Outcome(protocols.Truncated)
		}
		h.unit, h.done = nil, true
	}
}
