package fingerprint

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxName bounds what is looked up: observation texts have at most 128 bytes,
// a register may hold longer ones, and no name needs more.
const maxName = 256

// words folds a name for comparison: lower case, accents removed, everything but
// letters and digits a space, one space between words.
func words(s string) string {
	if len(s) > maxName {
		s = s[:maxName]
	}
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’':
		default:
			gap = true
		}
	}
	return strings.ReplaceAll(b.String(), "ß", "ss")
}

// compact is words without the spaces: "ELI 250" and "eli-250" are one.
func compact(s string) string { return strings.ReplaceAll(words(s), " ", "") }

// legalForms are the endings of company names that tell nothing of who it is.
// They are folded, and stripped only from the end.
var legalForms = [...]string{
	"inc", "incorporated", "ltd", "limited", "llc", "corp", "corporation", "co", "company", "gmbh", "ag", "kg", "kgaa",
	"sa", "s a", "se", "nv", "n v", "bv", "b v", "ab", "a b", "oy", "as", "a s", "spa", "s p a", "srl", "s r l", "plc",
	"international", "and",
}

// maker folds a company's name and strips its legal form.
func maker(s string) string {
	name := words(s)
	for stripped := true; stripped; {
		stripped = false
		for _, form := range legalForms {
			if rest, ok := strings.CutSuffix(name, " "+form); ok {
				name, stripped = rest, true
			}
		}
	}
	return name
}

// wordPrefix reports whether name begins with the words of prefix.
func wordPrefix(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	return ok && (rest == "" || rest[0] == ' ')
}

// distance counts the edits between two short names, for "did you mean".
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j]+1, last+1)
		}
	}
	return row[len(b)]
}

// nearest returns the candidate with the fewest edits, the first among equals.
func nearest(s string, candidates []string) string {
	best, least := "", -1
	for _, c := range candidates {
		if d := distance(s, c); least < 0 || d < least {
			best, least = c, d
		}
	}
	return best
}
