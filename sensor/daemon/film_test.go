package daemon_test

import (
	"bytes"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// monday is when the made-up captures begin.
var monday = time.Date(2026, 9, 14, 9, 0, 0, 0, time.UTC)

// film is a made-up capture: frames with their times, as a mirror port gives them.
type film struct {
	t      testing.TB
	at     time.Time
	frames []frame
	port   uint16 // of the next client
}

type frame struct {
	at   time.Time
	data []byte
}

func newFilm(t testing.TB, at time.Time) *film { return &film{t: t, at: at, port: 40000} }

// party is one host of the film.
type party struct{ mac, ip string }

var (
	gatewayParty = party{"00:00:5e:00:53:42", "10.40.1.42"}
	engineParty  = party{"00:00:5e:00:53:41", "10.40.1.41"}
	ehrParty     = party{"00:00:5e:00:53:40", "10.40.1.40"}
)

// round: the gateway tells of pumps, the EHR of a patient, and hosts ask for each
// other's addresses.
func (f *film) round(pumps ...pump) *film {
	f.arp(gatewayParty, engineParty)
	var told []string
	for i, p := range pumps {
		told = append(told, p.report(f.at, i+1))
	}
	f.talk(gatewayParty, engineParty, 6661, told...)
	f.talk(ehrParty, engineParty, 6661, admission(f.at, "A01"))
	return f
}

func (f *film) add(list ...gopacket.SerializableLayer) {
	f.t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, list...); err != nil {
		f.t.Fatal(err)
	}
	f.frames = append(f.frames, frame{f.at, bytes.Clone(b.Bytes())})
	f.at = f.at.Add(time.Millisecond)
}

func (f *film) hardware(mac string) net.HardwareAddr {
	f.t.Helper()
	m, err := net.ParseMAC(mac)
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

func (f *film) ethernet(from, to party, kind layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: f.hardware(from.mac), DstMAC: f.hardware(to.mac), EthernetType: kind}
}

// arp: from asks for to's address and hears it.
func (f *film) arp(from, to party) {
	ask := func(op uint16, a, b party, target []byte) {
		f.add(f.ethernet(a, b, layers.EthernetTypeARP), &layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
			Operation: op, SourceHwAddress: f.hardware(a.mac), SourceProtAddress: net.ParseIP(a.ip).To4(), DstHwAddress: target, DstProtAddress: net.ParseIP(b.ip).To4()})
	}
	ask(layers.ARPRequest, from, to, make([]byte, 6))
	ask(layers.ARPReply, to, from, f.hardware(from.mac))
}

// segmentSize is small, so that a message spans several segments.
const segmentSize = 536

// talk is one TCP connection in which a client sends messages and has each
// acknowledged.
func (f *film) talk(client, server party, port uint16, messages ...string) {
	c := &talker{f, client, server, f.port, port, 1000}
	s := &talker{f, server, client, port, f.port, 5000}
	f.port++
	send := func(from, to *talker, flags, payload string) { from.send(flags, payload, to.next) }
	send(c, s, "S", "")
	send(s, c, "SA", "")
	send(c, s, "A", "")
	for i, m := range messages {
		for len(m) > 0 {
			n := min(len(m), segmentSize)
			send(c, s, "PA", m[:n])
			m = m[n:]
		}
		send(s, c, "PA", acknowledgement(f.at, "P"+string(rune('1'+i))))
	}
	send(c, s, "FA", "")
	send(s, c, "FA", "")
	send(c, s, "A", "")
}

// talker is one side of a connection.
type talker struct {
	f           *film
	self, other party
	from, to    uint16
	next        uint32 // sequence number
}

func (t *talker) send(flags, payload string, ack uint32) {
	has := func(c byte) bool { return bytes.IndexByte([]byte(flags), c) >= 0 }
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: net.ParseIP(t.self.ip), DstIP: net.ParseIP(t.other.ip)}
	tcp := &layers.TCP{SrcPort: layers.TCPPort(t.from), DstPort: layers.TCPPort(t.to), Seq: t.next, SYN: has('S'), ACK: has('A'), FIN: has('F'), PSH: has('P'), Window: 65000}
	if tcp.ACK {
		tcp.Ack = ack
	}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		t.f.t.Fatal(err)
	}
	t.f.add(t.f.ethernet(t.self, t.other, layers.EthernetTypeIPv4), ip, tcp, gopacket.Payload(payload))
	t.next += uint32(len(payload))
	if tcp.SYN || tcp.FIN {
		t.next++
	}
}

// bytes is the film as a classic pcap file.
func (f *film) bytes(t testing.TB) []byte {
	t.Helper()
	return pcapOf(t, f.frames)
}

func pcapOf(t testing.TB, frames []frame) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	for _, x := range frames {
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: x.at, CaptureLength: len(x.data), Length: len(x.data)}, x.data); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// save writes the film into a file.
func (f *film) save(t testing.TB, path string) {
	t.Helper()
	if err := os.WriteFile(path, f.bytes(t), 0o600); err != nil {
		t.Fatal(err)
	}
}
