package policy_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/policy"
)

// TestInvariant09AGrantIsForOnePerson: teams, queues and names with characters
// that nobody sees get no work.
func TestInvariant09AGrantIsForOnePerson(t *testing.T) {
	for person, may := range map[string]bool{"T-1": true, "Müller": true, "Biomed": false, "biomed ": false, "Imaging Engineering": false, "North Shop": false,
		"": false, "  ": false, "-": false, "T-1\x00": false, "T\n1": false, "T-\u202e1": false} {
		in := input(pump(protocols.Idle, asset(inventory.InHouse, "North Shop")), remediation.FixAvailable)
		in.Grants = []inventory.Grant{{Site: "stv", Person: person, Team: "Day", Manufacturer: "BD", Model: "8015", Activity: inventory.ApplyVendorPatch,
			Certificate: "C-1", ValidFrom: "2026-01-01", ValidTo: "2027-01-01"}}
		if d := policy.Decide(in); (d.Assignee.Person != "") != may || (len(d.Eligible) == 1) != may || d.Tell.OK != may {
			t.Errorf("%q: %s", person, text(t, d))
		}
	}
}

// TestInvariant09ShopHoldsNoContract: what a shop of the hospital is said to do
// under a contract or a warranty goes to nobody in that shop.
func TestInvariant09ShopHoldsNoContract(t *testing.T) {
	for _, c := range []struct {
		coverage              inventory.Coverage
		provider, coordinator string
	}{
		{inventory.OEMFullService, "Biomed", ""}, {inventory.OEMExclusive, "Biomed", ""}, {inventory.Leased, "Biomed", ""}, {inventory.InHouse, "Biomed", ""},
		{inventory.TimeAndMaterial, "Biomed", ""}, {inventory.CoverageUnknown, "Biomed", ""}, {inventory.InHouse, "Tower 3", ""},
		{inventory.OEMFullService, "Tower 3", "tower 3"}, {inventory.Leased, "Tower 3", "tower 3"},
	} {
		a := asset(c.coverage, c.provider)
		a.WarrantyExpires = "2027-01-31"
		in := input(device("", "8015", a), remediation.FixAvailable)
		in.Coordinator = c.coordinator
		in.Grants = []inventory.Grant{{Site: "stv", Person: "T-1", Team: c.provider, Manufacturer: "*", Model: "*", Activity: inventory.ApplyVendorPatch,
			Certificate: "C-1", ValidFrom: "2026-01-01", ValidTo: "2027-01-01"}}
		if d := policy.Decide(in); len(d.Eligible) != 0 || d.Assignee.Person != "" || d.Assignee.Queue == c.provider || d.Tell.OK {
			t.Errorf("%+v: %s", c, text(t, d))
		}
	}
}

// TestTodayIsWhereTheHospitalIs: grants and warranties end with the local day.
func TestTodayIsWhereTheHospitalIs(t *testing.T) {
	west, east := time.FixedZone("west", -6*60*60), time.FixedZone("east", 9*60*60)
	for _, c := range []struct {
		name     string
		at       time.Time
		zone     *time.Location
		warranty inventory.Date
		from, to inventory.Date
		person   string
	}{
		{"evening in the west, last day", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), west, "", "2026-01-01", "2026-11-23", "T-1"},
		{"the same moment by UTC", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), nil, "", "2026-01-01", "2026-11-23", ""},
		{"morning in the east, day after the last", time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC), east, "", "2026-01-01", "2026-11-23", ""},
		{"the same moment by UTC", time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC), nil, "", "2026-01-01", "2026-11-23", "T-1"},
		{"evening in the west, first day is tomorrow", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), west, "", "2026-11-24", "2027-01-01", ""},
		{"evening in the west, warranty's last day", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), west, "2026-11-23", "2026-01-01", "2027-01-01", ""},
		{"the same moment by UTC", time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), time.UTC, "2026-11-23", "2026-01-01", "2027-01-01", "T-1"},
		{"morning in the east, warranty over", time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC), east, "2026-11-23", "2026-01-01", "2027-01-01", "T-1"},
	} {
		a := asset(inventory.InHouse, "Biomed")
		a.WarrantyExpires = c.warranty
		in := input(pump(protocols.Idle, a), remediation.FixAvailable)
		in.Now, in.Zone = c.at, c.zone
		in.Grants = []inventory.Grant{{Site: "stv", Person: "T-1", Team: "Biomed", Manufacturer: "BD", Model: "8015", Activity: inventory.ApplyVendorPatch,
			Certificate: "C-1", ValidFrom: c.from, ValidTo: c.to}}
		if d := policy.Decide(in); d.Assignee.Person != c.person || d.At != c.at {
			t.Errorf("%s: %s", c.name, text(t, d))
		}
	}
}
