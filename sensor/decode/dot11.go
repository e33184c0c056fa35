package decode

import "github.com/auscult/auscult/sensor"

// The header of an 802.11 data frame (IEEE 802.11-2020, section 9.3.2.1), in bytes.
const (
	dot11Length  = 24
	dot11Address = 6 // the fourth address, between two access points
	dot11QoS     = 2
	dot11HT      = 4
)

// Frame control (section 9.2.4.1): version, type and subtype in the first byte, flags
// in the second.
const (
	dot11Kind      = 0x0f // version and type
	dot11Data      = 0x08
	dot11NoData    = 0x40 // subtypes that carry nothing
	dot11IsQoS     = 0x80
	dot11ToDS      = 0x01
	dot11FromDS    = 0x02
	dot11DS        = dot11ToDS | dot11FromDS
	dot11More      = 0x04
	dot11Protected = 0x40
	dot11Order     = 0x80 // with QoS: the HT control field is there
	dot11AMSDU     = 0x80 // in the first byte of QoS control
)

// dot11 opens a data frame that an access point relays, and leaves the cursor behind
// LLC. Frames in pieces, and several in one (A-MSDU), are not opened.
func dot11(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(2) {
		return c, c.short(2)
	}
	control, flags, swapped := frameControl(c.b[0], c.b[1])
	if flags&dot11DS == 0 {
		return c, sensor.NotIP
	}
	length, qos := dot11Fields(control, flags)
	if !c.has(length) {
		return c, c.short(length)
	}
	b := c.b
	dot11Roles(b, flags, h)
	c.skip(length)
	aggregate := qos != 0 && b[qos]&dot11AMSDU != 0
	pieces := flags&dot11More != 0 || b[dot11Sequence(swapped)]&0x0f != 0
	if control&dot11NoData != 0 {
		return c, sensor.NotIP
	}
	inner, v := llc(c, h)
	switch {
	case v == sensor.Truncated:
		return c, v
	case flags&dot11Protected != 0 && v != sensor.Decoded:
		return c, sensor.Encrypted
	case aggregate || pieces:
		return c, sensor.Tunnelled
	case v == sensor.Decoded && isTag(h.etherType):
		return tags(inner, h)
	}
	return inner, v
}

// frameControl tells which of two bytes is which: some of Cisco's access points and
// controllers send them swapped (Wireshark has a preference for it, "needed for some
// APs"). A relayed data frame is 8 in the low half of the first byte and goes to or
// from the distribution system by the two lowest bits of the second; since a type
// has those bits zero, no frame can be read in both ways. The flags are 0 where it is
// no such frame.
func frameControl(a, b byte) (control, flags byte, swapped bool) {
	switch {
	case a&dot11Kind == dot11Data && b&dot11DS != 0:
		return a, b, false
	case b&dot11Kind == dot11Data && a&dot11DS != 0:
		return b, a, true
	}
	return 0, 0, false
}

// dot11Sequence is where the byte of sequence control with the number of the piece
// stands (section 9.2.4.4): who swaps frame control swaps it too.
func dot11Sequence(swapped bool) int {
	if swapped {
		return 23
	}
	return 22
}

// dot11Fields says how long the header is, and where QoS control stands; 0: nowhere.
func dot11Fields(control, flags byte) (length, qos int) {
	length = dot11Length
	if flags&dot11DS == dot11DS {
		length += dot11Address
	}
	if control&dot11IsQoS != 0 {
		qos = length
		length += dot11QoS
		if flags&dot11Order != 0 {
			length += dot11HT
		}
	}
	return length, qos
}

// dot11Roles: which address is whose depends on the direction (table 9-30).
func dot11Roles(b []byte, flags byte, h *head) {
	first, second, third := b[4:10], b[10:16], b[16:22]
	switch flags & dot11DS {
	case dot11ToDS:
		copy(h.to[:], third)
		copy(h.from[:], second)
	case dot11FromDS:
		copy(h.to[:], first)
		copy(h.from[:], third)
	default:
		copy(h.to[:], third)
		copy(h.from[:], b[24:30])
	}
}
