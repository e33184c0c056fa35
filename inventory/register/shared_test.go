package register_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

// sharedFile opens a file of the test data that stands beside the repository, or
// skips.
func sharedFile(t *testing.T, name string) *os.File {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "registers", name)
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("the shared test data is not beside the repository: %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func sharedRegister(t *testing.T) (*register.Register, map[register.Kind]register.Report) {
	t.Helper()
	r := open(t, newStore())
	reports := map[register.Kind]register.Report{}
	for _, kind := range register.Kinds() {
		name := "stvincent-" + string(kind) + ".csv"
		report, err := r.Import(kind, name, sharedFile(t, name), day1, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("\n%s", text(t, report))
		reports[kind] = report
	}
	return r, reports
}

func find(t *testing.T, list []register.Defect, code register.DefectCode, control string) register.Defect {
	t.Helper()
	i := slices.IndexFunc(list, func(d register.Defect) bool { return d.Code == code && d.ControlNumber == control })
	if i < 0 {
		t.Fatalf("no defect %s of %q", code, control)
	}
	return list[i]
}

func TestSharedSampleImports(t *testing.T) {
	r, reports := sharedRegister(t)
	if got := len(r.Assets()); got != 19 {
		t.Errorf("%d assets, want 19", got)
	}
	if a := asset(t, r, "010021"); a.LastPM != "2026-06-02" || a.NextPM != "2026-12-02" || a.Installed != "2015-03-14" || a.Coverage != inventory.OEMFullService {
		t.Errorf("010021: %+v", a)
	}
	if a := asset(t, r, "010022"); a.LastPM != "2026-05-13" || a.NextPM != "2027-05-13" || a.SerialNumber != "-0000200" || a.SerialDefect != "" {
		t.Errorf("010022: %+v", a)
	}
	if a := asset(t, r, "010023"); a.SerialDefect == "" {
		t.Error("010023: the serial number 0 is not a placeholder")
	}
	for control, want := range map[string]inventory.Coverage{
		"030501": inventory.OEMExclusive, "030502": inventory.InHouse, "010031": inventory.TimeAndMaterial, "030505": inventory.Leased, "060901": inventory.OEMExclusive,
	} {
		if got := asset(t, r, control).Coverage; got != want {
			t.Errorf("%s: coverage %q, want %q", control, got, want)
		}
	}
	for control, want := range map[string]inventory.Status{"030503": inventory.Missing, "070001": inventory.Retired, "010031": inventory.Active} {
		if got := asset(t, r, control).Status; got != want {
			t.Errorf("%s: status %q, want %q", control, got, want)
		}
	}
	if a := asset(t, r, "030502"); len(a.History) != 1 || a.History[0].AsLeft != "12.1.2" || a.History[0].Completed != "2026-09-14" {
		t.Errorf("030502: history %+v", a.History)
	}
	find(t, reports[register.Assets].Defects, register.SerialUnreadable, "030504")
	quality := r.DataQuality()
	find(t, quality, register.AssetTwice, "060902")
	find(t, quality, register.AssetTwice, "060903")
	if a := asset(t, r, "070002"); !slices.Equal(a.MACs, []string{"00:09:fb:12:34:56"}) || a.WarrantyExpires != "2027-06-30" {
		t.Errorf("070002: %+v", a)
	}
	if a := asset(t, r, "020410"); !slices.Equal(a.MACs, []string{"00:0e:bd:21:22:23"}) {
		t.Errorf("020410: %+v", a)
	}
}

func TestSharedSampleGrants(t *testing.T) {
	r, reports := sharedRegister(t)
	if got := len(r.Grants()); got != 10 {
		t.Errorf("%d grants, want 10", got)
	}
	for _, g := range r.Grants() {
		if g.Person == "IT-01" {
			t.Error("the grant without evidence was taken")
		}
	}
	d := find(t, reports[register.Engineers].Defects, register.RowRefused, "")
	if d.Row != 10 || d.Column != "Certificate" {
		t.Errorf("refused: %+v", d)
	}
}

func heardDevice(id string, fill func(*inventory.Device)) inventory.Device {
	d := inventory.Device{ID: id, Presence: inventory.OnNetwork, Type: inventory.UnknownType, Site: "hill"}
	fill(&d)
	return d
}

// sharedDevices is what the first capture says of the sample hospital.
func sharedDevices() []inventory.Device {
	pump := func(serial, version string) func(*inventory.Device) {
		return func(d *inventory.Device) {
			d.Presence, d.Type, d.Manufacturer, d.Model = inventory.Behind, "infusion-pump", "BD", "8015"
			d.SerialNumber, d.SoftwareVersions = serial, []string{version}
		}
	}
	return []inventory.Device{
		heardDevice("d-ct", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.IPs, d.AETitles = "GE MEDICAL SYSTEMS", "RHAPSODE", []string{"10.60.2.21"}, []string{"CT01"}
			d.StationNames, d.SoftwareVersions = []string{"CT01_OC0"}, []string{"05"}
		}),
		heardDevice("d-mr3", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.SerialNumber, d.AETitles = "TOSHIBA", "MRT50H1", "-0000200", []string{"TOSHMR1"}
		}),
		heardDevice("d-mr4", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.AETitles, d.Hostnames = "Philips", "T5", []string{"PHT5"}, []string{"PHILIPS-T5"}
			d.SerialNumber = "00000"
		}),
		heardDevice("d-cr", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.IPs, d.AETitles = "FUJI PHOTO FILM Co., ltd.", "IRS", []string{"10.60.2.23"}, []string{"FCRIRS"}
		}),
		heardDevice("d-ecg", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.AETitles, d.Hostnames = "MORTARA", "el250", []string{"ELI250"}, []string{"ELI250-ED"}
			d.MACs = []string{"00:0e:bd:21:22:23"}
		}),
		heardDevice("d-pacs", func(d *inventory.Device) { d.IPs, d.AETitles = []string{"10.60.1.10"}, []string{"STVPACS"} }),
		heardDevice("d-vna", func(d *inventory.Device) { d.IPs, d.AETitles = []string{"10.60.1.12"}, []string{"STVVNA"} }),
		heardDevice("d-xn", func(d *inventory.Device) {
			d.Manufacturer, d.Model, d.SerialNumber, d.IPs = "Sysmex", "XN", "A4567", []string{"10.60.3.20"}
		}),
		heardDevice("d-p1", pump("11223344", "9.33")),
		heardDevice("d-p2", pump("99887766", "12.1.2")),
	}
}

func TestSharedSampleJoins(t *testing.T) {
	r, _ := sharedRegister(t)
	list := r.Join(sharedDevices())
	for id, control := range map[string]string{
		"d-ct": "010021", "d-mr3": "010022", "d-mr4": "010023", "d-cr": "010031", "d-ecg": "020410", "d-pacs": "050001", "d-vna": "050002",
		"d-xn": "040110", "d-p1": "030501", "d-p2": "030502",
	} {
		d := device(t, list, id)
		if d.Asset == nil || d.Asset.ControlNumber != control || d.Asset.Match.State != inventory.Matched {
			t.Errorf("%s: %+v", id, d.Asset)
			continue
		}
		t.Log(id, control, d.Asset.Match.Score, d.Asset.Match.On, strings.Join(d.Asset.Match.Why, "; "))
		if !slices.Contains(d.Aliases, register.DeviceID("hill", control)) {
			t.Errorf("%s: the record's id is no alias: %v", id, d.Aliases)
		}
	}
	if on := device(t, list, "d-mr4").Asset.Match.On; !slices.Equal(on, []string{"ae_title", "hostname"}) {
		t.Errorf("010023 is matched on %v", on)
	}
	p2 := device(t, list, "d-p2")
	if len(p2.Conflicts) != 1 || p2.Conflicts[0].Code != register.CodeSoftwareStale || !strings.Contains(p2.Conflicts[0].Says, "W-88002") {
		t.Errorf("030502: %+v", p2.Conflicts)
	}
	for control, want := range map[string]inventory.Connectivity{
		"030503": inventory.NeverConnected, "030504": inventory.NeverConnected, "060902": inventory.NeverConnected, "070002": inventory.Expected,
	} {
		d := device(t, list, register.DeviceID("hill", control))
		if d.Presence != inventory.RegisterOnly || d.Connectivity != want || d.Asset.ControlNumber != control {
			t.Errorf("%s: %s %s", control, d.Presence, d.Connectivity)
		}
	}
	if d := device(t, list, register.DeviceID("hill", "070002")); !slices.Equal(d.SoftwareVersions, []string{"L.01.18"}) || d.Type != "patient-monitor" {
		t.Errorf("070002: %+v", d)
	}
	if d := device(t, list, register.DeviceID("hill", "030503")); len(d.Asset.History) != 1 {
		t.Errorf("030503: history %+v", d.Asset.History)
	}
}

func TestSharedSampleSecondCapture(t *testing.T) {
	r, _ := sharedRegister(t)
	list := r.Join(append(sharedDevices(),
		heardDevice("d-p3", func(d *inventory.Device) {
			d.Presence, d.Manufacturer, d.Model, d.SerialNumber = inventory.Behind, "BD", "8015", "11223345"
		}),
		heardDevice("d-mx", func(d *inventory.Device) { d.MACs, d.Hostnames = []string{"00:09:fb:12:34:56"}, []string{"ICU2-MX450"} })))
	p3 := device(t, list, "d-p3")
	if p3.Asset.ControlNumber != "030503" || p3.Asset.Match.State != inventory.Matched || p3.Conflicts[0].Code != register.CodeMissingFound {
		t.Errorf("030503: %+v %+v", p3.Asset, p3.Conflicts)
	}
	mx := device(t, list, "d-mx")
	if mx.Asset.ControlNumber != "070002" || !slices.Equal(mx.Asset.Match.On, []string{"mac"}) || mx.Asset.Match.State != inventory.Matched {
		t.Errorf("070002: %+v", mx.Asset)
	}
}
