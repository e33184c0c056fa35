package hl7

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/auscult/auscult/protocols"
)

// text is a decoded field, or a part of one, with the delimiters it is written
// in. Escapes are still in it.
type text struct {
	s       string
	d       *delimiters
	charset *charset
}

// maxRepetitions bounds the repetitions of a field that are read: OBX-18 names
// at most the levels of a device tree.
const maxRepetitions = 8

// repetitions splits a field into room; there is always at least one.
func (t text) repetitions(room []text) []text {
	out := room
	for rest, more := t.s, true; more && len(out) < maxRepetitions; {
		var part string
		part, rest, more = cut(rest, t.d.repetition)
		out = append(out, text{part, t.d, t.charset})
	}
	return out
}

// first is the first repetition.
func (t text) first() text {
	part, _, _ := cut(t.s, t.d.repetition)
	return text{part, t.d, t.charset}
}

// bare is the text without the empty components at its end.
func (t text) bare() string { return strings.TrimRight(t.s, string(rune(t.d.component))) }

// part returns component n, counted from 1, with its subcomponents.
func (t text) part(n int) text {
	s, from := t.s, 0
	for i := 0; i < len(s) && t.d.component != 0; i++ {
		if s[i] != t.d.component {
			continue
		}
		if n--; n == 0 {
			return text{s[from:i], t.d, t.charset}
		}
		from = i + 1
	}
	if n > 1 {
		return text{"", t.d, t.charset}
	}
	return text{s[from:], t.d, t.charset}
}

// component returns component n, counted from 1, as plain text: its first
// subcomponent, escapes resolved, "" when it is empty or cannot be used.
func (t text) component(n int) string {
	s := t.part(n).s
	for i := range len(s) {
		switch c := s[i]; {
		case c == t.d.sub && c != 0:
			return trim(s[:i])
		case t.special(c):
			first, _, _ := cut(s, t.d.sub)
			return t.plain(first)
		}
	}
	return trim(s)
}

// special reports an octet that makes a value more than itself: anything but ASCII,
// the explicit null, an escape, what says that the value was cut.
func (t text) special(c byte) bool {
	return c < ' ' || c > '~' || c == '"' || c == t.d.escape || c == t.d.truncation
}

// trim returns what protocols.Text returns of printable ASCII.
func trim(s string) string {
	for s != "" && s[0] == ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	if len(s) > protocols.MaxText {
		return ""
	}
	return s
}

func cut(s string, separator byte) (before, after string, found bool) {
	if separator == 0 {
		return s, "", false
	}
	if i := strings.IndexByte(s, separator); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// plain resolves escapes and returns "" for what may not be used: unreadable
// characters, a value that the sender cut short (HL7 2.7, section 2.5.5.2), the
// explicit null, text longer than an observation may hold.
func (t text) plain(s string) string {
	if t.d.truncation != 0 && strings.HasSuffix(s, string(rune(t.d.truncation))) {
		return ""
	}
	if strings.IndexByte(s, t.d.escape) >= 0 {
		s = t.unescape(s)
	}
	if s == `""` || strings.ContainsRune(s, utf8.RuneError) {
		return ""
	}
	clean, ok := protocols.Text(s)
	if !ok {
		return ""
	}
	return clean
}

// unescape resolves the escape sequences of HL7 2.9, section 2.7. Formatting
// becomes a space, and an escape character without a partner stays as it is;
// switches of character set that are left, and the sender's own escapes, make the
// value unusable.
func (t text) unescape(s string) string {
	var out strings.Builder
	for {
		before, rest, found := cut(s, t.d.escape)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		sequence, after, closed := cut(rest, t.d.escape)
		if !closed {
			out.WriteByte(t.d.escape)
			out.WriteString(rest)
			return out.String()
		}
		out.WriteString(t.sequence(sequence))
		s = after
	}
}

func (t text) sequence(s string) string {
	switch s {
	case "F":
		return string(rune(t.d.field))
	case "S":
		return string(rune(t.d.component))
	case "R":
		return string(rune(t.d.repetition))
	case "T":
		return string(rune(t.d.sub))
	case "E":
		return string(rune(t.d.escape))
	case "P":
		return string(rune(max(t.d.truncation, '#')))
	case "H", "N", "":
		return "" // highlighting on and off
	}
	if s[0] == '.' {
		return " " // formatting: .br, .sp, .in
	}
	if s[0] == 'X' {
		if b, err := hex.DecodeString(s[1:]); err == nil {
			return t.charset.decode(b)
		}
	}
	return string(utf8.RuneError) // \Cxxyy\, \Mxxyyzz\, \Zxx\
}
