package configs

import (
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Nearest returns the known word with the least edit distance to the one that
// was written; the first of the list where several are as near.
func Nearest(written string, known []string) string {
	best, least := "", -1
	for _, k := range known {
		if k == "" {
			continue
		}
		if d := distance(strings.ToLower(written), k); least < 0 || d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is Levenshtein's: insertions, deletions and replacements.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func contains(choices []string, s string) bool { return slices.Contains(choices, s) }

// list writes choices for a person, the empty one as "".
func list(choices []string) string {
	shown := make([]string, len(choices))
	for i, c := range choices {
		shown[i] = c
		if c == "" {
			shown[i] = `""`
		}
	}
	return strings.Join(shown, ", ")
}

// shownValue bounds how much of a wrong value an error repeats.
const shownValue = 40

func quote(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return kind(n)
	}
	if len(n.Value) > shownValue {
		return strconv.Quote(n.Value[:shownValue]) + "…"
	}
	return strconv.Quote(n.Value)
}

func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys with values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return quote(n)
	}
	return "something else"
}

func in(key string) string {
	if key == "" {
		return ""
	}
	return " in " + key
}

func orTop(key string) string {
	if key == "" {
		return "the file"
	}
	return key
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}
