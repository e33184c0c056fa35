package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/web"
)

// pagePaths are all pages of the sample hospital.
func pagePaths(h *house) []string {
	all := []string{"/", "/devices", "/findings", "/orders", "/register", "/coverage", "/audit", "/audit?page=2", "/orders?show=all", "/findings?status=resolved", "/nowhere"}
	for _, d := range h.devices {
		all = append(all, "/devices/"+d.ID)
	}
	for _, f := range h.findings {
		all = append(all, "/findings/"+f.ID)
	}
	for _, o := range h.orders {
		all = append(all, "/orders/"+o.ID)
	}
	return all
}

func TestPagesNeedASession(t *testing.T) {
	s := newSite(t, sampleHouse())
	stranger := s.browser()
	for _, path := range append(pagePaths(s.house), "/devices/%2e%2e", "/decide") {
		w := stranger.get(path)
		if w.StatusCode != http.StatusSeeOther || !strings.HasPrefix(w.Header.Get("Location"), "/login") {
			t.Errorf("%s: a stranger got %d %s", path, w.StatusCode, w.Header.Get("Location"))
		}
	}
	for _, scheme := range []map[string]string{{"Authorization": "Bearer " + s.tokens["boss"]}, {"Cookie": "__Host-auscult=0000"}} {
		if w := s.browser().do("GET", "/devices", nil, scheme); w.StatusCode != http.StatusSeeOther {
			t.Errorf("the page opened without a session: %d", w.StatusCode)
		}
	}
}

func TestEveryPageOpens(t *testing.T) {
	s := newSite(t, sampleHouse())
	for _, name := range []string{"reader", "boss"} {
		b := s.as(name)
		for _, path := range pagePaths(s.house) {
			w, want := b.get(path), http.StatusOK
			if path == "/nowhere" {
				want = http.StatusNotFound
			}
			if w.StatusCode != want || !strings.Contains(w.text, "</html>") || strings.Contains(w.text, "ZgotmplZ") {
				t.Errorf("%s as %s: %d %.200s", path, name, w.StatusCode, w.text)
			}
			for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Strict-Transport-Security"} {
				if w.Header.Get(name) == "" {
					t.Errorf("%s: no %s", path, name)
				}
			}
			if w.Header.Get("Cache-Control") != "no-store" || strings.Contains(w.text, "<script") || strings.Contains(w.text, " style=") {
				t.Errorf("%s: may be kept, or has a script or style of its own", path)
			}
		}
	}
}

// TestInvariant02TherapyStaysBehindItsRole reads everything that an account
// without the role can reach, and searches for what it may not see.
func TestInvariant02TherapyStaysBehindItsRole(t *testing.T) {
	s := newSite(t, sampleHouse())
	apis := []string{"/api/v1/devices", "/api/v1/findings", "/api/v1/orders", "/api/v1/register", "/api/v1/coverage", "/api/v1/audit", "/api/v1/feeds", "/fhir/Device", "/api/v1/openapi.json"}
	for _, d := range s.house.devices {
		apis = append(apis, "/api/v1/devices/"+d.ID, "/fhir/Device/"+d.ID)
	}
	for _, name := range []string{"reader", "actor", "boss"} {
		b, shown := s.as(name), strings.Builder{}
		for _, path := range pagePaths(s.house) {
			shown.WriteString(b.get(path).text)
		}
		for _, path := range apis {
			shown.WriteString(s.api(name, "GET", path, "").text)
		}
		for _, secret := range therapy() {
			if at := strings.Index(shown.String(), secret); at >= 0 {
				t.Errorf("%s reads %q: …%s…", name, secret, shown.String()[max(0, at-120):at+80])
			}
			for _, path := range []string{"/api/v1/devices?q=", "/fhir/Device?q="} {
				if w := s.api(name, "GET", path+strings.ReplaceAll(secret, " ", "+"), ""); strings.Contains(w.text, "d-pump") {
					t.Errorf("%s finds a pump by %q", name, secret)
				}
			}
			if w := b.get("/devices?q=" + strings.ReplaceAll(secret, " ", "+")); strings.Contains(w.text, "/devices/d-pump") {
				t.Errorf("%s finds a pump by %q on the page", name, secret)
			}
		}
	}
	b, shown := s.as("therapist"), strings.Builder{}
	for _, path := range pagePaths(s.house) {
		shown.WriteString(b.get(path).text)
	}
	for _, word := range therapy() {
		if !strings.Contains(shown.String(), word) || !strings.Contains(s.api("therapist", "GET", "/api/v1/devices", "").text, word) {
			t.Errorf("the role therapy does not see %q", word)
		}
	}
	if d := decode[inventory.Device](t, s.api("reader", "GET", "/api/v1/devices/d-pump01", "")); d.Location != "W4 0407" || d.Use.State != "in-use" || d.Use.Caution != inventory.CautionHigh || len(d.Use.Channels) != 2 {
		t.Errorf("without therapy the room, the state and the caution stay: %+v", d.Use)
	}
}

// TestInvariant10ExpiredUseIsUnknown shows that what was said too long ago counts
// as in use, on the page and in the API.
func TestInvariant10ExpiredUseIsUnknown(t *testing.T) {
	s := newSite(t, sampleHouse())
	if d := decode[inventory.Device](t, s.api("therapist", "GET", "/api/v1/devices/d-pump04", "")); d.Use.State != "unknown" || d.Use.Why == "" {
		t.Errorf("an expired statement still counts: %+v", d.Use)
	} else if d.Use.Caution != inventory.CautionHigh {
		t.Errorf("plain fluid that was said too long ago still asks for less care: %+v", d.Use)
	}
	if d := decode[inventory.Device](t, s.api("reader", "GET", "/api/v1/devices/d-ct01", "")); d.Use.State != "idle" {
		t.Errorf("a statement that holds does not count: %+v", d.Use)
	}
	s.clock.forward(20 * time.Minute)
	if w := s.as("reader").get("/devices/d-ct01"); !strings.Contains(w.text, "Not known, which counts as yes") {
		t.Error("the page does not say that the use of the CT is not known any more")
	}
}

// TestPageTellsWhatIsGiven tells apart what is dangerous, what nobody knows and
// what is plain fluid.
func TestPageTellsWhatIsGiven(t *testing.T) {
	page := newSite(t, sampleHouse()).as("therapist").get("/devices/d-pump02").text
	for _, pill := range []string{`pill bad">vasoactive<`, `pill bad">unknown drug<`, `pill">plain fluid<`} {
		if !strings.Contains(page, pill) {
			t.Errorf("the page does not show %s", pill)
		}
	}
}

func TestDevicePageAnswersAtAGlance(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.as("reader")
	for path, want := range map[string][]string{
		"/devices/d-pump01": {"Infusion pump", "Oncology day ward", "Jana Weber, Moses Okafor", "Yes, it is in use", "Apply the maker’s patch", "No: waiting", "1 person was refused", "speaks through"},
		"/devices/d-ct01":   {"GE HealthCare Service", "No, it is idle", "Contact vendor", "No: draft"},
		"/devices/d-mon02":  {"Perhaps: on standby, it may still be attached", "Nothing known", "There is nothing to finish", "Whoever is authorised for it"},
		"/devices/d-anae01": {"Perhaps: off, it may still be attached", "Life support"},
		"/devices/d-vent01": {"never heard", "Not known, which counts as yes", "WO-19321"},
		"/devices/d-dia01":  {"is ambiguous: a person must say", "Sources contradict each other", "Nobody is named", "/register#at-050102"},
		"/devices/d-odd01":  {"Not known yet", "The register holds no record that fits"},
		"/devices/d-lab01":  {"Yes: the wire shows it"},
		"/devices/d-mon01":  {"No: said to be done, still seen"},
	} {
		w := b.get(path)
		for _, word := range want {
			if !strings.Contains(w.text, word) {
				t.Errorf("%s does not say %q", path, word)
			}
		}
	}
}

// TestQuestionOfUseFitsTheType asks after a patient only where one may be attached,
// or where nobody knows what the device is.
func TestQuestionOfUseFitsTheType(t *testing.T) {
	h := sampleHouse()
	h.devices = append(h.devices, device("busy01", "workstation", "Maker", "PC", "1", func(d *inventory.Device) { d.Use = inventory.Use{State: "in-use"} }))
	b := newSite(t, h).as("reader")
	const patient, use = "Is a patient on it?", "Is it in use?"
	for path, want := range map[string][3]string{ // the question, the answer, what must not stand there
		"/devices/d-pump01": {patient, "Yes, it is in use", use},
		"/devices/d-vent01": {patient, "Not known, which counts as yes", use},
		"/devices/d-odd01":  {patient, "Not known, which counts as yes", use},
		"/devices/d-lab01":  {use, "Yes, it is in use", patient},
		"/devices/d-bga01":  {use, "Not known, which counts as yes", patient},
		"/devices/d-ct01":   {use, "No, it is idle", patient},
		"/devices/d-pacs01": {use, "Does not apply", "counts as yes"},
		"/devices/d-long01": {use, "before work it counts as in use", patient},
		"/devices/d-busy01": {use, "Yes, it is in use", "Does not apply"},
	} {
		w := b.get(path)
		if !strings.Contains(w.text, want[0]) || !strings.Contains(w.text, want[1]) || strings.Contains(w.text, want[2]) {
			t.Errorf("%s does not ask %q with the answer %q, or says %q", path, want[0], want[1], want[2])
		}
	}
}

func TestOrderPage(t *testing.T) {
	s := newSite(t, sampleHouse())
	b := s.as("actor")
	for path, want := range map[string][]string{
		"/orders/o-pump-1": {"Ellen Park", "certificate for Agilia ended", "Second release:", "WO0010042", `rel="noopener noreferrer external"`, "at cmms.example.org", "4 hours at most", "20471101"},
		"/orders/o-dia-1":  {"Match not confirmed:", "to nobody", "held by j.weber", "Release this order"},
		"/orders/o-mon-1":  {"Make this order again", "still present"},
	} {
		w := b.get(path)
		for _, word := range want {
			if !strings.Contains(strings.ReplaceAll(w.text, "To nobody", "to nobody"), word) {
				t.Errorf("%s does not say %q", path, word)
			}
		}
		if strings.Contains(w.text, `name="hours"`) {
			t.Errorf("%s asks for hours", path)
		}
	}
	if w := s.as("reader").get("/orders/o-pump-1"); strings.Contains(w.text, `action="/decide"`) || !strings.Contains(w.text, "role act") {
		t.Error("a reader is offered decisions, or is not told why not")
	}
}

// TestCMMSLinkLeadsOnlyToWebPages keeps addresses of other systems from doing
// more than opening a page there.
func TestCMMSLinkLeadsOnlyToWebPages(t *testing.T) {
	h := sampleHouse()
	b := newSite(t, h).as("reader")
	for url, safe := range map[string]bool{"https://cmms.example.org/wo?id=1": true, "http://cmms.local/1": true, "javascript:alert(1)": false, "data:text/html,x": false,
		"//evil.example": false, "/logout": false, "https://user:secret@cmms.example.org/": false, "ftp://cmms.example.org": false, "": false} {
		h.orders[0].CMMS.URL = url
		w := b.get("/orders/o-pump-1")
		if got := strings.Contains(w.text, "noopener noreferrer external"); got != safe || strings.Contains(w.text, "secret") {
			t.Errorf("%q is a link: %v, want %v", url, got, safe)
		}
		if !strings.Contains(w.text, "WO0010042") {
			t.Errorf("%q: the number is gone", url)
		}
	}
}

// TestDecisionsFitTheState shows which decisions an order offers in each state, as
// the desk of orders takes them.
func TestDecisionsFitTheState(t *testing.T) {
	held := func(code remediation.HoldCode, says string) func(*remediation.WorkOrder) {
		return func(o *remediation.WorkOrder) { o.Tell = remediation.Gate{Holds: []remediation.Hold{hold(code, says)}} }
	}
	start := func(code remediation.HoldCode, says string) func(*remediation.WorkOrder) {
		return func(o *remediation.WorkOrder) { startHeld(o, hold(code, says)) }
	}
	attest := func(o *remediation.WorkOrder) { o.Verification.By = remediation.ByAttest }
	cases := []struct {
		state remediation.OrderState
		more  func(*remediation.WorkOrder)
		want  string
	}{
		{remediation.StateDraft, nil, "send hold cancel"},
		{remediation.StateHeld, held(remediation.ObserveMode, "observed"), "hold cancel"},
		{remediation.StateHeld, held(remediation.Budget, "used up"), "release cancel"},
		{remediation.StateHeld, held(remediation.ChangeApproval, "held by x: y"), "release cancel"},
		{remediation.StateReady, nil, "hold cancel"},
		{remediation.StateSubmitting, nil, ""},
		{remediation.StateSubmitted, nil, "hold cancel"},
		{remediation.StateAcknowledged, start(remediation.InUse, "in use"), "attest hold cancel"},
		{remediation.StateScheduled, start(remediation.ChangeApproval, "held by x: y"), "release cancel"},
		{remediation.StateWaiting, start(remediation.SecondRelease, "two"), "attest hold cancel"},
		{remediation.StateWaiting, start(remediation.OutsideWindow, "later"), "hold cancel"},
		{remediation.StateInProgress, start(remediation.OnStandby, "standby"), "attest hold cancel"},
		{remediation.StateWorkDone, nil, ""},
		{remediation.StateWorkDone, attest, "attest"},
		{remediation.StateVerifying, func(o *remediation.WorkOrder) { o.Verification.State = "not_observable" }, "attest"},
		{remediation.StateVerifyFailed, nil, "retry cancel"},
		{remediation.StateRejected, nil, "retry cancel"},
		{remediation.StateLost, nil, "retry cancel"},
		{remediation.StateCancelled, nil, "retry"},
		{remediation.StateNoAction, nil, "retry"},
		{remediation.StateVerified, nil, ""},
		{remediation.StateSuperseded, nil, ""},
	}
	h := sampleHouse()
	h.orders = nil
	for i, c := range cases {
		h.orders = append(h.orders, order(fmt.Sprint(i), fmt.Sprint(i), "030501", "pump-1", "P1", "Something", c.state, c.more))
	}
	b := newSite(t, h).as("actor")
	for i, c := range cases {
		w := b.get(fmt.Sprintf("/orders/o-%d", i))
		var got []string
		for _, verb := range []string{"send", "attest", "release", "retry", "hold", "cancel"} {
			if strings.Contains(w.text, `name="verb" value="`+verb+`"`) {
				got = append(got, verb)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: offers %q, want %q", c.state, strings.Join(got, " "), c.want)
		}
	}
}

func TestCancelledOrderWithASuccessorIsNotRetried(t *testing.T) {
	h := sampleHouse()
	old := order("old", "pump01", "030501", "pump-1", "P1", "Something", remediation.StateCancelled, nil)
	next := order("next", "pump01", "030501", "pump-1", "P1", "Something", remediation.StateDraft, func(o *remediation.WorkOrder) { o.Generation = 1 })
	h.orders = []remediation.WorkOrder{old, next}
	b := newSite(t, h).as("actor")
	if w := b.get("/orders/o-old"); strings.Contains(w.text, `value="retry"`) || !strings.Contains(w.text, `href="/orders/o-next"`) {
		t.Error("an order that was made again can be made again")
	}
	if w := b.get("/orders/o-next"); !strings.Contains(w.text, `href="/orders/o-old"`) {
		t.Error("an order does not name the one before it")
	}
}

func TestEmptyHouseSaysWhatToDo(t *testing.T) {
	b := newSite(t, &house{coverage: web.Coverage{Mode: "observe"}}).as("boss")
	for path, want := range map[string]string{"/": "No device is known yet", "/devices": "No device is known yet", "/register": "auscult register import", "/coverage": "No mirror port is declared",
		"/findings": "not a promise", "/orders": "None.", "/audit": "None yet."} {
		if w := b.get(path); w.StatusCode != http.StatusOK || !strings.Contains(w.text, want) {
			t.Errorf("%s of an empty house does not say %q", path, want)
		}
	}
	if w := b.get("/"); strings.Contains(w.text, `href="#`) && !strings.Contains(w.text, `href="#main"`) {
		t.Error("an empty start page links to nothing")
	}
}

func TestListsHavePages(t *testing.T) {
	h := &house{coverage: web.Coverage{Mode: "observe"}}
	for i := range 250 {
		h.devices = append(h.devices, device(fmt.Sprintf("%04d", i), "server", "Maker", "Model", fmt.Sprint(i), nil))
	}
	b := newSite(t, h).as("reader")
	seen := map[string]bool{}
	path := "/devices?q=maker&type=server"
	for range 3 {
		w := b.get(path)
		for _, d := range h.devices {
			if strings.Contains(w.text, "/devices/"+d.ID+`"`) {
				if seen[d.ID] {
					t.Errorf("%s stands on two pages", d.ID)
				}
				seen[d.ID] = true
			}
		}
		_, rest, _ := strings.Cut(w.text, `rel="next" href="`)
		path, _, _ = strings.Cut(rest, `"`)
		path = strings.ReplaceAll(path, "&amp;", "&")
	}
	if len(seen) != 250 || path != "" {
		t.Errorf("three pages show %d of 250 devices; then %q", len(seen), path)
	}
	for _, odd := range []string{"0", "-1", "99999999999999999999", "x", "4"} {
		if w := b.get("/devices?page=" + odd); w.StatusCode != http.StatusOK {
			t.Errorf("page=%s: %d", odd, w.StatusCode)
		}
	}
}

// TestOddIds opens what has characters that mean something in addresses and in
// HTML, and goes nowhere else with what is none.
func TestOddIds(t *testing.T) {
	h := sampleHouse()
	for _, id := range []string{`d-"><script>`, "d-a/b?c#d", "d-%2e%2e", "d-ü € '"} {
		h.devices = append(h.devices, inventory.Device{ID: id, Type: "server", Hostnames: []string{id}, Asset: record(`<b>&"#`, "", "", "", "", nil)})
	}
	b := newSite(t, h).as("boss")
	list := b.get("/devices?q=d-").text
	if strings.Contains(list, "<script>") || strings.Contains(list, "<b>&") {
		t.Error("a name became HTML")
	}
	opened := 0
	for _, part := range strings.Split(list, `class="lead"><a href="`)[1:] {
		path, _, _ := strings.Cut(part, `"`)
		if w := b.get(path); w.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, w.StatusCode)
		}
		opened++
	}
	if opened < 4 {
		t.Errorf("opened %d devices", opened)
	}
	for _, path := range []string{"/devices/%2e%2e", "/devices/..%2f..%2fetc%2fpasswd", "/assets/..%2ftemplates%2fframe.html", "/assets/%2e%2e/house.go", "/assets/", "/devices/%00", "/devices/%ff"} {
		if w := b.get(path); w.StatusCode == http.StatusOK || w.StatusCode >= 500 || strings.Contains(w.text, "{{") {
			t.Errorf("%s: %d %.80s", path, w.StatusCode, w.text)
		}
	}
}

func TestFindOpensTheOneDevice(t *testing.T) {
	b := newSite(t, sampleHouse()).as("reader")
	for key, want := range map[string]string{"030501": "/devices/d-pump01", "10.1.20.21": "/devices/d-mr01", "GE_REV_CT1": "/devices/d-ct01", "08:00:06:77:1b:02": "/devices/d-mr01"} {
		if w := b.get("/devices?open=1&q=" + key); w.Header.Get("Location") != want {
			t.Errorf("%s leads to %q, want %s", key, w.Header.Get("Location"), want)
		}
	}
	if w := b.get("/devices?open=1&q=philips"); w.StatusCode != http.StatusOK || !strings.Contains(w.text, "EPIQ 7C") {
		t.Errorf("a word that several fit does not list them: %d", w.StatusCode)
	}
}

func TestAlarmsAreOnEveryPageAndForNoStranger(t *testing.T) {
	h := sampleHouse()
	h.coverage.Taps[0].Transmitted = 1
	h.coverage.Stopped = true
	s := newSite(t, h)
	for _, path := range []string{"/", "/orders", "/nowhere"} {
		w := s.as("reader").get(path)
		for _, want := range []string{"A frame left the capture interface of span0", "span1 has been silent", "Writing is stopped"} {
			if !strings.Contains(w.text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
	}
	if w := s.browser().get("/login"); strings.Contains(w.text, "span1") || strings.Contains(w.text, "1.2.3-test") {
		t.Error("a stranger reads alarms or the version")
	}
}
