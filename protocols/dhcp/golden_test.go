package dhcp_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays how a pump gets its address and renews it. A line holds
// sender, receiver and datagram.
func TestGolden(t *testing.T) {
	datagrams, err := os.ReadFile("testdata/lease.hex")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for line := range strings.Lines(string(datagrams)) {
		fields := strings.Fields(line)
		body, err := hex.DecodeString(fields[2])
		if err != nil {
			t.Fatal(err)
		}
		h := listen(netip.MustParseAddr(fields[0]), netip.MustParseAddr(fields[1]), body)
		fmt.Fprintf(&b, "%s\n%v\n", h, h.outcomes)
	}
	const golden = "testdata/lease.golden"
	protocoltest.Golden(t, golden, b.String())
}
