package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/remediation"
)

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   []byte
}

// call is one request to be made.
type call struct {
	operation string // for errors and metrics
	method    string
	url       *url.URL
	body      []byte // JSON, or nil
	// creates: when the answer is lost, it may have been done.
	creates bool
	// one: a 404 with the system's own words means that the record is not there.
	one bool
}

func (c *Connector) table(table, id string, q url.Values) *url.URL {
	u := c.base.JoinPath("api", "now", "v2", "table", table)
	if id != "" {
		u = u.JoinPath(id)
	}
	u.RawQuery = q.Encode()
	return u
}

// fail makes the one kind of error that leaves the connector.
func fail(operation string, kind remediation.TroubleKind, code int, err error) *remediation.ConnectorError {
	return &remediation.ConnectorError{System: system, Operation: operation, Kind: kind, Code: code, Err: err}
}

// do makes the request, signs it, and signs in again once when a token has run out.
func (c *Connector) do(ctx context.Context, r call) (answer, error) {
	for again := false; ; again = true {
		authorization, err := c.authorization(ctx)
		if err != nil {
			return answer{}, err
		}
		a, err := c.once(ctx, r, authorization)
		if err != nil {
			return a, err
		}
		if a.code == http.StatusUnauthorized && c.o.Auth.Kind != Basic && !again {
			c.dropToken()
			continue
		}
		return a, c.judge(r, a)
	}
}

// once sends the request one time.
func (c *Connector) once(ctx context.Context, r call, authorization string) (answer, error) {
	var wrote atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	req, err := http.NewRequestWithContext(traced, r.method, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return answer{}, fail(r.operation, remediation.Refused, 0, fmt.Errorf("the request cannot be made: %w", err))
	}
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", authorization)
	a, err := c.send(req)
	if err == nil {
		return a, nil
	}
	if r.creates && (wrote.Load() || a.code != 0) {
		return a, fail(r.operation, remediation.Lost, a.code, fmt.Errorf("the answer was lost: %w; the order is searched for before it is made again", err))
	}
	return a, fail(r.operation, remediation.Transient, a.code, fmt.Errorf("no answer: %w; check the network and the address", err))
}

// send sends and reads the answer, within its bound.
func (c *Connector) send(req *http.Request) (answer, error) {
	resp, err := c.client.Do(req)
	if err != nil {
		var in *url.Error
		if errors.As(err, &in) {
			err = in.Err // without the address and its query
		}
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{code: resp.StatusCode, header: resp.Header}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if err != nil {
		return a, fmt.Errorf("it broke off: %w", err)
	}
	if len(a.body) > maxResponse {
		return a, fmt.Errorf("it is longer than %d bytes", maxResponse)
	}
	return a, nil
}

// judge turns an answer that is no success into an error.
func (c *Connector) judge(r call, a answer) error {
	said := words(a.body)
	refuse := func(kind remediation.TroubleKind, says string) error {
		if said != "" {
			says += " (it says: " + said + ")"
		}
		return fail(r.operation, kind, a.code, errors.New(says))
	}
	switch {
	case a.code >= 200 && a.code < 300:
		return c.judgeForm(r, a)
	case a.code >= 300 && a.code < 400:
		return fail(r.operation, remediation.Unauthorised, a.code, fmt.Errorf("it sends us to %s, which is not followed; "+
			"use the address that it names, or a sign-in that needs no web page", place(a.header.Get("Location"))))
	case a.code == http.StatusUnauthorized:
		return refuse(remediation.Unauthorised, "it does not accept our credentials; check account and secret")
	case a.code == http.StatusForbidden:
		return refuse(remediation.Unauthorised, "our account may not do this; ask for the rights on table "+c.o.Table)
	case a.code == http.StatusNotFound && r.one && said != "":
		return refuse(remediation.Gone, "the order is not there, or hidden from our account")
	case a.code == http.StatusTooManyRequests, a.code == http.StatusServiceUnavailable:
		return slowDown(r, a, said, c.o.Now())
	case a.code >= 500 && r.creates:
		return refuse(remediation.Lost, fmt.Sprintf("it failed with %d, perhaps after it had made the order", a.code))
	case a.code >= 500, a.code == http.StatusRequestTimeout:
		return refuse(remediation.Transient, fmt.Sprintf("it failed with %d; it is tried again", a.code))
	}
	return refuse(remediation.Refused, fmt.Sprintf("it refuses the request with %d; check table %s and its columns", a.code, c.o.Table))
}

// judgeForm refuses a success that is none: a web page in place of data.
func (c *Connector) judgeForm(r call, a answer) error {
	form, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err == nil && form == "application/json" || a.code == http.StatusNoContent {
		return nil
	}
	if form == "text/html" || bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("<")) {
		return fail(r.operation, remediation.Unauthorised, a.code, errors.New("it answered with a web page, most likely a sign-in page or "+
			"an instance that sleeps; open the address in a browser, and use an account that needs no web sign-in"))
	}
	return fail(r.operation, remediation.Refused, a.code, errors.New("it answered with something that is no JSON; check the address"))
}

// slowDown reads how long we are asked to wait.
func slowDown(r call, a answer, said string, now time.Time) error {
	says := fmt.Sprintf("it asks us to wait (%d)", a.code)
	if said != "" {
		says += ": " + said
	}
	e := fail(r.operation, remediation.Transient, a.code, errors.New(says))
	e.RetryAfter = retryAfter(a.header, now)
	return e
}

// retryAfter reads Retry-After (RFC 9110 section 10.2.3: seconds or a date), or
// the hour's end from X-RateLimit-Reset (seconds since 1970). 0 when neither says.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := h.Get("Retry-After")
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(max(n, 0), 86400)) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, at.Sub(now))
	}
	if n, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		return min(max(0, time.Unix(n, 0).Sub(now)), 24*time.Hour)
	}
	return 0
}

// place names a redirect's host only: its query may hold a session.
func place(location string) string {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" {
		return "another page"
	}
	return cut(u.Host, 100)
}

// nextPage returns the address of rel="next" (RFC 8288), or nil. It must be below
// our own address: a link to elsewhere would carry our credentials there.
func (c *Connector) nextPage(h http.Header) (*url.URL, error) {
	for _, part := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		target, params, found := strings.Cut(part, ";")
		if !found || !strings.Contains(strings.ReplaceAll(params, `"`, ""), "rel=next") {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(target), "<>"))
		if err != nil {
			return nil, errors.New("the link to the next page is no address")
		}
		u = c.base.ResolveReference(u)
		if u.Host != c.base.Host || u.Scheme != c.base.Scheme {
			return nil, fmt.Errorf("the link to the next page leads to %s; use the address that the system itself uses", cut(u.Host, 100))
		}
		return u, nil
	}
	return nil, nil
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be written: %w", err)
	}
	return b, nil
}
