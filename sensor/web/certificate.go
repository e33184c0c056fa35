package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"strings"
	"time"
)

// ownCertificate is how long a self-made certificate holds: the life of an
// appliance, since nobody renews it.
const ownCertificate = 10 * 365 * 24 * time.Hour

// Certificate loads the pair of files, or makes a self-signed certificate in
// them when neither exists yet.
func Certificate(certFile, keyFile string, hosts []string, now time.Time) (tls.Certificate, error) {
	_, certErr := os.Stat(certFile)
	_, keyErr := os.Stat(keyFile)
	noCert, noKey := errors.Is(certErr, fs.ErrNotExist), errors.Is(keyErr, fs.ErrNotExist)
	switch {
	case noCert && noKey:
		if err := makeCertificate(certFile, keyFile, hosts, now); err != nil {
			return tls.Certificate{}, err
		}
	case noCert:
		return tls.Certificate{}, fmt.Errorf("certificate %s: %w, and its key %s is there; put the certificate there, or remove the key to have a new pair made", certFile, certErr, keyFile)
	case noKey:
		return tls.Certificate{}, fmt.Errorf("key %s: %w, and its certificate %s is there; put the key there, or remove the certificate to have a new pair made", keyFile, keyErr, certFile)
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate %s: %w; give a PEM certificate and its key", certFile, err)
	}
	return pair, nil
}

func makeCertificate(certFile, keyFile string, hosts []string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("make a serial number: %w", err)
	}
	template := certificateFor(hosts, serial, now)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode the key: %w", err)
	}
	// The certificate comes last: a crash in between is told apart from a pair.
	if err := writeWhole(keyFile, &pem.Block{Type: "PRIVATE KEY", Bytes: private}, 0o600); err != nil {
		return fmt.Errorf("write the key: %w; check that the folder can be written", err)
	}
	if err := writeWhole(certFile, &pem.Block{Type: "CERTIFICATE", Bytes: der}, 0o644); err != nil {
		return errors.Join(fmt.Errorf("write the certificate: %w; check that the folder can be written", err), os.Remove(keyFile))
	}
	return nil
}

func certificateFor(hosts []string, serial *big.Int, now time.Time) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "auscult"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(ownCertificate),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else if h != "" {
			c.DNSNames = append(c.DNSNames, h)
		}
	}
	return c
}

// writeWhole writes a file that is there whole or not at all, and never replaces
// one.
func writeWhole(path string, block *pem.Block, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = pem.Encode(f, block)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// Fingerprint writes a certificate's SHA-256 as browsers show it, so that a
// person can compare at first login.
func Fingerprint(c tls.Certificate) string {
	if len(c.Certificate) == 0 {
		return ""
	}
	sum := sha256.Sum256(c.Certificate[0])
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = strings.ToUpper(hex.EncodeToString([]byte{b}))
	}
	return strings.Join(parts, ":")
}
