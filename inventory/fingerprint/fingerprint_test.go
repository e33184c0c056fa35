package fingerprint_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/fingerprint"
	"github.com/auscult/auscult/protocols"
)

// shipped loads the rules that the program ships with.
func shipped(t testing.TB) *fingerprint.Base {
	t.Helper()
	b, err := fingerprint.Load(os.DirFS("../../configs/fingerprints"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestShippedRulesKeepTheirExamples(t *testing.T) {
	if err := shipped(t).SelfTest(); err != nil {
		t.Error(err)
	}
}

func TestManufacturer(t *testing.T) {
	b := shipped(t)
	for name, want := range map[string]string{
		"GE MEDICAL SYSTEMS":                    "GE Healthcare",
		"G.E. Healthcare":                       "GE Healthcare",
		"ge":                                    "GE Healthcare",
		"Phillips":                              "Philips",
		"PHILIPS MEDICAL SYSTEMS":               "Philips",
		"TOSHIBA_MEC":                           "Canon Medical",
		"Toshiba":                               "Canon Medical",
		"Fuji":                                  "Fujifilm",
		"FUJI PHOTO FILM CO. LTD.":              "Fujifilm",
		"CAREFUSION":                            "BD",
		"Alaris":                                "BD",
		"Becton, Dickinson and Company (BD)":    "BD",
		"Mortara Instrument, Inc.":              "Mortara",
		"B. BRAUN MELSUNGEN AG":                 "B. Braun",
		"Drager":                                "Dräger",
		"Drägerwerk AG & Co. KGaA":              "Dräger",
		"Hospira":                               "ICU Medical",
		"Brother industries, LTD.":              "Brother",
		"  Siemens Healthcare Diagnostics Inc ": "Siemens Healthineers",
	} {
		if got, known := b.Manufacturer(name); got != want || !known {
			t.Errorf("Manufacturer(%q) = %q, %v; want %q", name, got, known, want)
		}
	}
	for _, name := range []string{"GE Lighting", "Acme Medical", "TOSHIBA ELEVATOR", "", "   ", "Braun ThermoScan"} {
		if got, known := b.Manufacturer(name); known || got != strings.TrimSpace(name) {
			t.Errorf("Manufacturer(%q) = %q, %v; want it as written, not known", name, got, known)
		}
	}
}

func TestModel(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct{ maker, model, want string }{
		{"CareFusion", "8015 PCU", "Alaris PCU 8015"},
		{"BD", "Alaris 8015", "Alaris PCU 8015"},
		{"Alaris", "8015", "Alaris PCU 8015"},
		{"CAREFUSION", "Alaris PCU 8015", "Alaris PCU 8015"},
		{"Mortara", "el250", "ELI 250"},
		{"Mortara Instrument, Inc.", "ELI 250", "ELI 250"},
		{"Mortara", "ELI 250c", "ELI 250c"},
		{"SYSMEX", "XN-10", "XN-1000"},
		{"Fuji", "FCR IRS", "FCR IRS"},
		{"FUJI PHOTO FILM CO. LTD.", "IRS", "FCR IRS"},
		{"G.E. Healthcare", "Rhapsode", "Rhapsode"},
		{"", "ELI250", "ELI 250"},
	} {
		if got, known := b.Model(c.maker, c.model); got != c.want || !known {
			t.Errorf("Model(%q, %q) = %q, %v; want %q", c.maker, c.model, got, known, c.want)
		}
	}
	for _, c := range [][2]string{{"", "8015"}, {"GE Healthcare", "8015"}, {"Philips", "T50"}, {"Acme", "ELI 250"}, {"BD", ""}} {
		if got, known := b.Model(c[0], c[1]); known || got != c[1] {
			t.Errorf("Model(%q, %q) = %q, %v; want it as written, not known", c[0], c[1], got, known)
		}
	}
}

func TestFamily(t *testing.T) {
	b := shipped(t)
	for _, c := range [][3]string{
		{"Philips", "MX450", "IntelliVue MX"}, {"Philips", "IntelliVue MX700", "IntelliVue MX"}, {"Sysmex", "XN-1000", "XN"},
		{"Philips", "T5", "Gyroscan"}, {"Acme", "MX450", ""},
	} {
		if got := b.Family(c[0], c[1]); got != c[2] {
			t.Errorf("Family(%q, %q) = %q; want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestVendor(t *testing.T) {
	b := shipped(t)
	for mac, want := range map[string]string{
		"00:d0:75:00:11:22": "BD",
		"00-09-FB-12-34-56": "Philips",
		"0050.568b.1010":    "VMware",
		"02:d0:75:00:11:22": "", // locally administered
		"01:d0:75:00:11:22": "", // a group
		"ff:ff:ff:ff:ff:ff": "",
		"ac:de:48:00:11:22": "",
		"nonsense":          "",
	} {
		if got := b.Vendor(mac); got != want {
			t.Errorf("Vendor(%s) = %q; want %q", mac, got, want)
		}
	}
}

const registryHead = "Registry,Assignment,Organization Name,Organization Address\n"

func TestWithRegistry(t *testing.T) {
	b := shipped(t)
	files := fstest.MapFS{
		"oui.csv":   {Data: []byte(registryHead + "MA-L,70B3D5,IEEE Registration Authority,\nMA-L,00D075,Somebody Else,\n")},
		"mam.csv":   {Data: []byte(registryHead + "MA-M,70B3D51,\"Middle, Inc.\",\"A street \"\"with\"\" quotes\"\n")},
		"oui36.csv": {Data: []byte(registryHead + "MA-S,70B3D5199,Small Ltd,\nMA-S,70B3D5200,Private,\n")},
	}
	wide, n, err := b.WithRegistry(files)
	if err != nil || n != 4 {
		t.Fatalf("WithRegistry: %d blocks, %v; want 4", n, err)
	}
	for mac, want := range map[string]string{
		"70:b3:d5:19:90:01": "Small Ltd", // the longest block wins
		"70:b3:d5:1f:00:01": "Middle, Inc.",
		"70:b3:d5:ff:00:01": "IEEE Registration Authority",
		"70:b3:d5:20:00:01": "IEEE Registration Authority", // a private block tells nothing
		"00:d0:75:00:11:22": "BD",                          // the rules' own blocks win
	} {
		if got := wide.Vendor(mac); got != want {
			t.Errorf("Vendor(%s) = %q; want %q", mac, got, want)
		}
	}
	if got := b.Vendor("70:b3:d5:19:90:01"); got != "" {
		t.Errorf("the base that was widened changed: %q", got)
	}
	for name, data := range map[string]string{
		"not a registry": "<html>\n",
		"bad block":      registryHead + "MA-L,XYZ,Somebody,\n",
	} {
		if _, _, err := b.WithRegistry(fstest.MapFS{"oui.csv": {Data: []byte(data)}}); err == nil || !strings.Contains(err.Error(), "oui.csv") {
			t.Errorf("%s: %v; want an error that names the file", name, err)
		}
	}
}

func TestPlaceholderSerial(t *testing.T) {
	b := shipped(t)
	for _, s := range []string{"", "0", "00000", "N/A", "none", "UNKNOWN", "See notes", "123456", "XXXXX", "test", "To Be Filled By O.E.M.", "-", "?", "1", "....", "11111111"} {
		if !b.PlaceholderSerial(s) {
			t.Errorf("%q is taken for a serial number", s)
		}
	}
	for _, s := range []string{"-0000200", "11223344", "A4567", "AF09B012345", "99887766", "CT-88120", "M40-55121", "1234-99", "DE12345678"} {
		if b.PlaceholderSerial(s) {
			t.Errorf("%q is taken for a placeholder", s)
		}
	}
}

func TestHazard(t *testing.T) {
	b := shipped(t)
	for agent, want := range map[string]inventory.Hazard{
		"DOXOrubicin":                  inventory.HazardCytotoxic,
		"DOXOrubicin HCl 50 mg/250 mL": inventory.HazardCytotoxic,
		"vinCRIStine sulfate":          inventory.HazardCytotoxic,
		"Insulin Human Regular":        inventory.HazardInsulin,
		"fentaNYL":                     inventory.HazardOpioid,
		"NORepinephrine":               inventory.HazardVasoactive,
		"heparin sodium":               inventory.HazardAnticoagulant,
		"KCl 40 mmol":                  inventory.HazardElectrolyte,
		"Sodium Chloride 0.9%":         inventory.HazardPlainFluid,
		"Potassium Chloride in D5W":    inventory.HazardElectrolyte,
		"":                             inventory.HazardNone,
		"methotrexate + heparin":       inventory.HazardCytotoxic, // the most careful counts
		"Épirubicine EPIRUBICIN":       inventory.HazardCytotoxic,
	} {
		if got := b.Hazard(agent); got != want {
			t.Errorf("Hazard(%q) = %q; want %q", agent, got, want)
		}
	}
}

func TestImplies(t *testing.T) {
	b := shipped(t)
	for _, c := range []struct {
		a           protocols.Attribute
		value, want string
		implied     protocols.Attribute
	}{
		{protocols.Implementation, "1.2.276.0.7230010.3.0.3.6.7", "DCMTK 3.6.7", inventory.Software},
		{protocols.ImplVersion, "OFFIS_DCMTK_367", "DCMTK 3.6.7", inventory.Software},
		{protocols.ImplVersion, "dcm4che-5.29.2", "dcm4che 5.29.2", inventory.Software},
		{protocols.ImplVersion, "MR_VE11C", "Siemens syngo MR VE11C", inventory.Software},
		{protocols.ImplVersion, "MR_2004V_VB11A", "Siemens syngo MR VB11A", inventory.Software},
		{protocols.Implementation, "1.3.12.2.1107.5.2", "Siemens syngo MR", inventory.Software},
		{protocols.PrivateClass, "1.2.840.113619.4.2", "GE private SOP classes", inventory.Software},
		{protocols.PrivateClass, "1.2.840.113619.40", "", ""},
		{protocols.VendorClass, "MSFT 5.0", "Windows", protocols.OS},
		{protocols.VendorClass, "MSFT 98", "Windows 98", protocols.OS},
		{protocols.HardwareAddress, "00:1b:a9:81:82:83", "Brother", protocols.Manufacturer},
		{protocols.EUI64, "0009FBFFFF9B42B3", "Philips", protocols.Manufacturer},
		{protocols.EUI64, "0080A3FFFE000001", "", ""}, // of a converter
		{protocols.EUI64, "0009FB", "", ""},
		{protocols.HardwareAddress, "00:50:56:8b:10:10", "", ""}, // a virtual machine has no maker of its own
		{protocols.HardwareAddress, "00:80:a3:00:00:01", "", ""}, // a converter is not the device
		{protocols.Implementation, "1.2.40.0.13.1.30", "", ""},   // another branch
		{protocols.Hostname, "MSFT 5.0", "", ""},
		{protocols.SystemDescription, "FUJIFILM FCR IRS Console A5.0 Windows 7 Embedded", "Windows 7 Embedded", protocols.OS},
		{protocols.SystemDescription, "Hardware: x86 - Software: Windows Version 6.1 (Build 7601 Multiprocessor Free)", "Windows 7 SP1 or Server 2008 R2 SP1", protocols.OS},
		{protocols.SystemDescription, "Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)", "Windows 10 1809 or Server 2019", protocols.OS},
		{protocols.SystemDescription, "GEHC monitor, vxworks 5.5", "VxWorks", protocols.OS},
		{protocols.SystemDescription, "MyWindows 7", "", ""},    // the end of another word
		{protocols.SystemDescription, "Windows 78", "", ""},     // the beginning of another number
		{protocols.Implementation, "1.3.6.1.4.1.9.1.1", "", ""}, // a toolkit, whoever has the number
		{protocols.SystemObject, "1.3.6.1.4.1.9.1.1208", "Cisco", protocols.Manufacturer},
		{protocols.SystemObject, "1.3.6.1.4.1.8072.3.2.10", "", ""}, // net-snmp is inside many products
	} {
		got := b.Implies(c.a, c.value)
		switch {
		case c.want == "" && len(got) == 0:
		case len(got) == 1 && got[0].Value == c.want && got[0].Attribute == c.implied:
		default:
			t.Errorf("Implies(%s, %q) = %v; want %s %q", c.a, c.value, got, c.implied, c.want)
		}
	}
}

// A toolkit is inside many products: it must never become a maker.
func TestImplementationIsNeverAMaker(t *testing.T) {
	b := shipped(t)
	for _, v := range []string{"1.2.276.0.7230010.3.0.3.6.7", "1.3.12.2.1107.5.2", "1.2.840.113619.6.144"} {
		for _, i := range b.Implies(protocols.Implementation, v) {
			if i.Attribute == protocols.Manufacturer || i.Attribute == protocols.Model {
				t.Errorf("%s implies %s %q", v, i.Attribute, i.Value)
			}
		}
	}
}
