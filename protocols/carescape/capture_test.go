package carescape_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/protocols"
)

// publicCaptures is beside the repository, and only there: see the README of
// testdata.
const publicCaptures = "../../../shared/captures/public"

// TestTakesNothingOfPublicCaptures: none of them holds this protocol.
func TestTakesNothingOfPublicCaptures(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(publicCaptures, "*.pcap*"))
	if len(paths) == 0 {
		t.Skip("no captures beside the repository; this test reads captures that are not part of it")
	}
	datagrams := 0
	for _, path := range paths {
		for packet := range packetsOf(t, path) {
			for _, layer := range packet.Layers() {
				udp, ok := layer.(*layers.UDP)
				if !ok {
					continue
				}
				datagrams++
				if probe(udp.Payload) == protocols.Yes {
					t.Errorf("%s: a datagram from %v to %v is taken: %x", filepath.Base(path), udp.SrcPort, udp.DstPort, udp.Payload)
				}
			}
		}
	}
	t.Logf("%d datagrams of %d captures", datagrams, len(paths))
}

// packetsOf reads a capture in either format.
func packetsOf(t *testing.T, path string) <-chan gopacket.Packet {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if r, err := pcapgo.NewReader(f); err == nil {
		return gopacket.NewPacketSource(r, r.LinkType()).Packets()
	}
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Logf("%s: %v", filepath.Base(path), err)
		none := make(chan gopacket.Packet)
		close(none)
		return none
	}
	return gopacket.NewPacketSource(r, r.LinkType()).Packets()
}
