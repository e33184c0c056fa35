package decode_test

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

var (
	pumpMAC    = protocols.MAC{0x00, 0x13, 0x38, 0x01, 0x02, 0x03}
	gatewayMAC = protocols.MAC{0x02, 0x00, 0x00, 0x00, 0x00, 0x01}
	pump       = netip.MustParseAddr("10.1.3.10")
	gateway    = netip.MustParseAddr("10.1.3.1")
	pump6      = netip.MustParseAddr("2001:db8::10")
	gateway6   = netip.MustParseAddr("2001:db8::1")
	tap        = &sensor.Tap{Site: "stv", Name: "span0"}
	start      = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
)

// bytesOf writes layers, with lengths and checksums.
func bytesOf(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...); err != nil {
		t.Fatalf("writing a packet: %v", err)
	}
	return append([]byte(nil), b.Bytes()...)
}

func ethernet(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: net.HardwareAddr(pumpMAC[:]), DstMAC: net.HardwareAddr(gatewayMAC[:]), EthernetType: t}
}

func ip4(p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TTL: 63, Id: 7, Protocol: p, SrcIP: pump.AsSlice(), DstIP: gateway.AsSlice()}
}

func ip6(next layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 62, NextHeader: next, SrcIP: pump6.AsSlice(), DstIP: gateway6.AsSlice()}
}

func udpTo(t testing.TB, ip gopacket.NetworkLayer) *layers.UDP {
	l := &layers.UDP{SrcPort: 68, DstPort: 67}
	if err := l.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	return l
}

// tcp4 is an IPv4 packet with TCP, without a link header.
func tcp4(t testing.TB, payload string) []byte {
	ip := ip4(layers.IPProtocolTCP)
	return bytesOf(t, ip, tcpLayer(t, ip), gopacket.Payload(payload))
}

func tcp6(t testing.TB, payload string) []byte {
	ip := ip6(layers.IPProtocolTCP)
	return bytesOf(t, ip, tcpLayer(t, ip), gopacket.Payload(payload))
}

func tcpLayer(t testing.TB, ip gopacket.NetworkLayer) *layers.TCP {
	l := &layers.TCP{SrcPort: 40000, DstPort: 104, Seq: 1000, Ack: 2000, SYN: true, ACK: true, Window: 512}
	if err := l.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	return l
}

// onEthernet puts a link header before a packet.
func onEthernet(t testing.TB, et layers.EthernetType, packet []byte) []byte {
	return bytesOf(t, ethernet(et), gopacket.Payload(packet))
}

func frame(link sensor.LinkType, data []byte) *sensor.Frame {
	return &sensor.Frame{Data: data, Length: len(data), When: start, Link: link, Tap: tap}
}

func concat(parts ...[]byte) []byte {
	var all []byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// outerFrame is a frame between the mirror and the sensor, with the VLAN 900 of the
// way between them, which is nobody's inside.
func outerFrame(t testing.TB, etherType layers.EthernetType, body []byte) []byte {
	return bytesOf(t, &layers.Ethernet{SrcMAC: spanMAC[:], DstMAC: probeMAC[:], EthernetType: layers.EthernetTypeDot1Q},
		&layers.Dot1Q{VLANIdentifier: 900, Type: etherType}, gopacket.Payload(body))
}

func outer4(t testing.TB, protocol layers.IPProtocol, body []byte) []byte {
	ip := &layers.IPv4{Version: 4, TTL: 9, Id: 77, Protocol: protocol, SrcIP: span.AsSlice(), DstIP: probe.AsSlice()}
	return outerFrame(t, layers.EthernetTypeIPv4, bytesOf(t, ip, gopacket.Payload(body)))
}

func outer6(t testing.TB, protocol layers.IPProtocol, body []byte) []byte {
	ip := &layers.IPv6{Version: 6, HopLimit: 9, NextHeader: protocol, SrcIP: span6.AsSlice(), DstIP: probe6.AsSlice()}
	return outerFrame(t, layers.EthernetTypeIPv6, bytesOf(t, ip, gopacket.Payload(body)))
}

func outerUDP(t testing.TB, from, to uint16, body []byte) []byte {
	return outer4(t, layers.IPProtocolUDP, datagram(from, to, body))
}

func datagram(from, to uint16, body []byte) []byte {
	h := binary.BigEndian.AppendUint16(nil, from)
	h = binary.BigEndian.AppendUint16(h, to)
	h = binary.BigEndian.AppendUint16(h, uint16(8+len(body)))
	return concat(h, []byte{0, 0}, body)
}

func greWith(flags, kind uint16, rest ...[]byte) []byte {
	h := binary.BigEndian.AppendUint16(nil, flags)
	return concat(binary.BigEndian.AppendUint16(h, kind), concat(rest...))
}

// taggedInside is the pump's Ethernet frame with VLAN 12.
func taggedInside(t testing.TB) []byte {
	return concat(gatewayMAC[:], pumpMAC[:], []byte{0x81, 0, 0x20, 12, 8, 0}, tcp4(t, hello))
}
