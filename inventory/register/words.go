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
