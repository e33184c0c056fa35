package protocols

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds every text of an Observation, in bytes. DICOM LO has 64
// characters (PS3.5 table 6.2-1), HL7 EI parts have fewer; 128 leaves room for
// multi-byte characters and for banners, and none for a report.
const MaxText = 128

// MaxFacts bounds the facts of one observation: the richest sender (PCD-01 with
// all production specifications) has about 30.
const MaxFacts = 64

// MaxChannels bounds a report: the largest pump rack known has 24 pumps, the
// largest single pump 4 modules.
const MaxChannels = 32

// Text trims padding (space and NUL) and reports whether what remains may stand
// in an observation: valid UTF-8, printable, not empty, at most MaxText bytes.
func Text(s string) (string, bool) {
	s = strings.Trim(s, " \x00\t")
	switch {
	case s == "" || len(s) > MaxText:
		return "", false
	case plain(s):
		return s, true
	case !utf8.ValidString(s):
		return "", false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return "", false
		}
	}
	return s, true
}

// plain reports whether a text is printable ASCII, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// The lengths between which a text can be a serial number: shorter ones count the
// devices of a ward, longer ones are specimens'.
const (
	minSerial = 4
	maxSerial = 40
)

// SerialText returns s if it can be a device's serial number: of the characters that
// makers stamp on plates, with a digit that is not 0. Otherwise it returns "". It is
// for fields that may hold something else as well; whether a date or a placeholder
// stands there is for who knows the field.
func SerialText(s string) string {
	if len(s) < minSerial || len(s) > maxSerial || !strings.ContainsAny(s, "123456789") {
		return ""
	}
	if strings.Trim(strings.ToUpper(s), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-./_") != "" {
		return ""
	}
	return s
}

func (f Fact) clean() (Fact, bool) {
	value, ok := Text(f.Value)
	if !ok || f.Attribute == "" || len(f.Field) > MaxText {
		return Fact{}, false
	}
	f.Value = value
	return f, true
}

func (r *Report) clean() {
	if len(r.Channels) > MaxChannels {
		// What is cut might be busy, so the rest may not be called complete.
		r.Channels, r.Complete = r.Channels[:MaxChannels], false
	}
	for i := range r.Channels {
		c := &r.Channels[i]
		c.Name, _ = Text(c.Name)
		c.Agent, _ = Text(c.Agent)
		c.Rate, _ = Text(c.Rate)
		c.Dose, _ = Text(c.Dose)
		c.Volume, _ = Text(c.Volume)
	}
}
