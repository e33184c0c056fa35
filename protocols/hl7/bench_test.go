package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// The benchmarks state ns and allocations for one message: a report of a pump
// (PCD-01), one of a gateway with two pumps and four modules, an alarm, an
// admission, and one with a document of four mebibytes in OBX-5.

func BenchmarkPumpReport(b *testing.B) { feed(b, conversation(b, "testdata/station-pump.hl7")[0].text) }

func BenchmarkReports(b *testing.B) {
	feed(b, conversation(b, "testdata/pumps-behind-gateway.hl7")[0].text)
}

func BenchmarkAlarm(b *testing.B) {
	feed(b, conversation(b, "testdata/station-pump-alarm.hl7")[0].text)
}

func BenchmarkAdmission(b *testing.B) { feed(b, conversation(b, "testdata/admission.hl7")[0].text) }

func BenchmarkDocument(b *testing.B) {
	feed(b, block(msh, root, "OBX|3|ED|1^x^L||"+strings.Repeat("QUJD", 1<<20)+"||||||F"))
}

// messageAllocations is what a message may allocate: a copy of each segment, and what
// is stated.
var messageAllocations = map[string]float64{
	"testdata/pumps-behind-gateway.hl7": 120,
	"testdata/station-pump.hl7":         90,
	"testdata/station-pump-alarm.hl7":   90,
	"testdata/admission.hl7":            20,
}

func TestMessagesAllocateLittle(t *testing.T) {
	for path, most := range messageAllocations {
		out := protocols.NewSink(protocols.HL7, nil, nil, nil)
		s := hl7.New().Open(protocols.Context{})
		seg := segment(conversation(t, path)[0])
		if n := testing.AllocsPerRun(100, func() { s.Segment(seg, out) }); n > most {
			t.Errorf("%s: reading %d octets makes %v allocations, want at most %v", path, len(seg.Bytes), n, most)
		}
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
