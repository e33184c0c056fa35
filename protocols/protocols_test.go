package protocols_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/auscult/auscult/protocols"
)

func TestMAC(t *testing.T) {
	for _, written := range []string{"00:1B:A9:81:82:83", "00-1b-a9-81-82-83", "001b.a981.8283", "001BA9818283"} {
		m, err := protocols.ParseMAC(written)
		if err != nil || m.String() != "00:1b:a9:81:82:83" {
			t.Errorf("%s reads %v, %v", written, m, err)
		}
	}
	for _, wrong := range []string{"", "00:1b:a9:81:82", "00:1b:a9:81:82:8g", "00:1b:a9:81:82:83:84", "BRN001BA9818283"} {
		if m, err := protocols.ParseMAC(wrong); err == nil {
			t.Errorf("%q reads %v", wrong, m)
		}
	}
	group, local := protocols.MAC{0x01, 0, 0x5e}, protocols.MAC{0x02}
	if !group.IsGroup() || group.IsLocal() || !local.IsLocal() || local.IsGroup() || !(protocols.MAC{}).IsZero() {
		t.Error("the I/G and U/L bits are read wrongly")
	}
}

func TestSerialText(t *testing.T) {
	for text, fits := range map[string]bool{
		"S900001": true, "ab-12/3._": true, "1234": true, strings.Repeat("7", 40): true,
		"": false, "123": false, strings.Repeat("7", 41): false, "0000000": false, "ABCDEF": false, "Ward 12": false, "12^34": false, "Säge12": false,
	} {
		if got := protocols.SerialText(text); (got == text && got != "") != fits {
			t.Errorf("%q gives %q", text, got)
		}
	}
}

// What breaks the rules of an observation never leaves the sink, whoever states it.
func TestInvariant02NoPatientInFreeText(t *testing.T) {
	var seen []protocols.Observation
	refused := 0
	sink := protocols.NewSink(protocols.HL7, func(o protocols.Observation) { seen = append(seen, o) }, nil, func(protocols.Name) { refused++ })
	sink.Observe(protocols.Observation{Facts: []protocols.Fact{
		{Attribute: protocols.Model, Value: "  MX450 \x00"},
		{Attribute: protocols.Model, Value: strings.Repeat("x", protocols.MaxText+1)},
		{Attribute: protocols.Model, Value: "line\nline"},
		{Attribute: protocols.Model, Value: "\xff\xfe"},
		{Attribute: "", Value: "no attribute"},
	}})
	if len(seen) != 1 || len(seen[0].Facts) != 1 || seen[0].Facts[0].Value != "MX450" || refused != 4 || seen[0].Protocol != protocols.HL7 {
		t.Errorf("kept %+v, refused %d", seen, refused)
	}
	sink.Observe(protocols.Observation{Facts: []protocols.Fact{{Attribute: protocols.Model, Value: "\x1b[2J"}}})
	if len(seen) != 1 {
		t.Error("an observation without any fact was handed on")
	}
}

// A report that was cut may not call itself complete: what is missing may be in use.
func TestInvariant10ACutReportIsIncomplete(t *testing.T) {
	var got protocols.Observation
	sink := protocols.NewSink(protocols.HL7, func(o protocols.Observation) { got = o }, nil, nil)
	sink.Observe(protocols.Observation{Report: &protocols.Report{Complete: true, Channels: make([]protocols.Channel, protocols.MaxChannels+1)}})
	if got.Report == nil || got.Report.Complete || len(got.Report.Channels) != protocols.MaxChannels {
		t.Errorf("%+v", got.Report)
	}
}

// FuzzText asserts the character rules on whatever passes.
func FuzzText(f *testing.F) {
	f.Add("Brilliance 64 ")
	f.Add("\x00\x00")
	f.Fuzz(func(t *testing.T, s string) {
		out, ok := protocols.Text(s)
		if !ok {
			if out != "" {
				t.Fatalf("refused, and gave %q", out)
			}
			return
		}
		if out == "" || len(out) > protocols.MaxText || !utf8.ValidString(out) || strings.ContainsFunc(out, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("passed %q", out)
		}
		if again, ok := protocols.Text(out); !ok || again != out {
			t.Fatalf("%q cleans to %q the second time", out, again)
		}
	})
}
