package hl7_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// readByHand is what a person reads in real messages of several makers, each in the
// order in which it is stated; "" for a message whose device nobody can name.
var readByHand = map[string][]string{
	"ge_b1x5_pcd01.hl7":            {"about speaker", "B1X5", "GE", "080019FFFE134535", "in-use monitoring"},
	"ge_mural_pcd04_alarm.hl7":     {"hl7-alarm-source", "GE_Mural_DH_NM", "hl7-alarm-receiver", "ASCOM"},
	"mindray_bs200e.hl7":           {"hl7-result-sender", "about speaker", "Mindray", "BS-200E", "in-use analysing"},
	"mindray_dseries_waveform.hl7": {"about speaker", "00A037009A0053DE", "Mindray", "D-SERIES"},
	"mindray_vs900_pcd01_a.hl7":    {"about speaker", "00A0370098006640", "Mindray", "VS900"},
	"nist_acme_gateway_pcd01.hl7":  {"hl7-device-gateway", "about described", "172.16.172.135", "in-use monitoring"},
	"philips_mx500_pcd01.hl7":      {"about described", "0009FBFFFF9B42B3", "00:09:fb:9b:42:b3", "IntelliVue MX500", "866064", "XW25200213"},
}

// TestSharedMessagesAreRead reads real messages of several makers, at the time at
// which they were sent.
func TestSharedMessagesAreRead(t *testing.T) {
	dir := shared(t, "messages", "hl7")
	for name, wanted := range readByHand {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skip("no messages beside the repository")
		}
		h := &heard{}
		s, out := hl7.New().Open(protocols.Context{}), h.Sink(protocols.HL7)
		seg := segment(bit{text: "\x0b" + strings.ReplaceAll(string(b), "\n", "\r") + "\x1c\r"})
		seg.When = sentAt(t, string(b))
		s.Segment(seg, out)
		got := h.Print()
		rest := got
		for _, want := range wanted {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%s: nothing says %q behind what was found:\n%s", name, want, got)
				break
			}
			rest = after
		}
		if outcomes(h) != "parsed" || strings.Contains(got, "patient") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	for _, name := range []string{"mindray_vs900_pcd01_a.hl7", "mindray_dseries_waveform.hl7", "ge_mural_pcd04_alarm.hl7"} {
		b, _ := os.ReadFile(filepath.Join(dir, name))
		if h := listen(0, bit{text: block(string(b))}); h.Uses(protocols.AboutSpeaker)+h.Uses(protocols.AboutDescribed) > 0 {
			t.Errorf("%s says nothing of a patient: a demonstration, a waveform, an alarm", name)
		}
	}
}

// sentAt reads the first time of a header.
func sentAt(t *testing.T, message string) time.Time {
	t.Helper()
	for field := range strings.SplitSeq(message, "|") {
		field, _, _ = strings.Cut(field, ".")
		for _, layout := range []string{"20060102150405-0700", "20060102150405", "20060102150405000"} {
			if at, err := time.Parse(layout, field); err == nil {
				return at.UTC()
			}
		}
	}
	t.Fatal("no time in the header")
	return time.Time{}
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
