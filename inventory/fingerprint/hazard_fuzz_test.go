package fingerprint_test

import (
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/auscult/auscult/inventory"
)

// FuzzHazard: case means nothing, what is added never makes a known danger less,
// and what plain fluid was added to stays plain only by words of the list.
func FuzzHazard(f *testing.F) {
	for _, s := range []string{"NORepinephrine", "NaCl 0.9%", "D5 1/2 NS + 20 KCl", "Ringer's", "½ NS", "5-FU", "\xff", "K\u0301Cl", "٣", strings.Repeat("ns ", 60)} {
		f.Add(s, "mL")
		f.Add("NS", s)
	}
	b := shipped(f)
	known := vocabulary(f)
	f.Fuzz(func(t *testing.T, name, more string) {
		class := b.Hazard(name)
		if class.Rank() == 0 && strings.TrimSpace(name) != "" {
			t.Fatalf("%q: class %q is not of the list", name, class)
		}
		if again := b.Hazard(name); again != class {
			t.Fatalf("%q: %s, then %s", name, class, again)
		}
		if ascii(name) && (b.Hazard(strings.ToUpper(name)) != class || b.Hazard(strings.ToLower(name)) != class) {
			t.Errorf("%q is another class in another case", name)
		}
		both := b.Hazard(name + " " + more)
		if class.Rank() > inventory.HazardUnknown.Rank() && both.Rank() < class.Rank() {
			t.Errorf("%q is %s, and with %q only %s", name, class, more, both)
		}
		if both == inventory.HazardPlainFluid && !allKnown(more, known) {
			t.Errorf("%q passes for plain fluid with %q", name, more)
		}
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// vocabulary is every run of letters of the rule for plain fluids.
func vocabulary(t testing.TB) map[string]bool {
	text, err := os.ReadFile("../../configs/fingerprints/hazards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, plain, _ := strings.Cut(string(text), "class: plain-fluid")
	plain, _, _ = strings.Cut(plain, "examples:")
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(plain), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words[w] = true
	}
	return words
}

// allKnown reports whether the ASCII words of a text are joined of known ones.
func allKnown(text string, known map[string]bool) bool {
	if !ascii(text) {
		return true // folding is checked by table
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if w = strings.ReplaceAll(w, "'", ""); w != "" && !joined(w, known) {
			return false
		}
	}
	return true
}

// joined reports whether a word is known, or a part of one or made of several:
// "n s" and "nacl" are read as one and as two.
func joined(w string, known map[string]bool) bool {
	for k := range known {
		if strings.Contains(k, w) {
			return true
		}
	}
	for i := 1; i < len(w); i++ {
		if known[w[:i]] && joined(w[i:], known) {
			return true
		}
	}
	return false
}
