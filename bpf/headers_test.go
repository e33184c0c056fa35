package bpf_test

import (
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

// skipSome skips [1000, 2000) of TCP and all of UDP from the first end to the second,
// of both versions of IP.
func skipSome(t testing.TB, e engine) {
	t.Helper()
	for _, two := range ends {
		r := some[0]
		r.Way = tcpWay(two)
		e.skip(t, r, bpf.Range{Way: udpWay(two), Whole: true, For: time.Minute})
	}
}

func TestInsideEveryCarrierTheRulesAreTheSame(t *testing.T) {
	for _, e := range engines(t) {
		skipSome(t, e)
		for name, carry := range carriers {
			for family, two := range ends {
				for _, s := range []struct {
					packet []byte
					want   bpf.Verdict
				}{
					{packetOf(tcpWay(two), inside.segment), bpf.DroppedSegment},
					{packetOf(tcpWay(two), segment{seq: 1999, flags: ack, payload: 2}), bpf.Passed},
					{packetOf(back(tcpWay(two)), received.segment), bpf.DroppedAcknowledgement},
					{packetOf(back(tcpWay(two)), segment{ack: 1500, flags: ack, options: sacks}), bpf.Passed},
					{packetOf(udpWay(two), segment{payload: 30}), bpf.DroppedDatagram},
					{packetOf(back(udpWay(two)), segment{payload: 30}), bpf.Passed},
				} {
					if got := e.judge(t, carry(s.packet)); got != s.want {
						t.Errorf("%s: %s in %s: %v, want %v", e.name, family, name, got, s.want)
					}
				}
			}
		}
	}
}

func TestHeadersCutAtEveryByte(t *testing.T) {
	for _, e := range engines(t) {
		skipSome(t, e)
		for name, carry := range carriers {
			for _, two := range ends {
				cutEverywhere(t, e, name, carry(packetOf(tcpWay(two), inside.segment)), inside.payload, bpf.DroppedSegment)
				cutEverywhere(t, e, name, carry(packetOf(udpWay(two), segment{payload: 5})), 5, bpf.DroppedDatagram)
				cutEverywhere(t, e, name, carry(packetOf(back(tcpWay(two)), received.segment)), 0, bpf.DroppedAcknowledgement)
			}
		}
	}
}

// cutEverywhere runs a frame at each length. The payload need not be there: its
// length is the header's word, and mirrors shorten.
func cutEverywhere(t *testing.T, e engine, name string, frame []byte, payload int, whole bpf.Verdict) {
	t.Helper()
	for n := e.min; n <= len(frame); n++ {
		want := whole
		if n < len(frame)-payload {
			want = bpf.Truncated
		}
		if got := e.judge(t, frame[:n:n]); got != want {
			t.Fatalf("%s: %s cut to %d of %d bytes: %v, want %v", e.name, name, n, len(frame), got, want)
		}
	}
}

// changed is a copy of a frame with one byte set.
func changed(frame []byte, at int, b byte) []byte {
	frame = slices.Clone(frame)
	frame[at] = b
	return frame
}

// otherFrame is one that the kernel program does not judge.
type otherFrame struct {
	name  string
	frame []byte
	want  bpf.Verdict
}

func otherFrames() []otherFrame { return append(otherTunnels(), otherHeaders()...) }

// otherHeaders have no tunnel around them, or one that is none here.
func otherHeaders() []otherFrame {
	four, six := tcpWay(ends["IPv4"]), tcpWay(ends["IPv6"])
	p4, p6 := packetOf(four, inside.segment), packetOf(six, inside.segment)
	u4 := packetOf(udpWay(ends["IPv4"]), segment{payload: 30})
	to := func(protocol byte) []byte { return changed(p6, 6, protocol) }
	return []otherFrame{
		{"ARP", etherOf(0x0806, make([]byte, 46)), bpf.NotIP},
		{"802.3", etherOf(38, make([]byte, 46)), bpf.NotIP},
		{"MPLS", etherOf(0x8847, append([]byte{0, 1, 1, 64}, p4...)), bpf.NotIP},
		{"three tags", ether(p4, tagService, tagService, tagCustomer), bpf.TooDeep},
		{"ICMP", ether(ip(four.From.Addr(), four.To.Addr(), protoICMP, make([]byte, 8))), bpf.OtherTransport},
		{"ICMPv6", ether(to(protoICMPv6)), bpf.OtherTransport},
		{"IP in IP", ether(outer4(4, p4)), bpf.OtherTransport},
		{"first fragment", ether(changed(p4, 6, 0x20)), bpf.Fragment},
		{"later fragment", ether(changed(p4, 7, 1)), bpf.Fragment},
		{"IPv6 fragment", ether(to(44)), bpf.Fragment},
		{"hop-by-hop options", ether(to(0)), bpf.ExtensionHeader},
		{"routing", ether(to(43)), bpf.ExtensionHeader},
		{"ESP", ether(to(50)), bpf.ExtensionHeader},
		{"authentication", ether(to(51)), bpf.ExtensionHeader},
		{"destination options", ether(to(60)), bpf.ExtensionHeader},
		{"IPv4 that says 6", ether(changed(p4, 0, 0x65)), bpf.NotIP},
		{"IPv4 header too short", ether(changed(p4, 0, 0x44)), bpf.Malformed},
		{"IPv4 shorter than its header", ether(changed(p4, 3, 19)), bpf.Malformed},
		{"TCP header too short", ether(changed(p4, 32, 0x40)), bpf.Malformed},
		{"TCP header longer than its packet", ether(changed(p4, 32, 0xf0)), bpf.Malformed},
		{"TCP header that IP has no room for", ether(changed(p4, 3, 39)), bpf.Malformed},
		{"IPv6 without length", ether(changed(p6, 5, 0)), bpf.Malformed},
		{"UDP shorter than its header", ether(changed(u4, 25, 7)), bpf.Malformed},
		{"UDP longer than its packet", ether(changed(u4, 25, 39)), bpf.Malformed},
		{"UDP shorter than its packet", ether(changed(u4, 25, 37)), bpf.DroppedDatagram},
		{"a segment longer than its frame", ether(changed(p4, 2, 1)), bpf.DroppedSegment},
		{"a segment that claims to straddle", ether(changed(p4, 2, 3)), bpf.Passed},
		{"padded behind IP", append(ether(packetOf(back(four), received.segment)), 0, 0, 0, 0, 0, 0), bpf.DroppedAcknowledgement},
	}
}

// otherTunnels are wrapped in a form that is not opened, or carry what is not read.
func otherTunnels() []otherFrame {
	p4 := packetOf(tcpWay(ends["IPv4"]), inside.segment)
	return []otherFrame{
		{"fragment of a tunnel", ether(changed(outer4(protoUDP, vxlan(8, ether(p4))), 6, 0x20)), bpf.Fragment},
		{"fragment in a tunnel", ether(outer4(protoUDP, vxlan(8, ether(changed(p4, 6, 0x20))))), bpf.Fragment},
		{"ARP in a tunnel", ether(outer4(protoUDP, vxlan(8, etherOf(0x0806, make([]byte, 46))))), bpf.NotIP},
		{"GRE with routing", ether(outer4(protoGRE, gre(0x4000, typeIPv4, p4))), bpf.EncapsulationUnknown},
		{"GRE of version 1", ether(outer4(protoGRE, gre(0x2001, 0x880b, p4))), bpf.EncapsulationUnknown},
		{"GRE with PPP", ether(outer4(protoGRE, gre(0, 0x880b, p4))), bpf.EncapsulationUnknown},
		{"ERSPAN II of version 3", ether(changed(outer4(protoGRE, erspan2(ether(p4))), 28, 0x30)), bpf.EncapsulationUnknown},
		{"ERSPAN III of version 1", ether(changed(outer4(protoGRE, erspan3(0, 0, ether(p4))), 28, 0x10)), bpf.EncapsulationUnknown},
		{"ERSPAN III with bare IP", ether(outer4(protoGRE, erspan3(2<<2, 0, p4))), bpf.EncapsulationUnknown},
		{"VXLAN without a network", ether(outer4(protoUDP, vxlan(0, ether(p4)))), bpf.EncapsulationUnknown},
		{"VXLAN of another protocol", ether(outer4(protoUDP, vxlan(0x0c, p4))), bpf.EncapsulationUnknown},
		{"GRE in GRE", ether(outer4(protoGRE, gre(0, typeIPv4, outer4(protoGRE, gre(0, typeIPv4, p4))))), bpf.TooDeep},
		{"VXLAN in GRE", ether(outer4(protoGRE, gre(0, typeIPv4, outer4(protoUDP, vxlan(8, ether(p4)))))), bpf.TooDeep},
		{"three tags in a tunnel", ether(outer4(protoUDP, vxlan(8, ether(p4, tagOld, tagOld, tagOld)))), bpf.TooDeep},
	}
}

func TestWhatIsNotJudgedPassesWithItsCause(t *testing.T) {
	for _, e := range engines(t) {
		skipSome(t, e)
		for _, o := range otherFrames() {
			if o.name == "IPv4 that says 6" {
				// etherOf by the first nibble would call it IPv6.
				o.frame, o.want = etherOf(typeIPv4, o.frame[14:]), bpf.Malformed
			}
			if got := e.judge(t, o.frame); got != o.want {
				t.Errorf("%s: %s: %v, want %v", e.name, o.name, got, o.want)
			}
		}
	}
}

func TestFrameOfNineThousandBytes(t *testing.T) {
	e := engine{name: "XDP", tap: loadTap(t)}
	if !e.tap.Variant().MultiBuffer {
		t.Skip("this kernel takes no frame in several buffers: Linux 5.18 does")
	}
	e.run = e.tap.Run
	way := tcpWay(ends["IPv4"])
	e.skip(t, bpf.Range{Way: way, Start: 0, End: 1 << 20, For: time.Minute})
	frame := ether(packetOf(way, segment{seq: 100, flags: ack, payload: 9000}))
	if got := e.judge(t, frame); got != bpf.DroppedSegment {
		t.Errorf("%v, want %v", got, bpf.DroppedSegment)
	}
}
