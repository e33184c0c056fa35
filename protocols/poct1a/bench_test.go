package poct1a_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

// BenchmarkGreeting reads a greeting, BenchmarkObservation an observation behind it;
// BenchmarkImage passes over a value of one mebibyte.
func BenchmarkGreeting(b *testing.B) { feed(b, bench("S900001")) }

func BenchmarkObservation(b *testing.B) { feed(b, observation(now, now)) }

func BenchmarkImage(b *testing.B) {
	feed(b, strings.Replace(observation(now, now), "CANARY-TEXT", strings.Repeat("QUJD", 1<<18), 1))
}

// documentAllocations is what a document may allocate: what is stated of a device
// and its manager.
const documentAllocations = 60

func TestDocumentsAllocateLittle(t *testing.T) {
	out := protocols.NewSink(protocols.POCT1A, nil, nil, nil)
	s := poct1a.New().Open(protocols.Context{})
	s.Segment(segment(forward(bench("S900001"))), out)
	seg := segment(forward(observation(now, now) + status(now, "R")))
	if n := testing.AllocsPerRun(100, func() { s.Segment(seg, out) }); n > documentAllocations {
		t.Errorf("%v allocations for two documents, want at most %d", n, documentAllocations)
	}
}

func feed(b *testing.B, text string) {
	out := protocols.NewSink(protocols.POCT1A, nil, nil, nil)
	s := poct1a.New().Open(protocols.Context{})
	s.Segment(segment(forward(bench("S900001"))), out)
	seg := segment(forward(text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
