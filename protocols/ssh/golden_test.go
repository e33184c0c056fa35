package ssh_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
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
			steps := protocoltest.Recorded(t, path)
			got := play(t, steps...).Lines()
			protocoltest.Golden(t, strings.TrimSuffix(path, ".hex")+".golden", got)
			if pieces := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(1), steps...).Lines(); pieces != got {
				t.Errorf("octet by octet\n%s\nwhole\n%s", pieces, got)
			}
			for _, st := range steps[:2] {
				if v := probe(st.Data, false, st.From); v != protocols.Yes {
					t.Errorf("verdict %d on the first octets of direction %d", v, st.From)
				}
			}
			if strings.Contains(got, "Debian") {
				t.Errorf("a comment shows:\n%s", got)
			}
		})
	}
}
