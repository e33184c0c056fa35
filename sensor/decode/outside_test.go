package decode_test

import (
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// A tunnel's port says nothing where the content does not: the datagram is what it
// is, between the addresses that it has.
func TestInvariant05TunnelsByContentNotPort(t *testing.T) {
	dns := concat([]byte{0x08, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 3}, []byte("www"), make([]byte, 40))
	for _, to := range []uint16{4789, 8472, 6081, 4754, 3544, 5247} {
		for name, body := range map[string][]byte{
			"nothing": nil, "text": []byte("hello, this is no tunnel at all, only a datagram of some length"), "DNS": dns,
			"short": {8, 0, 0}, "ones": {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		} {
			var p sensor.Packet
			v := decode.New().Decode(frame(sensor.LinkEthernet, outerUDP(t, 53, to, body)), &p)
			if v != sensor.Decoded || p.Depth != 0 || p.From.Addr != span || p.To.Port != to || string(p.Payload) != string(body) || p.Mirror != (sensor.Mirror{}) {
				t.Errorf("%s to port %d: %v, depth %d, from %v", name, to, v, p.Depth, p.From.Addr)
			}
		}
	}
}

func TestWhatIsNotOpened(t *testing.T) {
	gre := func(flags, kind uint16, rest ...[]byte) []byte {
		return outer4(t, layers.IPProtocolGRE, greWith(flags, kind, rest...))
	}
	capwap := func(body []byte) []byte { return outerUDP(t, 12380, 5247, body) }
	stp := concat(gatewayMAC[:], pumpMAC[:], []byte{0, 7, 0x42, 0x42, 3, 0, 0, 0, 0}, make([]byte, 30))
	clear, label := relayed(t, 0x88, 1, 0, 0), []byte{0, 1, 0x40, 9}
	var stack []byte
	for range decode.MaxLabels {
		stack = append(stack, label...)
	}
	secret := append(append([]byte(nil), clear[:26]...), make([]byte, 60)...)
	secret[1] |= 0x40
	piece := append([]byte(nil), clear...)
	piece[22] |= 1
	for _, c := range []struct {
		name  string
		frame []byte
		want  sensor.Verdict
	}{
		{"GRE keep-alive", gre(0, 0), sensor.NotIP},
		{"GRE with OSI", gre(0, 0x00fe, make([]byte, 20)), sensor.NotIP},
		{"GRE with IPv6 as IPv4", gre(0, 0x0800, tcp6(t, hello)), sensor.Malformed},
		{"PPTP acknowledgement", gre(greK|0x81, 0x880b, make([]byte, 8)), sensor.NotIP},
		{"PPTP, encrypted", gre(greK|1, 0x880b, make([]byte, 4), []byte{0xfd, 0x90, 0, 1, 2}), sensor.Encrypted},
		{"ERSPAN of spanning tree", gre(0, erspanII, stp), sensor.NotIP},
		{"ERSPAN version 7", gre(greS, erspanII, make([]byte, 4), []byte{0x70, 1, 0, 0, 0, 0, 0, 0}, stp), sensor.Malformed},
		{"ERSPAN III of another kind", gre(greS, erspanIII, make([]byte, 4), erspan3(1, 2, 1, false), stp), sensor.NotIP},
		{"VXLAN of spanning tree", outerUDP(t, 9, 4789, concat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, stp)), sensor.NotIP},
		{"Geneve of spanning tree", outerUDP(t, 9, 6081, concat([]byte{0, 0, 0x65, 0x58, 0, 0, 1, 0}, stp)), sensor.NotIP},
		{"GRE in UDP of spanning tree", outerUDP(t, 9, 4754, greWith(0, bridged, stp)), sensor.NotIP},
		{"EtherIP version 4", outer4(t, layers.IPProtocolEtherIP, concat([]byte{0x40, 0}, stp)), sensor.Malformed},
		{"MPLS with a pseudowire of something", outerFrame(t, layers.EthernetTypeMPLSUnicast, concat([]byte{0, 1, 0x41, 9}, make([]byte, 40))), sensor.NotIP},
		{"MPLS, endless labels", outerFrame(t, layers.EthernetTypeMPLSUnicast, concat(stack, label, []byte{0, 1, 0x41, 9}, tcp4(t, hello))), sensor.Malformed},
		{"PPPoE, LCP", outerFrame(t, layers.EthernetTypePPPoESession, []byte{0x11, 0, 0, 9, 0, 6, 0xc0, 0x21, 1, 1, 0, 4}), sensor.NotIP},
		{"PPPoE version 2", outerFrame(t, layers.EthernetTypePPPoESession, []byte{0x22, 0, 0, 9, 0, 6, 0, 0x21, 1, 1, 0, 4}), sensor.Malformed},
		{"PPPoE discovery", outerFrame(t, layers.EthernetTypePPPoEDiscovery, []byte{0x11, 9, 0, 0, 0, 0}), sensor.NotIP},
		{"CAPWAP in DTLS", capwap([]byte{1, 0, 0, 0, 23, 0xfe, 0xff, 0, 1, 0, 0, 0, 0, 0, 1, 0, 3, 1, 2, 3}), sensor.Encrypted},
		{"CAPWAP fragment", capwap(capwapWith(1, 0x180, nil, clear)), sensor.Tunnelled},
		{"CAPWAP keep-alive", capwap(capwapWith(1, 0x008, nil, make([]byte, 22))), sensor.NotIP},
		{"802.11 protected", capwap(capwapWith(1, 0x100, nil, secret)), sensor.Encrypted},
		{"802.11 protected, swapped", capwap(capwapWith(1, 0x100, nil, swapped(append([]byte(nil), secret...)))), sensor.Encrypted},
		{"802.11 A-MSDU", capwap(capwapWith(1, 0x100, nil, relayed(t, 0x88, 1, 0x80, 0))), sensor.Tunnelled},
		{"802.11 in pieces", capwap(capwapWith(1, 0x100, nil, relayed(t, 0x08, 5))), sensor.Tunnelled},
		{"802.11 last piece", capwap(capwapWith(1, 0x100, nil, piece)), sensor.Tunnelled},
		{"802.11 without data", capwap(capwapWith(1, 0x100, nil, relayed(t, 0x48, 1))), sensor.NotIP},
		{"802.11 management", capwap(capwapWith(1, 0x100, nil, relayed(t, 0x40, 0))), sensor.NotIP},
		{"Aruba protected", gre(0, 0x8200, secret), sensor.Encrypted},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n := range c.frame { // no cut of it is taken for the outer addresses' own
				var p sensor.Packet
				f := frame(sensor.LinkEthernet, c.frame[:n])
				f.Length = len(c.frame)
				if v := decode.New().Decode(f, &p); v == sensor.Decoded {
					t.Errorf("cut to %d of %d bytes: decoded, from %v", n, len(c.frame), p.From.Addr)
				}
			}
			var p sensor.Packet
			if v := decode.New().Decode(frame(sensor.LinkEthernet, c.frame), &p); v != c.want {
				t.Errorf("verdict %v, want %v", v, c.want)
			}
		})
	}
}

func TestARPInsideATunnel(t *testing.T) {
	body := concat([]byte{0, 1, 8, 0, 6, 4, 0, 1}, pumpMAC[:], pump.AsSlice(), make([]byte, 6), gateway.AsSlice())
	in := concat(gatewayMAC[:], pumpMAC[:], []byte{0x81, 0, 0, 12, 8, 6}, body)
	f := frame(sensor.LinkEthernet, outerUDP(t, 9, 4789, concat([]byte{8, 0, 0, 0, 0, 0, 5, 0}, in)))
	var p sensor.Packet
	if v := decode.New().Decode(f, &p); v != sensor.Decoded || p.Transport != protocols.Link || p.EtherType != 0x0806 || p.IPProtocol != 0 {
		t.Fatalf("%v, %v", v, p.Transport)
	}
	if p.From != (protocols.Endpoint{MAC: pumpMAC, VLAN: 12}) || string(p.Payload) != string(body) || p.Mirror.Session != 5 {
		t.Errorf("from %+v, mirror %+v, body % x", p.From, p.Mirror, p.Payload)
	}
}

// Each form of nesting ends at the named depth.
func TestInvariant07NestingIsBounded(t *testing.T) {
	around := map[string]func([]byte) []byte{
		"GRE":  func(b []byte) []byte { return outer4(t, layers.IPProtocolGRE, greWith(0, bridged, b)) },
		"IPIP": func(b []byte) []byte { return outer4(t, layers.IPProtocolIPv4, b[18:]) }, // without Ethernet and its tag
		"VXLAN": func(b []byte) []byte {
			return outerUDP(t, 9, 4789, concat([]byte{8, 0, 0, 0, 0, 0, 1, 0}, b))
		},
		"EoMPLS": func(b []byte) []byte {
			return outerFrame(t, layers.EthernetTypeMPLSUnicast, concat([]byte{0, 1, 0x41, 9}, b))
		},
	}
	for name, wrap := range around {
		b := outerFrame(t, layers.EthernetTypeIPv4, tcp4(t, hello))
		for depth := range 12 {
			var p sensor.Packet
			v := decode.New().Decode(frame(sensor.LinkEthernet, b), &p)
			switch {
			case depth <= decode.MaxDepth && (v != sensor.Decoded || int(p.Depth) != depth || p.From.Addr != pump):
				t.Errorf("%s, %d deep: %v, depth %d", name, depth, v, p.Depth)
			case depth > decode.MaxDepth && v != sensor.TooDeep:
				t.Errorf("%s, %d deep: %v, want too-deep", name, depth, v)
			}
			b = wrap(b)
		}
	}
}

// The bit T of ERSPAN works as a snap length does.
func TestTruncatedMirror(t *testing.T) {
	inside := onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello))[:59]
	for n := range len(inside) {
		var p sensor.Packet
		d := decode.New()
		b := outer4(t, layers.IPProtocolGRE, greWith(greS, erspanII, make([]byte, 4), erspan2(3, 4, true), inside[:n]))
		v := d.Decode(frame(sensor.LinkEthernet, b), &p)
		if n < 54 && v != sensor.Truncated {
			t.Errorf("%d bytes inside: %v, want truncated", n, v)
		}
		if n >= 54 && (v != sensor.Decoded || p.From.Addr != pump || p.PayloadLength != len(hello) || len(p.Payload) != n-54 || !p.Cut()) {
			t.Errorf("%d bytes inside: %v, payload of %d, %d on the wire", n, v, len(p.Payload), p.PayloadLength)
		}
	}
}

// Lengths that lie never make a payload larger than the frame, nor a panic.
func TestInvariant07LyingLengths(t *testing.T) {
	for _, w := range allWrapped(t) {
		for at := range w.frame {
			for _, lie := range []byte{0, 1, 0x7f, 0xff} {
				b := append([]byte(nil), w.frame...)
				b[at] = lie
				f := frame(sensor.LinkEthernet, b)
				var p sensor.Packet
				if v := decode.New().Decode(f, &p); v == sensor.Decoded {
					check(t, &p, b)
					spreadsByInside(t, f, &p)
				}
			}
		}
	}
}

// spreadsByInside: decode and Spread go the same way through a frame.
func spreadsByInside(t *testing.T, f *sensor.Frame, p *sensor.Packet) {
	t.Helper()
	if p.Transport == protocols.Link || p.Reassembled {
		return
	}
	if n := decode.Spread(f); n != decode.Pair(p.From.Addr, p.To.Addr) || n != decode.Pair(p.To.Addr, p.From.Addr) {
		t.Fatalf("spread %#x, not by %v and %v", n, p.From.Addr, p.To.Addr)
	}
}
