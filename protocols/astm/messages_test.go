package astm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

// TestMessagesOfRealInstruments plays the message files that lie beside the
// repository at the time that they give, split at every octet, from their
// middles, and in one direction only. What is expected was read by a person: where
// no time says when a stored result was measured, nothing is said of use.
func TestMessagesOfRealInstruments(t *testing.T) {
	cases := []struct {
		file                           string
		when                           time.Time
		maker, model, serial, software string
		use                            bool
	}{
		{"roche_cobas_u411.astm", time.Date(2011, 3, 15, 10, 18, 22, 0, time.UTC), "Roche", "cobas u 411", "", "3.2.0.1001", true},
		{"roche_h7600_batch.astm", time.Date(2018, 7, 2, 15, 22, 34, 0, time.UTC), "Roche", "H7600", "", "", true},
		{"roche_urisys1100.astm", time.Date(2009, 1, 16, 18, 42, 0, 0, time.UTC), "Roche", "URISYS1100", "99305", "5.31", true},
		{"senaite_cobas_c111.txt", time.Date(2023, 8, 3, 13, 17, 13, 0, time.UTC), "Roche", "c111", "13147", "4.2.2.1730", true},
		{"senaite_cobas_c311.txt", time.Date(2024, 2, 3, 13, 20, 11, 0, time.UTC), "Roche", "c311", "", "", true},
		{"senaite_dca_vantage.txt", time.Date(2024, 8, 20, 15, 17, 46, 0, time.UTC), "Siemens Healthineers", "DCA VANTAGE", "S067337", "04.04.00.00", true},
		{"senaite_mini_vidas.txt", noon, "", "", "", "", false}, // another protocol
		{"senaite_sysmex_xp100.txt", time.Date(2024, 7, 23, 17, 24, 52, 0, time.UTC), "Sysmex", "XP-100", "A7869", "00-13", true},
	}
	for _, c := range cases {
		text := message(t, c.file)
		whole := listen(0, bit{text: text, when: c.when})
		for a, want := range map[protocols.Attribute]string{
			protocols.Manufacturer: c.maker, protocols.Model: c.model, protocols.SerialNumber: c.serial, protocols.SoftwareVersion: c.software,
		} {
			if got := whole.Get(protocols.AboutSpeaker, a); got != want {
				t.Errorf("%s: %s is %q, want %q", c.file, a, got, want)
			}
		}
		if got := whole.Uses(protocols.AboutSpeaker) == 1; got != c.use {
			t.Errorf("%s: says that it measures: %v, want %v\n%s", c.file, got, c.use, whole.Print())
		}
		everySplit(t, c.file, text, c.when)
		recognised := astm.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: []byte(text[:min(len(text), protocols.ProbeLimit)])})
		if got := recognised == protocols.Yes; got != (c.model != "") {
			t.Errorf("%s: recognised %v", c.file, got)
		}
	}
}

// everySplit plays a message octet by octet, and in two parts at every octet.
func everySplit(t *testing.T, file, text string, when time.Time) {
	t.Helper()
	whole := listen(0, bit{text: text, when: when})
	if pieces := listen(1, bit{text: text, when: when}); pieces.Print() != whole.Print() {
		t.Errorf("%s, octet by octet\n%s\nwhole\n%s", file, pieces.Print(), whole.Print())
	}
	for at := range len(text) {
		if two := listen(0, bit{text: text[:at], when: when}, bit{text: text[at:], when: when}); two.Print() != whole.Print() {
			t.Fatalf("%s, split at %d\n%s\nwhole\n%s", file, at, two.Print(), whole.Print())
		}
	}
}

// TestMessagesFromTheMiddle cuts the beginnings off: what results remain still say
// who sends them, and nothing else is said.
func TestMessagesFromTheMiddle(t *testing.T) {
	for _, file := range []string{"senaite_sysmex_xp100.txt", "senaite_cobas_c311.txt"} {
		text := message(t, file)
		second := strings.Index(text, "\rR|2|")
		for at := strings.Index(text, "\rP|"); at < second; at++ {
			h := play(protocols.Context{Midstream: true}, 0, bit{text: text[at:]})
			if h.Get(protocols.AboutSpeaker, protocols.RoleOf) != string(protocols.RoleASTMResultSender) || h.Get(protocols.AboutSpeaker, protocols.Model) != "" {
				t.Fatalf("%s from %d\n%s", file, at, h.Print())
			}
		}
		recognised := astm.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(text[second-100 : min(len(text), second+300)])})
		if recognised != protocols.Yes {
			t.Errorf("%s is not recognised in its middle", file)
		}
	}
}

func message(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "messages", "astm", file))
	if err != nil {
		t.Skipf("no messages beside the repository: %v", err)
	}
	return string(b)
}
