package http

import (
	"unicode/utf16"
	"unicode/utf8"
)

// plain passes over the octets of a text that mean themselves.
func (s *scanner) plain(b []byte) int {
	n := 0
	for n < len(b) && b[n] != '"' && b[n] != '\\' && b[n] >= ' ' {
		n++
	}
	s.add(b[:n])
	return n
}

// literals passes over what belongs to a number or a word.
func (s *scanner) literals(b []byte) int {
	n := 0
	for n < len(b) && literal(b[n]) {
		n++
	}
	s.add(b[:n])
	return n
}

func (s *scanner) add(b []byte) {
	if len(b) > 0 {
		s.high = 0
	}
	bound := maxText
	if s.key {
		bound = maxKey
	}
	switch {
	case !s.keep || s.cut:
	case len(s.text)+len(b) > bound:
		s.cut = true
	default:
		s.text = append(s.text, b...)
	}
}

// literal reports the octets of numbers and of true, false and null.
func literal(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == 'E' || c == '+' || c == '-' || c == '.'
}

func (s *scanner) textOctet(c byte) {
	switch {
	case s.state == inHex:
		s.hexOctet(c)
	case s.state == inEscape:
		s.escape(c)
	case c == '\\':
		s.state = inEscape
	case c == '"' && s.key:
		s.nameEnds()
	case c == '"':
		s.valueEnds()
	default:
		s.failed = broken // a control character
	}
}

func (s *scanner) escape(c byte) {
	s.state = inText
	switch c {
	case 'u':
		s.state, s.hex, s.digits = inHex, 0, 0
	case '"', '\\', '/':
		s.add([]byte{c})
	case 'b', 'f', 'n', 'r', 't':
		s.add([]byte{' '})
	default:
		s.failed = broken
	}
}

// hexOctet takes a digit of an escaped character, which may be half of a pair.
func (s *scanner) hexOctet(c byte) {
	v, ok := digit(c)
	if !ok {
		s.failed = broken
		return
	}
	s.hex = s.hex<<4 | rune(v)
	if s.digits++; s.digits < 4 {
		return
	}
	s.state = inText
	r, first := s.hex, s.high
	s.high = 0
	switch {
	case first != 0:
		r = utf16.DecodeRune(first, r)
	case r >= 0xd800 && r < 0xdc00:
		s.high = r
		return
	}
	var encoded [utf8.UTFMax]byte
	s.add(encoded[:utf8.EncodeRune(encoded[:], r)])
}
