package astm

import "github.com/auscult/auscult/protocols"

// Protocol recognises and opens ASTM conversations. It has no state but the table of
// senders, which nothing changes. Make one with New.
type Protocol struct{ layouts []layout }

// New returns the ASTM dissector.
func New() protocols.Protocol { return Protocol{layouts: layouts()} }

// Name implements protocols.Protocol.
func (Protocol) Name() protocols.Name { return protocols.ASTM }

// Transport implements protocols.Protocol.
func (Protocol) Transport() protocols.Transport { return protocols.TCP }

// Open implements protocols.Protocol.
func (p Protocol) Open(c protocols.Context) protocols.Session { return newSession(c, p.layouts) }

// The control octets of LIS01-A2, section 6 (ISO/IEC 646), and of MLLP, in which
// some senders wrap records.
const (
	stx = 0x02
	etx = 0x03
	eot = 0x04
	enq = 0x05
	ack = 0x06
	lf  = '\n'
	vt  = 0x0b
	cr  = '\r'
	nak = 0x15
	etb = 0x17
	fs  = 0x1c
)

// Probe answers by a header record, by a frame with a header, by a frame whose
// checksum fits around records, by two frames in a row, and, where the stream is
// joined late, by two records on neighbouring lines. Enquiries and answers alone
// fit and tell nothing.
func (Protocol) Probe(o protocols.Opening) protocols.Verdict {
	if o.Transport != protocols.TCP {
		return protocols.No
	}
	v := opening(trimControls(o.Bytes))
	if o.Midstream && cutHL7(o.Bytes) {
		v = protocols.No
	}
	if v == protocols.No && o.Midstream {
		v = midstream(o.Bytes)
	}
	if v == protocols.More && len(o.Bytes) >= protocols.ProbeLimit {
		return protocols.No
	}
	return v
}

// trimControls passes over what may stand before a frame or a header: the
// exchange of the establishment phase, answers, and line ends.
func trimControls(b []byte) []byte {
	for len(b) > 0 && (b[0] == enq || b[0] == ack || b[0] == nak || b[0] == eot || b[0] == vt || b[0] == cr || b[0] == lf) {
		b = b[1:]
	}
	return b
}

func opening(b []byte) protocols.Verdict {
	switch {
	case len(b) == 0:
		return protocols.More
	case b[0] == stx:
		return framesAt(b)
	}
	return headerAt(b)
}

// headerAt reports whether b begins with a header record that declares plausible
// delimiters (LIS02-A2, section 5.4).
func headerAt(b []byte) protocols.Verdict {
	if b[0] != 'H' && b[0] != 'h' {
		return protocols.No
	}
	if len(b) == 1 {
		return protocols.More
	}
	separator := b[1]
	if !punctuation(separator) {
		return protocols.No
	}
	for i, c := range b[2:] {
		if c == separator || c == cr {
			if i < 2 {
				return protocols.No
			}
			return protocols.Yes
		}
		if i == maxEncoding || !punctuation(c) || contains(b[2:2+i], c) {
			return protocols.No
		}
	}
	return protocols.More
}

// cutHL7 reports a stream that was joined inside the name of an HL7 header, MSH:
// HL7 declares four encoding characters (2.9, section 2.5.4), and ASTM three.
func cutHL7(b []byte) bool {
	return len(b) > 6 && b[0] == 'H' && b[6] == b[1] && !contains(b[2:6], b[1]) && !contains(b[2:6], cr)
}

// framesAt reports whether b, which begins with STX, is a frame with a header, a
// frame around records, or the first of two frames.
func framesAt(b []byte) protocols.Verdict {
	for whole := 0; ; whole++ {
		if len(b) < 3 {
			return more(len(b) == 0 || b[0] == stx && (len(b) == 1 || number(b[1])))
		}
		if b[0] != stx || !number(b[1]) {
			return protocols.No
		}
		if v := headerAt(b[2:]); v != protocols.No {
			return v
		}
		n, v := frameLength(b)
		if v != protocols.Yes {
			return v
		}
		if whole > 0 || recordAt(b[2:]) {
			return protocols.Yes
		}
		b = trimControls(b[n:])
	}
}

func more(fits bool) protocols.Verdict {
	if fits {
		return protocols.More
	}
	return protocols.No
}

// frameLength returns how many octets a frame has up to its checksum, and whether
// that fits.
func frameLength(b []byte) (int, protocols.Verdict) {
	sum := b[1]
	for i := 2; i < len(b); i++ {
		c := b[i]
		sum += c
		switch c {
		case stx, eot, enq:
			return 0, protocols.No
		case etx, etb:
			if len(b) < i+3 {
				return 0, protocols.More
			}
			if high, low := digit(b[i+1]), digit(b[i+2]); high < 0 || low < 0 || byte(high<<4|low) != sum {
				return 0, protocols.No
			}
			return i + 3, protocols.Yes
		}
	}
	return 0, protocols.More
}

// recordAt reports a record other than a header: its type, a separator, and its
// sequence number or nothing.
func recordAt(b []byte) bool {
	return len(b) > 2 && recordType(b[0]) && punctuation(b[1]) && (b[2] == b[1] || b[2] >= '0' && b[2] <= '9')
}

// recordType reports the letters of the records of LIS02-A2, in either case.
func recordType(c byte) bool {
	switch c &^ 0x20 {
	case 'H', 'P', 'O', 'R', 'C', 'Q', 'L', 'M', 'S':
		return c >= 'A'
	}
	return false
}

// midstream looks for a frame, for a header behind a line end, or for two records
// with one separator on neighbouring lines.
func midstream(b []byte) protocols.Verdict {
	separator := byte(0)
	for i := 0; i < len(b); i++ {
		if b[i] == stx && framesAt(b[i:]) == protocols.Yes {
			return protocols.Yes
		}
		if b[i] != cr && b[i] != lf {
			continue
		}
		next := b[i+1:]
		if len(next) > 0 && headerAt(next) == protocols.Yes {
			return protocols.Yes
		}
		switch {
		case len(next) > 0 && next[0] == lf:
		case !recordAt(next):
			separator = 0
		case next[1] == separator:
			return protocols.Yes
		default:
			separator = next[1]
		}
	}
	return protocols.More
}

// number reports a frame number (LIS01-A2, section 6.3): they go round from 0
// to 7.
func number(c byte) bool { return c >= '0' && c <= '7' }

// punctuation reports a printable ASCII octet that is neither letter, digit nor
// space: what a delimiter may be.
func punctuation(c byte) bool {
	alphanumeric := c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	return c > ' ' && c < 0x7f && !alphanumeric
}

// digit returns the value of a hexadecimal digit, or -1.
func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

func contains(b []byte, c byte) bool {
	for _, other := range b {
		if other == c {
			return true
		}
	}
	return false
}
