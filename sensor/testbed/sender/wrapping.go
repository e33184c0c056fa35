package sender

import (
	"encoding/binary"
	"net"
	"slices"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// Wrapping is how a switch hands on a frame that it mirrors. The result is the
// caller's.
type Wrapping func(t testing.TB, frame []byte) []byte

const (
	tagC = 0x8100 // IEEE 802.1Q-2018, table 9-1
	tagS = 0x88a8

	erspanII   = 0x88be // draft-foschiano-erspan-03, section 4.1
	erspanIII  = 0x22eb
	versionII  = 1 << 12 // in front of the VLAN
	versionIII = 2 << 12
	bridged    = 0x6558 // transparent Ethernet bridging, RFC 1701
	greSerial  = 0x1000 // a sequence number is present, RFC 2890
	vxlanPort  = 4789   // RFC 7348, section 5
	macsLength = 12
)

// Tagged puts a VLAN tag on frames.
func Tagged(vlan uint16) Wrapping {
	return func(_ testing.TB, frame []byte) []byte { return tagged(frame, tagC, vlan) }
}

// Stacked puts a provider's tag and a customer's on frames (IEEE 802.1ad).
func Stacked(provider, customer uint16) Wrapping {
	return func(_ testing.TB, frame []byte) []byte { return tagged(tagged(frame, tagC, customer), tagS, provider) }
}

func tagged(frame []byte, kind, vlan uint16) []byte {
	tag := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, kind), vlan)
	return slices.Concat(frame[:macsLength], tag, frame[macsLength:])
}

// ERSPAN2 sends frames of a VLAN by ERSPAN type II to a session, with sequence
// numbers. The frames are without a tag: the switch puts the VLAN into its own header.
func ERSPAN2(session, vlan uint16) Wrapping {
	n := uint32(0)
	return func(t testing.TB, frame []byte) []byte {
		n++
		head := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, versionII|vlan), session)
		return gre(t, greSerial, erspanII, binary.BigEndian.AppendUint32(nil, n), head, []byte{0, 0, 0, 1}, frame)
	}
}

// ERSPAN3 sends frames of a VLAN by ERSPAN type III to a session, with sequence
// numbers.
func ERSPAN3(session, vlan uint16) Wrapping {
	n := uint32(0)
	return func(t testing.TB, frame []byte) []byte {
		n++
		head := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, versionIII|vlan), session)
		return gre(t, greSerial, erspanIII, binary.BigEndian.AppendUint32(nil, n), head, make([]byte, 8), frame)
	}
}

// Bridged sends frames in GRE with their link headers.
func Bridged() Wrapping {
	return func(t testing.TB, frame []byte) []byte { return gre(t, 0, bridged, frame) }
}

// Routed sends packets in GRE without their link headers.
func Routed() Wrapping {
	return func(t testing.TB, frame []byte) []byte {
		return gre(t, 0, binary.BigEndian.Uint16(frame[macsLength:]), frame[macsLength+2:])
	}
}

// VXLAN sends frames in a VXLAN network.
func VXLAN(network uint32) Wrapping {
	return func(t testing.TB, frame []byte) []byte {
		head := binary.BigEndian.AppendUint32([]byte{8, 0, 0, 0}, network<<8)
		ip := between(layers.IPProtocolUDP)
		udp := &layers.UDP{SrcPort: 51000, DstPort: vxlanPort}
		if err := udp.SetNetworkLayerForChecksum(ip); err != nil {
			t.Fatal(err)
		}
		return serialized(t, outside(), ip, udp, gopacket.Payload(slices.Concat(head, frame)))
	}
}

// gre sends parts in GRE (RFC 2784) from the switch to the sensor.
func gre(t testing.TB, flags, kind uint16, parts ...[]byte) []byte {
	head := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, flags), kind)
	return serialized(t, outside(), between(layers.IPProtocolGRE), gopacket.Payload(slices.Concat(head, slices.Concat(parts...))))
}

// outside and between are the headers from the switch that mirrors to the sensor:
// addresses and MACs for documentation (RFC 5737, RFC 7042).
func outside() *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: net.HardwareAddr{0, 0, 0x5e, 0, 0x53, 0xf1}, DstMAC: net.HardwareAddr{0, 0, 0x5e, 0, 0x53, 0xf2}, EthernetType: layers.EthernetTypeIPv4}
}

func between(above layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 9, Protocol: above, SrcIP: net.IPv4(198, 51, 100, 1).To4(), DstIP: net.IPv4(198, 51, 100, 2).To4()}
}
