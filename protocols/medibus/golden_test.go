package medibus_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// recorded reads the conversation of testdata: who writes ("<" the device), seconds,
// octets.
func recorded(t testing.TB) (steps []step) {
	t.Helper()
	raw, err := os.ReadFile("testdata/evita.hex")
	if err != nil {
		t.Fatal(err)
	}
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
			by = device
		}
		steps = append(steps, later(seconds, says(by, data)))
	}
	return steps
}

func TestGolden(t *testing.T) {
	steps := recorded(t)
	got := play(t, steps...).String() + "\n"
	const golden = "testdata/evita.golden"
	protocoltest.Golden(t, golden, got)
	var both [2][]byte
	for _, st := range steps {
		both[st.by] = append(both[st.by], st.data...)
	}
	for d, b := range both {
		if v := probe(b, false); v != protocols.Yes {
			t.Errorf("direction %d alone: verdict %d", d, v)
		}
	}
}

// TestJoinedAnywhere: from whichever octet the device's direction is joined, it is
// recognised and said to be in use, and nothing is said that is not so.
func TestJoinedAnywhere(t *testing.T) {
	one := join(mode, breaths, response(0x29, setting(0x0B, "5")), evita, scattered(breaths))
	stream := join(one, one, one)
	for at := range len(one) {
		if v := probe(stream[at:], true); v != protocols.Yes {
			t.Fatalf("joined at %d: verdict %d", at, v)
		}
		h := run(t, fixed(7), says(device, stream[at:]))
		got := h.String()
		if !strings.Contains(got, "use=in-use") || !strings.Contains(got, "model=Evita XL") || h.outcomes[protocols.Malformed] > 1 {
			t.Fatalf("joined at %d:\n%s", at, got)
		}
	}
}
