package servicenow_test

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
)

func TestNewRefuses(t *testing.T) {
	good := servicenow.Options{URL: "https://x.service-now.com", Auth: servicenow.Auth{User: "u", Password: servicenow.NewSecret("p")}}
	if _, err := servicenow.New(good, nil); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*servicenow.Options){
		"bad clear text":      func(o *servicenow.Options) { o.URL = "http://x.service-now.com" },
		"bad no host":         func(o *servicenow.Options) { o.URL = "https://" },
		"bad user in address": func(o *servicenow.Options) { o.URL = "https://u:p@x.service-now.com" },
		"bad table":           func(o *servicenow.Options) { o.Table = "incident?x" },
		"bad column":          func(o *servicenow.Options) { o.KeyField = "a^b" },
		"bad fixed column":    func(o *servicenow.Options) { o.Fixed = map[string]string{"A": "1"} },
		"bad state": func(o *servicenow.Options) {
			o.States = map[string]remediation.OrderState{"1": remediation.StateVerified}
		},
		"bad no password": func(o *servicenow.Options) { o.Auth.Password = servicenow.Secret{} },
		"bad auth kind":   func(o *servicenow.Options) { o.Auth.Kind = "kerberos" },
		"bad oauth": func(o *servicenow.Options) {
			o.Auth = servicenow.Auth{Kind: servicenow.ClientCredentials, ClientID: "id"}
		},
		"bad password grant": func(o *servicenow.Options) { o.Auth.Kind = servicenow.Password },
	} {
		o := good
		change(&o)
		if _, err := servicenow.New(o, nil); err == nil || !strings.Contains(err.Error(), "servicenow: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	blind := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	if _, err := servicenow.New(good, blind); err == nil {
		t.Error("a transport that verifies nothing was taken")
	}
}

func TestCertificatesAreVerified(t *testing.T) {
	s := httptest.NewTLSServer(standin.New(standin.Options{}))
	t.Cleanup(s.Close)
	s.Config.ErrorLog = nil
	o := servicenow.Options{URL: s.URL, Auth: servicenow.Auth{User: "u", Password: servicenow.NewSecret("p")}}
	c, err := servicenow.New(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Find(ctx, key)
	kind(t, err, remediation.Transient, "certificate")
	if c, err = servicenow.New(o, s.Client()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Find(ctx, key); err != nil {
		t.Error(err)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	const word = "hunter2"
	s := servicenow.NewSecret(word)
	type holder struct {
		Public  servicenow.Secret
		private servicenow.Secret
	}
	h := holder{s, s}
	o := servicenow.Options{URL: "https://x", Auth: servicenow.Auth{User: "u", Password: s}}
	c, err := servicenow.New(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, x := range []any{s, &s, h, &h, o, o.Auth, c} {
			fmt.Fprintf(&all, verb+"\n", x)
		}
	}
	for _, x := range []any{s, h, o.Auth, map[string]servicenow.Secret{"a": s}} {
		b, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	if strings.Contains(all.String(), word) || strings.Contains(all.String(), fmt.Sprintf("%x", word)) {
		t.Errorf("a secret printed itself:\n%s", all.String())
	}
	_ = h.private
}

func TestReadSecret(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if s, err := servicenow.ReadSecret(write("good", "s3cret\r\n")); err != nil || s.Empty() {
		t.Error(err)
	}
	for name, path := range map[string]string{"empty": write("empty", "\n"), "huge": write("huge", strings.Repeat("x", 5000)), "missing": filepath.Join(dir, "none")} {
		if s, err := servicenow.ReadSecret(path); err == nil || !s.Empty() {
			t.Errorf("%s: taken", name)
		}
	}
}
