package web_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

func TestCertificateIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "page.crt"), filepath.Join(dir, "page.key")
	first, err := web.Certificate(cert, key, []string{"sensor.example", "10.0.0.7", ""}, now)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key may be read by others: %v %v", info.Mode(), err)
	}
	c, err := x509.ParseCertificate(first.Certificate[0])
	if err != nil || c.VerifyHostname("sensor.example") != nil || c.VerifyHostname("10.0.0.7") != nil || c.VerifyHostname("other.example") == nil {
		t.Errorf("the certificate is for %v %v: %v", c.DNSNames, c.IPAddresses, err)
	}
	if c.NotAfter.Before(now.Add(9*365*24*time.Hour)) || c.IsCA {
		t.Errorf("it ends %v, signs others: %v", c.NotAfter, c.IsCA)
	}
	again, err := web.Certificate(cert, key, nil, now.Add(time.Hour))
	if err != nil || web.Fingerprint(again) != web.Fingerprint(first) {
		t.Errorf("a second start makes another certificate: %v", err)
	}
	if f := web.Fingerprint(first); len(f) != 95 || strings.Count(f, ":") != 31 {
		t.Errorf("fingerprint %q", f)
	}
}

func TestCertificateRefusesHalfAPair(t *testing.T) {
	for _, missing := range []string{"page.crt", "page.key"} {
		dir := t.TempDir()
		cert, key := filepath.Join(dir, "page.crt"), filepath.Join(dir, "page.key")
		if _, err := web.Certificate(cert, key, nil, now); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, missing)); err != nil {
			t.Fatal(err)
		}
		if _, err := web.Certificate(cert, key, nil, now); err == nil || !strings.Contains(err.Error(), "or remove the") {
			t.Errorf("without %s: %v", missing, err)
		}
		if _, err := os.Stat(filepath.Join(dir, missing)); err == nil {
			t.Errorf("%s was made beside the other half", missing)
		}
	}
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := web.Certificate(bad, bad, nil, now); err == nil || !strings.Contains(err.Error(), "PEM") {
		t.Errorf("a file that is none: %v", err)
	}
	if _, err := web.Certificate(filepath.Join(dir, "no", "crt"), filepath.Join(dir, "no", "key"), nil, now); err == nil {
		t.Error("a pair is made in a folder that is not there")
	}
}
