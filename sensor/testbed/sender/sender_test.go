package sender_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

var (
	start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	a     = sender.Host{MAC: "02:00:00:00:00:01", Address: "192.0.2.1"}
	b     = sender.Host{MAC: "02:00:00:00:00:02", Address: "192.0.2.2"}
	a6    = sender.Host{MAC: a.MAC, Address: "2001:db8::1"}
	b6    = sender.Host{MAC: b.MAC, Address: "2001:db8::2"}
)

// read is what gopacket, which knows nothing of the sender, finds in a capture: the
// innermost TCP payloads of each side, and how many segments carried them.
func read(t *testing.T, pcap []byte) (said map[string]string, segments int, kinds []string) {
	t.Helper()
	r, err := pcapgo.NewReader(bytes.NewReader(pcap))
	if err != nil {
		t.Fatal(err)
	}
	said = map[string]string{}
	for packet := range gopacket.NewPacketSource(r, r.LinkType()).Packets() {
		var from string
		var tcp *layers.TCP
		kinds = nil
		for _, layer := range packet.Layers() {
			kinds = append(kinds, layer.LayerType().String())
			switch l := layer.(type) {
			case *layers.IPv4:
				from = l.SrcIP.String()
			case *layers.IPv6:
				from = l.SrcIP.String()
			case *layers.TCP:
				tcp = l
			}
		}
		if packet.ErrorLayer() != nil || tcp == nil {
			t.Fatalf("%v: %v", kinds, packet.ErrorLayer())
		}
		if len(tcp.Payload) > 0 {
			said[from] += string(tcp.Payload)
			segments++
		}
	}
	return said, segments, kinds
}

func TestShapes(t *testing.T) {
	lines := []sender.Line{sender.Client([]byte("first")), sender.Server([]byte("yes")), sender.Client([]byte("second"))}
	for name, want := range map[string]struct {
		shape    sender.Shape
		a, b     string
		segments int
		frames   int
	}{
		"usual":    {sender.Shape{}, "firstsecond", "yes", 3, 3 + 6 + 3},
		"octets":   {sender.Shape{Segment: 1}, "firstsecond", "yes", 14, 3 + 14 + 3 + 2 + 3 + 3},
		"cut":      {sender.Shape{Cut: 2}, "firstsecond", "yes", 4, 3 + 7 + 3},
		"batched":  {sender.Shape{Batched: true}, "firstsecond", "yes", 2, 3 + 4 + 3},
		"midway":   {sender.Shape{Midway: true, Late: 7}, "cond", "yes", 2, 4 + 3},
		"one way":  {sender.Shape{Unheard: sender.TheServer}, "firstsecond", "", 2, 2 + 2 + 1 + 2},
		"and back": {sender.Shape{Unheard: sender.TheClient, Open: true}, "", "yes", 1, 1 + 1 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			for _, ends := range [][2]sender.Host{{a, b}, {a6, b6}} {
				c := sender.New(t, start)
				c.Converse(ends[0], ends[1], 31999, want.shape, lines...)
				said, segments, _ := read(t, c.Pcap())
				if said[ends[0].Address] != want.a || said[ends[1].Address] != want.b || segments != want.segments || len(c.Frames) != want.frames {
					t.Errorf("%q in %d segments and %d frames", said, segments, len(c.Frames))
				}
			}
		})
	}
}

func TestWrappings(t *testing.T) {
	for want, wrap := range map[string]sender.Wrapping{
		"Ethernet Dot1Q IPv4 TCP Payload":                            sender.Tagged(7),
		"Ethernet Dot1Q Dot1Q IPv4 TCP Payload":                      sender.Stacked(8, 7),
		"Ethernet IPv4 GRE ERSPAN Type II Ethernet IPv4 TCP Payload": sender.ERSPAN2(3, 7),
		"Ethernet IPv4 GRE Ethernet IPv4 TCP Payload":                sender.Bridged(),
		"Ethernet IPv4 GRE IPv4 TCP Payload":                         sender.Routed(),
		"Ethernet IPv4 UDP VXLAN Ethernet IPv4 TCP Payload":          sender.VXLAN(9),
	} {
		c := sender.New(t, start)
		c.Wrap = wrap
		c.Converse(a, b, 31999, sender.Shape{Midway: true, Open: true, Unheard: sender.TheServer}, sender.Client([]byte("hello")))
		if said, _, kinds := read(t, c.Pcap()); said[a.Address] != "hello" || strings.Join(kinds, " ") != want {
			t.Errorf("%s, want %s, saying %q", strings.Join(kinds, " "), want, said)
		}
	}
}

// TestASTMFrames: the checksum of a frame with text "A" is '1' + 'A' + ETX, by hand.
func TestASTMFrames(t *testing.T) {
	var said []string
	for _, l := range sender.ASTM(false, []byte("A\r"+strings.Repeat("x", 250)+"\r")) {
		if !l.FromServer {
			said = append(said, string(l.Data))
		} else if string(l.Data) != "\x06" {
			t.Errorf("acknowledged with %q", l.Data)
		}
	}
	want := []string{"\x05", "\x021A\r\x0382\r\n", "\x022" + strings.Repeat("x", 240) + "\x17C9\r\n", "\x023xxxxxxxxxx\r\x03F3\r\n", "\x04"}
	if !slices.Equal(said, want) {
		t.Errorf("said %q\nwant %q", said, want)
	}
}
