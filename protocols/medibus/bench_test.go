package medibus_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/medibus"
)

func BenchmarkProbe(b *testing.B) {
	p := medibus.New()
	for name, octets := range map[string][]byte{
		"ours": join(response(0x51, ""), command(0x52)), "other": []byte("GET / HTTP/1.1\r\n"), "curves": bytes.Repeat(record(7, 9), 110)[:protocols.ProbeLimit],
	} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: name == "curves", Bytes: octets}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkMessage is what one response costs on a line that goes on, one a second.
func BenchmarkMessage(b *testing.B) {
	for name, octets := range map[string][]byte{"measured": breaths, "texts": mode, "identification": evita, "curves": bytes.Repeat(record(7, 9), 100)} {
		b.Run(name, func(b *testing.B) {
			s, out := medibus.New().Open(protocols.Context{}), protocols.NewSink(protocols.MEDIBUS, nil, nil, nil)
			s.Segment(protocols.Segment{When: start, Direction: device, Bytes: mode}, out)
			seg := protocols.Segment{When: start, Direction: device, Bytes: octets}
			b.SetBytes(int64(len(octets)))
			b.ReportAllocs()
			for b.Loop() {
				seg.When = seg.When.Add(time.Second)
				s.Segment(seg, out)
			}
		})
	}
}
