package web

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
)

const (
	// maxSearch and maxWords bound the work of one search over all devices.
	maxSearch = 200
	maxWords  = 16
)

// Fits reports whether every word of a search stands somewhere in what people
// call a device by. A word such as "type:ct" or "use:in-use" looks at one field.
func Fits(d inventory.Device, search string) bool { return fits(&d, searchWords(search)) }

// searchWords are the words of a search; what is too long or too many is cut.
func searchWords(search string) []string {
	words := strings.Fields(strings.ToLower(cutText(search, maxSearch)))
	return words[:min(len(words), maxWords)]
}

func fits(d *inventory.Device, words []string) bool {
	for _, w := range words {
		if !fitsWord(d, w) {
			return false
		}
	}
	return true
}

func fitsWord(d *inventory.Device, word string) bool {
	if field, value, scoped := strings.Cut(word, ":"); scoped {
		if fit, known := fitsField(d, field, value); known {
			return fit
		}
	}
	for _, s := range [...]string{d.ID, string(d.Type), d.Manufacturer, d.ManufacturerCanonical, d.Model, d.ModelCanonical, d.SerialNumber, d.OS, d.Location} {
		if contains(s, word) {
			return true
		}
	}
	within := func(s string) bool { return contains(s, word) }
	for _, list := range [...][]string{d.Aliases, d.Hostnames, d.StationNames, d.AETitles, d.MACs, d.IPs, d.SoftwareVersions, d.Roles} {
		if slices.ContainsFunc(list, within) {
			return true
		}
	}
	a := d.Asset
	return a != nil && slices.ContainsFunc([]string{a.ControlNumber, a.Description, a.Manufacturer, a.Model, a.SerialNumber, a.Department, a.Location, a.Owner}, within)
}

// fitsField looks at one field; known is false where the word before the colon
// names none, as in a MAC.
func fitsField(d *inventory.Device, field, value string) (fit, known bool) {
	switch field {
	case "type":
		return string(d.Type) == value, true
	case "use":
		return string(d.Use.State) == value, true
	case "presence":
		return string(d.Presence) == value, true
	case "match":
		return matchState(d) == value, true
	case "unit", "department":
		return d.Asset != nil && contains(d.Asset.Department, value), true
	case "maker":
		return contains(d.ManufacturerCanonical, value) || contains(d.Manufacturer, value), true
	case "has":
		return value == "findings" && len(d.Findings) > 0 || value == "orders" && len(d.Orders) > 0, true
	}
	return false, false
}

// contains reports whether s holds a word of lower case, whatever the case of s.
func contains(s, word string) bool {
	if len(s) < len(word) && isASCII(s) {
		return false
	}
	if !isASCII(s) {
		return strings.Contains(strings.ToLower(s), word)
	}
	for i := 0; i+len(word) <= len(s); i++ {
		if lowerEqual(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

func lowerEqual(s, lower string) bool {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// matchState says how a device stands to the register, in one word.
func matchState(d *inventory.Device) string {
	switch {
	case d.Presence == inventory.RegisterOnly:
		return "only-registered"
	case d.Asset == nil:
		return "only-heard"
	}
	return string(d.Asset.Match.State)
}

// cutText shortens s to at most n bytes at a character's border.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
