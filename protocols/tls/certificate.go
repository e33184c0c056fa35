package tls

import (
	"crypto/x509"
	"slices"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// The fields that a name comes from, in the words of RFC 5280.
const (
	fieldAlternative = "certificate subjectAltName dNSName"
	fieldCommon      = "certificate subject commonName"
)

// hostName reads the name of the host from its certificate: "" where it has none,
// or more than one. It reports false for what is not a certificate.
//
// The names that the alternatives list count; the common name does where there are
// none (RFC 6125 section 6.4.4), and then has to be a domain name: a single word may
// as well be a product's or a person's. Names of several hosts belong to a service,
// and none of them is stated. Nothing is stated of a certificate that is made for
// a person: one with mail addresses, or not for servers.
func hostName(der []byte) (name, field string, ok bool) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return "", "", false
	}
	if len(c.EmailAddresses) > 0 || !forServers(c) {
		return "", "", true
	}
	if len(c.DNSNames) > 0 {
		return oneHost(c.DNSNames), fieldAlternative, true
	}
	if common := c.Subject.CommonName; strings.Contains(common, ".") {
		return oneHost([]string{common}), fieldCommon, true
	}
	return "", "", true
}

// forServers reports whether a certificate may be a server's by its extended key
// usage (RFC 5280 section 4.2.1.12). One that does not say is for anything.
func forServers(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) == 0 ||
		slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) || slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny)
}

// oneHost returns the longest of names that are all names of one host: their first
// labels agree. Otherwise "".
func oneHost(names []string) (longest string) {
	if len(names) > maxNames {
		return ""
	}
	for _, name := range names {
		name = strings.TrimSuffix(name, ".")
		if !plausible(name) || longest != "" && !strings.EqualFold(firstLabel(name), firstLabel(longest)) {
			return ""
		}
		if len(name) > len(longest) {
			longest = name
		}
	}
	return longest
}

func firstLabel(name string) string {
	label, _, _ := strings.Cut(name, ".")
	return label
}

// plausible reports whether a text can be the name of one host (RFC 1123 section
// 2.1): no wildcard, no address, and not the name that every host has.
func plausible(name string) bool {
	if name == "" || len(name) > protocols.MaxText || !strings.ContainsFunc(name, letter) || strings.EqualFold(firstLabel(name), "localhost") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return !letter(r) && (r < '0' || r > '9') && r != '-' }) {
			return false
		}
	}
	return true
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
