package carescape_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/carescape"
)

func BenchmarkProbe(b *testing.B) {
	p := carescape.New()
	all := messages()
	all["other"] = make([]byte, 88)
	for name, octets := range all {
		o := protocols.Opening{Transport: protocols.UDP, Bytes: octets}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkMessage is what one message costs in a conversation that goes on, one a
// second.
func BenchmarkMessage(b *testing.B) {
	for name, octets := range messages() {
		b.Run(name, func(b *testing.B) {
			s, out := carescape.New().Open(protocols.Context{}), protocols.NewSink(protocols.CARESCAPE, nil, nil, nil)
			seg := protocols.Segment{When: start, From: protocols.Endpoint{Addr: bedside}, Bytes: octets}
			b.ReportAllocs()
			for b.Loop() {
				seg.When = seg.When.Add(time.Second)
				s.Segment(seg, out)
			}
		})
	}
}

// TestProbeDoesNotAllocate: the hot path.
func TestProbeDoesNotAllocate(t *testing.T) {
	all, p := messages(), carescape.New()
	for name, b := range all {
		if n := testing.AllocsPerRun(100, func() { p.Probe(protocols.Opening{Transport: protocols.UDP, Bytes: b}) }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
