package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/sensor/demo"
)

// promised is how long a newcomer waits at most for the whole story.
const promised = time.Minute

func TestDemoTellsTheStory(t *testing.T) {
	t.Run("files", func(t *testing.T) { tellStory(t, demo.Options{FilesOnly: true}) })
	t.Run("wire", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root to lay a wire in a network namespace")
		}
		tellStory(t, demo.Options{})
	})
}

func tellStory(t *testing.T, o demo.Options) {
	before := traces(t)
	s := start(t, o)
	wantWire := !o.FilesOnly
	if strings.Contains(s.out.String(), "over a wire") != wantWire {
		t.Errorf("the screen does not say how the traffic comes:\n%s", s.out)
	}
	s.wait("the three orders", func() bool {
		m, e, n := s.order("040211"), s.order("040212"), s.order("010031")
		return m.CMMS.Number != "" && e.CMMS.Number != "" && n.State == remediation.StateHeld && s.device("060051").ID != ""
	})
	if took := time.Since(s.began); took > promised {
		t.Errorf("the story took %v", took)
	}
	s.checkManufacturer()
	s.checkEngineer()
	s.checkHeld()
	s.checkCoverage(wantWire)
	s.wait("the story on the screen", func() bool {
		return strings.Count(s.out.String(), "Refused:") >= 3 && strings.Contains(s.out.String(), "heard      image archive")
	})
	s.checkSecrets()
	s.stop()
	if after := traces(t); after != before {
		t.Errorf("something is left: before %+v, after %+v", before, after)
	}
	if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) > 0 {
		t.Errorf("files are left: %q", left)
	}
	if log := s.log.String(); log != "" {
		t.Errorf("warnings of the program:\n%s", log)
	}
}

// checkManufacturer: the first order goes to the manufacturer and may not start.
func (s *show) checkManufacturer() {
	s.t.Helper()
	o, d := s.order("040211"), s.device("040211")
	if o.Assignee.Queue != "Calder Infusion" || o.Assignee.Person != "" || !o.Tell.OK || len(o.Eligible) != 0 {
		s.t.Errorf("the manufacturer's order: %+v", o)
	}
	if o.State != remediation.StateWaiting || !held(o.Start.Holds, remediation.InUse) {
		s.t.Errorf("it may start: %s, %+v", o.State, o.Start)
	}
	if d.Use.State != protocols.InUse || d.Use.Caution != inventory.CautionHigh || len(d.Use.Channels) != 2 {
		s.t.Errorf("the pump's use: %+v", d.Use)
	}
}

// checkEngineer: the second goes to a person who may, and says who may not.
func (s *show) checkEngineer() {
	s.t.Helper()
	o := s.order("040212")
	if o.Assignee.Person != "m.okafor" || !o.Tell.OK || !held(o.Start.Holds, remediation.OnStandby) {
		s.t.Errorf("the engineer's order: %+v", o)
	}
	expired := func(r remediation.Refusal) bool {
		return r.Person == "j.lindqvist" && strings.Contains(r.Why, "expired")
	}
	if !slices.ContainsFunc(o.Refused, expired) {
		s.t.Errorf("refused: %+v", o.Refused)
	}
}

// checkHeld: the third is told to nobody.
func (s *show) checkHeld() {
	s.t.Helper()
	o := s.order("010031")
	if !held(o.Tell.Holds, remediation.NoEligiblePerson) || o.CMMS.Number != "" || o.Assignee.Person != "" {
		s.t.Errorf("the order that nobody may do: %+v", o)
	}
	page := s.get(s.cmms+"/", nil)
	if !strings.Contains(page, "040211") || !strings.Contains(page, "040212") || strings.Contains(page, "010031") {
		s.t.Error("the CMMS has not what it should")
	}
}

func (s *show) checkCoverage(wire bool) {
	s.t.Helper()
	c := s.get(s.page+"/api/v1/coverage", s.asAdmin)
	var got struct {
		Taps []struct {
			State       string
			Where       string
			Transmitted uint64
			Refused     uint64
			Lost        uint64
			Gaps        uint64
		}
		Holes []string
	}
	if err := json.Unmarshal([]byte(c), &got); err != nil || len(got.Taps) != 1 {
		s.t.Fatalf("coverage: %v: %s", err, c)
	}
	tap := got.Taps[0]
	if tap.State != "hears" || tap.Transmitted+tap.Refused+tap.Lost+tap.Gaps != 0 || strings.Contains(tap.Where, "wire") != wire || len(got.Holes) > 0 {
		s.t.Errorf("coverage: %s", c)
	}
}

// checkSecrets looks for the canary patients in everything that is written, and
// for therapy in everything that leaves the box or its role.
func (s *show) checkSecrets() {
	s.t.Helper()
	token := strings.TrimSpace(s.read("metrics-token"))
	leaves := map[string]string{
		"the screen": s.out.String(), "the log": s.log.String(), "the CMMS": s.get(s.cmms+"/", nil),
		"metrics": s.get(s.page+"/metrics", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }),
	}
	for _, noun := range []string{"devices", "findings", "orders", "register", "coverage", "audit?limit=10000"} {
		leaves["API "+noun] = s.get(s.page+"/api/v1/"+noun, s.asReader)
	}
	leaves["FHIR"] = s.get(s.page+"/fhir/Device", s.asReader)
	all := map[string]string{"the state file": s.read("state.db"), "the page of a pump": s.get(s.page+"/api/v1/devices/040211", s.asAdmin)}
	for where, text := range leaves {
		all[where] = text
		for _, word := range demo.Therapy() {
			if strings.Contains(text, word) {
				s.t.Errorf("%s shows %q", where, word)
			}
		}
	}
	for where, text := range all {
		if len(text) == 0 && where != "the log" {
			s.t.Errorf("%s is empty", where)
		}
		for _, mark := range demo.Canaries() {
			if strings.Contains(text, mark) {
				s.t.Errorf("%s holds the canary %q", where, mark)
			}
		}
	}
	if !strings.Contains(all["the page of a pump"], demo.Therapy()[0]) {
		s.t.Error("whoever has the role for it does not see the drug")
	}
}

// TestInvariant12DoneMeansSeen lets a person report work on two pumps as done: the
// order ends only on the one of which the wire shows it.
func TestInvariant12DoneMeansSeen(t *testing.T) {
	s := start(t, demo.Options{FilesOnly: true})
	s.wait("the orders", func() bool { return s.order("040211").CMMS.Number != "" && s.order("040212").CMMS.Number != "" })
	for _, control := range []string{"040211", "040212"} {
		s.post(s.cmms+"/edit", url.Values{"number": {s.order(control).CMMS.Number}, "state": {"6"}})
	}
	s.wait("the mended pump's order to be closed", func() bool { return s.order("040212").State == remediation.StateVerified })
	s.wait("the missing pump", func() bool { return s.device("040214").Presence == inventory.Behind })
	s.wait("the examination to be over", func() bool { return s.device("010031").Use.State != protocols.InUse })
	s.wait("the screen to say so", func() bool { return strings.Contains(s.out.String(), "seen       040212") })
	if o := s.order("040211"); o.State != remediation.StateVerifying || o.Verification.State != "pending" {
		s.t.Errorf("a pump that still runs the old version: order %s, verification %+v", o.State, o.Verification)
	}
	s.stop()
}

// TestStopsAnywhere ends the demo while it is still beginning.
func TestStopsAnywhere(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	before := traces(t)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 200 * time.Millisecond, 1500 * time.Millisecond} {
		for _, files := range []bool{true, false} {
			ctx, stop := context.WithTimeout(t.Context(), after)
			var log bytes.Buffer
			if err := demo.Run(ctx, demo.Options{Listen: "127.0.0.1:0", FilesOnly: files, Log: &log}); err != nil {
				t.Errorf("after %v: %v", after, err)
			}
			stop()
			if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) > 0 {
				t.Errorf("after %v files are left: %q", after, left)
			}
		}
	}
	if got := traces(t); got != before {
		t.Errorf("something is left: before %+v, after %+v", before, got)
	}
}
