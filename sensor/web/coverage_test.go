package web_test

import (
	"strings"
	"testing"
)

// The coverage page shows, for each mirror port, how the kernel program is at work,
// rates, loss, what was shunted, what is wrong with what to check, and each VLAN and
// session, declared against heard.
func TestCoveragePage(t *testing.T) {
	w := newSite(t, sampleHouse()).as("reader").get("/coverage")
	for _, want := range []string{
		"in the driver (XDP)", "31 204 frames/s", "412 Mbit/s", "10.0 Gbit/s", "1 402 118 442 frames", "18 221 frames", "the ring was full",
		"about 0.04 % (0.02 % to 0.07 %)", "VLAN 40 is declared and not heard.", "show monitor session", "untagged", "not declared", ">78 %<",
		"erspan", "91 % of the conversations are encrypted", "1 type of device",
	} {
		if !strings.Contains(w.text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Count(w.text, "VLAN 40 is declared and not heard.") != 1 {
		t.Error("a trouble is told twice")
	}
}
