package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// MaxFileBytes bounds a file: 500,000 rows of 128 bytes. A larger one is not an
// export of one hospital's records.
const MaxFileBytes = 64 << 20

// The names of the charsets, as a mapping and a report write them.
const (
	utf8Name    = "utf-8"
	utf16Name   = "utf-16"
	cp1252Name  = "cp1252"
	sniffLength = 4096 // enough to tell UTF-16 without a byte order mark by its zero bytes
)

// readBody reads the whole body within its bound.
func readBody(body io.Reader) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w; copy the file again", err)
	}
	if len(raw) > MaxFileBytes {
		return nil, fmt.Errorf("larger than %d MiB; export fewer columns, or one facility at a time", MaxFileBytes>>20)
	}
	return raw, nil
}

// decodeText returns raw as UTF-8 without a byte order mark, with the name of
// the charset that it was in. wanted is the mapping's encoding, or "".
func decodeText(raw []byte, wanted string) (text []byte, charset string, err error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, "", errors.New("the file is empty; export it again")
	}
	if err := refuseBinary(raw); err != nil {
		return nil, "", err
	}
	if wanted == "" {
		wanted = guessCharset(raw)
	}
	text, err = decodeAs(raw, wanted)
	return text, wanted, err
}

// refuseBinary names the formats that people send instead of CSV, by their first
// bytes: ZIP (APPNOTE 4.3.7; .xlsx is one), OLE compound file (MS-CFB 2.2; .xls)
// and PDF (ISO 32000-1, 7.5.2).
func refuseBinary(raw []byte) error {
	for _, known := range []struct{ magic, name string }{
		{"PK\x03\x04", "an Excel workbook or another ZIP file"},
		{"\xD0\xCF\x11\xE0", "an old Excel workbook"},
		{"%PDF", "a PDF"},
		{"\x1F\x8B", "compressed"},
	} {
		if bytes.HasPrefix(raw, []byte(known.magic)) {
			return fmt.Errorf("this is %s, not CSV; save it as CSV (UTF-8) and import that", known.name)
		}
	}
	return nil
}

func guessCharset(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		return utf16Name
	case bytes.IndexByte(raw[:min(len(raw), sniffLength)], 0) >= 0:
		return utf16Name // text in any other charset has no zero bytes
	case utf8.Valid(raw):
		return utf8Name
	}
	return cp1252Name
}

// utf16Order tells the byte order: by the mark, or by where the zero bytes of
// Latin text stand.
func utf16Order(raw []byte) unicode.Endianness {
	if bytes.HasPrefix(raw, []byte{0xFE, 0xFF}) {
		return unicode.BigEndian
	}
	if bytes.HasPrefix(raw, []byte{0xFF, 0xFE}) {
		return unicode.LittleEndian
	}
	var zeros [2]int
	for i, b := range raw[:min(len(raw), sniffLength)] {
		if b == 0 {
			zeros[i&1]++
		}
	}
	if zeros[0] > zeros[1] {
		return unicode.BigEndian
	}
	return unicode.LittleEndian
}

func decodeAs(raw []byte, charset string) ([]byte, error) {
	var d encoding.Encoding
	switch charset {
	case utf8Name:
		return bytes.ToValidUTF8(bytes.TrimPrefix(raw, []byte("\xEF\xBB\xBF")), []byte("\uFFFD")), nil
	case utf16Name:
		d = unicode.UTF16(utf16Order(raw), unicode.UseBOM)
	default:
		d = charmap.Windows1252
	}
	text, err := d.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, fmt.Errorf("not %s: %w; export the file as UTF-8", charset, err)
	}
	return text, nil
}
