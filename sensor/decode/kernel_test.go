package decode_test

import (
	"net/netip"
	"os"
	"testing"

	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/bpf"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
)

// view is what the kernel is to make of a frame.
type view uint8

const (
	passes   view = iota // it leaves the frame to decode and accounts nothing
	accounts             // it accounts the conversation that decode sees
	mayPass              // it may do either; what it accounts is what decode sees
)

// kernelFrame is a frame and what the kernel is to make of it.
type kernelFrame struct {
	name  string
	frame []byte
	want  view
}

// kernelFrames are plain frames, the kernel's own subset of the wrappings, and all
// that decode opens and the kernel does not.
func kernelFrames(t testing.TB) []kernelFrame {
	subset := map[string]bool{
		"GRE": true, "GRE with all fields": true, "GRE with Ethernet": true, "ERSPAN I": true, "ERSPAN II": true,
		"ERSPAN II with a tag": true, "ERSPAN III": true, "ERSPAN III with a platform's header": true, "VXLAN": true,
		"GRE over IPv6": true, "VXLAN over IPv6": true,
	}
	all := []kernelFrame{
		{"plain TCP", onEthernet(t, layers.EthernetTypeIPv4, tcp4(t, hello)), accounts},
		{"plain TCP over IPv6", onEthernet(t, layers.EthernetTypeIPv6, tcp6(t, hello)), accounts},
		{"tagged TCP", taggedInside(t), accounts},
		{"plain UDP", outerUDP(t, 68, 67, []byte(hello)), accounts},
		{"no tunnel at the port of VXLAN", outerUDP(t, 53, 4789, []byte(hello)), mayPass},
	}
	for _, w := range allWrapped(t) {
		want := mayPass
		if subset[w.name] {
			want = accounts
		}
		all = append(all, kernelFrame{w.name, w.frame, want})
	}
	for _, piece := range inPieces(taggedInside(t), 9, 16) {
		all = append(all, kernelFrame{"fragment", piece, passes})
	}
	return all
}

// loadTap skips where the kernel refuses for a reason that is not ours.
func loadTap(t *testing.T) *bpf.Tap {
	t.Helper()
	kernel, err := bpf.LoadTap(bpf.Options{})
	if err != nil && os.Geteuid() != 0 {
		t.Skipf("needs root to load a kernel program: %v", err)
	}
	if err != nil {
		t.Skipf("this kernel loads no tap: %v", err)
	}
	t.Cleanup(func() { _ = kernel.Close() })
	return kernel
}

// accounted are the ways of which the kernel counts more after one frame.
func accounted(t *testing.T, kernel *bpf.Tap, b []byte) []bpf.Way {
	t.Helper()
	before := counts(t, kernel)
	if dropped, err := kernel.Run(b); err != nil || dropped {
		t.Fatalf("dropped %v, %v", dropped, err)
	}
	var all []bpf.Way
	for way, n := range counts(t, kernel) {
		if n > before[way] {
			all = append(all, way)
		}
	}
	return all
}

func counts(t *testing.T, kernel *bpf.Tap) map[bpf.Way]uint64 {
	t.Helper()
	all := map[bpf.Way]uint64{}
	if err := kernel.Accounts(func(w bpf.Way, a bpf.Account) bool { all[w] = a.Packets; return true }); err != nil {
		t.Fatal(err)
	}
	return all
}

// The kernel never accounts another conversation than decode sees, and knows those
// of its own subset. What only decode opens, it passes.
func TestKernelSeesTheSameConversations(t *testing.T) {
	kernel := loadTap(t)
	for _, k := range kernelFrames(t) {
		t.Run(k.name, func(t *testing.T) {
			ways := accounted(t, kernel, k.frame)
			var p sensor.Packet
			v := decode.New().Decode(frame(sensor.LinkEthernet, k.frame), &p)
			if len(ways) == 0 {
				if k.want == accounts {
					t.Errorf("the kernel accounts nothing, decode sees %v to %v", p.From, p.To)
				}
				return
			}
			want := bpf.Way{From: netip.AddrPortFrom(p.From.Addr, p.From.Port), To: netip.AddrPortFrom(p.To.Addr, p.To.Port), Protocol: p.IPProtocol}
			if len(ways) > 1 || ways[0] != want || v != sensor.Decoded || k.want == passes {
				t.Errorf("the kernel accounts %v, decode says %v and sees %v", ways, v, want)
			}
			if p.Transport != protocols.TCP && p.Transport != protocols.UDP {
				t.Errorf("the kernel accounts %v, which is neither TCP nor UDP", ways)
			}
		})
	}
}
