package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	long := strings.Repeat("x", protocols.ProbeLimit)
	cases := []struct {
		name      string
		bytes     string
		midstream bool
		want      protocols.Verdict
	}{
		{"framed", "\x0bMSH|^~\\&|A", false, protocols.Yes},
		{"without start of block", "MSH|^~\\&|A", false, protocols.Yes},
		{"truncation character", "MSH|^~\\&#|A", false, protocols.Yes},
		{"two encoding characters", "MSH|^~|A", false, protocols.Yes},
		{"other delimiters", "\x0bMSH*%!\\+*A", false, protocols.Yes},
		{"batch", "\x0bFHS|^~\\&|A", false, protocols.Yes},
		{"batch header", "BHS|^~\\&|A", false, protocols.Yes},
		{"line ends before", "\r\n\x1c\rMSH|^~\\&|A", false, protocols.Yes},
		{"start of block alone", "\x0b", false, protocols.More},
		{"name alone", "\x0bMS", false, protocols.More},
		{"encoding not whole", "MSH|^~", false, protocols.More},
		{"letter as separator", "MSHA^~\\&A", false, protocols.No},
		{"repeated delimiter", "MSH|^^\\&|A", false, protocols.No},
		{"one encoding character", "MSH|^|A", false, protocols.No},
		{"endless encoding", "MSH|^~\\&#!$|A", false, protocols.No},
		{"another name", "MXH|^~\\&|A", false, protocols.No},
		{"HTTP", "GET / HTTP/1.1\r\n", false, protocols.No},
		{"DICOM", "\x01\x00\x00\x00\x00\xcd", false, protocols.No},
		{"header after a block's end", "^L|7\r\x1c\r\x0bMSH|^~\\&|A", true, protocols.Yes},
		{"the same, but from the start", "^L|7\r\x1c\r\x0bMSH|^~\\&|A", false, protocols.No},
		{"two segments", "5|x\rOBX|1|NM\rOBX|2|NM", true, protocols.Yes},
		{"one segment so far", "5|x\rOBX|1|NM\r", true, protocols.More},
		{"separators differ", "5|x\rOBX|1|NM\rOBX^2|NM", true, protocols.More},
		{"nothing like it", long, true, protocols.No},
	}
	for _, c := range cases {
		o := protocols.Opening{Transport: protocols.TCP, FromPort: 1, ToPort: 2, Midstream: c.midstream, Bytes: []byte(c.bytes)}
		if got := hl7.New().Probe(o); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
		o.Transport = protocols.UDP
		if got := hl7.New().Probe(o); got != protocols.No {
			t.Errorf("%s over UDP: verdict %d, want no", c.name, got)
		}
	}
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	p := hl7.New()
	o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(strings.Repeat("\rOBX", 128))}
	if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
