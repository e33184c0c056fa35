package cdp

import (
	"encoding/binary"

	"github.com/auscult/auscult/protocols"
)

const (
	// headerLength covers version, time to live and checksum.
	headerLength = 4
	// tlvHeader covers kind and length of an element; the length counts it.
	tlvHeader = 4
	// maxName bounds a device's name: 255 octets are more than any configuration takes.
	maxName = tlvHeader + 255
	// maxTLVs bounds the elements of one frame: switches send some 25.
	maxTLVs = 128
	// maxAddresses bounds the addresses of one frame. One or two are usual.
	maxAddresses = 8
)

// The kinds of elements that are read: Cisco's description, and packet-cdp.c of
// Wireshark for those that it leaves out.
const (
	tlvDevice       = 0x0001
	tlvAddresses    = 0x0002
	tlvPort         = 0x0003
	tlvCapabilities = 0x0004
	tlvVersion      = 0x0005
	tlvPlatform     = 0x0006
	tlvHello        = 0x0008
	tlvNativeVLAN   = 0x000a
	tlvSystemName   = 0x0014
	tlvSystemObject = 0x0015
	tlvManagement   = 0x0016
	tlvLocation     = 0x0017
)

// tlv is one element. Its value lies in the frame.
type tlv struct {
	kind  uint16
	value []byte
}

// parse reads one frame. Anything but Parsed and LimitReached leaves nothing to state.
// room is for the elements; it is the caller's.
func parse(b []byte, room []tlv) ([]tlv, protocols.Outcome) {
	switch {
	case len(b) < headerLength:
		return nil, protocols.Truncated
	case b[0] != 1 && b[0] != 2:
		return nil, protocols.Unsupported
	case !sumFits(b):
		return nil, protocols.Malformed // damaged, cut, or written by hand
	}
	for b = b[headerLength:]; len(b) > 0; {
		if len(room) == maxTLVs {
			return room, protocols.LimitReached
		}
		if len(b) < tlvHeader {
			return nil, protocols.Malformed
		}
		n := int(binary.BigEndian.Uint16(b[2:]))
		if n < tlvHeader || n > len(b) {
			return nil, protocols.Malformed
		}
		room = append(room, tlv{kind: binary.BigEndian.Uint16(b), value: b[tlvHeader:n]})
		b = b[n:]
	}
	return room, protocols.Parsed
}

// sumFits reports whether the checksum over the whole frame is right: that of the
// Internet (RFC 1071), in which an odd octet at the end stands for the high half of a
// word, or as Cisco's systems count it, who take it for the low half, with its sign.
func sumFits(b []byte) bool {
	words := b[:len(b)&^1]
	sum := uint32(0)
	for i := 0; i < len(words); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(words[i:]))
	}
	if len(words) == len(b) {
		return folded(sum)
	}
	odd := b[len(b)-1]
	return folded(sum+uint32(odd)<<8) || folded(sum+uint32(cisco(odd)))
}

// cisco is what Cisco's systems add for an odd octet: the octet with its sign, less one
// where that is negative (packet-cdp.c of Wireshark).
func cisco(odd byte) uint16 {
	if odd&0x80 == 0 {
		return uint16(odd)
	}
	return 0xff00 | uint16(odd-1)
}

// folded reports whether a sum that includes its own complement is right.
func folded(sum uint32) bool {
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return sum == 0xffff
}
