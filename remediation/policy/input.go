package policy

import (
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Input is everything that a decision depends on. Policy keeps none of it.
type Input struct {
	// Device with its Asset, Match and Use as they stand.
	Device inventory.Device
	// Findings of this device and one cause; at least one.
	Findings []remediation.Finding
	// Grants of the site, in any order.
	Grants []inventory.Grant
	// Lexicon makes several spellings of a maker one; nil compares as written.
	Lexicon inventory.Lexicon
	// Now is the moment of the gates, and gives "today".
	Now time.Time
	// Zone is where the hospital is: "today", by which grants and warranties end, is
	// the day there. nil means UTC.
	Zone *time.Location
	// Mode says how far the program goes by itself; nil means observe.
	Mode ModeFor
	// Calendar of the department; the zero value allows any time.
	Calendar Calendar
	// Attestation of a person at the bedside; nil without one.
	Attestation *Attestation
	// SecondRelease by another person; nil without one.
	SecondRelease *Attestation
	// Stopped: a person has stopped all writing.
	Stopped bool
	// Asked: a person asks for an order on a finding that is not confirmed.
	Asked bool
	// Coordinator is the queue for what has no other; "" means Coordinator.
	Coordinator string
}

// Coordinator is the queue for what has no shop, provider or manufacturer.
const Coordinator = "Clinical Engineering"

// today is the day where the hospital is.
func (in *Input) today() inventory.Date {
	zone := in.Zone
	if zone == nil {
		zone = time.UTC
	}
	return inventory.Date(in.Now.In(zone).Format(time.DateOnly))
}

// ModeFor says the mode of a class of findings in a department.
type ModeFor func(kind remediation.FindingKind, department string) remediation.Mode

// ModeRule sets the mode of one class in one department; "" fits any.
type ModeRule struct {
	Kind       remediation.FindingKind
	Department string
	Mode       remediation.Mode
}

// Modes resolves rules: a rule for class and department wins over one for the
// department, that over one for the class, that over fallback. Of equal rules
// the last wins, as in a configuration file that is read downwards.
func Modes(fallback remediation.Mode, rules ...ModeRule) ModeFor {
	return func(kind remediation.FindingKind, department string) remediation.Mode {
		mode, best := fallback, 0
		for _, r := range rules {
			if (r.Kind != "" && r.Kind != kind) || (r.Department != "" && !sameText(r.Department, department)) {
				continue
			}
			weight := 1
			if r.Kind != "" {
				weight++
			}
			if r.Department != "" {
				weight += 2
			}
			if weight >= best {
				mode, best = r.Mode, weight
			}
		}
		return mode
	}
}

// Calendar is when disruptive work fits.
type Calendar struct {
	// Windows when it fits; none means any time.
	Windows []remediation.Window
	// Blackouts when it never fits: a go-live, an audit, a disaster.
	Blackouts []remediation.Window
}

// AttestationLimit bounds how long a person's word at the bedside holds: a
// nursing shift. Longer and nobody who gave it is still there.
const AttestationLimit = 8 * time.Hour

// Attestation is the word of a named person that the device is free.
type Attestation struct {
	By    string    // the person; "" attests nothing
	At    time.Time // when it was given
	Until time.Time // at most AttestationLimit after At; zero means that limit
}

// end is when the attestation lapses.
func (a *Attestation) end() time.Time {
	limit := a.At.Add(AttestationLimit)
	if a.Until.IsZero() || a.Until.After(limit) {
		return limit
	}
	return a.Until
}

// holds reports whether the attestation counts at the moment.
func (a *Attestation) holds(now time.Time) bool {
	return a != nil && a.By != "" && !a.At.IsZero() && !now.Before(a.At) && now.Before(a.end())
}
