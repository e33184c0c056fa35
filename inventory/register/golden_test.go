package register_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory/register"
)

var update = flag.Bool("update", false, "write the golden files anew; read them afterwards")

// TestGoldenImports reads one sample file of each kind, with every defect that
// the register names, and compares report and records with what a person read
// and found right.
func TestGoldenImports(t *testing.T) {
	r := open(t, newStore())
	var b strings.Builder
	for _, kind := range register.Kinds() {
		f, err := os.Open(filepath.Join("testdata", string(kind)+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		report, err := r.Import(kind, f.Name(), f, day0, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		b.WriteString(text(t, report))
	}
	for _, a := range r.Assets() {
		line, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	for _, g := range r.Grants() {
		line, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	for _, d := range r.DataQuality() {
		if d.Code == register.AssetTwice || d.Code == register.ClaimedTwice {
			b.WriteString(d.String() + "\n")
		}
	}
	compareGolden(t, "imports.golden", b.String())
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update and read it):\n%s", name, got)
	}
}
