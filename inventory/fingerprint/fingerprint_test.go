package fingerprint_test

import (
	"os"
	"testing"

	"github.com/auscult/auscult/inventory/fingerprint"
)

// shipped loads the rules that the program ships with.
func shipped(t testing.TB) *fingerprint.Base {
	t.Helper()
	b, err := fingerprint.Load(os.DirFS("../../configs/fingerprints"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShippedRulesKeepTheirExamples(t *testing.T) {
	if err := shipped(t).SelfTest(); err != nil {
		t.Error(err)
	}
}
