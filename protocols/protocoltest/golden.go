package protocoltest

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// update is the flag of every test that keeps what is stated in a file.
var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

// Golden compares what was stated with the file at path, which a person has read. In no
// golden file stands the name of a test patient.
func Golden(t *testing.T, path, said string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(said), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if said != string(want) {
		t.Errorf("%s: states\n%s\nwant\n%s", path, said, want)
	}
	if strings.Contains(strings.ToUpper(said), "CANARY") {
		t.Errorf("%s: what a person wrote shows:\n%s", path, said)
	}
}
