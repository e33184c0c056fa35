package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/policy"
)

func attest(by string, ago, lasts time.Duration) *policy.Attestation {
	a := &policy.Attestation{By: by, At: now.Add(-ago)}
	if lasts != 0 {
		a.Until = a.At.Add(lasts)
	}
	return a
}

func TestInvariant10StartGate(t *testing.T) {
	const hour = time.Hour
	type change func(*policy.Input)
	use := func(f func(*inventory.Use)) change { return func(in *policy.Input) { f(&in.Device.Use) } }
	by := func(a, second *policy.Attestation) change {
		return func(in *policy.Input) { in.Attestation, in.SecondRelease = a, second }
	}
	life := func(in *policy.Input) { in.Device.Asset.LifeSupport = true }
	for _, c := range []struct {
		name    string
		use     protocols.UseState
		changes []change
		held    string
	}{
		{"idle", protocols.Idle, nil, ""},
		{"in use", protocols.InUse, nil, "in_use"},
		{"standby", protocols.Standby, nil, "standby"},
		{"off", protocols.Off, nil, "standby"},
		{"unknown", protocols.UnknownUse, nil, "use_unknown"},
		{"a state of no list", "resting", nil, "use_unknown"},
		{"never observed", protocols.Idle, []change{use(func(u *inventory.Use) { u.ObservedAt = time.Time{} })}, "use_unknown"},
		{"expired this moment", protocols.Idle, []change{use(func(u *inventory.Use) { u.ExpiresAt = now })}, "use_unknown"},
		{"expired in use", protocols.InUse, []change{use(func(u *inventory.Use) { u.ExpiresAt = now.Add(-hour) })}, "use_unknown"},
		{"idle but one channel is not", protocols.Idle, []change{use(func(u *inventory.Use) {
			u.Channels = []inventory.ChannelUse{{Name: "A", State: protocols.Idle}, {Name: "B", State: protocols.InUse}}
		})}, "in_use"},
		{"idle but one channel is unknown", protocols.Idle, []change{use(func(u *inventory.Use) {
			u.Channels = []inventory.ChannelUse{{Name: "A", State: protocols.UnknownUse}}
		})}, "use_unknown"},

		{"unknown, attested", protocols.UnknownUse, []change{by(attest("Nurse A", hour, hour*2), nil)}, ""},
		{"standby, attested", protocols.Standby, []change{by(attest("Nurse A", hour, 0), nil)}, ""},
		{"attested by nobody", protocols.Standby, []change{by(attest("", hour, 0), nil)}, "standby"},
		{"attested in the future", protocols.Standby, []change{by(attest("Nurse A", -hour, 0), nil)}, "standby"},
		{"attested until just now", protocols.Standby, []change{by(attest("Nurse A", hour, hour), nil)}, "standby"},
		{"attested for days, 9 hours ago", protocols.Standby, []change{by(attest("Nurse A", 9*hour, 100*hour), nil)}, "standby"},
		{"in use, attested before it was seen so", protocols.InUse, []change{by(attest("Nurse A", hour, 0), nil)}, "in_use"},
		{"in use, attested since", protocols.InUse, []change{by(attest("Nurse A", time.Second, 0), nil)}, ""},

		{"life support, idle", protocols.Idle, []change{life}, "second_release"},
		{"life support, one release", protocols.Idle, []change{life, by(attest("Nurse A", hour, 0), nil)}, "second_release"},
		{"life support, the same person twice", protocols.Idle, []change{life, by(attest("Nurse A", hour, 0), attest("nurse a", hour, 0))}, "second_release"},
		{"life support, two people", protocols.Idle, []change{life, by(attest("Nurse A", hour, 0), attest("Engineer B", hour, 0))}, ""},
		{"life support, the second lapsed", protocols.Idle, []change{life, by(attest("Nurse A", hour, 0), attest("Engineer B", 9*hour, 0))}, "second_release"},
		{"great care, in use", protocols.InUse, []change{use(func(u *inventory.Use) { u.Caution = inventory.CautionHigh })}, "in_use second_release"},

		{"outside the windows", protocols.Idle, []change{func(in *policy.Input) {
			in.Calendar.Windows = []remediation.Window{{From: now.Add(2 * hour), To: now.Add(3 * hour)}, {From: now.Add(-hour), To: now}}
		}}, "outside_window"},
		{"inside a window", protocols.Idle, []change{func(in *policy.Input) {
			in.Calendar.Windows = []remediation.Window{{From: now.Add(-hour), To: now.Add(hour)}}
		}}, ""},
		{"inside a window and a blackout", protocols.Idle, []change{func(in *policy.Input) {
			in.Calendar.Windows = []remediation.Window{{From: now.Add(-hour), To: now.Add(hour)}}
			in.Calendar.Blackouts = []remediation.Window{{From: now.Add(-hour), To: now.Add(hour), Why: "go-live"}}
		}}, "outside_window"},
		{"only asking, outside the windows", protocols.InUse, []change{life, func(in *policy.Input) {
			in.Findings[0].Remedy.Kind = remediation.AskVendor
			in.Calendar.Blackouts = []remediation.Window{{From: now.Add(-hour), To: now.Add(hour)}}
		}}, "in_use"},
	} {
		in := input(pump(c.use, asset(inventory.InHouse, "Biomed")), remediation.FixAvailable)
		for _, f := range c.changes {
			f(&in)
		}
		d := policy.Decide(in)
		if codes(d.Start.Gate) != c.held || d.Start.OK != (c.held == "") {
			t.Errorf("%s: held by %q, want %q", c.name, codes(d.Start.Gate), c.held)
		}
	}
}

func TestNextWindowIsNamed(t *testing.T) {
	in := input(pump(protocols.Idle, asset(inventory.InHouse, "Biomed")), remediation.FixAvailable)
	next := remediation.Window{From: now.Add(time.Hour), To: now.Add(2 * time.Hour), Why: "theatre closed"}
	in.Calendar.Windows = []remediation.Window{{From: now.Add(5 * time.Hour), To: now.Add(6 * time.Hour)}, next}
	d := policy.Decide(in)
	if d.Start.Window == nil || *d.Start.Window != next || !d.Start.Holds[0].Until.Equal(next.From) {
		t.Errorf("%s", text(t, d))
	}
}

func TestInvariant02HoldsNameNoTherapy(t *testing.T) {
	dev := pump(protocols.InUse, asset(inventory.InHouse, "Biomed"))
	dev.Location, dev.Asset.Location = "Ward 7 bed 12", "Ward 7 bed 12"
	dev.Use.Agent, dev.Use.Hazard, dev.Use.Caution = "CANARYDRUG", "cytotoxic", inventory.CautionHigh
	dev.Use.Channels = []inventory.ChannelUse{{Name: "B", State: protocols.InUse, Agent: "CANARYDRUG", Rate: "42 mL/h", Hazard: "cytotoxic"}}
	d := policy.Decide(input(dev, remediation.FixAvailable))
	for _, canary := range []string{"CANARYDRUG", "42 mL", "cytotoxic", "bed 12"} {
		if strings.Contains(text(t, d), canary) {
			t.Errorf("a decision holds %q", canary)
		}
	}
}

func TestPriority(t *testing.T) {
	for _, c := range []struct {
		cvss     float64
		kev      bool
		life     bool
		presence inventory.Presence
		status   remediation.FindingStatus
		want     string
	}{
		{3, false, false, inventory.OnNetwork, remediation.ConfirmedFinding, "P4"},
		{8.2, false, false, inventory.OnNetwork, remediation.ConfirmedFinding, "P3"},
		{9.8, false, false, inventory.OnNetwork, remediation.ConfirmedFinding, "P2"},
		{3, true, false, inventory.OnNetwork, remediation.ConfirmedFinding, "P2"},
		{6.5, false, true, inventory.OnNetwork, remediation.ConfirmedFinding, "P3"},
		{8.2, false, true, inventory.OnNetwork, remediation.ConfirmedFinding, "P2"},
		{9.8, false, true, inventory.OnNetwork, remediation.ConfirmedFinding, "P1"},
		{5, true, true, inventory.Behind, remediation.ConfirmedFinding, "P1"},
		{9.8, false, false, inventory.RegisterOnly, remediation.ConfirmedFinding, "P3"},
		{8.2, false, false, inventory.OnNetwork, remediation.Potential, "P4"},
	} {
		a := asset(inventory.InHouse, "Biomed")
		a.LifeSupport = c.life
		in := input(pump(protocols.Idle, a), remediation.FixAvailable)
		in.Device.Presence, in.Findings[0].CVSS, in.Findings[0].KEV, in.Findings[0].Status = c.presence, c.cvss, c.kev, c.status
		if d := policy.Decide(in); d.Priority != c.want {
			t.Errorf("%+v: %s", c, d.Priority)
		}
	}
}
