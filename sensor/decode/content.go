package decode

import (
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
)

// fit says whether bytes are what they would have to be.
type fit uint8

const (
	unfit    fit = iota
	cutShort     // the capture cut what would show it
	fits
)

// lacks is the answer for n bytes that are not at hand.
func (c *cursor) lacks(n int) fit {
	if n <= c.wire {
		return cutShort
	}
	return unfit
}

// ethernetFits reports whether an Ethernet frame with IP or ARP begins at c.
func ethernetFits(c cursor) fit {
	var h head
	c, v := ethernet(c, &h)
	switch v {
	case sensor.Decoded:
		return networkFits(h.etherType, c)
	case sensor.Truncated:
		return cutShort
	}
	return unfit
}

// networkFits reports whether c begins with what etherType promises.
func networkFits(etherType uint16, c cursor) fit {
	switch etherType {
	case uint16(layers.EthernetTypeIPv4):
		return ipv4Fits(c)
	case uint16(layers.EthernetTypeIPv6):
		return ipv6Fits(c)
	case uint16(layers.EthernetTypeARP):
		return arpFits(c)
	case uint16(layers.EthernetTypeLinkLayerDiscovery):
		return chassisFits(c)
	case uint16(layers.EthernetTypeCiscoDiscovery):
		return discoveryFits(c)
	case uint16(layers.EthernetTypeMPLSUnicast), uint16(layers.EthernetTypeMPLSMulticast):
		return labelsFit(c)
	case uint16(layers.EthernetTypePPPoESession):
		return pppoeFits(c)
	}
	return unfit
}

// ipv4Fits looks at what no IPv4 header lacks. The total length may be more than
// there is: mirrors shorten frames.
func ipv4Fits(c cursor) fit {
	if !c.has(ipv4Length) {
		return c.lacks(ipv4Length)
	}
	headerLength, total := int(c.b[0]&0x0f)*4, int(be16(c.b[2:]))
	reserved := c.b[6]&0x80 != 0
	if c.b[0]>>4 != 4 || headerLength < ipv4Length || total != 0 && total < headerLength || reserved {
		return unfit
	}
	return fits
}

// ipv6Fits: a multicast address is never a sender (RFC 4291, section 2.7).
func ipv6Fits(c cursor) fit {
	if !c.has(ipv6Length) {
		return c.lacks(ipv6Length)
	}
	if c.b[0]>>4 != 6 || c.b[8] == 0xff {
		return unfit
	}
	return fits
}

// arpFits takes ARP for IPv4 on Ethernet only (RFC 826; IANA, ARP parameters).
func arpFits(c cursor) fit {
	if !c.has(arpFixed) {
		return c.lacks(arpFixed)
	}
	if be16(c.b) != 1 || be16(c.b[2:]) != uint16(layers.EthernetTypeIPv4) || c.b[4] != 6 || c.b[5] != 4 {
		return unfit
	}
	return fits
}

// chassisFits takes LLDP by what it must begin with: the chassis, of a known kind
// (IEEE 802.1AB-2016, sections 8.5.1 and 8.5.2).
func chassisFits(c cursor) fit {
	if !c.has(3) {
		return c.lacks(3)
	}
	if length := int(be16(c.b) & 0x1ff); c.b[0]>>1 != 1 || length < 2 || c.b[2] == 0 || c.b[2] > 7 {
		return unfit
	}
	return fits
}

// discoveryFits takes Cisco's Discovery Protocol by its version and by the length of
// its first element, which has a header of four octets.
func discoveryFits(c cursor) fit {
	if !c.has(8) {
		return c.lacks(8)
	}
	if length := int(be16(c.b[6:])); c.b[0] != 1 && c.b[0] != 2 || length < 4 || length > c.wire-4 {
		return unfit
	}
	return fits
}

// surely reports whether the IP packet at c, which fits, leaves no doubt: the header
// checksum of IPv4 is right (RFC 791, section 3.1), or IPv6 is as long as what carries
// it, but for the padding of short frames (IEEE 802.3, section 3.2.8).
func surely(etherType uint16, c cursor) bool {
	if etherType == uint16(layers.EthernetTypeIPv6) {
		rest := c.wire - ipv6Length - int(be16(c.b[4:]))
		return rest >= 0 && rest <= 46
	}
	length := int(c.b[0]&0x0f) * 4
	if !c.has(length) {
		return false
	}
	sum := uint32(0)
	for i := 0; i < length; i += 2 {
		sum += uint32(be16(c.b[i:]))
	}
	return sum>>16+sum&0xffff == 0xffff
}
