package decode_test

import (
	"strings"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// inPieces cuts the IPv4 packet behind 18 bytes of link header, as a router does.
func inPieces(b []byte, id uint16, size int) [][]byte {
	var all [][]byte
	link, header, body := b[:18], b[18:38], b[38:]
	for at := 0; at < len(body); at += size {
		end := min(at+size, len(body))
		h := append([]byte(nil), header...)
		field := uint16(at / 8)
		if end < len(body) {
			field |= 0x2000
		}
		total := 20 + end - at
		h[2], h[3], h[4], h[5], h[6], h[7] = byte(total>>8), byte(total), byte(id>>8), byte(id), byte(field>>8), byte(field)
		all = append(all, concat(link, h, body[at:end]))
	}
	return all
}

// mirrored is a frame of ERSPAN with the pump's frame of 1,514 bytes inside, as a
// mirror over a path of 1,500 bytes has to split it.
func mirrored(t testing.TB, inside []byte) []byte {
	return outer4(t, layers.IPProtocolGRE, greWith(greS, erspanII, make([]byte, 4), erspan2(3, 4, false), inside))
}

func TestSplitMirror(t *testing.T) {
	text := strings.Repeat("x", 1460)
	whole := mirrored(t, onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, text)))
	pieces := inPieces(whole, 9, 1480)
	if len(pieces) != 2 {
		t.Fatalf("%d pieces", len(pieces))
	}
	d, p := decode.New(), sensor.Packet{}
	if v := d.Decode(frame(sensor.LinkEthernet, pieces[1]), &p); v != sensor.Fragment || p.From.Addr != span {
		t.Fatalf("%v from %v, want a fragment of the mirror", v, p.From.Addr)
	}
	v := d.Decode(frame(sensor.LinkEthernet, pieces[0]), &p)
	if v != sensor.Decoded || !p.Reassembled || p.From.Addr != pump || p.From.MAC != pumpMAC || p.From.VLAN != 3 || string(p.Payload) != text {
		t.Fatalf("%v, %+v", v, p.From)
	}
	if p.Mirror != (sensor.Mirror{By: sensor.ERSPAN, Session: 4, From: span, To: probe, VLAN: 900}) || p.Depth != 1 {
		t.Errorf("mirror %+v, depth %d", p.Mirror, p.Depth)
	}
	a, b := decode.Spread(frame(sensor.LinkEthernet, pieces[0])), decode.Spread(frame(sensor.LinkEthernet, pieces[1]))
	if a != b || a != decode.Pair(span, probe) {
		t.Errorf("the pieces are spread %#x and %#x, want both by the mirror's pair", a, b)
	}
}

// Pieces inside a mirror, each of which the mirror had to split, and pieces of the
// mirror with the same name as those inside, are kept apart.
func TestSplitInsideSplit(t *testing.T) {
	text := strings.Repeat("y", 4000)
	b := concat(gatewayMAC[:], pumpMAC[:], []byte{0x81, 0, 0, 12, 8, 0}, tcp4(t, text))
	d, p := decode.New(), sensor.Packet{}
	var last sensor.Verdict
	inner := inPieces(b, 9, 1480)
	for i, in := range inner {
		for _, out := range inPieces(mirrored(t, in), uint16(9+i), 800) {
			last = d.Decode(frame(sensor.LinkEthernet, out), &p)
		}
	}
	if last != sensor.Decoded || string(p.Payload) != text || p.From.Addr != pump || p.From.VLAN != 12 {
		t.Fatalf("%v, %d bytes, from %+v", last, len(p.Payload), p.From)
	}
	if n := d.Counters().Fragments.Reassembled; n != uint64(len(inner)+1) {
		t.Errorf("%d datagrams put together, want %d", n, len(inner)+1)
	}
}

// Two networks with the same addresses do not share pieces, nor do a datagram and
// one with its name inside a tunnel.
func TestPiecesOfDifferentNetworksAreKeptApart(t *testing.T) {
	b := concat(gatewayMAC[:], pumpMAC[:], []byte{0x81, 0, 0, 12, 8, 0}, tcp4(t, strings.Repeat("z", 1000)))
	pieces := inPieces(b, 9, 512)
	in := func(network byte, b []byte) []byte {
		return outerUDP(t, 9, 4789, concat([]byte{8, 0, 0, 0, 0, 0, network, 0}, b))
	}
	d, p := decode.New(), sensor.Packet{}
	for _, half := range [][]byte{in(1, pieces[0]), in(2, pieces[1]), pieces[1]} {
		if v := d.Decode(frame(sensor.LinkEthernet, half), &p); v != sensor.Fragment {
			t.Fatalf("verdict %v, want fragment", v)
		}
	}
	if v := d.Decode(frame(sensor.LinkEthernet, in(1, pieces[1])), &p); v != sensor.Decoded || p.Mirror.Session != 1 {
		t.Fatalf("verdict %v in network %d, want decoded in 1", v, p.Mirror.Session)
	}
}

// Both directions of a mirrored conversation, on different outer addresses, and the
// same without a mirror, are one number.
func TestSpreadByTheInside(t *testing.T) {
	there := tcp4(t, hello)
	back := append([]byte(nil), there...)
	copy(back[12:], there[16:20])
	copy(back[16:], there[12:16])
	want := decode.Spread(frame(sensor.LinkRaw, there))
	for name, b := range map[string][]byte{
		"there":          mirrored(t, onEthernet(t, layers.EthernetTypeIPv4, there)),
		"back":           mirrored(t, onEthernet(t, layers.EthernetTypeIPv4, back)),
		"another tunnel": outer6(t, layers.IPProtocolIPv4, back),
		"CAPWAP":         outerUDP(t, 9, 5247, capwapWith(1, 0x100, nil, relayed(t, 0x88, 1, 0, 0))),
		"a piece inside": mirrored(t, inPieces(concat(make([]byte, 12), []byte{0x81, 0, 0, 1, 8, 0}, back), 3, 16)[1]),
	} {
		if n := decode.Spread(frame(sensor.LinkEthernet, b)); n != want || n == 0 {
			t.Errorf("%s: %#x, want %#x", name, n, want)
		}
	}
}

func TestInvariant08NoAllocationInTunnels(t *testing.T) {
	d, p := decode.New(), sensor.Packet{}
	for _, w := range allWrapped(t) {
		f := frame(sensor.LinkEthernet, w.frame)
		if n := testing.AllocsPerRun(100, func() { d.Decode(f, &p); decode.Spread(f) }); n != 0 {
			t.Errorf("%s: %v allocations per packet, want none", w.name, n)
		}
	}
}

func BenchmarkTunnels(b *testing.B) {
	for _, w := range allWrapped(b) {
		switch w.name {
		case "ERSPAN II", "VXLAN", "CAPWAP 802.11", "four deep":
			d, p, f := decode.New(), sensor.Packet{}, frame(sensor.LinkEthernet, w.frame)
			b.Run(w.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					d.Decode(f, &p)
				}
			})
			b.Run("Spread "+w.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					decode.Spread(f)
				}
			})
		}
	}
}
