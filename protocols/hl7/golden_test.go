package hl7_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each conversation in testdata states with the file
// beside it. A blank line divides messages, "<<" marks one that goes back.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hl7")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := listen(0, conversation(t, path)...).Print()
			golden := strings.TrimSuffix(path, ".hl7") + ".golden"
			protocoltest.Golden(t, golden, got)
		})
	}
}

func conversation(t testing.TB, path string) []bit {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var bits []bit
	for message := range strings.SplitSeq(strings.TrimSpace(string(b)), "\n\n") {
		body, back := strings.CutPrefix(message, "<<")
		bits = append(bits, bit{back, block(strings.Split(body, "\n")...)})
	}
	return bits
}

// TestInvariant02NoPatientLeavesTheDissector plays conversations whose patients,
// staff, samples, orders, notes and measurements are canaries, and looks for them
// in everything that is stated.
func TestInvariant02NoPatientLeavesTheDissector(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.hl7")
	canaries := 0
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		canaries += strings.Count(string(b), "CANARY")
		if said := listen(0, conversation(t, path)...).Texts(); strings.Contains(said, "CANARY") {
			t.Errorf("%s: a patient shows:\n%s", path, said)
		}
	}
	if canaries < 20 {
		t.Fatalf("only %d canaries in testdata; the test proves nothing", canaries)
	}
}
