package finding

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// registerCode begins the codes of conflicts between a device and its record.
const registerCode = "register_"

// drift makes one finding of each code by which the register and the device
// disagree. It proposes a correction of the record and never work on the device.
func drift(d inventory.Device, now time.Time) []remediation.Finding {
	var out []remediation.Finding
	for _, c := range d.Conflicts {
		if !strings.HasPrefix(c.Code, registerCode) {
			continue
		}
		if i := slices.IndexFunc(out, func(f remediation.Finding) bool { return f.Cause == c.Code }); i >= 0 {
			out[i].Evidence = append(out[i].Evidence, c.Says)
			continue
		}
		out = append(out, driftOf(d, c, now))
	}
	return out
}

func driftOf(d inventory.Device, c inventory.Conflict, now time.Time) remediation.Finding {
	f := remediation.Finding{
		ID: ID(d.Site, d.ID, c.Code), Site: d.Site, Device: d.ID, Kind: remediation.RegisterDrift, Status: remediation.ConfirmedFinding,
		Basis: remediation.OnWire, Cause: c.Code, Title: "The register and the device disagree", Evidence: []string{c.Says},
		FirstSeen: now.UTC(), LastSeen: now.UTC(), Verifiable: remediation.ByWire,
		Remedy:    remediation.Remedy{Kind: remediation.NoFix, Text: "Nothing is to be done on the device; correct its record in the register."},
		Predicate: remediation.Predicate{Kind: "gone", Says: "The register and the device say the same."},
	}
	if title, ok := driftTitles()[c.Code]; ok {
		f.Title = title
	}
	if d.Presence == inventory.RegisterOnly {
		f.Basis, f.Verifiable = remediation.OnRegister, remediation.ByAttest
	}
	if a := d.Asset; a != nil {
		f.AsOf = a.AsOf.UTC()
	}
	return f
}

// driftTitles says in a few words what each code of the register means.
func driftTitles() map[string]string {
	return map[string]string{
		"register_software_stale":    "The register's software version is out of date",
		"register_serial_unreadable": "The register's serial number cannot be used",
		"register_serial_differs":    "The register has another serial number",
		"register_duplicate":         "The device is in the register twice",
		"register_missing_found":     "A device that the register calls missing was heard",
		"register_retired_heard":     "A device that the register calls retired was heard",
		"register_mac_differs":       "The register has another MAC address",
		"register_ip_differs":        "The register has another IP address",
		"register_maker_differs":     "The register has another manufacturer",
		"register_keys_disagree":     "Two records of the register claim this device",
		"register_decision_stale":    "What a person decided on has changed since",
	}
}
