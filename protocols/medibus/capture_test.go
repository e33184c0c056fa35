package medibus_test

import (
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// direction names one direction of one TCP conversation.
type direction struct{ network, transport gopacket.Flow }

// TestTakesNothingOfPublicCaptures: none of them holds this protocol, wherever it is
// joined.
func TestTakesNothingOfPublicCaptures(t *testing.T) {
	paths := protocoltest.PublicCaptures(t)
	segments := 0
	for _, path := range paths {
		held := map[direction][]byte{}
		for packet := range protocoltest.Packets(t, path) {
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
