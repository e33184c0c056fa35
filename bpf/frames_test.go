package bpf_test

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/auscult/auscult/bpf"
)

// TCP control bits (RFC 9293, section 3.1).
const (
	fin = 1 << iota
	syn
	rst
	psh
	ack
	urg
	ece
	cwr
)

// EtherTypes and protocol numbers (IEEE 802, IANA).
const (
	typeIPv4, typeIPv6               = 0x0800, 0x86dd
	typeBridged                      = 0x6558
	typeERSPAN, typeERSPAN3          = 0x88be, 0x22eb
	tagCustomer, tagService, tagOld  = 0x8100, 0x88a8, 0x9100
	protoTCP, protoUDP               = 6, 17
	protoGRE, protoICMP, protoICMPv6 = 47, 1, 58
)

// timestamps and sacks are twelve bytes of TCP options each (RFC 7323, RFC 2018).
var (
	timestamps = []byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}
	sacks      = []byte{1, 1, 5, 10, 0, 0, 5, 0, 0, 0, 6, 0}
	backwards  = []byte{8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1}
)

var be = binary.BigEndian

// segment is a TCP segment to be written.
type segment struct {
	seq, ack uint32
	flags    byte
	reserved byte // the low four bits beside the data offset
	options  []byte
	payload  int
}

func (s segment) bytes(from, to uint16) []byte {
	b := be.AppendUint16(nil, from)
	b = be.AppendUint16(b, to)
	b = be.AppendUint32(b, s.seq)
	b = be.AppendUint32(b, s.ack)
	b = append(b, byte((20+len(s.options))/4)<<4|s.reserved, s.flags, 1, 0, 0, 0, 0, 0)
	return append(append(b, s.options...), make([]byte, s.payload)...)
}

func udp(from, to uint16, payload []byte) []byte {
	b := be.AppendUint16(nil, from)
	b = be.AppendUint16(b, to)
	b = be.AppendUint16(b, uint16(8+len(payload)))
	return append(append(b, 0, 0), payload...)
}

// ip wraps in a header of the version that the addresses have.
func ip(from, to netip.Addr, protocol byte, payload []byte) []byte {
	if !from.Is4() {
		b := be.AppendUint16([]byte{0x60, 0, 0, 0}, uint16(len(payload)))
		b = append(b, protocol, 64)
		return slices.Concat(b, from.AsSlice(), to.AsSlice(), payload)
	}
	b := be.AppendUint16([]byte{0x45, 0}, uint16(20+len(payload)))
	b = append(b, 0, 1, 0x40, 0, 64, protocol, 0, 0)
	return slices.Concat(b, from.AsSlice(), to.AsSlice(), payload)
}

// optioned puts n bytes of options into an IPv4 header.
func optioned(packet []byte, n int) []byte {
	b := slices.Concat(packet[:20], slices.Repeat([]byte{1}, n), packet[20:])
	b[0] = 0x40 | byte((20+n)/4)
	be.PutUint16(b[2:], uint16(len(b)))
	return b
}

func typeOf(packet []byte) uint16 {
	if packet[0]>>4 == 4 {
		return typeIPv4
	}
	return typeIPv6
}

// ether is an Ethernet frame with tags, outermost first, around an IP packet.
func ether(packet []byte, tags ...uint16) []byte { return etherOf(typeOf(packet), packet, tags...) }

func etherOf(kind uint16, payload []byte, tags ...uint16) []byte {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	for _, t := range tags {
		b = append(be.AppendUint16(b, t), 0, 7)
	}
	return append(be.AppendUint16(b, kind), payload...)
}

// gre is a GRE packet; the flags say how many words follow them.
func gre(flags, kind uint16, payload []byte) []byte {
	b := be.AppendUint16(nil, flags)
	b = be.AppendUint16(b, kind)
	for _, f := range []uint16{0x8000, 0x2000, 0x1000} {
		if flags&f != 0 {
			b = append(b, 0, 0, 0, 9)
		}
	}
	return append(b, payload...)
}

func vxlan(flags byte, payload []byte) []byte {
	return udp(50000, 4789, append([]byte{flags, 0, 0, 0, 0, 0, 7, 0}, payload...))
}

func erspan2(frame []byte) []byte {
	return gre(0x1000, typeERSPAN, append([]byte{0x10, 7, 0, 9, 0, 0, 0, 0}, frame...))
}

// erspan3 has the last two bytes of its header given: frame type, options.
func erspan3(kind, options byte, frame []byte) []byte {
	b := []byte{0x20, 7, 0, 9, 0, 0, 0, 0, 0, 0, kind, options}
	if options&1 != 0 {
		b = append(b, 1, 2, 3, 4, 5, 6, 7, 8)
	}
	return gre(0x1000, typeERSPAN3, append(b, frame...))
}

// The outside of a tunnel, in either version of IP.
var (
	mirror4, sensor4 = netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("198.51.100.2")
	mirror6, sensor6 = netip.MustParseAddr("2001:db8:f::1"), netip.MustParseAddr("2001:db8:f::2")
)

func outer4(protocol byte, payload []byte) []byte { return ip(mirror4, sensor4, protocol, payload) }
func outer6(protocol byte, payload []byte) []byte { return ip(mirror6, sensor6, protocol, payload) }

// carriers are all the ways in which an IP packet may arrive that are opened.
var carriers = map[string]func(packet []byte) []byte{
	"plain":        func(p []byte) []byte { return ether(p) },
	"802.1Q":       func(p []byte) []byte { return ether(p, tagCustomer) },
	"802.1ad":      func(p []byte) []byte { return ether(p, tagService, tagCustomer) },
	"old QinQ":     func(p []byte) []byte { return ether(p, tagOld, tagCustomer) },
	"GRE":          func(p []byte) []byte { return ether(outer4(protoGRE, gre(0, typeOf(p), p))) },
	"GRE with all": func(p []byte) []byte { return ether(outer6(protoGRE, gre(0xb000, typeOf(p), p)), tagCustomer) },
	"GRE bridged":  func(p []byte) []byte { return ether(outer4(protoGRE, gre(0x2000, typeBridged, ether(p, tagCustomer)))) },
	"ERSPAN I":     func(p []byte) []byte { return ether(outer4(protoGRE, gre(0, typeERSPAN, ether(p)))) },
	"ERSPAN II":    func(p []byte) []byte { return ether(outer4(protoGRE, erspan2(ether(p, tagCustomer)))) },
	"ERSPAN III":   func(p []byte) []byte { return ether(outer4(protoGRE, erspan3(0, 0, ether(p)))) },
	"ERSPAN III+": func(p []byte) []byte {
		return ether(outer6(protoGRE, erspan3(0x80, 0x07, ether(p, tagService, tagCustomer))))
	},
	"VXLAN": func(p []byte) []byte { return ether(outer4(protoUDP, vxlan(8, ether(p)))) },
	"VXLAN, tagged": func(p []byte) []byte {
		return ether(outer6(protoUDP, vxlan(0x88, ether(p, tagService, tagCustomer))), tagService, tagCustomer)
	},
	"VXLAN, options": func(p []byte) []byte {
		return ether(optioned(outer4(protoUDP, vxlan(8, ether(p, tagCustomer))), 40), tagService, tagCustomer)
	},
}

// ends are the two ends of the conversations of the tests, in both versions.
var ends = map[string][2]netip.AddrPort{
	"IPv4": {netip.MustParseAddrPort("192.0.2.10:50104"), netip.MustParseAddrPort("192.0.2.20:104")},
	"IPv6": {netip.MustParseAddrPort("[2001:db8::10]:50104"), netip.MustParseAddrPort("[2001:db8::20]:104")},
}

func tcpWay(e [2]netip.AddrPort) bpf.Way { return bpf.Way{From: e[0], To: e[1], Protocol: protoTCP} }
func udpWay(e [2]netip.AddrPort) bpf.Way { return bpf.Way{From: e[0], To: e[1], Protocol: protoUDP} }

func back(w bpf.Way) bpf.Way { return bpf.Way{From: w.To, To: w.From, Protocol: w.Protocol} }

// packetOf is an IP packet of a way.
func packetOf(w bpf.Way, s segment) []byte {
	if w.Protocol == protoUDP {
		return ip(w.From.Addr(), w.To.Addr(), protoUDP, udp(w.From.Port(), w.To.Port(), make([]byte, s.payload)))
	}
	return ip(w.From.Addr(), w.To.Addr(), protoTCP, s.bytes(w.From.Port(), w.To.Port()))
}
