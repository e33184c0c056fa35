package remediation

import (
	"time"

	"github.com/auscult/auscult/inventory"
)

// FindingKind says what sort of thing is wrong.
type FindingKind string

const (
	Vulnerability FindingKind = "vulnerability"
	EndOfSupport  FindingKind = "end-of-support"
	Recall        FindingKind = "recall"
	Exposure      FindingKind = "exposure"
	Behaviour     FindingKind = "behaviour"
	RegisterDrift FindingKind = "register"
)

// FindingStatus says how sure it is.
type FindingStatus string

const (
	// ConfirmedFinding: maker, model and version all lie inside what is affected.
	ConfirmedFinding FindingStatus = "confirmed"
	// Potential: a person must say; the reason stands in the evidence.
	Potential FindingStatus = "potential"
	// UnknownVersion: maker and model are affected, the version is not known.
	UnknownVersion FindingStatus = "unknown-version"
	Mitigated      FindingStatus = "mitigated"
	Accepted       FindingStatus = "accepted"
	Resolved       FindingStatus = "resolved"
)

// Basis says on what facts a finding stands.
type Basis string

const (
	OnWire     Basis = "wire"
	OnRegister Basis = "register"
)

// RemedyKind classifies what mends a finding, from the advisory's own words.
type RemedyKind string

const (
	FixAvailable  RemedyKind = "fix-available"
	FixPlanned    RemedyKind = "fix-planned"
	NoFix         RemedyKind = "no-fix"
	AskVendor     RemedyKind = "contact-vendor"
	Configuration RemedyKind = "configuration"
)

// Remedy is what would mend a finding.
type Remedy struct {
	Kind    RemedyKind `json:"kind"`
	Text    string     `json:"text,omitempty"`    // the advisory's sentence, cut to 500 bytes
	Version string     `json:"version,omitempty"` // first version that is mended, where one is named
}

// Predicate is the test that would show that a finding is mended.
type Predicate struct {
	// Kind is "version-outside" (the device's software leaves the affected
	// range), "gone" (the condition is no longer observed) or "attest".
	Kind string `json:"kind"`
	// Says is the test as a sentence for people.
	Says string `json:"says"`
	// Ranges are the affected ranges in the advisory's words, for version-outside.
	Ranges []string `json:"ranges,omitempty"`
}

// Verifiability says whether the wire can show that a finding is mended.
type Verifiability string

const (
	ByWire   Verifiability = "wire"
	ByAttest Verifiability = "attest"
)

// Finding is one thing wrong with one device.
type Finding struct {
	ID     string        `json:"id"`
	Site   string        `json:"site"`
	Device string        `json:"device"` // device id
	Kind   FindingKind   `json:"kind"`
	Status FindingStatus `json:"status"`
	Basis  Basis         `json:"basis"`
	// Cause is the stable key of what is wrong: an advisory id, or a code with its
	// subject. One order for one device and cause.
	Cause      string        `json:"cause"`
	Advisories []string      `json:"advisories,omitempty"`
	CVEs       []string      `json:"cves,omitempty"`
	CVSS       float64       `json:"cvss"` // base score, 0 to 10
	KEV        bool          `json:"kev"`
	EPSS       float64       `json:"epss"` // 0 to 1
	Title      string        `json:"title"`
	Evidence   []string      `json:"evidence"` // sentences: why this verdict
	AsOf       time.Time     `json:"as_of"`    // date of the feed, or of the register
	Remedy     Remedy        `json:"remedy"`
	Predicate  Predicate     `json:"predicate"`
	Verifiable Verifiability `json:"verifiable"`
	FirstSeen  time.Time     `json:"first_seen"`
	LastSeen   time.Time     `json:"last_seen"`
}

// Open reports whether the finding still asks for something.
func (f Finding) Open() bool {
	return f.Status == ConfirmedFinding || f.Status == Potential || f.Status == UnknownVersion
}

// Activity is the kind of work that mends the finding, by the remedy's kind.
func (f Finding) Activity() inventory.Activity {
	switch f.Remedy.Kind {
	case FixAvailable:
		return inventory.ApplyVendorPatch
	case Configuration:
		return inventory.ConfigureNetwork
	case AskVendor:
		return inventory.ContactVendor
	}
	return inventory.Inspect
}
