package medibus_test

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

// direction names one direction of one TCP conversation.
type direction struct{ network, transport gopacket.Flow }

// TestTakesNothingOfPublicCaptures: none of them holds this protocol, wherever it is
// joined.
func TestTakesNothingOfPublicCaptures(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(publicCaptures, "*.pcap*"))
	if len(paths) == 0 {
		t.Skip("no captures beside the repository; this test reads captures that are not part of it")
	}
	segments := 0
	for _, path := range paths {
		held := map[direction][]byte{}
		for packet := range packetsOf(t, path) {
			tcp, ok := packet.Layer(layers.LayerTypeTCP).(*layers.TCP)
			if !ok || len(tcp.Payload) == 0 || packet.NetworkLayer() == nil {
				continue
			}
			segments++
			d := direction{packet.NetworkLayer().NetworkFlow(), tcp.TransportFlow()}
			if len(held[d]) < protocols.ProbeLimit {
				held[d] = append(held[d], tcp.Payload...)
			}
			for _, b := range [][]byte{tcp.Payload, held[d]} {
				if probe(b, true) == protocols.Yes || probe(b, false) == protocols.Yes {
					t.Errorf("%s: %v is taken: %q", filepath.Base(path), d, b)
				}
			}
		}
	}
	t.Logf("%d segments of %d captures", segments, len(paths))
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
