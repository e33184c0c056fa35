package intellivue_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden file anew; read it afterwards")

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
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("states\n%s\nwant\n%s", got, want)
	}
}
