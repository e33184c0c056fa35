package protocols

import (
	"slices"
	"strings"
)

// maxLabel bounds one label of a host name (RFC 1035, section 2.3.4).
const maxLabel = 63

// The words by which consumer devices name themselves after their owner
// ("Marys-iPhone"). In a hospital the owner may be a patient, so a whole name is
// dropped for one of them: a device that is known by less is worth that.
var (
	// glued count anywhere in a name: they stand in no other word.
	glued = [...]string{"iphone", "ipad", "macbook", "kindle", "chromebook"}
	// ending count at the end of a word.
	ending = [...]string{"galaxy", "pixel", "surface", "tablet", "xperia"}
	// personal count as a word beside another.
	personal = [...]string{"ipod", "imac", "airpods", "watch", "phone", "handy", "oneplus", "redmi", "huawei", "moto", "mbp", "mba", "smartphone"}
	// kinds say what a computer is; behind nothing but words they follow a name. Some
	// macs have one more word.
	macs  = [...]string{"mini", "pro", "studio"}
	kinds = [...]string{"pc", "laptop", "notebook", "desktop", "mac", "air", "macmini", "tab", "book"}
)

// nobodys are names that any host has, or that hosts ask for and only a liar has.
var nobodys = [...]string{"localhost", "wpad", "isatap"}

// HostName returns the host's own label of a name, or "" when it is not a host
// name by rule: letters, digits, hyphen and underscore (RFC 952, and what Windows
// allows), at least one letter or digit, and not named after a person, nor a name
// that tells nothing. Padding with NUL and spaces behind it is taken off.
func HostName(b []byte) string {
	name := strings.TrimRight(string(b), "\x00 ")
	label, _, _ := strings.Cut(name, ".")
	if label == "" || len(label) > maxLabel || strings.Trim(label, "-_") == "" {
		return ""
	}
	for i := range len(label) {
		if !hostOctet(label[i]) {
			return ""
		}
	}
	if namesPerson(label) || slices.Contains(nobodys[:], strings.ToLower(label)) {
		return ""
	}
	return label
}

// DomainName returns the name of a domain or a workgroup, or "" when it is none by
// rule: labels of letters, digits, hyphen and underscore with dots between, at most
// MaxText bytes. Padding behind it is taken off.
func DomainName(b []byte) string {
	name := strings.TrimRight(string(b), "\x00 ")
	if len(name) > MaxText || strings.Trim(name, "-_.") == "" {
		return ""
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel {
			return ""
		}
	}
	for i := range len(name) {
		if name[i] != '.' && !hostOctet(name[i]) {
			return ""
		}
	}
	return name
}

func hostOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// namesPerson reports a consumer device that is named after somebody. A name that
// is one of the words and nothing else names nobody.
func namesPerson(label string) bool {
	lower := strings.ToLower(label)
	for _, g := range glued {
		if before, after, found := strings.Cut(lower, g); found {
			return strings.Trim(before+after, "0123456789-_") != ""
		}
	}
	words := strings.FieldsFunc(lower, func(r rune) bool { return r == '-' || r == '_' })
	for _, w := range words {
		if endsPersonal(w, len(words) > 1) {
			return true
		}
	}
	return isOwned(words) || isPhone(words)
}

// endsPersonal reports a word of a consumer device, alone or behind a name that
// is written together with it.
func endsPersonal(word string, beside bool) bool {
	word = strings.TrimRight(word, "0123456789")
	for _, e := range ending {
		if strings.HasSuffix(word, e) && (beside || word != e) {
			return true
		}
	}
	return beside && slices.Contains(personal[:], word)
}

// isOwned reports words that end in a kind of computer ("MARY-PC"), or the name
// that Windows gives a new one with a word in place of its random code, which
// nearly always has a digit ("DESKTOP-MARY").
func isOwned(words []string) bool {
	if len(words) < 2 {
		return false
	}
	last := len(words) - 1
	if last > 1 && len(words[last]) == 1 && words[last] >= "2" && words[last] <= "9" {
		last-- // a second one of that name (RFC 6762 section 9)
	}
	if last > 1 && words[last-1] == "mac" && slices.Contains(macs[:], words[last]) {
		last--
	}
	if slices.Contains(kinds[:], words[last]) {
		return lettersOnly(words[:last])
	}
	return (words[0] == "desktop" || words[0] == "laptop") && lettersOnly(words[1:])
}

// isPhone reports a phone by its series ("Marys-S23-Ultra"): s and two digits,
// before what only phones are called, or behind whose it is.
func isPhone(words []string) bool {
	for i, w := range words {
		if len(w) != 3 || w[0] != 's' || strings.Trim(w[1:], "0123456789") != "" {
			continue
		}
		if i+1 < len(words) && slices.Contains([]string{"ultra", "plus", "fe", "edge"}, words[i+1]) {
			return true
		}
		if i > 0 && len(words[i-1]) > 3 && strings.HasSuffix(words[i-1], "s") && lettersOnly(words[:i]) {
			return true
		}
	}
	return false
}

func lettersOnly(words []string) bool {
	return !strings.ContainsAny(strings.Join(words, ""), "0123456789")
}

// IsPrivate reports a station that made its address up, as phones do so as not to
// be known again (IEEE 802c: the second bit of the first octet). Its name is its
// owner's affair. Virtual machines under KVM have such addresses too, by its own
// prefix, and are servers.
func (m MAC) IsPrivate() bool {
	return m.IsLocal() && (m[0] != 0x52 || m[1] != 0x54 || m[2] != 0x00)
}
