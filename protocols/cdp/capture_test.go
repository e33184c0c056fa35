package cdp_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// readings are what tshark 4.0 shows of the frames in public captures: who speaks, and
// what it says of itself; and how many frames there are.
var readings = map[string]struct {
	frames int
	says   []string
}{
	"PcapPlusPlus__Tests__Packet++Test__PacketExamples__llc_vlan.pcap": {1, []string{
		"00:13:c3:df:ae:18 hostname=R1", "00:13:c3:df:ae:18 model=2811", "00:13:c3:df:ae:18 software_version=12.4(24)T", "00:13:c3:df:ae:18 ip=10.118.10.1",
		"00:13:c3:df:ae:18 own_port=FastEthernet0/0", "00:13:c3:df:ae:18 role=router", "00:13:c3:df:ae:18 role=bridge",
	}},
	"arkime__tests__pcap__gre-erspan.pcap": {2, []string{
		"64:00:f1:e1:03:03 hostname=CSR3", "64:00:f1:e1:02:02 hostname=CSR2", "64:00:f1:e1:02:02 model=CSR1000V", "64:00:f1:e1:02:02 ip=23.0.0.2",
	}},
	"nDPI__tests__cfgs__default__pcap__capwap.pcap": {9, []string{
		"b8:38:61:f3:05:ac model=AIR-CAP2602I-Q-K9", "b8:38:61:f3:05:ac software_version=15.2(4)JA1", "b8:38:61:f3:05:ac ip=192.168.10.10",
	}},
	"arkime__tests__pcap__mpls-basic.pcap": {1, []string{
		"00:30:96:05:28:38 hostname=tagsw7206-31", "00:30:96:05:28:38 model=7206VXR", "00:30:96:05:28:38 ip=10.1.2.1", "00:30:96:05:28:38 role=router",
	}},
}

// TestPublicCaptures: what is stated agrees with what another program reads.
func TestPublicCaptures(t *testing.T) {
	for _, path := range protocoltest.PublicCaptures(t) {
		want, ok := readings[filepath.Base(path)]
		if !ok {
			continue
		}
		frames, stated := 0, map[string]bool{}
		for packet := range protocoltest.Packets(t, path) {
			from, body := announcement(packet)
			if body == nil {
				continue
			}
			frames++
			h := listen(t, from, body)
			if !slices.Equal(h.Outcomes, []protocols.Outcome{protocols.Parsed}) {
				t.Errorf("%s: %v", filepath.Base(path), h.Outcomes)
			}
			for _, o := range h.Observations {
				for _, f := range o.Facts {
					stated[from.String()+" "+string(f.Attribute)+"="+f.Value] = true
				}
			}
		}
		if frames != want.frames {
			t.Errorf("%s: %d frames, want %d", filepath.Base(path), frames, want.frames)
		}
		for _, w := range want.says {
			if !stated[w] {
				t.Errorf("%s: %q is not stated", filepath.Base(path), w)
			}
		}
	}
}

// announcement returns the body of a frame behind Cisco's SNAP header, innermost.
func announcement(packet gopacket.Packet) (from protocols.MAC, body []byte) {
	for _, layer := range packet.Layers() {
		switch l := layer.(type) {
		case *layers.Ethernet:
			from = protocols.MAC(l.SrcMAC)
		case *layers.Dot1Q:
			if n := int(l.Type); n < 0x600 && n <= len(l.Payload) && n > 8 && string(l.Payload[:8]) == "\xaa\xaa\x03\x00\x00\x0c\x20\x00" {
				body = l.Payload[8:n] // gopacket reads no LLC behind a tag
			}
		case *layers.SNAP:
			if l.Type == layers.EthernetTypeCiscoDiscovery && slices.Equal(l.OrganizationalCode, []byte{0, 0, 0x0c}) {
				body = l.Payload
			}
		}
	}
	return from, body
}
