package fingerprint_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/fingerprint"
)

// hazardData is the shipped list as a reader of the file sees it.
type hazardData struct {
	Hazards []struct {
		Class    string
		ATC      []string `yaml:"atc"`
		Sources  []string
		Names    string
		Examples []string
		Not      []string
	}
}

func shippedHazards(t testing.TB) hazardData {
	t.Helper()
	text, err := os.ReadFile("../../configs/fingerprints/hazards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var data hazardData
	if err := yaml.Unmarshal(text, &data); err != nil {
		t.Fatal(err)
	}
	return data
}

// Every class of the closed list is in the data, with its ATC groups and sources.
func TestEveryHazardIsAccountedFor(t *testing.T) {
	atc := regexp.MustCompile(`^[A-V]\d\d([A-Z]([A-Z](\d\d)?)?)?$`)
	seen := map[inventory.Hazard]bool{}
	names := 0
	for _, rule := range shippedHazards(t).Hazards {
		seen[inventory.Hazard(rule.Class)] = true
		names += strings.Count(rule.Names, ",") + 1
		for _, group := range rule.ATC {
			if !atc.MatchString(group) {
				t.Errorf("%s: %q is no ATC group", rule.Class, group)
			}
		}
	}
	for _, class := range inventory.Hazards() {
		if !seen[class] {
			t.Errorf("class %s is not in the data", class)
		}
	}
	if names < 500 {
		t.Errorf("%d names; the list had several hundred", names)
	}
}

// A name alone is its class, whole, in capitals, and with its separators changed.
func TestEveryNameIsItsClass(t *testing.T) {
	b := shipped(t)
	for _, rule := range shippedHazards(t).Hazards {
		for name := range strings.SplitSeq(rule.Names, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			want := inventory.Hazard(rule.Class)
			for _, s := range spellings(name) {
				if got := b.Hazard(s); got != want {
					t.Errorf("%q: %s; want %s", s, got, want)
				}
			}
		}
	}
}

// spellings are other ways to write a name that mean nothing.
func spellings(name string) []string {
	tall := strings.Map(func(r rune) rune {
		if strings.ContainsRune("aceglnorst", r) {
			return unicode.ToUpper(r)
		}
		return r
	}, name)
	gap := strings.NewReplacer(" ", "-", "-", "_", "/", " ")
	return []string{name, strings.ToUpper(name), strings.ToLower(name), tall, gap.Replace(name), " (" + name + ") ", strings.ReplaceAll(name, " ", " / ")}
}

func TestHazardOfDifficultNames(t *testing.T) {
	b := shipped(t)
	for agent, want := range map[string]inventory.Hazard{
		" ":                                   inventory.HazardNone,
		"\x00":                                inventory.HazardUnknown,
		"NaCl 0.9% + KCl 40 mmol":             inventory.HazardElectrolyte,
		"sodium chloride 3%":                  inventory.HazardElectrolyte,
		"NS with vancomycin":                  inventory.HazardUnknown,
		"Lidocaine in D5W":                    inventory.HazardAnaesthetic,
		"NOREPINEPHRI":                        inventory.HazardVasoactive,
		"NOREPI":                              inventory.HazardVasoactive,
		"NOREP":                               inventory.HazardUnknown, // too short to tell
		"METHOTR":                             inventory.HazardCytotoxic,
		"METHYLP":                             inventory.HazardUnknown, // methylprednisolone
		"POTASSIUM":                           inventory.HazardUnknown, // of what
		"POTASSIUM CHL":                       inventory.HazardElectrolyte,
		"SODIUM CHLORIDE":                     inventory.HazardUnknown, // how strong
		"sodium  chloride\t0.9 %":             inventory.HazardPlainFluid,
		"ＮａＣｌ ０．９％":                           inventory.HazardPlainFluid, // full width
		"NaCl 0.9\u200b%":                     inventory.HazardUnknown,    // a sign that nobody sees
		"NaCl 0.9%\u0301":                     inventory.HazardPlainFluid,
		"NaCl ٠.٩%":                           inventory.HazardUnknown, // not the digits of the list
		"Норадреналин":                        inventory.HazardUnknown,
		"NS 0.9%":                             inventory.HazardPlainFluid,
		"NS 9%":                               inventory.HazardUnknown,
		"0.9% NS 5%":                          inventory.HazardUnknown,
		"D5W NS LR":                           inventory.HazardPlainFluid,
		"D5W in":                              inventory.HazardUnknown,
		"in D5W":                              inventory.HazardUnknown,
		"NS 100 mL/h":                         inventory.HazardUnknown, // a rate is no part of a name
		"morphine+KETAMINE":                   inventory.HazardOpioid,
		"fentaNYL/BUPivacaine epidural":       inventory.HazardOpioid,
		"heparin+insulin":                     inventory.HazardInsulin,
		"albumin-bound PACLitaxel":            inventory.HazardCytotoxic,
		"NS" + strings.Repeat(" ", 300) + "X": inventory.HazardUnknown, // beyond what is read
		strings.Repeat("NS ", 42) + "N":       inventory.HazardUnknown,
		strings.Repeat("NS ", 43):             inventory.HazardUnknown, // as long as a text that was cut
		strings.Repeat("a 1 ", 31) + "NS":     inventory.HazardUnknown,
	} {
		if got := b.Hazard(agent); got != want {
			t.Errorf("%q: %q; want %q", agent, got, want)
		}
	}
}

// Whatever word is added to a plain fluid, the care does not grow less, and it is
// plain no more unless the word is one of the list's own.
func TestAWordMoreIsNotPlain(t *testing.T) {
	b := shipped(t)
	var plain, words []string
	for _, rule := range shippedHazards(t).Hazards {
		if rule.Class == string(inventory.HazardPlainFluid) {
			plain = append(plain, rule.Examples...)
		} else {
			words = append(words, rule.Examples...)
			words = append(words, strings.Split(rule.Names, ",")...)
		}
	}
	words = append(words, "vancomycin", "oxytocin", "flush", "20", "20 mEq", "40 mmol", "3%", "?", "*", "w/", "x", "mg", "Ω", "KVO")
	for _, fluid := range plain {
		for _, word := range words {
			word = strings.TrimSpace(word)
			if b.Hazard(word) == inventory.HazardNone {
				continue
			}
			for _, mixed := range []string{fluid + " " + word, word + " " + fluid, fluid + " + " + word, word + " in " + fluid} {
				if got := b.Hazard(mixed); got == inventory.HazardPlainFluid && !harmless(word) {
					t.Errorf("%q passes for plain fluid", mixed)
				}
			}
		}
	}
}

// harmless are the examples of class unknown that are words of plain fluids: they
// are unknown alone, and change nothing beside one.
func harmless(word string) bool {
	switch word {
	case "bag", "500 mL", "---", "NaCl 0.9% +", "Ringer +", "in NS", "NS in", "0.9%":
		return true
	}
	return false
}

// A beginning that two classes share tells neither.
func TestSharedBeginningIsUnknown(t *testing.T) {
	const rules = `hazards:
  - {class: opioid, atc: [N02A], sources: [x], names: [abcdefghia], examples: [abcdefghi a, abcdefghia], not: [abcdefghi]}
  - {class: insulin, atc: [A10A], sources: [x], names: [abcdefghie], examples: [abcdefghie], not: [abcdefghi]}
`
	b, err := fingerprint.Load(fstest.MapFS{"rules.yaml": {Data: []byte(rules)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Hazard("ABCDEFGHI"); got != inventory.HazardUnknown {
		t.Errorf("%s; want unknown", got)
	}
}

func TestHazardListRefuses(t *testing.T) {
	const sound = "sources: [x], atc: [A10A], examples: [q], not: [r]"
	for name, c := range map[string]struct{ yaml, says string }{
		"no examples":          {"{class: opioid, sources: [x], atc: [N02A], names: [q], not: [r]}", "examples"},
		"no near misses":       {"{class: opioid, sources: [x], atc: [N02A], names: [q], examples: [q]}", "not"},
		"no sources":           {"{class: opioid, atc: [N02A], names: [q], examples: [q], not: [r]}", "sources"},
		"no ATC":               {"{class: opioid, sources: [x], names: [q], examples: [q], not: [r]}", "ATC"},
		"names of unknown":     {"{class: unknown, names: [q], " + sound + "}", "takes no names"},
		"endings of plain":     {"{class: plain-fluid, endings: [saline], " + sound + "}", "no endings"},
		"words around a drug":  {"{class: opioid, around: [bag], " + sound + "}", "plain-fluid"},
		"a name of two":        {"{class: opioid, names: [q], " + sound + "}, {class: insulin, names: [Q], examples: [q], not: [r], sources: [x], atc: [A10A]}", `"Q"`},
		"a name of signs":      {"{class: opioid, names: ['?'], " + sound + "}", "no words"},
		"plain fluid twice":    {"{class: plain-fluid, names: [q], " + sound + "}, {class: plain-fluid, names: [s], examples: [s], not: [r], sources: [x], atc: [A10A]}", "twice"},
		"a list in a list":     {"{class: opioid, names: [[q]], " + sound + "}", "line 2"},
		"a failing near miss":  {"{class: opioid, names: [q, r], " + sound + "}", "must not"},
		"a failing plain name": {"{class: plain-fluid, names: [r], " + sound + "}", `"q"`},
	} {
		_, err := fingerprint.Load(fstest.MapFS{"rules.yaml": {Data: []byte("hazards: [\n" + c.yaml + "]\n")}})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want words on %q", name, err, c.says)
		}
	}
}

// Random texts of the list's own words: hazardous with anything stays hazardous.
func TestMixturesKeepTheWorst(t *testing.T) {
	b := shipped(t)
	var all []string
	for _, rule := range shippedHazards(t).Hazards {
		all = append(all, rule.Examples...)
	}
	random := rand.New(rand.NewPCG(4, 1))
	for range 5000 {
		x, y := all[random.IntN(len(all))], all[random.IntN(len(all))]
		worst := max(b.Hazard(x).Rank(), b.Hazard(y).Rank())
		got := b.Hazard(x + " / " + y)
		if worst > inventory.HazardUnknown.Rank() && got.Rank() < worst {
			t.Errorf("%q with %q: %s", x, y, got)
		}
	}
}

func BenchmarkHazard(b *testing.B) {
	k := shipped(b)
	for name, agent := range map[string]string{
		"vasoactive": "NORepinephrine 4 mg/250 mL", "cut": "DEXMEDETOMID 4MCG/ML", "plain": "Sodium Chloride 0.9% 1000 mL", "unknown": "Piperacillin-tazobactam 4.5 g",
		"accents": "Noradrénaline 8 mg/50 mL",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = k.Hazard(agent)
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	fsys := os.DirFS("../../configs/fingerprints")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fingerprint.Load(fsys); err != nil {
			b.Fatal(err)
		}
	}
}
