package smb_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

// TestGolden compares what each conversation of testdata states with the file beside
// it, in segments as recorded and octet by octet. Its user is a canary.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			steps := protocoltest.Recorded(t, path)
			h := play(t, steps...)
			got := h.Lines()
			if *update {
				if err := os.WriteFile(strings.TrimSuffix(path, ".hex")+".golden", []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(strings.TrimSuffix(path, ".hex") + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("states\n%s\nwant\n%s", got, want)
			}
			if pieces := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(1), steps...).Lines(); pieces != got {
				t.Errorf("octet by octet\n%s\nwhole\n%s", pieces, got)
			}
			if !h.Done[opener] || !h.Done[acceptor] {
				t.Errorf("done %v: what follows the session setup is wanted by nobody", h.Done)
			}
			if strings.Contains(strings.ToLower(got), "canary") {
				t.Errorf("a user shows:\n%s", got)
			}
		})
	}
}
