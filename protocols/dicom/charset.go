package dicom

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decoder turns the octets of a text element into UTF-8 by (0008,0005). The zero
// value reads ISO 646 only, the default repertoire: whatever else comes is
// refused, as nobody can say what it means.
type decoder struct {
	low       lowSet            // octets below 80H
	high      encoding.Encoding // octets from 80H on
	kana      bool              // those are half-width katakana instead
	extension bool              // ISO 2022 escape sequences switch sets
}

// lowSet is what the octets below 80H stand for: ISO 646, or two octets a
// Japanese character.
type lowSet uint8

const (
	latin lowSet = iota
	jisX0208
	jisX0212
)

// decoderOf reads (0008,0005): PS3.3 section C.12.1.1.2. An unknown term leaves
// the default repertoire.
func decoderOf(b []byte) decoder {
	terms := strings.Split(strings.Trim(string(b), " \x00"), `\`)
	first := definedTerm(terms[0])
	d := decoder{extension: len(terms) > 1 || strings.HasPrefix(first, "ISO 2022")}
	switch first = strings.Replace(first, "ISO 2022 IR", "ISO_IR", 1); first {
	case "ISO_IR 13":
		d.kana = true
	case "ISO_IR 192":
		return decoder{high: unicode.UTF8}
	case "GB18030":
		return decoder{high: simplifiedchinese.GB18030}
	case "GBK":
		return decoder{high: simplifiedchinese.GBK}
	default:
		d.high = singleByte(first)
	}
	return d
}

// definedTerm returns a term as the standard writes it, where a maker wrote it with
// other signs between its parts ("ISO-IR 100", "ISO IR 192", "ISO_2022_IR_87"), in
// other letters, or by the name that the set has elsewhere.
func definedTerm(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return strings.ContainsRune(" _-\x00", r) }), " ")
	switch s {
	case "UTF 8", "UTF8":
		return "ISO_IR 192"
	case "ISO8859 1", "ISO 8859 1", "LATIN1":
		return "ISO_IR 100"
	case "ISO 2022 GBK":
		return "GBK"
	}
	if number, ok := strings.CutPrefix(s, "ISO IR "); ok {
		return "ISO_IR " + number
	}
	if number, ok := strings.CutPrefix(s, "ISO 2022 "); ok && !strings.HasPrefix(number, "IR ") {
		return "ISO 2022 IR " + number
	}
	return s
}

// singleByte maps the defined terms of PS3.3 tables C.12-2 and C.12-3. It is nil
// for the default repertoire and for unknown terms.
func singleByte(term string) encoding.Encoding {
	switch term {
	case "ISO_IR 100":
		return charmap.ISO8859_1
	case "ISO_IR 101":
		return charmap.ISO8859_2
	case "ISO_IR 109":
		return charmap.ISO8859_3
	case "ISO_IR 110":
		return charmap.ISO8859_4
	case "ISO_IR 144":
		return charmap.ISO8859_5
	case "ISO_IR 127":
		return charmap.ISO8859_6
	case "ISO_IR 126":
		return charmap.ISO8859_7
	case "ISO_IR 138":
		return charmap.ISO8859_8
	case "ISO_IR 148":
		return charmap.ISO8859_9
	case "ISO_IR 203":
		return charmap.ISO8859_15
	case "ISO_IR 166":
		return charmap.Windows874 // TIS 620 and a few signs more
	}
	return nil
}

// text decodes all of b. It reports false for nothing, and for what its
// character set does not have.
func (d decoder) text(b []byte) (string, bool) {
	b = bytes.Trim(b, " \x00")
	var out strings.Builder
	for len(b) > 0 {
		run := len(b)
		if d.extension {
			if escape := bytes.IndexByte(b, 0x1B); escape == 0 {
				size := d.escape(b)
				if size == 0 {
					return "", false
				}
				b = b[size:]
				continue
			} else if escape > 0 {
				run = escape
			}
		}
		part, ok := d.run(b[:run])
		if !ok {
			return "", false
		}
		out.WriteString(part)
		b = b[run:]
	}
	return out.String(), out.Len() > 0
}

// run decodes octets of one designation.
func (d decoder) run(b []byte) (string, bool) {
	switch {
	case d.low != latin:
		return japaneseLow(b, d.low)
	case isASCII(b):
		return string(b), true
	case d.kana:
		return katakana(b)
	case d.high == nil:
		return "", false
	}
	return decode(d.high, b)
}

func decode(e encoding.Encoding, b []byte) (string, bool) {
	plain, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(plain, utf8.RuneError) {
		return "", false
	}
	return string(plain), true
}

// japaneseLow decodes two-octet characters by way of EUC-JP, which has the same
// sets with the high bit set and JIS X 0212 behind 8FH.
func japaneseLow(b []byte, set lowSet) (string, bool) {
	if len(b)%2 != 0 || !isASCII(b) {
		return "", false
	}
	var euc []byte
	for i := 0; i < len(b); i += 2 {
		if set == jisX0212 {
			euc = append(euc, 0x8F)
		}
		euc = append(euc, b[i]|0x80, b[i+1]|0x80)
	}
	return decode(japanese.EUCJP, euc)
}

// katakana decodes JIS X 0201: ISO 646 below 80H, and A1H to DFH as U+FF61 to
// U+FF9F.
func katakana(b []byte) (string, bool) {
	var out strings.Builder
	for _, c := range b {
		switch {
		case c < utf8.RuneSelf:
			out.WriteByte(c)
		case c >= 0xA1 && c <= 0xDF:
			out.WriteRune(0xFF61 + rune(c-0xA1))
		default:
			return "", false
		}
	}
	return out.String(), true
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escape switches sets by the escape sequence that b begins with and returns its
// length, 0 for one that DICOM does not have: PS3.3 tables C.12-3 and C.12-4.
func (d *decoder) escape(b []byte) int {
	if len(b) >= 4 {
		switch string(b[1:4]) {
		case "$(D":
			d.low = jisX0212
			return 4
		case "$)C":
			d.high, d.kana = korean.EUCKR, false
			return 4
		case "$)A":
			d.high, d.kana = simplifiedchinese.GBK, false
			return 4
		}
	}
	if len(b) < 3 {
		return 0
	}
	switch sequence := string(b[1:3]); sequence {
	case "(B", "(J":
		d.low = latin
	case "$B", "$@":
		d.low = jisX0208
	case ")I":
		d.high, d.kana = nil, true
	default:
		set := singleByte(highSets[sequence])
		if set == nil {
			return 0
		}
		d.high, d.kana = set, false
	}
	return 3
}

// highSets names what an escape sequence puts above 80H.
var highSets = map[string]string{
	"-A": "ISO_IR 100", "-B": "ISO_IR 101", "-C": "ISO_IR 109", "-D": "ISO_IR 110", "-L": "ISO_IR 144",
	"-G": "ISO_IR 127", "-F": "ISO_IR 126", "-H": "ISO_IR 138", "-M": "ISO_IR 148", "-T": "ISO_IR 166", "-b": "ISO_IR 203",
}
