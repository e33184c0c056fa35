package tls_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strconv"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols/tls"
)

func TestHostNames(t *testing.T) {
	common := func(name string) x509.Certificate { return x509.Certificate{Subject: pkix.Name{CommonName: name}} }
	names := func(list ...string) x509.Certificate {
		return x509.Certificate{Subject: pkix.Name{CommonName: "other.example.org"}, DNSNames: list}
	}
	many := make([]string, 9)
	for i := range many {
		many[i] = "ct01.n" + strconv.Itoa(i) + ".example.org"
	}
	mail, person, serves, authority := names("ct01.example.org"), names("ct01.example.org"), names("ct01.example.org"), common("ca.example.org")
	mail.EmailAddresses = []string{"zzcanary@example.org"}
	person.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	serves.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	authority.IsCA, authority.BasicConstraintsValid = true, true
	for _, c := range []struct {
		name string
		x509.Certificate
		want, field string
	}{
		{"one name", names("ct01.example.org"), "ct01.example.org", "subjectAltName"},
		{"short and full name", names("ct01", "CT01.example.org"), "CT01.example.org", "subjectAltName"},
		{"short name", names("ct01"), "ct01", "subjectAltName"},
		{"names of two hosts", names("ct01.example.org", "pacs.example.org"), "", ""},
		{"wildcard", names("*.example.org"), "", ""},
		{"wildcard beside a name", names("example.org", "*.example.org"), "", ""},
		{"too many names", names(many...), "", ""},
		{"address as a name", names("192.0.2.1"), "", ""},
		{"every host's name", names("localhost.localdomain"), "", ""},
		{"underscore", names("ct_01.example.org"), "", ""},
		{"hyphen at an end", names("-ct01.example.org"), "", ""},
		{"label too long", names(strings.Repeat("a", 64) + ".example.org"), "", ""},
		{"name too long", names(strings.Repeat("a23456789.", 13) + "org"), "", ""},
		{"common name", common("ct01.example.org"), "ct01.example.org", "commonName"},
		{"common name, a single word", common("Mueller"), "", ""},
		{"common name, a sentence", common("Dr. Anna Mueller"), "", ""},
		{"common name, mail", common("zzcanary@example.org"), "", ""},
		{"common name, address", common("192.0.2.1"), "", ""},
		{"nothing", common(""), "", ""},
		{"mail address", mail, "", ""},
		{"for a person", person, "", ""},
		{"for both", serves, "ct01.example.org", "subjectAltName"},
		{"its own authority, as tools make by default", authority, "ca.example.org", "commonName"},
	} {
		name, field, ok := tls.HostName(certificate(t, c.Certificate))
		if !ok || name != c.want || !strings.Contains(field, c.field) {
			t.Errorf("%s: %q in %q, %v; want %q in %q", c.name, name, field, ok, c.want, c.field)
		}
	}
	if _, _, ok := tls.HostName([]byte{0x30, 0x80}); ok {
		t.Error("no certificate, and read as one")
	}
}
