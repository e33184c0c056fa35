package astm_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	long := strings.Repeat("x", protocols.ProbeLimit)
	cases := []struct {
		name      string
		bytes     string
		midstream bool
		want      protocols.Verdict
	}{
		{"enquiry", "\x05", false, protocols.More},
		{"enquiry and frame", "\x05\x021H|\\^&|", false, protocols.Yes},
		{"frame with a header", "\x021H|\\^&|||", false, protocols.Yes},
		{"lower case", "\x021h|\\^&|||", false, protocols.Yes},
		{"bare header", "H|\\^&|||", false, protocols.Yes},
		{"bare header alone", "H|\\^&\r", false, protocols.Yes},
		{"other delimiters", "\x021H|@^\\|", false, protocols.Yes},
		{"header in an MLLP block", "\x0bH|\\^&|", false, protocols.Yes},
		{"answers before it", "\x06\x06\x05\x021H|\\^&|", false, protocols.Yes},
		{"delimiters not whole", "\x021H|\\^", false, protocols.More},
		{"start of a frame", "\x02", false, protocols.More},
		{"answers alone", "\x06\x06\x15\x06", false, protocols.More},
		{"nothing but answers", strings.Repeat("\x06", protocols.ProbeLimit), false, protocols.No},
		{"result in a frame", frame(4, "R|1|^^^Alb|1\r", true), false, protocols.Yes},
		{"result in a broken frame", broken(4, "R|1|^^^Alb|1\r"), false, protocols.No},
		{"rest of a record in a frame", frame(4, "b|63.7|mg/L\r", true), false, protocols.More},
		{"two such frames", frame(4, "b|63.7", false) + frame(5, "|mg/L\r", true), false, protocols.Yes},
		{"HL7 in an MLLP block", "\x0bMSH|^~\\&|A", false, protocols.No},
		{"HL7", "MSH|^~\\&|A", false, protocols.No},
		{"HL7 that is joined in its header", "H|^~\\&|A", true, protocols.More},
		{"four delimiters", "H|^~\\&|A", false, protocols.Yes},
		{"HL7 batch", "BHS|^~\\&|A", false, protocols.No},
		{"one delimiter", "H|^|A", false, protocols.No},
		{"repeated delimiter", "H|^^&|A", false, protocols.No},
		{"endless delimiters", "H|\\^&~#!|A", false, protocols.No},
		{"HTTP", "HTTP/1.1 200 OK\r\n", false, protocols.No},
		{"frame number out of use", "\x029H|\\^&|", false, protocols.No},
		{"another language", "\x02\x1emtrsl|\x1epi", false, protocols.No},
		{"DICOM", "\x02\x00\x00\x00\x00\xb8", false, protocols.No},
		{"two records", "^x|1\rR|2|^^^b|2\rR|3|", true, protocols.Yes},
		{"two records, CR LF", "^x|1\r\nR|2|^^^b|2\r\nC|1|I", true, protocols.Yes},
		{"the same, but from the start", "^x|1\rR|2|^^^b|2\rR|3|", false, protocols.No},
		{"one record so far", "^x|1\rR|2|^^^b|2\r", true, protocols.More},
		{"separators differ", "^x|1\rR|2|^^^b|2\rR!3!", true, protocols.More},
		{"lines apart", "^x|1\rR|2|x\rtext\rR|3|", true, protocols.More},
		{"header after the end of a message", "|1|N\rH|\\^&|||", true, protocols.Yes},
		{"frame after the end of one", "|1|N\r\x03AB\r\n" + frame(2, "R|1|x\r", true), true, protocols.Yes},
		{"nothing like it", long, true, protocols.No},
	}
	for _, c := range cases {
		o := protocols.Opening{Transport: protocols.TCP, FromPort: 1, ToPort: 2, Midstream: c.midstream, Bytes: []byte(c.bytes)}
		for _, d := range []protocols.Direction{protocols.FromOpener, protocols.FromAcceptor} {
			o.Direction = d
			if got := astm.New().Probe(o); got != c.want {
				t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
			}
		}
		o.Transport = protocols.UDP
		if got := astm.New().Probe(o); got != protocols.No {
			t.Errorf("%s over UDP: verdict %d, want no", c.name, got)
		}
	}
}

// TestProbeWaits: no beginning of what is recognised is turned away.
func TestProbeWaits(t *testing.T) {
	for _, text := range []string{transmission(240, header), "\x06\x06" + transmission(9, header), lines(header), "\x0b" + lines(header), frame(3, "rest|1\r", true) + frame(4, "R|1|2\r", true)} {
		told := false
		for n := range len(text) + 1 {
			switch astm.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: []byte(text[:n])}) {
			case protocols.No:
				t.Errorf("%q: turned away at %d", text, n)
			case protocols.Yes:
				told = true
			case protocols.More:
				if told {
					t.Errorf("%q: doubted at %d", text, n)
				}
			}
		}
		if !told {
			t.Errorf("%q is not recognised", text)
		}
	}
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	p := astm.New()
	for _, text := range []string{strings.Repeat("\rR|1", 128), strings.Repeat("\x021x\x03", 128), strings.Repeat("\x021", 256)} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(text)}
		if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
