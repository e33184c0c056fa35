package cdp_test

import (
	"encoding/binary"
	"slices"
)

// tlv writes one element.
func tlv(kind uint16, value string) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	return append(binary.BigEndian.AppendUint16(b, uint16(len(value)+4)), value...)
}

// frame writes a frame with its checksum, as Cisco's systems count it.
func frame(elements ...[]byte) []byte {
	b := append([]byte{2, 180, 0, 0}, slices.Concat(elements...)...)
	binary.BigEndian.PutUint16(b[2:], checksum(b, true))
	return b
}

// checksum is that of the Internet. An odd octet is taken for a low half with its sign by
// Cisco, and for a high half by others.
func checksum(b []byte, ciscos bool) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if odd := b[len(b)-1]; len(b)%2 == 1 {
		switch {
		case !ciscos:
			sum += uint32(odd) << 8
		case odd < 0x80:
			sum += uint32(odd)
		default:
			sum += 0xff00 | uint32(odd-1)
		}
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

func device(name string) []byte { return tlv(1, name) }

// addresses writes a list of IPv4 addresses.
func addresses(kind uint16, all ...string) []byte {
	v := binary.BigEndian.AppendUint32(nil, uint32(len(all)))
	for _, a := range all {
		v = append(append(v, 1, 1, 0xcc, 0, byte(len(a))), a...)
	}
	return tlv(kind, string(v))
}

// hello writes the hello of a cluster with the switch's own address.
func hello(mac string) []byte {
	return tlv(8, "\x00\x00\x0c\x01\x12"+"\x00\x00\x00\x00"+"\xff\xff\xff\xff"+"\x01\x02\x21\xff"+"\x00\x00\x00\x00\x00\x00"+mac+"\xff\x00\x00")
}
