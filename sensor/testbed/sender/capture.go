package sender

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// Host is one end of what is sent. Address is IPv4 or IPv6; both ends of a
// conversation are of one kind.
type Host struct{ MAC, Address string }

// Frame is one frame with its wire time.
type Frame struct {
	When time.Time
	Data []byte
}

// Capture is made-up frames in the order of their times, a millisecond apart.
type Capture struct {
	// Frames is what was sent so far.
	Frames []Frame
	// At is when the next frame is sent.
	At time.Time
	// Wrap is how the mirror wraps frames that are added; nil leaves them as they are.
	Wrap Wrapping

	t    testing.TB
	port uint16 // of the next client
	id   uint16 // of the last IPv4 packet: senders number them, and copies have the same
}

const (
	// firstPort is where clients' ports begin: in what IANA leaves free (RFC 6335,
	// section 6), so that no port tells what is spoken.
	firstPort = 49152
	// snapLength holds every frame that is made here.
	snapLength = 65535
)

// New returns a capture that begins at a moment.
func New(t testing.TB, at time.Time) *Capture { return &Capture{t: t, At: at, port: firstPort} }

// Add sends one frame, given as its layers.
func (c *Capture) Add(list ...gopacket.SerializableLayer) {
	c.t.Helper()
	data := serialized(c.t, list...)
	if c.Wrap != nil {
		data = c.Wrap(c.t, data)
	}
	c.Frames = append(c.Frames, Frame{c.At, data})
	c.At = c.At.Add(time.Millisecond)
}

// ARP lets one host ask for another's address and hear it. Both are of IPv4.
func (c *Capture) ARP(from, to Host) {
	c.t.Helper()
	ask := func(op uint16, a, b Host, target []byte) {
		c.Add(c.ethernet(a, b, layers.EthernetTypeARP), &layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
			Operation: op, SourceHwAddress: c.mac(a), SourceProtAddress: net.ParseIP(a.Address).To4(), DstHwAddress: target, DstProtAddress: net.ParseIP(b.Address).To4()})
	}
	ask(layers.ARPRequest, from, to, make([]byte, 6))
	ask(layers.ARPReply, to, from, c.mac(from))
}

// Datagram sends one datagram over UDP.
func (c *Capture) Datagram(from, to Host, fromPort, toPort uint16, payload []byte) {
	c.t.Helper()
	udp := &layers.UDP{SrcPort: layers.UDPPort(fromPort), DstPort: layers.UDPPort(toPort)}
	link, ip := c.network(from, to, layers.IPProtocolUDP)
	if err := udp.SetNetworkLayerForChecksum(ip.(gopacket.NetworkLayer)); err != nil {
		c.t.Fatal(err)
	}
	c.Add(link, ip, udp, gopacket.Payload(payload))
}

// Pcap is the capture as a classic file.
func (c *Capture) Pcap() []byte {
	c.t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriter(&b)
	if err := w.WriteFileHeader(snapLength, layers.LinkTypeEthernet); err != nil {
		c.t.Fatal(err)
	}
	for _, f := range c.Frames {
		if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: f.When, CaptureLength: len(f.Data), Length: len(f.Data)}, f.Data); err != nil {
			c.t.Fatal(err)
		}
	}
	return b.Bytes()
}

// network is the link and network headers from one host to another.
func (c *Capture) network(from, to Host, above layers.IPProtocol) (link, ip gopacket.SerializableLayer) {
	c.t.Helper()
	source, target := net.ParseIP(from.Address), net.ParseIP(to.Address)
	if source == nil || target == nil || (source.To4() == nil) != (target.To4() == nil) {
		c.t.Fatalf("sender: %q and %q are not two addresses of one kind", from.Address, to.Address)
	}
	if source.To4() == nil {
		return c.ethernet(from, to, layers.EthernetTypeIPv6), &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: above, SrcIP: source, DstIP: target}
	}
	c.id++
	return c.ethernet(from, to, layers.EthernetTypeIPv4), &layers.IPv4{Version: 4, TTL: 64, Id: c.id, Protocol: above, SrcIP: source.To4(), DstIP: target.To4()}
}

func (c *Capture) ethernet(from, to Host, kind layers.EthernetType) *layers.Ethernet {
	c.t.Helper()
	return &layers.Ethernet{SrcMAC: c.mac(from), DstMAC: c.mac(to), EthernetType: kind}
}

func (c *Capture) mac(h Host) net.HardwareAddr {
	c.t.Helper()
	m, err := net.ParseMAC(h.MAC)
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

// serialized writes layers, with lengths and checksums.
func serialized(t testing.TB, list ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, list...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}
