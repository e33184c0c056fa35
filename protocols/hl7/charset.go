package hl7

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// width says how a character set uses octets that look like delimiters.
type width uint8

const (
	narrow  width = iota // every octet below 80H is ASCII
	paired               // a lead octet from 81H takes the next one with it
	escaped              // ISO 2022: escape sequences and shifts switch to longer characters
)

// charset is the character set of MSH-18 (HL7 table 0211) with the position
// inside its multi-octet characters. The zero value is ASCII.
type charset struct {
	encoding encoding.Encoding // of octets from 80H on that nothing has switched; nil: none
	utf8     bool
	katakana bool // octets from 80H on are those of JIS X 0201
	width    width
	lead     bool // paired: the next octet belongs to this one
	position
}

// charsetOf reads MSH-18. Several names mean ISO 2022 switching between them
// (HL7 2.9, section 2.14.9.18); the first that is more than ASCII holds where
// nothing was switched. Unknown names read as ASCII: what is not ASCII then is
// dropped, not guessed.
func charsetOf(names []string) charset {
	var out charset
	switches := false
	for _, name := range names {
		c, ok := charsetNamed(strings.ToUpper(strings.TrimSpace(name)))
		switch {
		case !ok:
		case !out.beyondASCII():
			out.width = max(out.width, c.width)
			out.encoding, out.utf8, out.katakana = c.encoding, c.utf8, out.katakana || c.katakana
			switches = switches || c.width == escaped
		case c.width == escaped || c.beyondASCII():
			switches = true
			out.katakana = out.katakana || c.katakana
		}
	}
	if switches && !out.utf8 && out.width != paired {
		out.width = escaped
	}
	return out
}

// beyondASCII reports a set that reads octets from 80H on.
func (c *charset) beyondASCII() bool { return c.encoding != nil || c.utf8 }

// charsetNamed knows the names of HL7 table 0211 and how senders misspell them.
// UTF-16 and UTF-32 are turned into UTF-8 before segments are read (widetext.go);
// where the octets are none, the name is wrong and the text most likely UTF-8. Of
// CNS 11643 only the places of its characters are known: no decoder is at hand, so
// what is written in it is dropped.
func charsetNamed(name string) (charset, bool) {
	switch name {
	case "UNICODE UTF-8", "UNICODE", "UTF-8", "UTF8", "UNICODE UTF-16", "UNICODE UTF-32":
		return charset{utf8: true}, true
	case "GB 18030-2000", "GB18030", "GB 18030":
		return charset{encoding: simplifiedchinese.GB18030, width: paired}, true
	case "BIG-5", "BIG5":
		return charset{encoding: traditionalchinese.Big5, width: paired}, true
	case "KS X 1001":
		return charset{encoding: korean.EUCKR, width: paired}, true
	case "ISO IR13":
		return charset{katakana: true, width: escaped}, true
	case "ISO IR6", "ISO IR14", "ISO IR87", "ISO IR159", "JIS X 0202", "CNS 11643-1992", "CNS 11643":
		return charset{width: escaped}, true
	}
	if e := latin(strings.TrimPrefix(strings.Replace(name, "8859-", "8859/", 1), "ISO ")); e != nil {
		return charset{encoding: e}, true
	}
	return charset{}, false
}

// latin returns the 8-bit sets of ISO 8859.
func latin(name string) encoding.Encoding {
	part, found := strings.CutPrefix(name, "8859/")
	if !found {
		return nil
	}
	switch part {
	case "1":
		return charmap.ISO8859_1
	case "2":
		return charmap.ISO8859_2
	case "3":
		return charmap.ISO8859_3
	case "4":
		return charmap.ISO8859_4
	case "5":
		return charmap.ISO8859_5
	case "6":
		return charmap.ISO8859_6
	case "7":
		return charmap.ISO8859_7
	case "8":
		return charmap.ISO8859_8
	case "9":
		return charmap.ISO8859_9
	}
	return laterLatin(part)
}

// laterLatin returns the sets that table 0211 took up late, and those that it never
// did and senders name all the same.
func laterLatin(part string) encoding.Encoding {
	switch part {
	case "10":
		return charmap.ISO8859_10
	case "13":
		return charmap.ISO8859_13
	case "14":
		return charmap.ISO8859_14
	case "15":
		return charmap.ISO8859_15
	case "16":
		return charmap.ISO8859_16
	}
	return nil
}

// wide reports whether a delimiter's octet may be half of a character.
func (c *charset) wide() bool { return c.width != narrow }

// fresh returns the set at the beginning of a segment, where every switch is
// back at ASCII (HL7 2.9, section 2.14.9.18).
func (c *charset) fresh() charset {
	return charset{encoding: c.encoding, utf8: c.utf8, katakana: c.katakana, width: c.width}
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
		return c.position.follow(b)
	}
	return false
}

// decode turns octets into UTF-8. What cannot be read becomes U+FFFD, by which
// the value that holds it is dropped later.
func (c *charset) decode(b []byte) string {
	switch {
	case c.width == escaped:
		return c.switched(b)
	case ascii(b):
		return string(b)
	case c.utf8:
		return strings.ToValidUTF8(string(b), string(utf8.RuneError))
	case c.encoding != nil:
		return decoded(c.encoding, b)
	}
	return onlyASCII(b)
}

func decoded(e encoding.Encoding, b []byte) string {
	text, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return string(utf8.RuneError)
	}
	return string(text)
}

// onlyASCII keeps ASCII and marks that there was more.
func onlyASCII(b []byte) string {
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
