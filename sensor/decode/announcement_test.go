package decode_test

import (
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

var (
	// lldp is a chassis, a port, a time to live and the end (IEEE 802.1AB, section 8).
	lldp = concat([]byte{2, 7, 4}, pumpMAC[:], []byte{4, 2, 7, '1', 6, 2, 0, 120, 0, 0})
	// cdp is a header and a device's name.
	cdp = []byte{2, 180, 0x12, 0x34, 0, 1, 0, 6, 's', '1'}
	// discovery is LLC with a SNAP header: Cisco's, and the number of its protocol.
	discovery = []byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}
)

// ether3 writes an IEEE 802.3 frame, with the padding of the shortest.
func ether3(between []byte, body ...[]byte) []byte {
	all := concat(body...)
	b := concat(gatewayMAC[:], pumpMAC[:], between, []byte{0, byte(len(all))}, all)
	return concat(b, make([]byte, max(0, 60-len(b))))
}

// TestAnnouncements: what a station tells its neighbour is a link frame, with the
// sender's MAC, wherever it is wrapped.
func TestAnnouncements(t *testing.T) {
	plain := onEthernet(t, layers.EthernetTypeLinkLayerDiscovery, lldp)
	vxlan := []byte{0x88, 0, 0, 0, 0, 0, 5, 0} // with a bit of some maker: the content decides
	for _, c := range []struct {
		name    string
		frame   []byte
		payload string // padding is allowed behind it
		exact   bool
		vlan    uint16
	}{
		{"LLDP", plain, string(lldp), false, 0},
		{"LLDP with a tag", concat(plain[:12], []byte{0x81, 0, 0, 12}, plain[12:]), string(lldp), false, 12},
		{"CDP", ether3(nil, discovery, cdp), string(cdp), true, 0},
		{"CDP with a tag", ether3([]byte{0x81, 0, 0, 9}, discovery, cdp), string(cdp), true, 9},
		{"CDP in ERSPAN", outer4(t, layers.IPProtocolGRE, greWith(greS, erspanII, make([]byte, 4), erspan2(3, 5, false), ether3(nil, discovery, cdp))), string(cdp), true, 3},
		{"LLDP in VXLAN", outerUDP(t, 9, 4789, concat(vxlan, plain)), string(lldp), false, 0},
		{"CDP in VXLAN", outerUDP(t, 9, 4789, concat(vxlan, ether3(nil, discovery, cdp))), string(cdp), true, 0},
	} {
		var p sensor.Packet
		v := decode.New().Decode(frame(sensor.LinkEthernet, c.frame), &p)
		if v != sensor.Decoded || p.Transport != protocols.Link || p.From.MAC != pumpMAC || p.From.VLAN != c.vlan || p.From.Addr.IsValid() {
			t.Errorf("%s: %v, over %v, from %v on %d", c.name, v, p.Transport, p.From.MAC, p.From.VLAN)
		}
		if n := len(c.payload); len(p.Payload) < n || string(p.Payload[:n]) != c.payload || c.exact && len(p.Payload) != n {
			t.Errorf("%s: body %x, want %x", c.name, p.Payload, c.payload)
		}
	}
}

// TestWhatIsNoAnnouncement: of Cisco's frames only those that are read are handed on,
// and a tunnel's port makes nothing a tunnel.
func TestWhatIsNoAnnouncement(t *testing.T) {
	other := concat(discovery)
	other[7] = 4 // dynamic trunking
	odd := concat(plainChassis(0), lldp[3:])
	for _, c := range []struct {
		name  string
		frame []byte
		want  sensor.Verdict
	}{
		{"trunking", ether3(nil, other, cdp), sensor.NotIP},
		{"another organization", ether3(nil, []byte{0xaa, 0xaa, 3, 0, 0xe0, 0x52, 0x20, 0}, cdp), sensor.NotIP},
		{"no unnumbered information", ether3(nil, []byte{0xaa, 0xaa, 1, 0, 0, 0x0c, 0x20, 0}, cdp), sensor.NotIP},
	} {
		var p sensor.Packet
		if v := decode.New().Decode(frame(sensor.LinkEthernet, c.frame), &p); v != c.want {
			t.Errorf("%s: %v, want %v", c.name, v, c.want)
		}
	}
	var p sensor.Packet
	in := onEthernet(t, layers.EthernetTypeLinkLayerDiscovery, odd)
	decode.New().Decode(frame(sensor.LinkEthernet, outerUDP(t, 9, 4789, concat([]byte{0x88, 0, 0, 0, 0, 0, 5, 0}, in))), &p)
	if p.Transport == protocols.Link {
		t.Error("a chassis of no kind was taken for LLDP in VXLAN")
	}
}

// plainChassis begins with a chassis of a kind.
func plainChassis(kind byte) []byte { return []byte{2, 7, kind} }
