package syslog

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// Transport is how messages travel.
type Transport string

// UDP is RFC 5426, TCP RFC 6587, TLS RFC 5425.
const (
	UDP Transport = "udp"
	TCP Transport = "tcp"
	TLS Transport = "tls"
)

// Options says where events go. The zero value of everything but Transport and
// Address is usable.
type Options struct {
	Transport Transport
	Address   string // host:port
	// Hostname is what messages call their origin; "" asks the machine.
	Hostname string
	// Facility is 0 to 23 (RFC 5424, table 1); 0 means 13, log audit.
	Facility uint8
	// EnterpriseNumber is the private enterprise number of the structured data; 0
	// means 32473, which is for documentation.
	EnterpriseNumber uint32
	// LineFeeds ends messages over TCP with a line feed instead of counting octets
	// (RFC 6587, section 3.4.2), for collectors that know no better.
	LineFeeds bool
	// CAFile verifies the receiver's certificate; "" takes the system's.
	CAFile string
	// CertFile and KeyFile are the sensor's own certificate, where the receiver
	// asks for one.
	CertFile, KeyFile string
	// ServerName is the name in the receiver's certificate; "" takes the host of
	// Address.
	ServerName string
	// QueueBytes bounds the queue on disk; 0 means 64 MiB.
	QueueBytes int64
	// Settle is how long a connection must stay up after the receiver's kernel has
	// acknowledged an event; 0 means one second: a receiver that stops closes its
	// connections well within it.
	Settle time.Duration
	// Backoff is the first pause after a failure, doubled up to a minute; 0 means
	// one second.
	Backoff time.Duration
}

const (
	defaultQueue   = 64 << 20
	defaultSettle  = time.Second
	defaultBackoff = time.Second
	maxBackoff     = time.Minute
	// minQueue leaves room for two segments of the least size.
	minQueue = 64 << 10
)

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Hostname == "" {
		o.Hostname, _ = os.Hostname() // none: the message says "-"
	}
	o.Hostname = hostname(o.Hostname)
	if o.Facility == 0 {
		o.Facility = logAudit
	}
	if o.EnterpriseNumber == 0 {
		o.EnterpriseNumber = exampleEnterprise
	}
	if o.QueueBytes == 0 {
		o.QueueBytes = defaultQueue
	}
	if o.Settle == 0 {
		o.Settle = defaultSettle
	}
	if o.Backoff == 0 {
		o.Backoff = defaultBackoff
	}
	return o
}

// Validate reports what cannot work, reading the certificate files.
func (o Options) Validate() error {
	switch o.Transport {
	case UDP, TCP, TLS:
	default:
		return fmt.Errorf("syslog transport %q; use udp, tcp or tls", o.Transport)
	}
	if host, port, err := net.SplitHostPort(o.Address); err != nil || host == "" || port == "" {
		return fmt.Errorf("syslog address %q; use host:port, such as siem.example.org:6514", o.Address)
	}
	if o.Facility > 23 {
		return fmt.Errorf("syslog facility %d; use 0 to 23", o.Facility)
	}
	if o.QueueBytes != 0 && o.QueueBytes < minQueue {
		return fmt.Errorf("syslog queue of %d bytes; use at least %d", o.QueueBytes, minQueue)
	}
	if o.LineFeeds && o.Transport != TCP {
		return errors.New("syslog line feeds end messages over TCP only; leave them out for UDP and TLS")
	}
	_, err := o.tls()
	return err
}

// tls reads the certificates anew, so that renewed files are taken up with the
// next connection. RFC 5425 wants both ends verified.
func (o Options) tls() (*tls.Config, error) {
	if o.Transport != TLS {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: o.ServerName}
	if c.ServerName == "" {
		c.ServerName, _, _ = net.SplitHostPort(o.Address) // Validate has looked
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("syslog certificate authority: %w; give a readable PEM file", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("syslog certificate authority %s: no certificate in it; give a PEM file", o.CAFile)
		}
	}
	if o.CertFile == "" && o.KeyFile == "" {
		return c, nil
	}
	own, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("syslog client certificate: %w; give a certificate and its key in PEM files", err)
	}
	c.Certificates = []tls.Certificate{own}
	return c, nil
}
