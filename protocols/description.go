package protocols

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Description returns what a system says of itself (SNMP sysDescr, LLDP system
// description, CDP version) as one line that may stand in an observation: the first
// line that has words, each run of spaces as one, cut behind a whole word where it is
// longer than MaxText. "" means that nothing of it may: it is no UTF-8, or has
// characters that are not printed.
func Description(s string) string {
	s = firstLine(s)
	if !utf8.ValidString(s) {
		return ""
	}
	line := strings.Join(strings.Fields(s), " ")
	if len(line) > MaxText {
		end := strings.LastIndexByte(line[:MaxText+1], ' ')
		if end <= 0 {
			return ""
		}
		line = line[:end]
	}
	line, _ = Text(line)
	return line
}

// firstLine returns the first line that has anything but spaces and NUL.
func firstLine(s string) string {
	for len(s) > 0 {
		line, rest := s, ""
		if i := strings.IndexAny(s, "\r\n"); i >= 0 {
			line, rest = s[:i], s[i+1:]
		}
		if line = strings.Trim(line, " \t\x00"); line != "" {
			return line
		}
		s = rest
	}
	return ""
}

// versionWord stands before the version in the descriptions of network equipment:
// "..., Version 15.2(7)E3, RELEASE SOFTWARE (fc2)".
const versionWord = " Version "

// versionLines is how many lines are looked at: older systems tell the version in the
// second one, and what follows tells of other parts.
const versionLines = 2

// DescribedVersion returns the version that stands behind a comma and the word Version
// in the first lines of a description, or "".
func DescribedVersion(s string) string {
	head := s
	for i, seen := 0, 0; i < len(s); i++ {
		if s[i] == '\n' {
			if seen++; seen == versionLines {
				head = s[:i]
				break
			}
		}
	}
	_, rest, found := strings.Cut(head, ","+versionWord)
	if !found {
		return ""
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if end >= 0 {
		rest = rest[:end]
	}
	if !strings.ContainsAny(rest, "0123456789") {
		return ""
	}
	version, _ := Text(rest)
	return version
}

// The words that stand in a location where it tells of a person: titles, and what
// stands before a number or a name.
var personWords = map[string]bool{
	"dr": true, "prof": true, "mr": true, "mrs": true, "miss": true, "herr": true, "frau": true, "mme": true,
	"contact": true, "call": true, "ask": true, "phone": true, "tel": true, "telephone": true, "ext": true, "pager": true,
	"fax": true, "email": true, "mrn": true, "dob": true,
}

// phoneDigits is how many digits in a row, with what telephone numbers have between
// them, are taken for one. Rooms, ports and assets have fewer.
const phoneDigits = 7

// PlaceText returns where something is as somebody wrote it into a field for that
// (SNMP sysLocation, a civic address), or "" where the field holds more than a place:
// whoever looks after the device, and how to reach them. Then the whole is dropped,
// because nobody can tell by rule which part is the place.
func PlaceText(s string) string {
	place, ok := Text(strings.Join(strings.Fields(s), " "))
	if !ok || strings.Contains(place, "@") || hasPhone(place) {
		return ""
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(place), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if personWords[word] {
			return ""
		}
	}
	return place
}

func hasPhone(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			if n++; n >= phoneDigits {
				return true
			}
		case !strings.ContainsRune(" -./()+", r):
			n = 0
		}
	}
	return false
}
