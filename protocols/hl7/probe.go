package hl7

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// Protocol recognises and opens HL7 version 2. It has no state.
type Protocol struct{ zone *time.Location }

// New returns the HL7 dissector, knowing no zone: In with nil.
func New() Protocol { return Protocol{} }

// In returns the HL7 dissector of a site whose clocks that name no zone keep the time of
// this one. nil knows none: such a clock is then understood once it has kept its pace.
func In(zone *time.Location) Protocol { return Protocol{zone: zone} }

// Name implements protocols.Protocol.
func (Protocol) Name() protocols.Name { return protocols.HL7 }

// Transport implements protocols.Protocol.
func (Protocol) Transport() protocols.Transport { return protocols.TCP }

// Open implements protocols.Protocol.
func (p Protocol) Open(c protocols.Context) protocols.Session { return newSession(c, p.zone) }

// The octets of MLLP (HL7 implementation guide, "Minimal Lower Layer Protocol"):
// a block is VT, text, FS, CR.
const (
	vt = 0x0b
	fs = 0x1c
	cr = '\r'
	lf = '\n'
)

// headerMin is the shortest header that tells HL7 from other text: the segment
// name, the separator, two encoding characters and the separator again.
const headerMin = 7

// probeRoom holds the beginning of a header that is written in longer units: its name
// and the longest delimiters, and one character more than is looked at.
const probeRoom = 16

// Probe answers by a message header at the beginning, or, where the stream is
// joined late, by a header or by two neighbouring segments anywhere in sight.
func (Protocol) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	b := trimPadding(o.Bytes)
	var room [probeRoom]byte
	v := headerAt(narrowed(room[:], b))
	if _, known := formOf(b); !known && len(b) > 0 && v == protocols.No {
		v = protocols.More
	}
	if v == protocols.No && o.Midstream {
		v = midstream(b)
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// trimPadding passes over what may stand before a header: the start of a block,
// and line ends left over from an earlier one.
func trimPadding(b []byte) []byte {
	for len(b) > 0 && (b[0] == vt || b[0] == fs || b[0] == cr || b[0] == lf) {
		b = b[1:]
	}
	return b
}

// headerAt reports whether b begins with a message, file or batch header segment
// (HL7 2.9, section 2.14): its name and plausible delimiters.
func headerAt(b []byte) protocols.Verdict {
	const rest = "SH" // MSH
	for i := 0; i < 3 && i < len(b); i++ {
		switch {
		case i == 0 && (b[0] == 'M' || b[0] == 'F' || b[0] == 'B'):
		case i == 1 && (b[1] == 'S' && b[0] == 'M' || b[1] == 'H' && b[0] != 'M'):
		case i == 2 && (b[2] == rest[1] && b[0] == 'M' || b[2] == 'S' && b[0] != 'M'):
		default:
			return protocols.No
		}
	}
	if len(b) < 4 {
		return protocols.More
	}
	return delimitersFit(b[3:])
}

// delimitersFit checks the separator and the encoding characters that follow it,
// which the message itself declares.
func delimitersFit(b []byte) protocols.Verdict {
	separator := b[0]
	if !punctuation(separator) {
		return protocols.No
	}
	for i := 1; i <= maxEncoding+1; i++ {
		if i == len(b) {
			return protocols.More
		}
		if b[i] == separator || b[i] == cr && i >= headerMin-4 {
			if i < headerMin-4 { // at least component and repetition
				return protocols.No
			}
			return protocols.Yes
		}
		if !punctuation(b[i]) {
			return protocols.No
		}
		for j := 1; j < i; j++ {
			if b[j] == b[i] {
				return protocols.No
			}
		}
	}
	return protocols.No
}

// punctuation reports a printable ASCII octet that is neither letter, digit nor
// space: what a delimiter may be.
func punctuation(c byte) bool {
	alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	return c > ' ' && c < 0x7f && !alphanumeric
}

// midstream looks for a header behind a boundary, or for two segments of known
// name with the same separator.
func midstream(b []byte) protocols.Verdict {
	known, separator := 0, byte(0)
	for i := 0; i+4 < len(b); i++ {
		if b[i] != cr && b[i] != lf && b[i] != vt {
			continue
		}
		next := b[i+1:]
		if headerAt(next) == protocols.Yes {
			return protocols.Yes
		}
		if !knownSegment(next) || known > 0 && next[3] != separator {
			continue
		}
		separator = next[3]
		if known++; known == 2 {
			return protocols.Yes
		}
	}
	return protocols.More
}

// knownSegment reports a segment name that clinical messages are full of,
// followed by a possible separator.
func knownSegment(b []byte) bool {
	if len(b) < 4 || !punctuation(b[3]) {
		return false
	}
	switch string(b[:3]) {
	case "OBX", "OBR", "PID", "PV1", "NTE", "ORC", "MSA", "EVN", "SPM", "PRT", "RXG", "RXR", "TQ1", "NK1", "INV", "EQU", "SAC":
		return true
	}
	return false
}
