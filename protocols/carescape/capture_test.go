package carescape_test

import (
	"path/filepath"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestTakesNothingOfPublicCaptures: none of them holds this protocol.
func TestTakesNothingOfPublicCaptures(t *testing.T) {
	paths := protocoltest.PublicCaptures(t)
	datagrams := 0
	for _, path := range paths {
		for packet := range protocoltest.Packets(t, path) {
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
