package tls_test

import (
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/tls"
)

// TestPublicCaptures counts conversations against tshark, which sees a ClientHello
// in so many (4.0.17, filter tls.handshake.type==1 && tcp). Two files begin as
// another protocol, HTTP CONNECT (1) and SMTP with STARTTLS (2), and are not ours.
func TestPublicCaptures(t *testing.T) { protocoltest.Recognised(t, tls.New(), publicCounts()) }

// publicCounts is by the file of a public capture.
func publicCounts() map[string]int {
	return map[string]int{
		"Malcolm-Test-Artifacts__pcap__protocols__Tunnels.pcap": 3, "arkime__tests__pcap__arkime_synthetic.pcap": 10,
		"huginn-net__pcap__tls-alpn-h2.pcap": 1, "huginn-net__pcap__tls12.pcap": 1, "ja4__pcap__https-connect.pcap": 0,
		"nDPI__tests__cfgs__default__pcap__4in6tunnel.pcap": 1, "nDPI__tests__cfgs__default__pcap__6in4tunnel.pcap": 2,
		"nDPI__tests__cfgs__default__pcap__android.pcap": 18, "nDPI__tests__cfgs__default__pcap__anyconnect-vpn.pcap": 5,
		"nDPI__tests__cfgs__default__pcap__gaijin_mobile_mixed.pcap": 2, "nDPI__tests__cfgs__default__pcap__http_ipv6.pcap": 6,
		"nDPI__tests__cfgs__default__pcap__smtp-starttls.pcap": 0, "nDPI__tests__cfgs__default__pcap__vxlan.pcap": 2,
		"nDPI__tests__cfgs__default__pcap__zoom.pcap": 10, "suricata-verify__tests__ja4-sv-handshake__input.pcap": 1,
		"tapirxl__tests__fixtures__synthetic_philips_demo.pcap": 2, "zeek__testing__btest__Traces__modbus__modbus-and-non-modbus-p502.pcap": 1,
		"zeek__testing__btest__Traces__pppoe-over-qinq.pcap": 1, "zeek__testing__btest__Traces__tunnels__geneve-47101.pcap": 1,
		"ja4__pcap__browsers-x509.pcapng": 3, "ja4__pcap__ssh2.pcapng": 5, "nDPI__tests__cfgs__default__pcap__sonos.pcapng": 1,
	}
}
