package banner

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Greetings is what is known of greetings. Implementations never change what they
// answer and are safe for concurrent use.
type Greetings interface {
	// Begins judges whether text is the beginning of a known greeting of a terminal,
	// and answers Yes only when its distinctive words are there. It must not allocate,
	// and must keep a verdict that is not More as the text grows.
	Begins(text []byte) protocols.Verdict
	// Greets says what whole lines of a greeting, each with a line end, tell of the
	// device that gives it: nothing when no rule fits. More lines may tell more.
	// The caller owns the facts.
	Greets(p protocols.Name, lines string) []protocols.Fact
}

// nothingKnown stands in where no knowledge was handed in.
type nothingKnown struct{}

func (nothingKnown) Begins([]byte) protocols.Verdict                { return protocols.No }
func (nothingKnown) Greets(protocols.Name, string) []protocols.Fact { return nil }

// known is g, or what knows nothing.
func known(g Greetings) Greetings {
	if g == nil {
		return nothingKnown{}
	}
	return g
}

// formed returns a fact from a greeting as it may leave the room, or false: its
// attribute is on the list, and what was taken from the text has a form that no
// person's name has.
func formed(f protocols.Fact) (protocols.Fact, bool) {
	switch f.Attribute {
	case protocols.Manufacturer, protocols.Model, protocols.OS:
		return f, true // names that stand in a rule
	case protocols.Application:
		_, version, _ := strings.Cut(f.Value, "/")
		return f, version == "" || versionText(version)
	case protocols.SerialNumber:
		return f, protocols.SerialText(f.Value) != ""
	case protocols.SoftwareVersion, protocols.FirmwareVersion, protocols.HardwareVersion:
		return f, versionText(f.Value)
	case protocols.HardwareAddress:
		m, err := protocols.ParseMAC(f.Value)
		f.Value = m.String()
		return f, err == nil && !m.IsZero() && !m.IsGroup()
	}
	return f, false
}

// maxLetters is how many letters may stand together in a version: "rev", "D29".
const maxLetters = 4

// versionText reports whether s can be a version: short, with a digit, of letters,
// digits and the usual marks, and without a word.
func versionText(s string) bool {
	letters, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits, letters = digits+1, 0
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			if letters++; letters > maxLetters {
				return false
			}
		case strings.IndexByte(" .-_+()", c) >= 0:
			letters = 0
		default:
			return false
		}
	}
	return digits > 0 && len(s) <= maxForm
}
