package decode

import (
	"encoding/binary"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// MaxTags bounds the VLAN tags of one frame: two is QinQ, and a provider's third
// is known; more is an attack or a loop.
const MaxTags = 4

// The lengths of link headers, in bytes: IEEE 802.3 section 3.1, IEEE 802.1Q
// section 9.3, and the link type registry of the tcpdump group.
const (
	ethernetLength = 14
	tagLength      = 4
	sllLength      = 16
	sll2Length     = 20
	nullLength     = 4
	snapLength     = 8
)

// The numbers that stand in link headers.
const (
	// oldQinQ is the tag type that switches used for stacked tags before IEEE 802.1ad.
	oldQinQ = 0x9100
	// firstEtherType: smaller values are the length of an IEEE 802.3 frame (section 3.2.6).
	firstEtherType = 0x0600
	// The address families of BSD loopback headers; IPv6 has one for each system.
	familyIPv4        = 2
	familyIPv6Linux   = 10
	familyIPv6NetBSD  = 24
	familyIPv6FreeBSD = 28
	familyIPv6Darwin  = 30
	// vlanMask takes the VLAN identifier out of the tag control information.
	vlanMask = 0x0fff
)

// head is what the link header says.
type head struct {
	from, to  protocols.MAC
	vlan      uint16
	etherType uint16
}

// linkHeader walks the link header of f and leaves the cursor at the network
// header. The verdict Decoded means that it got there.
func linkHeader(f *sensor.Frame, h *head) (cursor, sensor.Verdict) {
	c := cursor{b: f.Data, wire: max(f.Length, len(f.Data))}
	if f.VLANTagged {
		h.vlan = f.VLAN & vlanMask
	}
	switch f.Link {
	case sensor.LinkEthernet:
		return ethernet(c, h)
	case sensor.LinkSLL:
		return sll(c, h)
	case sensor.LinkSLL2:
		return sll2(c, h)
	case sensor.LinkNull, sensor.LinkLoop:
		return loopback(c, h)
	case sensor.LinkRaw, sensor.LinkRawBSD, sensor.LinkIPv4, sensor.LinkIPv6:
		return rawIP(c, h)
	}
	return c, sensor.UnknownLink
}

func ethernet(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(ethernetLength) {
		return c, c.short(ethernetLength)
	}
	copy(h.to[:], c.b[0:6])
	copy(h.from[:], c.b[6:12])
	h.etherType = be16(c.b[12:])
	c.skip(ethernetLength)
	return tags(c, h)
}

// tags passes over VLAN tags, and over LLC with SNAP where the type field is a
// length.
func tags(c cursor, h *head) (cursor, sensor.Verdict) {
	for range MaxTags {
		if !isTag(h.etherType) {
			break
		}
		if !c.has(tagLength) {
			return c, c.short(tagLength)
		}
		h.vlan = be16(c.b) & vlanMask
		h.etherType = be16(c.b[2:])
		c.skip(tagLength)
	}
	if isTag(h.etherType) {
		return c, sensor.Malformed
	}
	if h.etherType < firstEtherType {
		return snap(c, h)
	}
	return c, sensor.Decoded
}

func isTag(etherType uint16) bool {
	switch etherType {
	case uint16(layers.EthernetTypeDot1Q), uint16(layers.EthernetTypeQinQ), oldQinQ:
		return true
	}
	return false
}

// snap reads LLC with a SNAP header, where the type field is the length of both.
func snap(c cursor, h *head) (cursor, sensor.Verdict) {
	if int(h.etherType) < c.wire {
		c.limit(int(h.etherType))
	}
	return llc(c, h)
}

// snapped begins an LLC header (IEEE 802.2) that a SNAP header follows: both service
// access points AAH, unnumbered information.
var snapped = [3]byte{0xaa, 0xaa, 3}

// The organizations in a SNAP header that are read: 000000H, behind which stands an
// EtherType (RFC 1042), and Cisco's, whose numbers are its own. Its Discovery Protocol
// has the same one in both.
var (
	encapsulated = [3]byte{}
	cisco        = [3]byte{0, 0, 0x0c}
)

// llc reads LLC (IEEE 802.2) with a SNAP header that carries an EtherType, or Cisco's
// Discovery Protocol. Other LLC frames (spanning tree, for one) are not read.
func llc(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(snapLength) {
		if c.wire >= snapLength {
			return c, sensor.Truncated
		}
		return c, sensor.NotIP
	}
	owner, number := [3]byte(c.b[3:6]), be16(c.b[6:])
	discovery := owner == cisco && number == uint16(layers.EthernetTypeCiscoDiscovery)
	if [3]byte(c.b[:3]) != snapped || owner != encapsulated && !discovery {
		return c, sensor.NotIP
	}
	h.etherType = number
	c.skip(snapLength)
	return c, sensor.Decoded
}

// sll reads the header of Linux "any" captures. It has the sender's address only.
func sll(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(sllLength) {
		return c, c.short(sllLength)
	}
	if be16(c.b[4:]) == uint16(len(h.from)) {
		copy(h.from[:], c.b[6:12])
	}
	h.etherType = be16(c.b[14:])
	c.skip(sllLength)
	return cooked(c, h)
}

func sll2(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(sll2Length) {
		return c, c.short(sll2Length)
	}
	h.etherType = be16(c.b)
	if int(c.b[11]) == len(h.from) {
		copy(h.from[:], c.b[12:18])
	}
	c.skip(sll2Length)
	return cooked(c, h)
}

// cooked keeps the protocol numbers below firstEtherType, which in a Linux
// header are not lengths, from being read as such.
func cooked(c cursor, h *head) (cursor, sensor.Verdict) {
	if h.etherType < firstEtherType {
		return c, sensor.NotIP
	}
	return tags(c, h)
}

// loopback reads LINKTYPE_NULL, which is in the byte order of the machine that
// captured, and LINKTYPE_LOOP, which is in network order.
func loopback(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(nullLength) {
		return c, c.short(nullLength)
	}
	family := be32(c.b)
	if family > 0xffff {
		family = binary.LittleEndian.Uint32(c.b)
	}
	c.skip(nullLength)
	switch family {
	case familyIPv4:
		h.etherType = uint16(layers.EthernetTypeIPv4)
	case familyIPv6Linux, familyIPv6NetBSD, familyIPv6FreeBSD, familyIPv6Darwin:
		h.etherType = uint16(layers.EthernetTypeIPv6)
	default:
		return c, sensor.NotIP
	}
	return c, sensor.Decoded
}

// rawIP has no link header: the version nibble tells which IP it is.
func rawIP(c cursor, h *head) (cursor, sensor.Verdict) {
	if !c.has(1) {
		return c, c.short(1)
	}
	switch c.b[0] >> 4 {
	case 4:
		h.etherType = uint16(layers.EthernetTypeIPv4)
	case 6:
		h.etherType = uint16(layers.EthernetTypeIPv6)
	default:
		return c, sensor.Malformed
	}
	return c, sensor.Decoded
}
