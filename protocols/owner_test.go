package protocols_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestInvariant02NoOwnersNames: a personal device is named after its owner, with a
// hyphen or without, and people are told apart by their birth dates.
func TestInvariant02NoOwnersNames(t *testing.T) {
	for _, name := range []string{
		"Marys-Mac-mini", "Marys-Mac-Studio", "Marys-Mac-Pro", "Marys-Mac-mini-2", "MARY-MAC-STUDIO-2", "Marys-Vision-Pro", "Mary-Vision-Pro", "Marys-PC-2", "Marys-Laptop-2",
		"MARY-LAPTOP1", "MARY-PC-07", "MARY-PC-11-2", "RAD1-MARY-PC", "RAD-MARY-PC", "PC-MARY", "NOTEBOOK-MARY", "DESKTOP-MARY-2", "CHRISTINES-LAP",
		"MARY-HP", "MARY-HP-2", "MARY-DELL", "Marys-Samsung", "MARYSPC", "MARYPC", "MARYSPC2", "MarysMBP", "MaryDoeLaptop", "MARYSDELL", "Marys-AppleTV", "Marys-Apple-TV",
		"Marys-HomePod", "Marys-Apple-Watch", "Marys-Note20", "Marys-A54", "Mary-s-A54", "Marys-A54-2", "Philips-Note20", "Philips-A54", "Marys-Z-Fold5", "Mary-Z-Flip4", "Marys-Tab-S9", "Mary-Tab-A8",
		"Marys-Fire-HD", "Mary-Fire-HD-10", "Marys-ThinkPad", "Mary-ThinkPad-X1", "THINKPAD-MARY", "MaryDoe-XPS13", "XPS13-Mary", "Galaxy-A54-von-Mary", "iPad-von-Mary", "ebook-mary",
		"Mary-Doe-19440404", "Mary-Doe-04041944", "Mary_Doe_1944-04-04", "MaryDoe19440404", "Doe-12311944", "19440404-Mary-Doe", "CT-MARY-19440404",
	} {
		if got := protocols.HostName([]byte(name)); got != "" {
			t.Errorf("%q is stated as %q", name, got)
		}
	}
}

// TestHostNamesOfAHospital: departments, machines and makers are no persons.
func TestHostNamesOfAHospital(t *testing.T) {
	for _, name := range []string{
		"CT01", "PACS-SRV", "DESKTOP-AB12CD", "LAPTOP-4F7K", "ICU-PUMP-07", "WS-RAD-03", "SIEMENS-CT", "GE-MR1", "EPIQ7-US12", "HP0123AB", "CCU-PC-2", "WARD3-PC", "RAD-LAPTOP-2",
		"RADPC", "ICUPC2", "RADREADINGPC", "NURSES-PC", "NURSESPC", "PATIENT-TV", "PATIENTS-TV-12", "IPC", "PC-LAB", "PC-2", "MAC-LAB-2", "DELL-PC", "LENOVO-THINKPAD", "THINKPAD-T480", "HP-LaserJet-Pro-M404", "ICU-HP1",
		"Apple-TV", "Mac-mini", "Mac-mini-2", "HomePod", "PHILIPS-V60", "ORTHO-VISION", "FIRE-PANEL-1", "PUMP-20190412", "SN-19440404", "CANON-19449944", "CANON-1944040", "ULTRA-1", "W4-PC-07", "HX20-LAB1", "SONA5-7",
		"Brother-HL-L2350DW-series", "ACCESS-2", "STVREAD01",
	} {
		if got := protocols.HostName([]byte(name)); got != name {
			t.Errorf("%q is stated as %q", name, got)
		}
	}
}

// TestFunctionsTakenApart: a name that can be made of functions in many ways costs no
// more than another.
func TestFunctionsTakenApart(t *testing.T) {
	for word, want := range map[string]bool{"labor": true, "laborlabor": true, "labors": true, strings.Repeat("labor", 12) + "lab": true, strings.Repeat("labor", 12) + "x": false, "s": false, "mary": false, strings.Repeat("lab", 22): false} {
		if got := protocols.Functional(word); got != want {
			t.Errorf("%q: made of functions: %v", word, got)
		}
	}
}

// FuzzOwners: a name is judged without regard to case, and no name that is stated has a
// word of a personal device behind an owner's.
func FuzzOwners(f *testing.F) {
	for _, name := range []string{"Marys-Note20", "MARYSPC", "Mary-s-A54", "Doe-19440404", "s", "-s-a54", "S23-ultra", "_"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, upper := protocols.HostName([]byte(name)), protocols.HostName([]byte(strings.ToUpper(name)))
		if label, _, _ := strings.Cut(strings.TrimRight(name, "\x00 "), "."); got != "" && (got != label || upper == "") {
			t.Errorf("%q gives %q, in capitals %q", name, got, upper)
		}
		if owned := "Zzcanarys-" + got; got != "" && protocols.HostName([]byte(owned+"-PC")) != "" && len(owned) < 60 {
			t.Errorf("%q is stated", owned+"-PC")
		}
	})
}
