package syslog_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/syslog"
)

// receivers are rsyslogd's inputs by transport.
func receivers(t *testing.T) map[string]func(t *testing.T) (*rsyslogd, syslog.Options) {
	t.Helper()
	return map[string]func(t *testing.T) (*rsyslogd, syslog.Options){
		"udp": func(t *testing.T) (*rsyslogd, syslog.Options) {
			r := newRsyslogd(t, "udp", `module(load="imudp") input(type="imudp" address="127.0.0.1" port="PORT")`)
			return r, syslog.Options{Transport: syslog.UDP, Address: r.address}
		},
		"tcp": func(t *testing.T) (*rsyslogd, syslog.Options) {
			r := newRsyslogd(t, "tcp", `module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="PORT")`)
			return r, syslog.Options{Transport: syslog.TCP, Address: r.address}
		},
		"tcp with line feeds": func(t *testing.T) (*rsyslogd, syslog.Options) {
			r := newRsyslogd(t, "tcp", `module(load="imtcp") input(type="imtcp" address="127.0.0.1" port="PORT" SupportOctetCountedFraming="off")`)
			return r, syslog.Options{Transport: syslog.TCP, Address: r.address, LineFeeds: true}
		},
		"tls": tlsReceiver,
	}
}

// tlsReceiver asks for the sensor's certificate and checks its name.
func tlsReceiver(t *testing.T) (*rsyslogd, syslog.Options) {
	drivers, _ := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_gtls.so")
	if len(drivers) == 0 {
		t.Skip("rsyslogd has no TLS driver; install Debian's rsyslog-gnutls to run this test")
	}
	dir := t.TempDir()
	certificates(t, dir)
	file := func(name string) string { return filepath.Join(dir, name) }
	r := newRsyslogd(t, "tcp", fmt.Sprintf(`global(DefaultNetstreamDriverCAFile=%q DefaultNetstreamDriverCertFile=%q DefaultNetstreamDriverKeyFile=%q)
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/name" PermittedPeer=["sensor.example.org"])
input(type="imtcp" address="127.0.0.1" port="PORT")`, file("ca.pem"), file("siem.pem"), file("siem.key")))
	return r, syslog.Options{Transport: syslog.TLS, Address: r.address, ServerName: "siem.example.org",
		CAFile: file("ca.pem"), CertFile: file("sensor.pem"), KeyFile: file("sensor.key")}
}

// certificates writes an authority and a certificate for each end.
func certificates(t *testing.T, dir string) {
	t.Helper()
	ca, caKey := certificate(t, dir, "ca", nil, nil)
	certificate(t, dir, "siem", ca, caKey)
	certificate(t, dir, "sensor", ca, caKey)
}

func certificate(t *testing.T, dir, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	host := name + ".example.org"
	c := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: parent == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if parent == nil {
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, name+".pem"), "CERTIFICATE", der)
	write(t, filepath.Join(dir, name+".key"), "PRIVATE KEY", private)
	return c, key
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRsyslogdParsesEvents: a real receiver reads every part of a message.
func TestRsyslogdParsesEvents(t *testing.T) {
	for name, prepare := range receivers(t) {
		t.Run(name, func(t *testing.T) {
			r, o := prepare(t)
			r.start()
			e := exporter(t, o, t.TempDir())
			run(t, e)
			send(t, e, 1, 3)
			r.expects(3)
			b, err := os.ReadFile(r.file())
			if err != nil {
				t.Fatal(err)
			}
			want := `108|2026-01-02T03:04:00.123456+00:00|sensor.example.org|auscult|finding.new|[meta sequenceId="1"][auscult@32473 event="1" site="stv" device="d-1" cause="CVE-\"1\"\\\]"]|Something is wrong with a device.`
			if first, _, _ := strings.Cut(string(b), "\n"); strings.ReplaceAll(strings.ReplaceAll(first, "Z|", "+00:00|"), "| S", "|S") != want {
				t.Errorf("rsyslogd read\n%s\nwant\n%s", first, want)
			}
		})
	}
}

// TestRestartLosesNothing stops the receiver under load, then the exporter, and
// starts both again.
func TestRestartLosesNothing(t *testing.T) {
	for name, prepare := range receivers(t) {
		t.Run(name, func(t *testing.T) {
			r, o := prepare(t)
			r.start()
			dir := t.TempDir()
			e := exporter(t, o, dir)
			stop := run(t, e)
			send(t, e, 1, 40)
			r.stop() // while some are on the way
			send(t, e, 41, 80)
			time.Sleep(300 * time.Millisecond) // long enough to fail a few times
			if n := e.Status().Queued; n < 40 {
				t.Errorf("%d events wait while the receiver is down, want at least 40", n)
			}
			stop()
			e = exporter(t, o, dir)
			send(t, e, 81, 100)
			run(t, e)
			r.start()
			r.expects(100)
			eventually(t, "the queue is empty", func() bool { return e.Status().Queued == 0 })
		})
	}
}

// TestWrongCertificateIsRefused: nothing is sent to a receiver that cannot show
// who it is.
func TestWrongCertificateIsRefused(t *testing.T) {
	r, o := tlsReceiver(t)
	r.start()
	o.ServerName = "other.example.org"
	e := exporter(t, o, t.TempDir())
	run(t, e)
	send(t, e, 1, 1)
	eventually(t, "the failure is shown", func() bool { return strings.Contains(e.Status().Trouble, "certificate") })
	if n := len(r.received()); n != 0 {
		t.Errorf("%d events were sent", n)
	}
}
