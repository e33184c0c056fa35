package hl7_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

func seeds(f *testing.F) (out []string) {
	f.Helper()
	paths, _ := filepath.Glob("testdata/*.hl7")
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, "\x0b"+strings.ReplaceAll(string(b), "\n", "\r")+"\x1c\r")
	}
	out = append(out, "\x0b"+wide(msh+"\r"+root+"\r", 2, binary.BigEndian)+"\x1c\r", wide(msh+"\r"+ready+"\r", 4, binary.LittleEndian),
		block(msh+"||||||~ISO IR87", root, "OBX|3|ST|531969^^MDC|1.0.0.1|\x1b$B|^\x1b(B\\M2442\\%]\\C2842\\||||||R"))
	return append(out, msh+"\r"+root+"\r"+ready+"\r", "\x0b\x0b\x1c\r\x0bMSH", "\x0bMSH|^~\\&|\x1b$B|^\x1b(B\r")
}

// FuzzChunking: however the octets arrive, the same is stated and counted.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint8(1), false)
		f.Add(s, uint8(13), true)
	}
	f.Fuzz(func(t *testing.T, s string, size uint8, midstream bool) {
		whole := play(s, 0, midstream)
		if pieces := play(s, int(size%64)+1, midstream); pieces.Print() != whole.Print() {
			t.Errorf("in pieces of %d\n%s\nwhole\n%s", size%64+1, pieces.Print(), whole.Print())
		}
	})
}

func play(s string, size int, midstream bool) *heard {
	h := &heard{}
	out := h.Sink(protocols.HL7)
	session := hl7.New().Open(protocols.Context{Midstream: midstream})
	for len(s) > 0 {
		n := len(s)
		if size > 0 {
			n = min(n, size)
		}
		if skip := session.Segment(segment(bit{text: s[:n]}), out); skip != 0 {
			panic("HL7 has no lengths to skip by")
		}
		s = s[n:]
	}
	session.Close(out)
	return h
}

// FuzzNothingOnError: what is stated comes from messages that were understood,
// and every text keeps the rules of an observation.
func FuzzNothingOnError(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, uint16(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, s string, hole uint16) {
		h := &heard{}
		out := h.Sink(protocols.HL7)
		session := hl7.New().Open(protocols.Context{})
		at := min(int(hole), len(s))
		session.Segment(segment(bit{text: s[:at]}), out)
		session.Gap(protocols.FromOpener, 1, out)
		session.Segment(segment(bit{text: s[min(at+1, len(s)):]}), out)
		session.Close(out)
		if len(h.Observations) > 0 && !slices.Contains(h.Outcomes, protocols.Parsed) {
			t.Errorf("stated without a message that was understood:\n%s", h.Print())
		}
		for _, o := range h.Observations {
			if len(o.Facts) > protocols.MaxFacts {
				t.Errorf("%d facts", len(o.Facts))
			}
			for _, fact := range o.Facts {
				if _, ok := protocols.Text(fact.Value); !ok || fact.Confidence <= 0 || fact.Confidence > 1 || fact.Field == "" {
					t.Errorf("fact %+v", fact)
				}
			}
		}
	})
}

// FuzzNoPatient writes any text as a patient's into a message and looks for it in
// what is stated.
func FuzzNoPatient(f *testing.F) {
	f.Add("ZZFUZZ^NAME", `\S\`)
	f.Add("ZZFUZZ", "\xfc")
	f.Fuzz(func(t *testing.T, name, tail string) {
		clean := func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}
		patient := "QQCANARYQQ" + strings.Map(clean, strings.ReplaceAll(name, "|", "")) + strings.Map(clean, strings.ReplaceAll(tail, "|", ""))
		h := listen(0, bit{text: block(msh, "PID|1|"+patient+"|"+patient+"||"+patient, "NK1|1|"+patient, "PV1|1|I|W1^1^A||||"+patient, root,
			"NTE|1||"+patient, strings.Replace(ready, "|R", "|R|||||"+patient, 1), "OBX|3|ST|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.2.1.1|"+patient+"|||||R",
			"OBR|1||"+patient+"^^^EUI-64|"+patient, attribute("196616^MDC_EVT_ALARM", patient), attribute("68546^MDC_ATTR_ALERT_TEXT", patient),
			attribute("67925^MDC_ATTR_POWER_STAT", patient), attribute("67996^MDC_ATTR_VAL_BATT_CHARGE", patient), "ZPI|"+patient)})
		if strings.Contains(h.Texts(), "QQCANARYQQ") {
			t.Errorf("a patient shows:\n%s", h.Print())
		}
		if described(h) != 1 {
			t.Errorf("%d devices, want 1: the test proves nothing", described(h))
		}
	})
}
