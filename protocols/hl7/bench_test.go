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
