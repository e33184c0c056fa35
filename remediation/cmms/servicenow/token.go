package servicenow

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/auscult/auscult/remediation"
)

const (
	// tokenLife is how long a token lives when the answer does not say: the base
	// system's default, in seconds, is 1799.
	tokenLife = 1799 * time.Second
	// tokenMargin is how long before its end a token is renewed, so that none runs
	// out on the way.
	tokenMargin = time.Minute
)

// token is an OAuth access token.
type token struct {
	access Secret
	until  time.Time
}

// authorization returns the header's value, signing in when that is needed.
func (c *Connector) authorization(ctx context.Context) (string, error) {
	a := c.o.Auth
	if a.Kind == Basic {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Password.reveal())), nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token.access.Empty() || !c.o.Now().Before(c.token.until) {
		t, err := c.signIn(ctx)
		if err != nil {
			return "", err
		}
		c.token = t
	}
	return "Bearer " + c.token.access.reveal(), nil
}

func (c *Connector) dropToken() {
	c.mu.Lock()
	c.token = token{}
	c.mu.Unlock()
}

// signIn asks for a token (RFC 6749 sections 4.3 and 4.4).
func (c *Connector) signIn(ctx context.Context) (token, error) {
	form := url.Values{"grant_type": {string(c.o.Auth.Kind)}, "client_id": {c.o.Auth.ClientID}, "client_secret": {c.o.Auth.ClientSecret.reveal()}}
	if c.o.Auth.Kind == Password {
		form.Set("username", c.o.Auth.User)
		form.Set("password", c.o.Auth.Password.reveal())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.JoinPath("oauth_token.do").String(), strings.NewReader(form.Encode()))
	if err != nil {
		return token{}, fail("signin", remediation.Refused, 0, errors.New("the request cannot be made; check the address"))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	a, err := c.send(req)
	if err != nil {
		return token{}, fail("signin", remediation.Transient, a.code, err)
	}
	if a.code == http.StatusBadRequest {
		a.code = http.StatusUnauthorized // RFC 6749 section 5.2 uses 400 for bad credentials
	}
	if err := c.judge(call{operation: "signin"}, a); err != nil {
		return token{}, err
	}
	return c.readToken(a.body)
}

func (c *Connector) readToken(body []byte) (token, error) {
	var t struct {
		Access  string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires value  `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &t); err != nil || t.Access == "" || !strings.EqualFold(t.Type, "Bearer") {
		return token{}, fail("signin", remediation.Unauthorised, http.StatusOK, errors.New("it gave no bearer token; check the OAuth registration"))
	}
	life, err := time.ParseDuration(string(t.Expires) + "s")
	if err != nil || life <= 0 {
		life = tokenLife
	}
	return token{access: NewSecret(t.Access), until: c.o.Now().Add(max(life-tokenMargin, life/2))}, nil
}
