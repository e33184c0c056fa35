package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// BenchmarkReports reads device reports; BenchmarkDocument passes over a field of
// one mebibyte.
func BenchmarkReports(b *testing.B) {
	bits := conversation(b, "testdata/pumps-behind-gateway.hl7")
	feed(b, bits[0].text)
}

func BenchmarkDocument(b *testing.B) {
	feed(b, block(msh, root, "OBX|3|ED|1^x^L||"+strings.Repeat("QUJD", 1<<18)+"||||||F"))
}

// messageAllocations is what the two messages of a gateway, with two pumps and four
// modules, may allocate: a copy of each segment, and what is stated.
const messageAllocations = 120

func TestMessagesAllocateLittle(t *testing.T) {
	out := protocols.NewSink(protocols.HL7, nil, nil, nil)
	s := hl7.New().Open(protocols.Context{})
	seg := segment(conversation(t, "testdata/pumps-behind-gateway.hl7")[0])
	if n := testing.AllocsPerRun(100, func() { s.Segment(seg, out) }); n > messageAllocations {
		t.Errorf("reading %d octets makes %v allocations, want at most %d", len(seg.Bytes), n, messageAllocations)
	}
}

func feed(b *testing.B, text string) {
	out := protocols.NewSink(protocols.HL7, nil, nil, nil)
	s := hl7.New().Open(protocols.Context{})
	seg := segment(bit{text: text})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
