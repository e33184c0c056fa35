package standin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/remediation/cmms/servicenow/standin"
)

// get asks the stand-in and returns status, headers and the body's text.
func get(t *testing.T, s http.Handler, method, path, body string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	b, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Result(), string(b)
}

func query(q string) string { return "/api/now/v2/table/incident?sysparm_query=" + url.QueryEscape(q) }

func rows(t *testing.T, body string) []map[string]any {
	t.Helper()
	var a struct{ Result []map[string]any }
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return a.Result
}

func TestDocumentedBehaviour(t *testing.T) {
	s := standin.New(standin.Options{})
	resp, body := get(t, s, "POST", "/api/now/v2/table/incident", `{"short_description":"x","correlation_id":"k","urgency":3,"u_nowhere":"y"}`)
	if resp.StatusCode != 201 || resp.Header.Get("Location") == "" || !strings.Contains(body, `"urgency":"3"`) || strings.Contains(body, "u_nowhere") {
		t.Fatalf("create: %d %s", resp.StatusCode, body)
	}
	for name, c := range map[string]struct {
		path string
		code int
		rows int
	}{
		"v2 nothing":           {query("correlation_id=none"), 200, 0},
		"v1 nothing":           {strings.Replace(query("correlation_id=none"), "v2", "v1", 1), 404, -1},
		"found":                {query("correlation_id=k^ORDERBYsys_created_on"), 200, 1},
		"unknown clause drops": {query("corelation_id=none"), 200, 1},
		"not equal":            {query("state!=1"), 200, 0},
		"like":                 {query("short_descriptionLIKEx"), 200, 1},
		"bad table":            {"/api/now/v2/table/nowhere", 400, -1},
		"bad id":               {"/api/now/v2/table/incident/none", 404, -1},
	} {
		resp, body := get(t, s, "GET", c.path, "")
		if resp.StatusCode != c.code || c.rows >= 0 && len(rows(t, body)) != c.rows {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
	_, body = get(t, s, "GET", query("correlation_id=k")+"&sysparm_fields=number,nowhere", "")
	if r := rows(t, body); len(r[0]) != 1 || r[0]["number"] != "INC0000001" {
		t.Errorf("fields: %v", r)
	}
	r := httptest.NewRequest("GET", query("state=1"), nil)
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != 400 {
		t.Errorf("no Accept header: %d", w.Code)
	}
	if resp, _ := get(t, s, "POST", "/api/now/v2/table/incident", `not json`); resp.StatusCode != 400 {
		t.Errorf("not JSON: %d", resp.StatusCode)
	}
}

func TestPagesLink(t *testing.T) {
	s := standin.New(standin.Options{})
	for range 5 {
		if _, err := s.Add("incident", map[string]string{"correlation_id": "k"}); err != nil {
			t.Fatal(err)
		}
	}
	next, pages, seen := query("correlation_id=k^ORDERBYnumber")+"&sysparm_limit=2", 0, 0
	for next != "" {
		resp, body := get(t, s, "GET", next, "")
		pages, seen = pages+1, seen+len(rows(t, body))
		if resp.Header.Get("X-Total-Count") != "5" {
			t.Errorf("total %q", resp.Header.Get("X-Total-Count"))
		}
		next, _, _ = strings.Cut(resp.Header.Get("Link"), ">")
		next = strings.TrimPrefix(next, "<")
	}
	if pages != 3 || seen != 5 {
		t.Errorf("%d pages, %d rows", pages, seen)
	}
}

func TestPeople(t *testing.T) {
	s := standin.New(standin.Options{People: []string{"T-1"}})
	n, err := s.Add("incident", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{s.Assign(n, "T-2"), s.SetState(n, "2"), s.Close(n, "6", "done")} {
		if err != nil {
			t.Error(err)
		}
	}
	if o := s.Orders()[0]; o.Assignee != "T-2" || o.State != "6" {
		t.Errorf("%+v", o)
	}
	if err := s.Delete(n); err != nil || len(s.Orders()) != 0 {
		t.Errorf("delete: %v", err)
	}
	if s.SetState(n, "1") == nil || s.Delete("INC9") == nil {
		t.Error("edited what is not there")
	}
	if _, err := s.Add("sys_user", nil); err == nil {
		t.Error("made an order in the directory")
	}
}

func TestLag(t *testing.T) {
	now := time.Now()
	s := standin.New(standin.Options{Lag: 30 * time.Second, Now: func() time.Time { return now }})
	_, _ = get(t, s, "POST", "/api/now/v2/table/incident", `{"correlation_id":"k"}`)
	if _, body := get(t, s, "GET", query("correlation_id=k"), ""); len(rows(t, body)) != 0 {
		t.Error("found before the lag has passed")
	}
	now = now.Add(31 * time.Second)
	if _, body := get(t, s, "GET", query("correlation_id=k"), ""); len(rows(t, body)) != 1 {
		t.Error("not found after the lag")
	}
}

func TestPage(t *testing.T) {
	s := standin.New(standin.Options{})
	if _, body := get(t, s, "GET", "/", ""); !strings.Contains(body, "No orders yet") {
		t.Errorf("empty page: %s", body)
	}
	n, _ := s.Add("incident", map[string]string{"short_description": "<script>alert(1)</script>", "description": "a & b"})
	resp, body := get(t, s, "GET", "/", "")
	if strings.Contains(body, "<script>") || !strings.Contains(body, n) || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		t.Errorf("page: %s", body)
	}
	form := url.Values{"number": {n}, "state": {"2"}, "person": {"T-9"}}
	r := httptest.NewRequest("POST", "/edit", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if o := s.Orders()[0]; w.Code != http.StatusSeeOther || o.State != "2" || o.Assignee != "T-9" {
		t.Errorf("edit: %d %+v", w.Code, o)
	}
	r = httptest.NewRequest("POST", "/edit", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("a form of another site: %d", w.Code)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := standin.New(standin.Options{})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 20 {
				_, _ = get(t, s, "POST", "/api/now/v2/table/incident", fmt.Sprintf(`{"correlation_id":"k%d"}`, i))
				_, _ = get(t, s, "GET", query("correlation_id=k1"), "")
				s.SetQuirks(standin.Quirks{})
				_ = s.SetState("INC0000001", "2")
				s.Orders()
			}
		}()
	}
	wg.Wait()
	if _, creates := s.Requests(); creates != 160 || len(s.Orders()) != 160 {
		t.Errorf("%d creates, %d orders", creates, len(s.Orders()))
	}
}
