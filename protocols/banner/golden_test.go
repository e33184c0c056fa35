package banner_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestGolden compares what each conversation of testdata states with the file beside
// it, in segments as recorded and octet by octet.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no conversations in testdata: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			play := player(telnet)
			if strings.HasPrefix(filepath.Base(path), "ftp") {
				play = ftp
			}
			steps := protocoltest.Recorded(t, path)
			r := play(t, protocols.Context{OpenerKnown: true}, protocoltest.Whole, steps...)
			got, golden := r.Print(), strings.TrimSuffix(path, ".hex")+".golden"
			protocoltest.Golden(t, golden, got)
			if pieces := play(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(1), steps...).Print(); pieces != got {
				t.Errorf("octet by octet\n%s\nas recorded\n%s", pieces, got)
			}
			if strings.Contains(got, "zzcanary") {
				t.Errorf("a canary shows:\n%s", got)
			}
		})
	}
}
