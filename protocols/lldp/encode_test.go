package lldp_test

import (
	"encoding/binary"
	"slices"
)

// tlv writes one element.
func tlv(kind byte, parts ...[]byte) []byte {
	value := slices.Concat(parts...)
	return append(binary.BigEndian.AppendUint16(nil, uint16(kind)<<9|uint16(len(value))), value...)
}

func named(kind byte, kindOf byte, name string) []byte {
	return tlv(kind, []byte{kindOf}, []byte(name))
}

var (
	chassis = tlv(1, []byte{4, 0x00, 0x1b, 0x54, 0xaa, 0x00, 0x00})
	port    = named(2, 5, "Gi1/0/7")
	ttl     = tlv(3, []byte{0, 120})
	end     = tlv(0)
)

// frame writes a frame of a chassis, and what else it says.
func frame(more ...[]byte) []byte {
	return slices.Concat(chassis, port, ttl, slices.Concat(more...), end)
}

func name(s string) []byte { return tlv(5, []byte(s)) }

// capable writes capabilities: those that it has, and those that it uses.
func capable(has, does uint16) []byte {
	return tlv(7, binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, has), does))
}

func managed(family byte, address ...byte) []byte {
	return tlv(8, []byte{byte(1 + len(address)), family}, address, []byte{2, 0, 0, 0, 1, 0})
}

// med writes an element of LLDP-MED, vlans one of IEEE 802.1.
func med(which byte, value string) []byte {
	return tlv(127, []byte{0x00, 0x12, 0xbb, which}, []byte(value))
}

func vlans(which byte, value string) []byte {
	return tlv(127, []byte{0x00, 0x80, 0xc2, which}, []byte(value))
}

// class is the LLDP-MED capabilities of a class of device.
func class(c byte) []byte { return med(1, string([]byte{0, 0x33, c})) }

// civic writes a civic address: of what it is, and its elements.
func civic(what byte, elements ...[]byte) []byte {
	all := append([]byte{what, 'U', 'S'}, slices.Concat(elements...)...)
	return med(3, string(append([]byte{2, byte(len(all))}, all...)))
}

func part(kind byte, s string) []byte { return append([]byte{kind, byte(len(s))}, s...) }
