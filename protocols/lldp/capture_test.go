package lldp_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// readings are what tshark 4.0 shows of the frames in public captures: the chassis or the
// interface, and what it says of itself.
var readings = map[string][]string{
	"tcpdump__tests__lldp_mudurl.pcap": {
		"00:23:54:c2:57:02 hostname=upstairs", "00:23:54:c2:57:02 ip=62.12.173.114", "00:23:54:c2:57:02 role=wlan-access-point", "00:23:54:c2:57:02 own_port=eth0",
	},
	"tcpdump__tests__lldp-app-priority.pcap": {"00:00:00:00:00:00 hostname=leaf0b", "00:00:00:00:00:00 own_port=leaf0b-eth10"},
	"tcpdump__tests__erspan-type-i-4.pcap": {
		"00:23:89:af:cc:fd own_port=GigabitEthernet1/0/1", "00:23:89:af:cc:fd port_vlan=12", "00:23:89:af:cc:fd ip=30.1.1.1", "00:23:89:af:cc:fd vlan_name=12 VLAN 0012",
		"00:23:89:af:d2:52 own_port=GigabitEthernet1/0/2", "00:23:89:af:d2:52 port_vlan=10", "00:23:89:af:d2:52 ip=40.1.1.1", "00:23:89:af:d2:52 role=router",
	},
	"Malcolm-Test-Artifacts__pcap__protocols__PROFINET.pcap": {
		"00:0e:8c:ef:75:c5 chassis_id=siemens-x208-switch", "00:0e:8c:ef:75:c5 own_port=port-004", "00:0e:8c:ef:75:c5 own_port=port-008",
		"00:09:91:43:e0:67 chassis_id=versamax-pns11", "00:09:91:43:e0:67 ip=192.168.1.2",
	},
	"ICS-Security-Tools__pcaps__profinet__Profinet_Failed.pcap": {
		"00:10:18:cb:8c:03 hostname=SCADA-PC-060839", "00:10:18:cb:8c:03 ip=10.10.10.70", "00:1b:1b:34:34:cb own_port=port-003",
	},
}

// TestPublicCaptures: what is stated agrees with what another program reads, and a switch
// that speaks by several ports is one chassis.
func TestPublicCaptures(t *testing.T) {
	for _, path := range protocoltest.PublicCaptures(t) {
		want, ok := readings[filepath.Base(path)]
		if !ok {
			continue
		}
		stated := map[string]bool{}
		for packet := range protocoltest.Packets(t, path) {
			for _, layer := range packet.Layers() {
				e, ok := layer.(*layers.Ethernet)
				if !ok || e.EthernetType != layers.EthernetTypeLinkLayerDiscovery {
					continue
				}
				from := protocols.MAC(e.SrcMAC)
				h := listen(t, from, e.Payload)
				if !slices.Equal(h.Outcomes, []protocols.Outcome{protocols.Parsed}) {
					t.Errorf("%s: %v", filepath.Base(path), h.Outcomes)
				}
				note(stated, from, h)
			}
		}
		for _, w := range want {
			if !stated[w] {
				t.Errorf("%s: %q is not stated", filepath.Base(path), w)
			}
		}
		for who := range stated {
			if who = who[:len("00:00:00:00:00:00")]; !slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(w, who) }) {
				t.Errorf("%s: %s is nobody's", filepath.Base(path), who)
			}
		}
	}
}

// note writes down who says what of itself.
func note(stated map[string]bool, from protocols.MAC, h *protocoltest.Heard) {
	for _, o := range h.Observations {
		who := from
		if o.About.Kind == protocols.AboutAddress {
			who = o.About.MAC
		}
		for _, f := range o.Facts {
			stated[who.String()+" "+string(f.Attribute)+"="+f.Value] = true
		}
	}
}
