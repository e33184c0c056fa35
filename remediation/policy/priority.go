package policy

import (
	"fmt"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Thresholds of the CVSS base score: "critical" begins at 9.0 and "high" at 7.0
// (CVSS v3.1 specification, section 5).
const (
	critical = 9.0
	high     = 7.0
)

// prioritise sets P1 to P4: P1 is patient safety now, P2 is known to be exploited
// or critical, P3 the next planned access, P4 the next planned maintenance. It is
// about the response; the repair may take longer.
func (d *decision) prioritise() {
	var cvss float64
	kev, confirmed := false, false
	for _, f := range d.in.Findings {
		if !f.Open() {
			continue
		}
		cvss, kev = max(cvss, f.CVSS), kev || f.KEV
		confirmed = confirmed || f.Status == remediation.ConfirmedFinding
	}
	level := 4
	switch {
	case cvss >= critical:
		level = 2
	case cvss >= high:
		level = 3
	}
	why := fmt.Sprintf("CVSS %.1f", cvss)
	if kev {
		level = min(level, 2)
		why += ", known to be exploited"
	}
	if a := d.in.Device.Asset; a != nil && a.LifeSupport {
		level--
		why += ", life support"
	}
	if d.in.Device.Presence == inventory.RegisterOnly {
		level++
		why += ", not heard on the network"
	}
	if !confirmed {
		level++
		why += ", not confirmed"
	}
	level = min(max(level, 1), 4)
	if level == 1 && !kev && cvss < critical {
		level = 2 // life support alone is no emergency
	}
	d.out.Priority = fmt.Sprintf("P%d", level)
	d.say("Priority %s: %s.", d.out.Priority, why)
}
