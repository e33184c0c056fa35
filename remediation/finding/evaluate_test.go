package finding_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/finding"
)

const (
	confirmed = remediation.ConfirmedFinding
	potential = remediation.Potential
	unknown   = remediation.UnknownVersion
	none      = remediation.FindingStatus("")
)

// only returns the one finding of the device, or an empty one.
func only(t *testing.T, b *finding.Book, d inventory.Device) remediation.Finding {
	t.Helper()
	fs := b.Evaluate(d, day0)
	if len(fs) > 1 {
		t.Fatalf("%d findings", len(fs))
	}
	if len(fs) == 0 {
		return remediation.Finding{}
	}
	return fs[0]
}

func TestProductTextsNameModels(t *testing.T) {
	for _, c := range []struct {
		vendor, product string
		maker, model    string
		want            remediation.FindingStatus
	}{
		{"Becton, Dickinson and Company (BD)", "Alaris 8015 PC unit", "BD", "Alaris PCU 8015", confirmed},
		{"Becton, Dickinson and Company (BD)", "BD Alaris Point-of-Care Unit (PCU) Model 8015", "CareFusion", "8015 PCU", confirmed},
		{"Becton, Dickinson and Company (BD)", "Alaris PC Unit", "BD", "Alaris PCU 8015", confirmed}, // by products.json
		{"Becton, Dickinson and Company (BD)", "Alaris PC Unit", "BD", "8015", confirmed},
		{"Becton, Dickinson and Company (BD)", "Alaris Systems Manager", "BD", "Alaris PCU 8015", none},
		{"Becton, Dickinson and Company (BD)", "Alaris Gateway Workstation", "BD", "Alaris PCU 8015", none},
		{"Becton, Dickinson and Company (BD)", "Alaris Guardrails Editor", "BD", "Alaris PCU 8015", none},
		{"Becton, Dickinson and Company (BD)", "BD Pyxis MedStation 8015 Server", "BD", "8015", none},
		{"Becton, Dickinson and Company (BD)", "Alaris GS", "BD", "Alaris PCU 8015", none},
		{"GE Healthcare", "Alaris PC Unit", "BD", "Alaris PCU 8015", none},
		{"Phillips", "IntelliVue patient monitor MX400-MX850", "Philips", "MX450", confirmed},
		{"Philips", "IntelliVue Patient Monitors MX400-550, MP2-MP90", "Philips", "MX450", confirmed},
		{"Philips", "IntelliVue patient monitor MX400-MX850", "Philips", "MX900", none},
		{"Philips", "IntelliVue MX40 Patient Worn Monitor (WLAN only)", "Philips", "MX450", none},
		{"Philips", "PageWriter TC10 TC20 TC30 TC50 TC70 Cardiographs", "Philips", "PageWriter TC50", confirmed},
		{"Philips", "Pulsera (718095) and Endura (718075)", "Philips", "Pulsera", confirmed},
		{"Philips", "HealthSuite T5 Viewer", "Philips", "T5", none},
		{"Philips", "Ingenia T5", "Philips", "T5", potential}, // too short a name to stand alone
		{"Hillrom and ELI, Baxter International Inc.", "Welch Allyn ELI 250c/BUR 250c Resting Electrocardiograph", "Mortara Instrument, Inc.", "el250", potential},
		{"Hillrom", "ELI 250", "Mortara", "el250", confirmed},
		{"Baxter", "ELI 250", "Mortara", "el250", potential}, // the owner's advisory
		{"Baxter", "ELI 280", "Mortara", "el250", none},
		{"Hillrom", "ELI 280/BUR280/MLBUR 280 Resting Electrocardiograph", "Mortara", "ELI 280", confirmed},
		{"GE Healthcare", "LOGIQ 9", "GE", "LOGIQ E9", none},
		{"GE Healthcare", "LOGIQ, not including LOGIQ 100 Pro", "GE", "LOGIQ E9", potential},
		{"GE Healthcare", "LOGIQ, not including LOGIQ 100 Pro", "GE", "LOGIQ 100 Pro", none},
		{"GE Healthcare", "Optima CT520", "GE", "Optima 520", none},
		{"GE Healthcare", "Imaging and Ultrasound Products", "GE", "LOGIQ E9", none},
		{"GE Healthcare", "Infinia with Hawkeye 4 / 1", "GE", "Infinia", none},
		{"GE Healthcare", "Infinia Plus", "GE", "Infinia", potential},
		{"Acme", "MiniPump Control Software", "Acme Pumps Inc.", "MiniPump", potential},
		{"Acme", "MiniPump Infusion Pump", "Acme Pumps Inc.", "MiniPump", confirmed},
		{"Acme", "Paradigm 512/712 pumps", "Acme", "Paradigm 712", confirmed},
		{"Acme", "Paradigm 512/712 pumps", "Acme", "Paradigm 713", none},
	} {
		b, _ := open(t)
		load(t, b, csaf("MADE-1", "1", c.vendor, update12, leaf{product: c.product, version: "<= 9.33"}))
		f := only(t, b, onWire("d-1", c.maker, c.model, "9.33"))
		if f.Status != c.want {
			t.Errorf("%s %q for a %s %s: %q, want %q\n%s", c.vendor, c.product, c.maker, c.model, f.Status, c.want, strings.Join(f.Evidence, "\n"))
		}
	}
}

func TestAllVersionsUnderAVariantNeedsAPerson(t *testing.T) {
	for _, c := range []struct {
		product, full string
		want          remediation.FindingStatus
	}{
		{"MiniPump", "", confirmed},
		{"MiniPump", "MiniPump: All Windows 7-based versions", potential},
		{"MiniPump", "MiniPump: all devices released prior to July 1 2017", potential},
		{"MiniPump 3.0", "", potential},
	} {
		b, _ := open(t)
		load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: c.product, version: "vers:all/*", full: c.full}))
		if f := only(t, b, onWire("d-1", "Acme", "MiniPump", "9")); f.Status != c.want {
			t.Errorf("%q %q: %q, want %q: %v", c.product, c.full, f.Status, c.want, f.Evidence)
		}
	}
}

func TestNameAndLeafThatDisagreeAreReadWidely(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump", version: "<= 3.01", full: "MiniPump: Versions 3.02 and prior"}))
	for v, want := range map[string]remediation.FindingStatus{"3.00": confirmed, "3.02": potential, "3.03": none} {
		if f := only(t, b, onWire("d-1", "Acme", "MiniPump", v)); f.Status != want {
			t.Errorf("%s: %q, want %q: %v", v, f.Status, want, f.Evidence)
		}
	}
}

func TestInvariant03VerdictRestsOnSaidByWhom(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump", version: "<= 9.33"}))
	matched := onWire("d-1", "Acme", "MiniPump")
	matched.Asset = &inventory.AssetView{Manufacturer: "Acme", Model: "MiniPump", Software: "9.33", AsOf: day0, Match: inventory.Match{State: inventory.Matched}}
	doubtful := matched
	doubtful.Asset = &inventory.AssetView{Software: "9.33", AsOf: day0, Match: inventory.Match{State: inventory.Ambiguous}}
	stale := onWire("d-1", "Acme", "MiniPump", "12.0")
	stale.Asset = matched.Asset
	silent := onWire("d-1", "", "")
	silent.Asset = matched.Asset
	updated := onWire("d-1", "Acme", "MiniPump", "9.33")
	updated.SoftwareVersions = []string{"12.0"}
	updated.Evidence = append(updated.Evidence, inventory.Evidence{Attribute: "software_version", Value: "12.0", Protocol: "hl7", Field: "OBX-5", FirstSeen: day1, LastSeen: day1})
	passedOn := onWire("d-1", "Acme", "MiniPump", "9.33") // another host tells a version; it is not in the current set
	passedOn.Evidence = append(passedOn.Evidence, inventory.Evidence{Attribute: "software_version", Value: "12.0", Protocol: "dicom", Field: "(0018,1020)", FirstSeen: day1, LastSeen: day1})
	fromRegister := onWire("d-1", "Acme", "MiniPump")
	fromRegister.SoftwareVersions = []string{"9.33"}
	fromRegister.Evidence = []inventory.Evidence{{Attribute: "software_version", Value: "9.33", Protocol: "register"}}
	for _, c := range []struct {
		name  string
		d     inventory.Device
		want  remediation.FindingStatus
		basis remediation.Basis
	}{
		{"all on the wire", onWire("d-1", "Acme", "MiniPump", "9.33"), confirmed, remediation.OnWire},
		{"no version", onWire("d-1", "Acme", "MiniPump"), unknown, remediation.OnWire},
		{"version by the register", matched, potential, remediation.OnRegister},
		{"a record that may be another's", doubtful, unknown, remediation.OnWire},
		{"a stale record", stale, none, ""},
		{"model by the register", silent, potential, remediation.OnRegister},
		{"register only", onPaper("d-1", "Acme", "MiniPump", "9.33"), potential, remediation.OnRegister},
		{"register only, no version", onPaper("d-1", "Acme", "MiniPump", ""), unknown, remediation.OnRegister},
		{"two versions at once", onWire("d-1", "Acme", "MiniPump", "9.33", "12.0"), potential, remediation.OnWire},
		{"an older value of the same field", updated, none, ""},
		{"a newer version that is not the device's own word", passedOn, confirmed, remediation.OnWire},
		{"another maker", onWire("d-1", "Zoll", "MiniPump", "9.33"), none, ""},
		{"evidence of the register only", fromRegister, unknown, remediation.OnWire},
	} {
		f := only(t, b, c.d)
		if f.Status != c.want || f.Basis != c.basis {
			t.Errorf("%s: %q on %q, want %q on %q: %v", c.name, f.Status, f.Basis, c.want, c.basis, f.Evidence)
		}
	}
	f := only(t, b, onPaper("d-1", "Acme", "MiniPump", "9.33"))
	if want := day0.Add(-72 * time.Hour); !f.AsOf.Equal(want) {
		t.Errorf("a register finding is as of %s, want the register's date %s", f.AsOf, want)
	}
}

func TestFindingTellsWhy(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-1", "3", "Acme", update12, leaf{product: "MiniPump", version: "<= 9.33"}),
		`{"title":"x","catalogVersion":"2026.10.01","dateReleased":"2026-10-01T00:00:00Z","count":1,"vulnerabilities":[{"cveID":"CVE-2099-0001","dateAdded":"2026-09-01"}]}`)
	f := only(t, b, onWire("d-1", "Acme", "MiniPump", "9.33"))
	want := remediation.Finding{
		ID: finding.ID("stv", "d-1", "MADE-1"), Site: "stv", Device: "d-1", Kind: remediation.Vulnerability, Status: confirmed, Basis: remediation.OnWire,
		Cause: "MADE-1", Advisories: []string{"MADE-1"}, CVEs: []string{"CVE-2099-0001"}, CVSS: 8.2, KEV: true, Title: "Made up for tests",
		Evidence: []string{
			`MADE-1 (revision 3 of 2026-10-03) names "MiniPump" by Acme; this device says it is Acme MiniPump.`,
			`It names versions "<= 9.33"; this device reports 9.33 (hl7 OBX-5, last on 2026-11-23 10:00 UTC).`,
			`CVE-2099-0001 is known to be exploited since 2026-09-01 (CISA KEV of 2026-10-01).`,
		},
		AsOf:       time.Date(2026, 10, 3, 0, 0, 0, 0, time.UTC),
		Remedy:     remediation.Remedy{Kind: remediation.FixAvailable, Text: "Update to version 12.3 or later.", Version: "12.3"},
		Predicate:  remediation.Predicate{Kind: "version-outside", Says: "The device reports a software version outside <= 9.33.", Ranges: []string{"<= 9.33"}},
		Verifiable: remediation.ByWire, FirstSeen: day0, LastSeen: day0,
	}
	if same(f) != same(want) {
		t.Errorf("got\n%s\nwant\n%s", same(f), same(want))
	}
	if !strings.HasPrefix(f.ID, "f-") || len(f.ID) != 14 {
		t.Errorf("id %q", f.ID)
	}
}

func TestInvariant12RegisterCannotShowThatItIsMended(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump", version: "<= 9.33"}),
		csaf("MADE-2", "1", "Acme", [][2]string{{"mitigation", "Put it behind a firewall."}}, leaf{product: "MiniPump", version: "<= 9.33"}),
		csaf("MADE-3", "1", "Acme", update12, leaf{product: "MiniPump", version: "vers:all/*"}))
	for _, f := range b.Evaluate(onPaper("d-1", "Acme", "MiniPump", "9.33"), day0) {
		if f.Verifiable != remediation.ByAttest {
			t.Errorf("%s on the register is verified by %s", f.Cause, f.Verifiable)
		}
	}
	want := map[string]string{"MADE-1": "version-outside", "MADE-2": "attest", "MADE-3": "attest"}
	for _, f := range b.Evaluate(onWire("d-1", "Acme", "MiniPump", "9.33"), day0) {
		if f.Predicate.Kind != want[f.Cause] || (f.Predicate.Kind == "attest") != (f.Verifiable == remediation.ByAttest) {
			t.Errorf("%s is tested by %q, %q", f.Cause, f.Predicate.Kind, f.Verifiable)
		}
	}
}

func TestNotAffectedAndFixedCount(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump", version: "vers:all/*"}, leaf{product: "MiniPump", version: ">= 12.3", status: "fixed"}),
		csaf("MADE-2", "1", "Acme", update12, leaf{product: "MiniPump", version: "vers:all/*", status: "known_not_affected"}),
		csaf("MADE-3", "1", "Acme", update12, leaf{product: "MiniPump", version: "vers:all/*", status: "under_investigation"}),
		csaf("MADE-4", "1", "Acme", update12, leaf{product: "MiniPump", version: "vers:all/*", status: "recommended"}))
	if got := statuses(b.Evaluate(onWire("d-1", "Acme", "MiniPump", "12.4"), day0)); len(got) != 1 || got["MADE-3"] != potential {
		t.Errorf("at 12.4: %v", got)
	}
	if got := statuses(b.Evaluate(onWire("d-1", "Acme", "MiniPump", "12.1"), day0)); got["MADE-1"] != confirmed {
		t.Errorf("at 12.1: %v", got)
	}
}

func TestRegisterConflictsBecomeFindings(t *testing.T) {
	b, _ := open(t)
	d := onWire("d-1", "Acme", "MiniPump", "12.1.2")
	d.Asset = &inventory.AssetView{Software: "9.33", AsOf: day0, Match: inventory.Match{State: inventory.Matched}}
	d.Conflicts = []inventory.Conflict{
		{Code: "register_software_stale", Attribute: "software_version", Values: []string{"9.33", "12.1.2"}, Says: "The register says 9.33 and the device 12.1.2."},
		{Code: "two_serials", Attribute: "serial_number", Says: "Not about the register."},
	}
	f := only(t, b, d)
	if f.Kind != remediation.RegisterDrift || f.Cause != "register_software_stale" || f.Status != confirmed || !slices.Contains(f.Evidence, d.Conflicts[0].Says) {
		t.Errorf("%+v", f)
	}
	if f.Title != "The register's software version is out of date" {
		t.Errorf("title %q", f.Title)
	}
}

func TestHelpersAndRelationships(t *testing.T) {
	const file = `{"document":{"category":"csaf_vex","csaf_version":"2.0","title":"T","publisher":{"name":"Acme PSIRT"},
"tracking":{"id":"MADE-9","version":"1.0.0","status":"final","current_release_date":"2026-10-01T00:00:00Z"}},
"product_tree":{"branches":[
 {"category":"vendor","name":"Acme","branches":[
  {"category":"product_family","name":"Pumps","branches":[
   {"category":"product_name","name":"Flow station","branches":[{"category":"architecture","name":"arm","branches":[
    {"category":"product_version","name":"2.0","product":{"name":"Flow station 2.0","product_id":"A",
     "product_identification_helper":{"model_numbers":["MP-7?"],"serial_numbers":["77*"]}}}]}]}]},
  {"category":"product_name","name":"Radio firmware","branches":[{"category":"product_version","name":"<= 5.1","product":{"name":"Radio firmware 5.1","product_id":"B"}}]},
  {"category":"product_name","name":"MiniPump","product":{"name":"MiniPump","product_id":"C"}}]}],
"product_groups":[{"group_id":"G","product_ids":["A","BC"]}],
"relationships":[{"category":"installed_on","product_reference":"B","relates_to_product_reference":"C","full_product_name":{"name":"Radio firmware on MiniPump","product_id":"BC"}}]},
"vulnerabilities":[{"cve":"CVE-2099-0009","product_status":{"known_affected":["A","BC"],"known_not_affected":["C"]},
 "flags":[{"label":"component_not_present","product_ids":["C"]}],
 "remediations":[{"category":"vendor_fix","details":"Update to version 6.0.","group_ids":["G"]}],
 "scores":[{"products":["A"],"cvss_v2":{"baseScore":4.0}},{"products":["BC"],"cvss_v3":{"baseScore":6.1}}]}]}`
	b, _ := open(t)
	load(t, b, file)
	numbered := onWire("d-1", "Acme", "MP-72", "2.0")
	numbered.SerialNumber = "7701"
	if f := only(t, b, numbered); f.Status != confirmed || f.CVSS != 4 {
		t.Errorf("by model number: %q, CVSS %v: %v", f.Status, f.CVSS, f.Evidence)
	}
	if f := only(t, b, onWire("d-1", "Acme", "MP-82", "2.0")); f.Status != none {
		t.Errorf("another model number: %q", f.Status)
	}
	radio := only(t, b, onWire("d-1", "Acme", "MiniPump", "5.0"))
	if radio.Status != potential || radio.CVSS != 6.1 || radio.Remedy.Version != "6.0" || !strings.Contains(strings.Join(radio.Evidence, "\n"), "component not present") {
		t.Errorf("a component on the device: %+v", radio)
	}
	d := onWire("d-1", "Acme", "Flow station", "2.0")
	for serial, want := range map[string]remediation.FindingStatus{"7701": confirmed, "8801": none, "": potential} {
		d.SerialNumber = serial
		if f := only(t, b, d); f.Status != want {
			t.Errorf("serial %q: %q, want %q: %v", serial, f.Status, want, f.Evidence)
		}
	}
}

func TestMakersWithoutAVendorBranch(t *testing.T) {
	const file = `{"document":{"category":"csaf_security_advisory","csaf_version":"2.0","title":"T","publisher":{"category":"vendor","name":"Zoll"},
"tracking":{"id":"MADE-8","version":"1","status":"final","current_release_date":"2026-10-01T00:00:00Z"}},
"product_tree":{"full_product_names":[{"name":"Acme MiniPump","product_id":"A"},{"name":"R Series","product_id":"B"},
 {"name":"Ventilator","product_id":"C","product_identification_helper":{"cpe":"cpe:2.3:h:draeger:evita_v300:-:*:*:*:*:*:*:*"}}]},
"vulnerabilities":[{"cve":"CVE-2099-0009","product_status":{"known_affected":["A","B","C"]}}]}`
	b, _ := open(t)
	load(t, b, file)
	for _, d := range []inventory.Device{onWire("d-1", "Acme", "MiniPump"), onWire("d-2", "Zoll", "R Series"), onWire("d-3", "Drager", "Evita V300")} {
		if f := only(t, b, d); f.Status != confirmed {
			t.Errorf("%s %s: %q", d.Manufacturer, d.Model, f.Status)
		}
	}
}

func TestEvaluateIsDeterministic(t *testing.T) {
	b, _ := open(t)
	load(t, b, csaf("MADE-2", "1", "Acme", update12, leaf{product: "MiniPump", version: "<= 9"}, leaf{product: "MiniPump", version: "8.8"}),
		csaf("MADE-1", "1", "Acme", update12, leaf{product: "MiniPump", version: "<= 9"}))
	d := onWire("d-1", "Acme", "MiniPump", "8.8")
	d.Conflicts = []inventory.Conflict{{Code: "register_software", Says: "x"}}
	first := same(b.Evaluate(d, day0))
	for range 20 {
		if got := same(b.Evaluate(d, day0)); got != first {
			t.Fatalf("got\n%s\nthen\n%s", first, got)
		}
	}
}
