package register

import (
	"strconv"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// absentWord reports words that mean "nothing" in any column but the serial
// number's.
func absentWord(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .-_?*/\\")) {
	case "", "n/a", "na", "#n/a", "none", "null", "nil", "tbd", "tba", "unknown", "unk", "not applicable", "not available", "see notes":
		return true
	}
	return false
}

// wordKey is a word or phrase in lower case with single blanks and no marks.
func wordKey(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_/.,()&+", r) {
			return ' '
		}
		return r
	}, strings.ToLower(s))
	return strings.Join(strings.Fields(s), " ")
}

// statusOf reads a status column. A word in no list is unknown, and said.
func statusOf(s string) (status inventory.Status, known bool) {
	switch wordKey(s) {
	case "":
		return inventory.StatusUnknown, true
	case "active", "in service", "inservice", "in use", "in operation", "operational", "deployed", "installed", "available", "ready",
		"operating", "loaner", "on loan", "loan", "rental", "rented", "leased", "lease", "demo", "demonstration", "trial", "down", "in repair",
		"under repair", "in maintenance", "out for repair", "active in service", "active loaner":
		return inventory.Active, true
	case "storage", "in storage", "stored", "spare", "in stock", "stock", "standby", "backup", "not in use", "inactive", "out of use", "idle",
		"out of service":
		return inventory.Storage, true
	case "missing", "cnl", "could not locate", "cannot locate", "can not locate", "unable to locate", "utl", "not found", "lost", "not located",
		"stolen", "whereabouts unknown", "missing cnl":
		return inventory.Missing, true
	case "retired", "disposed", "disposed of", "decommissioned", "scrapped", "scrap", "sold", "traded in", "trade in", "returned",
		"returned to vendor", "removed", "removed from service", "written off", "donated", "salvage", "salvaged", "deleted", "obsolete":
		return inventory.Retired, true
	case "pending", "on order", "ordered", "received", "pending install", "pending installation", "incoming", "awaiting inspection",
		"incoming inspection", "new", "not yet installed", "to be installed", "planned", "pending acceptance":
		return inventory.Pending, true
	case "unknown", "n a", "na":
		return inventory.StatusUnknown, true
	}
	return inventory.StatusUnknown, false
}

// coverageOf reads a coverage column. Whatever names an exclusive contract blocks
// the most, so it is asked first.
func coverageOf(s string) (coverage inventory.Coverage, known bool) {
	key := wordKey(s)
	has := func(list ...string) bool {
		for _, word := range list {
			if strings.Contains(" "+key+" ", " "+word+" ") {
				return true
			}
		}
		return false
	}
	switch {
	case absentWord(s), has("no", "not", "expired"):
		return inventory.CoverageUnknown, true
	case has("exclusive", "sole provider", "sole source"):
		return inventory.OEMExclusive, true
	case has("lease", "leased", "rental", "rented", "rent", "loaner", "loan", "vendor owned", "consignment", "placement", "reagent rental"):
		return inventory.Leased, true
	case has("t m", "t and m", "time and material", "time and materials", "time material", "time materials", "per call", "on call", "on demand", "as needed", "billable"):
		return inventory.TimeAndMaterial, true
	case has("in house", "inhouse", "internal", "biomed", "own staff", "self maintained", "self", "hospital"):
		return inventory.InHouse, true
	case has("full service", "full contract", "full coverage", "full", "oem", "oem contract", "vendor contract", "manufacturer contract", "service contract", "contract", "warranty"):
		return inventory.OEMFullService, true
	}
	return inventory.CoverageUnknown, false
}

// ownershipOf is an ownership class of the contract with scripts, by the words of
// status and coverage; "" when they name none.
func ownershipOf(a inventory.Asset) string {
	text := " " + wordKey(a.StatusText) + " " + wordKey(a.CoverageText) + " "
	for _, known := range []struct{ word, class string }{
		{" loaner ", "loaner"}, {" on loan ", "loaner"}, {" rental ", "rental"}, {" rented ", "rental"}, {" demo ", "demo"},
		{" demonstration ", "demo"}, {" trial ", "demo"}, {" patient owned ", "patient"}, {" research ", "research"},
	} {
		if strings.Contains(text, known.word) {
			return known.class
		}
	}
	if a.Coverage == inventory.Leased {
		return "leased"
	}
	return "owned"
}

func riskOf(s string) (risk string, known bool) {
	switch wordKey(s) {
	case "", "n a", "na", "none", "unknown":
		return "", true
	case "high", "h", "critical", "very high", "high risk", "life support":
		return "high", true
	case "medium", "med", "m", "moderate", "mid", "medium risk":
		return "medium", true
	case "low", "l", "minor", "very low", "low risk":
		return "low", true
	}
	return "", false
}

// yesNo reads a flag. What is in no list counts as yes where yes is the careful
// answer, so the caller decides by known.
func yesNo(s string) (yes, known bool) {
	switch wordKey(s) {
	case "", "n", "no", "false", "0", "f", "n a", "na", "none", "nein", "non":
		return false, true
	case "y", "yes", "true", "1", "t", "x", "ja", "oui", "life support":
		return true, true
	}
	return false, false
}

// monthsOf reads a PM interval.
func monthsOf(s string) (months int, known bool) {
	key := wordKey(s)
	switch key {
	case "", "none", "n a", "na", "unknown", "as needed", "on demand":
		return 0, true
	case "monthly":
		return 1, true
	case "quarterly":
		return 3, true
	case "semi annual", "semiannual", "semi annually", "semiannually", "biannual", "half yearly":
		return 6, true
	case "annual", "annually", "yearly":
		return 12, true
	}
	number, unit, _ := strings.Cut(key, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > 240 {
		return 0, false
	}
	switch unit {
	case "", "m", "mo", "mos", "month", "months", "0":
		return n, true
	case "y", "yr", "yrs", "year", "years":
		return n * 12, n <= 20
	}
	return 0, false
}

// activityOf reads an activity of the closed list.
func activityOf(s string) (inventory.Activity, bool) {
	a := inventory.Activity(strings.ReplaceAll(wordKey(s), " ", "_"))
	for _, known := range Activities() {
		if a == known {
			return a, true
		}
	}
	return "", false
}

// Activities returns the closed list of activities that a grant may name.
func Activities() []inventory.Activity {
	return []inventory.Activity{
		inventory.ApplyVendorPatch, inventory.ApplyOSPatch, inventory.ConfigureNetwork, inventory.Inspect, inventory.Isolate, inventory.ContactVendor,
	}
}
