package web

import (
	"strings"

	"github.com/auscult/auscult/inventory"
)

// Fits reports whether every word of a search stands somewhere in what people
// call a device by. A word such as "type:ct" or "use:in-use" looks at one field.
func Fits(d inventory.Device, search string) bool {
	for _, word := range strings.Fields(strings.ToLower(search)) {
		if !fitsWord(d, word) {
			return false
		}
	}
	return true
}

func fitsWord(d inventory.Device, word string) bool {
	field, value, scoped := strings.Cut(word, ":")
	if scoped {
		switch field {
		case "type":
			return string(d.Type) == value
		case "use":
			return string(d.Use.State) == value
		case "presence":
			return string(d.Presence) == value
		case "match":
			return matchState(d) == value
		case "unit", "department":
			return d.Asset != nil && strings.Contains(strings.ToLower(d.Asset.Department), value)
		case "maker":
			return strings.Contains(strings.ToLower(d.ManufacturerCanonical+" "+d.Manufacturer), value)
		}
	}
	for _, s := range names(d) {
		if strings.Contains(strings.ToLower(s), word) {
			return true
		}
	}
	return false
}

// matchState says how a device stands to the register, in one word.
func matchState(d inventory.Device) string {
	switch {
	case d.Presence == inventory.RegisterOnly:
		return "only-registered"
	case d.Asset == nil:
		return "only-heard"
	}
	return string(d.Asset.Match.State)
}

// names are all words that people call a device by.
func names(d inventory.Device) []string {
	all := []string{d.ID, string(d.Type), d.Manufacturer, d.ManufacturerCanonical, d.Model, d.ModelCanonical, d.SerialNumber, d.OS, d.Location}
	for _, list := range [][]string{d.Aliases, d.Hostnames, d.StationNames, d.AETitles, d.MACs, d.IPs, d.SoftwareVersions, d.Roles} {
		all = append(all, list...)
	}
	if a := d.Asset; a != nil {
		all = append(all, a.ControlNumber, a.Description, a.Manufacturer, a.Model, a.SerialNumber, a.Department, a.Location, a.Owner)
	}
	return all
}
