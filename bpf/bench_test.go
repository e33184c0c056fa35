package bpf_test

import (
	"testing"

	"github.com/cilium/ebpf"

	"github.com/auscult/auscult/bpf"
)

// BenchmarkTap measures what one packet costs in the kernel, by BPF_PROG_TEST_RUN,
// which repeats a frame without a driver: the program alone, all in cache.
func BenchmarkTap(b *testing.B) {
	way := tcpWay(ends["IPv4"])
	pass := packetOf(way, segment{seq: 5000, flags: ack, payload: 1400})
	drop := packetOf(way, segment{seq: 1000, flags: ack, payload: 900})
	for _, f := range []struct {
		name  string
		frame []byte
	}{
		{"pass", ether(pass)}, {"drop", ether(drop)},
		{"acknowledgement", ether(packetOf(back(way), segment{ack: 1500, flags: ack, options: timestamps}))},
		{"VXLAN_pass", carriers["VXLAN"](pass)}, {"VXLAN_drop", carriers["VXLAN"](drop)},
		{"ARP", etherOf(0x0806, make([]byte, 46))},
	} {
		b.Run(f.name, func(b *testing.B) {
			for _, v := range []string{"direct", "helpers"} {
				b.Run(v, func(b *testing.B) {
					tap := loaded(b, func() (*bpf.Tap, error) { return bpf.LoadVariant(small, variants[v]) })
					xdp, _ := tap.Programs()
					repeat(b, tap, xdp, f.frame)
				})
			}
			b.Run("filter", func(b *testing.B) {
				tap := loadTap(b)
				_, filter := tap.Programs()
				repeat(b, tap, filter, append(make([]byte, 14), f.frame...))
			})
		})
	}
}

func repeat(b *testing.B, tap *bpf.Tap, program *ebpf.Program, frame []byte) {
	b.Helper()
	r := some[0]
	r.Way = tcpWay(ends["IPv4"])
	r.For = bpf.MaxFor
	if _, err := tap.Skip([]bpf.Range{r}); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	_, each, err := program.Benchmark(frame, b.N, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(each.Nanoseconds()), "ns/op")
}

func BenchmarkSkip(b *testing.B) {
	tap := loadTap(b)
	ranges := rangesFrom(0, 64)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tap.Skip(ranges); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(ranges)), "ns/range")
}
