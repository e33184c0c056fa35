package finding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// gone says in a sentence why the cause of a finding is gone, or "" when
// nothing says that it is.
func (x *index) gone(d *inventory.Device, known *facts, f remediation.Finding) string {
	if f.Kind == remediation.RegisterDrift {
		if d.Asset == nil {
			return ""
		}
		return "The register and the device agree now."
	}
	a := x.advisories[f.Cause]
	if a == nil {
		return ""
	}
	if !speaks(known, f) {
		return ""
	}
	for _, group := range x.candidates(known) {
		if group[0].adv != a {
			continue
		}
		if _, clear, ok := x.weigh(known, group); !ok && clear.says() != "" {
			return clear.says()
		}
	}
	if len(known.makers) > 0 && len(known.names) > 0 {
		return fmt.Sprintf("%s (revision %s) names nothing that this device, a %s, is.", a.ID, a.Revision, strings.TrimSpace(known.maker+" "+known.model))
	}
	return ""
}

// speaks reports whether what is known now may end the finding: what was heard
// on the wire is ended by the wire, in a statement made since.
func speaks(known *facts, f remediation.Finding) bool {
	if f.Basis == remediation.OnRegister {
		return true
	}
	if known.identity == remediation.OnRegister || len(known.versions) == 0 {
		return false
	}
	return !slices.ContainsFunc(known.versions, func(h heard) bool {
		return h.basis != remediation.OnWire || h.at.Before(f.FirstSeen)
	})
}
