package netbios_test

import (
	"net/netip"
	"path/filepath"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/netbios"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestPublicCaptures counts datagrams against tshark (4.0.17, filters nbns && udp &&
// !icmp, and nbdgm), and statements against what was read there by eye.
func TestPublicCaptures(t *testing.T) {
	for _, path := range protocoltest.PublicCaptures(t) {
		name := filepath.Base(path)
		var got counts
		for packet := range protocoltest.Packets(t, path) {
			ip, _ := packet.NetworkLayer().(*layers.IPv4)
			udp, _ := packet.TransportLayer().(*layers.UDP)
			if ip == nil || udp == nil {
				continue
			}
			from, _ := netip.AddrFromSlice(ip.SrcIP)
			for i, p := range []protocols.Protocol{netbios.NewNameService(), netbios.NewBrowser()} {
				if p.Probe(opening(udp.Payload)) != protocols.Yes {
					continue
				}
				got.heard[i]++
				h := listen(t, from, protocols.MAC{}, udp.Payload)
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

// counts are of the name service and of NetBIOS datagrams.
type counts struct{ heard, stated [2]int }

// publicCounts is by the file of a public capture.
func publicCounts() map[string]counts {
	return map[string]counts{
		"ICS-Security-Tools__pcaps__IEC61850__Sample_File_MMS_and_GOOSE.pcap":    {[2]int{6, 0}, [2]int{0, 0}},
		"ICS-Security-Tools__pcaps__profinet__Profinet_Failed.pcap":              {[2]int{0, 2}, [2]int{0, 2}},
		"Malcolm-Test-Artifacts__pcap__protocols__PROFINET.pcap":                 {[2]int{731, 2}, [2]int{16, 2}},
		"Malcolm-Test-Artifacts__pcap__protocols__Tunnels.pcap":                  {[2]int{3, 2}, [2]int{0, 1}},
		"arkime__tests__pcap__arkime_synthetic.pcap":                             {[2]int{4, 0}, [2]int{0, 0}},
		"ja4__pcap__ssh2.pcapng":                                                 {[2]int{3, 0}, [2]int{0, 0}},
		"nDPI__tests__cfgs__default__pcap__anyconnect-vpn.pcap":                  {[2]int{15, 0}, [2]int{3, 0}},
		"nDPI__tests__cfgs__default__pcap__netbios.pcap":                         {[2]int{256, 2}, [2]int{6, 2}},
		"nDPI__tests__cfgs__default__pcap__zoom.pcap":                            {[2]int{3, 0}, [2]int{2, 0}},
		"suricata-verify__tests__bug-5162__input.pcap":                           {[2]int{9, 0}, [2]int{9, 0}},
		"suricata-verify__tests__output-eve-ftp-data__input.pcap":                {[2]int{51, 0}, [2]int{0, 0}},
		"suricata-verify__tests__sip-method__sip.pcap":                           {[2]int{111, 8}, [2]int{0, 4}},
		"zeek__testing__btest__Traces__erspan.pcap":                              {[2]int{30, 0}, [2]int{0, 0}},
		"zeek__testing__btest__Traces__smb__raw_ntlm_in_smb.pcap":                {[2]int{0, 2}, [2]int{0, 2}},
		"zeek__testing__btest__Traces__smb__smb_v2_only_non_zero_reserved1.pcap": {[2]int{4, 1}, [2]int{2, 1}},
		"zeek__testing__btest__Traces__wikipedia.pcap":                           {[2]int{8, 0}, [2]int{0, 0}},
	}
}
