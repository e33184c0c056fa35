package daemon_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// stVincent is one state file of the shared hospital, and what carries its orders.
type stVincent struct {
	*workshop
	dir string
}

// TestDoneWhenStVincent goes through what must come out of the shared hospital's
// two captures with its register and the advisories.
func TestDoneWhenStVincent(t *testing.T) {
	t.Parallel()
	first, second := shared(t, "captures", "stvincent.pcap"), shared(t, "captures", "stvincent-2.pcap")
	s := newStVincent(t)
	s.importAll(t)
	s.replay(t, first, "stvincent.truth.json")
	k := read(t, "--state", s.state)
	t.Run("first", func(t *testing.T) { s.afterFirst(t, k) })
	// The work on 99887766 is done, in the hospital's system.
	s.carry(time.Date(2026, 11, 23, 15, 17, 30, 0, time.UTC))
	s.close(k.order(k.control(t, "030502"), "ICSMA-23-194-01"), "T-105")
	s.carry(time.Date(2026, 11, 23, 15, 17, 35, 0, time.UTC))
	s.replay(t, second, "stvincent-2.truth.json")
	after := read(t, "--state", s.state)
	t.Run("second", func(t *testing.T) { s.afterSecond(t, k, after) })
	must(t, "audit", "verify", "--state", s.state)
}

func newStVincent(t *testing.T) *stVincent {
	dir := t.TempDir()
	return &stVincent{newWorkshop(t, filepath.Join(dir, "state.db")), dir}
}

func (s *stVincent) importAll(t *testing.T) {
	t.Helper()
	for _, kind := range []string{"assets", "history", "engineers"} {
		o := must(t, "register", "import", "--state", s.state, "--kind", kind, shared(t, "registers", "stvincent-"+kind+".csv"))
		if o.out != "" {
			t.Errorf("an import writes to standard output: %q", o.out)
		}
		if kind == "engineers" && !strings.Contains(o.err, "row 10, column Certificate: row_refused") {
			t.Errorf("the grant without evidence is not refused with its row: %s", o.err)
		}
	}
	must(t, "feeds", "import", "--state", s.state, shared(t, "feeds", "csaf"), shared(t, "feeds", "made"))
}

// replay replays one capture into the state, and scores what it gives alone.
func (s *stVincent) replay(t *testing.T, capture, truth string) {
	t.Helper()
	must(t, "replay", "--config", s.config, "--state", s.state, capture)
	alone := write(t, s.dir, "devices.jsonl", must(t, "replay", "--format", "json", capture).out)
	if _, err := exec.LookPath("python3"); err != nil {
		t.Log("not scored: python3 is not installed")
		return
	}
	o := finish(t, exec.Command("python3", shared(t, "bin", "score.py"), shared(t, "captures", truth), alone, "--min", "0.8"))
	t.Logf("%s: %s", filepath.Base(capture), strings.TrimSpace(o.out))
	if o.code != 0 {
		t.Errorf("score.py: status %d", o.code)
	}
}

func (s *stVincent) afterFirst(t *testing.T, k known) {
	inUsePump(t, k)
	standbyPump(t, k)
	scanners(t, k)
	registerFacts(t, k, s.state)
	traps(t, k)
}

// inUsePump: saline on one channel, chemotherapy on the other, a contract.
func inUsePump(t *testing.T, k known) {
	pump := k.control(t, "030501")
	if pump.SerialNumber != "11223344" || !slices.Equal(pump.SoftwareVersions, []string{"9.33"}) || pump.Asset.Match.State != inventory.Matched {
		t.Errorf("030501 is %s with %v, %s", pump.SerialNumber, pump.SoftwareVersions, pump.Asset.Match.State)
	}
	if u := pump.Use; u.State != protocols.InUse || u.Hazard != "cytotoxic" || u.Caution != inventory.CautionHigh || len(u.Channels) < 2 {
		t.Errorf("the use of 030501 is %+v", u)
	}
	for _, cause := range []string{"ICSMA-23-194-01", "ICSMA-20-317-01", "ICSMA-20-170-06", "ICSMA-17-017-02"} {
		if f := k.finding(pump, cause); f.Status != remediation.ConfirmedFinding || f.Basis != remediation.OnWire {
			t.Errorf("%s on 030501 is %q on %q", cause, f.Status, f.Basis)
		}
		o := k.order(pump, cause)
		if o.Assignee.Queue != "BD" || o.Assignee.Person != "" || !strings.Contains(o.Assignee.Why, "BD-7781") {
			t.Errorf("the order for %s goes to %+v", cause, o.Assignee)
		}
		for _, person := range []string{"T-104", "T-105"} {
			if why := refusal(o, person); !strings.Contains(why, "exclusive contract") || !strings.Contains(why, "BD-7781") {
				t.Errorf("%s is refused for %s because %q", person, cause, why)
			}
		}
		if !o.Tell.OK || o.Start.OK || !holds(o.Start.Gate, remediation.InUse) {
			t.Errorf("the order for %s: tell %v %s, start %v %s", cause, o.Tell.OK, codes(o.Tell), o.Start.OK, codes(o.Start.Gate))
		}
	}
}

// standbyPump: the register's software column is older than the device.
func standbyPump(t *testing.T, k known) {
	pump := k.control(t, "030502")
	if pump.SerialNumber != "99887766" || !slices.Equal(pump.SoftwareVersions, []string{"12.1.2"}) || k.serial(t, "99887766").ID != pump.ID {
		t.Errorf("030502 is %s with %v", pump.SerialNumber, pump.SoftwareVersions)
	}
	if f := k.finding(pump, "register_software_stale"); f.Kind != remediation.RegisterDrift || !strings.Contains(strings.Join(f.Evidence, " "), "W-88002") {
		t.Errorf("the stale column: %+v", f)
	}
	for cause, want := range map[string]remediation.FindingStatus{"ICSMA-23-194-01": "confirmed", "ICSMA-20-170-06": "potential", "ICSMA-20-317-01": "", "ICSMA-17-017-02": ""} {
		if f := k.finding(pump, cause); f.Status != want {
			t.Errorf("%s on 030502 is %q, want %q", cause, f.Status, want)
		}
	}
	o := k.order(pump, "ICSMA-23-194-01")
	if o.Assignee.Person != "T-105" || !slices.Contains(o.Eligible, "T-105") || !strings.Contains(refusal(o, "T-104"), "expired on 2026-06-30") {
		t.Errorf("the order for 030502: to %+v, eligible %v, refused %v", o.Assignee, o.Eligible, o.Refused)
	}
	if pump.Use.State != protocols.Standby || !o.Tell.OK || o.Start.OK || !holds(o.Start.Gate, remediation.OnStandby) {
		t.Errorf("030502 is %s; tell %s, start %s", pump.Use.State, codes(o.Tell), codes(o.Start.Gate))
	}
	if o := k.order(pump, "ICSMA-20-170-06"); o.ID != "" {
		t.Errorf("an order %s for what a person must say first", o.ID)
	}
}

func scanners(t *testing.T, k known) {
	rad3 := k.control(t, "010022")
	o := k.order(rad3, "TEST-2026-001")
	if k.finding(rad3, "TEST-2026-001").Status != remediation.ConfirmedFinding || o.State != remediation.StateHeld || !holds(o.Tell, remediation.NoEligiblePerson) {
		t.Errorf("RAD-3: %s, order %s %s", k.finding(rad3, "TEST-2026-001").Status, o.State, codes(o.Tell))
	}
	if o.Assignee.Person != "" || len(o.Eligible) != 0 || !strings.Contains(refusal(o, "T-201"), "expired on 2026-01-01") {
		t.Errorf("RAD-3: to %+v, eligible %v, refused %v", o.Assignee, o.Eligible, o.Refused)
	}
	rad4 := k.control(t, "010023")
	o = k.order(rad4, "TEST-2026-002")
	if f := k.finding(rad4, "TEST-2026-002"); f.Status != remediation.ConfirmedFinding || f.Remedy.Kind != remediation.AskVendor || o.Activity != inventory.ContactVendor {
		t.Errorf("RAD-4: %s, remedy %s, activity %s", f.Status, f.Remedy.Kind, o.Activity)
	}
	if rad4.Use.State != protocols.InUse || o.Start.OK || !holds(o.Start.Gate, remediation.InUse) || !slices.Contains(o.Eligible, "T-201") {
		t.Errorf("RAD-4: %s, start %s, eligible %v", rad4.Use.State, codes(o.Start.Gate), o.Eligible)
	}
	on := rad4.Asset.Match.On
	if rad4.SerialNumber != "" || slices.Contains(on, "serial_number") || !slices.Contains(on, "ae_title") || !slices.Contains(on, "hostname") {
		t.Errorf("RAD-4: serial %q, matched on %v", rad4.SerialNumber, on)
	}
}

func registerFacts(t *testing.T, k known, state string) {
	report := must(t, "register", "report", "--state", state).out
	for _, want := range []string{"control 060902: has the maker and serial number of asset 060903", "control 060903: has the maker and serial number of asset 060902"} {
		if strings.Count(report, want) != 1 {
			t.Errorf("the report says %d times %q", strings.Count(report, want), want)
		}
	}
	if k.control(t, "060902").ID == k.control(t, "060903").ID {
		t.Error("the device that was entered twice was merged silently")
	}
	for _, number := range []string{"030504", "030503"} {
		if d := k.control(t, number); d.Presence != inventory.RegisterOnly || d.SerialNumber == "11223344" {
			t.Errorf("%s is %s with serial %s", number, d.Presence, d.SerialNumber)
		}
	}
	for _, number := range []string{"030505", "060901", "060902", "070002"} {
		if d := k.control(t, number); d.Presence != inventory.RegisterOnly || d.Asset.AsOf.IsZero() {
			t.Errorf("%s is %s, as of %v", number, d.Presence, d.Asset.AsOf)
		}
	}
	if h := k.control(t, "030503").Asset.History; len(h) != 1 || h[0].Order != "W-88031" {
		t.Errorf("the history of 030503 is %v", h)
	}
	monitor := k.control(t, "070002")
	if f := k.finding(monitor, "ICSMA-20-254-01"); f.Status != remediation.Potential || f.Basis != remediation.OnRegister || !f.AsOf.Equal(monitor.Asset.AsOf) {
		t.Errorf("070002: %s on %s as of %v, the register is of %v", f.Status, f.Basis, f.AsOf, monitor.Asset.AsOf)
	}
	for _, o := range k.orders {
		if o.ControlNumber == "070001" || o.ControlNumber == "060903" {
			t.Errorf("order %s for %s", o.ID, o.ControlNumber)
		}
	}
}

// traps: what looks alike and is not.
func traps(t *testing.T, k known) {
	may := map[string]string{"030501": "ICSMA-23-194-01 ICSMA-20-317-01 ICSMA-20-170-06 ICSMA-17-017-02", "030502": "ICSMA-23-194-01", "010022": "TEST-2026-001", "010023": "TEST-2026-002"}
	for _, f := range k.findings {
		if f.Cause == "ICSMA-20-343-01" && strings.Contains(k.control(t, "030501").ID+k.control(t, "030502").ID, f.Device) {
			t.Errorf("a pump of BD is hit by GE Healthcare's advisory: %s", f.Status)
		}
		d := k.device(t, f.Device, func(d inventory.Device) bool { return d.ID == f.Device })
		if f.Kind != remediation.Vulnerability || f.Status != remediation.ConfirmedFinding {
			continue
		}
		if d.Asset == nil || !strings.Contains(may[d.Asset.ControlNumber], f.Cause) {
			t.Errorf("%s is confirmed on %s %s", f.Cause, d.Manufacturer, d.Model)
		}
	}
	if f := k.finding(k.control(t, "020410"), "ICSMA-22-167-01"); f.Status != "" && f.Status != remediation.Potential && f.Status != remediation.UnknownVersion {
		t.Errorf("ICSMA-22-167-01 on the ELI 250 is %s", f.Status)
	}
}

func (s *stVincent) afterSecond(t *testing.T, before, k known) {
	found := k.control(t, "030503")
	gateway := k.device(t, "the infusion gateway", func(d inventory.Device) bool { return d.Type == "infusion-gateway" })
	if found.SerialNumber != "11223345" || found.Presence != inventory.Behind || found.Via != gateway.ID || found.Asset.Location == "" {
		t.Errorf("030503: %s, %s via %s, %q", found.SerialNumber, found.Presence, found.Via, found.Asset.Location)
	}
	if f := k.finding(found, "register_missing_found"); !f.Open() {
		t.Errorf("nobody is told that 030503 was found: %+v", f)
	}
	if o := k.order(found, "ICSMA-23-194-01"); o.ID == "" || !slices.Equal(found.SoftwareVersions, []string{"9.19"}) {
		t.Errorf("030503 runs %v, its order is %q", found.SoftwareVersions, o.ID)
	}
	if d := k.control(t, "070002"); !slices.Contains(d.Asset.Match.On, "mac") || !slices.Contains(d.MACs, "00:09:fb:12:34:56") || d.Asset.Match.State != inventory.Matched {
		t.Errorf("070002 is matched on %v", d.Asset.Match.On)
	}
	mended := k.control(t, "030502")
	if f := k.finding(mended, "ICSMA-23-194-01"); f.Status != remediation.Resolved || !slices.Equal(mended.SoftwareVersions, []string{"12.3.1"}) {
		t.Errorf("030502 reports %v and ICSMA-23-194-01 is %s", mended.SoftwareVersions, f.Status)
	}
	if o := k.order(mended, "ICSMA-23-194-01"); o.State != remediation.StateVerified || o.Verification.State != "verified" || !passed(o, remediation.StateWorkDone, remediation.StateVerified) {
		t.Errorf("its order: %s, %+v, %v", o.State, o.Verification, o.History)
	}
	pump, was := k.control(t, "030501"), before.control(t, "030501")
	if pump.ID != was.ID || !slices.Equal(pump.SoftwareVersions, []string{"9.33"}) || pump.Use.State != protocols.Standby {
		t.Errorf("030501: %s was %s, %v, %s", pump.ID, was.ID, pump.SoftwareVersions, pump.Use.State)
	}
	for _, cause := range []string{"ICSMA-23-194-01", "ICSMA-20-317-01", "ICSMA-20-170-06", "ICSMA-17-017-02"} {
		o := k.order(pump, cause)
		if !k.finding(pump, cause).Open() || !holds(o.Start.Gate, remediation.OnStandby) || holds(o.Start.Gate, remediation.InUse) {
			t.Errorf("%s: %s, start %s", cause, k.finding(pump, cause).Status, codes(o.Start.Gate))
		}
	}
	if u := k.control(t, "010023").Use; u.State == protocols.InUse {
		t.Errorf("the examination in RAD-4 is %s", u.State)
	}
}

// passed reports whether an order went through states, in their order.
func passed(o remediation.WorkOrder, states ...remediation.OrderState) bool {
	for _, e := range o.History {
		if len(states) > 0 && e.State == states[0] {
			states = states[1:]
		}
	}
	return len(states) == 0
}
