package intellivue_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/intellivue"
)

func BenchmarkProbe(b *testing.B) {
	p := intellivue.New()
	for name, octets := range map[string][]byte{"ours": numerics(0, 0, 80), "other": append([]byte{0, 0, 1, 0, 0, 1}, make([]byte, 60)...), "association": associate(0x0D)} {
		o := protocols.Opening{Transport: protocols.UDP, Bytes: octets}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkMessage is what one message costs in a conversation that goes on: values
// every second, the system's attributes now and then, an announcement again.
func BenchmarkMessage(b *testing.B) {
	for name, octets := range map[string][]byte{
		"numerics":     pollResult(6, poll{0, [][]byte{observed(1, ava(0x0950, number(0, 80))), observed(2, ava(0x0950, number(0, 97))), observed(3, ava(0x094B, counted(number(0, 120), number(0, 80), number(0, 93))))}}),
		"system":       create(system, bed, model, specs, mode(0x4000), status(6)),
		"announcement": announce(model, specs, address, ports, kind, language),
	} {
		b.Run(name, func(b *testing.B) {
			s, out := intellivue.New().Open(protocols.Context{}), protocols.NewSink(protocols.IntelliVue, nil, nil, nil)
			seg := protocols.Segment{When: start, Direction: monitor, Bytes: octets}
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
	all, p := conversation(), intellivue.New()
	if n := testing.AllocsPerRun(100, func() {
		for _, b := range all {
			p.Probe(protocols.Opening{Transport: protocols.UDP, Bytes: b})
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
