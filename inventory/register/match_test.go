package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

const matchHeader = "Control #,Description,Manufacturer,Model,Serial #,Status,IP,MAC,AE Title,Hostname,Software,Coverage,Dept\n"

// said gives a device's fields evidence, as package identity does.
func said(d inventory.Device) inventory.Device {
	add := func(attribute string, values ...string) {
		for _, v := range values {
			if v != "" {
				d.Evidence = append(d.Evidence, inventory.Evidence{Attribute: attribute, Value: v, Protocol: "dicom", Field: "test", Confidence: 0.9, FirstSeen: day0, LastSeen: day0, Count: 1})
			}
		}
	}
	add("manufacturer", d.Manufacturer)
	add("model", d.Model)
	add("serial_number", d.SerialNumber)
	add("software_version", d.SoftwareVersions...)
	add("ae_title", d.AETitles...)
	add("hostname", d.Hostnames...)
	add("mac", d.MACs...)
	add("ip", d.IPs...)
	return d
}

func named(id string, d inventory.Device) inventory.Device {
	d.ID, d.Site, d.Presence = id, "hill", inventory.OnNetwork
	if d.Type == "" {
		d.Type = inventory.UnknownType
	}
	return said(d)
}

const (
	matched   = inventory.Matched
	ambiguous = inventory.Ambiguous
	conflict  = inventory.Conflicts
	unmatched = inventory.Unmatched
)

func pump(serial string) inventory.Device {
	return inventory.Device{Manufacturer: "Kestra", Model: "V-Pump 7", SerialNumber: serial}
}

// rule is one rule of matching: what the register holds, what is heard, and what
// must come of it.
type rule struct {
	name  string
	rows  string
	heard inventory.Device
	state inventory.MatchState
	on    string // "" for unmatched
	codes string // conflict codes
}

func serialRules() []rule {
	return []rule{
		{"serial and maker", "1,,Velin,V-Pump,VP-9001,,,,,,,,", pump("VP-9001"), matched, "serial_number", ""},
		{"serial in other notation", "1,,Velin,V-Pump,vp 9001,,,,,,,,", pump("VP-9001"), matched, "serial_number", ""},
		{"serial without leading zeros", "1,,Velin,,9001234,,,,,,,,", pump("0009001234"), matched, "serial_number", ""},
		{"serial with O for 0, model agrees", "1,,Velin,V-Pump,VPO9001,,,,,,,,", pump("VP09001"), matched, "serial_number", ""},
		{"serial with O for 0, model unknown", "1,,Velin,x,VPO9001,,,,,,,,", pump("VP09001"), ambiguous, "serial_number", ""},
		{"serial, maker not heard", "1,,Velin,x,VP-9001,,,,,,,,", inventory.Device{SerialNumber: "VP-9001"}, ambiguous, "serial_number", ""},
		{"serial of another maker", "1,,Norda,x,VP-9001,,,,,,,,", pump("VP-9001"), unmatched, "", ""},
		{"serial, model of the same maker differs", "1,,Velin,V-Syringe,VP-9001,,,,,,,,", pump("VP-9001"), ambiguous, "serial_number", ""},
		{"short serial and maker", "1,,Velin,x,0042,,,,,,,,", pump("42"), ambiguous, "serial_number", ""},
		{"short serial alone", "1,,Velin,x,0042,,,,,,,,", inventory.Device{SerialNumber: "42"}, unmatched, "", ""},
		{"short serial, maker and model", "1,,Velin,V-Pump,0042,,,,,,,,", pump("42"), ambiguous, "serial_number", ""},
		{"placeholder serial", "1,,Velin,V-Pump,00000,,,,,,,,", pump("00000"), unmatched, "", ""},
		{"placeholder of the lexicon", "1,,Velin,V-Pump,SERIAL-TBA,,,,,,,,", pump("serial-tba"), unmatched, "", ""},
		{"eaten serial", "1,,Velin,V-Pump,1.1223E+07,,,,,,,,", pump("11223344"), unmatched, "", ""},
		{"eaten serial, written the same", "1,,Velin,V-Pump,1.1223E+07,,,,,,,,", pump("1.1223E+07"), unmatched, "", ""},
		{"UDI", "1,,Velin,x,VP-9001,,,,,,,,", inventory.Device{UDI: "(01)04012345678901(21)VP-9001", Manufacturer: "Velin"}, matched, "serial_number", ""},
		{"UDI of HIBC", "1,,Velin,x,VP-9001,,,,,,,,", inventory.Device{UDI: "+H999V1/$$3261231/SVP9001", Manufacturer: "Velin"}, matched, "serial_number", ""},
	}
}

func addressRules() []rule {
	return []rule{
		{"label with the control number", "0300451,,Velin,V-Pump,,,,,,,,,", inventory.Device{Manufacturer: "Velin", Evidence: []inventory.Evidence{{Attribute: "label", Value: "0300451", Protocol: "hl7"}}}, matched, "control_number", ""},
		{"MAC alone", "1,,Norda,x,,,,00-20-AA-00-00-07,,,,,", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}}, matched, "mac", ""},
		{"one MAC of several", "1,,Norda,x,,,,00-20-AA-00-00-06 / 0020.AA00.0007,,,,,", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}}, matched, "mac", ""},
		{"MAC, other serial heard", "1,,Velin,V-Pump,VP-9001,,,00-20-AA-00-00-07,,,,,", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}, Manufacturer: "Velin", SerialNumber: "VP-9002"}, conflict, "mac", register.CodeSerialDiffers},
		{"MAC, other maker heard", "1,,Velin,V-Pump,,,,00-20-AA-00-00-07,,,,,", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}, Manufacturer: "Norda"}, conflict, "mac", register.CodeMakerDiffers},
		{"MAC that two records claim", "1,,Norda,x,,,,00-20-AA-00-00-07,,,,,\n2,,Norda,x,,,,00-20-AA-00-00-07,,,,,", inventory.Device{MACs: []string{"00:20:aa:00:00:07"}}, conflict, "mac", register.CodeDuplicate},
		{"IP alone", "1,,Velin,x,,,10.9.9.1,,,,,,", inventory.Device{IPs: []string{"10.9.9.1"}}, unmatched, "", ""},
		{"IP and maker and model", "1,,Velin,V-Pump,,,10.9.9.1,,,,,,", inventory.Device{IPs: []string{"10.9.9.1"}, Manufacturer: "Velin", Model: "V-Pump"}, ambiguous, "ip", ""},
		{"IP and AE title", "1,,Pelto,x,,,10.9.9.1,,PACS1,,,,", inventory.Device{IPs: []string{"10.9.9.1"}, AETitles: []string{"PACS1"}}, matched, "ip,ae_title", ""},
	}
}

func nameRules() []rule {
	return []rule{
		{"default AE title", "1,,Aurik,Torus,,,,,ANY-SCP,,,,", inventory.Device{AETitles: []string{"ANY-SCP"}, Manufacturer: "Aurik", Model: "Torus"}, unmatched, "", ""},
		{"default host name", "1,,Aurik,Torus,,,,,,localhost,,,", inventory.Device{Hostnames: []string{"localhost"}, Manufacturer: "Aurik", Model: "Torus"}, unmatched, "", ""},
		{"AE title alone", "1,,Aurik,Torus,,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}}, ambiguous, "ae_title", ""},
		{"AE title and maker", "1,,Aurik,x,,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, Manufacturer: "Aurik Imaging", Model: "Torus"}, ambiguous, "ae_title", ""},
		{"AE title, maker and model", "1,,Aurik,Torus,,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, Manufacturer: "Aurik Imaging", Model: "TORUS 3"}, matched, "ae_title", ""},
		{"AE title, maker and model, cloned title", "1,,Aurik,Torus,,,,,TORUS1,,,,\n2,,Aurik,Torus,,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, Manufacturer: "Aurik Imaging", Model: "TORUS 3"}, ambiguous, "ae_title", ""},
		{"AE title, other maker", "1,,Aurik,Torus,,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, Manufacturer: "Norda", Model: "TORUS 3"}, unmatched, "", ""},
		{"AE title and host name, placeholder serial", "1,,Aurik,Torus,0,,,,TORUS1,AURIK-T,,,", inventory.Device{AETitles: []string{"TORUS1"}, Hostnames: []string{"aurik-t.hill.example"}, SerialNumber: "00000", Manufacturer: "Aurik", Model: "Torus"}, matched, "ae_title,hostname", register.CodeSerialUnreadable},
		{"AE title and the same word as host name", "1,,Aurik,x,,,,,TORUS1,TORUS1,,,", inventory.Device{AETitles: []string{"TORUS1"}, Hostnames: []string{"torus1"}}, ambiguous, "ae_title,hostname", ""},
		{"AE title of one, serial of another", "1,,Aurik,Torus,T-90001,,,,OTHER,,,,\n2,,Aurik,Torus,T-90002,,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, SerialNumber: "T-90001", Manufacturer: "Aurik", Model: "Torus"}, conflict, "serial_number", register.CodeKeysDisagree},
		{"AE title of a retired one, serial of another", "1,,Aurik,Torus,T-90001,,,,,,,,\n2,,Aurik,Torus,T-90002,Retired,,,TORUS1,,,,", inventory.Device{AETitles: []string{"TORUS1"}, SerialNumber: "T-90001", Manufacturer: "Aurik", Model: "Torus"}, matched, "serial_number", ""},
		{"host name alone", "1,,Velin,x,,,,,,vp-1,,,", inventory.Device{Hostnames: []string{"VP-1"}}, ambiguous, "hostname", ""},
		{"host name, maker and model", "1,,Velin,V-Pump,,,,,,vp-1,,,", inventory.Device{Hostnames: []string{"VP-1"}, Manufacturer: "Velin", Model: "V-Pump"}, matched, "hostname", ""},
		{"host name that holds the serial", "1,,Velin,V-Pump,9001234,,,,,,,,", inventory.Device{Hostnames: []string{"VLN9001234"}, Manufacturer: "Velin", Model: "V-Pump"}, matched, "hostname", ""},
		{"host name that holds the control number", "0300451,,Velin,V-Pump,,,,,,,,,", inventory.Device{Hostnames: []string{"hg-0300451"}, Manufacturer: "Velin", Model: "V-Pump"}, matched, "hostname", ""},
	}
}

func driftRules() []rule {
	return []rule{
		{"entered twice", "1,,Velin,V-Pump,VP-9001,,,,,,,,\n2,,Kestra,V-Pump,VP9001,,,,,,,,", pump("VP-9001"), ambiguous, "serial_number", register.CodeDuplicate},
		{"retired but heard", "1,,Velin,V-Pump,VP-9001,Disposed,,,,,,,", pump("VP-9001"), matched, "serial_number", register.CodeRetiredHeard},
		{"missing and found", "1,,Velin,V-Pump,VP-9001,CNL,,,,,,,", pump("VP-9001"), matched, "serial_number", register.CodeMissingFound},
		{"MAC differs", "1,,Velin,V-Pump,VP-9001,,,00-20-AA-00-00-07,,,,,", func() inventory.Device { d := pump("VP-9001"); d.MACs = []string{"00:20:aa:00:00:08"}; return d }(), matched, "serial_number", register.CodeMACDiffers},
		{"IP differs", "1,,Velin,V-Pump,VP-9001,,10.1.1.1,,,,,,", func() inventory.Device { d := pump("VP-9001"); d.IPs = []string{"10.1.1.2"}; return d }(), matched, "serial_number", register.CodeIPDiffers},
		{"software differs", "1,,Velin,V-Pump,VP-9001,,,,,,4.1,,", func() inventory.Device { d := pump("VP-9001"); d.SoftwareVersions = []string{"4.2"}; return d }(), matched, "serial_number", register.CodeSoftwareStale},
		{"software written otherwise", "1,,Velin,V-Pump,VP-9001,,,,,,v04.01,,", func() inventory.Device { d := pump("VP-9001"); d.SoftwareVersions = []string{"4.1"}; return d }(), matched, "serial_number", ""},
	}
}

// TestMatchingRules has one line for each rule of matching, by its name.
func TestMatchingRules(t *testing.T) {
	for _, tt := range slices.Concat(serialRules(), addressRules(), nameRules(), driftRules()) {
		t.Run(tt.name, func(t *testing.T) {
			r := open(t, newStore())
			importText(t, r, register.Assets, matchHeader+tt.rows+"\n", day0, nil)
			d := device(t, r.Join([]inventory.Device{named("d-1", tt.heard)}), "d-1")
			state, on := inventory.Unmatched, ""
			if d.Asset != nil {
				state, on = d.Asset.Match.State, strings.Join(d.Asset.Match.On, ",")
			}
			if state != tt.state || on != tt.on {
				t.Fatalf("%q on %q, want %q on %q: %+v", state, on, tt.state, tt.on, d.Asset)
			}
			var codes []string
			for _, c := range d.Conflicts {
				codes = append(codes, c.Code)
				if c.Says == "" || !slices.Contains(register.Codes(), c.Code) {
					t.Errorf("%+v", c)
				}
			}
			if got := strings.Join(codes, ","); got != tt.codes {
				t.Errorf("codes %q, want %q", got, tt.codes)
			}
			if d.Asset == nil {
				return
			}
			m := d.Asset.Match
			if len(m.Why) == 0 || m.By != "register" || m.Score <= 0 || m.Score >= 1 || (m.State == matched) != m.Decisive() || m.State == matched && m.Score < 0.88 {
				t.Errorf("%+v", m)
			}
			if !m.Decisive() && (d.Connectivity != inventory.Heard || slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool { return e.Protocol == "register" })) {
				t.Error("the register's word stands on a device that may be another")
			}
		})
	}
}

func TestTwoDevicesClaimOneAsset(t *testing.T) {
	r := open(t, newStore())
	importText(t, r, register.Assets, matchHeader+"1,,Velin,V-Pump,VP-9001,,,,,,,,\n", day0, nil)
	one := inventory.Device{Manufacturer: "Velin", Model: "V-Pump", SerialNumber: "VP-9001"}
	list := r.Join([]inventory.Device{named("d-a", one), named("d-b", one)})
	for _, id := range []string{"d-a", "d-b"} {
		if m := device(t, list, id).Asset.Match; m.State != inventory.Conflicts {
			t.Errorf("%s: %+v", id, m)
		}
	}
	if d := device(t, list, register.DeviceID("hill", "1")); d.Presence != inventory.RegisterOnly || len(d.Asset.Match.Why) != 2 {
		t.Errorf("the record vanished: %+v", d)
	}
	one.AETitles = []string{"X"}
	better := one
	better.MACs = []string{"00:20:aa:00:00:07"}
	importText(t, r, register.Assets, matchHeader+"1,,Velin,V-Pump,VP-9001,,,0020AA000007,,,,,\n", day1, nil)
	list = r.Join([]inventory.Device{named("d-a", one), named("d-b", better)})
	if a, b := device(t, list, "d-a").Asset.Match.State, device(t, list, "d-b").Asset.Match.State; a != inventory.Ambiguous || b != inventory.Matched {
		t.Errorf("%s %s", a, b)
	}
}

func TestInvariant13HumanDecisionWins(t *testing.T) {
	s := newStore()
	r := open(t, s)
	importText(t, r, register.Assets, matchHeader+
		"1,,Aurik,Torus,T-90001,,,,TORUS1,,,,\n2,,Aurik,Torus,T-90002,,,,TORUS2,,,,\n3,,Aurik,Torus,T-90002,,,00-20-AA-00-00-07,,,,,\n", day0, nil)
	node := func(id, serial string) inventory.Device {
		return named(id, inventory.Device{SerialNumber: serial, AETitles: []string{"NODE"}, MACs: []string{"00:20:ab:00:00:0" + id[2:]}})
	}
	heard := []inventory.Device{node("d-1", ""), node("d-2", ""), named("d-3", inventory.Device{Manufacturer: "Aurik", Model: "Torus", SerialNumber: "T-90001"})}
	state := func(id string) string {
		t.Helper()
		d := device(t, r.Join(heard), id)
		if d.Asset == nil {
			return ""
		}
		return fmt.Sprint(d.Asset.Match.State, " ", d.Asset.ControlNumber, " ", d.Asset.Match.By)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := state("d-3"); got != "matched 1 register" {
		t.Fatal(got)
	}
	// One asset is two nodes by a person's word; evidence gives way.
	must(r.Confirm("1", heard[0], "ana", day0))
	must(r.Confirm("1", heard[1], "ana", day0))
	for id, want := range map[string]string{"d-1": "confirmed 1 ana", "d-2": "confirmed 1 ana", "d-3": "ambiguous 1 register"} {
		if got := state(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	// A rejection ends a confirmation, and stands for ever.
	must(r.Reject("1", heard[1], "ben", day1))
	must(r.Reject("1", heard[2], "ben", day1))
	if got := state("d-2") + state("d-3"); got != "" {
		t.Errorf("rejected: %s", got)
	}
	// Decisions follow a device into another id, and survive a restart.
	r = open(t, s)
	moved := heard[0]
	moved.ID, moved.Aliases = "d-9", []string{"d-1"}
	heard[0] = moved
	if got := state("d-9"); got != "confirmed 1 ana" {
		t.Errorf("after a merge of devices: %s", got)
	}
	// When facts change the decision stays, with a flag.
	heard[0].MACs = []string{"00:20:ab:00:00:ff"}
	if d := device(t, r.Join(heard), "d-9"); d.Asset.Match.State != inventory.Confirmed || d.Conflicts[0].Code != register.CodeDecisionStale {
		t.Errorf("%+v", d.Conflicts)
	}
	if len(r.Decisions()) != 4 {
		t.Errorf("%+v", r.Decisions())
	}
}

func TestMergeAndSplit(t *testing.T) {
	r := open(t, newStore())
	importText(t, r, register.Assets, matchHeader+"2,,Aurik,Torus,T-90002,,,,TORUS2,,,,\n3,,Aurik,Torus,T-90002,,,00-20-AA-00-00-07,,,,,\n", day0, nil)
	importText(t, r, register.History, "WO,Tag,Closed\nW-1,2,2026-01-01\nW-2,3,2026-02-01\n", day0, nil)
	heard := []inventory.Device{named("d-1", inventory.Device{Manufacturer: "Aurik", Model: "Torus", SerialNumber: "T-90002"})}
	join := func() inventory.Device { return device(t, r.Join(heard), "d-1") }
	if d := join(); d.Asset.Match.State != inventory.Ambiguous || !slices.Equal(d.Asset.Match.Others, []string{"3"}) {
		t.Fatalf("%+v", d.Asset)
	}
	if err := r.Merge("2", "3", "ana", day0); err != nil {
		t.Fatal(err)
	}
	d := join()
	if d.Asset.Match.State != inventory.Matched || d.Asset.ControlNumber != "2" || len(d.Conflicts) != 0 || len(d.Asset.History) != 2 {
		t.Errorf("merged: %+v %+v", d.Asset, d.Conflicts)
	}
	for _, control := range []string{"2", "3"} {
		if !slices.Contains(d.Aliases, register.DeviceID("hill", control)) {
			t.Errorf("aliases %v lack %s", d.Aliases, control)
		}
	}
	if len(r.Join(heard)) != 1 || len(r.Assets()) != 2 {
		t.Errorf("%d devices, %d assets", len(r.Join(heard)), len(r.Assets()))
	}
	if err := r.Split("3", "2", "ana", day1); err != nil {
		t.Fatal(err)
	}
	if d := join(); d.Asset.Match.State != inventory.Ambiguous || slices.ContainsFunc(d.Conflicts, func(c inventory.Conflict) bool { return c.Code == register.CodeDuplicate }) {
		t.Errorf("split: %+v %+v", d.Asset, d.Conflicts)
	}
	for name, err := range map[string]error{
		"one record": r.Merge("2", "2", "ana", day0), "nobody": r.Merge("2", "3", " ", day0), "not there": r.Split("2", "02", "ana", day0),
		"no device": r.Confirm("2", inventory.Device{}, "ana", day0), "no asset": r.Confirm("9", heard[0], "ana", day0),
		"a record": r.Confirm("2", inventory.Device{ID: "d-x", Presence: inventory.RegisterOnly}, "ana", day0),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
