package register_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/register"
)

// oneCell imports an asset with nothing but one cell filled, and returns it with
// the defects of that column.
func oneCell(t *testing.T, column, cell string) (inventory.Asset, []register.Defect) {
	t.Helper()
	r := open(t, newStore())
	report := importText(t, r, register.Assets, "Tag,Manufacturer,Model,"+column+"\n1,Velin,V-Pump,\""+cell+"\"\n", day0, nil)
	return asset(t, r, "1"), report.Defects
}

// TestInvariant09CoverageNeverReadsPermissively: in-house and time and materials
// count only where nothing beside them may say otherwise, and whatever is not
// understood is a defect that names the row.
func TestInvariant09CoverageNeverReadsPermissively(t *testing.T) {
	const unknown = inventory.CoverageUnknown
	for cell, want := range map[string]struct {
		coverage inventory.Coverage
		defect   string // part of what is said, "" for none
	}{
		"In-house": {inventory.InHouse, ""}, "In house (Biomed)": {inventory.InHouse, ""}, "INHOUSE": {inventory.InHouse, ""}, "Biomed": {inventory.InHouse, ""},
		"In-house service": {inventory.InHouse, ""}, "In-house - Imaging Engineering": {inventory.InHouse, ""}, "Self-maintained": {inventory.InHouse, ""},
		"self": {inventory.InHouse, ""}, "Hospital": {inventory.InHouse, ""}, "Internal": {inventory.InHouse, ""},
		"T&M": {inventory.TimeAndMaterial, ""}, "T & M": {inventory.TimeAndMaterial, ""}, "Time and materials": {inventory.TimeAndMaterial, ""},
		"Time & material basis": {inventory.TimeAndMaterial, ""}, "T/M": {inventory.TimeAndMaterial, ""},
		"OEM full service": {inventory.OEMFullService, ""}, "OEM full service, hospital-wide agreement": {inventory.OEMFullService, ""},
		"Full": {inventory.OEMFullService, ""}, "Service contract": {inventory.OEMFullService, ""}, "Under warranty": {inventory.OEMFullService, ""},
		"OEM contract exclusive": {inventory.OEMExclusive, ""}, "sole source": {inventory.OEMExclusive, ""},
		"Leased": {inventory.Leased, ""}, "loaner": {inventory.Leased, ""}, "Lease agreement": {inventory.Leased, ""}, "Vendor-owned": {inventory.Leased, ""},
		"Leased from manufacturer": {inventory.Leased, ""}, "Demo": {inventory.Leased, ""},

		"Full service (BD), billable overtime":                 {unknown, "two kinds"},
		"BD service contract - biomed first look":              {unknown, "two kinds"},
		"OEM contract, on-call":                                {unknown, "two kinds"},
		"partner: in-house until warranty end; OEM thereafter": {unknown, "two kinds"},
		"In-house / T&M":                                       {unknown, "two kinds"},
		"T&M with OEM":                                         {unknown, "two kinds"},
		"In-house, insured":                                    {unknown, "two kinds"},
		"Leased, full service":                                 {unknown, "two kinds"},
		"Loaner, biomed services it":                           {unknown, "two kinds"},
		"In-house PM only":                                     {unknown, "may limit it"},
		"In-house until 2027":                                  {unknown, "may limit it"},
		"In-house (Velin)":                                     {unknown, "may limit it"},
		"T&M Velin":                                            {unknown, "may limit it"},
		"no contract":                                          {unknown, "does not cover"},
		"contract expired 2020":                                {unknown, "does not cover"},
		"OEM contract pending":                                 {unknown, "does not cover"},
		"uncovered":                                            {unknown, "does not cover"},
		"not in-house":                                         {unknown, "does not cover"},
		"Non-exclusive":                                        {unknown, "does not cover"},
		"formerly in-house":                                    {unknown, "does not cover"},
		"not a loaner":                                         {unknown, "does not cover"},
		"In-house?":                                            {unknown, "does not cover"},
		"3rd party: ISO":                                       {unknown, "does not name as provider"},
		"third-party contract":                                 {unknown, "does not name as provider"},
		"on call":                                              {unknown, "no coverage that is known"},
		"billable":                                             {unknown, "no coverage that is known"},
		"as needed":                                            {unknown, "no coverage that is known"},
		"self-insured":                                         {unknown, "does not name as provider"},
		"hospital-wide":                                        {unknown, "no coverage that is known"},
		"best effort":                                          {unknown, "no coverage that is known"},
		"gold":                                                 {unknown, "no coverage that is known"},
		"":                                                     {unknown, ""},
		"N/A":                                                  {unknown, ""},
	} {
		a, defects := oneCell(t, "Coverage", cell)
		if a.Coverage != want.coverage {
			t.Errorf("%q: %q, want %q", cell, a.Coverage, want.coverage)
		}
		checkDefect(t, cell, defects, register.WordUnknown, want.defect)
	}
}

func checkDefect(t *testing.T, cell string, defects []register.Defect, code register.DefectCode, says string) {
	t.Helper()
	switch {
	case says == "" && len(defects) == 0:
	case says == "" || len(defects) != 1:
		t.Errorf("%q: %d defects: %v", cell, len(defects), defects)
	case defects[0].Code != code || defects[0].Row != 2 || defects[0].ControlNumber != "1" || !strings.Contains(defects[0].Says, says):
		t.Errorf("%q: %+v, want %s with %q", cell, defects[0], code, says)
	}
}

// TestInvariant09WarrantyCountsUnlessItIsOver: a month or year means its end, and
// what cannot be read is kept and said.
func TestInvariant09WarrantyCountsUnlessItIsOver(t *testing.T) {
	for cell, want := range map[string]struct {
		day, latest inventory.Date
		text        bool
		code        register.DefectCode
		says        string
	}{
		"12/31/2027":        {"2027-12-31", "", false, "", ""},
		"31.12.2027":        {"2027-12-31", "", false, "", ""},
		"12/2027":           {"2027-12-31", "", false, register.DateAmbiguous, "2027-12-31"},
		"02/2028":           {"2028-02-29", "", false, register.DateAmbiguous, "2028-02-29"},
		"2027-06":           {"2027-06-30", "", false, register.DateAmbiguous, "2027-06-30"},
		"Dec 2027":          {"2027-12-31", "", false, register.DateAmbiguous, "2027-12-31"},
		"september 2027":    {"2027-09-30", "", false, register.DateAmbiguous, "2027-09-30"},
		"2027":              {"2027-12-31", "", false, register.DateAmbiguous, "2027-12-31"},
		"lifetime":          {"", "", true, register.DateUnreadable, "under warranty until"},
		"31.12.2027 (ext.)": {"", "", true, register.DateUnreadable, "under warranty until"},
		"13/2027":           {"", "", true, register.DateUnreadable, "under warranty until"},
		"Dec-27":            {"", "", true, register.DateUnreadable, "under warranty until"},
		"9999":              {"", "", true, register.DateUnreadable, "under warranty until"},
		"########":          {"", "", true, register.DateUnreadable, "under warranty until"},
		"see notes":         {"", "", true, register.DateUnreadable, "under warranty until"},
		"Unknown":           {"", "", true, register.DateUnreadable, "under warranty until"},
		"yes":               {"", "", true, register.DateUnreadable, "under warranty until"},
		"5 years":           {"", "", true, register.DateUnreadable, "under warranty until"},
		"":                  {}, "N/A": {}, "none": {}, "-": {}, "00/00/0000": {}, "Expired": {}, "no": {}, "Out of warranty": {},
	} {
		a, defects := oneCell(t, "Warranty Exp", cell)
		if a.WarrantyExpires != want.day || a.WarrantyLatest != want.latest || (a.WarrantyText == cell && cell != "") != want.text || (a.WarrantyText != "") != want.text {
			t.Errorf("%q: %q %q %q", cell, a.WarrantyExpires, a.WarrantyLatest, a.WarrantyText)
		}
		checkDefect(t, cell, defects, want.code, want.says)
		if v := a.View(inventory.Match{}); v.WarrantyExpires != a.WarrantyExpires || v.WarrantyText != a.WarrantyText {
			t.Errorf("%q: the view says %q %q", cell, v.WarrantyExpires, v.WarrantyText)
		}
	}
}

// TestInvariant09LaterReadingOfAWarrantyBlocks, also where the column proves an
// order; only a person's mapping settles it.
func TestInvariant09LaterReadingOfAWarrantyBlocks(t *testing.T) {
	const h = "Tag,Manufacturer,Model,Warranty Exp\n"
	for _, c := range []struct {
		rows, order string
		day, latest inventory.Date
		says        int
	}{
		{"1,V,V,03/12/2026\n", "", "2026-03-12", "2026-12-03", 1},
		{"1,V,V,12/03/2026\n", "", "2026-12-03", "", 0},
		{"1,V,V,03/12/2026\n2,V,V,12/31/2026\n", "", "2026-03-12", "2026-12-03", 1},
		{"1,V,V,03/12/2026\n2,V,V,31/12/2026\n", "", "2026-12-03", "", 0},
		{"1,V,V,03/12/2026\n", "month-first", "2026-03-12", "", 0},
		{"1,V,V,01/02/2020\n", "", "2020-01-02", "2020-02-01", 0},
	} {
		r := open(t, newStore())
		report := importText(t, r, register.Assets, h+c.rows, day0, &register.Mapping{Dates: c.order})
		said := 0
		for _, d := range report.Defects {
			if d.Code == register.DateAmbiguous && strings.Contains(d.Says, "later one, "+string(c.latest)) && d.Row == 2 {
				said++
			}
		}
		if a := asset(t, r, "1"); a.WarrantyExpires != c.day || a.WarrantyLatest != c.latest || a.View(inventory.Match{}).WarrantyLatest != c.latest || said != c.says {
			t.Errorf("%q %s: %q %q, said %d", c.rows, c.order, a.WarrantyExpires, a.WarrantyLatest, said)
		}
	}
}

func TestStatusWords(t *testing.T) {
	for cell, want := range map[string]inventory.Status{
		"Retired": inventory.Retired, "Retired - sold": inventory.Retired, "RETIRED 2025": inventory.Retired, "Condemned": inventory.Retired,
		"Sold to St. Ann, 2024": inventory.Retired, "Scrapped (battery)": inventory.Retired, "DECOMMISSIONED 3/25": inventory.Retired, "destroyed": inventory.Retired,
		"Returned to vendor 2025-01": inventory.Retired, "Disposed / recycled": inventory.Retired,
		"Active": inventory.Active, "In Service": inventory.Active, "Out of service": inventory.Storage, "Missing (CNL)": inventory.Missing, "Pending install": inventory.Pending,
		"": inventory.StatusUnknown, "N/A": inventory.StatusUnknown,
		// What only may mean that the device is gone is unknown, and said.
		"not retired": "?", "to be retired 2027": "?", "pending disposal": "?", "Retired from ICU, in use in ED": "?", "Active until sold": "?", "Quarantine": "?",
		"Returned to service": "?", "end of life": "?", "3": "?", "unretired": "?", "Marked for disposal": "?",
	} {
		a, defects := oneCell(t, "Status", cell)
		status, says := want, ""
		if want == "?" {
			status, says = inventory.StatusUnknown, "nobody is told"
		}
		if a.Status != status {
			t.Errorf("%q: %q, want %q", cell, a.Status, status)
		}
		checkDefect(t, cell, defects, register.WordUnknown, says)
		if v := a.View(inventory.Match{}); (v.StatusUnread == cell && cell != "") != (want == "?") || (v.StatusUnread != "") != (want == "?") {
			t.Errorf("%q: the view says %q", cell, v.StatusUnread)
		}
	}
}

// TestInvariant09EvidenceMustStand: a certificate that says itself that it is
// none opens nothing.
func TestInvariant09EvidenceMustStand(t *testing.T) {
	const h = "Engineer,Manufacturer,Model,Activity,Certificate,From,To\nT-9,Velin,V,inspect,C-9,2026-01-01,2027-01-01\n"
	for cell, taken := range map[string]bool{
		"C-1": true, "BD-SW-305": true, "OEM": true, "NO-221": true, "Cert. No. 221": true, "7": true, "Velin training 2025": true,
		"expired": false, "EXPIRED C1": false, "C1 (expired)": false, "revoked 2026-05": false, "withdrawn": false, "not certified": false, "in progress": false,
		"scheduled 2027": false, "pending": false, "n/a": false, "none": false, "None on file": false, "0": false, "000": false, "tbd": false, "-": false, "???": false,
		"—": false, "": false, "no certificate": false, "suspended": false, "Training planned": false, "yes": false, "TRUE": false, "C-1 lapsed": false,
		"awaiting course": false, "untrained": false, "see notes": false,
	} {
		r := open(t, newStore())
		report := importText(t, r, register.Engineers, h+"T-1,Velin,V,inspect,\""+cell+"\",2026-01-01,2027-01-01\n", day0, nil)
		if got := len(r.Grants()) == 2; got != taken {
			t.Errorf("%q: taken %v", cell, got)
		}
		if !taken && (report.Refused != 1 || report.Defects[0].Row != 3 || report.Defects[0].Column != "Certificate" || !strings.Contains(report.Defects[0].Says, "evidence")) {
			t.Errorf("%q: %+v", cell, report.Defects)
		}
	}
}

// TestInvariant09GrantNamesOnePerson: no team, no queue, nothing unseen.
func TestInvariant09GrantNamesOnePerson(t *testing.T) {
	const h = "Engineer,Team,Manufacturer,Model,Activity,Certificate,From,To\nT-9,North Shop,Velin,V,inspect,C-9,2026-01-01,2027-01-01\n"
	for cell, taken := range map[string]bool{
		"T-1": true, "Ana Müller": true, "V-BD-7": true,
		"": false, "n/a": false, "Biomed": false, "north shop": false, "Day": false, "ServiceCo": false, "Imaging Engineering": false,
		"T-\x011": false, "T\n1": false, "T-1\u202e": false, "T\u200b-1": false,
	} {
		r := open(t, newStore())
		importText(t, r, register.Assets, "Tag,Manufacturer,Model,Service Provider\n1,Velin,V,ServiceCo\n", day0, nil)
		report := importText(t, r, register.Engineers, h+"\""+cell+"\",Day,Velin,V,inspect,C-1,2026-01-01,2027-01-01\n", day0, nil)
		if got := len(r.Grants()) == 2; got != taken {
			t.Errorf("%q: taken %v", cell, got)
		}
		if !taken && (report.Refused != 1 || report.Defects[0].Row != 3 || report.Defects[0].Column != "Engineer") {
			t.Errorf("%q: %+v", cell, report.Defects)
		}
	}
}

// TestInvariant09ShopIsNoContractor: a provider that works in house elsewhere in
// the file, or is called like a shop, holds no contract; a manufacturer may.
func TestInvariant09ShopIsNoContractor(t *testing.T) {
	const h = "Tag,Manufacturer,Model,Coverage,Service Provider\n10,Velin,V,In-house,Tower 3\n11,Velin,V,In-house,Norda\n"
	for _, c := range []struct {
		coverage, provider string
		want               inventory.Coverage
		shop, defect       bool
	}{
		{"OEM full service", "Tower 3", inventory.OEMFullService, true, true},
		{"OEM contract exclusive", "biomed", inventory.OEMExclusive, true, true},
		{"Leased", "Clinical Engineering", inventory.Leased, true, true},
		{"OEM full service", "Norda Medical", inventory.OEMFullService, false, false},
		{"OEM full service", "Norda", inventory.OEMFullService, false, false},
		{"OEM full service", "ServiceCo", inventory.OEMFullService, false, false},
		{"OEM full service", "Acme Biomedical", inventory.OEMFullService, false, false},
		{"3rd party", "ServiceCo", inventory.OEMFullService, false, false},
		{"3rd party", "Biomed", inventory.CoverageUnknown, true, true},
		{"In-house", "Biomed", inventory.InHouse, false, false},
		{"In-house", "Tower 3", inventory.InHouse, false, false},
	} {
		r := open(t, newStore())
		report := importText(t, r, register.Assets, h+"1,Velin,V,"+c.coverage+","+c.provider+"\n", day0, nil)
		a := asset(t, r, "1")
		if a.Coverage != c.want || a.ProviderInHouse != c.shop || a.View(inventory.Match{}).ProviderInHouse != c.shop || (len(report.Defects) == 1) != c.defect {
			t.Errorf("%s by %s: %q %v %v", c.coverage, c.provider, a.Coverage, a.ProviderInHouse, report.Defects)
		}
		if c.defect && len(report.Defects) == 1 && report.Defects[0].Row != 4 {
			t.Errorf("%s by %s: %+v", c.coverage, c.provider, report.Defects[0])
		}
	}
}

// TestContractOfADeviceServicedInHouse: the words decide, and the contradiction
// is said.
func TestContractOfADeviceServicedInHouse(t *testing.T) {
	for coverage, want := range map[string]int{"In-house": 1, "T&M": 0, "OEM full service": 0} {
		r := open(t, newStore())
		report := importText(t, r, register.Assets, "Tag,Manufacturer,Model,Coverage,Contract #\n1,Velin,V,"+coverage+",V-9\n", day0, nil)
		if len(report.Defects) != want || want == 1 && (report.Defects[0].Column != "Contract #" || asset(t, r, "1").Coverage != inventory.InHouse) {
			t.Errorf("%s: %v", coverage, report.Defects)
		}
	}
}
