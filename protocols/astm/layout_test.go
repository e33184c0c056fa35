package astm_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

// TestEveryRowReadsItsExample: each row of the table has a sender as published and
// says where, claims it alone, and reads from it what a person reads.
func TestEveryRowReadsItsExample(t *testing.T) {
	want := map[string][4]string{ // maker, model, serial number, software
		"Afinion 2 Analyzer^^AF20052397":          {"Abbott", "Afinion 2 Analyzer", "AF20052397", ""},
		"ARCHITECT^1.00^123456789^H1P1O1R1C1Q1L1": {"Abbott", "ARCHITECT", "123456789", "1.00"},
		"SENAITE^Roche^c111^4.2.2.1730^1^13147":   {"Roche", "c111", "13147", "4.2.2.1730"},
		"c311^1":                                  {"Roche", "c311", "", ""},
		"H7600^1":                                 {"Roche", "H7600", "", ""},
		"cobas u 411^8^3.2.0.1001^Int":            {"Roche", "cobas u 411", "", "3.2.0.1001"},
		"URISYS1100^99305^SW5.31^INT":             {"Roche", "URISYS1100", "99305", "5.31"},
		"DCA VANTAGE^04.04.00.00^S067337":         {"Siemens Healthineers", "DCA VANTAGE", "S067337", "04.04.00.00"},
		".806149 Happy Hospital^GeneXpert^4.8":    {"Cepheid", "GeneXpert", "", "4.8"},
		"    XN-550^00-24^22723^^^^BD634545":      {"Sysmex", "XN-550", "22723", "00-24"},
		"CS-2500^01-70^21768^^^Rezus^BV981798":    {"Sysmex", "CS-2500", "21768", "01-70"},
		"XP-100^00-13^^^^A7869^BS649542":          {"Sysmex", "XP-100", "A7869", "00-13"},
		"H500^910YOXH02826^2.2.2.2b":              {"Horiba", "H500", "910YOXH02826", "2.2.2.2b"},
		"ABX":                                     {"ABX", "", "", ""},
		"OCD^VISION^5.13.1.46935^J60009999":       {"OCD", "VISION", "J60009999", "5.13.1.46935"},
	}
	rows, claims := astm.Rows()
	if len(rows) != len(want) {
		t.Errorf("%d rows, %d examples", len(rows), len(want))
	}
	for i, r := range rows {
		if got := [4]string{r.Maker, r.Model, r.Serial, r.Software}; got != want[r.Example] || r.Source == "" {
			t.Errorf("%s (%s) reads %q, want %q", r.Example, r.Source, got, want[r.Example])
		}
		if claims[i] != 1 {
			t.Errorf("%s is claimed by %d rows", r.Example, claims[i])
		}
		h := listen(0, forward(lines(`H|\^&|||`+r.Example+`|||||LIS||P|1|20260102115800`, result, end)))
		for n, a := range []protocols.Attribute{protocols.Manufacturer, protocols.Model, protocols.SerialNumber, protocols.SoftwareVersion} {
			if got := h.Get(protocols.AboutSpeaker, a); got != want[r.Example][n] {
				t.Errorf("%s on the wire: %s is %q, want %q", r.Example, a, got, want[r.Example][n])
			}
		}
	}
}

// TestSenders: of what no row knows only the name is stated.
func TestSenders(t *testing.T) {
	cases := []struct{ sender, model, application string }{
		{"LIS", "", "LIS"},
		{"ImmunoCAP Data Manager^1.00^1.00", "", "ImmunoCAP Data Manager"},
		{"XN-", "", "XN-"},
		{"", "", ""},
		{`c311^1\c311^2`, "", ""}, // two names
		{"c311&F&^1", "", ""},     // an escape
		{"dca vantage^1^S900001", "dca vantage", ""},
		{strings.Repeat("x", astm.ExportedMaxField+1), "", ""},
		{"\xb5Lab^1", "", ""},
	}
	for _, c := range cases {
		h := listen(0, forward(lines(`H|\^&|||`+c.sender+`|||||LIS||P|1`, result, end)))
		if m, a := h.Get(protocols.AboutSpeaker, model), h.Get(protocols.AboutSpeaker, protocols.Application); m != c.model || a != c.application {
			t.Errorf("%q: model %q, application %q", c.sender, m, a)
		}
	}
}

// TestModulesOfAnInstrument: R-14 names the module where the row says so.
func TestModulesOfAnInstrument(t *testing.T) {
	h := listen(0, forward(lines(`H|\^&|||ARCHITECT^1.00^900000001^H1P1O1R1C1Q1L1|||||||P|1|20260102115800`,
		"R|1|^^^0021|CANARY|mIU/mL||||F||||20260102115500|I90100", "R|2|^^^0021|CANARY|RLU||||F||||20260102115500|I90100", end)))
	n := 0
	for _, o := range h.Observations {
		if o.About.Kind == protocols.AboutDescribed {
			n++
			if o.About.Component != "900000001" || !slices.ContainsFunc(o.Facts, func(f protocols.Fact) bool { return f.Attribute == protocols.DeviceType }) || o.Report != nil {
				t.Errorf("%+v", o)
			}
		}
	}
	if n != 1 || h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "I90100" {
		t.Errorf("%d modules\n%s", n, h.Print())
	}
}

// TestEveryObservationOwnsItsReport: who keeps one may change it.
func TestEveryObservationOwnsItsReport(t *testing.T) {
	h := listen(0, conversation(t, "testdata/middleware.astm", 240)...)
	seen := map[*protocols.Report]bool{}
	for _, o := range h.Observations {
		if o.Report != nil && seen[o.Report] {
			t.Error("two observations share a report")
		}
		seen[o.Report] = true
	}
	if len(seen) < 3 { // two reports, and none
		t.Errorf("%d reports; the test proves nothing", len(seen)-1)
	}
}

// TestTheNumberOfTheSender: it stands in the results where the sender's name has none,
// and a module is no device. The second number tells that a computer sends for several.
func TestTheNumberOfTheSender(t *testing.T) {
	gx := func(instruments ...string) bit {
		text := []string{`H|@^\|M||Lab^GeneXpert^4.8|||||LIS||P|1394-97|20260102115900`}
		for _, i := range instruments {
			text = append(text, "R|1|^MTB|CANARY|||||F||X|20260102104000|20260102115500|PC^"+i+"^x")
		}
		return forward(lines(append(text, end)...))
	}
	for _, c := range []struct {
		name             string
		bits             []bit
		own              string
		described, relay bool
	}{
		{"one", []bit{gx("802345^641234^1"), gx("802345^641235^2")}, "802345", false, false},
		{"two in one message", []bit{gx("802345^641234^1", "802346^641235^2")}, "", true, true},
		{"two one after the other", []bit{gx("802345^641234^1"), gx("802346^641235^2")}, "802345", true, true},
	} {
		h := listen(0, c.bits...)
		if got := h.Get(protocols.AboutSpeaker, protocols.SerialNumber); got != c.own ||
			(h.Get(protocols.AboutDescribed, protocols.SerialNumber) != "") != c.described ||
			strings.Contains(h.Print(), string(protocols.RoleASTMRelay)) != c.relay || strings.Contains(h.Print(), "64123") {
			t.Errorf("%s: %q\n%s", c.name, got, h.Print())
		}
	}
}
