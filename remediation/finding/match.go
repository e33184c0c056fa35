package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

// hit is what one product of an advisory means for one device.
type hit struct {
	l       *listing
	status  remediation.FindingStatus
	basis   remediation.Basis
	version heard    // the version that decided, when there is one
	why     []string // sentences
}

// likeTo says how well the listing names the device.
func (l *listing) likeTo(f *facts) likeness {
	for _, number := range l.p.helper.ModelNumbers {
		if slices.ContainsFunc(f.numbers, func(m string) bool { return glob(number, m) }) {
			return same
		}
	}
	best := unlike
	for _, n := range f.names {
		if l.whole.foreign(n) || l.whole.excludes(n) {
			continue
		}
		best = max(best, l.sameCanon(f, n))
		for _, p := range l.phrases {
			best = max(best, like(p, l.whole, n))
		}
		for _, p := range l.leaf {
			best = max(best, min(near, like(p, l.whole, n)))
		}
	}
	return best
}

// sameCanon trusts the lexicon that two names are one model, except where both
// carry a number and none of them is common: "ELI 250c" is not "ELI 250".
func (l *listing) sameCanon(f *facts, n phrase) likeness {
	if !shares(l.canon, f.canon) {
		return unlike
	}
	if len(l.whole.desigs) > 0 && len(n.desigs) > 0 && !slices.ContainsFunc(n.desigs, l.whole.covers) {
		return near
	}
	return same
}

// clearance is why an advisory that names a device does not concern it.
type clearance struct {
	version heard
	ranges  []string // that the version lies outside of
	others  []string // further sentences
}

func (c clearance) says() string {
	said := slices.Clone(c.others)
	if len(c.ranges) > 0 {
		said = append(said, fmt.Sprintf("It %s, outside %s.", c.version.says(), strings.Join(c.ranges, ", ")))
	}
	return strings.Join(said, " ")
}

// judge says whether the listing concerns the device. ok is false when it does
// not; then clear is told why, if the model is the device's.
func (l *listing) judge(f *facts, clear *clearance) (h hit, ok bool) {
	model := l.likeTo(f)
	if !shares(l.makers, f.makers) {
		model = min(model, near) // only the makers' owner is the same
	}
	if model == unlike {
		return hit{}, false
	}
	if !l.serialFits(f) {
		clear.others = append(clear.others, fmt.Sprintf("%s lists serial numbers and not this device's.", l.adv.ID))
		return hit{}, false
	}
	h = hit{l: l, basis: f.identity}
	h.why = append(h.why, l.sayProduct(f, model))
	if l.affects.all {
		h.status = remediation.ConfirmedFinding
		h.why = append(h.why, "It names all versions.")
	} else if !l.judgeVersion(f, &h) {
		clear.version, clear.ranges = h.version, append(clear.ranges, quote(l.p.rangeText()))
		return hit{}, false
	}
	l.weaken(f, &h, model)
	return h, true
}

// serialFits reports whether the device may be among the serial numbers that the
// advisory lists. An unknown serial number may.
func (l *listing) serialFits(f *facts) bool {
	if len(l.p.helper.SerialNumbers) == 0 || f.serial == "" {
		return true
	}
	return slices.ContainsFunc(l.p.helper.SerialNumbers, func(s string) bool { return glob(s, f.serial) })
}

// glob matches the patterns of CSAF 2.0, 3.1.3.3: "*" for any text, "?" for one
// character.
func glob(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return len(pattern) == len(s) && eachLike(pattern, s)
	}
	if len(head) > len(s) || !eachLike(head, s[:len(head)]) {
		return false
	}
	for at := len(head); at <= len(s); at++ {
		if glob(rest, s[at:]) {
			return true
		}
	}
	return false
}

func eachLike(pattern, s string) bool {
	for i := range len(pattern) {
		if pattern[i] != '?' && !strings.EqualFold(pattern[i:i+1], s[i:i+1]) {
			return false
		}
	}
	return true
}

// judgeVersion compares what the device runs with what the advisory names, and
// reports false when it lies outside.
func (l *listing) judgeVersion(f *facts, h *hit) bool {
	if len(f.versions) == 0 {
		h.status = remediation.UnknownVersion
		h.why = append(h.why, fmt.Sprintf("It names versions %s; the version of this device is not known.", quote(l.p.rangeText())))
		return true
	}
	best, worst := outside, inside
	var doubt string
	for _, v := range f.versions {
		got, why := l.testVersion(v.text)
		if got > best || h.version.text == "" {
			best, h.version, doubt = got, v, why
		}
		worst = min(worst, got)
	}
	if best == outside {
		return false
	}
	h.basis = weaker(h.basis, h.version.basis)
	h.status = remediation.ConfirmedFinding
	h.why = append(h.why, fmt.Sprintf("It names versions %s; this device %s.", quote(l.p.rangeText()), h.version.says()))
	switch {
	case best == unclear:
		h.doubt(fmt.Sprintf("A person must say: %s.", doubt))
	case worst == outside:
		h.doubt("A person must say: the device tells several versions and not all of them are affected.")
	}
	return true
}

// testVersion takes the wider of what the version leaf and the product's name
// say; where they disagree a person must say.
func (l *listing) testVersion(text string) (verdict, string) {
	v, ok := parseVersion(text)
	if !ok {
		return unclear, "what the device tells cannot be read as a version"
	}
	leaf, why := l.affects.test(v)
	if l.name == nil {
		return leaf, why
	}
	name, _ := l.name.test(v)
	if name == leaf {
		return leaf, why
	}
	return unclear, "the advisory's version entry and its product name disagree, so the wider of the two is taken"
}

// weaken lowers a confirmed verdict by what is not certain.
func (l *listing) weaken(f *facts, h *hit, model likeness) {
	switch {
	case model == near && h.status != remediation.Potential:
		h.doubt("A person must say whether the advisory means this model: the names are near and not the same.")
	case l.variant != "" && h.status == remediation.ConfirmedFinding:
		h.doubt(fmt.Sprintf("A person must say: the advisory adds %s, which is not known of this device.", quote(l.variant)))
	case l.p.optional() || (l.p.part != "" && h.status == remediation.ConfirmedFinding):
		h.doubt(fmt.Sprintf("A person must say whether this device has the component: %s.", quote(l.p.part)))
	case len(l.p.helper.SerialNumbers) > 0 && f.serial == "" && h.status == remediation.ConfirmedFinding:
		h.doubt("A person must say: the advisory lists serial numbers, and this device's is not known.")
	}
	if h.basis == remediation.OnRegister && h.status == remediation.ConfirmedFinding {
		h.doubt("The register says so, not the device; the wire has not confirmed it.")
	}
}

func (h *hit) doubt(sentence string) {
	h.status = remediation.Potential
	h.why = append(h.why, sentence)
}

func (l *listing) sayProduct(f *facts, model likeness) string {
	verb := "names"
	if model == near {
		verb = "names something near it,"
	}
	s := fmt.Sprintf("%s (revision %s of %s) %s %s", l.adv.ID, l.adv.Revision, day(l.adv.Released), verb, quote(l.p.name()))
	if len(l.p.vendors) > 0 {
		s += " by " + strings.TrimSpace(strings.Join(l.p.vendors, ", "))
	}
	source := "this device says it is"
	if f.identity == remediation.OnRegister {
		source = "the register says that this device is"
	}
	return fmt.Sprintf("%s; %s %s.", s, source, strings.TrimSpace(f.maker+" "+f.model))
}

// says is the version as a sentence's verb and object.
func (v heard) says() string {
	when := ""
	if !v.at.IsZero() {
		when = ", last on " + v.at.UTC().Format("2006-01-02 15:04 UTC")
	}
	if v.basis == remediation.OnRegister {
		if !v.at.IsZero() {
			when = " as of " + day(v.at)
		}
		return fmt.Sprintf("runs %s by the register%s", v.text, when)
	}
	return fmt.Sprintf("reports %s (%s%s)", v.text, v.by, when)
}

func quote(s string) string  { return `"` + cut(strings.TrimSpace(s), maxQuote) + `"` }
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

func weaker(a, b remediation.Basis) remediation.Basis {
	if a == remediation.OnRegister || b == remediation.OnRegister {
		return remediation.OnRegister
	}
	return remediation.OnWire
}
