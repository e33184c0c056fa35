package finding

import (
	"cmp"
	"strings"
)

const (
	// maxVersionText bounds a version's text: DICOM LO, the longest field that
	// carries one, ends at 64 characters.
	maxVersionText = 64
	// maxParts bounds its components; real versions have fewer than ten.
	maxParts = 32
)

// part is one run of digits or of letters in a version.
type part struct {
	digits bool
	text   string // digits without leading zeros ("" is zero); letters in upper case
}

// version is a version as it is compared: by component, numbers as numbers,
// single letters in their order. Separators carry no meaning: "V3.51*P25" is
// 3, 51, P, 25.
type version struct {
	parts []part
	wild  bool // ends in a wildcard: "2.X", "12.2.x.x"
}

// relation says how a device's version stands to a bound in an advisory.
type relation uint8

const (
	less relation = iota
	equal
	greater
	// extends: the version begins with the bound and goes on: 12.1.2 against 12.1.
	extends
	// shortens: the bound begins with the version and goes on: 12.1 against 12.1.2.
	shortens
	// incomparable: different schemes, such as BT06 against 4.2.
	incomparable
)

// parseVersion reads one version. It reports false when the text is none: too
// long, empty, or words rather than a version.
func parseVersion(text string) (version, bool) {
	s := strings.ToUpper(strings.TrimSpace(text))
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > maxVersionText {
		return version{}, false
	}
	s = strings.ReplaceAll(s, "SERVICE PACK", "SP")
	s = dropLabel(s)
	var v version
	for _, run := range runs(s) {
		if isWildcard(run, s) {
			v.wild = true
			break
		}
		v.parts = append(v.parts, run)
	}
	if len(v.parts) == 0 || len(v.parts) > maxParts || !plausible(v.parts) {
		return version{}, false
	}
	return v, true
}

// labels stand before a version and are no part of it.
var labels = []string{"VERSIONS", "VERSION", "VERS.", "VER.", "VER", "RELEASES", "RELEASE", "REL.", "REVISIONS", "REVISION", "REV.", "REV",
	"SOFTWARE", "FIRMWARE", "SW:", "SW", "FW", "ALL"}

func dropLabel(s string) string {
	for again := true; again; {
		again = false
		for _, l := range labels {
			rest, ok := strings.CutPrefix(s, l)
			if ok && (rest == "" || rest[0] == ' ' || rest[0] == ':') {
				s, again = strings.TrimLeft(rest, " :"), true
			}
		}
	}
	if len(s) > 1 && s[0] == 'V' && (isDigit(s[1]) || s[1] == '.' || s[1] == ' ') {
		s = strings.TrimLeft(s[1:], ". ")
	}
	return s
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'A' && c <= 'Z' }

// runs cuts upper-case text into runs of digits and letters.
func runs(s string) []part {
	var out []part
	for i := 0; i < len(s); {
		class := isDigit
		if !isDigit(s[i]) {
			class = isLetter
		}
		j := i
		for j < len(s) && class(s[j]) {
			j++
		}
		switch {
		case j == i:
			i++
			continue
		case isDigit(s[i]):
			out = append(out, part{digits: true, text: strings.TrimLeft(s[i:j], "0")})
		default:
			out = append(out, part{text: s[i:j]})
		}
		i = j
	}
	return out
}

// isWildcard reports whether the run is the X of "2.X" or "C.0x". A version that
// begins with X, or is X alone, means the letter.
func isWildcard(p part, whole string) bool {
	return p.text == "X" && !p.digits && whole[0] != 'X'
}

// months name a date, which is when a device was made and not what it runs.
const months = " JAN FEB MAR APR MAY JUN JUL AUG SEP SEPT OCT NOV DEC JANUARY FEBRUARY MARCH APRIL JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER "

// longestWord is the longest run of letters in a version ("RTNC"). Longer words
// are prose, except those that versions really contain.
const longestWord = 4

const longWords = " BUILD PATCH HOTFIX UPDATE BETA ALPHA "

// plausible tells a version from prose: it has a digit or is one or two letters,
// and none of its words is a month or long.
func plausible(parts []part) bool {
	digits := false
	for _, p := range parts {
		digits = digits || p.digits
		if !p.digits && (strings.Contains(months, " "+p.text+" ") || (len(p.text) > longestWord && !strings.Contains(longWords, " "+p.text+" "))) {
			return false
		}
	}
	return digits || (len(parts) == 1 && len(parts[0].text) <= 2)
}

// against compares a device's version with a bound.
func (v version) against(bound version) relation {
	for i := 0; ; i++ {
		switch {
		case i == len(bound.parts):
			if bound.wild {
				return equal
			}
			return tail(v.parts[i:], less, extends)
		case i == len(v.parts):
			return tail(bound.parts[i:], greater, shortens)
		}
		if r := compareParts(v.parts[i], bound.parts[i]); r != equal {
			return r
		}
	}
}

// tail judges what one version has more than the other.
func tail(rest []part, early, more relation) relation {
	for i, p := range rest {
		if i == 0 && !p.digits && strings.Contains(" ALPHA BETA RC PRE DEV ", " "+p.text+" ") {
			return early
		}
		if !p.digits || p.text != "" {
			return more
		}
	}
	return equal
}

func compareParts(a, b part) relation {
	if a == b {
		return equal
	}
	if a.digits != b.digits || (!a.digits && (len(a.text) != 1 || len(b.text) != 1)) {
		return incomparable
	}
	order := cmp.Or(cmp.Compare(len(a.text), len(b.text)), strings.Compare(a.text, b.text))
	if order < 0 {
		return less
	}
	return greater
}
