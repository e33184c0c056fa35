package order

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/auscult/auscult/remediation"
)

// orderType is the work's kind in a biomedical shop's terms, by the gravest of
// its findings: a recall is tracked as one whatever else is wrong.
func orderType(findings []remediation.Finding) string {
	kind := "record"
	for _, f := range findings {
		switch f.Kind {
		case remediation.Recall:
			return "recall"
		case remediation.Vulnerability, remediation.EndOfSupport, remediation.Exposure:
			kind = "cyber"
		case remediation.Behaviour:
			if kind == "record" {
				kind = behaviourType(f.Cause)
			}
		}
	}
	return kind
}

func behaviourType(cause string) string {
	if strings.HasPrefix(cause, "battery") {
		return "battery"
	}
	return "corrective"
}

// title names the first finding and counts the others.
func title(findings []remediation.Finding) string {
	first := findings[0]
	name := orElse(first.Title, first.Cause)
	if n := len(findings) - 1; n > 0 {
		return cut(name, maxTitle-20) + fmt.Sprintf(" (and %d more)", n)
	}
	return cut(name, maxTitle)
}

// verification is how the end of the work will be shown: by the wire only when
// the wire can show it of every finding.
func verification(findings []remediation.Finding) remediation.Verification {
	v := remediation.Verification{By: remediation.ByWire}
	var says []string
	for _, f := range findings {
		if f.Verifiable != remediation.ByWire {
			v.By = remediation.ByAttest
		}
		if f.Predicate.Says != "" && !slices.Contains(says, f.Predicate.Says) {
			says = append(says, f.Predicate.Says)
		}
	}
	v.Predicate = cut(strings.Join(says, "; "), maxSentence)
	return v
}

func ids(findings []remediation.Finding) []string {
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		out = append(out, f.ID)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// union returns what is in a or b, sorted, each once.
func union(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	sort.Strings(out)
	return slices.Compact(out)
}

// cut shortens s to at most n bytes at a character's border, with an ellipsis,
// and makes it one clean line.
func cut(s string, n int) string {
	s = oneLine(s)
	if len(s) <= n {
		return s
	}
	const dots = "…"
	end := n - len(dots)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimRight(s[:end], " ") + dots
}

// oneLine replaces control characters and broken UTF-8, and drops characters that
// only format, such as those that turn the direction of text: they have no place in
// another system's fields.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r < ' ' || r == 0x7f || r == ' ' || r == '\u2028' || r == '\u2029' || r >= 0x80 && r < 0xa0
	}), " ")
}
