package fingerprint_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/auscult/auscult/inventory/fingerprint"
)

// Every mistake in a rule file is refused with words that lead to it.
func TestLoadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		says []string
	}{
		"unknown key":           {"models:\n  - manufacturer: BD\n    modell: X\n", []string{"rules.yaml:3", `"modell"`, `"model"`}},
		"unknown section":       {"manufacturer: []\n", []string{"rules.yaml:1", `"manufacturers"`}},
		"not YAML":              {"models: [\n", []string{"rules.yaml"}},
		"wrong type":            {"models: 7\n", []string{"rules.yaml", "line 1"}},
		"two documents":         {"models: []\n---\nmodels: []\n", []string{"one in a file"}},
		"unknown device type":   {"types:\n  - {type: pasc, why: x, confidence: 0.9, all: [vendor=BD], examples: [[vendor=BD]]}\n", []string{`"pasc"`, `"pacs"`}},
		"unknown role":          {"types:\n  - {type: pacs, why: x, confidence: 0.9, all: [role=dicom-store-scpp]}\n", []string{`"dicom-store-scp"`}},
		"unknown clue":          {"types:\n  - {type: pacs, why: x, confidence: 0.9, all: [vendr=BD]}\n", []string{`"vendor"`}},
		"clue without operator": {"types:\n  - {type: pacs, why: x, confidence: 0.9, all: [vendor]}\n", []string{"attribute=value"}},
		"confidence above 1":    {"types:\n  - {type: pacs, why: x, confidence: 9, all: [vendor=BD]}\n", []string{"confidence"}},
		"unknown hazard":        {"hazards:\n  - {class: toxic, names: [x]}\n", []string{`"toxic"`, "cytotoxic"}},
		"short ending":          {"hazards:\n  - {class: opioid, endings: [anil]}\n", []string{"anil"}},
		"bad block":             {"prefixes:\n  - {vendor: X, blocks: ['00:11']}\n", []string{"00:11", "hexadecimal"}},
		"block of two owners":   {"prefixes:\n  - {vendor: X, blocks: ['00:11:22']}\n  - {vendor: Y, blocks: ['001122']}\n", []string{`"X"`, `"Y"`}},
		"name of two makers":    {"manufacturers:\n  - {name: X, synonyms: [Z]}\n  - {name: Y, synonyms: [z]}\n", []string{`"X"`, `"Y"`}},
		"model without maker":   {"models:\n  - {manufacturer: Nobody, model: X}\n", []string{`"Nobody"`}},
		"failing example":       {"manufacturers:\n  - {name: X, examples: [Y]}\n", []string{"examples", `"Y"`}},
		"failing near miss":     {"manufacturers:\n  - {name: Xylophone, not: [Xylophone Ltd]}\n", []string{"must not"}},
		"bad pattern":           {"placeholders:\n  - {pattern: '('}\n", []string{"placeholders rule 1"}},
		"type without example":  {"types:\n  - {type: pacs, why: x, confidence: 0.9, all: [vendor=BD]}\n", []string{"no examples"}},
		"implies the impossible": {
			"vendor_classes:\n  - {prefix: X, attribute: oss, value: Y, confidence: 0.5, examples: [X]}\n", []string{`"oss"`, `"os"`},
		},
	} {
		_, err := fingerprint.Load(fstest.MapFS{"rules.yaml": {Data: []byte(c.yaml)}})
		if err == nil {
			t.Errorf("%s: loaded", name)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q does not say %q", name, err, s)
			}
		}
	}
}

func TestLoadNeedsRules(t *testing.T) {
	if _, err := fingerprint.Load(fstest.MapFS{}); err == nil {
		t.Error("no rules were loaded without complaint")
	}
	if _, err := fingerprint.Load(fstest.MapFS{"empty.yaml": {Data: nil}}); err != nil {
		t.Errorf("an empty file is no mistake: %v", err)
	}
}

// Whatever name is asked for, the answers hold what inventory.Lexicon promises.
func FuzzLexicon(f *testing.F) {
	for _, s := range []string{"GE", "Alaris 8015", "00000", "ß", "\x00", "Dräger\u0301", strings.Repeat("x", 1000), "00:d0:75:00:11:22"} {
		f.Add(s, s)
	}
	b := shipped(f)
	f.Fuzz(func(t *testing.T, maker, model string) {
		canonical, known := b.Manufacturer(maker)
		if !known && canonical != strings.TrimSpace(maker) {
			t.Errorf("unknown maker %q came back as %q", maker, canonical)
		}
		if again, still := b.Manufacturer(canonical); known && (again != canonical || !still) {
			t.Errorf("canonical maker %q is not its own canonical name: %q", canonical, again)
		}
		name, told := b.Model(maker, model)
		if !told && name != strings.TrimSpace(model) {
			t.Errorf("unknown model %q came back as %q", model, name)
		}
		if again, still := b.Model(maker, name); told && (again != name || !still) {
			t.Errorf("canonical model %q is not its own canonical name: %q", name, again)
		}
		_ = b.Vendor(model)
		_ = b.Hazard(model)
		if b.PlaceholderSerial(model) != b.PlaceholderSerial(" "+strings.ToUpper(model)+" ") && strings.EqualFold(strings.ToUpper(model), model) {
			t.Errorf("%q is a placeholder in one spelling only", model)
		}
	})
}
