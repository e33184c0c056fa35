package finding_test

import (
	"os"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/finding"
)

const shared = "../../../shared"

// sharedBook imports the real advisories and those made for testing, where they
// are at hand.
func sharedBook(t *testing.T) *finding.Book {
	t.Helper()
	if _, err := os.Stat(shared + "/feeds/csaf"); err != nil {
		t.Skipf("the shared feeds are not here (%v)", err)
	}
	b, _ := open(t)
	s, err := b.ImportPaths([]string{shared + "/feeds/csaf", shared + "/feeds/made", shared + "/feeds/kev"}, day0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, passed over: %v", len(s.Files), s.Notices)
	return b
}

func statuses(fs []remediation.Finding) map[string]remediation.FindingStatus {
	m := map[string]remediation.FindingStatus{}
	for _, f := range fs {
		m[f.Cause] = f.Status
	}
	return m
}

// TestStVincent holds the advisories against the devices of the sample hospital,
// as they and its register describe them.
func TestStVincent(t *testing.T) {
	b := sharedBook(t)
	const confirmed, potential = remediation.ConfirmedFinding, remediation.Potential
	for _, c := range []struct {
		name string
		d    inventory.Device
		want map[string]remediation.FindingStatus // confirmed ones are all of them
	}{
		{"pump 9.33", onWire("d-1", "BD", "Alaris PCU 8015", "9.33"), map[string]remediation.FindingStatus{
			"ICSMA-23-194-01": confirmed, "ICSMA-20-317-01": confirmed, "ICSMA-20-170-06": confirmed, "ICSMA-17-017-02": confirmed}},
		{"pump 12.1.2", onWire("d-2", "BD", "Alaris PCU 8015", "12.1.2"), map[string]remediation.FindingStatus{
			"ICSMA-23-194-01": confirmed, "ICSMA-20-170-06": potential}},
		{"pump 12.3.1", onWire("d-2", "BD", "8015", "12.3.1"), map[string]remediation.FindingStatus{}},
		{"pump 9.19", onWire("d-3", "CareFusion", "8015", "9.19"), map[string]remediation.FindingStatus{
			"ICSMA-23-194-01": confirmed, "ICSMA-20-317-01": confirmed, "ICSMA-20-170-06": confirmed, "ICSMA-17-017-02": confirmed}},
		{"pump 12.1.2 by the register", onPaper("d-4", "CAREFUSION", "Alaris PCU 8015", "12.1.2"), map[string]remediation.FindingStatus{
			"ICSMA-23-194-01": potential, "ICSMA-20-170-06": potential}},
		{"monitor", onPaper("d-5", "Philips", "MX450", "L.01.18"), map[string]remediation.FindingStatus{"ICSMA-20-254-01": potential}},
		{"Toshiba MR", onWire("d-6", "TOSHIBA_MEC", "MRT50H1", "V3.51*P25"), map[string]remediation.FindingStatus{"TEST-2026-001": confirmed}},
		{"Philips MR", onWire("d-7", "Philips Medical Systems", "T5", "RTNC1"), map[string]remediation.FindingStatus{"TEST-2026-002": confirmed}},
		{"Philips MR, version not known", onWire("d-7", "Philips Medical Systems", "T5"), map[string]remediation.FindingStatus{"TEST-2026-002": confirmed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := statuses(b.Evaluate(c.d, day0))
			for id, s := range c.want {
				if got[id] != s {
					t.Errorf("%s is %q, want %q", id, got[id], s)
				}
			}
			for id, s := range got {
				if _, ok := c.want[id]; !ok {
					t.Errorf("%s is %s, and the advisory does not mean this device", id, s)
				}
			}
		})
	}
}

// TestStVincentTraps holds that nothing is confirmed for the neighbours.
func TestStVincentTraps(t *testing.T) {
	b := sharedBook(t)
	for _, c := range []struct {
		d   inventory.Device
		may []string // at most potential
	}{
		{onWire("d", "GE", "RHAPSODE", "05"), nil},
		{onWire("d", "FUJI PHOTO FILM Co., ltd.", "FCR IRS", "A5.0"), nil},
		{onWire("d", "FUJI PHOTO FILM Co., ltd.", "IRS", "A5.0"), nil},
		{onWire("d", "Mortara Instrument, Inc.", "el250"), []string{"ICSMA-22-167-01"}},
		{onWire("d", "Mortara", "ELI 250", "2.1.0"), []string{"ICSMA-22-167-01"}},
		{onWire("d", "Sysmex", "XN-1000", "00-22"), nil},
		{onPaper("d", "Roche", "cobas 6000", ""), nil},
		{onPaper("d", "Smiths Medical", "Medfusion 4000", "1.6"), nil},
		{onPaper("d", "Drager", "Evita V300", ""), nil},
		{onPaper("d", "Zoll", "R Series", ""), nil},
		{onPaper("d", "GE", "LOGIQ E9", ""), []string{"ICSMA-20-049-02"}},
		{onPaper("d", "Orthanc", "Open PACS", ""), nil},
		{onWire("d", "BD", "Alaris Gateway Workstation", "1.9.9"), []string{"ICSMA-19-164-01"}},
	} {
		t.Run(c.d.Manufacturer+" "+c.d.Model, func(t *testing.T) {
			for _, f := range b.Evaluate(c.d, day0) {
				if f.Status != remediation.Potential || !slices.Contains(c.may, f.Cause) {
					t.Errorf("%s is %s: %v", f.Cause, f.Status, f.Evidence)
				}
			}
		})
	}
}

// TestSharedFeedsAreRead holds that every version text of the real advisories is
// either read or kept for a person, and says which are not.
func TestSharedFeedsAreRead(t *testing.T) {
	b := sharedBook(t)
	total, unread := 0, 0
	b.ProductTexts(func(id, product, versions, full string, readable bool, variant string, named bool) {
		total++
		if !readable || variant != "" || named {
			unread++
			t.Logf("%s %q %q (%q): readable %v, variant %q, name says its own %v", id, product, versions, full, readable, variant, named)
		}
	})
	if total < 300 {
		t.Errorf("only %d product texts", total)
	}
	t.Logf("%d product texts, %d for a person or with a name of their own", total, unread)
}
