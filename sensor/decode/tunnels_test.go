package decode_test

import (
	"os"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// seenByTshark is how many TCP and UDP packets inside a wrapping tshark 4.0 sees in a
// capture, by the innermost IP header, without those that ICMP errors quote:
//
//	tshark -n -r FILE -T fields -e frame.protocols
//
// but for what decode does not open by decision, which the comment names.
var seenByTshark = []struct {
	file     string
	tcp, udp int
}{
	{"PcapPlusPlus__Tests__Packet++Test__PacketExamples__MplsPackets.pcap", 1, 0},
	{"PcapPlusPlus__Tests__Pcap++Test__PcapExamples__one_http_stream_rst.pcap", 10, 0},
	{"arkime__tests__pcap__gre-erspan.pcap", 0, 0},
	{"arkime__tests__pcap__mpls-basic.pcap", 11, 0},
	{"ek__doc__advanced__devel__plugins__connkey-vxlan-fivetuple-plugin-src__Traces__vxlan-overlapping-http-get.pcap", 28, 0},
	{"ja4__pcap__tcpdump-geneve.pcap", 33, 0},
	{"nDPI__tests__cfgs__default__pcap__4in6tunnel.pcap", 4, 0},
	{"nDPI__tests__cfgs__default__pcap__6in4tunnel.pcap", 75, 4},
	{"nDPI__tests__cfgs__default__pcap__capwap.pcap", 0, 5},
	{"nDPI__tests__cfgs__default__pcap__gre.pcapng", 0, 1},
	{"nDPI__tests__cfgs__default__pcap__vxlan.pcap", 119, 8},
	{"suricata-verify__tests__bug-5437-02__input.pcap", 60, 0},
	{"suricata-verify__tests__bug-6402-01__input.pcap", 12, 0},
	{"suricata-verify__tests__vxlan-decoder-03__vxlan.pcap", 82, 18},
	{"suricata-verify__tests__vxlan-non-zero-reserved-fields__input.pcap", 10, 0},
	{"tcpdump__tests__erspan-type-i-4.pcap", 0, 0},
	{"tcpdump__tests__erspan-type-iii-pb-1.pcap", 0, 0},
	{"zeek__testing__btest__Traces__erspan.pcap", 106, 48},
	{"zeek__testing__btest__Traces__erspanII.pcap", 0, 0},
	{"zeek__testing__btest__Traces__mpls-in-vlan.pcap", 2, 0},
	{"zeek__testing__btest__Traces__pppoe-over-qinq.pcap", 86, 0},
	{"zeek__testing__btest__Traces__tunnels__geneve-47101.pcap", 24, 0},
	{"zeek__testing__btest__Traces__tunnels__gre-over-udp-4754.pcap", 10, 4},
	{"Malcolm-Test-Artifacts__pcap__protocols__Tunnels.pcap", 98, 29}, // without GTP, AYIYA and GPRS-NS
	{"arkime__tests__pcap__arkime_synthetic.pcap", 0, 3},              // without one from the port of Geneve to another
}

func TestOpensWhatTsharkSees(t *testing.T) {
	for _, c := range seenByTshark {
		path := captures + "/public/" + c.file
		if _, err := os.Stat(path); err != nil {
			t.Logf("%s: not beside the repository", c.file)
			continue
		}
		d, p := decode.New(), sensor.Packet{}
		seen := map[protocols.Transport]int{}
		eachFrame(t, path, func(f *sensor.Frame) {
			if d.Decode(f, &p) == sensor.Decoded && p.Depth > 0 {
				seen[p.Transport]++
			}
		})
		if seen[protocols.TCP] != c.tcp || seen[protocols.UDP] != c.udp {
			t.Errorf("%s: %d TCP and %d UDP packets inside, tshark sees %d and %d; %v", c.file,
				seen[protocols.TCP], seen[protocols.UDP], c.tcp, c.udp, d.Counters().Verdicts)
		}
	}
}
