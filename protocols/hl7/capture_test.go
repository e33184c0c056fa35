package hl7_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// shared returns a file of the captures that lie beside the repository, and skips
// the test where they are not.
func shared(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no captures beside the repository: %v", err)
	}
	return path
}

// replay feeds the TCP payloads of one port, in capture order, to one session a
// conversation. These captures were recorded without loss or reordering.
func replay(t *testing.T, path string, port layers.TCPPort) *heard {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	h := &heard{}
	out := h.Sink(protocols.HL7)
	sessions := map[string]protocols.Session{}
	for {
		data, info, err := r.ReadPacketData()
		if err != nil {
			break
		}
		p := gopacket.NewPacket(data, r.LinkType(), gopacket.NoCopy)
		tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		if !ok || len(tcp.Payload) == 0 || tcp.SrcPort != port && tcp.DstPort != port {
			continue
		}
		s := frame(p, tcp)
		s.When = info.Timestamp
		key := s.From.Addr.String() + tcp.SrcPort.String()
		if s.Direction == protocols.FromAcceptor {
			key = s.To.Addr.String() + tcp.DstPort.String()
		}
		if sessions[key] == nil {
			sessions[key] = hl7.New().Open(protocols.Context{OpenerKnown: true})
		}
		sessions[key].Segment(s, out)
	}
	return h
}

func frame(p gopacket.Packet, tcp *layers.TCP) protocols.Segment {
	ip := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	eth := p.Layer(layers.LayerTypeEthernet).(*layers.Ethernet)
	s := protocols.Segment{Bytes: tcp.Payload}
	s.From.Addr, s.To.Addr = addr(ip.SrcIP), addr(ip.DstIP)
	copy(s.From.MAC[:], eth.SrcMAC)
	copy(s.To.MAC[:], eth.DstMAC)
	if tcp.SrcPort < tcp.DstPort {
		s.Direction = protocols.FromAcceptor
	}
	return s
}

func TestSharedCaptureDescribesItsDevices(t *testing.T) {
	h := replay(t, shared(t, "captures", "stvincent.pcap"), 6661)
	got := h.Print()
	t.Log(got)
	for _, want := range []string{"Alaris PCU 8015", "11223344", "99887766", "DOXOrubicin", "80 mL/h", "XN-10", "A4567", "00-22", "Sysmex", "hl7-adt-source"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q", want)
		}
	}
	for _, canary := range []string{"ZZALPHA", "ZZBETA", "ZZGAMMA", "PHI-STV", "PHI AVENUE", "SID112233"} {
		if strings.Contains(h.Texts(), canary) {
			t.Errorf("a patient shows: %q", canary)
		}
	}
}

// TestSharedMessagesAreRead reads real messages of several makers.
func TestSharedMessagesAreRead(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(shared(t, "messages", "hl7"), "*.hl7"))
	if err != nil || len(paths) == 0 {
		t.Skip("no messages beside the repository")
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		h := listen(0, bit{text: "\x0b" + string(b) + "\x1c\r"})
		t.Logf("%s\n%s", filepath.Base(path), h.Print())
		if len(h.Outcomes) != 1 || h.Outcomes[0] != protocols.Parsed {
			t.Errorf("%s: outcomes %v", filepath.Base(path), h.Outcomes)
		}
	}
}

// TestPublicCapturesAreRead reads captures that other projects published; patients
// in them are made up, and must not show all the same.
func TestPublicCapturesAreRead(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(shared(t, "captures", "public"), "*HL7*.pcap"))
	if err != nil || len(paths) == 0 {
		t.Skip("no HL7 captures beside the repository")
	}
	for _, path := range paths {
		h := replay(t, path, 6661)
		t.Logf("%s\n%s", filepath.Base(path), h.Print())
		if got := outcomes(h); got != "parsed parsed" {
			t.Errorf("%s: outcomes %q", filepath.Base(path), got)
		}
		if said := h.Texts(); strings.Contains(said, "MOUSE") || strings.Contains(said, "DUCK") {
			t.Errorf("%s: a patient shows", filepath.Base(path))
		}
	}
}
