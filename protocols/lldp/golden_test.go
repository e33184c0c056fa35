package lldp_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays recorded frames, a line each with the frame's source and its body, and
// compares what was stated with what a person has read in them.
func TestGolden(t *testing.T) {
	for _, file := range []string{"lldpd", "switch"} {
		frames, err := os.ReadFile("testdata/" + file + ".hex")
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for line := range strings.Lines(string(frames)) {
			source, body, _ := strings.Cut(strings.TrimSpace(line), " ")
			from, err := protocols.ParseMAC(source)
			if err != nil {
				t.Fatal(err)
			}
			octets, err := hex.DecodeString(body)
			if err != nil {
				t.Fatal(err)
			}
			h := listen(t, from, octets)
			for _, o := range h.Observations {
				b.WriteString(source + " about " + map[bool]string{true: "itself", false: o.About.MAC.String()}[o.About.Kind == protocols.AboutSpeaker] + "\n")
			}
			b.WriteString(h.Print())
		}
		golden := "testdata/" + file + ".golden"
		protocoltest.Golden(t, golden, b.String())
	}
}
