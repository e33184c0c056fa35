package register

import (
	"regexp"
	"strings"

	"github.com/auscult/auscult/inventory"
)

// Why a serial number may never be matched on, as Asset.SerialDefect says it.
const (
	eatenNumber = "a spreadsheet turned it into a rounded number; it cannot be read back"
	eatenDate   = "a spreadsheet turned it into a date; it cannot be read back"
	brokenCell  = "a spreadsheet wrote an error or a full cell instead of it"
	placeholder = "a placeholder, not a serial number"
)

// shortSerial is the length under which a number made of digits says little: a
// maker's first 9,999 devices of any model carry one.
const shortSerial = 5

// serialShapes tells what spreadsheets leave of a serial number. Patterns are
// compiled once by derive's owner and never change.
type serialShapes struct{ number, date, broken *regexp.Regexp }

func newSerialShapes() serialShapes {
	return serialShapes{
		number: regexp.MustCompile(`^[+-]?\d([.,]\d+)?[eE][+]\d{2,3}$`),
		date:   regexp.MustCompile(`(?i)^(\d{1,2}-(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(-\d{2,4})?|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2,4})$`),
		broken: regexp.MustCompile(`(?i)^(#+|#(ref!|value!|name\?|n/a|div/0!|num!|null!))$`),
	}
}

// defect says why a serial number may not be matched, "" when it may. An empty
// one has no defect: there is just none.
func (s serialShapes) defect(serial string, lex inventory.Lexicon) string {
	switch {
	case serial == "":
		return ""
	case s.number.MatchString(serial):
		return eatenNumber
	case s.date.MatchString(serial):
		return eatenDate
	case s.broken.MatchString(serial):
		return brokenCell
	case isPlaceholder(serial) || lex.PlaceholderSerial(serial):
		return placeholder
	}
	return ""
}

// isPlaceholder knows the words and runs that every register holds, whatever the
// lexicon says: nothing but zeros, one character repeated, counting up.
func isPlaceholder(serial string) bool {
	n := normal(serial)
	switch n {
	case "", "NA", "NONE", "UNKNOWN", "UNK", "TBD", "TBA", "SEENOTES", "SEENOTE", "SEECOMMENTS", "NOSERIAL", "NOSN", "NOTAVAILABLE",
		"NOTAPPLICABLE", "NOTVISIBLE", "UNREADABLE", "ILLEGIBLE", "MISSING", "VARIOUS", "MULTIPLE", "PENDING", "SN", "SERIAL", "SERIALNUMBER",
		"123456789", "1234567890", "12345678", "1234567", "123456", "TEST", "DEFAULT", "NULL", "NIL":
		return true
	}
	return strings.Trim(n, n[:1]) == ""
}

// normal is the first key: upper case, letters and digits only.
func normal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, s)
}

// withoutZeros is the second key: the first without leading zeros, because
// spreadsheets eat them.
func withoutZeros(s string) string { return strings.TrimLeft(normal(s), "0") }

// folded is the third key: characters that people mix up on a plate are one.
func folded(s string) string {
	return strings.TrimLeft(strings.NewReplacer("O", "0", "I", "1").Replace(normal(s)), "0")
}

// weakSerial reports a short number: digits only, fewer than shortSerial of them
// once leading zeros are gone.
func weakSerial(s string) bool {
	n := withoutZeros(s)
	return len(n) < shortSerial && strings.Trim(n, "0123456789") == ""
}
