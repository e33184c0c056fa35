package dns_test

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
)

var (
	host  = netip.MustParseAddr("192.0.2.31")
	host6 = netip.MustParseAddr("fe80::31")
	other = netip.MustParseAddr("192.0.2.99")
)

// dotted is a name in wire form. A label may hold any octet but a dot.
func dotted(name string) (b []byte) {
	for label := range strings.SplitSeq(name, ".") {
		b = append(append(b, byte(len(label))), label...)
	}
	return append(b, 0)
}

const (
	response  = 0x8400
	flush     = 0x8001
	shared    = 1
	alive     = 120
	goodbye   = 0
	typeA     = 1
	typePTR   = 12
	typeHINFO = 13
	typeTXT   = 16
	typeAAAA  = 28
	typeSRV   = 33
	typeNSEC  = 47
)

func record(name string, kind, class uint16, ttl uint32, data ...[]byte) []byte {
	return raw(dotted(name), kind, class, ttl, data...)
}

func raw(name []byte, kind, class uint16, ttl uint32, data ...[]byte) []byte {
	all := slices.Concat(data...)
	b := binary.BigEndian.AppendUint16(slices.Clone(name), kind)
	b = binary.BigEndian.AppendUint16(b, class)
	b = binary.BigEndian.AppendUint32(b, ttl)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(all))), all...)
}

func a(name string, addr netip.Addr) []byte { return record(name, typeA, flush, alive, addr.AsSlice()) }

func aaaa(name string, addr netip.Addr) []byte {
	return record(name, typeAAAA, flush, alive, addr.AsSlice())
}

func srv(instance, target string) []byte {
	return record(instance, typeSRV, flush, alive, []byte{0, 0, 0, 0, 0, 104}, dotted(target))
}

func txt(instance string, pairs ...string) []byte {
	var data []byte
	for _, p := range pairs {
		data = append(append(data, byte(len(p))), p...)
	}
	return record(instance, typeTXT, flush, alive, data)
}

// message is a header with its questions and its answers.
func message(id, flags uint16, questions [][]byte, answers ...[]byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, id)
	b = binary.BigEndian.AppendUint16(b, flags)
	b = binary.BigEndian.AppendUint16(b, uint16(len(questions)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(answers)))
	return slices.Concat(b, []byte{0, 0, 0, 0}, slices.Concat(questions...), slices.Concat(answers...))
}

func announce(records ...[]byte) []byte { return message(0, response, nil, records...) }

func asks(name string, kind byte) []byte { return append(dotted(name), 0, kind, 0, 1) }

// resolved is an answer of LLMNR to a question for an address.
func resolved(flags uint16, asked string, answers ...[]byte) []byte {
	return message(0x4711, flags, [][]byte{asks(asked, 1)}, answers...)
}
