package demo_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/sensor/demo"
)

// TestSampleHoldsCanaries keeps the tests that look for canaries from passing
// because there are none.
func TestSampleHoldsCanaries(t *testing.T) {
	var all []byte
	for _, act := range demo.Acts() {
		body, err := demo.Capture(act)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(body, []byte("ZZCANARY")) {
			t.Errorf("%s holds no canary patient", act)
		}
		all = append(all, body...)
	}
	for _, mark := range demo.Canaries() {
		if strings.Contains(mark, "-") && strings.HasPrefix(mark, "19") {
			continue // how a program would write a date, not how the wire has it
		}
		if !bytes.Contains(all, []byte(mark)) {
			t.Errorf("no capture holds %s", mark)
		}
	}
	if _, err := demo.Capture("night.pcap"); err == nil || !strings.Contains(err.Error(), demo.Morning) {
		t.Errorf("an act that there is not: %v", err)
	}
}

// TestSampleAccusesNobody: whoever the advisories name exists nowhere else.
func TestSampleAccusesNobody(t *testing.T) {
	rules, err := fs.Sub(configs.Fingerprints, "fingerprints")
	if err != nil {
		t.Fatal(err)
	}
	base, err := fingerprint.Load(rules)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("sample/advisories/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d advisories, %v", len(files), err)
	}
	for _, path := range files {
		var a struct {
			Document struct {
				Publisher    struct{ Name string }
				Tracking     struct{ ID string }
				Distribution struct{ Text string }
			}
			ProductTree struct{ Branches []struct{ Name string } } `json:"product_tree"`
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatal(err)
		}
		d := a.Document
		if d.Publisher.Name != "Auscult sample data" || !strings.HasPrefix(d.Tracking.ID, "SAMPLE-") || !strings.Contains(d.Distribution.Text, "no real weakness") {
			t.Errorf("%s does not say that it is a sample", path)
		}
		for _, b := range a.ProductTree.Branches {
			if _, known := base.Manufacturer(b.Name); known {
				t.Errorf("%s names %s, whom the knowledge base knows", path, b.Name)
			}
		}
	}
}
