package poct1a_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each conversation in testdata states with the file
// beside it, and, whole and octet by octet, with itself. A blank line divides
// documents, "<<" marks one that goes back. Names, numbers and times are made up;
// forms are those of published messages.
func TestGolden(t *testing.T) {
	for _, path := range conversations(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := listen(0, conversation(t, path)...).Print()
			golden := strings.TrimSuffix(path, ".poct1a") + ".golden"
			protocoltest.Golden(t, golden, got)
			if small := listen(1, conversation(t, path)...).Print(); small != got {
				t.Errorf("octet by octet\n%s\nwhole\n%s", small, got)
			}
		})
	}
}

func conversations(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.poct1a")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	return paths
}

func conversation(t testing.TB, path string) (bits []bit) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
		body, back := strings.CutPrefix(document, "<<<")
		if back {
			body = "<" + body
		}
		bits = append(bits, bit{back: back, text: body})
	}
	return bits
}

// TestInvariant02NoPatientLeavesTheDissector plays conversations whose patients,
// staff, orders, notes, passwords and results are canaries, and looks for them in
// everything that is stated.
func TestInvariant02NoPatientLeavesTheDissector(t *testing.T) {
	canaries := 0
	for _, path := range conversations(t) {
		for _, b := range conversation(t, path) {
			canaries += strings.Count(b.text, "CANARY")
		}
		for _, size := range []int{0, 1, 100} {
			if said := listen(size, conversation(t, path)...).Texts(); strings.Contains(said, "CANARY") {
				t.Errorf("%s: a patient shows:\n%s", path, said)
			}
		}
	}
	if canaries < 20 {
		t.Fatalf("only %d canaries in testdata; the test proves nothing", canaries)
	}
}
