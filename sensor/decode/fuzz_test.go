package decode_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// within reports whether p is a part of whole, in memory.
func within(p, whole []byte) bool {
	if len(p) == 0 {
		return true
	}
	at, start := uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return at >= start && at+uintptr(len(p)) <= start+uintptr(len(whole))
}

// FuzzDecode: a frame never panics; what is decoded has valid addresses and a
// payload inside the frame; a frame decodes the same way each time, and is spread by
// the pair of addresses inside, whichever direction it has.
func FuzzDecode(f *testing.F) {
	four, six := tcp4(f, hello), tcp6(f, hello)
	f.Add(onEthernet(f, layers.EthernetTypeIPv4, four), uint16(1), 0, uint16(0), false)
	f.Add(onEthernet(f, layers.EthernetTypeIPv6, six), uint16(1), 100, uint16(7), true)
	f.Add(four, uint16(101), 0, uint16(0), false)
	f.Add(six, uint16(229), 0, uint16(0), false)
	f.Add(fragment4(f, 1, udpBody(100), slice{0, 64}).Data, uint16(101), 0, uint16(0), false)
	f.Add(fragment6(f, 1, udpBody(100), slice{0, 64}).Data, uint16(101), 0, uint16(0), false)
	f.Add(concat([]byte{2, 0, 0, 0}, four), uint16(0), 0, uint16(0), false)
	f.Add(concat(make([]byte, 14), []byte{8, 0}, four), uint16(113), 0, uint16(0), false)
	f.Add(concat([]byte{8, 0}, make([]byte, 18), four), uint16(276), 0, uint16(0), false)
	for _, w := range allWrapped(f) {
		f.Add(w.frame, uint16(1), 0, uint16(0), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, link uint16, wire int, vlan uint16, tagged bool) {
		fr := &sensor.Frame{Data: data, Length: wire, When: start, Link: sensor.LinkType(link), Tap: tap, VLAN: vlan, VLANTagged: tagged}
		d := decode.New()
		var p, q sensor.Packet
		v := d.Decode(fr, &p)
		if v >= sensor.VerdictCount {
			t.Fatalf("verdict %d", v)
		}
		if again := decode.New().Decode(fr, &q); again != v {
			t.Fatalf("verdict %v, then %v", v, again)
		}
		if v == sensor.Fragment { // a piece that is shown again changes nothing
			fr.When = fr.When.Add(time.Second)
			if again := d.Decode(fr, &q); again != sensor.Fragment || d.Counters().Fragments.Duplicates != 1 {
				t.Fatalf("the same piece again: %v", again)
			}
		}
		if v != sensor.Decoded {
			decode.Spread(fr)
			return
		}
		check(t, &p, data)
		spreadsByInside(t, fr, &p)
	})
}

func check(t *testing.T, p *sensor.Packet, data []byte) {
	if !within(p.Payload, data) || p.PayloadLength < len(p.Payload) {
		t.Fatalf("payload of %d bytes, %d on the wire, in a frame of %d", len(p.Payload), p.PayloadLength, len(data))
	}
	valid := p.From.Addr.IsValid() && p.To.Addr.IsValid() && p.From.Addr.Is4() == p.To.Addr.Is4()
	switch p.Transport {
	case protocols.TCP, protocols.UDP, protocols.ICMP:
		if !valid {
			t.Fatalf("addresses %v and %v", p.From.Addr, p.To.Addr)
		}
	case protocols.Link:
		if p.From.Addr.IsValid() || p.To.Addr.IsValid() {
			t.Fatal("a link frame has IP addresses")
		}
	default:
		t.Fatalf("transport %d", p.Transport)
	}
	if int(p.Depth) > decode.MaxDepth || (p.Depth == 0) != (p.Mirror == sensor.Mirror{}) || p.Mirror.By >= sensor.EncapsulationCount {
		t.Fatalf("depth %d, mirror %+v", p.Depth, p.Mirror)
	}
	if p.From.VLAN != p.To.VLAN {
		t.Fatalf("VLAN %d and %d", p.From.VLAN, p.To.VLAN)
	}
	if p.To.Hops != 0 || p.From.VLAN > 4095 {
		t.Fatalf("receiver's hops %d, VLAN %d", p.To.Hops, p.From.VLAN)
	}
}
