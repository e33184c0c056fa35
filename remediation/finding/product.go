package finding

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// likeness says how well a product text in an advisory names a device's model.
type likeness uint8

const (
	unlike likeness = iota
	near            // the family, a variant, or only a part of the name: a person must say
	same
)

// phrase is a product name cut into what is compared: words that name a family
// ("alaris", "intellivue") and designators, which have a digit ("8015", "mx450").
type phrase struct {
	words  []string // sorted
	desigs []string // sorted
	spans  []span
	except []string // designators behind "not including"

	components []string // those of words that are in foreignWords
	software   []string // those of words that are in ownWords
}

// span is a range of designators: MX400-MX850.
type span struct {
	letters string
	lo, hi  int
}

// genericWords name a kind of device and tell no model from another.
var genericWords = fields(`the a an of for all any certain and or with by in
	model models modell series family families system systems device devices product products equipment unit units type
	medical healthcare health patient worn monitor monitors monitoring bedside handheld
	scanner scanners pump pumps infusion syringe analyzer analyzers analyser hematology haematology chemistry
	electrocardiograph electrocardiographs cardiograph cardiographs resting ecg ventilator ventilators defibrillator defibrillators
	machine instrument instruments ultrasound imaging wlan only inc corp ltd gmbh ag co company version versions vers release rev`)

// foreignWords name a component that is not the device itself: a server or a
// program that belongs to the same product line. A product text with one of them
// never means a device whose own name lacks it.
var foreignWords = fields(`server servers manager editor app apps application applications gateway workstation workstations reporter
	service services calculation hub dashboard tool tools suite viewer client portal station central utility library sdk license
	cloud android engine programmer reader browser database web webserver upgrade journal connect telemetry receiver center
	docking bootrom stack`)

// ownWords name software that may run on the device itself; with them a text is
// near at most.
var ownWords = fields(`software firmware control operating module modules card option`)

func fields(s string) []string {
	out := strings.Fields(s)
	slices.Sort(out)
	return out
}

func among(list []string, w string) bool {
	_, ok := slices.BinarySearch(list, w)
	return ok
}

var (
	pcUnit    = regexp.MustCompile(`point[ -]of[ -]care units?|pc[ -]units?`)
	exclusion = regexp.MustCompile(`(?i)\b(not including|excluding|except(?: for)?|other than)\b`)
	spanText  = regexp.MustCompile(`\b([a-z]{1,4})(\d+)\s?(?:-|to|through)\s?([a-z]{0,4})(\d+)\b`)
	notWord   = regexp.MustCompile(`[^a-z0-9]+`)
	anyDigit  = regexp.MustCompile(`[0-9]`)
	listMark  = regexp.MustCompile(`/|,|;|\band\b|\bor\b|&`)
)

// newPhrase cuts a name. The words of the maker are left out: they tell no model
// from another of the same maker.
func newPhrase(name string, makerWords []string) phrase {
	s := pcUnit.ReplaceAllString(foldText(name), "pcu")
	var p phrase
	if at := exclusion.FindStringIndex(s); at != nil {
		rest := newPhrase(s[at[1]:], makerWords)
		p.except = slices.Concat(rest.desigs, rest.words)
		slices.Sort(p.except)
		s = s[:at[0]]
	}
	for _, m := range spanText.FindAllStringSubmatch(s, -1) {
		if sp, ok := newSpan(m); ok {
			p.spans = append(p.spans, sp)
			s = strings.Replace(s, m[0], " ", 1)
		}
	}
	for _, t := range glue(s, makerWords) {
		if anyDigit.MatchString(t) {
			p.desigs = append(p.desigs, t)
		} else {
			p.words = append(p.words, t)
		}
	}
	p.words, p.desigs = sorted(p.words), sorted(p.desigs)
	for _, w := range p.words {
		if among(foreignWords, w) {
			p.components = append(p.components, w)
		} else if among(ownWords, w) {
			p.software = append(p.software, w)
		}
	}
	return p
}

func newSpan(m []string) (span, bool) {
	lo, err1 := strconv.Atoi(m[2])
	hi, err2 := strconv.Atoi(m[4])
	if err1 != nil || err2 != nil || lo >= hi || (m[3] != "" && m[3] != m[1]) {
		return span{}, false
	}
	return span{letters: m[1], lo: lo, hi: hi}, true
}

// longestPrefix is the longest word that is written apart from its number and
// belongs to it: "ELI 250", "MX 450". "Alaris 8015" is a family and a number.
const longestPrefix = 4

// glue cuts text into words without generic ones, and joins a short word with
// the number behind it.
func glue(s string, makerWords []string) []string {
	s = strings.ReplaceAll(s, "+", " plus ")
	var kept []string
	for _, w := range strings.Fields(notWord.ReplaceAllString(s, " ")) {
		if !among(genericWords, w) && !slices.Contains(makerWords, w) {
			kept = append(kept, w)
		}
	}
	var out []string
	for i := 0; i < len(kept); i++ {
		w := kept[i]
		if i+1 < len(kept) && len(w) <= longestPrefix && w != "pcu" && !anyDigit.MatchString(w) && isDigit(kept[i+1][0]) {
			w += kept[i+1]
			i++
		}
		out = append(out, w)
	}
	return out
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// foldText lowers a name and folds the letters that makers' names carry.
func foldText(s string) string {
	return strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "é", "e", "è", "e", "–", "-", "‐", "-", "®", "", "™", "").Replace(strings.ToLower(s))
}

// covers reports whether the designator is named, alone or in a range.
func (p phrase) covers(desig string) bool {
	if among(p.desigs, desig) {
		return true
	}
	letters := strings.TrimRight(desig, "0123456789")
	n, err := strconv.Atoi(desig[len(letters):])
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p.spans, func(s span) bool { return s.letters == letters && s.lo <= n && n <= s.hi })
}

// foreign reports whether the text names a component that the device is not.
func (p phrase) foreign(device phrase) bool { return !subset(p.components, device.words) }

// ownSoftware reports whether the text names a program that may run on the device.
func (p phrase) ownSoftware(device phrase) bool { return !subset(p.software, device.words) }

// excludes reports whether the text takes the device out by name.
func (p phrase) excludes(device phrase) bool {
	return len(p.except) > 0 && len(device.desigs) > 0 && subset(device.desigs, p.except)
}

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(w string) bool { return !among(b, w) })
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return among(b, w) })
}

// alternatives are the ways to read a product text: whole, without its
// parentheses, and each member of a list in it.
func alternatives(text string, makerWords []string) []phrase {
	bare := inParens.ReplaceAllString(text, " ")
	texts := []string{bare}
	if bare != text {
		texts = append(texts, text)
		for _, in := range inParens.FindAllStringSubmatch(text, -1) {
			if anyDigit.MatchString(in[1]) {
				texts = append(texts, in[1])
			}
		}
	}
	if at := exclusion.FindStringIndex(bare); at == nil {
		if list := listMark.Split(foldText(bare), -1); len(list) > 1 {
			texts = append(texts, list...)
		}
	}
	var out []phrase
	for _, t := range texts {
		if p := newPhrase(t, makerWords); len(p.words)+len(p.desigs)+len(p.spans) > 0 {
			out = append(out, p)
		}
	}
	return out
}
