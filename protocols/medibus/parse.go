package medibus

import (
	"bytes"
	"strings"
)

// Codes of commands; a response repeats the code that it answers.
const (
	nak                   = 0x15 // the command was corrupt
	alarms3               = 0x23
	measured1             = 0x24
	settings              = 0x29
	texts                 = 0x2A
	measured2             = 0x2B
	alarms2               = 0x2E
	noOperation           = 0x30
	timeChanged           = 0x49
	configureData         = 0x4A
	initialise            = 0x51
	identify              = 0x52
	realtimeConfiguration = 0x53
	configureRealtime     = 0x54
	stop                  = 0x55
	realtimeChanged       = 0x56
	trendStatus           = 0x6C
	trend                 = 0x6D
)

// asksForData reports a code that only a collector sends, and that only a device
// answers with data.
func asksForData(c byte) bool {
	return c >= alarms3 && c <= alarms2 || c == configureData || c == realtimeConfiguration || c == configureRealtime ||
		c == trendStatus || c == trend
}

// answer is what a response says.
type answer struct {
	named     bool // it has an identification
	id        identity
	standby   bool
	breathing bool
}

// parse reads the body of a response and reports whether it has its own form. An
// empty answer says that there is nothing of the kind.
func parse(c byte, body []byte) (a answer, ok bool) {
	ok = true
	switch c {
	case identify:
		if len(body) > 0 {
			a.id, ok = parseIdentity(body)
			a.named = ok
		}
	case texts:
		a.standby, ok = parseTexts(body)
	case measured1, measured2:
		a.breathing, ok = parseMeasured(body, c)
	case settings:
		ok = len(body)%settingLen == 0
	}
	return a, ok
}

// identity is a device identification. Its texts are copies.
type identity struct {
	number, name, revision string
}

// parseIdentity reads a number of four hexadecimal digits, a name between
// apostrophes, and a revision of the device with that of the protocol behind a colon.
func parseIdentity(b []byte) (identity, bool) {
	if len(b) < 6 || b[4] != '\'' {
		return identity{}, false
	}
	for _, c := range b[:4] {
		if _, ok := digit(c); !ok {
			return identity{}, false
		}
	}
	name, rest, ok := bytes.Cut(b[5:], []byte("'"))
	if !ok || len(name) > maxName || len(rest) > revisionLen {
		return identity{}, false
	}
	revision, _, _ := bytes.Cut(rest, []byte(":"))
	return identity{number: string(b[:4]), name: strings.TrimSpace(string(name)), revision: strings.TrimSpace(string(revision))}, true
}

// standbyText reports the codes of text messages that say standby, whatever the
// language of the text: the mode of ventilation, and the device.
func standbyText(c byte) bool { return c == 0x1E || c == 0x54 }

// parseTexts reads text messages: a code, a length, a text, an end mark. It reports
// whether one says standby.
func parseTexts(b []byte) (standby, ok bool) {
	for len(b) > 0 {
		if len(b) < 4 {
			return false, false
		}
		c, ok := code(b)
		n := int(b[2]) - '0'
		if !ok || n < 0 || n > maxTextLen || len(b) < 4+n || b[3+n] != etx {
			return false, false
		}
		word := bytes.TrimSpace(b[3 : 3+n])
		standby = standby || standbyText(c) || bytes.EqualFold(word, []byte("standby"))
		b = b[4+n:]
	}
	return standby, true
}

const (
	measuredLen = 6 // a code and four characters
	settingLen  = 7
)

// breath reports the code of a value of page 1 that is zero without breaths: rates,
// tidal volumes, minute volumes. Pressures and gases are measured in standby, too.
func breath(c byte) bool {
	switch c {
	case 0x7E, 0x7F, 0x82, 0x83, 0x84, 0x85, 0x88, // tidal volumes
		0xB4, 0xB5, 0xD5, 0xD6, 0xD7, 0xD9, // rates
		0xB7, 0xB8, 0xB9: // minute volumes
		return true
	}
	return false
}

// parseMeasured reads measured values and reports whether they show a breath.
func parseMeasured(b []byte, page byte) (breathing, ok bool) {
	if len(b)%measuredLen != 0 {
		return false, false
	}
	for ; len(b) > 0; b = b[measuredLen:] {
		c, ok := code(b)
		if !ok {
			return false, false
		}
		if page == measured1 && breath(c) && aboveZero(b[2:measuredLen]) {
			breathing = true
		}
	}
	return breathing, true
}

// aboveZero reports a number with a digit other than zero and no sign.
func aboveZero(v []byte) bool {
	found := false
	for _, c := range v {
		switch {
		case c >= '1' && c <= '9':
			found = true
		case c == '0' || c == ' ' || c == '.':
		default:
			return false
		}
	}
	return found
}
