package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// sniffLength is how much of a file that is no capture is looked at.
const sniffLength = 512

// signature is how a file of another kind begins.
type signature struct {
	prefix string
	says   string
}

// foreign are the kinds of file that people hand over by mistake, with what to do.
// It is a constant table: nothing writes to it.
var foreign = [...]signature{
	{"PK\x03\x04", "it looks like a ZIP archive; unpack it first"},
	{"(\xb5/\xfd", "it looks like Zstandard compression; unpack it first (zstd -d)"},
	{"\xfd7zXZ\x00", "it looks like xz compression; unpack it first (xz -d)"},
	{"BZh", "it looks like bzip2 compression; unpack it first (bzip2 -d)"},
	{"7z\xbc\xaf\x27\x1c", "it looks like a 7-Zip archive; unpack it first"},
	{"\x04\x22\x4d\x18", "it looks like LZ4 compression; unpack it first (lz4 -d)"},
	{"\x1f\x8b", "it looks like gzip inside gzip; unpack it once first (gzip -d)"},
	{"snoop\x00\x00\x00", "it looks like a Solaris snoop capture; convert it with editcap -F pcapng"},
	{"GMBU", "it looks like a Microsoft Network Monitor capture; convert it with editcap -F pcapng"},
	{"RTSS", "it looks like a Microsoft Network Monitor capture; convert it with editcap -F pcapng"},
	{"XCP\x00", "it looks like a NetXRay capture; convert it with editcap -F pcapng"},
	{"TRSNIFF data", "it looks like a Sniffer capture; convert it with editcap -F pcapng"},
	{"\x7fELF", "it looks like a program; name a capture file"},
	{"%PDF-", "it looks like a PDF document; name a capture file"},
	{"SQLite format 3\x00", "it looks like an SQLite database; name a capture file"},
	{"<!DOCTYPE", "it looks like an HTML page; the download went wrong, fetch the file itself"},
	{"<html", "it looks like an HTML page; the download went wrong, fetch the file itself"},
	{"<?xml", "it looks like XML; export the packets as pcapng instead"},
}

// recognise looks at the first bytes and returns the reader for them, standing
// behind the file header.
func recognise(s *stream) (records, error) {
	head, err := s.peek(4)
	var short *shortError
	switch {
	case err == io.EOF:
		return nil, errors.New("no capture: the file is empty; record it again")
	case errors.As(err, &short):
		return nil, fmt.Errorf("no capture: the file has only %d bytes; record it again", short.have)
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w; copy the file again", err)
	}
	if binary.LittleEndian.Uint32(head) == blockSection {
		return newPcapng(s)
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case magicMicro, magicNano, magicModified:
			return newPcap(s, order)
		}
	}
	return nil, fmt.Errorf("no capture: %s", resemblance(s))
}

// resemblance says what a file that is no capture looks like, and what to do. It
// tells none of the file's content.
func resemblance(s *stream) string {
	head, _ := s.window.Peek(sniffLength) // a shorter file gives what it has
	for _, f := range foreign {
		if bytes.HasPrefix(head, []byte(f.prefix)) {
			return f.says
		}
	}
	if isText(head) {
		return "it looks like text; name a pcap or pcapng file"
	}
	return "it begins like no capture format known here; name a pcap or pcapng file, or convert it with editcap -F pcapng"
}

// isText reports whether b could be text in UTF-8: no control characters but white
// space. A character may be cut at the end.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			return !utf8.FullRune(b)
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
		b = b[size:]
	}
	return true
}
