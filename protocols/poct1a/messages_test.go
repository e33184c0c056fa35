package poct1a_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

// TestMessageOfARealMeter plays the greeting that lies beside the repository, split
// at every octet. What is expected was read by a person.
func TestMessageOfARealMeter(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "messages", "poct1a", "nova_statstrip_hello.xml"))
	if err != nil {
		t.Skipf("no messages beside the repository: %v", err)
	}
	text, when := string(b), time.Date(2010, 2, 22, 19, 6, 34, 0, time.UTC)
	whole := listen(0, bit{text: text, when: when})
	for a, want := range map[protocols.Attribute]string{
		protocols.Manufacturer: "Nova Biomedical", protocols.Model: "StatStrip", protocols.SerialNumber: "0600100736",
		protocols.SoftwareVersion: "3.10.8.0", protocols.HardwareVersion: "K1", protocols.Institution: "MGH", protocols.Location: "ICU",
	} {
		if got := whole.Get(protocols.AboutDescribed, a); got != want {
			t.Errorf("%s is %q, want %q", a, got, want)
		}
	}
	if n := whole.Uses(protocols.AboutDescribed) + whole.Uses(protocols.AboutSpeaker); n != 0 {
		t.Errorf("a greeting says what the meter does:\n%s", whole.Print())
	}
	for at := range len(text) {
		if two := listen(0, bit{text: text[:at], when: when}, bit{text: text[at:], when: when}); two.Print() != whole.Print() {
			t.Fatalf("split at %d\n%s\nwhole\n%s", at, two.Print(), whole.Print())
		}
	}
	if poct1a.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: b[:protocols.ProbeLimit]}) != protocols.Yes {
		t.Error("not recognised")
	}
}
