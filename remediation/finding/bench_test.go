package finding_test

import (
	"os"
	"testing"
)

// BenchmarkEvaluate measures one device against the real advisories.
func BenchmarkEvaluate(b *testing.B) {
	if _, err := os.Stat(shared + "/feeds/csaf"); err != nil {
		b.Skip("the shared feeds are not here")
	}
	book, _ := open(b)
	if _, err := book.ImportPaths([]string{shared + "/feeds/csaf"}, day0); err != nil {
		b.Fatal(err)
	}
	d := onWire("d-1", "BD", "Alaris PCU 8015", "9.33")
	for b.Loop() {
		book.Evaluate(d, day0)
	}
}
