package all_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each recorded conversation over HTTP states, in the words of
// all that it carries, with the file beside it.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			steps := protocoltest.Recorded(t, path)
			said := heard(1<<30, steps).Print()
			golden := strings.TrimSuffix(path, ".hex") + ".golden"
			protocoltest.Golden(t, golden, said)
			if pieces := heard(1, steps).Print(); pieces != said {
				t.Errorf("octet by octet\n%s\nwhole\n%s", pieces, said)
			}
		})
	}
}
