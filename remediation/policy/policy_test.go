package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/policy"
)

// words is a lexicon of a few synonyms.
type words struct{}

var synonyms = map[string]string{
	"bd": "BD", "carefusion": "BD", "alaris": "BD", "toshiba": "Canon Medical", "toshiba_mec": "Canon Medical", "philips": "Philips",
	"philips medical systems": "Philips", "mortara": "Hillrom", "ge healthcare": "GE Healthcare", "ge": "GE Healthcare", "fujifilm": "Fujifilm", "fuji": "Fujifilm",
	"smiths medical": "Smiths Medical",
}

func (words) Manufacturer(name string) (string, bool) {
	if c, ok := synonyms[strings.ToLower(strings.TrimSpace(name))]; ok {
		return c, true
	}
	for _, c := range synonyms {
		if c == name {
			return c, true
		}
	}
	return strings.TrimSpace(name), false
}

func (words) Model(maker, model string) (string, bool) {
	canon, _ := words{}.Manufacturer(maker)
	switch canon + "/" + strings.ToLower(model) {
	case "BD/8015", "BD/alaris pcu 8015", "BD/8015 pcu", "BD/alaris 8015":
		return "Alaris 8015", true
	case "Hillrom/el250", "Hillrom/eli 250":
		return "ELI 250", true
	}
	return model, false
}

func (words) Vendor(string) string          { return "" }
func (words) PlaceholderSerial(string) bool { return false }

var now = time.Date(2026, 11, 23, 15, 30, 0, 0, time.UTC)

// grants are those of the sample hospital.
func grants() []inventory.Grant {
	g := func(person, team, maker, model string, a inventory.Activity, cert string, from, to inventory.Date) inventory.Grant {
		return inventory.Grant{Site: "stv", Person: person, Team: team, Manufacturer: maker, Model: model, Activity: a, Certificate: cert, ValidFrom: from, ValidTo: to}
	}
	return []inventory.Grant{
		g("T-104", "Biomed", "BD", "8015", inventory.Inspect, "C-1", "2024-01-01", "2027-12-31"),
		g("T-104", "Biomed", "BD", "8015", inventory.ApplyVendorPatch, "C-2", "2024-01-01", "2026-06-30"),
		g("T-105", "Biomed", "BD", "8015", inventory.ApplyVendorPatch, "C-3", "2025-05-01", "2027-05-01"),
		g("T-105", "Biomed", "Mortara", "ELI*", inventory.ApplyVendorPatch, "C-4", "2025-05-01", "2028-05-01"),
		g("T-105", "Biomed", "*", "*", inventory.ConfigureNetwork, "C-5", "2025-01-01", "2028-01-01"),
		g("T-201", "Imaging Engineering", "Philips", "T5", inventory.ApplyVendorPatch, "C-6", "2023-01-01", "2027-01-01"),
		g("T-201", "Imaging Engineering", "Toshiba", "MRT*", inventory.ApplyVendorPatch, "C-7", "2023-01-01", "2026-01-01"),
		g("T-202", "Imaging Engineering", "Fujifilm", "*", inventory.ApplyVendorPatch, "C-8", "2024-02-01", "2028-02-01"),
		g("V-BD-7", "BD", "BD", "*", inventory.ApplyVendorPatch, "OEM", "2020-01-01", "2030-01-01"),
		g("V-GE-3", "GE Healthcare", "GE", "*", inventory.ApplyVendorPatch, "OEM", "2020-01-01", "2030-01-01"),
	}
}

// asset returns a matched, active record.
func asset(coverage inventory.Coverage, provider string) *inventory.AssetView {
	return &inventory.AssetView{ControlNumber: "000042", Coverage: coverage, ServiceProvider: provider, Status: inventory.Active, Department: "Oncology",
		Match: inventory.Match{State: inventory.Matched}}
}

func pump(use protocols.UseState, a *inventory.AssetView) inventory.Device {
	return inventory.Device{ID: "d-1", Site: "stv", Presence: inventory.Behind, Manufacturer: "BD", Model: "Alaris PCU 8015", Asset: a,
		Use: inventory.Use{State: use, ObservedAt: now.Add(-time.Minute), ExpiresAt: now.Add(time.Minute)}}
}

func device(maker, model string, a *inventory.AssetView) inventory.Device {
	d := pump(protocols.Idle, a)
	d.Manufacturer, d.Model = maker, model
	return d
}

func found(kind remediation.RemedyKind) remediation.Finding {
	return remediation.Finding{ID: "f-1", Site: "stv", Device: "d-1", Kind: remediation.Vulnerability, Status: remediation.ConfirmedFinding, Cause: "MADE-1", CVSS: 8.2,
		Remedy: remediation.Remedy{Kind: kind}}
}

func input(d inventory.Device, kind remediation.RemedyKind) policy.Input {
	return policy.Input{Device: d, Findings: []remediation.Finding{found(kind)}, Grants: grants(), Lexicon: words{}, Now: now, Mode: policy.Modes(remediation.Auto)}
}

func codes(g remediation.Gate) string {
	var out []string
	for _, h := range g.Holds {
		out = append(out, string(h.Code))
	}
	return strings.Join(out, " ")
}

func refused(d remediation.Decision, person string) string {
	for _, r := range d.Refused {
		if r.Person == person {
			return r.Why
		}
	}
	return ""
}

func text(t *testing.T, d remediation.Decision) string {
	t.Helper()
	b, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestStVincent holds the decisions that the sample hospital's register asks for.
func TestStVincent(t *testing.T) {
	t.Run("exclusive contract, in use", func(t *testing.T) {
		a := asset(inventory.OEMExclusive, "BD")
		a.Contract, a.LifeSupport = "BD-7781", true
		for _, kind := range []remediation.RemedyKind{remediation.FixAvailable, remediation.Configuration} {
			d := policy.Decide(input(pump(protocols.InUse, a), kind))
			if d.Assignee.Queue != "BD" || d.Assignee.Person != "" || !d.Tell.OK || d.Start.OK || !strings.Contains(codes(d.Start.Gate), "in_use") {
				t.Errorf("%s", text(t, d))
			}
			for _, p := range []string{"T-104", "T-105"} {
				if !strings.Contains(refused(d, p), "exclusive contract (BD-7781)") || slices.Contains(d.Eligible, p) {
					t.Errorf("%s: refused %q, eligible %v", p, refused(d, p), d.Eligible)
				}
			}
		}
	})
	t.Run("in house, on standby", func(t *testing.T) {
		d := policy.Decide(input(pump(protocols.Standby, asset(inventory.InHouse, "Biomed")), remediation.FixAvailable))
		if d.Assignee.Person != "T-105" || d.Assignee.Queue != "Biomed" || d.Eligible[0] != "T-105" || !d.Tell.OK || codes(d.Start.Gate) != "standby" {
			t.Errorf("%s", text(t, d))
		}
		if !strings.Contains(refused(d, "T-104"), "expired on 2026-06-30") {
			t.Errorf("T-104: %q", refused(d, "T-104"))
		}
	})
	t.Run("only certificate expired", func(t *testing.T) {
		d := policy.Decide(input(device("TOSHIBA_MEC", "MRT50H1", asset(inventory.InHouse, "Imaging Engineering")), remediation.FixAvailable))
		if codes(d.Tell) != "no_eligible_person" || d.Assignee.Person != "" || len(d.Eligible) != 0 || !strings.Contains(refused(d, "T-201"), "expired on 2026-01-01") {
			t.Errorf("%s", text(t, d))
		}
	})
	t.Run("contact the manufacturer", func(t *testing.T) {
		dev := device("Philips Medical Systems", "T5", asset(inventory.InHouse, "Imaging Engineering"))
		dev.Use.State = protocols.InUse
		d := policy.Decide(input(dev, remediation.AskVendor))
		if d.Activity != inventory.ContactVendor || !slices.Equal(d.Eligible, []string{"T-201"}) || !d.Tell.OK || codes(d.Start.Gate) != "in_use" ||
			d.Assignee.Queue != "Imaging Engineering" || d.Assignee.Person != "" {
			t.Errorf("%s", text(t, d))
		}
	})
}

func TestInvariant09ContractAndWarrantyComeFirst(t *testing.T) {
	warranty := func(until inventory.Date) *inventory.AssetView {
		a := asset(inventory.InHouse, "Biomed")
		a.WarrantyExpires = until
		return a
	}
	owned := asset(inventory.Leased, "")
	owned.Owner = "Smiths Medical"
	byDepartment := asset(inventory.Leased, "Biomed")
	byDepartment.Owner = "Nursing Oncology"
	learned, ownDepartment := asset(inventory.OEMFullService, "North Shop 3"), asset(inventory.OEMExclusive, "Oncology")
	learned.ProviderInHouse = true
	later := warranty("2026-03-12")
	later.WarrantyLatest = "2026-12-03"
	laterOver := warranty("2026-03-12")
	laterOver.WarrantyLatest = "2026-11-22"
	words := warranty("")
	words.WarrantyText = "lifetime"
	noCoverage := asset(inventory.CoverageUnknown, "Biomed")
	noCoverage.WarrantyText = "31.12.2027 (ext.)"
	for _, c := range []struct {
		name   string
		a      *inventory.AssetView
		queue  string
		person string
		held   string
	}{
		{"exclusive", asset(inventory.OEMExclusive, "BD"), "BD", "", ""},
		{"exclusive, provider not named", asset(inventory.OEMExclusive, ""), "BD", "", ""},
		{"full service", asset(inventory.OEMFullService, "ServiceCo"), "ServiceCo", "", ""},
		{"leased", asset(inventory.Leased, "Smiths Medical"), "Smiths Medical", "", ""},
		{"leased, by a maker who owns it", owned, "Smiths Medical", "", ""},
		{"leased, a department as owner, a shop as provider", byDepartment, policy.Coordinator, "", "no_eligible_person"},
		{"leased, nobody named", asset(inventory.Leased, ""), policy.Coordinator, "", "no_eligible_person"},
		{"full service by a shop", asset(inventory.OEMFullService, "Biomed"), "BD", "", ""},
		{"full service by a shop that the register knows", learned, "BD", "", ""},
		{"exclusive, by the department itself", ownDepartment, "BD", "", ""},
		{"exclusive, by the coordinator", asset(inventory.OEMExclusive, "clinical engineering"), "BD", "", ""},
		{"warranty to the later of two readings", later, "BD", "", ""},
		{"both readings of the warranty over", laterOver, "Biomed", "T-105", ""},
		{"warranty in words", words, policy.Coordinator, "", "no_eligible_person"},
		{"warranty in words, coverage not known", noCoverage, policy.Coordinator, "", "no_eligible_person"},
		{"warranty that is no day", warranty("soon"), policy.Coordinator, "", "no_eligible_person"},
		{"warranty to the last day", warranty("2026-11-23"), "BD", "", ""},
		{"warranty over", warranty("2026-11-22"), "Biomed", "T-105", ""},
		{"in house", asset(inventory.InHouse, "Biomed"), "Biomed", "T-105", ""},
		{"time and materials", asset(inventory.TimeAndMaterial, "Biomed"), "Biomed", "T-105", ""},
		{"coverage not known", asset(inventory.CoverageUnknown, "Biomed"), policy.Coordinator, "", "no_eligible_person"},
		{"no record", nil, policy.Coordinator, "", "match_unconfirmed no_eligible_person"},
	} {
		d := policy.Decide(input(pump(protocols.Idle, c.a), remediation.FixAvailable))
		if d.Assignee.Queue != c.queue || d.Assignee.Person != c.person || codes(d.Tell) != c.held {
			t.Errorf("%s: %s", c.name, text(t, d))
		}
		if c.person == "" && (refused(d, "T-105") == "" || slices.Contains(d.Eligible, "T-105")) {
			t.Errorf("%s: T-105 is not refused", c.name)
		}
	}
}

func TestInvariant09GrantsDenyByDefault(t *testing.T) {
	grant := inventory.Grant{Site: "stv", Person: "T-1", Team: "Biomed", Manufacturer: "CareFusion", Model: "8015", Activity: inventory.ApplyVendorPatch,
		Certificate: "C-1", ValidFrom: "2026-11-23", ValidTo: "2026-11-23"}
	for _, c := range []struct {
		name   string
		change func(*inventory.Grant)
		may    bool
		why    string // of the refusal; "" when not even considered
	}{
		{"its only day", func(*inventory.Grant) {}, true, ""},
		{"any maker and model", func(g *inventory.Grant) { g.Manufacturer, g.Model = "*", "*" }, true, ""},
		{"a beginning", func(g *inventory.Grant) { g.Model = "Alaris*" }, true, ""},
		{"a beginning of another", func(g *inventory.Grant) { g.Model = "Pyxis*" }, false, "another model"},
		{"another model", func(g *inventory.Grant) { g.Model = "8100" }, false, "another model"},
		{"a part of the number", func(g *inventory.Grant) { g.Model = "801" }, false, "another model"},
		{"a word without the number", func(g *inventory.Grant) { g.Model = "PCU" }, false, "another model"},
		{"another maker", func(g *inventory.Grant) { g.Manufacturer = "Philips" }, false, ""},
		{"no maker", func(g *inventory.Grant) { g.Manufacturer = "" }, false, ""},
		{"no model", func(g *inventory.Grant) { g.Model = "" }, false, "another model"},
		{"expired yesterday", func(g *inventory.Grant) { g.ValidFrom, g.ValidTo = "2026-01-01", "2026-11-22" }, false, "expired on 2026-11-22"},
		{"from tomorrow", func(g *inventory.Grant) { g.ValidFrom, g.ValidTo = "2026-11-24", "2027-11-24" }, false, "valid only from 2026-11-24"},
		{"no evidence", func(g *inventory.Grant) { g.Certificate = " " }, false, "no evidence"},
		{"no dates", func(g *inventory.Grant) { g.ValidTo = "" }, false, "no dates"},
		{"a date that is none", func(g *inventory.Grant) { g.ValidTo = "9999" }, false, "no dates"},
		{"another activity", func(g *inventory.Grant) { g.Activity = inventory.Inspect }, false, "only others such as inspect"},
		{"another activity on anything", func(g *inventory.Grant) { g.Manufacturer, g.Model, g.Activity = "*", "*", inventory.Isolate }, false, ""},
		{"a team", func(g *inventory.Grant) { g.Team = "t-1" }, false, ""},
		{"another site", func(g *inventory.Grant) { g.Site = "elsewhere" }, false, ""},
	} {
		g := grant
		c.change(&g)
		in := input(pump(protocols.Idle, asset(inventory.InHouse, "Biomed")), remediation.FixAvailable)
		in.Grants = []inventory.Grant{g}
		d := policy.Decide(in)
		if slices.Contains(d.Eligible, "T-1") != c.may || (d.Assignee.Person == "T-1") != c.may || d.Tell.OK != c.may {
			t.Errorf("%s: %s", c.name, text(t, d))
		}
		if got := refused(d, "T-1"); !strings.Contains(got, c.why) || (got != "") != (c.why != "") {
			t.Errorf("%s: refused %q, want %q", c.name, got, c.why)
		}
	}
}

func TestClosestGrantWins(t *testing.T) {
	mk := func(person, team, maker, model string, to inventory.Date) inventory.Grant {
		return inventory.Grant{Site: "stv", Person: person, Team: team, Manufacturer: maker, Model: model, Activity: inventory.ApplyVendorPatch, Certificate: "C", ValidFrom: "2020-01-01", ValidTo: to}
	}
	in := input(pump(protocols.Idle, asset(inventory.InHouse, "Biomed")), remediation.FixAvailable)
	in.Grants = []inventory.Grant{
		mk("any", "Biomed", "*", "*", "2030-01-01"), mk("maker", "Biomed", "BD", "*", "2030-01-01"), mk("beginning", "Biomed", "BD", "Ala*", "2030-01-01"),
		mk("longer", "Biomed", "BD", "Alaris*", "2030-01-01"), mk("exact", "Biomed", "BD", "8015", "2027-01-01"), mk("later", "Biomed", "BD", "8015", "2028-01-01"),
		mk("later too", "Biomed", "BD", "8015", "2028-01-01"), mk("outside", "BD", "BD", "8015", "2030-01-01"),
	}
	want := []string{"later", "later too", "exact", "outside", "longer", "beginning", "maker", "any"}
	if d := policy.Decide(in); !slices.Equal(d.Eligible, want) || d.Assignee.Person != "later" {
		t.Errorf("%s", text(t, d))
	}
}

func TestInvariant10TellGate(t *testing.T) {
	ambiguous, confirmedBy, retired := asset(inventory.InHouse, "Biomed"), asset(inventory.InHouse, "Biomed"), asset(inventory.InHouse, "Biomed")
	ambiguous.Match.State, confirmedBy.Match.State, retired.Status = inventory.Ambiguous, inventory.Confirmed, inventory.Retired
	unread, both := asset(inventory.InHouse, "Biomed"), asset(inventory.InHouse, "Biomed")
	unread.Status, unread.StatusUnread = inventory.StatusUnknown, "sleeping"
	both.Status, both.StatusUnread, both.Match.State = inventory.StatusUnknown, "sleeping", inventory.Ambiguous
	conflict := asset(inventory.InHouse, "Biomed")
	conflict.Match.State = inventory.Conflicts
	for _, c := range []struct {
		name   string
		a      *inventory.AssetView
		change func(*policy.Input)
		held   string
	}{
		{"all well", asset(inventory.InHouse, "Biomed"), nil, ""},
		{"confirmed by a person", confirmedBy, nil, ""},
		{"ambiguous", ambiguous, nil, "match_unconfirmed"},
		{"conflict", conflict, nil, "match_unconfirmed"},
		{"status in no list", unread, nil, "match_unconfirmed"},
		{"status in no list, and ambiguous: one hold", both, nil, "match_unconfirmed"},
		{"fix planned", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Remedy.Kind = remediation.FixPlanned }, "no_doable_remedy"},
		{"no fix, by contract", asset(inventory.OEMExclusive, "BD"), func(in *policy.Input) { in.Findings[0].Remedy.Kind = remediation.NoFix }, "no_doable_remedy"},
		{"potential", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Status = remediation.Potential }, "no_doable_remedy"},
		{"version not known", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Status = remediation.UnknownVersion }, "no_doable_remedy"},
		{"potential, asked for", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Status, in.Asked = remediation.Potential, true }, ""},
		{"resolved, asked for", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Status, in.Asked = remediation.Resolved, true }, "no_doable_remedy"},
		{"retired, asked for", retired, func(in *policy.Input) { in.Asked = true }, "no_doable_remedy"},
		{"register finding", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings[0].Kind = remediation.RegisterDrift }, "no_doable_remedy"},
		{"no finding", asset(inventory.InHouse, "Biomed"), func(in *policy.Input) { in.Findings = nil }, "no_doable_remedy"},
		{"everything at once", ambiguous, func(in *policy.Input) {
			in.Findings[0].Remedy.Kind, in.Grants, in.Mode = remediation.NoFix, nil, nil
		}, "match_unconfirmed no_doable_remedy no_eligible_person observe_mode"},
	} {
		in := input(pump(protocols.Idle, c.a), remediation.FixAvailable)
		if c.change != nil {
			c.change(&in)
		}
		d := policy.Decide(in)
		if codes(d.Tell) != c.held || d.Tell.OK != (c.held == "") {
			t.Errorf("%s: held by %q, want %q\n%s", c.name, codes(d.Tell), c.held, text(t, d))
		}
	}
}

func TestInvariant13ObservesUntilAPersonTurnsItOn(t *testing.T) {
	modes := policy.Modes(remediation.Observe, policy.ModeRule{Kind: remediation.Vulnerability, Mode: remediation.Draft},
		policy.ModeRule{Department: "oncology", Mode: remediation.Auto}, policy.ModeRule{Kind: remediation.Recall, Department: "Oncology", Mode: remediation.Draft},
		policy.ModeRule{Department: "ICU", Mode: "nonsense"})
	for _, c := range []struct {
		kind       remediation.FindingKind
		department string
		mode       policy.ModeFor
		stopped    bool
		want       remediation.Mode
		tell       bool
	}{
		{remediation.Vulnerability, "Oncology", nil, false, remediation.Observe, false},
		{remediation.Vulnerability, "Oncology", modes, false, remediation.Auto, true},
		{remediation.Vulnerability, "Radiology", modes, false, remediation.Draft, true},
		{remediation.Exposure, "Radiology", modes, false, remediation.Observe, false},
		{remediation.Recall, "Oncology", modes, false, remediation.Draft, true},
		{remediation.Vulnerability, "ICU", modes, false, remediation.Observe, false},
		{remediation.Vulnerability, "Oncology", modes, true, remediation.Auto, false},
	} {
		a := asset(inventory.InHouse, "Biomed")
		a.Department = c.department
		in := input(pump(protocols.Idle, a), remediation.FixAvailable)
		in.Mode, in.Stopped, in.Findings[0].Kind = c.mode, c.stopped, c.kind
		if d := policy.Decide(in); d.Mode != c.want || d.Tell.OK != c.tell {
			t.Errorf("%s in %s: mode %s, told %v", c.kind, c.department, d.Mode, d.Tell.OK)
		}
	}
}

func TestOrderable(t *testing.T) {
	retired := pump(protocols.Idle, asset(inventory.InHouse, "Biomed"))
	retired.Asset.Status = inventory.Retired
	if ok, why := policy.Orderable(retired, found(remediation.FixAvailable)); ok || !strings.Contains(why, "retired") {
		t.Errorf("a retired asset: %v %q", ok, why)
	}
	d := pump(protocols.Idle, nil)
	for status, want := range map[remediation.FindingStatus]bool{remediation.ConfirmedFinding: true, remediation.Potential: false, remediation.UnknownVersion: false,
		remediation.Resolved: false, remediation.Accepted: false, remediation.Mitigated: false} {
		f := found(remediation.FixAvailable)
		f.Status = status
		if ok, why := policy.Orderable(d, f); ok != want || (why == "") != want {
			t.Errorf("%s: %v %q", status, ok, why)
		}
	}
}
