package hl7

import (
	"bytes"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// The control octets of ISO 2022 (ISO/IEC 2022:1994, sections 6.2 and 13).
const (
	esc = 0x1b
	so  = 0x0e // what is below 80H now is of G1
	si  = 0x0f // of G0 again
)

// position is where a segment stands in ISO 2022: whether octets below 80H are
// ASCII there, and so may be delimiters.
type position struct {
	sequence bool // inside of an escape sequence
	multiple bool // the sequence is of a set of several octets
	other    bool // it is not about G0
	double   bool // G0 is a set of several octets
	shifted  bool // G1 is shifted in
}

// follow takes the next octet and reports whether it is no delimiter.
func (p *position) follow(b byte) bool {
	switch {
	case b == esc:
		*p = position{sequence: true, double: p.double, shifted: p.shifted}
	case !p.sequence:
		p.shifted = b == so || b != si && p.shifted
		return p.double || p.shifted || b == si
	case b == '$':
		p.multiple = true
	case b >= ' ' && b <= '/':
		p.other = p.other || b != '('
	default:
		if p.sequence = false; !p.other {
			p.double = p.multiple
		}
	}
	return true
}

// set is a character set that an escape sequence has switched on.
type set struct {
	encoding encoding.Encoding
	prefix   string // goes before octets for the decoder; they are moved below 80H
	high     bool   // the decoder wants octets from 80H on
}

// setOf reads the escape sequence that b begins with, without its ESC, and returns
// its length, 0 when it is not whole. A set that is not known has no encoding.
func setOf(b []byte) (s set, g1 bool, length int) {
	n := 0
	for n < len(b) && b[n] >= ' ' && b[n] <= '/' {
		n++
	}
	if n == len(b) {
		return set{}, false, 0
	}
	name := string(b[:n+1])
	g1 = strings.ContainsAny(name[:n], ")-")
	switch name {
	case "(B", "(J": // ASCII; JIS X 0201 differs from it by two signs
		s.prefix = "\x1b(B"
	case "(I", ")I":
		s.prefix = "\x1b(I"
	case "$@", "$B", "$(@", "$(B", "$)B":
		s.prefix = "\x1b$B"
	case "$(D", "$)D":
		s.prefix = "\x1b$(D"
	case "$(C", "$)C":
		s.encoding, s.high = korean.EUCKR, true
	case "$(A", "$)A", "$A":
		s.encoding, s.high = simplifiedchinese.GBK, true
	case "-A", "-B", "-C", "-D", "-L", "-G", "-F", "-H", "-M":
		s.encoding, s.high = latin("8859/"+latinPart(name[1])), true
	}
	if s.prefix != "" {
		s.encoding = japanese.ISO2022JP
	}
	return s, g1, n + 1
}

// latinPart names the part of ISO 8859 that the last octet of its escape sequence
// stands for (HL7 2.9, section 2.7.2; ISO international register 100 to 148).
func latinPart(final byte) string {
	switch final {
	case 'A', 'B', 'C', 'D':
		return string('1' + rune(final-'A'))
	case 'L':
		return "5"
	case 'G':
		return "6"
	case 'F':
		return "7"
	case 'H':
		return "8"
	}
	return "9" // M
}

// read decodes octets of the set, from whichever half of the code table.
func (s set) read(b []byte) string {
	out := []byte(s.prefix)
	for _, c := range b {
		if c &= 0x7f; s.high {
			c |= 0x80
		}
		out = append(out, c)
	}
	return decoded(s.encoding, out)
}

// switched decodes text with escape sequences and shifts in it.
func (c *charset) switched(b []byte) string {
	var out strings.Builder
	var g0, g1 *set
	shifted := false
	for len(b) > 0 {
		switch n := bytes.IndexAny(b, "\x1b\x0e\x0f"); {
		case n > 0 || n < 0:
			if n < 0 {
				n = len(b)
			}
			c.run(&out, b[:n], g0, g1, shifted)
			b = b[n:]
		case b[0] != esc:
			shifted, b = b[0] == so, b[1:]
		default:
			s, second, length := setOf(b[1:])
			if length == 0 || s.encoding == nil {
				return string(utf8.RuneError)
			}
			if b = b[1+length:]; second {
				g1 = &s
			} else {
				g0 = &s
			}
		}
	}
	return out.String()
}

// run decodes octets between two switches.
func (c *charset) run(out *strings.Builder, b []byte, g0, g1 *set, shifted bool) {
	for len(b) > 0 {
		high, n := b[0] >= 0x80, 1
		for n < len(b) && (b[n] >= 0x80) == high {
			n++
		}
		part := b[:n]
		b = b[n:]
		switch {
		case high || shifted:
			out.WriteString(c.upper(part, g1))
		case g0 != nil:
			out.WriteString(g0.read(part))
		default:
			out.Write(part)
		}
	}
}

// upper decodes octets of G1, or of the set that holds where none was switched.
func (c *charset) upper(b []byte, g1 *set) string {
	switch {
	case g1 != nil:
		return g1.read(b)
	case c.katakana:
		return set{encoding: japanese.ISO2022JP, prefix: "\x1b(I"}.read(b)
	case c.encoding != nil:
		return decoded(c.encoding, b)
	}
	return string(utf8.RuneError)
}

// unescapeSwitches turns \Cxxyy\ and \Mxxyyzz\ (HL7 2.9, section 2.7.3), which are
// the sequences of ISO 2022 without their ESC, into such, and returns nil where
// there is none.
func unescapeSwitches(b []byte, escape byte) (out []byte) {
	for rest := b; ; {
		from := bytes.IndexByte(rest, escape)
		if from < 0 || from+1 == len(rest) {
			return appendIf(out, rest)
		}
		length := bytes.IndexByte(rest[from+1:], escape)
		if length < 0 {
			return appendIf(out, rest)
		}
		inside := rest[from+1 : from+1+length]
		end := from + length + 2
		var sequence [3]byte
		if n, err := hex.Decode(sequence[:], switchOf(inside)); err == nil && n > 0 {
			if out == nil {
				out = append(make([]byte, 0, len(b)), b[:len(b)-len(rest)]...)
			}
			out = append(append(append(out, rest[:from]...), esc), sequence[:n]...)
		} else {
			out = appendIf(out, rest[:end])
		}
		rest = rest[end:]
	}
}

func appendIf(out, b []byte) []byte {
	if out == nil {
		return nil
	}
	return append(out, b...)
}

// switchOf returns the hexadecimal digits of an escape that switches sets.
func switchOf(inside []byte) []byte {
	if len(inside) == 5 && inside[0] == 'C' || len(inside) == 7 && inside[0] == 'M' || len(inside) == 5 && inside[0] == 'M' {
		return inside[1:]
	}
	return nil
}
