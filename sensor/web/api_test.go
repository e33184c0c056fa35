package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/web"
)

// routes are all that the API has, and what each asks of an account.
var routes = map[string]web.Role{
	"GET /api/v1/devices": web.Read, "GET /api/v1/devices/{id}": web.Read, "GET /api/v1/findings": web.Read, "GET /api/v1/findings/{id}": web.Read,
	"GET /api/v1/orders": web.Read, "GET /api/v1/orders/{id}": web.Read, "GET /api/v1/register": web.Read, "GET /api/v1/coverage": web.Read,
	"GET /api/v1/feeds": web.Read, "GET /api/v1/audit": web.Read, "GET /api/v1/openapi.json": web.Read, "GET /fhir/Device": web.Read, "GET /fhir/Device/{id}": web.Read,
	"POST /api/v1/orders/{id}/send": web.Act, "POST /api/v1/orders/{id}/attest": web.Act, "POST /api/v1/orders/{id}/hold": web.Act, "POST /api/v1/orders/{id}/release": web.Act,
	"POST /api/v1/orders/{id}/cancel": web.Act, "POST /api/v1/orders/{id}/retry": web.Act, "POST /api/v1/register/confirm": web.Act, "POST /api/v1/register/reject": web.Act,
}

// ids gives each collection something that is there.
func filled(path string) string {
	for part, id := range map[string]string{"devices": "d-pump01", "Device": "d-pump01", "findings": "f-pump-1", "orders": "o-pump-3"} {
		path = strings.Replace(path, "/"+part+"/{id}", "/"+part+"/"+id, 1)
	}
	return path
}

func TestEveryRouteByRole(t *testing.T) {
	s := newSite(t, sampleHouse())
	for route, needs := range routes {
		method, path, _ := strings.Cut(route, " ")
		path = filled(path)
		body := ""
		if method == "POST" {
			body = `{"reason":"a test"}`
		}
		if w := s.api("", method, path, body); w.StatusCode != http.StatusUnauthorized || w.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: a stranger got %d", route, w.StatusCode)
		}
		if w := s.browser().do(method, path, nil, map[string]string{"Authorization": "Bearer 00"}); w.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: a wrong token got %d", route, w.StatusCode)
		}
		for name, roles := range people {
			w := s.api(name, method, path, body)
			may := needs == web.Read || slices.Contains(roles, needs)
			if refused := w.StatusCode == http.StatusForbidden; refused == may || w.StatusCode == http.StatusUnauthorized {
				t.Errorf("%s as %s: %d %s", route, name, w.StatusCode, w.text)
			}
			if w.StatusCode >= 400 {
				isProblem(t, w)
			}
		}
	}
}

func isProblem(t *testing.T, w answer) {
	t.Helper()
	p := decode[struct {
		Title, Detail string
		Status        int
	}](t, w)
	if !strings.HasPrefix(w.Header.Get("Content-Type"), "application/problem+json") || p.Status != w.StatusCode || p.Detail == "" || p.Title == "" {
		t.Errorf("%s: not a problem that says what is wrong: %q", w.Request.URL, w.text)
	}
}

type description struct {
	OpenAPI    string
	Paths      map[string]map[string]any
	Components struct {
		Schemas map[string]struct{ Properties map[string]any }
	}
}

// TestOpenAPIListsWhatIsThere compares the description with the routes above, and
// each of them with the server.
func TestOpenAPIListsWhatIsThere(t *testing.T) {
	s := newSite(t, sampleHouse())
	w := s.api("reader", "GET", "/api/v1/openapi.json", "")
	d := decode[description](t, w)
	var described []string
	for path, methods := range d.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(described)
	if want := slices.Sorted(maps.Keys(routes)); !slices.Equal(described, want) || !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("described:\n%s\nwant:\n%s", strings.Join(described, "\n"), strings.Join(want, "\n"))
	}
	for _, route := range described {
		method, path, _ := strings.Cut(route, " ")
		if w := s.api("boss", method, filled(path), `{"reason":"a test"}`); w.StatusCode == http.StatusNotFound || w.StatusCode == http.StatusMethodNotAllowed {
			t.Errorf("%s is described and not there: %d %s", route, w.StatusCode, w.text)
		}
	}
	for _, ref := range strings.Split(w.text, `"$ref":"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if len(d.Components.Schemas[name].Properties) == 0 {
			t.Errorf("the schema %s is named and empty", name)
		}
	}
	for _, field := range []string{"id", "use", "asset", "ips", "presence"} {
		if d.Components.Schemas["Device"].Properties[field] == nil {
			t.Errorf("the schema of a device lacks %s", field)
		}
	}
}

func TestAPIShapes(t *testing.T) {
	s := newSite(t, sampleHouse())
	if all := decode[[]inventory.Device](t, s.api("reader", "GET", "/api/v1/devices", "")); len(all) != len(s.house.devices) {
		t.Errorf("%d devices", len(all))
	}
	for q, want := range map[string]int{"type:infusion-pump": 4, "unit:onco": 4, "has:orders+type:ct": 1, "nothing-like-it": 0, "use:unknown+type:infusion-pump": 1, "GE_REV": 1, "match:ambiguous": 1, "presence:register": 1, "maker:siemens": 1, "00:19:95": 1} {
		if all := decode[[]inventory.Device](t, s.api("reader", "GET", "/api/v1/devices?q="+q, "")); len(all) != want {
			t.Errorf("q=%s: %d devices, want %d", q, len(all), want)
		}
	}
	if o := decode[remediation.WorkOrder](t, s.api("reader", "GET", "/api/v1/orders/o-pump-1", "")); o.State != remediation.StateWaiting || len(o.Start.Holds) != 2 {
		t.Errorf("order: %+v", o)
	}
	if f := decode[remediation.Finding](t, s.api("reader", "GET", "/api/v1/findings/f-pump-1", "")); f.Cause != "ICSMA-21-355-01" {
		t.Errorf("finding: %+v", f)
	}
	for _, path := range []string{"devices/d-none", "findings/f-none", "orders/o-none", "nothing", "devices/d-pump01/more"} {
		if w := s.api("reader", "GET", "/api/v1/"+path, ""); w.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.StatusCode)
		} else {
			isProblem(t, w)
		}
	}
	if w := s.api("reader", "DELETE", "/api/v1/devices", ""); w.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(w.Header.Get("Allow"), "GET") {
		t.Errorf("DELETE: %d, allows %q", w.StatusCode, w.Header.Get("Allow"))
	}
}

// TestNoListIsNull gives scripts [] where nothing is.
func TestNoListIsNull(t *testing.T) {
	s := newSite(t, &house{})
	for _, path := range []string{"devices", "findings", "orders", "audit", "feeds"} {
		if w := s.api("reader", "GET", "/api/v1/"+path, ""); strings.TrimSpace(w.text) != "[]" {
			t.Errorf("%s of an empty house: %q", path, w.text)
		}
	}
	for path, lists := range map[string][]string{"coverage": {"taps", "holes", "protocols"}, "register": {"matches", "defects"}} {
		got := decode[map[string]any](t, s.api("reader", "GET", "/api/v1/"+path, ""))
		for _, l := range lists {
			if _, ok := got[l].([]any); !ok {
				t.Errorf("%s.%s is %v", path, l, got[l])
			}
		}
	}
}

func TestAmbiguousKeyAndBrokenStore(t *testing.T) {
	h := sampleHouse()
	h.devices[0].IPs = h.devices[1].IPs
	h.auditErr = fmt.Errorf("open /var/lib/secret-place: input/output error")
	s := newSite(t, h)
	if w := s.api("reader", "GET", "/api/v1/devices/10.1.20.21", ""); w.StatusCode != http.StatusConflict || !strings.Contains(w.text, "d-ct01") {
		t.Errorf("an address that two devices have: %d %s", w.StatusCode, w.text)
	}
	if w := s.api("reader", "GET", "/api/v1/audit", ""); w.StatusCode != http.StatusInternalServerError || strings.Contains(w.text, "secret-place") {
		t.Errorf("a store that fails: %d %s", w.StatusCode, w.text)
	}
	if w := s.as("reader").get("/audit"); w.StatusCode != http.StatusInternalServerError || strings.Contains(w.text, "secret-place") {
		t.Errorf("a store that fails, on the page: %d", w.StatusCode)
	}
}

func TestListsInParts(t *testing.T) {
	s := newSite(t, sampleHouse())
	var got []string
	for path := "/api/v1/devices?limit=7"; path != ""; {
		w := s.api("reader", "GET", path, "")
		for _, d := range decode[[]inventory.Device](t, w) {
			got = append(got, d.ID)
		}
		path = ""
		if link := w.Header.Get("Link"); link != "" {
			path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		}
	}
	if len(got) != len(s.house.devices) || len(slices.Compact(slices.Sorted(slices.Values(got)))) != len(got) {
		t.Errorf("parts hold %d of %d devices", len(got), len(s.house.devices))
	}
	for _, bad := range []string{"limit=x", "limit=-1", "offset=1.5"} {
		if w := s.api("reader", "GET", "/api/v1/devices?"+bad, ""); w.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.StatusCode)
		}
	}
	if all := decode[[]inventory.Device](t, s.api("reader", "GET", "/api/v1/devices?offset=9999", "")); len(all) != 0 {
		t.Errorf("behind the end are %d devices", len(all))
	}
}

func TestFHIRBundle(t *testing.T) {
	s := newSite(t, sampleHouse())
	w := s.api("reader", "GET", "/fhir/Device?_count=10", "")
	b := decode[struct {
		ResourceType, Type string
		Total              int
		Link               []struct{ Relation, URL string }
		Entry              []struct {
			FullURL  string
			Resource map[string]any
			Search   struct{ Mode string }
		}
	}](t, w)
	if w.Header.Get("Content-Type") != "application/fhir+json" || b.ResourceType != "Bundle" || b.Type != "searchset" || b.Total != len(s.house.devices) || len(b.Entry) != 10 {
		t.Fatalf("bundle: %s %+v", w.Header.Get("Content-Type"), b)
	}
	if len(b.Link) != 2 || b.Link[0].Relation != "self" || b.Link[1].Relation != "next" {
		t.Errorf("links: %+v", b.Link)
	}
	for _, e := range b.Entry {
		if e.Resource["resourceType"] != "Device" || e.Search.Mode != "match" || !strings.HasSuffix(e.FullURL, e.Resource["id"].(string)) {
			t.Errorf("entry: %+v", e)
		}
		for _, never := range []string{"patient", "location", "note"} {
			if e.Resource[never] != nil {
				t.Errorf("a Device carries %s", never)
			}
		}
	}
	one := decode[map[string]any](t, s.api("reader", "GET", "/fhir/Device/d-pump01", ""))
	if one["serialNumber"] != "20471101" || one["status"] != "active" || one["owner"] == nil {
		t.Errorf("device: %v", one)
	}
	raw, err := json.Marshal(web.FHIRDevice(s.house.devices[0]))
	if err != nil || !strings.Contains(string(raw), `"resourceType":"Device"`) {
		t.Errorf("FHIRDevice: %s %v", raw, err)
	}
}

func TestWrites(t *testing.T) {
	s := newSite(t, sampleHouse())
	post := func(path, body, media string) answer {
		return s.browser().do("POST", path, strings.NewReader(body), map[string]string{"Authorization": "Bearer " + s.tokens["actor"], "Content-Type": media})
	}
	for _, c := range []struct {
		path, body, media string
		want              int
	}{
		{"/api/v1/orders/o-pump-3/send", `{}`, "application/json", http.StatusOK},
		{"/api/v1/orders/o-pump-3/send", `{"reason":"again"}`, "application/json; charset=utf-8", http.StatusConflict},
		{"/api/v1/orders/o-ct-1/send", ``, "application/json", http.StatusOK},
		{"/api/v1/orders/o-none/send", `{}`, "application/json", http.StatusNotFound},
		{"/api/v1/orders/o-ct-1/send", `reason=x`, "application/x-www-form-urlencoded", http.StatusUnsupportedMediaType},
		{"/api/v1/orders/o-ct-1/send", `{"hours":900}`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/send", `{"reason":1}`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/send", `{} {}`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/send", `[`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/hold", `{"reason":"` + strings.Repeat("x", 201) + `"}`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/hold", `{"reason":"two\nlines"}`, "application/json", http.StatusBadRequest},
		{"/api/v1/orders/o-ct-1/hold", `{"reason":"` + strings.Repeat("x", 70_000) + `"}`, "application/json", http.StatusRequestEntityTooLarge},
		{"/api/v1/orders/o-ct-1/destroy", `{}`, "application/json", http.StatusNotFound},
		{"/api/v1/register/confirm", `{"control_number":"050102","device":"d-dia01","reason":"read at the device"}`, "application/json", http.StatusOK},
	} {
		w := post(c.path, c.body, c.media)
		if w.StatusCode != c.want {
			t.Errorf("%s %.40s: %d %s, want %d", c.path, c.body, w.StatusCode, w.text, c.want)
		}
		if w.StatusCode >= 400 {
			isProblem(t, w)
		}
	}
	last := s.house.acted()[len(s.house.acted())-1]
	if want := (web.Action{By: "actor", Subject: "match", ID: "050102", Verb: "confirm", Device: "d-dia01", Reason: "read at the device"}); last != want {
		t.Errorf("the house heard %+v, want %+v", last, want)
	}
}

// TestBrowserCannotBeMadeToWrite refuses writes with a password that a browser
// attaches by itself, and such that another site's page sends.
func TestBrowserCannotBeMadeToWrite(t *testing.T) {
	s := newSite(t, sampleHouse())
	person := s.as("actor")
	csrf := person.csrf()
	for name, header := range map[string]map[string]string{
		"no token":           {"Origin": s.URL, "Sec-Fetch-Site": "same-origin"},
		"a wrong token":      {"Origin": s.URL, "X-CSRF-Token": strings.Repeat("0", len(csrf))},
		"another site":       {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "X-CSRF-Token": csrf},
		"a basic password":   {"Origin": s.URL, "Sec-Fetch-Site": "same-origin", "Authorization": "Bearer " + s.tokens["actor"], "Cookie": ""},
		"an opaque origin":   {"Origin": "null", "X-CSRF-Token": csrf},
		"a token in the URL": {"Origin": s.URL, "Sec-Fetch-Site": "same-origin"},
	} {
		header["Content-Type"] = "application/json"
		path := "/api/v1/orders/o-pump-3/send"
		if name == "a token in the URL" {
			path += "?csrf=" + csrf
		}
		b := person
		if name == "a basic password" {
			b = s.browser()
		}
		if w := b.do("POST", path, strings.NewReader("{}"), header); w.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, w.StatusCode, w.text)
		}
	}
	if len(s.house.acted()) != 0 {
		t.Errorf("the house heard %+v", s.house.acted())
	}
	if w := person.do("POST", "/api/v1/orders/o-pump-3/send", strings.NewReader("{}"), map[string]string{"Content-Type": "application/json", "X-CSRF-Token": csrf, "Origin": s.URL}); w.StatusCode != http.StatusOK {
		t.Errorf("the page's own token: %d %s", w.StatusCode, w.text)
	}
}

func TestMetricsAndHealth(t *testing.T) {
	s := newSite(t, sampleHouse())
	for token, want := range map[string]int{"": 401, "Bearer ": 401, "Bearer wrong": 401, metricsToken: 401, "Bearer " + s.tokens["boss"]: 401, "Bearer " + metricsToken: 200} {
		w := s.browser().do("GET", "/metrics", nil, map[string]string{"Authorization": token})
		if w.StatusCode != want || (want == 200) != strings.Contains(w.text, "auscult_test 1") {
			t.Errorf("metrics with %q: %d", token, w.StatusCode)
		}
	}
	if w := s.browser().get("/healthz"); w.StatusCode != http.StatusOK || w.text != "ok\n" {
		t.Errorf("healthz: %d %q", w.StatusCode, w.text)
	}
	if w := s.browser().get("/readyz"); w.StatusCode != http.StatusServiceUnavailable || strings.Contains(w.text, "span1") {
		t.Errorf("readyz tells a stranger %d %q", w.StatusCode, w.text)
	}
	if w := s.browser().do("GET", "/readyz", nil, map[string]string{"Authorization": "Bearer " + metricsToken}); !strings.Contains(w.text, "span1: no such interface") {
		t.Errorf("readyz does not tell the scraper: %q", w.text)
	}
}
