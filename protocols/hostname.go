package protocols

import (
	"slices"
	"strings"
)

// maxLabel bounds one label of a host name (RFC 1035, section 2.3.4).
const maxLabel = 63

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

// IsPrivate reports a station that made its address up, as phones do so as not to
// be known again (IEEE 802c: the second bit of the first octet). Its name is its
// owner's affair. Virtual machines under KVM have such addresses too, by its own
// prefix, and are servers.
func (m MAC) IsPrivate() bool {
	return m.IsLocal() && (m[0] != 0x52 || m[1] != 0x54 || m[2] != 0x00)
}
