package dicom

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

// PDU types: PS3.8 section 9.3.1, tables 9-11 to 9-26.
const (
	pduAssociateRQ = 0x01
	pduAssociateAC = 0x02
	pduAssociateRJ = 0x03
	pduData        = 0x04
	pduReleaseRQ   = 0x05
	pduReleaseRP   = 0x06
	pduAbort       = 0x07
)

const (
	pduHeader = 6 // type, reserved, length: PS3.8 section 9.3.1
	pdvHeader = 6 // length, context, control: PS3.8 table 9-23 and annex E.2
	// pdvOverhead is what a PDV length counts besides the fragment.
	pdvOverhead = 2
	// Bits of the message control header: PS3.8 annex E.2.
	fragmentCommand = 0x01
	fragmentLast    = 0x02
	// associateSign is how many octets tell an A-ASSOCIATE-RQ or -AC: header,
	// fixed fields, and the header and UID of the application context.
	associateSign = pduHeader + minAssociate + 4 + len(applicationContext)
	// commandSign is how many octets tell a P-DATA-TF with a command: both
	// headers and the group length, which every command set begins with (PS3.7
	// section 6.3.1).
	commandSign = pduHeader + pdvHeader + shortHeader
)

// groupLength is the header of (0000,0000) UL in implicit little endian.
const groupLength = "\x00\x00\x00\x00\x04\x00\x00\x00"

// dissector is the Protocol. It has no state.
type dissector struct{}

// New returns the DICOM dissector. It is safe for concurrent use.
func New() protocols.Protocol { return dissector{} }

func (dissector) Name() protocols.Name           { return protocols.DICOM }
func (dissector) Transport() protocols.Transport { return protocols.TCP }

// Probe recognises an association from its first PDU in either direction, and a
// stream that was joined later from the first P-DATA-TF header found. It never
// asks for a port, nor for reserved octets of an association (PS3.8 section
// 9.3.1: they shall not be tested).
func (dissector) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := associateVerdict(o.Bytes)
	if v == protocols.No && o.Midstream {
		// A boundary may still come: the stream was joined anywhere.
		if _, v = findBoundary(o.Bytes, nil, o.Direction); v == protocols.No {
			v = protocols.More
		}
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

func (dissector) Open(c protocols.Context) protocols.Session { return newSession(c) }

// associateVerdict judges whether b begins with an A-ASSOCIATE-RQ or -AC. AE
// titles are no test: those of an -AC are reserved, and some sites write names in
// their own script. The application context is told by 21 octets.
func associateVerdict(b []byte) protocols.Verdict {
	h := [associateSign]byte{}
	have := copy(h[:], b)
	switch {
	case have == 0:
		return protocols.More
	case h[0] != pduAssociateRQ && h[0] != pduAssociateAC:
		return protocols.No
	case have >= pduHeader && !associateLength(binary.BigEndian.Uint32(h[2:])):
		return protocols.No
	case have >= 8 && h[7]&0x01 == 0: // protocol version 1: PS3.8 section 9.3.2
		return protocols.No
	case have > 74 && h[74] != itemApplication:
		return protocols.No
	case have > 78 && string(h[78:have]) != applicationContext[:have-78]:
		return protocols.No
	case have < associateSign:
		return protocols.More
	}
	return protocols.Yes
}

func associateLength(n uint32) bool { return n >= minAssociate && n <= maxAssociate }

// dataVerdict judges whether b begins with a P-DATA-TF that a lost stream may be
// entered by. Reserved octets and bits are tested here: they are part of what
// makes a boundary out of octets that might be anything. known, when not nil,
// says what is known of the association, and d who sends.
func dataVerdict(b []byte, known *association, d protocols.Direction) protocols.Verdict {
	h := [commandSign]byte{}
	have := copy(h[:], b)
	length, fragment := binary.BigEndian.Uint32(h[2:]), binary.BigEndian.Uint32(h[6:])
	switch {
	case have == 0:
		return protocols.More
	case h[0] != pduData || h[1] != 0 || h[2] != 0:
		return protocols.No
	case have >= pduHeader && (length < pdvHeader || length > known.longest(d)):
		return protocols.No
	case have >= 10 && fragment != length-4: // one PDV a PDU, as nearly all stacks send
		return protocols.No
	case have >= 11 && (h[10]%2 == 0 || known.refuses(h[10])):
		return protocols.No
	case have >= 12 && h[11]&^(fragmentCommand|fragmentLast) != 0:
		return protocols.No
	case have < pduHeader+pdvHeader:
		return protocols.More
	case h[11]&fragmentCommand == 0:
		return protocols.Yes
	case string(h[12:have]) != groupLength[:have-12]:
		return protocols.No
	case have < commandSign:
		return protocols.More
	}
	return protocols.Yes
}

// findBoundary looks for the first octet of b at which a PDU begins or, with
// More, might begin. Without either it returns len(b) and No.
func findBoundary(b []byte, known *association, d protocols.Direction) (int, protocols.Verdict) {
	for i, c := range b {
		v := protocols.No
		switch c {
		case pduData:
			v = dataVerdict(b[i:], known, d)
		case pduAssociateRQ, pduAssociateAC:
			v = associateVerdict(b[i:])
		}
		if v != protocols.No {
			return i, v
		}
	}
	return len(b), protocols.No
}
