package protocols_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

func TestDescription(t *testing.T) {
	words := strings.Repeat("ten words. ", 20)
	for _, c := range []struct{ name, from, want, version string }{
		{"plain", "FUJIFILM FCR IRS Console A5.0 Windows 7 Embedded", "FUJIFILM FCR IRS Console A5.0 Windows 7 Embedded", ""},
		{"several lines", "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(58)SE2, RELEASE SOFTWARE (fc1)\r\nTechnical Support: x",
			"Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(58)SE2, RELEASE SOFTWARE (fc1)", "12.2(58)SE2"},
		{"the first line is empty", " \n\x00\nVxWorks", "VxWorks", ""},
		{"runs of spaces", "HP  ETHERNET\tMULTI-ENVIRONMENT", "HP ETHERNET MULTI-ENVIRONMENT", ""},
		{"too long", words, strings.TrimSpace(words[:strings.LastIndex(words[:129], " ")]), ""},
		{"one word, too long", strings.Repeat("x", 200), "", ""},
		{"the version is in a second line", "Cisco Internetwork Operating System Software \r\nIOS (tm) 7200, Version 12.0(21.1)S, X", "Cisco Internetwork Operating System Software", "12.0(21.1)S"},
		{"the version of another part", "A\nB\nC, Version 1.2", "A", ""},
		{"no version", "Linux, Version unknown", "Linux, Version unknown", ""},
		{"right to left", "switch \u202eevil", "", ""},
		{"escape sequence", "switch \x1b[2J", "", ""},
		{"not UTF-8", "switch \xff", "", ""},
		{"nothing", "\n\n", "", ""},
	} {
		if got := protocols.Description(c.from); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := protocols.DescribedVersion(c.from); got != c.version {
			t.Errorf("%s: version %q, want %q", c.name, got, c.version)
		}
	}
}

// TestInvariant02PlacesTellOfNobody: a field for a place that tells of a person, or how
// to reach one, is dropped as a whole.
func TestInvariant02PlacesTellOfNobody(t *testing.T) {
	for from, want := range map[string]string{
		"Radiology Room 5":                "Radiology Room 5",
		"  Bldg 12,\tfloor 3, rack A-07 ": "Bldg 12, floor 3, rack A-07",
		"Gebäude 7, Raum 1.234":           "Gebäude 7, Raum 1.234",
		"Office of Dr. Zz Canary":         "",
		"Room 5, contact Zz Canary":       "",
		"ICU desk, ext 4711":              "",
		"Room 5 (+41 44 555 01 99)":       "",
		"Room 5 555-0199":                 "",
		"zz.canary@example.org":           "",
		"Room\u202e5":                     "",
		strings.Repeat("x", 200):          "",
		"":                                "",
	} {
		if got := protocols.PlaceText(from); got != want {
			t.Errorf("%q gives %q, want %q", from, got, want)
		}
	}
}

func TestHostName(t *testing.T) {
	for from, want := range map[string]string{
		"FCRIRS05": "FCRIRS05", "R1.lab.local": "R1", "leaf0b\x00": "leaf0b", "Core Switch 1": "", "Marys-iPhone": "",
		"<script>": "", "---": "", strings.Repeat("a", 64): "",
	} {
		if got := protocols.HostName([]byte(from)); got != want {
			t.Errorf("%q gives %q, want %q", from, got, want)
		}
	}
}

func TestSameChassis(t *testing.T) {
	of := func(s string) protocols.MAC {
		m, err := protocols.ParseMAC(s)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"00:1b:54:aa:00:00", "00:1b:54:aa:00:00", true}, {"00:1b:54:aa:00:00", "00:1b:54:aa:03:ff", true}, {"00:1b:54:aa:00:00", "00:1b:54:aa:04:00", false},
		{"00:1b:54:ff:ff:ff", "00:1b:55:00:00:00", false}, {"00:00:00:00:00:00", "00:00:00:00:00:01", false}, {"01:80:c2:00:00:01", "01:80:c2:00:00:02", false},
	} {
		if a, b := of(c.a), of(c.b); a.SameChassis(b) != c.want || b.SameChassis(a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}

func TestAssignable(t *testing.T) {
	for a, want := range map[string]bool{
		"10.0.0.1": true, "2001:db8::5": true, "::ffff:10.0.0.1": true, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false,
		"127.0.0.1": false, "fe80::1": false, "169.254.1.1": false, "ff02::1": false, "::": false,
	} {
		if got := protocols.Assignable(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
	if protocols.Assignable(netip.Addr{}) {
		t.Error("no address is one")
	}
}
