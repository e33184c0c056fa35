package order

import (
	"slices"
	"sort"

	"github.com/auscult/auscult/remediation"
)

// evidence is what a decision stood on, for one cause: enough to see whether it
// has changed materially since.
type evidence struct {
	Status remediation.FindingStatus `json:"status"`
	KEV    bool                      `json:"kev,omitempty"`
	Remedy remediation.RemedyKind    `json:"remedy"`
	Fixed  string                    `json:"fixed,omitempty"` // the remedy's version
	CVEs   []string                  `json:"cves,omitempty"`
}

// weight orders statuses by how much they ask for.
func weight(s remediation.FindingStatus) int {
	switch s {
	case remediation.ConfirmedFinding:
		return 3
	case remediation.Potential:
		return 2
	case remediation.UnknownVersion:
		return 1
	}
	return 0
}

func weigh(f remediation.Finding) evidence {
	cves := slices.Clone(f.CVEs)
	sort.Strings(cves)
	return evidence{Status: f.Status, KEV: f.KEV, Remedy: f.Remedy.Kind, Fixed: f.Remedy.Version, CVEs: cves}
}

// worse says why now is materially more than old, or "" when it is not: surer,
// exploited, newly mendable, or more vulnerabilities.
func worse(old, now evidence) string {
	switch {
	case weight(now.Status) > weight(old.Status):
		return "it is now " + string(now.Status)
	case now.KEV && !old.KEV:
		return "it is now known to be exploited"
	case now.Remedy == remediation.FixAvailable && (old.Remedy != now.Remedy || old.Fixed != now.Fixed):
		return "a fix is now available"
	}
	for _, c := range now.CVEs {
		if !slices.Contains(old.CVEs, c) {
			return c + " is now part of it"
		}
	}
	return ""
}

// material says why the findings are materially more than what r stood on, or "".
func (r *record) material(findings []remediation.Finding) string {
	for _, f := range findings {
		old, known := r.Evidence[f.Cause]
		if !known {
			return f.Cause + " is new"
		}
		if why := worse(old, weigh(f)); why != "" {
			return f.Cause + ": " + why
		}
	}
	return ""
}

// remember keeps what the findings say. A cause that is not among them keeps what
// was last known of it.
func (r *record) remember(findings []remediation.Finding) {
	if r.Evidence == nil {
		r.Evidence = map[string]evidence{}
	}
	for _, f := range findings {
		r.Evidence[f.Cause] = weigh(f)
	}
}
