package netbios_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
)

var (
	host  = netip.MustParseAddr("192.0.2.31")
	other = netip.MustParseAddr("192.0.2.99")
)

// encoded is a name with its suffix in first-level encoding, without a scope.
func encoded(text string, suffix byte) []byte {
	raw := append([]byte(text + strings.Repeat(" ", 15))[:15:15], suffix)
	b := []byte{32}
	for _, c := range raw {
		b = append(b, 'A'+c>>4, 'A'+c&15)
	}
	return append(b, 0)
}

// header is a transaction, flags, and the counts of questions, answers, and additional
// resources.
func header(flags uint16, questions, answers, additional byte) []byte {
	return []byte{0x12, 0x34, byte(flags >> 8), byte(flags), 0, questions, 0, answers, 0, 0, 0, additional}
}

// resource is everything of a name resource behind its name.
func resource(kind byte, data []byte) []byte {
	b := []byte{0, kind, 0, 1, 0, 4, 0x93, 0xe0}
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

func address(flags uint16, a netip.Addr) []byte {
	return append([]byte{byte(flags >> 8), byte(flags)}, a.AsSlice()...)
}

const groupFlag = 0x8000

func registration(flags uint16, text string, suffix byte, nameFlags uint16, a netip.Addr) []byte {
	return slices.Concat(header(flags, 1, 0, 1), encoded(text, suffix), []byte{0, 0x20, 0, 1, 0xc0, 12}, resource(0x20, address(nameFlags, a)))
}

func response(text string, suffix byte, data ...[]byte) []byte {
	return slices.Concat(header(0x8500, 0, 1, 0), encoded(text, suffix), resource(0x20, slices.Concat(data...)))
}

func query(text string, kind byte) []byte {
	return slices.Concat(header(0x0110, 1, 0, 0), encoded(text, 0), []byte{0, kind, 0, 1})
}

// owned is one name of a node status.
func owned(text string, suffix byte, flags uint16) []byte {
	b := append([]byte(text + strings.Repeat(" ", 15))[:15:15], suffix)
	return binary.BigEndian.AppendUint16(b, flags)
}

func status(count byte, names ...[]byte) []byte {
	data := slices.Concat([]byte{count}, slices.Concat(names...), make([]byte, 46))
	return slices.Concat(header(0x8400, 0, 1, 0), encoded("*", 0), resource(0x21, data))
}

// announcement is the data of a browser announcement.
func announcement(kind byte, who string, major, minor byte, server uint32) []byte {
	b := slices.Concat([]byte{kind, 1, 0x80, 0xa9, 3, 0}, append([]byte(who), make([]byte, 16)...)[:16], []byte{major, minor})
	b = binary.LittleEndian.AppendUint32(b, server)
	return append(b, "\x0f\x01\x55\xaaCanary's room\x00"...)
}

// mailslot is a transaction that writes data to a mailslot.
func mailslot(slot string, data []byte) []byte {
	words := make([]byte, 34)
	at := 32 + 1 + 34 + 2 + len(slot) + 1
	binary.LittleEndian.PutUint16(words[2:], uint16(len(data)))
	binary.LittleEndian.PutUint16(words[22:], uint16(len(data)))
	binary.LittleEndian.PutUint16(words[24:], uint16(at))
	words[26], words[28], words[30], words[32] = 3, 1, 1, 2
	b := slices.Concat([]byte("\xffSMB\x25"), make([]byte, 27), []byte{17}, words)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(slot)+1+len(data)))
	return slices.Concat(b, []byte(slot), []byte{0}, data)
}

// datagram is a direct group datagram of a host to the browsers of a workgroup.
func datagram(origin netip.Addr, from string, toSuffix byte, body []byte) []byte {
	names := slices.Concat(encoded(from, 0), encoded("RADIOLOGY", toSuffix))
	b := slices.Concat([]byte{0x11, 0x02, 0x80, 1}, origin.AsSlice(), []byte{0, 138})
	b = binary.BigEndian.AppendUint16(b, uint16(len(names)+len(body)))
	return slices.Concat(b, []byte{0, 0}, names, body)
}

func browse(data []byte) []byte { return mailslot(`\MAILSLOT\BROWSE`, data) }
