package intellivue_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden plays how a monitor announces itself, is associated and polled. A line
// holds who speaks ("<" the monitor), seconds, and the datagram.
func TestGolden(t *testing.T) {
	raw, err := os.ReadFile("testdata/poll.hex")
	if err != nil {
		t.Fatal(err)
	}
	var all []said
	for line := range strings.Lines(string(raw)) {
		var mark, digits string
		var seconds int
		if _, err := fmt.Sscan(line, &mark, &seconds, &digits); err != nil {
			t.Fatal(err)
		}
		data, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		by := collector
		if mark == "<" {
			by = monitor
		}
		all = append(all, said{by: by, after: time.Duration(seconds) * time.Second, data: data})
	}
	h := listen(t, all...)
	got := fmt.Sprintf("%s\n%v\n", h, h.outcomes)
	const golden = "testdata/poll.golden"
	protocoltest.Golden(t, golden, got)
}
