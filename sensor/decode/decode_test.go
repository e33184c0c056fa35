package decode_test

import (
	"encoding/binary"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

const hello = "hello"

// linkCase is a frame with TCP from the pump to the gateway.
type linkCase struct {
	name    string
	link    sensor.LinkType
	data    []byte
	vlan    uint16
	from    bool // the sender's MAC is known
	to      bool // and the receiver's
	hops    uint8
	outside uint16 // VLAN tag that the kernel took out
}

func linkCases(t *testing.T) []linkCase {
	four, six := tcp4(t, hello), tcp6(t, hello)
	addresses := concat(gatewayMAC[:], pumpMAC[:])
	sll := func(proto uint16, length byte) []byte {
		return binary.BigEndian.AppendUint16(concat([]byte{0, 0, 0, 1, 0, length}, pumpMAC[:], []byte{0, 0}), proto)
	}
	sll2 := func(proto uint16) []byte {
		return concat(binary.BigEndian.AppendUint16(nil, proto), []byte{0, 0, 0, 0, 0, 2, 0, 1, 0, 6}, pumpMAC[:], []byte{0, 0})
	}
	return []linkCase{
		{name: "Ethernet IPv4", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x08, 0x00}, four), from: true, to: true, hops: 63},
		{name: "Ethernet IPv6", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x86, 0xdd}, six), from: true, to: true, hops: 62},
		{name: "802.1Q", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x81, 0, 0x20, 12, 0x08, 0}, four), vlan: 12, from: true, to: true, hops: 63},
		{name: "QinQ 88a8", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x88, 0xa8, 0, 100, 0x81, 0, 0, 12, 0x08, 0}, four), vlan: 12, from: true, to: true, hops: 63},
		{name: "QinQ 9100", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x91, 0, 0, 100, 0x81, 0, 0, 12, 0x08, 0}, four), vlan: 12, from: true, to: true, hops: 63},
		{name: "tag taken out", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x08, 0}, four), outside: 0x6000 | 34, vlan: 34, from: true, to: true, hops: 63},
		{name: "outer tag taken out", link: sensor.LinkEthernet, data: concat(addresses, []byte{0x81, 0, 0, 12, 0x08, 0}, four), outside: 34, vlan: 12, from: true, to: true, hops: 63},
		{name: "SNAP", link: sensor.LinkEthernet, data: concat(addresses, []byte{0, byte(8 + len(four)), 0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0}, four, make([]byte, 9)), from: true, to: true, hops: 63},
		{name: "SLL", link: sensor.LinkSLL, data: concat(sll(0x0800, 6), four), from: true, hops: 63},
		{name: "SLL with a tag", link: sensor.LinkSLL, data: concat(sll(0x8100, 6), []byte{0, 12, 0x86, 0xdd}, six), vlan: 12, from: true, hops: 62},
		{name: "SLL without an address", link: sensor.LinkSLL, data: concat(sll(0x0800, 0), four), hops: 63},
		{name: "SLL2", link: sensor.LinkSLL2, data: concat(sll2(0x86dd), six), from: true, hops: 62},
		{name: "NULL little-endian", link: sensor.LinkNull, data: concat([]byte{2, 0, 0, 0}, four), hops: 63},
		{name: "NULL big-endian", link: sensor.LinkNull, data: concat([]byte{0, 0, 0, 30}, six), hops: 62},
		{name: "NULL FreeBSD IPv6", link: sensor.LinkNull, data: concat([]byte{28, 0, 0, 0}, six), hops: 62},
		{name: "LOOP", link: sensor.LinkLoop, data: concat([]byte{0, 0, 0, 2}, four), hops: 63},
		{name: "raw 101", link: sensor.LinkRaw, data: four, hops: 63},
		{name: "raw 12", link: sensor.LinkRawBSD, data: six, hops: 62},
		{name: "raw 228", link: sensor.LinkIPv4, data: four, hops: 63},
		{name: "raw 229", link: sensor.LinkIPv6, data: six, hops: 62},
	}
}

// want is what the headers of the case say.
func (c linkCase) want() sensor.Packet {
	want := sensor.Packet{
		Transport: protocols.TCP,
		From:      protocols.Endpoint{Addr: pump, Port: 40000, VLAN: c.vlan, Hops: c.hops},
		To:        protocols.Endpoint{Addr: gateway, Port: 104, VLAN: c.vlan},
	}
	if c.hops == 62 {
		want.From.Addr, want.To.Addr = pump6, gateway6
	}
	if c.from {
		want.From.MAC = pumpMAC
	}
	if c.to {
		want.To.MAC = gatewayMAC
	}
	return want
}

func TestLinkTypes(t *testing.T) {
	for _, c := range linkCases(t) {
		t.Run(c.name, func(t *testing.T) {
			f := frame(c.link, c.data)
			f.VLAN, f.VLANTagged = c.outside, c.outside != 0
			var p sensor.Packet
			if v := decode.New().Decode(f, &p); v != sensor.Decoded {
				t.Fatalf("verdict %v, want decoded", v)
			}
			want := c.want()
			if p.Transport != want.Transport || p.From != want.From || p.To != want.To {
				t.Errorf("got %v\n  from %+v\n  to %+v\nwant\n  from %+v\n  to %+v", p.Transport, p.From, p.To, want.From, want.To)
			}
			if string(p.Payload) != hello || p.PayloadLength != len(hello) {
				t.Errorf("payload %q of %d bytes, want %q", p.Payload, p.PayloadLength, hello)
			}
			if p.Seq != 1000 || p.Ack != 2000 || p.Window != 512 || p.Flags != sensor.SYN|sensor.ACK {
				t.Errorf("seq %d ack %d window %d flags %#x", p.Seq, p.Ack, p.Window, p.Flags)
			}
		})
	}
}

func TestPayloadLength(t *testing.T) {
	whole := onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello))[:59] // without padding
	zero := append([]byte(nil), whole...)
	zero[16], zero[17] = 0, 0
	six := onEthernet(t, layers.EthernetTypeIPv6, tcp6(t, hello))
	zero6 := append([]byte(nil), six...)
	zero6[18], zero6[19] = 0, 0
	ip := ip4(layers.IPProtocolUDP)
	datagram := bytesOf(t, ethernet(layers.EthernetTypeIPv4), ip, udpTo(t, ip), gopacket.Payload(hello))[:47]
	short := append([]byte(nil), datagram...)
	short[39] = 8 + 2 // the UDP header says two bytes
	for _, c := range []struct {
		name    string
		data    []byte
		wire    int
		payload string
		length  int
	}{
		{"whole", whole, len(whole), hello, 5},
		{"with padding", concat(whole, make([]byte, 20)), len(whole) + 20, hello, 5},
		{"cut in the payload", whole[:len(whole)-2], len(whole), "hel", 5},
		{"cut before the payload", whole[:54], len(whole), "", 5},
		{"shortened by the mirror", whole[:len(whole)-2], len(whole) - 2, "hel", 5},
		{"wire length not known", whole, 0, hello, 5},
		{"IPv4 total length 0", zero, len(zero), hello, 5},
		{"SNAP, IPv4 total length 0, with padding", concat(whole[:12], []byte{0, 8 + 45, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, zero[14:], make([]byte, 7)), 12 + 10 + 45 + 7, hello, 5},
		{"IPv6 payload length 0", zero6, len(zero6), hello, 5},
		{"IPv6 with padding", concat(six, make([]byte, 4)), len(six) + 4, hello, 5},
		{"UDP", datagram, len(datagram), hello, 5},
		{"UDP shorter than IP", short, len(short), "he", 2},
		{"UDP cut", datagram[:44], len(datagram), "he", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := frame(sensor.LinkEthernet, c.data)
			f.Length = c.wire
			d, p := decode.New(), sensor.Packet{}
			if v := d.Decode(f, &p); v != sensor.Decoded {
				t.Fatalf("verdict %v, want decoded", v)
			}
			if string(p.Payload) != c.payload || p.PayloadLength != c.length {
				t.Errorf("payload %q of %d bytes, want %q of %d", p.Payload, p.PayloadLength, c.payload, c.length)
			}
			cut := len(c.payload) < c.length
			if p.Cut() != cut || d.Counters().Cut != map[bool]uint64{true: 1}[cut] {
				t.Errorf("cut %v, counted %d; want %v", p.Cut(), d.Counters().Cut, cut)
			}
		})
	}
}

// chainCase is a packet with headers between IP and TCP.
type chainCase struct {
	name   string
	packet []byte
	want   sensor.Verdict
}

func chainCases(t *testing.T) []chainCase {
	segment := tcp6(t, hello)[40:]
	six := func(next byte, headers ...[]byte) []byte {
		body := concat(append(headers, segment)...)
		h := tcp6(t, "")[:40]
		h[6] = next
		binary.BigEndian.PutUint16(h[4:], uint16(len(body)))
		return concat(h, body)
	}
	option := func(next byte) []byte { return []byte{next, 0, 1, 4, 0, 0, 0, 0} }
	routing := func(next byte) []byte { return append([]byte{next, 2, 0, 0, 0, 0, 0, 0}, make([]byte, 16)...) }
	auth := func(next byte) []byte { return append([]byte{next, 4, 0, 0}, make([]byte, 20)...) }
	atomic := func(next byte) []byte { return []byte{next, 0, 0, 6, 0, 0, 0, 1} } // reserved bits set
	four := func(proto byte, ihl int, headers ...[]byte) []byte {
		h := tcp4(t, "")[:20]
		h = append(h, make([]byte, ihl-20)...)
		h[0], h[9] = 0x40|byte(ihl/4), proto
		body := concat(append(headers, segment)...)
		binary.BigEndian.PutUint16(h[2:], uint16(ihl+len(body)))
		return concat(h, body)
	}
	many := make([][]byte, decode.MaxExtensionHeaders+1)
	for i := range many {
		many[i] = option(60)
	}
	many[len(many)-1] = option(6)
	return []chainCase{
		{"IPv4 with options", four(6, 60), sensor.Decoded},
		{"IPv4 with AH", four(51, 20, auth(6)), sensor.Decoded},
		{"hop-by-hop", six(0, option(6)), sensor.Decoded},
		{"routing", six(43, routing(6)), sensor.Decoded},
		{"all of them", six(0, option(60), option(43), routing(51), auth(60), option(6)), sensor.Decoded},
		{"atomic fragment", six(44, atomic(6)), sensor.Decoded},
		{"as many as allowed", six(60, many[1:]...), sensor.Decoded},
		{"one too many", six(60, many...), sensor.Malformed},
		{"header longer than the packet", six(0, []byte{6, 200, 0, 0, 0, 0, 0, 0}), sensor.Malformed},
		{"header longer than the packet, before something unknown", six(0, []byte{50, 200, 0, 0, 0, 0, 0, 0}), sensor.Malformed},
		{"AH longer than the IPv4 packet", four(51, 20, []byte{50, 200, 0, 0, 0, 0, 0, 0}), sensor.Malformed},
		{"no next header", six(59), sensor.UnknownTransport},
		{"ESP", six(50), sensor.UnknownTransport},
		{"IGMP", four(2, 20), sensor.UnknownTransport},
		{"GRE, source routed", four(47, 20, []byte{0x40, 0, 8, 0}), sensor.Tunnelled},
		{"GRE version 2", four(47, 20, []byte{0, 2, 8, 0}), sensor.Tunnelled},
		{"IPv6 in IPv4, which it is not", four(41, 20), sensor.Malformed},
		{"AH in AH", four(51, 20, auth(51), auth(6)), sensor.Malformed},
	}
}

func TestHeaderChains(t *testing.T) {
	for _, c := range chainCases(t) {
		t.Run(c.name, func(t *testing.T) {
			var p sensor.Packet
			d := decode.New()
			if v := d.Decode(frame(sensor.LinkRaw, c.packet), &p); v != c.want {
				t.Fatalf("verdict %v, want %v", v, c.want)
			}
			if n := d.Counters().Verdicts[c.want]; n != 1 {
				t.Errorf("counted %d times, want once", n)
			}
			if p.Reassembled {
				t.Error("went through reassembly, though it is whole")
			}
			if c.want == sensor.Decoded && (string(p.Payload) != hello || p.From.Port != 40000) {
				t.Errorf("payload %q from port %d", p.Payload, p.From.Port)
			}
		})
	}
}

func TestOtherTransports(t *testing.T) {
	arpBody := concat([]byte{0, 1, 8, 0, 6, 4, 0, 1}, pumpMAC[:], pump.AsSlice(), make([]byte, 6), gateway.AsSlice())
	arp := concat(gatewayMAC[:], pumpMAC[:], []byte{8, 6}, arpBody, make([]byte, 18))
	ip := ip4(layers.IPProtocolICMPv4)
	ping := bytesOf(t, ethernet(layers.EthernetTypeIPv4), ip, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(8, 0)}, gopacket.Payload(hello))
	ip6 := ip6(layers.IPProtocolICMPv6)
	ping6 := bytesOf(t, ethernet(layers.EthernetTypeIPv6), ip6, gopacket.Payload("\x87\x01\x00\x00rest"))

	t.Run("ARP", func(t *testing.T) {
		var p sensor.Packet
		v := decode.New().Decode(frame(sensor.LinkEthernet, arp), &p)
		if v != sensor.Decoded || p.Transport != protocols.Link || p.EtherType != 0x0806 {
			t.Fatalf("verdict %v, transport %v, type %#x", v, p.Transport, p.EtherType)
		}
		if string(p.Payload) != string(arpBody) {
			t.Errorf("body % x, want % x (padding is not part of it)", p.Payload, arpBody)
		}
		if p.From != (protocols.Endpoint{MAC: pumpMAC}) || p.To != (protocols.Endpoint{MAC: gatewayMAC}) {
			t.Errorf("from %+v to %+v", p.From, p.To)
		}
	})
	t.Run("ICMP", func(t *testing.T) {
		var p sensor.Packet
		v := decode.New().Decode(frame(sensor.LinkEthernet, ping), &p)
		if v != sensor.Decoded || p.Transport != protocols.ICMP || p.ICMPType != 8 || p.From.Addr != pump {
			t.Fatalf("verdict %v, %+v", v, p)
		}
	})
	t.Run("ICMPv6", func(t *testing.T) {
		var p sensor.Packet
		v := decode.New().Decode(frame(sensor.LinkEthernet, ping6), &p)
		if v != sensor.Decoded || p.Transport != protocols.ICMP || p.ICMPType != 0x87 || p.ICMPCode != 1 || string(p.Payload) != "rest" {
			t.Fatalf("verdict %v, %+v", v, p)
		}
	})
}

// Every way in which a frame can be cut or wrong has its own verdict; nothing
// panics, and nothing is called decoded.
func TestInvariant07BadFramesAreCountedByCause(t *testing.T) {
	whole := onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello))[:59]
	change := func(at int, b ...byte) []byte {
		c := append([]byte(nil), whole...)
		copy(c[at:], b)
		return c
	}
	tagged := concat(whole[:12], []byte{0x81, 0, 0, 1}, []byte{0x81, 0, 0, 1}, []byte{0x81, 0, 0, 1}, []byte{0x81, 0, 0, 1}, []byte{0x81, 0, 0, 1}, whole[12:])
	for _, c := range []struct {
		name string
		link sensor.LinkType
		data []byte
		wire int // 0: as data
		want sensor.Verdict
	}{
		{"empty", sensor.LinkEthernet, nil, 0, sensor.Malformed},
		{"runt", sensor.LinkEthernet, whole[:13], 0, sensor.Malformed},
		{"cut in Ethernet", sensor.LinkEthernet, whole[:13], 59, sensor.Truncated},
		{"cut in IPv4", sensor.LinkEthernet, whole[:30], 59, sensor.Truncated},
		{"ends in IPv4", sensor.LinkEthernet, whole[:30], 0, sensor.Malformed},
		{"cut in TCP", sensor.LinkEthernet, whole[:50], 59, sensor.Truncated},
		{"version 5", sensor.LinkEthernet, change(14, 0x55), 0, sensor.Malformed},
		{"header of 16 bytes", sensor.LinkEthernet, change(14, 0x44), 0, sensor.Malformed},
		{"total less than header", sensor.LinkEthernet, change(16, 0, 19), 0, sensor.Malformed},
		{"TCP header of 16 bytes", sensor.LinkEthernet, change(46, 0x40), 0, sensor.Malformed},
		{"TCP header past the end", sensor.LinkEthernet, change(46, 0xf0), 0, sensor.Malformed},
		{"spanning tree", sensor.LinkEthernet, concat(whole[:12], []byte{0, 7, 0x42, 0x42, 3, 0, 0, 0, 0}), 0, sensor.NotIP},
		{"PROFINET", sensor.LinkEthernet, change(12, 0x88, 0x92), 0, sensor.NotIP},
		{"five tags", sensor.LinkEthernet, tagged, 0, sensor.Malformed},
		{"tag cut off", sensor.LinkEthernet, concat(whole[:12], []byte{0x81, 0, 0}), 0, sensor.Malformed},
		{"802.11", 105, whole, 0, sensor.UnknownLink},
		{"SLL too short", sensor.LinkSLL, whole[:15], 0, sensor.Malformed},
		{"SLL with a Linux number", sensor.LinkSLL, make([]byte, 40), 0, sensor.NotIP},
		{"SLL2 too short", sensor.LinkSLL2, whole[:19], 20, sensor.Truncated},
		{"NULL too short", sensor.LinkNull, whole[:3], 0, sensor.Malformed},
		{"NULL with another family", sensor.LinkNull, []byte{7, 0, 0, 0, 0, 0, 0, 0}, 0, sensor.NotIP},
		{"raw, neither 4 nor 6", sensor.LinkRaw, []byte{0x50, 0, 0, 0}, 0, sensor.Malformed},
		{"raw, nothing", sensor.LinkRaw, nil, 0, sensor.Malformed},
		{"ARP too short", sensor.LinkEthernet, concat(whole[:12], []byte{8, 6, 0, 1, 8, 0}), 0, sensor.Malformed},
		{"ARP with absurd lengths", sensor.LinkEthernet, concat(whole[:12], []byte{8, 6, 0, 1, 8, 0, 255, 255, 0, 1}), 0, sensor.Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := frame(c.link, c.data)
			if c.wire != 0 {
				f.Length = c.wire
			}
			d, p := decode.New(), sensor.Packet{}
			if v := d.Decode(f, &p); v != c.want {
				t.Fatalf("verdict %v, want %v", v, c.want)
			}
			if n := d.Counters().Verdicts[c.want]; n != 1 {
				t.Errorf("counted %d times, want once", n)
			}
		})
	}
}

func TestInvariant08NoAllocationPerPacket(t *testing.T) {
	d, p := decode.New(), sensor.Packet{}
	for name, f := range map[string]*sensor.Frame{
		"IPv4": frame(sensor.LinkEthernet, onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello))),
		"IPv6": frame(sensor.LinkEthernet, onEthernet(t, layers.EthernetTypeIPv6, tcp6(t, hello))),
		"bad":  frame(sensor.LinkEthernet, make([]byte, 20)),
	} {
		if n := testing.AllocsPerRun(1000, func() { d.Decode(f, &p) }); n != 0 {
			t.Errorf("%s: %v allocations per packet, want none", name, n)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"IPv4", onEthernet(b, layers.EthernetTypeIPv4, tcp4(b, hello))},
		{"IPv6", onEthernet(b, layers.EthernetTypeIPv6, tcp6(b, hello))},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, p, f := decode.New(), sensor.Packet{}, frame(sensor.LinkEthernet, c.data)
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(f, &p)
			}
		})
	}
}

func BenchmarkSpread(b *testing.B) {
	f := frame(sensor.LinkEthernet, onEthernet(b, layers.EthernetTypeIPv4, tcp4(b, hello)))
	b.ReportAllocs()
	for b.Loop() {
		decode.Spread(f)
	}
}
