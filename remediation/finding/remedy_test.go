package finding_test

import (
	"testing"

	"github.com/auscult/auscult/remediation/finding"
)

// The sentences are made up after the ways in which advisories write.
func TestRemediesAreReadNotBelieved(t *testing.T) {
	for _, c := range []struct{ category, text, want string }{
		{"vendor_fix", "Update to V3.52 or later; installed by trained engineers.", "fix-available"},
		{"vendor_fix", "Acme released Version 2.2 in May, which corrects this.", "fix-available"},
		{"vendor_fix", "Acme recommends users upgrade to the latest product versions.", "fix-available"},
		{"vendor_fix", "MiniPump Service Tool: v1.10", "fix-available"},
		{"mitigation", "Acme recommends customers update to System 12.3, where available. Customers should contact their Acme Account Executive for scheduling.", "fix-available"},
		{"vendor_fix", "Contact Acme service for release RTNC2.", "contact-vendor"},
		{"vendor_fix", "The patch can be obtained by contacting Acme.", "contact-vendor"},
		{"vendor_fix", "Updates are available upon request.", "contact-vendor"},
		{"vendor_fix", "Acme plans to release a new version that addresses this.", "fix-planned"},
		{"vendor_fix", "A fix is expected in an upcoming software release.", "fix-planned"},
		{"vendor_fix", "Versions less than 9.19 are end of life. Users upgrade when Acme releases its next version.", "fix-planned"},
		{"vendor_fix", "The product is no longer supported.", "no-fix"},
		{"vendor_fix", "Acme will not issue a product update.", "no-fix"},
		{"vendor_fix", "Acme has not developed a product fix, but has issued compensating controls.", "configuration"},
		{"vendor_fix", "Acme recommends the following to reduce the risk:", "configuration"},
		{"mitigation", "Place the pump on a separate VLAN behind a firewall.", "configuration"},
		{"workaround", "Keep the door shut.", "configuration"},
		{"none_available", "None.", "no-fix"},
		{"no_fix_planned", "None.", "no-fix"},
		{"vendor_fix", "As part of normal server upgrades, many of the station installations have already been updated to a version that addresses this.", ""},
		{"vendor_fix", "Acme has released a security bulletin for the MiniPump.", ""},
		{"vendor_fix", "For additional information, please contact Acme Customer Support.", ""},
		{"vendor_fix", "Users with questions should contact their local office.", ""},
		{"mitigation", "For more information, refer to Acme's security bulletin.", ""},
	} {
		if got := finding.Classify(c.category, c.text); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.category, c.text, got, c.want)
		}
	}
}

func TestMostUsefulRemedyIsChosen(t *testing.T) {
	for _, c := range []struct {
		remedies      [][2]string
		kind, version string
	}{
		{[][2]string{{"vendor_fix", "Acme plans to release a fix."}, {"mitigation", "Use a firewall."}, {"vendor_fix", "Contact Acme service."}}, "configuration", ""},
		{[][2]string{{"mitigation", "Use a firewall."}, {"vendor_fix", "Update to version 12.3.1 or later."}}, "fix-available", "12.3.1"},
		{[][2]string{{"vendor_fix", "Update to version 9.30 or later."}}, "fix-available", ""}, // inside what is affected: not mended
		{[][2]string{{"vendor_fix", "Contact Acme service for version 12.3."}}, "contact-vendor", "12.3"},
		{[][2]string{{"vendor_fix", "Update to V12.3 or later; installed by trained engineers."}}, "fix-available", "V12.3"},
		{nil, "contact-vendor", ""},
	} {
		b, _ := open(t)
		load(t, b, csaf("MADE-1", "1", "Acme", c.remedies, leaf{product: "MiniPump", version: "<= 9.33"}))
		f := only(t, b, onWire("d-1", "Acme", "MiniPump", "9.33"))
		if string(f.Remedy.Kind) != c.kind || f.Remedy.Version != c.version {
			t.Errorf("%v: %+v", c.remedies, f.Remedy)
		}
	}
}
