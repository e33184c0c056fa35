package main

import (
	"strings"
	"unicode"
)

// plain keeps what comes from the wire, a register or a feed from steering the
// terminal: control characters (ESC among them) and marks that turn the direction
// of writing become a replacement character. Line ends and tabs stay.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// cell is plain text in one line.
func cell(s string) string {
	return plain(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, s))
}
