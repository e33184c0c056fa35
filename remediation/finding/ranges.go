package finding

import (
	"fmt"
	"regexp"
	"strings"
)

// verdict says whether a version lies inside what an advisory names.
type verdict uint8

const (
	outside verdict = iota
	unclear         // a person must say
	inside
)

// atom is one comparison in a range. Without version it is text that could not
// be read as one.
type atom struct {
	op   string // "<=", "<", ">=", ">", "=", "!="
	v    version
	text string
	read bool
}

// ranges is a version text as it is tested: any of its groups, all of a group's
// atoms.
type ranges struct {
	all       bool
	groups    [][]atom
	qualifier string // a condition that the version alone does not show
}

// maxRangeText bounds a version text; the longest of CISA's has 136 characters.
const maxRangeText = 1000

var (
	allVersions = regexp.MustCompile(`(?i)^\W*(\*|all|all (software |firmware )?versions?|any|any versions?|all models|all releases?)\W*$`)
	versScheme  = regexp.MustCompile(`(?i)^vers:[a-z0-9.+-]+/`)
	// inParens is a remark; one that only lists CVEs narrows nothing.
	inParens = regexp.MustCompile(`\(([^()]*)\)`)
	remark   = regexp.MustCompile(`(?i)\bCVE-|impacted by|affected|global|U\.S\.`)
	// condition begins a part of the text that a version number cannot answer.
	condition = regexp.MustCompile(`(?i)\b(on|with|running|using|shipped|distributed|manufactured|released|installed|which|that|included|when|for|in|sold|previously|not|model|part)\b.*$`)
	operator  = regexp.MustCompile(`<=|>=|==|!=|<|>|=`)
	separator = regexp.MustCompile(`(?i)\||,|;| / |&|\band\b|\bor\b`)
)

// verbal lists the everyday ways to write a range, and what they mean.
var verbal = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?i)\b(?:up to and including|up to|through to) `), "<= "},
	{regexp.MustCompile(`(?i)\b(?:prior to|before|earlier than|lower than|less than|older than|below)(?: versions?)? `), "< "},
	{regexp.MustCompile(`(?i)\b(?:later than|newer than|higher than|greater than|after)(?: versions?)? `), "> "},
	{regexp.MustCompile(`(?i)([^\s<>=|,;]+)\s+(?:through to|through|thru|to|–|-)\s+([^\s<>=|,;]+)`), ">= $1 | <= $2"},
	{regexp.MustCompile(`(?i)([^\s<>=|,;]+),?\s+(?:and|or)\s+(?:all\s+)?(?:prior|earlier|below|lower|older|previous|before)(?:\s+(?:versions?|releases?))?`), "<= $1"},
	{regexp.MustCompile(`(?i)([^\s<>=|,;]+),?\s+(?:and|or)\s+(?:all\s+)?(?:later|newer|higher|above|greater|up|onwards?|after)(?:\s+(?:versions?|releases?))?`), ">= $1"},
	{regexp.MustCompile(`(?i)\brev(?:ision)?s?\.?\s*([A-Z])-([A-Z])\b`), ">= $1 | <= $2"},
	{regexp.MustCompile(`^\s*([A-Z])-([A-Z])\s*$`), ">= $1 | <= $2"},
}

// parseRanges reads a version text in the grammar that advisories really use.
// What it cannot read stays in it as text and answers unclear.
func parseRanges(text string) ranges {
	s := strings.Join(strings.Fields(text), " ")
	if len(s) > maxRangeText {
		return ranges{groups: [][]atom{{{text: s[:maxVersionText]}}}}
	}
	s = strings.NewReplacer("≤", "<=", "≥", ">=", "＜", "<", "＞", ">", "\u00a0", " ").Replace(s)
	s = versScheme.ReplaceAllString(s, "")
	if allVersions.MatchString(s) {
		return ranges{all: true}
	}
	var r ranges
	s, r.qualifier = splitCondition(s)
	if s != "" && allVersions.MatchString(s) {
		r.all = true
		return r
	}
	for _, v := range verbal {
		s = v.re.ReplaceAllString(s, v.with)
	}
	r.groups = pair(atoms(s))
	if len(r.groups) == 0 {
		r.groups = [][]atom{{{text: strings.TrimSpace(text)}}}
	}
	return r
}

// splitCondition takes away remarks, and parts a condition from the versions.
func splitCondition(s string) (versions, qualifier string) {
	if len(s) > 1 && s[0] == '(' && strings.IndexByte(s, ')') == len(s)-1 {
		s = s[1 : len(s)-1]
	}
	var conditions []string
	s = inParens.ReplaceAllStringFunc(s, func(in string) string {
		if !remark.MatchString(in) {
			conditions = append(conditions, strings.Trim(in, "()"))
		}
		return " "
	})
	if at := condition.FindStringIndex(s); at != nil {
		conditions = append(conditions, strings.TrimSpace(s[at[0]:]))
		s = s[:at[0]]
	}
	return strings.TrimSpace(s), strings.Join(conditions, "; ")
}

// atoms cuts a text into comparisons, in order.
func atoms(s string) []atom {
	var out []atom
	for _, item := range separator.Split(s, -1) {
		at := operator.FindAllStringIndex(item, -1)
		head := item
		if len(at) > 0 {
			head = item[:at[0][0]]
		}
		for _, text := range listed(head) {
			a := newAtom("=", text)
			if len(at) > 0 { // "A10 < A11": from A10
				a.op = ">="
			}
			out = append(out, a)
		}
		for i, m := range at {
			end := len(item)
			if i+1 < len(at) {
				end = at[i+1][0]
			}
			if strings.TrimSpace(item[m[1]:end]) != "" {
				op := strings.Replace(item[m[0]:m[1]], "==", "=", 1)
				out = append(out, newAtom(op, item[m[1]:end]))
			}
		}
	}
	return out
}

var dotted = regexp.MustCompile(`(?i)^v?\d+(\.\w+)+$`)

// listed cuts "Versions 1.3.2 1.4.0 1.4.1" into its versions, and leaves
// "1.3.1 Build 13" whole.
func listed(s string) []string {
	s = strings.Trim(s, " .:")
	if s == "" || strings.EqualFold(s, "all") || strings.EqualFold(s, "all versions") || dropLabel(strings.ToUpper(s)) == "" {
		return nil
	}
	fields := strings.Fields(s)
	var versions []string
	for _, f := range fields {
		if dotted.MatchString(f) {
			versions = append(versions, f)
		} else if len(versions) > 0 {
			return []string{s}
		}
	}
	if len(versions) < 2 {
		return []string{s}
	}
	return versions
}

func newAtom(op, text string) atom {
	text = strings.Trim(text, " .:")
	v, ok := parseVersion(text)
	return atom{op: op, v: v, text: text, read: ok && (op != "=" || !modelNumber.MatchString(text))}
}

// modelNumber is a bare number of four digits and more: a model or a year where
// a version should stand ("24950 | 24952").
var modelNumber = regexp.MustCompile(`^\d{4,}[^.]*$`)

// pair joins a lower bound with the upper bound that follows it: "|" means AND
// in ">= a | <= b" and OR in "5.0|5.1". Exclusions hold for every group.
func pair(list []atom) [][]atom {
	var groups [][]atom
	var not []atom
	for i := 0; i < len(list); i++ {
		a := list[i]
		switch {
		case a.op == "!=":
			not = append(not, a)
		case a.op[0] == '>' && i+1 < len(list) && list[i+1].op[0] == '<':
			groups = append(groups, []atom{a, list[i+1]})
			i++
		default:
			groups = append(groups, []atom{a})
		}
	}
	if len(groups) == 0 && len(not) > 0 {
		return [][]atom{not}
	}
	for i := range groups {
		groups[i] = append(groups[i], not...)
	}
	return groups
}

// test says whether the version lies inside, and why a person must say when
// that is unclear.
func (r ranges) test(v version) (verdict, string) {
	best, why := outside, ""
	if r.all {
		best = inside
	}
	for _, g := range r.groups {
		if got, reason := testGroup(g, v); got > best {
			best, why = got, reason
		}
	}
	if best == inside && r.qualifier != "" {
		return unclear, fmt.Sprintf("the advisory adds a condition that a version does not show: %q", cut(r.qualifier, maxQuote))
	}
	return best, why
}

func testGroup(g []atom, v version) (verdict, string) {
	worst, why := inside, ""
	for _, a := range g {
		if got, reason := a.test(v); got < worst {
			worst, why = got, reason
		}
	}
	return worst, why
}

// answers says for each comparison what each relation of the version to the
// bound means: less, equal, greater, extends, shortens. A version that goes on
// where the bound ends (12.1.2 against 12.1) may or may not be meant.
var answers = map[string][5]verdict{
	"<=": {inside, inside, outside, unclear, inside},
	"<":  {inside, outside, outside, outside, inside},
	">=": {outside, inside, inside, inside, unclear},
	">":  {outside, outside, inside, unclear, unclear},
	"=":  {outside, inside, outside, unclear, unclear},
	"!=": {inside, outside, inside, unclear, unclear},
}

func (a atom) test(v version) (verdict, string) {
	if !a.read {
		return unclear, fmt.Sprintf("%q in the advisory cannot be read as a version", cut(a.text, maxQuote))
	}
	rel := v.against(a.v)
	if rel == incomparable {
		return unclear, fmt.Sprintf("the device's version and %q are not written in the same way", a.text)
	}
	got := answers[a.op][rel]
	if got == unclear {
		return got, fmt.Sprintf("the advisory names %q, which may or may not mean this version", a.text)
	}
	return got, ""
}

// readable reports whether every part of the text was read as a version.
func (r ranges) readable() bool {
	for _, g := range r.groups {
		for _, a := range g {
			if !a.read {
				return false
			}
		}
	}
	return r.all || len(r.groups) > 0
}

// opaque reports whether no part of the text was read as a version.
func (r ranges) opaque() bool {
	for _, g := range r.groups {
		for _, a := range g {
			if a.read {
				return false
			}
		}
	}
	return !r.all
}
