package lldp

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// The kinds of elements: IEEE 802.1AB-2016 table 8-1.
const (
	tlvEnd          = 0
	tlvChassis      = 1
	tlvPort         = 2
	tlvTTL          = 3
	tlvPortText     = 4
	tlvName         = 5
	tlvDescription  = 6
	tlvCapabilities = 7
	tlvManagement   = 8
	tlvOrganization = 127
)

// The kinds of names of a chassis and of a port: IEEE 802.1AB-2016 tables 8-2 and 8-3.
const (
	chassisMAC   = 4
	chassisLocal = 7
	portAlias    = 1
	portMAC      = 3
	portName     = 5
	portLocal    = 7
)

// tlv is one element. Its value lies in the frame.
type tlv struct {
	kind  byte
	value []byte
}

// next reads one element: 7 bits of kind and 9 of length (section 8.4).
func next(b []byte) (t tlv, rest []byte, ok bool) {
	if len(b) < 2 {
		return tlv{}, nil, false
	}
	head := binary.BigEndian.Uint16(b)
	n := int(head & 0x1ff)
	if n > len(b)-2 {
		return tlv{}, nil, false
	}
	return tlv{kind: byte(head >> 9), value: b[2 : 2+n]}, b[2+n:], true
}

// mandatoryFits reports whether an element that must be there has a length and a kind
// that it can have: sections 8.5.2 to 8.5.4.
func (t tlv) mandatoryFits() bool {
	switch t.kind {
	case tlvChassis, tlvPort:
		return len(t.value) >= 2 && len(t.value) <= 256 && t.value[0] >= 1 && t.value[0] <= 7
	case tlvTTL:
		return len(t.value) == 2
	}
	return false
}

// announcement is what one frame says. Its slices lie in the frame.
type announcement struct {
	chassisKind, portKind byte
	chassis, port         []byte
	leaving               bool // it takes back what it said: a time to live of zero
	more                  []tlv
}

// parse reads one frame. Anything but Parsed and LimitReached leaves nothing to state.
// room is for the elements; it is the caller's.
func parse(b []byte, room []tlv) (announcement, protocols.Outcome) {
	var a announcement
	var first [3]tlv
	for i := range first {
		t, rest, ok := next(b)
		switch {
		case !ok:
			return a, protocols.Truncated
		case int(t.kind) != i+1 || !t.mandatoryFits():
			return a, protocols.Malformed
		}
		first[i], b = t, rest
	}
	a.chassisKind, a.chassis = first[0].value[0], first[0].value[1:]
	a.portKind, a.port = first[1].value[0], first[1].value[1:]
	a.leaving = binary.BigEndian.Uint16(first[2].value) == 0
	var outcome protocols.Outcome
	a.more, outcome = elements(b, room)
	return a, outcome
}

// elements walks what follows to the end element (section 8.5.1): a frame that has none
// was cut. Those that must be there come once only.
func elements(b []byte, room []tlv) ([]tlv, protocols.Outcome) {
	for range maxTLVs {
		t, rest, ok := next(b)
		switch {
		case !ok:
			return nil, protocols.Truncated
		case t.kind == tlvEnd && len(t.value) == 0:
			return room, protocols.Parsed
		case t.kind <= tlvTTL:
			return nil, protocols.Malformed
		}
		room, b = append(room, t), rest
	}
	return room, protocols.LimitReached
}

// The organizations whose elements are read: IEEE 802.1 (annex D), TIA (TIA-1057 section
// 10.2), and PROFIBUS (IEC 61158-6-10 section 4.11).
var (
	ieee8021 = [3]byte{0x00, 0x80, 0xc2}
	tia      = [3]byte{0x00, 0x12, 0xbb}
	profibus = [3]byte{0x00, 0x0e, 0xcf}
)

// profibusChassis is the address of a chassis that names itself by a word.
const profibusChassis = 5

// organized splits an element of an organization: whose, which, and what.
func (t tlv) organized() (whose [3]byte, which byte, what []byte, ok bool) {
	if t.kind != tlvOrganization || len(t.value) < 4 {
		return whose, 0, nil, false
	}
	return [3]byte(t.value[:3]), t.value[3], t.value[4:], true
}
