package decode_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// slice is one fragment to send: bytes [from, to) of the IP payload.
type slice struct{ from, to int }

// udpBody is an IP payload of n+8 bytes that differs at each place.
func udpBody(n int) []byte {
	b := make([]byte, 8, 8+n)
	binary.BigEndian.PutUint16(b, 68)
	binary.BigEndian.PutUint16(b[2:], 67)
	binary.BigEndian.PutUint16(b[4:], uint16(8+n))
	for i := range n {
		b = append(b, byte(i*7+i>>8))
	}
	return b
}

// fragment4 is one IPv4 fragment of body.
func fragment4(t testing.TB, id uint16, body []byte, s slice) *sensor.Frame {
	ip := ip4(layers.IPProtocolUDP)
	ip.Id, ip.FragOffset = id, uint16(s.from/8)
	if s.to < len(body) {
		ip.Flags = layers.IPv4MoreFragments
	}
	return frame(sensor.LinkRaw, bytesOf(t, ip, gopacket.Payload(body[s.from:s.to])))
}

// fragment6 is one IPv6 fragment of body.
func fragment6(t testing.TB, id uint32, body []byte, s slice) *sensor.Frame {
	field := uint16(s.from)
	if s.to < len(body) {
		field |= 1
	}
	h := binary.BigEndian.AppendUint16([]byte{byte(layers.IPProtocolUDP), 0}, field)
	h = binary.BigEndian.AppendUint32(h, id)
	return frame(sensor.LinkRaw, bytesOf(t, ip6(layers.IPProtocolIPv6Fragment), gopacket.Payload(concat(h, body[s.from:s.to]))))
}

func TestFragments(t *testing.T) {
	body := udpBody(3000)
	end := len(body)
	for _, c := range []struct {
		name   string
		slices []slice
		want   string // what becomes of each: h held, d decoded, r refused
	}{
		{"in order", []slice{{0, 1480}, {1480, 2960}, {2960, end}}, "hhd"},
		{"last first", []slice{{2960, end}, {1480, 2960}, {0, 1480}}, "hhd"},
		{"middle last", []slice{{0, 1480}, {2960, end}, {1480, 2960}}, "hhd"},
		{"seen twice", []slice{{0, 1480}, {0, 1480}, {1480, end}}, "hhd"},
		{"inside what is there", []slice{{0, 1480}, {8, 16}, {1480, end}}, "hhd"},
		{"overlapping the end", []slice{{0, 1480}, {1472, 2960}, {2960, end}, {0, 1480}}, "hrrr"},
		{"around what is there", []slice{{1480, 1488}, {0, 2960}, {2960, end}}, "hrr"},
		{"over the head, as in teardrop", []slice{{8, 1480}, {0, 16}, {1480, end}}, "hrr"},
	} {
		for version, of := range map[string]func(slice) *sensor.Frame{
			"IPv4": func(s slice) *sensor.Frame { return fragment4(t, 9, body, s) },
			"IPv6": func(s slice) *sensor.Frame { return fragment6(t, 9, body, s) },
		} {
			t.Run(c.name+" "+version, func(t *testing.T) {
				d, p := decode.New(), sensor.Packet{}
				for i, s := range c.slices {
					v := d.Decode(of(s), &p)
					want := map[byte]sensor.Verdict{'h': sensor.Fragment, 'd': sensor.Decoded, 'r': sensor.FragmentRefused}[c.want[i]]
					if v != want {
						t.Fatalf("piece %d: verdict %v, want %v", i, v, want)
					}
					if v != sensor.Decoded {
						continue
					}
					if string(p.Payload) != string(body[8:]) || p.Transport != protocols.UDP || p.To.Port != 67 || !p.Reassembled {
						t.Errorf("datagram of %d bytes to port %d, want %d", len(p.Payload), p.To.Port, len(body)-8)
					}
				}
			})
		}
	}
}

func TestFragmentsThatContradictThemselves(t *testing.T) {
	body := udpBody(3000)
	send := func(offset int, more bool, n int) *sensor.Frame {
		ip := ip4(layers.IPProtocolUDP)
		ip.FragOffset = uint16(offset / 8)
		if more {
			ip.Flags = layers.IPv4MoreFragments
		}
		return frame(sensor.LinkRaw, bytesOf(t, ip, gopacket.Payload(body[:n])))
	}
	for _, c := range []struct {
		name   string
		frames []*sensor.Frame
	}{
		{"two ends", []*sensor.Frame{send(1600, false, 100), send(1600, false, 200)}},
		{"a piece behind the end", []*sensor.Frame{send(1600, false, 100), send(1704, true, 8)}},
		{"an end before a piece", []*sensor.Frame{send(1600, true, 800), send(800, false, 8)}},
		{"a middle piece of 7 bytes", []*sensor.Frame{send(0, true, 7)}},
		{"no bytes", []*sensor.Frame{send(8, false, 0)}},
		{"past 65,535 bytes, as in the ping of death", []*sensor.Frame{send(65528, false, 100)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, p := decode.New(), sensor.Packet{}
			var v sensor.Verdict
			for _, f := range c.frames {
				v = d.Decode(f, &p)
			}
			if v != sensor.FragmentRefused {
				t.Errorf("verdict %v, want fragment-refused", v)
			}
		})
	}
}

func TestFragmentCutBySnapLength(t *testing.T) {
	f := fragment4(t, 1, udpBody(3000), slice{0, 1480})
	f.Data = f.Data[:96]
	if v := decode.New().Decode(f, &sensor.Packet{}); v != sensor.Truncated {
		t.Errorf("verdict %v, want truncated", v)
	}
}

func TestFragmentsOfTwoTapsStayApart(t *testing.T) {
	body := udpBody(1600)
	d, p := decode.New(), sensor.Packet{}
	d.Decode(fragment4(t, 5, body, slice{0, 800}), &p)
	other := fragment4(t, 5, body, slice{800, len(body)})
	other.Tap = &sensor.Tap{Site: "elsewhere", Name: "span0"}
	if v := d.Decode(other, &p); v != sensor.Fragment {
		t.Errorf("verdict %v: pieces of two sites were put together", v)
	}
	same := fragment4(t, 5, body, slice{800, len(body)})
	same.Tap = &sensor.Tap{Site: tap.Site, Name: tap.Name} // another file of the same tap
	if v := d.Decode(same, &p); v != sensor.Decoded {
		t.Errorf("verdict %v, want decoded", v)
	}
}

func TestFragmentsOfTwoProtocolsStayApart(t *testing.T) {
	body := udpBody(1600)
	d, p := decode.New(), sensor.Packet{}
	d.Decode(fragment4(t, 5, body, slice{0, 800}), &p)
	other := fragment4(t, 5, body, slice{800, len(body)})
	other.Data[9] = 6
	if v := d.Decode(other, &p); v != sensor.Fragment {
		t.Errorf("verdict %v: pieces of two protocols were put together", v)
	}
}

func TestFragmentInsideAFragmentedDatagram(t *testing.T) {
	inner := concat([]byte{17, 0, 0, 1, 0, 0, 0, 2}, udpBody(100)) // a fragment header, then a piece
	d, p := decode.New(), sensor.Packet{}
	for i, s := range []slice{{0, 64}, {64, len(inner)}} {
		f := fragment6(t, 3, inner, s)
		f.Data[40] = 44
		if v, want := d.Decode(f, &p), []sensor.Verdict{sensor.Fragment, sensor.Malformed}[i]; v != want {
			t.Errorf("piece %d: verdict %v, want %v", i, v, want)
		}
	}
}

func TestFragmentsExpireInWireTime(t *testing.T) {
	body := udpBody(1600)
	at := func(id uint16, s slice, after time.Duration) *sensor.Frame {
		f := fragment4(t, id, body, s)
		f.When = start.Add(after)
		return f
	}
	d, p := decode.New(), sensor.Packet{}
	d.Decode(at(1, slice{0, 800}, 0), &p)
	d.Decode(at(2, slice{0, 800}, -time.Hour), &p) // time jumps backwards: harmless
	if v := d.Decode(at(1, slice{800, len(body)}, decode.FragmentTimeout), &p); v != sensor.Decoded {
		t.Errorf("verdict %v at the time-out, want decoded", v)
	}
	d.Decode(at(3, slice{0, 800}, time.Hour), &p)
	if v := d.Decode(at(3, slice{800, len(body)}, time.Hour+decode.FragmentTimeout+1), &p); v != sensor.Fragment {
		t.Errorf("verdict %v after the time-out, want fragment", v)
	}
	if n := d.Counters().Fragments.Expired; n != 2 {
		t.Errorf("%d expired, want 2", n)
	}
}

func TestInvariant07FragmentsAreBounded(t *testing.T) {
	d, p := decode.New(), sensor.Packet{}
	body := udpBody(1600)
	for id := range uint16(decode.MaxDatagrams + 10) {
		d.Decode(fragment4(t, id, body, slice{0, 800}), &p)
	}
	if n := d.Counters().Fragments.Evicted; n != 10 {
		t.Errorf("%d datagrams evicted, want 10", n)
	}
	if v := d.Decode(fragment4(t, 20, body, slice{800, len(body)}), &p); v != sensor.Decoded {
		t.Errorf("the datagrams heard last are kept: verdict %v, want decoded", v)
	}

	d = decode.New()
	big := udpBody(65000)
	for id := range uint16(decode.MaxFragmentBytes/64000 + 5) {
		d.Decode(fragment4(t, id, big, slice{0, 64000}), &p)
	}
	if n := d.Counters().Fragments.Evicted; n < 5 {
		t.Errorf("%d datagrams evicted for their bytes, want at least 5", n)
	}

	d = decode.New()
	var v sensor.Verdict
	for i := range decode.MaxPieces + 1 {
		v = d.Decode(fragment4(t, 1, big, slice{i * 8, i*8 + 8}), &p)
	}
	if v != sensor.FragmentRefused {
		t.Errorf("piece %d: verdict %v, want fragment-refused", decode.MaxPieces+1, v)
	}
}

// Whatever the order and however often a piece is seen, the datagram is the same.
func TestFragmentsInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		body := udpBody(r.IntN(6000))
		var cuts []slice
		for at := 0; at < len(body); {
			to := min(len(body), at+8*(1+r.IntN(120)))
			cuts = append(cuts, slice{at, to})
			at = to
		}
		if len(cuts) < 2 {
			continue
		}
		r.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		d, p := decode.New(), sensor.Packet{}
		for i, s := range cuts {
			if again := cuts[r.IntN(i+1)]; i > 0 && again != s {
				d.Decode(fragment4(t, 1, body, again), &p)
			}
			v := d.Decode(fragment4(t, 1, body, s), &p)
			if last := i == len(cuts)-1; last != (v == sensor.Decoded) {
				t.Fatalf("round %d piece %d of %d: verdict %v", round, i, len(cuts), v)
			}
		}
		if string(p.Payload) != string(body[8:]) {
			t.Fatalf("round %d: the datagram differs", round)
		}
	}
}

func TestSpreadKeepsConversationsTogether(t *testing.T) {
	body := udpBody(3000)
	first, last := fragment4(t, 1, body, slice{0, 1480}), fragment4(t, 1, body, slice{1480, len(body)})
	there := frame(sensor.LinkRaw, tcp4(t, hello))
	back := append([]byte(nil), there.Data...)
	copy(back[12:], there.Data[16:20])
	copy(back[16:], there.Data[12:16])
	six := frame(sensor.LinkRaw, tcp6(t, hello))
	back6 := append([]byte(nil), six.Data...)
	copy(back6[8:], six.Data[24:40])
	copy(back6[24:], six.Data[8:24])
	tagged := frame(sensor.LinkEthernet, concat(make([]byte, 12), []byte{0x81, 0, 0, 5, 8, 0}, there.Data))
	for name, pair := range map[string][2]*sensor.Frame{
		"directions":      {there, frame(sensor.LinkRaw, back)},
		"IPv6 directions": {six, frame(sensor.LinkRaw, back6)},
		"fragments":       {first, last},
		"VLAN tag":        {there, tagged},
	} {
		if a, b := decode.Spread(pair[0]), decode.Spread(pair[1]); a != b || a == 0 {
			t.Errorf("%s: %#x and %#x", name, a, b)
		}
	}
	if n := decode.Spread(frame(sensor.LinkEthernet, concat(make([]byte, 12), []byte{8, 6}, make([]byte, 28)))); n != 0 {
		t.Errorf("ARP: %#x, want 0", n)
	}
}

func TestSpreadIsEven(t *testing.T) {
	var counts [16]int
	for i := range 16000 {
		d := tcp4(t, "")[:40:40]
		a := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}).As4()
		copy(d[12:], a[:])
		counts[decode.Spread(frame(sensor.LinkRaw, d))%16]++
	}
	for i, n := range counts {
		if n < 800 || n > 1200 {
			t.Errorf("shard %d has %d of 16,000 hosts: %s", i, n, strings.Repeat("*", n/100))
		}
	}
}
