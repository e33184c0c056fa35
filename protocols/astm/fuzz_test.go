package astm_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

func seeds(f *testing.F) (out []string) {
	f.Helper()
	for _, path := range conversations(f) {
		for _, size := range []int{0, 7, 240} {
			for _, b := range conversation(f, path, size) {
				out = append(out, b.text)
			}
		}
	}
	return append(out, "\x05"+broken(1, header+"\r")+frame(1, header+"\r", true)+frame(1, header+"\r", true)+"\x04",
		"\x0b"+lines(header, end)+"\x1c\r", "\x02\x021H|\\^&\x03", "\rR|1|x\rR|2|x\x03A1\r\n\x025")
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

// FuzzHoles: with a hole anywhere and any answers from the other side, every text
// keeps the rules of an observation, and a statement of use comes from a result.
func FuzzHoles(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, "\x06\x15", uint16(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, s, answers string, hole uint16) {
		h := &heard{}
		out := h.Sink(protocols.ASTM)
		session := astm.New().Open(protocols.Context{})
		at := min(int(hole), len(s))
		session.Segment(segment(forward(s[:at])), out)
		session.Segment(segment(answer(answers)), out)
		session.Gap(protocols.FromOpener, 1, out)
		session.Segment(segment(forward(s[min(at+1, len(s)):])), out)
		session.Segment(segment(answer(answers)), out)
		session.Close(out)
		if h.Refused > 0 {
			t.Errorf("%d facts break the rules\n%s", h.Refused, h.Print())
		}
		if h.Uses(protocols.AboutSpeaker) > 0 && !strings.ContainsAny(s+answers, "Rr") {
			t.Errorf("use without a result\n%s", h.Print())
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

// FuzzNoPatient writes any text into the fields of patients, orders, values and
// staff, in frames of any size, and looks for it in what is stated.
func FuzzNoPatient(f *testing.F) {
	f.Add("ZZ^NAME", `\S\`, uint8(239))
	f.Add("\xfc\x81", "\x83\x5c", uint8(1))
	f.Fuzz(func(t *testing.T, name, tail string, size uint8) {
		clean := func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < ' ' || r == '|' {
					return -1
				}
				return r
			}, s)
		}
		patient := "QQCANARYQQ" + clean(name) + clean(tail)
		h := listen(0, forward(transmission(int(size)+1, strings.Replace(header, "&||", "&||"+patient, 1),
			"P|1|"+patient+"|"+patient+"||"+patient, "O|1|"+patient+"|"+patient+"|^^^"+patient,
			"R|1|^^^"+patient+"|"+patient+"|mg/L|"+patient+"||||F|"+patient+"|||P1", "C|1|I|"+patient+"|G", "M|1|"+patient, "Q|1|"+patient, end)))
		if strings.Contains(h.Texts(), "QQCANARYQQ") {
			t.Errorf("a patient shows:\n%s", h.Print())
		}
		if h.Get(protocols.AboutSpeaker, protocols.RoleOf) == "" {
			t.Error("nothing is stated; the test proves nothing")
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
			v := astm.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Bytes: b[:n]})
			if yes && v != protocols.Yes || v == protocols.More && n == protocols.ProbeLimit {
				t.Fatalf("verdict %d after %d octets of %q", v, n, b)
			}
			yes = yes || v == protocols.Yes
		}
	})
}
