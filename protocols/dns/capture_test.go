package dns_test

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestPublicCaptures counts datagrams against tshark (4.0.17, filters mdns and llmnr,
// without one inside a GTP tunnel
// one question for a full name, and those for the name of an address), and statements against what was read there by eye.
func TestPublicCaptures(t *testing.T) {
	for _, path := range protocoltest.PublicCaptures(t) {
		name := filepath.Base(path)
		var got counts
		for packet := range protocoltest.Packets(t, path) {
			from, payload := innermost(packet)
			for i, p := range both() {
				if payload == nil || p.Probe(opening(payload)) != protocols.Yes {
					continue
				}
				got.heard[i]++
				h := listen(t, from, protocols.MAC{}, payload)
				if got.stated[i] += len(h.Observations); len(h.Observations) > 0 {
					t.Logf("%s: %s %s", name, from, said(h))
				}
			}
		}
		if want := publicCounts()[name]; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// innermost returns the last datagram of a packet, and who sent it.
func innermost(packet gopacket.Packet) (from netip.Addr, payload []byte) {
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *layers.IPv4:
			from, _ = netip.AddrFromSlice(l.SrcIP)
		case *layers.IPv6:
			from, _ = netip.AddrFromSlice(l.SrcIP)
		case *layers.UDP:
			payload = l.Payload
		}
	}
	return from, payload
}

// counts are of multicast DNS and of LLMNR.
type counts struct{ heard, stated [2]int }

// publicCounts is by the file of a public capture.
func publicCounts() map[string]counts {
	return map[string]counts{
		"ICS-Security-Tools__pcaps__profinet__Profinet_Failed.pcap": {[2]int{2, 0}, [2]int{0, 0}},
		"Malcolm-Test-Artifacts__pcap__protocols__PROFINET.pcap":    {[2]int{0, 136}, [2]int{0, 0}},
		"arkime__tests__pcap__arkime_synthetic.pcap":                {[2]int{2, 2}, [2]int{1, 1}},
		"nDPI__tests__cfgs__default__pcap__android.pcap":            {[2]int{2, 0}, [2]int{0, 0}},
		"nDPI__tests__cfgs__default__pcap__anyconnect-vpn.pcap":     {[2]int{24, 0}, [2]int{4, 0}},
		"nDPI__tests__cfgs__default__pcap__zoom.pcap":               {[2]int{1, 0}, [2]int{0, 0}},
		"suricata-verify__tests__bug-5162__input.pcap":              {[2]int{0, 2}, [2]int{0, 0}},
		"suricata-verify__tests__output-eve-ftp-data__input.pcap":   {[2]int{0, 100}, [2]int{0, 0}},
		"tapirxl__tests__fixtures__synthetic_philips_demo.pcap":     {[2]int{0, 7}, [2]int{0, 4}},
		"zeek__testing__btest__Traces__erspan.pcap":                 {[2]int{0, 4}, [2]int{0, 0}},
		"zeek__testing__btest__Traces__var-services-std-ports.pcap": {[2]int{17, 0}, [2]int{0, 0}},
		"zeek__testing__btest__Traces__wikipedia.pcap":              {[2]int{4, 8}, [2]int{2, 0}},
	}
}
