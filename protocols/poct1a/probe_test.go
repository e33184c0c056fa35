package poct1a_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	cases := []struct {
		name      string
		bytes     string
		midstream bool
		want      protocols.Verdict
	}{
		{"greeting", "<HEL.R01>", false, protocols.Yes},
		{"behind a declaration", "<?xml version=\"1.0\"?>\r\n<HEL.R01>", false, protocols.Yes},
		{"behind a byte order mark", "\xef\xbb\xbf<?xml version=\"1.0\"?><ACK.R01>", false, protocols.Yes},
		{"status", "<DST.R01 ", false, protocols.Yes},
		{"release 2", "<OBS.R02>", false, protocols.Yes},
		{"a keep-alive without content", "<KPA.R01/>", false, protocols.Yes},
		{"a vendor's", "<DTV.SIEM.DVCMD>", false, protocols.Yes},
		{"name not whole", "<HEL.R0", false, protocols.More},
		{"declaration not whole", "<?xml version", false, protocols.More},
		{"white space", "\r\n", false, protocols.More},
		{"another kind", "<XYZ.R01>", false, protocols.No},
		{"no release", "<HEL.X>", false, protocols.No},
		{"small letters", "<hel.r01>", false, protocols.No},
		{"SOAP", "<?xml version=\"1.0\"?><soap:Envelope>", false, protocols.No},
		{"HTML", "<html>", false, protocols.No},
		{"HL7", "\x0bMSH|^~\\&|", false, protocols.No},
		{"ASTM", "H|\\^&|", false, protocols.No},
		{"end of a document", "</PT></SVC></OBS.R01>", true, protocols.Yes},
		{"the same, but from the start", "</PT></SVC></OBS.R01>", false, protocols.No},
		{"two elements of objects", "V=\"1\"/><SVC.role_cd V=\"OBS\"/><PT.patient_id V=\"x\"/>", true, protocols.Yes},
		{"one so far", "V=\"1\"/><SVC.role_cd V=\"OBS\"/>", true, protocols.More},
		{"nothing like it", strings.Repeat("<a.b>", 200)[:protocols.ProbeLimit], true, protocols.No},
		{"an endless declaration", "<?xml " + strings.Repeat("x", protocols.ProbeLimit), false, protocols.No},
	}
	for _, c := range cases {
		o := protocols.Opening{Transport: protocols.TCP, FromPort: 1, ToPort: 2, Midstream: c.midstream, Bytes: []byte(c.bytes)}
		for _, d := range []protocols.Direction{protocols.FromOpener, protocols.FromAcceptor} {
			o.Direction = d
			if got := poct1a.New().Probe(o); got != c.want {
				t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
			}
		}
		o.Transport = protocols.UDP
		if got := poct1a.New().Probe(o); got != protocols.No {
			t.Errorf("%s over UDP: verdict %d, want no", c.name, got)
		}
	}
}

// TestProbeWaits: no beginning of what is recognised is turned away.
func TestProbeWaits(t *testing.T) {
	for _, text := range []string{hello("90000007"), accept(), "\xef\xbb\xbf \r\n" + accept(), "\x1b" + bench("S900001")} {
		told := false
		for n := range min(len(text), protocols.ProbeLimit) {
			switch poct1a.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: []byte(text[:n])}) {
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
	p := poct1a.New()
	for _, text := range []string{strings.Repeat("<a", 256), strings.Repeat("<HEL.R0", 70), "<?xml" + strings.Repeat("?", 400)} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(text)}
		if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
