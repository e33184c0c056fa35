package dhcp

import (
	"strings"
)

// maxLabel bounds one label of a host name (RFC 1035, section 2.3.4).
const maxLabel = 63

// personal are the words by which consumer devices name themselves after their
// owner ("Marys-iPhone"). In a hospital the owner may be a patient.
var personal = [...]string{"iphone", "ipad", "ipod", "imac", "macbook", "airpods", "watch", "galaxy", "pixel", "xperia", "phone", "handy", "oneplus", "redmi", "huawei"}

// hostName returns the host's own label of a name, or "" when it is not a host
// name by rule: letters, digits, hyphen and underscore (RFC 952, and what Windows
// allows), at least one letter or digit, and not named after a person.
func hostName(b []byte) string {
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
	if namesPerson(label) {
		return ""
	}
	return label
}

func hostOctet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// namesPerson reports a consumer device that is named after somebody: one of the
// words above beside another word.
func namesPerson(label string) bool {
	words := strings.FieldsFunc(strings.ToLower(label), func(r rune) bool { return r == '-' || r == '_' })
	for _, w := range words {
		for _, p := range personal {
			if len(words) > 1 && (w == p || strings.TrimRight(w, "0123456789") == p) {
				return true
			}
		}
	}
	return false
}

// fqdnHost reads the name of option 81 (RFC 4702, section 2): flags, two result
// octets, then the name in DNS wire form when bit E is set, as text otherwise.
func fqdnHost(v []byte) string {
	const encoded = 0x04
	if len(v) < 4 {
		return ""
	}
	name := v[3:]
	if v[0]&encoded == 0 {
		return hostName(name)
	}
	n := int(name[0])
	if n == 0 || n > maxLabel || n > len(name)-1 {
		return ""
	}
	return hostName(name[1 : 1+n])
}
