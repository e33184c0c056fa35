package http_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

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
			if *update {
				if err := os.WriteFile(golden, []byte(r.print()+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if r.print()+"\n" != string(want) {
				t.Errorf("states\n%s\nwant\n%s", r.print(), want)
			}
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
