package astm_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

// BenchmarkResults reads a message of twenty results in frames of a record each,
// BenchmarkBare the same without frames; BenchmarkImage passes over a field of one
// mebibyte.
func BenchmarkResults(b *testing.B) { feed(b, transmission(240, results()...)) }

func BenchmarkBare(b *testing.B) { feed(b, lines(results()...)) }

func BenchmarkImage(b *testing.B) {
	feed(b, lines(header, "M|1|"+strings.Repeat("QUJD", 1<<18), result, end))
}

func results() []string {
	out := []string{header, "P|1|CANARY", "O|1|CANARY||^^^Alb"}
	for range 20 {
		out = append(out, result)
	}
	return append(out, end)
}

// messageAllocations is what a message may allocate: what is stated of a sender and
// a receiver, and its names.
const messageAllocations = 20

func TestMessagesAllocateLittle(t *testing.T) {
	out := protocols.NewSink(protocols.ASTM, nil, nil, nil)
	s := astm.New().Open(protocols.Context{})
	seg := segment(forward(transmission(240, results()...)))
	if n := testing.AllocsPerRun(100, func() { s.Segment(seg, out) }); n > messageAllocations {
		t.Errorf("%v allocations a message, want at most %d", n, messageAllocations)
	}
}

func feed(b *testing.B, text string) {
	out := protocols.NewSink(protocols.ASTM, nil, nil, nil)
	s := astm.New().Open(protocols.Context{})
	seg := segment(forward(text))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
