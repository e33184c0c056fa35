package snmp_test

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/snmp"
)

// readings are what tshark 4.0 shows of public captures: how many datagrams are SNMP, and
// of them well-formed, and what agents say of themselves.
var readings = map[string]struct {
	recognised, parsed int
	says               []string
}{
	"nDPI__tests__cfgs__default__pcap__snmp.pcap": {72, 72, []string{
		"30.79.214.36 hostname=R1", "30.79.214.36 location=GlobomanticsHQ", "97.0.115.163 hostname=R1", "250.58.112.87 location=GlobomanticsHQ",
	}},
	"arkime__tests__pcap__arkime_synthetic.pcap":                          {2, 2, nil},
	"ICS-Security-Tools__pcaps__IEC61850__Sample_File_MMS_and_GOOSE.pcap": {14, 14, nil},
}

// TestPublicCaptures: what is recognised on any port, and what is stated, agrees with
// what another program reads; and in no other capture is a datagram taken for SNMP.
func TestPublicCaptures(t *testing.T) {
	for _, path := range protocoltest.PublicCaptures(t) {
		base := filepath.Base(path)
		want := readings[base]
		recognised, parsed, stated := 0, 0, map[string]bool{}
		for packet := range protocoltest.Packets(t, path) {
			from, to, body := datagram(packet)
			if snmp.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: body[:min(len(body), protocols.ProbeLimit)]}) != protocols.Yes {
				continue
			}
			recognised++
			h := &protocoltest.Heard{}
			snmp.New().Open(protocols.Context{}).Segment(protocols.Segment{From: protocols.Endpoint{Addr: from}, To: protocols.Endpoint{Addr: to}, Bytes: body}, h.Sink(protocols.SNMP))
			parsed += h.Counted(protocols.Parsed)
			for _, o := range h.Observations {
				for _, f := range o.Facts {
					stated[o.Speaker.Addr.String()+" "+string(f.Attribute)+"="+f.Value] = true
				}
			}
			for _, credential := range []string{"public", "private", "adsl", "secret123", "nick@"} {
				if strings.Contains(h.Texts(), credential) {
					t.Errorf("%s: a credential or a person gets through: %s", base, h.Print())
				}
			}
		}
		if recognised != want.recognised || parsed != want.parsed {
			t.Errorf("%s: %d recognised and %d read, want %d and %d", base, recognised, parsed, want.recognised, want.parsed)
		}
		for _, w := range want.says {
			if !stated[w] {
				t.Errorf("%s: %q is not stated", base, w)
			}
		}
	}
}

// datagram returns the innermost datagram of a packet.
func datagram(packet gopacket.Packet) (from, to netip.Addr, body []byte) {
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *layers.IPv4:
			from, _ = netip.AddrFromSlice(l.SrcIP)
			to, _ = netip.AddrFromSlice(l.DstIP)
		case *layers.IPv6:
			from, _ = netip.AddrFromSlice(l.SrcIP)
			to, _ = netip.AddrFromSlice(l.DstIP)
		case *layers.UDP:
			body = l.Payload
		}
	}
	return from, to, body
}
