package web_test

import (
	"encoding/json"
	"errors"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/auscult/auscult/sensor/web"
)

// password is that of every account of the tests.
const password = "correct horse battery"

// people are the accounts of the tests, by what they may do.
var people = map[string][]web.Role{"reader": {web.Read}, "therapist": {web.Therapy}, "actor": {web.Act}, "boss": {web.Act, web.Admin}}

// seeded are the accounts, made once: each password takes much memory and time.
var seeded = sync.OnceValues(func() (map[string]map[string][]byte, map[string]string) {
	store, tokens := newMemory(), map[string]string{}
	accounts := web.NewAccounts(store)
	for name, roles := range people {
		if err := accounts.Add(name, password, roles, now); err != nil {
			panic(err)
		}
		token, err := accounts.NewToken(name)
		if err != nil {
			panic(err)
		}
		tokens[name] = token
	}
	return store.buckets, tokens
})

// site is a running server over a house, with its clock.
type site struct {
	*testing.T
	*httptest.Server
	house    *house
	clock    *clock
	store    *memory
	accounts *web.Accounts
	tokens   map[string]string
	log      *strings.Builder
}

const metricsToken = "metrics-token-of-the-tests"

func newSite(t *testing.T, h *house) *site {
	t.Helper()
	buckets, tokens := seeded()
	s := &site{T: t, house: h, clock: newClock(), store: &memory{buckets: map[string]map[string][]byte{}}, tokens: tokens, log: &strings.Builder{}}
	for name, b := range buckets {
		s.store.buckets[name] = maps.Clone(b)
	}
	s.accounts = web.NewAccounts(s.store)
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "auscult_test"}, func() float64 { return 1 }))
	server, err := web.New(web.Options{House: h, Accounts: s.accounts, Session: 8 * time.Hour, MetricsToken: metricsToken, Gatherer: registry,
		Ready: func() error { return errors.New("tap span1: no such interface") }, Version: "1.2.3-test", Site: "stv", Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: s.log}, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewTLSServer(server)
	t.Cleanup(s.Server.Close)
	return s
}

// lockedWriter lets several requests write one log.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// answer is what came back.
type answer struct {
	*http.Response
	text string
}

// browser is one visitor's browser: it keeps cookies and follows nothing.
type browser struct {
	*site
	client *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	return &browser{s, &http.Client{Transport: s.Client().Transport, Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) do(method, path string, body io.Reader, header map[string]string) answer {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer{w, string(text)}
}

func (b *browser) get(path string) answer {
	b.Helper()
	return b.do("GET", path, nil, nil)
}

// post sends a form as the browser of a person would, from a page of ours.
func (b *browser) post(path string, form url.Values) answer {
	b.Helper()
	return b.do("POST", path, strings.NewReader(form.Encode()), map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": b.URL, "Sec-Fetch-Site": "same-origin"})
}

// as signs a person in.
func (s *site) as(name string) *browser {
	s.Helper()
	b := s.browser()
	if w := b.signIn(name, password, "/"); w.StatusCode != http.StatusSeeOther {
		s.Fatalf("sign in as %s: %d %s", name, w.StatusCode, w.text)
	}
	return b
}

func (b *browser) signIn(name, password, next string) answer {
	b.Helper()
	form := b.get("/login?next=" + url.QueryEscape(next))
	return b.post("/login", url.Values{"token": {hidden(form.text, "token")}, "next": {hidden(form.text, "next")}, "account": {name}, "password": {password}})
}

// csrf is the token that the pages of this session carry.
func (b *browser) csrf() string { return hidden(b.get("/audit").text, "csrf") }

// hidden returns the value of a hidden field of a page.
func hidden(page, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// api asks as a script with a bearer token; nobody's when the name is "".
func (s *site) api(name, method, path, body string) answer {
	s.Helper()
	header := map[string]string{}
	if name != "" {
		header["Authorization"] = "Bearer " + s.tokens[name]
	}
	if body != "" {
		header["Content-Type"] = "application/json"
	}
	return s.browser().do(method, path, strings.NewReader(body), header)
}

func decode[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.text), &v); err != nil {
		t.Fatalf("%s: %v\n%.300s", a.Request.URL.Path, err, a.text)
	}
	return v
}
