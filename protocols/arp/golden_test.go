package arp_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays a host that probes for an address, announces it, is asked for
// it and answers, and then a forged answer. A line holds the frame's source and
// its body.
func TestGolden(t *testing.T) {
	frames, err := os.ReadFile("testdata/joining.hex")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(frames)) {
		from, body, _ := strings.Cut(strings.TrimSpace(line), " ")
		h := listen(from, octets(t, body))
		for _, o := range h.observations {
			fmt.Fprintf(&b, "%s %s", o.About.MAC, o.About.Addr)
			for _, f := range o.Facts {
				fmt.Fprintf(&b, " %s=%s(%s, %.1f)", f.Attribute, f.Value, f.Field, f.Confidence)
			}
			b.WriteByte('\n')
		}
		fmt.Fprintln(&b, h.outcomes)
	}
	const golden = "testdata/joining.golden"
	protocoltest.Golden(t, golden, b.String())
}
