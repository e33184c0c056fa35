package poct1a_test

import (
	"html"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

func seeds(f *testing.F) (out []string) {
	f.Helper()
	for _, path := range conversations(f) {
		all := ""
		for _, b := range conversation(f, path) {
			all += b.text
		}
		out = append(out, all)
	}
	return append(out, accept(), "<!DOCTYPE x [<!ENTITY a \"&a;\">]><HEL.R01><DEV><DEV.serial_id V=\"&a;\"/></DEV></HEL.R01>",
		"<HEL.R01><![CDATA[]]]></HEL.R01><!---->", "</OBS.R01><KPA.R01/><HEL.R01/ >")
}

// FuzzChunking: however the octets arrive, the same is stated and counted.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint8(1), false)
		f.Add(s, uint8(13), true)
	}
	f.Fuzz(func(t *testing.T, s string, size uint8, midstream bool) {
		c := protocols.Context{Midstream: midstream}
		whole := play(c, 0, forward(s))
		if pieces := play(c, int(size%64)+1, forward(s)); pieces.Print() != whole.Print() {
			t.Errorf("in pieces of %d\n%s\nwhole\n%s", size%64+1, pieces.Print(), whole.Print())
		}
	})
}

// FuzzHoles: with a hole anywhere, what is stated keeps the rules of an observation,
// and comes from documents that were whole or ended.
func FuzzHoles(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, accept(), uint16(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, s, answers string, hole uint16) {
		h := &heard{}
		out := h.Sink(protocols.POCT1A)
		session := poct1a.New().Open(protocols.Context{})
		at := min(int(hole), len(s))
		session.Segment(segment(forward(s[:at])), out)
		session.Segment(segment(answer(answers)), out)
		session.Gap(protocols.FromOpener, 1, out)
		session.Segment(segment(forward(s[min(at+1, len(s)):])), out)
		session.Close(out)
		if h.Refused > 0 {
			t.Errorf("%d facts break the rules\n%s", h.Refused, h.Print())
		}
		if len(h.Observations) > 0 && h.Counted(protocols.Parsed)+h.Counted(protocols.Resynchronised) == 0 {
			t.Errorf("stated without a document:\n%s", h.Print())
		}
		for _, o := range h.Observations {
			for _, fact := range o.Facts {
				if _, ok := protocols.Text(fact.Value); !ok || fact.Confidence <= 0 || fact.Confidence > 1 || fact.Field == "" {
					t.Errorf("fact %+v", fact)
				}
			}
		}
	})
}

// FuzzNoPatient writes any text as a patient's, an operator's or a result into an
// observation, and looks for it in what is stated.
func FuzzNoPatient(f *testing.F) {
	f.Add("ZZ^NAME", "</PT><DEV.serial_id V='1'/>")
	f.Add("\xfc\x81", "\" DEV.serial_id=\"")
	f.Fuzz(func(t *testing.T, name, tail string) {
		patient := "QQCANARYQQ" + html.EscapeString(name) + html.EscapeString(tail)
		text := strings.NewReplacer("CANARY-PATIENT", patient, "CANARY-VALUE", patient, "CANARY-TEXT", patient, "CANARY-NOTE", patient,
			"CANARY-OPERATOR", patient, "CANARY-ORDER", patient).Replace(observation(now, now))
		h := listen(0, forward(hello("90000007")+text+status(now, "R")))
		if strings.Contains(h.Texts(), "QQCANARYQQ") {
			t.Errorf("a patient shows:\n%s", h.Print())
		}
		if h.Uses(protocols.AboutDescribed) != 2 {
			t.Errorf("not all is stated; the test proves nothing\n%s", h.Print())
		}
	})
}

// FuzzProbe: the answer comes by the limit, and a Yes stays one with more bytes.
func FuzzProbe(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, midstream bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		yes := false
		for n := range len(b) + 1 {
			v := poct1a.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Bytes: b[:n]})
			if yes && v != protocols.Yes || v == protocols.More && n == protocols.ProbeLimit {
				t.Fatalf("verdict %d after %d octets of %q", v, n, b)
			}
			yes = yes || v == protocols.Yes
		}
	})
}
