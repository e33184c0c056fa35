package register_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

// FuzzImport: whatever the bytes, an import never panics, is whole or not at all,
// changes nothing the second time, and never takes a grant without evidence.
func FuzzImport(f *testing.F) {
	for _, kind := range register.Kinds() {
		raw, err := os.ReadFile(filepath.Join("testdata", string(kind)+".csv"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add("\xFF\xFET\x00a\x00g\x00")
	f.Add(header + "1,a,b,\"c\nd\"\"e\",f\n\"2,x")
	f.Add("Engineer,Manufacturer,Model,Activity,Certificate,From,To\nT,*,*,inspect,none,1/2/2026,3/4/2027\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := newStore()
		r := open(t, s)
		importText(t, r, register.Assets, header+"1,Velin,V,S-1001,A\n", day0, nil)
		for _, kind := range register.Kinds() {
			before, assets, grants := s.dump(), r.Assets(), r.Grants()
			_, err := r.Import(kind, "f.csv", strings.NewReader(text), day1, nil)
			if err != nil {
				if !reflect.DeepEqual(before, s.dump()) || !reflect.DeepEqual(assets, r.Assets()) || !reflect.DeepEqual(grants, r.Grants()) {
					t.Fatalf("an error changed something: %v", err)
				}
				continue
			}
			after := s.dump()
			again, err := r.Import(kind, "f.csv", strings.NewReader(text), day1, nil)
			if err != nil || again.Added+again.Changed != 0 || !reflect.DeepEqual(after, s.dump()) {
				t.Fatalf("the same file again: %v %+v", err, again)
			}
			if restarted := open(t, s); !reflect.DeepEqual(asJSON(t, restarted.Assets()), asJSON(t, r.Assets())) || !reflect.DeepEqual(restarted.Grants(), r.Grants()) {
				t.Fatal("what is stored differs from what is in memory")
			}
		}
		checkRecords(t, r)
	})
}

func checkRecords(t *testing.T, r *register.Register) {
	t.Helper()
	for _, a := range r.Assets() {
		if a.ControlNumber == "" || a.Site != "hill" || len(a.Notes) > register.MaxNotes || len(a.MACs) > register.MaxMACs {
			t.Fatalf("%+v", a)
		}
		for _, d := range []inventory.Date{a.LastPM, a.NextPM, a.Installed, a.WarrantyExpires} {
			if d != "" && d.Time().IsZero() {
				t.Fatalf("date %q", d)
			}
		}
	}
	for _, g := range r.Grants() {
		if g.Person == "" || g.Certificate == "" || g.ValidFrom == "" || g.ValidTo < g.ValidFrom || !slices.Contains(register.Activities(), g.Activity) {
			t.Fatalf("%+v", g)
		}
	}
	list := r.Join(nil)
	if !reflect.DeepEqual(asJSON(t, list), asJSON(t, r.Join(list))) {
		t.Fatal("joining twice differs")
	}
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// FuzzJoin: whatever a device says, joining is pure, deterministic and idempotent,
// loses no record and no device, and gives no record to two devices.
func FuzzJoin(f *testing.F) {
	f.Add("Velin", "V-Pump", "VP-0012345", "00:20:aa:01:02:03", "TORUS1", "torus1", "10.20.30.40", "4.1")
	f.Add("Norda", "HeartOn", "NH5550", "", "", "hg000417", "", "")
	f.Add("", "", "0", "x", "PLATE2", "", "::1", "")
	r := open(f, newStore())
	for _, kind := range register.Kinds() {
		raw, err := os.ReadFile(filepath.Join("testdata", string(kind)+".csv"))
		if err != nil {
			f.Fatal(err)
		}
		importText(f, r, kind, string(raw), day0, nil)
	}
	f.Fuzz(func(t *testing.T, maker, model, serial, mac, ae, host, ip, version string) {
		base := inventory.Device{
			Manufacturer: maker, Model: model, SerialNumber: serial, MACs: []string{mac}, AETitles: []string{ae}, Hostnames: []string{host},
			IPs: []string{ip}, SoftwareVersions: []string{version}, UDI: "(21)" + serial,
			Conflicts: []inventory.Conflict{{Code: "serial_differs", Attribute: "serial_number"}},
		}
		bare := base
		bare.Model, bare.SoftwareVersions = "", nil
		heard := []inventory.Device{named("d-b", base), named("d-a", bare), named("d-c", inventory.Device{SerialNumber: serial})}
		before := asJSON(t, heard)
		first := asJSON(t, r.Join(heard))
		slices.Reverse(heard)
		if second := asJSON(t, r.Join(heard)); first != second {
			t.Fatalf("the order of devices matters:\n%s\n%s", first, second)
		}
		slices.Reverse(heard)
		if before != asJSON(t, heard) {
			t.Fatal("the input was changed")
		}
		joined := r.Join(heard)
		if third := asJSON(t, r.Join(joined)); first != third {
			t.Fatalf("joining twice differs:\n%s\n%s", first, third)
		}
		checkJoined(t, r, joined)
	})
}

func checkJoined(t *testing.T, r *register.Register, joined []inventory.Device) {
	t.Helper()
	claimed, ids := map[string]bool{}, map[string]bool{}
	for i, d := range joined {
		if i > 0 && joined[i-1].ID >= d.ID {
			t.Fatal("not sorted")
		}
		for _, id := range append([]string{d.ID}, d.Aliases...) {
			if ids[id] {
				t.Fatalf("id %s twice", id)
			}
			ids[id] = true
		}
		if d.Asset == nil || d.Presence != inventory.RegisterOnly && !d.Asset.Match.Decisive() {
			continue
		}
		if claimed[d.Asset.ControlNumber] {
			t.Fatalf("asset %s is two devices", d.Asset.ControlNumber)
		}
		claimed[d.Asset.ControlNumber] = true
	}
	for _, a := range r.Assets() {
		if !claimed[a.ControlNumber] || !ids[register.DeviceID(a.Site, a.ControlNumber)] {
			t.Fatalf("asset %s is lost", a.ControlNumber)
		}
	}
}

func TestInvariant03RegisterNeverOverwritesTheWire(t *testing.T) {
	r := open(t, newStore())
	const row = "1,Infusion pump,Velin,V-Pump 7,VP-9001,,,0020AA000007,,,4.1,%,\n"
	importText(t, r, register.Assets, matchHeader+strings.Replace(row, "%", "rental", 1), day0, nil)
	heard := []inventory.Device{named("d-1", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}, Manufacturer: "KESTRA"})}
	list := r.Join(heard)
	d := device(t, list, "d-1")
	if d.Manufacturer != "KESTRA" || d.Model != "V-Pump 7" || d.ModelCanonical != "V-Pump" || d.SerialNumber != "VP-9001" || d.Type != "infusion-pump" || !slices.Equal(d.SoftwareVersions, []string{"4.1"}) {
		t.Errorf("%+v", d)
	}
	if d.Ownership != "rental" || d.Asset.Coverage != inventory.Leased || d.Connectivity != inventory.Heard {
		t.Errorf("%s %s %s", d.Ownership, d.Asset.Coverage, d.Connectivity)
	}
	fields := map[string]string{}
	for _, e := range d.Evidence {
		if e.Protocol == "register" {
			fields[e.Attribute] = e.Field
			if e.Confidence >= 0.5 || !e.LastSeen.Equal(day0) {
				t.Errorf("%+v", e)
			}
		}
	}
	want := map[string]string{"manufacturer": "manufacturer", "model": "model", "serial_number": "serial_number", "software_version": "software", "type": "description"}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("%v", fields)
	}
	// A person says no: what was lent goes back, also from a joined list.
	if err := r.Reject("1", d, "ana", day1); err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(t, r.Join(heard)), asJSON(t, r.Join(list)); a != b {
		t.Errorf("\n%s\n%s", a, b)
	}
	if back := device(t, r.Join(list), "d-1"); back.SerialNumber != "" || back.Model != "" || back.Type != inventory.UnknownType || back.Asset != nil || len(back.Aliases) != 0 {
		t.Errorf("%+v", back)
	}
}

func TestJoinLeavesOtherSitesAlone(t *testing.T) {
	r := open(t, newStore())
	importText(t, r, register.Assets, matchHeader+"1,,Velin,V-Pump,VP-9001,,,,,,,,\n", day0, nil)
	other := named("d-1", inventory.Device{Manufacturer: "Velin", Model: "V-Pump", SerialNumber: "VP-9001"})
	other.Site = "valley"
	if d := device(t, r.Join([]inventory.Device{other}), "d-1"); asJSON(t, d) != asJSON(t, other) {
		t.Errorf("%+v", d)
	}
}

func TestDescriptionGivesType(t *testing.T) {
	for description, want := range map[string]inventory.Type{
		"Pump, infusion": "infusion-pump", "Infusion pump": "infusion-pump", "Pump syringe": "syringe-pump", "Scanner, MRI": "mr", "Scanner, CT": "ct",
		"Ventilator": "ventilator", "Defibrillator": "defibrillator", "Electrocardiograph": "ecg", "Analyzer, hematology": "lab-analyzer",
		"Monitor, physiological": "patient-monitor", "ULTRASOUND": "ultrasound", "PACS server": "pacs", "Image archive": "image-archive", "CR reader": "xray",
		"Tester, defibrillator": "unknown", "Defibrillator analyzer": "unknown", "Actuator": "unknown", "": "unknown", "Wheelchair": "unknown", "C-arm": "xray",
	} {
		r := open(t, newStore())
		importText(t, r, register.Assets, "Tag,Manufacturer,Model,Description\n1,V,V,\""+description+"\"\n", day0, nil)
		d := r.Join(nil)[0]
		if d.Type != want || !slices.Contains(inventory.Types(), d.Type) {
			t.Errorf("%q: %s, want %s", description, d.Type, want)
		}
	}
}
