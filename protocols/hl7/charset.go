package hl7

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// width says how a character set uses octets that look like delimiters.
type width uint8

const (
	narrow  width = iota // every octet below 80H is ASCII
	paired               // a lead octet from 81H takes the next one with it
	escaped              // ISO 2022: escape sequences switch to two-octet characters
)

// charset is the character set of MSH-18 (HL7 table 0211) with the position
// inside its multi-octet characters. The zero value is ASCII.
type charset struct {
	encoding encoding.Encoding // nil: ASCII
	utf8     bool
	width    width
	lead     bool // paired: the next octet belongs to this one
	escape   uint8
	double   bool // escaped: two-octet characters are switched on
}

// charsetOf reads MSH-18. Several names mean ISO 2022 switching between them, so
// the first that is more than ASCII decides. Unknown names read as ASCII: what is
// not ASCII then is dropped, not guessed.
func charsetOf(names []string) charset {
	for _, name := range names {
		if c, ok := charsetNamed(strings.ToUpper(strings.TrimSpace(name))); ok {
			return c
		}
	}
	return charset{}
}

func charsetNamed(name string) (charset, bool) {
	switch name {
	case "UNICODE UTF-8", "UNICODE", "UTF-8", "UTF8":
		return charset{utf8: true}, true
	case "GB 18030-2000", "GB18030", "GB 18030":
		return charset{encoding: simplifiedchinese.GB18030, width: paired}, true
	case "BIG-5", "BIG5":
		return charset{encoding: traditionalchinese.Big5, width: paired}, true
	case "KS X 1001":
		return charset{encoding: korean.EUCKR, width: paired}, true
	case "ISO IR14", "ISO IR87", "ISO IR159":
		return charset{encoding: japanese.ISO2022JP, width: escaped}, true
	}
	if e := latin(name); e != nil {
		return charset{encoding: e}, true
	}
	return charset{}, false
}

// latin returns the 8-bit sets of ISO 8859.
func latin(name string) encoding.Encoding {
	switch name {
	case "8859/1":
		return charmap.ISO8859_1
	case "8859/2":
		return charmap.ISO8859_2
	case "8859/3":
		return charmap.ISO8859_3
	case "8859/4":
		return charmap.ISO8859_4
	case "8859/5":
		return charmap.ISO8859_5
	case "8859/6":
		return charmap.ISO8859_6
	case "8859/7":
		return charmap.ISO8859_7
	case "8859/8":
		return charmap.ISO8859_8
	case "8859/9":
		return charmap.ISO8859_9
	case "8859/15":
		return charmap.ISO8859_15
	}
	return nil
}

// wide reports whether a delimiter's octet may be half of a character.
func (c *charset) wide() bool { return c.width != narrow }

// fresh returns the set at the beginning of a segment, where every switch is
// back at ASCII (HL7 2.9, section 2.15.9.18).
func (c *charset) fresh() charset {
	return charset{encoding: c.encoding, utf8: c.utf8, width: c.width}
}

// follow takes the next octet and reports whether it is part of a longer
// character, and so no delimiter.
func (c *charset) follow(b byte) bool {
	switch c.width {
	case paired:
		if c.lead {
			c.lead = false
			return true
		}
		c.lead = b >= 0x81 && b <= 0xfe
		return c.lead
	case escaped:
		return c.followEscape(b)
	}
	return false
}

// followEscape tracks the escape sequences of ISO 2022: ESC $ B (and ESC $ @,
// ESC $ ( D) switch two-octet characters on, ESC ( B and its like off.
func (c *charset) followEscape(b byte) bool {
	const (
		none = iota
		began
		dollar
		paren
	)
	switch {
	case b == 0x1b:
		c.escape = began
	case c.escape == began && b == '$':
		c.escape = dollar
	case c.escape == began:
		c.escape = paren
	case c.escape == dollar && b == '(':
		// one more octet names the set
	case c.escape == dollar:
		c.escape, c.double = none, true
	case c.escape == paren:
		c.escape, c.double = none, false
	default:
		return c.double
	}
	return true
}

// decode turns octets into UTF-8. What cannot be read becomes U+FFFD, by which
// the value that holds it is dropped later.
func (c *charset) decode(b []byte) string {
	if ascii(b) && c.width != escaped {
		return string(b)
	}
	if c.encoding != nil {
		text, err := c.encoding.NewDecoder().Bytes(b)
		if err != nil {
			return string(utf8.RuneError)
		}
		return string(text)
	}
	if c.utf8 {
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	}
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(string(b), string(utf8.RuneError)))
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
