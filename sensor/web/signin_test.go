package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/web"
)

func TestSignInAndOut(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.browser()
	w := b.signIn("reader", password, "/devices?q=ct")
	if w.StatusCode != http.StatusSeeOther || w.Header.Get("Location") != "/devices?q=ct" {
		t.Fatalf("sign-in: %d %s", w.StatusCode, w.Header.Get("Location"))
	}
	for _, c := range w.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("cookie %s can be read or sent where it must not: %+v", c.Name, c)
		}
	}
	if w := b.get("/login"); w.Header.Get("Location") != "/" {
		t.Errorf("the sign-in page is shown to who is signed in: %d", w.StatusCode)
	}
	if w := b.post("/logout", url.Values{"csrf": {"wrong"}}); w.StatusCode != http.StatusSeeOther || b.get("/").StatusCode != http.StatusOK {
		t.Error("a form without the token signs out")
	}
	session := map[string]string{"Cookie": sessionOf(w)}
	if s.browser().do("GET", "/", nil, session).StatusCode != http.StatusOK {
		t.Fatal("the cookie alone does not open the page")
	}
	b.post("/logout", url.Values{"csrf": {b.csrf()}})
	if b.get("/").StatusCode != http.StatusSeeOther || s.browser().do("GET", "/", nil, session).StatusCode != http.StatusSeeOther {
		t.Error("signed out, and the session goes on")
	}
	if strings.Contains(s.log.String(), password) {
		t.Error("the log holds a password")
	}
}

func TestSignInRefuses(t *testing.T) {
	s := newSite(t, sampleHouse())
	for _, c := range [][2]string{{"reader", "wrong password"}, {"nobody", password}, {"", ""}, {"reader", ""}, {"READER", password}, {"reader", strings.Repeat("x", 70_000)}} {
		s.clock.forward(time.Hour)
		b := s.browser()
		if w := b.signIn(c[0], c[1], "/"); w.StatusCode == http.StatusSeeOther || b.get("/").StatusCode == http.StatusOK {
			t.Errorf("%q signs in: %d", c[0], w.StatusCode)
		}
	}
}

// TestNobodyIsSignedInByAStranger refuses a sign-in form that was not given to
// this browser: somebody else's account could otherwise take down what a person
// decides.
func TestNobodyIsSignedInByAStranger(t *testing.T) {
	s := newSite(t, sampleHouse())
	theirs := hidden(s.browser().get("/login").text, "token")
	victim := s.browser()
	victim.get("/login")
	for name, token := range map[string]string{"a stranger's form": theirs, "no token": ""} {
		w := victim.post("/login", url.Values{"token": {token}, "account": {"reader"}, "password": {password}})
		if w.StatusCode != http.StatusForbidden || victim.get("/").StatusCode == http.StatusOK {
			t.Errorf("%s signs in: %d", name, w.StatusCode)
		}
	}
	form := s.browser()
	token := hidden(form.get("/login").text, "token")
	w := form.do("POST", "/login", strings.NewReader(url.Values{"token": {token}, "account": {"reader"}, "password": {password}}.Encode()),
		map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
	if w.StatusCode != http.StatusForbidden {
		t.Errorf("another site's page signs in: %d", w.StatusCode)
	}
}

// TestSessionIsMintedAtSignIn gives a new token at every sign-in, so that one that
// was planted before leads nowhere.
func TestSessionIsMintedAtSignIn(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.browser()
	planted := map[string]string{"Cookie": "__Host-auscult=" + strings.Repeat("ab", 32)}
	if w := b.do("GET", "/", nil, planted); w.StatusCode != http.StatusSeeOther {
		t.Fatalf("a made-up session is one: %d", w.StatusCode)
	}
	first := sessionOf(b.signIn("reader", password, "/"))
	old := map[string]string{"Cookie": first}
	if w := s.browser().do("GET", "/", nil, old); w.StatusCode != http.StatusOK {
		t.Fatalf("the session is none: %d", w.StatusCode)
	}
	// Signed in once more in the same browser, as after a form that stayed open.
	form := s.browser().get("/login")
	second := b.do("POST", "/login", strings.NewReader(url.Values{"token": {hidden(form.text, "token")}, "account": {"reader"}, "password": {password}}.Encode()),
		map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Cookie": form.Cookies()[0].Name + "=" + form.Cookies()[0].Value})
	if second.StatusCode != http.StatusSeeOther || sessionOf(second) == first {
		t.Fatalf("second sign-in: %d", second.StatusCode)
	}
	if w := s.browser().do("GET", "/", nil, old); w.StatusCode != http.StatusSeeOther {
		t.Errorf("the session before goes on: %d", w.StatusCode)
	}
}

// sessionOf is the session that an answer sets, as a Cookie header.
func sessionOf(w answer) string {
	for _, c := range w.Cookies() {
		if c.Name == "__Host-auscult" {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

func TestSessionsEnd(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.as("reader")
	s.clock.forward(7*time.Hour + 59*time.Minute)
	if b.get("/").StatusCode != http.StatusOK {
		t.Error("the session ends too early")
	}
	s.clock.forward(time.Minute)
	if b.get("/").StatusCode == http.StatusOK {
		t.Error("the session does not end")
	}
	b = s.as("reader")
	if err := s.accounts.SetPassword("reader", "another long password"); err != nil {
		t.Fatal(err)
	}
	if b.get("/").StatusCode == http.StatusOK {
		t.Error("the session outlives the password")
	}
	b = s.as("actor")
	if err := s.accounts.Remove("actor"); err != nil {
		t.Fatal(err)
	}
	if b.get("/").StatusCode == http.StatusOK {
		t.Error("the session outlives the account")
	}
}

func TestGuessingIsSlowedDown(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.browser()
	for i := range 5 {
		if w := b.signIn("reader", "wrong password", "/"); w.StatusCode != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i, w.StatusCode)
		}
	}
	if w := b.signIn("reader", password, "/"); w.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the sixth try is not slowed down: %d", w.StatusCode)
	}
	basic := func() answer {
		r, _ := http.NewRequest("GET", "/", nil)
		r.SetBasicAuth("reader", password)
		return s.browser().do("GET", "/api/v1/feeds", nil, map[string]string{"Authorization": r.Header.Get("Authorization")})
	}
	if w := basic(); w.StatusCode != http.StatusTooManyRequests || w.Header.Get("Retry-After") == "" {
		t.Errorf("basic authentication goes round the throttle: %d", w.StatusCode)
	}
	if w := s.api("reader", "GET", "/api/v1/feeds", ""); w.StatusCode != http.StatusOK {
		t.Errorf("a script with a token waits for somebody's guesses: %d", w.StatusCode)
	}
	s.clock.forward(31 * time.Second)
	if w := b.signIn("reader", password, "/"); w.StatusCode != http.StatusSeeOther {
		t.Errorf("half a minute later: %d", w.StatusCode)
	}
	if w := basic(); w.StatusCode != http.StatusOK {
		t.Errorf("a success counts as a guess: %d", w.StatusCode)
	}
	// Knowing one password does not buy more guesses at another.
	s.clock.forward(31 * time.Second)
	b.browserOf(t).signIn("actor", "wrong password", "/")
	b.browserOf(t).signIn("reader", password, "/")
	if w := b.browserOf(t).signIn("actor", "wrong password", "/"); w.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a success in between clears the count: %d", w.StatusCode)
	}
}

func (b *browser) browserOf(*testing.T) *browser { return b.site.browser() }

// TestGuessingFromManyAddresses counts one account wherever the guesses come
// from, and one IPv6 network as one guesser.
func TestGuessingFromManyAddresses(t *testing.T) {
	s := newSite(t, sampleHouse())
	try := func(from, name string) int {
		r := httptest.NewRequest("GET", "/api/v1/feeds", nil)
		r.RemoteAddr = from
		r.SetBasicAuth(name, "wrong password")
		w := httptest.NewRecorder()
		s.Config.Handler.ServeHTTP(w, r)
		return w.Code
	}
	for i := range 5 {
		if got := try(fmt.Sprintf("[2001:db8:1:2::%x]:4000", i+1), "reader"); got != http.StatusUnauthorized {
			t.Fatalf("try %d: %d", i, got)
		}
	}
	if got := try("[2001:db8:1:2:ffff::1]:4000", "reader"); got != http.StatusTooManyRequests {
		t.Errorf("another address of the same network guesses on: %d", got)
	}
	if got := try("[2001:db8:1:3::1]:4000", "reader"); got != http.StatusUnauthorized {
		t.Errorf("another network is taken for the first: %d", got)
	}
	for i := range 14 {
		try(fmt.Sprintf("10.0.0.%d:4000", i), "reader")
	}
	if got := try("10.0.1.1:4000", "reader"); got != http.StatusTooManyRequests {
		t.Errorf("guesses at one account from everywhere go on: %d", got)
	}
	if got := try("10.0.1.2:4000", "actor"); got != http.StatusUnauthorized {
		t.Errorf("another account waits with it: %d", got)
	}
}

// TestInvariant07TablesAreBounded keeps what strangers can fill within its bound.
func TestInvariant07TablesAreBounded(t *testing.T) {
	if kept, most := web.AfterFailures(10_500); kept > most {
		t.Errorf("%d failures are remembered, at most %d may be", kept, most)
	}
	if open, most, err := web.AfterSignIns(1_100); err != nil || open > most {
		t.Errorf("%d sessions are open, at most %d may be: %v", open, most, err)
	}
}

func TestRedirectsStayHere(t *testing.T) {
	s := newSite(t, sampleHouse())
	for next, want := range map[string]string{"/orders?show=all": "/orders?show=all", "https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", "/%2f/evil.example": "/", "javascript:alert(1)": "/", "": "/", "orders": "/", "/a\r\nSet-Cookie: x=y": "/"} {
		if w := s.browser().signIn("reader", password, next); w.Header.Get("Location") != want {
			t.Errorf("next=%q leads to %q, want %q", next, w.Header.Get("Location"), want)
		}
	}
}

func TestDecideOnThePage(t *testing.T) {
	s := newSite(t, sampleHouse())
	form := func(b *browser, more url.Values) url.Values {
		f := url.Values{"csrf": {b.csrf()}, "subject": {"order"}, "id": {"o-pump-3"}, "verb": {"send"}, "back": {"/orders/o-pump-3"}}
		for k, v := range more {
			f[k] = v
		}
		return f
	}
	actor, reader, boss := s.as("actor"), s.as("reader"), s.as("boss")
	for name, c := range map[string]struct {
		b    *browser
		more url.Values
		want int
	}{
		"a reader":            {reader, nil, http.StatusForbidden},
		"no token":            {actor, url.Values{"csrf": {""}}, http.StatusForbidden},
		"another's token":     {actor, url.Values{"csrf": {boss.csrf()}}, http.StatusForbidden},
		"an unknown verb":     {actor, url.Values{"verb": {"destroy"}}, http.StatusBadRequest},
		"an unknown subject":  {actor, url.Values{"subject": {"user"}}, http.StatusBadRequest},
		"the switch":          {actor, url.Values{"subject": {"switch"}, "verb": {"stop"}}, http.StatusForbidden},
		"a reason of a novel": {actor, url.Values{"reason": {strings.Repeat("x", 300)}}, http.StatusBadRequest},
		"a form of a library": {actor, url.Values{"reason": {strings.Repeat("x", 70_000)}}, http.StatusRequestEntityTooLarge},
	} {
		if w := c.b.post("/decide", form(c.b, c.more)); w.StatusCode != c.want {
			t.Errorf("%s: %d, want %d", name, w.StatusCode, c.want)
		}
	}
	if w := s.browser().post("/decide", url.Values{}); w.StatusCode != http.StatusSeeOther || w.Header.Get("Location") != "/login" {
		t.Errorf("a stranger: %d", w.StatusCode)
	}
	if len(s.house.acted()) != 0 {
		t.Fatalf("the house heard %+v", s.house.acted())
	}
	if w := actor.post("/decide", form(actor, nil)); w.Header.Get("Location") != "/orders/o-pump-3" {
		t.Fatalf("send: %d %s", w.StatusCode, w.text)
	}
	if w := actor.get("/orders/o-pump-3"); !strings.Contains(w.text, "Order o-pump-3 goes to the CMMS.") {
		t.Error("the page does not say what became of it")
	}
	if w := actor.get("/orders/o-pump-3"); strings.Contains(w.text, "goes to the CMMS.</p>") {
		t.Error("it is said twice")
	}
	actor.post("/decide", form(actor, url.Values{"back": {"https://evil.example"}}))
	if w := actor.get("/"); !strings.Contains(w.text, "possible now: hold, cancel") {
		t.Error("the page does not say why it was refused")
	}
	if w := boss.post("/decide", url.Values{"csrf": {boss.csrf()}, "subject": {"switch"}, "verb": {"stop"}, "reason": {"maintenance"}, "back": {"/coverage"}}); w.Header.Get("Location") != "/coverage" || !s.house.Coverage().Stopped {
		t.Errorf("the switch: %d", w.StatusCode)
	}
	want := web.Action{By: "boss", Subject: "switch", Verb: "stop", Reason: "maintenance"}
	if all := s.house.acted(); all[len(all)-1] != want {
		t.Errorf("the house heard %+v", all[len(all)-1])
	}
}

// TestGraveDecisionsAreConfirmed keeps cancel and stop behind a second step: they
// stand folded, each with its own button and a reason that is asked for.
func TestGraveDecisionsAreConfirmed(t *testing.T) {
	b := newSite(t, sampleHouse()).as("boss")
	for path, button := range map[string]string{"/orders/o-pump-1": "Yes, cancel this order", "/coverage": "Yes, stop all writing"} {
		w := b.get(path)
		at := strings.Index(w.text, button)
		if at < 0 {
			t.Errorf("%s does not offer %q", path, button)
			continue
		}
		fold := w.text[strings.LastIndex(w.text[:at], "<details"):at]
		if head, _, _ := strings.Cut(fold, ">"); strings.Contains(head, " open") || !strings.Contains(fold, "required") || strings.Contains(fold, "</details>") {
			t.Errorf("%s: %q is not behind a step: %s", path, button, fold)
		}
	}
}
