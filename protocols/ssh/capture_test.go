package ssh_test

import (
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/ssh"
)

// TestPublicCaptures counts conversations against tshark, which sees an
// identification in so many (4.0.17, filter ssh.protocol && tcp).
func TestPublicCaptures(t *testing.T) { protocoltest.Recognised(t, ssh.New(), publicCounts()) }

// publicCounts is by the file of a public capture.
func publicCounts() map[string]int {
	return map[string]int{
		"Malcolm-Test-Artifacts__pcap__protocols__Tunnels.pcap": 1, "arkime__tests__pcap__arkime_synthetic.pcap": 5,
		"ja4__pcap__tcpdump-geneve.pcap": 1, "ja4__pcap__ssh2.pcapng": 1, "nDPI__tests__cfgs__default__pcap__ssh_unidirectional.pcap": 1,
		"suricata-verify__tests__bug-4903__bug-4903-01__input.pcap": 1, "suricata-verify__tests__vxlan-decoder-03__vxlan.pcap": 4,
		"zeek__testing__btest__Traces__http__http-to-ssh.pcap": 1, "zeek__testing__btest__Traces__var-services-std-ports.pcap": 2,
	}
}
