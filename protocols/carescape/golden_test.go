package carescape_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays a bedside monitor that a central station watches. A line holds the
// sender, seconds, and the datagram.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/bedside.hex")
	if err != nil {
		t.Fatal(err)
	}
	var datagrams []said
	for line := range strings.Lines(string(raw)) {
		var from, digits string
		var seconds int
		if _, err := fmt.Sscan(line, &from, &seconds, &digits); err != nil {
			t.Fatal(err)
		}
		data, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		datagrams = append(datagrams, said{from: netip.MustParseAddr(from), after: time.Duration(seconds) * time.Second, data: data})
	}
	h := listen(t, datagrams...)
	got := fmt.Sprintf("%s\n%v\n", h, h.outcomes)
	const golden = "testdata/bedside.golden"
	protocoltest.Golden(t, golden, got)
}
