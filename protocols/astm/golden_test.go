package astm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each conversation in testdata states with the file
// beside it: in frames of 240 characters, and without frames, which must say the
// same. A blank line divides messages, "<<" marks one that goes back. Names, numbers
// and times are made up; layouts are those of layout.go.
func TestGolden(t *testing.T) {
	for _, path := range conversations(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := listen(0, conversation(t, path, 240)...).Print()
			golden := strings.TrimSuffix(path, ".astm") + ".golden"
			protocoltest.Golden(t, golden, got)
			if plain := listen(0, conversation(t, path, 0)...).Print(); plain != got {
				t.Errorf("without frames\n%s\nwith frames\n%s", plain, got)
			}
			if small := listen(1, conversation(t, path, 7)...).Print(); small != got {
				t.Errorf("in frames of 7 characters\n%s\nin usual frames\n%s", small, got)
			}
		})
	}
}

func conversations(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.astm")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	return paths
}

// conversation reads a file into frames of a size, or bare records for 0.
func conversation(t testing.TB, path string, size int) (bits []bit) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for message := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
		body, back := strings.CutPrefix(message, "<<")
		text := lines(strings.Split(body, "\n")...)
		if size > 0 {
			text = transmission(size, strings.Split(body, "\n")...)
		}
		bits = append(bits, bit{back: back, text: text})
	}
	return bits
}

// TestInvariant02NoPatientLeavesTheDissector plays conversations whose patients,
// staff, specimens, passwords, comments and values are canaries, and looks for them
// in everything that is stated.
func TestInvariant02NoPatientLeavesTheDissector(t *testing.T) {
	canaries := 0
	for _, path := range conversations(t) {
		for _, b := range conversation(t, path, 0) {
			canaries += strings.Count(b.text, "CANARY")
		}
		for _, size := range []int{0, 7, 240} {
			if said := listen(0, conversation(t, path, size)...).Texts(); strings.Contains(said, "CANARY") {
				t.Errorf("%s: a patient shows:\n%s", path, said)
			}
		}
	}
	if canaries < 30 {
		t.Fatalf("only %d canaries in testdata; the test proves nothing", canaries)
	}
}
