package decode_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

var (
	spanMAC  = protocols.MAC{0x02, 0xaa, 0, 0, 0, 1}
	probeMAC = protocols.MAC{0x02, 0xaa, 0, 0, 0, 2}
	bssid    = protocols.MAC{0x02, 0xbb, 0, 0, 0, 3}
	span     = netip.MustParseAddr("192.0.2.1")
	probe    = netip.MustParseAddr("192.0.2.2")
	span6    = netip.MustParseAddr("2001:db8:ff::1")
	probe6   = netip.MustParseAddr("2001:db8:ff::2")
)

// relayed is the pump's frame as an access point has it: control, flags, and what
// stands between the header and LLC.
func relayed(t testing.TB, control, flags byte, extra ...byte) []byte {
	addresses := concat(bssid[:], pumpMAC[:], gatewayMAC[:]) // to the distribution system
	switch flags & 3 {
	case 2:
		addresses = concat(gatewayMAC[:], bssid[:], pumpMAC[:])
	case 3:
		addresses = concat(bssid[:], spanMAC[:], gatewayMAC[:], []byte{0x10, 0}, pumpMAC[:])
		return concat([]byte{control, flags, 0, 0}, addresses, extra, []byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, tcp4(t, hello))
	}
	return concat([]byte{control, flags, 0, 0}, addresses, []byte{0x10, 0}, extra, []byte{0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, tcp4(t, hello))
}

// swapped has frame control and sequence control the wrong way round.
func swapped(b []byte) []byte {
	b[0], b[1] = b[1], b[0]
	b[22], b[23] = b[23], b[22]
	return b
}

// capwapWith is a CAPWAP header with words of four bytes behind it.
func capwapWith(binding, flags uint32, options []byte, inside []byte) []byte {
	h := binary.BigEndian.AppendUint32(nil, uint32(2+len(options)/4)<<19|1<<14|binding<<9|flags)
	return concat(h, []byte{0, 0, 0, 0}, options, inside)
}

// wrapped is a frame and what is to be read of it.
type wrapped struct {
	name    string
	frame   []byte
	by      sensor.Encapsulation
	session uint32
	depth   uint8  // 0 means 1
	vlan    uint16 // of the inside
	bare    bool   // IP without Ethernet inside: no MAC
	six     bool   // the inside is IPv6
	noOuter bool   // the wrapping has no IP addresses
	outer6  bool
	to      protocols.MAC // zero: the gateway's
}

// likeIPv4 is an address that begins as an IPv4 header does.
var likeIPv4 = protocols.MAC{0x45, 0, 0, 40, 2, 3}

const (
	greK, greS, greC = 0x2000, 0x1000, 0x8000
	erspanII         = 0x88be
	erspanIII        = 0x22eb
	bridged          = 0x6558
)

func erspan2(vlan, session uint16, truncated bool) []byte {
	h := binary.BigEndian.AppendUint16(nil, 0x1000|vlan)
	if truncated {
		session |= 0x400
	}
	return concat(binary.BigEndian.AppendUint16(h, 0x1800|session), []byte{0, 0, 0, 9})
}

func erspan3(vlan, session, kind uint16, platform bool) []byte {
	h := binary.BigEndian.AppendUint16(nil, 0x2000|vlan)
	h = concat(binary.BigEndian.AppendUint16(h, session), []byte{1, 2, 3, 4, 0, 0})
	last := kind << 10
	if platform {
		return concat(binary.BigEndian.AppendUint16(h, last|1), make([]byte, 8))
	}
	return binary.BigEndian.AppendUint16(h, last)
}

func wrappedLinks(t testing.TB) []wrapped {
	four, six, tagged := tcp4(t, hello), tcp6(t, hello), taggedInside(t)
	plain := onEthernet(t, layers.EthernetTypeIPv4, four)
	label := func(bottom byte) []byte { return []byte{0, 0x01, 0x40 | bottom, 63} }
	mpls := func(parts ...[]byte) []byte { return outerFrame(t, layers.EthernetTypeMPLSUnicast, concat(parts...)) }
	pppoe := func(body ...byte) []byte {
		h := binary.BigEndian.AppendUint16([]byte{0x11, 0, 0, 9}, uint16(len(body)))
		return outerFrame(t, layers.EthernetTypePPPoESession, concat(h, body))
	}
	return []wrapped{
		{name: "MPLS", frame: mpls(label(0), label(1), four), by: sensor.MPLS, bare: true, noOuter: true, vlan: 900},
		{name: "MPLS IPv6", frame: mpls(label(1), six), by: sensor.MPLS, bare: true, six: true, noOuter: true, vlan: 900},
		{name: "MPLS multicast", frame: outerFrame(t, layers.EthernetTypeMPLSMulticast, concat(label(1), four)), by: sensor.MPLS, bare: true, noOuter: true, vlan: 900},
		{name: "EoMPLS", frame: mpls(label(1), tagged), by: sensor.EoMPLS, noOuter: true, vlan: 12},
		{name: "EoMPLS with a control word", frame: mpls(label(1), []byte{0, 0, 0, 7}, plain), by: sensor.EoMPLS, noOuter: true},
		{name: "EoMPLS to an address that begins like IPv4", frame: mpls(label(1), likeIPv4[:], pumpMAC[:], []byte{8, 0}, four), by: sensor.EoMPLS, noOuter: true, to: likeIPv4},
		{name: "PPPoE", frame: pppoe(append([]byte{0, 0x21}, four...)...), by: sensor.PPPoE, bare: true, noOuter: true, vlan: 900},
		{name: "PPPoE IPv6", frame: pppoe(append([]byte{0, 0x57}, six...)...), by: sensor.PPPoE, bare: true, six: true, noOuter: true, vlan: 900},
		{name: "PPPoE, compressed protocol", frame: pppoe(append([]byte{0x21}, four...)...), by: sensor.PPPoE, bare: true, noOuter: true, vlan: 900},
	}
}

func wrappedGRE(t testing.TB) []wrapped {
	four, six, tagged := tcp4(t, hello), tcp6(t, hello), taggedInside(t)
	plain := onEthernet(t, layers.EthernetTypeIPv4, four)
	gre := func(flags, kind uint16, rest ...[]byte) []byte {
		return outer4(t, layers.IPProtocolGRE, greWith(flags, kind, rest...))
	}
	key, sequence, sum := []byte{0, 0, 0x12, 0x34}, []byte{0, 0, 0, 5}, []byte{0xff, 0xff, 0, 0}
	return []wrapped{
		{name: "GRE", frame: gre(0, 0x0800, four), by: sensor.GRE, bare: true},
		{name: "GRE over IPv6", frame: outer6(t, layers.IPProtocolGRE, greWith(0, 0x86dd, six)), by: sensor.GRE, bare: true, six: true, outer6: true},
		{name: "GRE with all fields", frame: gre(greC|greK|greS, 0x0800, sum, key, sequence, four), by: sensor.GRE, session: 0x1234, bare: true},
		{name: "GRE with Ethernet", frame: gre(greK, bridged, key, tagged), by: sensor.GRE, session: 0x1234, vlan: 12},
		{name: "GRE with MPLS", frame: gre(0, 0x8847, []byte{0, 1, 0x41, 3}, four), by: sensor.GRE, bare: true, depth: 2},
		{name: "PPTP", frame: gre(greK|greS|0x81, 0x880b, []byte{0, 9, 0, 1}, sequence, sequence, []byte{0xff, 3, 0, 0x21}, four), by: sensor.GRE, bare: true},
		{name: "ERSPAN I", frame: gre(0, erspanII, plain), by: sensor.ERSPAN},
		{name: "ERSPAN II", frame: gre(greS, erspanII, sequence, erspan2(34, 21, false), plain), by: sensor.ERSPAN, session: 21, vlan: 34},
		{name: "ERSPAN II with a tag", frame: gre(greS, erspanII, sequence, erspan2(34, 1023, false), tagged), by: sensor.ERSPAN, session: 1023, vlan: 12},
		{name: "ERSPAN II without a sequence", frame: gre(0, erspanII, erspan2(34, 21, false), plain), by: sensor.ERSPAN, session: 21, vlan: 34},
		{name: "ERSPAN III", frame: gre(greS, erspanIII, sequence, erspan3(35, 22, 0, false), plain), by: sensor.ERSPAN, session: 22, vlan: 35},
		{name: "ERSPAN III with a platform's header", frame: gre(greS, erspanIII, sequence, erspan3(35, 22, 0, true), tagged), by: sensor.ERSPAN, session: 22, vlan: 12},
		{name: "ERSPAN III with IP", frame: gre(greS, erspanIII, sequence, erspan3(35, 22, 2, false), six), by: sensor.ERSPAN, session: 22, vlan: 35, bare: true, six: true},
		{name: "Aruba 802.11", frame: gre(0, 0x8210, relayed(t, 0x88, 1, 0, 0)), by: sensor.ArubaGRE},
		{name: "Aruba 802.3", frame: gre(0, 0x8200, tagged), by: sensor.ArubaGRE, vlan: 12},
		{name: "Aruba 0x9000", frame: gre(0, 0x9000, relayed(t, 0x08, 2)), by: sensor.ArubaGRE},
		{name: "IP in IP", frame: outer4(t, layers.IPProtocolIPv4, four), by: sensor.IPIP, bare: true},
		{name: "6in4", frame: outer4(t, layers.IPProtocolIPv6, six), by: sensor.IPIP, bare: true, six: true},
		{name: "4in6", frame: outer6(t, layers.IPProtocolIPv4, four), by: sensor.IPIP, bare: true, outer6: true},
		{name: "4in6 with an encapsulation limit", frame: outer6(t, layers.IPProtocolIPv6Destination, concat([]byte{4, 0, 4, 1, 3, 1, 1, 0}, four)), by: sensor.IPIP, bare: true, outer6: true},
		{name: "EtherIP", frame: outer4(t, layers.IPProtocolEtherIP, concat([]byte{0x30, 0}, tagged)), by: sensor.IPIP, vlan: 12},
		{name: "IP in AH", frame: outer4(t, layers.IPProtocolAH, concat([]byte{4, 4, 0, 0}, make([]byte, 20), four)), by: sensor.IPIP, bare: true},
	}
}

func wrappedUDP(t testing.TB) []wrapped {
	four, six, tagged := tcp4(t, hello), tcp6(t, hello), taggedInside(t)
	plain := onEthernet(t, layers.EthernetTypeIPv4, four)
	udp := func(to uint16, parts ...[]byte) []byte { return outerUDP(t, 51000, to, concat(parts...)) }
	snap := concat(gatewayMAC[:], pumpMAC[:], []byte{0, byte(8 + len(four)), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, four)
	teredo6 := append([]byte(nil), six...)
	copy(teredo6[8:], []byte{0x20, 1, 0, 0})
	return []wrapped{
		{name: "VXLAN", frame: udp(4789, []byte{8, 0, 0, 0, 0, 0x12, 0x34, 0}, tagged), by: sensor.VXLAN, session: 0x1234, vlan: 12},
		{name: "VXLAN 8472", frame: udp(8472, []byte{8, 0, 0, 0, 1, 0, 0, 0}, plain), by: sensor.VXLAN, session: 0x10000},
		{name: "VXLAN with a vendor's bits", frame: udp(4789, []byte{0xff, 1, 0xd1, 0xf2, 0, 0, 0x0b, 7}, plain), by: sensor.VXLAN, session: 0x0b},
		{name: "VXLAN over IPv6", frame: outer6(t, layers.IPProtocolUDP, datagram(51000, 4789, concat([]byte{8, 0, 0, 0, 0, 0, 5, 0}, plain))), by: sensor.VXLAN, session: 5, outer6: true},
		{name: "VXLAN with SNAP", frame: udp(4789, []byte{8, 0, 0, 0, 0, 0, 5, 0}, snap), by: sensor.VXLAN, session: 5},
		{name: "Geneve", frame: udp(6081, []byte{0, 0, 0x65, 0x58, 0, 0, 9, 0}, tagged), by: sensor.Geneve, session: 9, vlan: 12},
		{name: "Geneve with options and IPv6", frame: udp(6081, []byte{2, 0x40, 0x86, 0xdd, 0, 0, 9, 0}, make([]byte, 8), six), by: sensor.Geneve, session: 9, bare: true, six: true},
		{name: "GRE in UDP", frame: udp(4754, greWith(greK, 0x0800, []byte{0, 0, 0, 3}, four)), by: sensor.GRE, session: 3, bare: true},
		{name: "GRE in UDP with Ethernet", frame: udp(4754, greWith(0, bridged, tagged)), by: sensor.GRE, vlan: 12},
		{name: "CAPWAP 802.11", frame: udp(5247, capwapWith(1, 0x100, nil, relayed(t, 0x08, 1))), by: sensor.CAPWAP},
		{name: "CAPWAP 802.11 QoS, radio, binding 0", frame: udp(5247, capwapWith(0, 0x110, []byte{6, 1, 2, 3, 4, 5, 6, 0}, relayed(t, 0x88, 1, 0, 0))), by: sensor.CAPWAP},
		{name: "CAPWAP from the controller, swapped", frame: outerUDP(t, 5247, 12380, capwapWith(1, 0x120, []byte{1, 4, 0, 0, 0, 0, 0, 0}, swapped(relayed(t, 0x88, 2, 0, 0)))), by: sensor.CAPWAP},
		{name: "CAPWAP between two access points", frame: udp(5247, capwapWith(1, 0x100, nil, relayed(t, 0x88, 3, 0, 0))), by: sensor.CAPWAP},
		{name: "CAPWAP with HT control", frame: udp(5247, capwapWith(1, 0x100, nil, relayed(t, 0x88, 0x81, 0, 0, 1, 2, 3, 4))), by: sensor.CAPWAP},
		{name: "CAPWAP, protected bit left set", frame: udp(5247, capwapWith(1, 0x100, nil, relayed(t, 0x08, 0x41))), by: sensor.CAPWAP},
		{name: "CAPWAP 802.3", frame: udp(5247, capwapWith(1, 0, nil, tagged)), by: sensor.CAPWAP, vlan: 12},
		{name: "Teredo", frame: udp(3544, teredo6), by: sensor.Teredo, bare: true, six: true},
		{name: "Teredo with authentication and origin", frame: outerUDP(t, 3544, 3797, concat([]byte{0, 1, 2, 3}, make([]byte, 5+9), []byte{0, 0, 1, 2, 3, 4, 5, 6}, teredo6)), by: sensor.Teredo, bare: true, six: true},
	}
}

func wrappedDeep(t testing.TB) []wrapped {
	plain := onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello))
	in := concat([]byte{8, 0, 0, 0, 0, 0, 5, 0}, plain)
	vxlan := outerUDP(t, 51000, 4789, in)
	erspan := outer4(t, layers.IPProtocolGRE, greWith(greS, erspanII, []byte{0, 0, 0, 1}, erspan2(1, 2, false), vxlan))
	return []wrapped{
		{name: "VXLAN in ERSPAN", frame: erspan, by: sensor.ERSPAN, session: 2, depth: 2},
		{name: "four deep", frame: outerFrame(t, layers.EthernetTypeMPLSUnicast, concat([]byte{0, 1, 0x41, 9},
			outer4(t, layers.IPProtocolGRE, greWith(0, bridged, erspan)))), by: sensor.EoMPLS, depth: 4, noOuter: true},
	}
}

func allWrapped(t testing.TB) []wrapped {
	return append(append(append(wrappedLinks(t), wrappedGRE(t)...), wrappedUDP(t)...), wrappedDeep(t)...)
}

// want is the packet that the pump sent, seen through the wrapping.
func (w wrapped) want() sensor.Packet {
	c := linkCase{vlan: w.vlan, from: !w.bare, to: !w.bare, hops: 63}
	if w.six {
		c.hops = 62
	}
	p := c.want()
	p.Depth = max(1, w.depth)
	p.Mirror = sensor.Mirror{By: w.by, Session: w.session, From: span, To: probe, VLAN: 900}
	if w.to != (protocols.MAC{}) {
		p.To.MAC = w.to
	}
	switch {
	case w.noOuter:
		p.Mirror.From, p.Mirror.To = netip.Addr{}, netip.Addr{}
	case w.outer6:
		p.Mirror.From, p.Mirror.To = span6, probe6
	}
	if w.by == sensor.Teredo {
		b := p.From.Addr.As16()
		copy(b[:], []byte{0x20, 1, 0, 0})
		p.From.Addr = netip.AddrFrom16(b)
	}
	return p
}

func TestEncapsulations(t *testing.T) {
	for _, w := range allWrapped(t) {
		t.Run(w.name, func(t *testing.T) {
			f := frame(sensor.LinkEthernet, w.frame)
			var p sensor.Packet
			if v := decode.New().Decode(f, &p); v != sensor.Decoded {
				t.Fatalf("verdict %v, want decoded", v)
			}
			want := w.want()
			if p.From != want.From || p.To != want.To || p.Mirror != want.Mirror || p.Depth != want.Depth || p.Transport != want.Transport {
				t.Errorf("got %+v\n  from %+v\n  to %+v, depth %d\nwant %+v\n  from %+v\n  to %+v, depth %d",
					p.Mirror, p.From, p.To, p.Depth, want.Mirror, want.From, want.To, want.Depth)
			}
			if string(p.Payload) != hello || p.PayloadLength != len(hello) || p.Seq != 1000 {
				t.Errorf("payload %q of %d bytes at %d", p.Payload, p.PayloadLength, p.Seq)
			}
			if n := decode.Spread(f); n != decode.Pair(p.From.Addr, p.To.Addr) {
				t.Errorf("spread %#x, not by the addresses inside", n)
			}
		})
	}
}

// However a frame is cut, nothing but the addresses inside is ever called decoded.
func TestInvariant07EncapsulationsCutAtEveryByte(t *testing.T) {
	for _, w := range allWrapped(t) {
		want := w.want()
		for n := range w.frame {
			for _, wire := range []int{n, len(w.frame)} { // ended there, or cut there by the snap length
				f := frame(sensor.LinkEthernet, w.frame[:n])
				f.Length = wire
				var p sensor.Packet
				v := decode.New().Decode(f, &p)
				decode.Spread(f)
				if v == sensor.Decoded && (p.From != want.From || p.To != want.To || p.Mirror != want.Mirror) {
					t.Errorf("%s cut to %d of %d bytes: from %+v to %+v, mirror %+v", w.name, n, wire, p.From, p.To, p.Mirror)
				}
				if wire > n && v != sensor.Decoded && v != sensor.Truncated {
					t.Errorf("%s cut to %d of %d bytes: verdict %v, want truncated", w.name, n, wire, v)
				}
			}
		}
	}
}
