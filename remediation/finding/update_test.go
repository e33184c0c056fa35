package finding_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/finding"
)

// run updates the store with the devices and returns what changed and all that
// is stored.
func run(t *testing.T, b *finding.Book, m *memory, now time.Time, devices ...inventory.Device) (finding.Changes, map[string]remediation.Finding) {
	t.Helper()
	var c finding.Changes
	all := map[string]remediation.Finding{}
	err := m.Update(func(tx inventory.Tx) error {
		changes, list, err := b.Update(tx, devices, now)
		c = changes
		for _, f := range list {
			all[f.Device+" "+f.Cause] = f
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c, all
}

// later returns the device as it is after it has told another version.
func later(d inventory.Device, version string, at time.Time) inventory.Device {
	d.SoftwareVersions = []string{version}
	d.Evidence = append(append([]inventory.Evidence{}, d.Evidence...),
		inventory.Evidence{Attribute: "software_version", Value: version, Protocol: "hl7", Field: "OBX-5", FirstSeen: at, LastSeen: at})
	d.LastSeen = at
	return d
}

func made(t *testing.T) (*finding.Book, *memory) {
	b, m := open(t)
	load(t, b, advisoryFile("MADE-1", "1", "<= 12.1.3"))
	return b, m
}

func TestInvariant12ResolvedOnlyByTheWire(t *testing.T) {
	b, m := made(t)
	d := onWire("d-1", "Acme", "MiniPump", "9.33")
	c, all := run(t, b, m, day0, d)
	first := all["d-1 MADE-1"]
	if len(c.New) != 1 || first.Status != confirmed || !first.FirstSeen.Equal(day0) {
		t.Fatalf("%+v %+v", c, first)
	}
	// Seen again: the same finding, seen later.
	c, all = run(t, b, m, day1, d)
	if f := all["d-1 MADE-1"]; c.Any() || f.ID != first.ID || !f.FirstSeen.Equal(day0) || !f.LastSeen.Equal(day1) {
		t.Errorf("%+v %+v", c, f)
	}
	// Not in the list, and there without any version: nothing is known to be mended.
	mute := onWire("d-1", "Acme", "MiniPump")
	for _, devices := range [][]inventory.Device{nil, {mute}, {onWire("d-1", "", "")}} {
		if c, all = run(t, b, m, day1, devices...); c.Any() || all["d-1 MADE-1"].Status != confirmed {
			t.Errorf("a silent device changed %+v: %+v", c, all["d-1 MADE-1"])
		}
	}
	// The register alone does not end what the wire said.
	paper := mute
	paper.Asset = &inventory.AssetView{Software: "12.3.1", AsOf: day1, Match: inventory.Match{State: inventory.Matched}}
	if c, _ = run(t, b, m, day1, paper); c.Any() {
		t.Errorf("the register ended a finding of the wire: %+v", c)
	}
	// Heard with a version outside.
	c, all = run(t, b, m, day1, later(d, "12.3.1", day1))
	f := all["d-1 MADE-1"]
	if len(c.Resolved) != 1 || f.Status != remediation.Resolved {
		t.Fatalf("%+v %+v", c, f)
	}
	if last := f.Evidence[len(f.Evidence)-1]; !strings.Contains(last, "reports 12.3.1") || !strings.Contains(last, `outside "<= 12.1.3"`) {
		t.Errorf("evidence %q", last)
	}
	if c, _ = run(t, b, m, day1.Add(time.Hour), later(d, "12.3.1", day1)); c.Any() {
		t.Errorf("resolved twice: %+v", c)
	}
	// And back: it comes back under its own id.
	c, all = run(t, b, m, day1.Add(2*time.Hour), later(later(d, "12.3.1", day1), "9.33", day1.Add(2*time.Hour)))
	if f := all["d-1 MADE-1"]; len(c.Reopened) != 1 || f.ID != first.ID || f.Status != confirmed {
		t.Errorf("%+v %+v", c, f)
	}
}

func TestRegisterFindingsEndByRegisterOrWire(t *testing.T) {
	for name, after := range map[string]inventory.Device{
		"a newer record":   onPaper("d-1", "Acme", "MiniPump", "12.3.1"),
		"heard with 12.3":  onWire("d-1", "Acme", "MiniPump", "12.3"),
		"another advisory": onPaper("d-1", "Acme", "Bedside lamp", "1"),
	} {
		b, m := made(t)
		run(t, b, m, day0, onPaper("d-1", "Acme", "MiniPump", "9.33"))
		if c, all := run(t, b, m, day1, after); len(c.Resolved) != 1 {
			t.Errorf("%s: %+v %+v", name, c, all)
		}
	}
}

func TestFoundOnTheWireConfirmsWhatTheRegisterSaid(t *testing.T) {
	b, m := made(t)
	_, all := run(t, b, m, day0, onPaper("d-1", "Acme", "MiniPump", "9.19"))
	before := all["d-1 MADE-1"]
	c, all := run(t, b, m, day1, onWire("d-1", "Acme", "MiniPump", "9.19"))
	after := all["d-1 MADE-1"]
	if before.Status != potential || after.Status != confirmed || after.Basis != remediation.OnWire || after.ID != before.ID || len(c.Changed) != 1 {
		t.Errorf("%+v: %q on %q, then %q on %q", c, before.Status, before.Basis, after.Status, after.Basis)
	}
}

func TestInvariant11OneFindingThroughMerges(t *testing.T) {
	b, m := made(t)
	_, all := run(t, b, m, day0, onWire("d-old", "Acme", "MiniPump", "9.33"))
	id := all["d-old MADE-1"].ID
	_, all = run(t, b, m, day1, onWire("d-old", "Acme", "MiniPump", "9.33"), onWire("d-new", "Acme", "MiniPump", "9.33"))
	if len(all) != 2 {
		t.Fatalf("%d findings of two devices", len(all))
	}
	merged := onWire("d-new", "Acme", "MiniPump", "9.33")
	merged.Aliases = []string{"d-old"}
	for range 2 {
		_, all = run(t, b, m, day1, merged)
		f, ok := all["d-new MADE-1"]
		if len(all) != 1 || !ok || f.ID != id || !f.FirstSeen.Equal(day0) {
			t.Errorf("after the merge: %+v", all)
		}
	}
}

func TestInvariant11UndoneMergeSharesNoID(t *testing.T) {
	b, m := made(t)
	paper := onPaper("d-paper", "Acme", "MiniPump", "9.33")
	run(t, b, m, day0, paper)
	merged := onWire("d-wire", "Acme", "MiniPump", "9.33")
	merged.Aliases = []string{"d-paper"}
	run(t, b, m, day0, merged)
	_, all := run(t, b, m, day1, onWire("d-wire", "Acme", "MiniPump", "9.33"), paper)
	if len(all) != 2 || all["d-wire MADE-1"].ID == all["d-paper MADE-1"].ID || all["d-wire MADE-1"].ID != finding.ID("stv", "d-paper", "MADE-1") {
		t.Errorf("%+v", all)
	}
}

func TestAdvisoryThatNoLongerNamesADeviceEndsItsFinding(t *testing.T) {
	b, m := made(t)
	run(t, b, m, day0, onWire("d-1", "Acme", "MiniPump", "9.33"))
	load(t, b, advisoryFile("MADE-1", "2", "<= 9.0"))
	c, all := run(t, b, m, day1, onWire("d-1", "Acme", "MiniPump", "9.33"))
	if len(c.Resolved) != 1 || all["d-1 MADE-1"].Status != remediation.Resolved {
		t.Errorf("%+v %+v", c, all)
	}
}

func TestDriftEndsWhenBothAgree(t *testing.T) {
	b, m := made(t)
	d := onWire("d-1", "Zoll", "R Series", "2")
	d.Conflicts = []inventory.Conflict{{Code: "register_software", Says: "The register says 1 and the device 2."}}
	run(t, b, m, day0, d)
	d.Conflicts = nil
	if c, _ := run(t, b, m, day1, d); len(c.Resolved) != 0 {
		t.Errorf("resolved without a record: %+v", c)
	}
	d.Asset = &inventory.AssetView{Software: "2", Match: inventory.Match{State: inventory.Matched}}
	if c, _ := run(t, b, m, day1, d); len(c.Resolved) != 1 {
		t.Errorf("%+v", c)
	}
}

func TestHumanWordStands(t *testing.T) {
	b, m := made(t)
	d := onWire("d-1", "Acme", "MiniPump", "9.33")
	run(t, b, m, day0, d)
	for key, v := range m.buckets["finding.findings"] {
		m.buckets["finding.findings"][key] = []byte(strings.Replace(string(v), `"status":"confirmed"`, `"status":"accepted"`, 1))
	}
	if _, all := run(t, b, m, day1, d); all["d-1 MADE-1"].Status != remediation.Accepted {
		t.Errorf("an accepted finding became %q", all["d-1 MADE-1"].Status)
	}
}

func TestFindingsReadsWhatUpdateStored(t *testing.T) {
	b, m := made(t)
	_, all := run(t, b, m, day0, onWire("d-1", "Acme", "MiniPump", "9.33"))
	err := m.View(func(tx inventory.Tx) error {
		list, err := finding.Findings(tx)
		if err == nil && (len(list) != 1 || same(list[0]) != same(all["d-1 MADE-1"])) {
			t.Errorf("%+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
