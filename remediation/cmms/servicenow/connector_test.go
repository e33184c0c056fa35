package servicenow_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
)

const key = "19163e43-8e7b-5bc8-9bf5-2d49a5e15802"

var ctx = context.Background()

func ticket() remediation.Ticket {
	return remediation.Ticket{Key: key, ControlNumber: "030501", SerialNumber: "11223344", Title: "[030501] BD 8015: update",
		Description: "line one\nline two \"quoted\" ^ ä", Priority: "P2", Queue: "Biomed", Person: "T-105"}
}

// pair is a stand-in and a connector to it.
type pair struct {
	s   *standin.Server
	c   *servicenow.Connector
	url string
	now time.Time
}

func newPair(t *testing.T, so standin.Options, o servicenow.Options) *pair {
	t.Helper()
	p := &pair{now: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)}
	so.Now = func() time.Time { return p.now }
	if so.People == nil {
		so.People, so.Groups = []string{"T-104", "T-105"}, []string{"Biomed", "BD"}
	}
	p.s = standin.New(so)
	server := httptest.NewServer(p.s)
	t.Cleanup(server.Close)
	p.url, o.URL = server.URL, server.URL
	if o.Auth == (servicenow.Auth{}) {
		o.Auth = servicenow.Auth{User: "auscult", Password: servicenow.NewSecret("s3cret")}
	}
	o.Now = so.Now
	var err error
	if p.c, err = servicenow.New(o, nil); err != nil {
		t.Fatal(err)
	}
	return p
}

// kind checks an error's kind and that it says what to look at.
func kind(t *testing.T, err error, want remediation.TroubleKind, part string) remediation.ConnectorError {
	t.Helper()
	var e *remediation.ConnectorError
	if !errors.As(err, &e) || e.Kind != want || !strings.Contains(err.Error(), part) {
		t.Fatalf("error %v (kind %s), want kind %s with %q", err, remediation.KindOf(err), want, part)
	}
	return *e
}

func TestCreateFindReadNote(t *testing.T) {
	p := newPair(t, standin.Options{User: "auscult", Password: "s3cret"}, servicenow.Options{Fixed: map[string]string{"category": "hardware"}, ControlField: "u_control_number"})
	if found, err := p.c.Find(ctx, key); err != nil || len(found) != 0 {
		t.Fatalf("find before: %v %v", found, err)
	}
	made, err := p.c.Create(ctx, ticket())
	if err != nil {
		t.Fatal(err)
	}
	if made.Key != key || made.Number != "INC0000001" || made.State != remediation.StateAcknowledged || made.Assignee != "T-105" ||
		made.UpdatedAt != p.now || !strings.HasPrefix(made.URL, p.url+"/nav_to.do?uri=incident.do%3Fsys_id%3D") {
		t.Errorf("made %+v", made)
	}
	kept := p.s.Orders()[0]
	if kept.Description != ticket().Description || kept.Group != "Biomed" || kept.Key != key {
		t.Errorf("kept %+v", kept)
	}
	found, err := p.c.Find(ctx, key)
	if err != nil || len(found) != 1 || found[0] != made {
		t.Errorf("found %+v %v", found, err)
	}
	if err := p.c.Note(ctx, made.ID, "Do not start.\nReally."); err != nil {
		t.Error(err)
	}
	if n := p.s.Orders()[0].Notes; len(n) != 1 || n[0] != "Do not start.\nReally." {
		t.Errorf("notes %q", n)
	}
	if err := p.s.Close(made.Number, "6", "updated to 12.3.1"); err != nil {
		t.Fatal(err)
	}
	read, err := p.c.Read(ctx, made.ID)
	if err != nil || read.State != remediation.StateWorkDone || read.RawState != "6" || read.Note != "updated to 12.3.1" {
		t.Errorf("read %+v %v", read, err)
	}
	if err := p.s.Delete(made.Number); err != nil {
		t.Fatal(err)
	}
	_, err = p.c.Read(ctx, made.ID)
	kind(t, err, remediation.Gone, "not there")
	kind(t, p.c.Note(ctx, made.ID, "x"), remediation.Gone, "not there")
}

func TestOtherTable(t *testing.T) {
	p := newPair(t, standin.Options{}, servicenow.Options{Table: "wm_order", States: map[string]remediation.OrderState{"19": remediation.StateWaiting}})
	made, err := p.c.Create(ctx, ticket())
	if err != nil || !strings.HasPrefix(made.Number, "WO") {
		t.Fatalf("%+v %v", made, err)
	}
	for raw, want := range map[string]remediation.OrderState{"18": remediation.StateInProgress, "3": remediation.StateWorkDone,
		"7": remediation.StateCancelled, "19": remediation.StateWaiting, "77": ""} {
		if err := p.s.SetState(made.Number, raw); err != nil {
			t.Fatal(err)
		}
		if got, err := p.c.Read(ctx, made.ID); err != nil || got.State != want || got.RawState != raw {
			t.Errorf("state %s: %+v %v, want %q", raw, got, err, want)
		}
	}
}

func TestInvariant11UnknownColumnIsNoMatch(t *testing.T) {
	p := newPair(t, standin.Options{Quirks: standin.Quirks{UnknownColumns: []string{"correlation_id"}}}, servicenow.Options{})
	if _, err := p.s.Add("incident", map[string]string{"short_description": "a stranger's"}); err != nil {
		t.Fatal(err)
	}
	_, err := p.c.Find(ctx, key)
	kind(t, err, remediation.Refused, "correlation_id")
	if says, err := p.c.Check(ctx); err == nil {
		t.Errorf("the check is content: %q", says)
	}
	// An answer that carries no key is the caller's to see.
	made, err := p.c.Create(ctx, ticket())
	if err != nil || made.Key == key {
		t.Errorf("made %+v %v", made, err)
	}
	// A site that answers nothing instead.
	p.s.SetQuirks(standin.Quirks{UnknownColumns: []string{"correlation_id"}, NoRowsOnBad: true})
	if found, err := p.c.Find(ctx, key); err != nil || len(found) != 0 {
		t.Errorf("%v %v", found, err)
	}
}

func TestShortPagesAreNotTheLast(t *testing.T) {
	p := newPair(t, standin.Options{Quirks: standin.Quirks{PageSize: 2, HiddenEvery: 2}}, servicenow.Options{})
	for range 7 {
		if _, err := p.s.Add("incident", map[string]string{"correlation_id": key}); err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(time.Second)
	}
	found, err := p.c.Find(ctx, key)
	if err != nil || len(found) != 4 || found[0].Number != "INC0000001" || found[3].Number != "INC0000007" {
		t.Errorf("found %d %v", len(found), err)
	}
	p.s.SetQuirks(standin.Quirks{PageSize: 1, HiddenEvery: 1}) // empty pages with more behind them
	if found, err := p.c.Find(ctx, key); err != nil || len(found) != 0 {
		t.Errorf("found %d %v", len(found), err)
	}
	for range 7 {
		_, _ = p.s.Add("incident", map[string]string{"correlation_id": key})
	}
	p.s.SetQuirks(standin.Quirks{PageSize: 1})
	_, err = p.c.Find(ctx, key)
	kind(t, err, remediation.Refused, "pages")
}

func TestKeyForms(t *testing.T) {
	p := newPair(t, standin.Options{}, servicenow.Options{})
	for _, bad := range []string{"", "a^ORstate=1", "a b", "a=b", strings.Repeat("a", 101), "a\n", "é"} {
		_, err := p.c.Find(ctx, bad)
		kind(t, err, remediation.Refused, "key")
		x := ticket()
		x.Key = bad
		_, err = p.c.Create(ctx, x)
		kind(t, err, remediation.Refused, "key")
	}
	for _, bad := range []string{"", "../sys_user", "x", strings.Repeat("A", 32)} {
		_, err := p.c.Read(ctx, bad)
		kind(t, err, remediation.Refused, "sys_id")
		kind(t, p.c.Note(ctx, bad, "x"), remediation.Refused, "sys_id")
	}
	if all, _ := p.s.Requests(); all != 0 {
		t.Errorf("%d requests for what cannot be asked", all)
	}
}

func TestPersonAndGroup(t *testing.T) {
	for _, c := range []struct{ name, person, queue, wantPerson, wantGroup string }{
		{"known", "T-104", "BD", "T-104", "BD"},
		{"unknown", "T-999", "Nobody", "", ""},
		{"none", "", "", "", ""},
		{"not to be asked for", "T-1^ORuser_name=T-104", "a\nb", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t, standin.Options{}, servicenow.Options{})
			x := ticket()
			x.Person, x.Queue = c.person, c.queue
			if _, err := p.c.Create(ctx, x); err != nil {
				t.Fatal(err)
			}
			if o := p.s.Orders()[0]; o.Assignee != c.wantPerson || o.Group != c.wantGroup {
				t.Errorf("assigned to %q, group %q", o.Assignee, o.Group)
			}
		})
	}
}

func TestReferencesAsObjects(t *testing.T) {
	p := newPair(t, standin.Options{Quirks: standin.Quirks{References: true}}, servicenow.Options{})
	if made, err := p.c.Create(ctx, ticket()); err != nil || made.Assignee != "T-105" {
		t.Errorf("%+v %v", made, err)
	}
}

func TestLostAnswer(t *testing.T) {
	p := newPair(t, standin.Options{Quirks: standin.Quirks{LoseCreates: 1}}, servicenow.Options{})
	_, err := p.c.Create(ctx, ticket())
	kind(t, err, remediation.Lost, "lost")
	if _, creates := p.s.Requests(); creates != 1 {
		t.Fatalf("%d creates behind one call", creates)
	}
	if found, err := p.c.Find(ctx, key); err != nil || len(found) != 1 {
		t.Errorf("%v %v", found, err)
	}
}

func TestSlowCreateIsLost(t *testing.T) {
	p := newPair(t, standin.Options{}, servicenow.Options{Timeout: 50 * time.Millisecond})
	x := ticket()
	x.Person, x.Queue = "", ""
	p.s.SetQuirks(standin.Quirks{Delay: 300 * time.Millisecond})
	_, err := p.c.Create(ctx, x)
	kind(t, err, remediation.Lost, "lost")
	_, err = p.c.Find(ctx, key)
	kind(t, err, remediation.Transient, "no answer")
}

func TestNobodyListens(t *testing.T) {
	p := newPair(t, standin.Options{}, servicenow.Options{})
	dead := httptest.NewServer(nil)
	dead.Close()
	c, err := servicenow.New(servicenow.Options{URL: dead.URL, Auth: servicenow.Auth{User: "u", Password: servicenow.NewSecret("p")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	x := ticket()
	x.Person, x.Queue = "", ""
	_, err = c.Create(ctx, x)
	kind(t, err, remediation.Transient, "no answer") // nothing was written, so nothing was made
	_ = p
}

func TestRateLimit(t *testing.T) {
	p := newPair(t, standin.Options{Quirks: standin.Quirks{RateEvery: 1, RetryAfter: 77}}, servicenow.Options{})
	_, err := p.c.Find(ctx, key)
	if e := kind(t, err, remediation.Transient, "Rate limit exceeded"); e.RetryAfter != 77*time.Second || e.Code != 429 {
		t.Errorf("%+v", e)
	}
	x := ticket()
	x.Person, x.Queue = "", ""
	_, err = p.c.Create(ctx, x)
	kind(t, err, remediation.Transient, "wait")
	p.s.SetQuirks(standin.Quirks{RateEvery: 1})
	_, err = p.c.Find(ctx, key)
	if e := kind(t, err, remediation.Transient, "wait"); e.RetryAfter != 0 {
		t.Errorf("%+v", e)
	}
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name string
		q    standin.Quirks
		kind remediation.TroubleKind
		says string
	}{
		{"login page with 200", standin.Quirks{LoginPage: true}, remediation.Unauthorised, "web page"},
		{"503", standin.Quirks{Unavailable: true}, remediation.Transient, "wait"},
		{"403", standin.Quirks{NoAccess: true}, remediation.Unauthorised, "may not"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t, standin.Options{Quirks: c.q}, servicenow.Options{})
			_, err := p.c.Find(ctx, key)
			kind(t, err, c.kind, c.says)
			_, err = p.c.Create(ctx, ticket())
			kind(t, err, c.kind, c.says)
			_, err = p.c.Read(ctx, strings.Repeat("a", 32))
			kind(t, err, c.kind, c.says)
			if _, err := p.c.Check(ctx); remediation.KindOf(err) != c.kind {
				t.Errorf("check: %v", err)
			}
		})
	}
	p := newPair(t, standin.Options{User: "auscult", Password: "other"}, servicenow.Options{})
	_, err := p.c.Find(ctx, key)
	kind(t, err, remediation.Unauthorised, "credentials")
	if all, _ := p.s.Requests(); all != 1 {
		t.Errorf("%d requests with a wrong password, want 1: accounts lock", all)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Error("the error holds the password")
	}
	p = newPair(t, standin.Options{}, servicenow.Options{Table: "u_nowhere"})
	_, err = p.c.Find(ctx, key)
	kind(t, err, remediation.Refused, "Invalid table")
	_, err = p.c.Create(ctx, ticket())
	kind(t, err, remediation.Refused, "Invalid table")
}

func TestOAuth(t *testing.T) {
	for _, k := range []servicenow.AuthKind{servicenow.ClientCredentials, servicenow.Password} {
		t.Run(string(k), func(t *testing.T) {
			a := servicenow.Auth{Kind: k, User: "auscult", Password: servicenow.NewSecret("s3cret"), ClientID: "id", ClientSecret: servicenow.NewSecret("c1ient")}
			p := newPair(t, standin.Options{User: "auscult", Password: "s3cret", ClientID: "id", ClientSecret: "c1ient"}, servicenow.Options{Auth: a})
			find := func(want int) {
				t.Helper()
				before, _ := p.s.Requests()
				if _, err := p.c.Find(ctx, key); err != nil {
					t.Fatal(err)
				}
				if after, _ := p.s.Requests(); after-before != want {
					t.Errorf("%d requests, want %d", after-before, want)
				}
			}
			find(2) // sign in, search
			find(1) // the token is kept
			p.now = p.now.Add(1799 * time.Second)
			find(2) // it ran out by our clock
			p.s.ExpireTokens()
			find(3) // it ran out early: refused, sign in, search
			x := ticket()
			x.Person, x.Queue = "", ""
			p.s.ExpireTokens()
			if _, err := p.c.Create(ctx, x); err != nil {
				t.Error(err)
			}
			if _, creates := p.s.Requests(); creates != 1 {
				t.Errorf("%d creates", creates)
			}
		})
	}
	a := servicenow.Auth{Kind: servicenow.ClientCredentials, ClientID: "id", ClientSecret: servicenow.NewSecret("wr0ng")}
	p := newPair(t, standin.Options{ClientID: "id", ClientSecret: "c1ient"}, servicenow.Options{Auth: a})
	_, err := p.c.Find(ctx, key)
	kind(t, err, remediation.Unauthorised, "credentials")
	if strings.Contains(err.Error(), "wr0ng") {
		t.Error("the error holds the secret")
	}
}

func TestCheck(t *testing.T) {
	p := newPair(t, standin.Options{}, servicenow.Options{})
	says, err := p.c.Check(ctx)
	if err != nil || len(says) != 4 || !strings.Contains(says[3], "all of its states are known") {
		t.Errorf("%q %v", says, err)
	}
	if _, creates := p.s.Requests(); creates != 0 || len(p.s.Orders()) != 0 {
		t.Error("the check made something")
	}
	p = newPair(t, standin.Options{Tables: []string{"x_nuvo_eam_clinical_work_orders"}}, servicenow.Options{Table: "x_nuvo_eam_clinical_work_orders"})
	if says, err = p.c.Check(ctx); err != nil || !strings.Contains(says[3], "by hand") {
		t.Errorf("%q %v", says, err)
	}
}

// raw serves one handler and returns a connector to it.
func raw(t *testing.T, h http.HandlerFunc) *servicenow.Connector {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := servicenow.New(servicenow.Options{URL: s.URL, Auth: servicenow.Auth{User: "u", Password: servicenow.NewSecret("p")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOddAnswers(t *testing.T) {
	plain := ticket()
	plain.Person, plain.Queue = "", ""
	js := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	for _, c := range []struct {
		name         string
		h            http.HandlerFunc
		find, create remediation.TroubleKind
	}{
		{"redirect elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://login.example/?session=1", http.StatusFound)
		}, remediation.Unauthorised, remediation.Unauthorised},
		{"cut JSON", js(201, `{"result":{"sys_id":"`), remediation.Refused, remediation.Lost},
		{"no result", js(201, `{}`), remediation.Refused, remediation.Lost},
		{"no sys_id", js(201, `{"result":{"number":"INC1","correlation_id":"`+key+`"}}`), remediation.Refused, remediation.Lost},
		{"500", js(500, `{"error":{"message":"Transaction cancelled","detail":"maximum execution time exceeded"},"status":"failure"}`), remediation.Transient, remediation.Lost},
		{"502", js(502, ``), remediation.Transient, remediation.Lost},
		{"400", js(400, `{"error":{"message":"Exception while reading request"}}`), remediation.Refused, remediation.Refused},
		{"404 page of a proxy", func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) }, remediation.Refused, remediation.Refused},
		{"too long", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(strings.Repeat(" ", 5<<20)))
		}, remediation.Transient, remediation.Lost},
		{"text", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write([]byte("ok"))
		}, remediation.Refused, remediation.Refused},
		{"next page elsewhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<https://evil.example/api>;rel="next"`)
			js(200, `{"result":[]}`)(w, nil)
		}, remediation.Refused, remediation.Lost},
		{"somebody else's", js(200, `{"result":[{"sys_id":"`+strings.Repeat("a", 32)+`","correlation_id":"x"}]}`), remediation.Refused, remediation.Lost},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := raw(t, c.h)
			found, err := k.Find(ctx, key)
			kind(t, err, c.find, "")
			if found != nil {
				t.Error("orders and an error")
			}
			_, err = k.Create(ctx, plain)
			kind(t, err, c.create, "")
			if strings.Contains(err.Error(), "session=1") {
				t.Errorf("the error holds a session: %v", err)
			}
		})
	}
	c := raw(t, js(404, "<html>"))
	_, err := c.Read(ctx, strings.Repeat("a", 32))
	kind(t, err, remediation.Refused, "404") // a proxy's 404 does not show that the order is gone
	c = raw(t, js(200, `{"result":{"sys_id":"`+strings.Repeat("b", 32)+`"}}`))
	_, err = c.Read(ctx, strings.Repeat("a", 32))
	kind(t, err, remediation.Transient, "another order")
}

func TestRetryAfterForms(t *testing.T) {
	for name, c := range map[string]struct {
		h    http.Header
		want func(time.Duration) bool
	}{
		"seconds":  {http.Header{"Retry-After": {"12"}}, func(d time.Duration) bool { return d == 12*time.Second }},
		"negative": {http.Header{"Retry-After": {"-5"}}, func(d time.Duration) bool { return d == 0 }},
		"date": {http.Header{"Retry-After": {time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}},
			func(d time.Duration) bool { return d > 50*time.Minute && d <= time.Hour }},
		"absurd": {http.Header{"Retry-After": {"999999999"}}, func(d time.Duration) bool { return d == 24*time.Hour }},
		"words":  {http.Header{"Retry-After": {"soon"}}, func(d time.Duration) bool { return d == 0 }},
	} {
		k := raw(t, func(w http.ResponseWriter, _ *http.Request) {
			for n, v := range c.h {
				w.Header()[n] = v
			}
			w.WriteHeader(http.StatusTooManyRequests)
		})
		_, err := k.Find(ctx, key)
		if e := kind(t, err, remediation.Transient, "wait"); !c.want(e.RetryAfter) {
			t.Errorf("%s: %v", name, e.RetryAfter)
		}
	}
}
