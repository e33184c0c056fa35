package finding_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// stating returns the device with what it states of its model.
func stating(d inventory.Device, model string, count uint64, first, last time.Time) inventory.Device {
	d.Model = model
	d.Evidence = append(append([]inventory.Evidence{}, d.Evidence...),
		inventory.Evidence{Attribute: "model", Value: model, Protocol: "dicom", Field: "(0008,1090)", Count: count, FirstSeen: first, LastSeen: last})
	return d
}

func lastSentence(f remediation.Finding) string { return f.Evidence[len(f.Evidence)-1] }

// TestInvariant12DisputeKeepsFindings: while it is contradictory which device
// speaks, a mended version ends nothing, and the finding says so once.
func TestInvariant12DisputeKeepsFindings(t *testing.T) {
	for _, c := range []struct {
		code, attribute string
		open            bool
	}{
		{"serial_on_two", "serial_number", true}, {"serial_differs", "serial_number", true}, {"model_differs", "model", true},
		{"manufacturer_differs", "manufacturer", true}, {"ae_title_on_two", "ae_title", true}, {"address_moved", "ip", true},
		{"register_serial_differs", "serial_number", true}, {"register_maker_differs", "manufacturer", true}, {"register_keys_disagree", "mac", true},
		{"mac_vendor_differs", "mac", false}, {"register_software_stale", "software_version", false}, {"register_duplicate", "serial_number", false},
		{"register_ip_differs", "ip", false}, {"serial_placeholder", "serial_number", false},
	} {
		b, m := made(t)
		d := onWire("d-1", "Acme", "MiniPump", "9.33")
		run(t, b, m, day0, d)
		mended := later(d, "12.3.1", day1)
		mended.Conflicts = []inventory.Conflict{{Code: c.code, Attribute: c.attribute, Says: "this is said by two"}}
		ch, all := run(t, b, m, day1, mended)
		f := all["d-1 MADE-1"]
		if f.Open() != c.open {
			t.Errorf("%s: the finding is %s", c.code, f.Status)
		}
		if !c.open {
			continue
		}
		if s := lastSentence(f); !strings.HasPrefix(s, "Not closed: ") || !strings.Contains(s, "this is said by two") || f.Status != confirmed || len(ch.Changed) == 0 {
			t.Errorf("%s: %s, %q", c.code, f.Status, s)
		}
		if ch, _ = run(t, b, m, day1.Add(time.Hour), mended); len(ch.Changed) != 0 {
			t.Errorf("%s: said twice", c.code)
		}
		mended.Conflicts = nil
		_, all = run(t, b, m, day1.Add(2*time.Hour), mended)
		f = all["d-1 MADE-1"]
		if f.Status != remediation.Resolved || strings.Contains(strings.Join(f.Evidence, " "), "Not closed") {
			t.Errorf("%s: after the dispute %s %q", c.code, f.Status, f.Evidence)
		}
	}
}

// TestInvariant12DisputeWeakensNothing: a second version that may be another
// host's does not turn a certain finding into a doubtful one.
func TestInvariant12DisputeWeakensNothing(t *testing.T) {
	b, m := made(t)
	run(t, b, m, day0, onWire("d-1", "Acme", "MiniPump", "9.33"))
	two := onWire("d-1", "Acme", "MiniPump", "9.33", "12.3")
	two.Conflicts = []inventory.Conflict{{Code: "serial_on_two", Attribute: "serial_number", Says: "another device states the same serial number"}}
	if _, all := run(t, b, m, day1, two); all["d-1 MADE-1"].Status != confirmed {
		t.Errorf("it became %s", all["d-1 MADE-1"].Status)
	}
}

// TestInvariant12AnotherModelEndsNothing: a screenshot that names a workstation
// does not make the scanner a workstation.
func TestInvariant12AnotherModelEndsNothing(t *testing.T) {
	b, m := made(t)
	d := onWire("d-1", "Acme", "MiniPump", "9.33")
	_, all := run(t, b, m, day0, d)
	before := all["d-1 MADE-1"]
	other := func(count uint64, last time.Time) inventory.Device {
		return stating(later(d, "9.33", last), "Vitrea", count, day1, last)
	}
	for name, d := range map[string]inventory.Device{
		"one statement":           other(1, day1),
		"one burst":               other(40, day1.Add(time.Minute)),
		"another version besides": stating(later(d, "20", day1), "Vitrea", 1, day1, day1),
	} {
		_, all = run(t, b, m, day1, d)
		f := all["d-1 MADE-1"]
		if f.Status != before.Status || !strings.Contains(lastSentence(f), "another model") {
			t.Errorf("%s: %s %q", name, f.Status, lastSentence(f))
		}
	}
	c, all := run(t, b, m, day1.Add(25*time.Hour), other(2, day1.Add(25*time.Hour)))
	if len(c.Resolved) != 1 {
		t.Errorf("stated for a day: %s %q", all["d-1 MADE-1"].Status, lastSentence(all["d-1 MADE-1"]))
	}
}

// TestInvariant12AnotherMakerAndSerialEndNothing holds the same for them.
func TestInvariant12AnotherMakerAndSerialEndNothing(t *testing.T) {
	first := onWire("d-1", "Acme", "MiniPump", "9.33")
	first.SerialNumber = "A1"
	maker := later(first, "12.3", day1)
	maker.Manufacturer = "Zoll"
	serial := later(first, "12.3", day1)
	serial.SerialNumber = "B2"
	for name, d := range map[string]inventory.Device{"another manufacturer": maker, "another serial number": serial} {
		b, m := made(t)
		run(t, b, m, day0, first)
		if _, all := run(t, b, m, day1, d); all["d-1 MADE-1"].Status != confirmed || !strings.Contains(lastSentence(all["d-1 MADE-1"]), name) {
			t.Errorf("%s: %s %q", name, all["d-1 MADE-1"].Status, lastSentence(all["d-1 MADE-1"]))
		}
	}
}

// TestInvariant12OnlyTheCurrentSetEnds: a newer version that another host states
// of the device is evidence, and no version of it.
func TestInvariant12OnlyTheCurrentSetEnds(t *testing.T) {
	b, m := made(t)
	d := onWire("d-1", "Acme", "MiniPump", "9.33")
	run(t, b, m, day0, d)
	told := later(d, "12.3.1", day1)
	told.SoftwareVersions = []string{"9.33"}
	if c, all := run(t, b, m, day1, told); c.Any() || all["d-1 MADE-1"].Status != confirmed {
		t.Errorf("%+v %+v", c, all)
	}
	// In the set, but nobody is known to have said it on the wire.
	unsaid := onWire("d-1", "Acme", "MiniPump", "12.3.1")
	unsaid.Evidence, unsaid.LastSeen = nil, day1
	if c, _ := run(t, b, m, day1, unsaid); len(c.Resolved) != 0 {
		t.Errorf("%+v", c)
	}
}

// TestInvariant12AnotherModelByStepsEndsNothing: a model that the advisory still
// may mean is no step on the way to one that it does not.
func TestInvariant12AnotherModelByStepsEndsNothing(t *testing.T) {
	b, m := open(t)
	load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump 3.0", version: "<= 12.1.3"}))
	d := onWire("d-1", "Acme", "MiniPump", "9.33")
	if _, all := run(t, b, m, day0, d); all["d-1 MADE-1"].Status != potential {
		t.Fatalf("%+v", all)
	}
	run(t, b, m, day1, stating(later(d, "9.33", day1), "MiniPump 3", 1, day1, day1))
	_, all := run(t, b, m, day1, stating(later(d, "12.3", day1), "MiniPump 3", 1, day1, day1))
	if f := all["d-1 MADE-1"]; !f.Open() {
		t.Errorf("%s %q", f.Status, f.Evidence)
	}
}

// TestHeardGivesTheRegistersFindingItsModel: a model that the register words in
// another way does not keep what is heard out of the finding.
func TestHeardGivesTheRegistersFindingItsModel(t *testing.T) {
	b, m := made(t)
	run(t, b, m, day0, onPaper("d-1", "Acme", "MiniPump infusion pump", ""))
	_, all := run(t, b, m, day1, onWire("d-1", "Acme", "MiniPump", "9.33"))
	if f := all["d-1 MADE-1"]; f.Basis != remediation.OnWire || f.Status != confirmed {
		t.Fatalf("%+v", f)
	}
	if c, all := run(t, b, m, day1.Add(time.Hour), later(onWire("d-1", "Acme", "MiniPump", "9.33"), "12.3", day1.Add(time.Hour))); len(c.Resolved) != 1 {
		t.Errorf("%+v", all)
	}
}
