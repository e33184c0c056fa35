package netbios_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays the datagrams of testdata, a line each with sender and receiver. What
// people wrote into them is a canary.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no datagrams in testdata: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for line := range strings.Lines(string(raw)) {
			fields := strings.Fields(line)
			body, err := hex.DecodeString(fields[2])
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s\n", fields[0], said(listen(t, netip.MustParseAddr(fields[0]), protocols.MAC{}, body)))
		}
		golden := strings.TrimSuffix(path, ".hex") + ".golden"
		protocoltest.Golden(t, golden, b.String())
	}
}
