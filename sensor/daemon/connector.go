package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
)

// newConnector returns the connector of the configured CMMS, or nil where none
// is configured.
func newConnector(c configs.CMMS) (remediation.Connector, error) {
	switch c.System {
	case "":
		return nil, nil
	case "servicenow":
		return newServiceNow(c)
	}
	return nil, fmt.Errorf("cmms.system %q: no such connector; want servicenow", c.System)
}

func newServiceNow(c configs.CMMS) (remediation.Connector, error) {
	transport, err := cmmsTransport(c.CAFile)
	if err != nil {
		return nil, err
	}
	o := servicenow.Options{URL: c.URL, Table: c.Table, Auth: servicenow.Auth{Kind: authKind(c), User: c.User, ClientID: c.ClientID}}
	if o.Auth.Password, err = secret(c.PasswordFile); err != nil {
		return nil, err
	}
	if o.Auth.ClientSecret, err = secret(c.SecretFile); err != nil {
		return nil, err
	}
	return servicenow.New(o, &http.Client{Transport: transport})
}

// authKind follows from which credentials were given.
func authKind(c configs.CMMS) servicenow.AuthKind {
	switch {
	case c.ClientID != "" && c.User != "":
		return servicenow.Password
	case c.ClientID != "":
		return servicenow.ClientCredentials
	}
	return servicenow.Basic
}

// secret reads a file that holds one secret. "" has none.
func secret(path string) (servicenow.Secret, error) {
	if path == "" {
		return servicenow.Secret{}, nil
	}
	return servicenow.ReadSecret(path)
}

// cmmsTransport trusts the hospital's own authority where one is named.
func cmmsTransport(caFile string) (*http.Transport, error) {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: time.Minute, MaxConnsPerHost: 2}
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("cmms.ca_file: %w; name a readable PEM file", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("cmms.ca_file: holds no certificate; want PEM")
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}
