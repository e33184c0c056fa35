package http_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each conversation of testdata states with the file
// beside it, in segments as recorded and octet by octet.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			steps := recorded(t, path)
			r := run(t, http.New(), seen, protocoltest.Whole, steps...)
			checkNoCanary(t, r)
			golden := strings.TrimSuffix(path, ".hex") + ".golden"
			protocoltest.Golden(t, golden, r.print()+"\n")
			if pieces := run(t, http.New(), seen, protocoltest.Fixed(1), steps...).print(); pieces != r.print() {
				t.Errorf("octet by octet\n%s\nwhole\n%s", pieces, r.print())
			}
			checkRecognised(t, steps)
		})
	}
}

// checkRecognised probes the first octets of both directions.
func checkRecognised(t *testing.T, steps []step) {
	t.Helper()
	var looked [2]bool
	for _, st := range steps {
		if looked[st.from] {
			continue
		}
		looked[st.from] = true
		if v := probe(st.data[:min(len(st.data), protocols.ProbeLimit)], false); v != protocols.Yes {
			t.Errorf("verdict %d on the first octets of direction %d", v, st.from)
		}
	}
}
