package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Orderable reports whether an order may ever be opened by itself for a finding
// on this device, and if not, why not. A potential finding, or one whose version
// is not known, needs a person first (Input.Asked); a register finding corrects
// a record and is no work; a retired asset gets no order at all.
func Orderable(d inventory.Device, f remediation.Finding) (ok bool, why string) {
	if why := never(d, f); why != "" {
		return false, why
	}
	switch f.Status {
	case remediation.Potential:
		return false, "A person must say first whether the device is affected."
	case remediation.UnknownVersion:
		return false, "A person must find out first which version the device runs."
	}
	return true, ""
}

// never says why not even a person can ask for an order, or "".
func never(d inventory.Device, f remediation.Finding) string {
	switch {
	case d.Asset != nil && d.Asset.Status == inventory.Retired:
		return "The asset is retired; there is never an order on it."
	case f.Kind == remediation.RegisterDrift:
		return "The register is to be corrected, not the device."
	case !f.Open():
		return fmt.Sprintf("The finding is %s.", f.Status)
	}
	return ""
}

// Decide says what policy makes of one device and cause.
func Decide(in Input) remediation.Decision {
	d := &decision{in: in, out: remediation.Decision{
		Device: in.Device.ID, Findings: []string{}, Eligible: []string{}, Refused: []remediation.Refusal{}, At: in.Now.UTC(), Mode: remediation.Observe,
	}}
	d.out.Tell.Holds, d.out.Start.Holds = []remediation.Hold{}, []remediation.Hold{}
	if in.Device.Asset != nil {
		d.out.ControlNumber = in.Device.Asset.ControlNumber
	}
	d.mainFinding()
	d.mode()
	d.prioritise()
	d.route()
	d.tell()
	d.start()
	return d.out
}

// decision is one run of Decide.
type decision struct {
	in    Input
	out   remediation.Decision
	main  remediation.Finding // the one whose remedy is ordered
	named bool                // somebody may do the work, or somebody's queue takes it
}

func (d *decision) say(format string, args ...any) {
	d.out.Reasons = append(d.out.Reasons, fmt.Sprintf(format, args...))
}

func (d *decision) hold(g *remediation.Gate, h remediation.Hold) {
	g.Holds = append(g.Holds, h)
	d.say("%s: %s", h.Code, h.Says)
}

// mainFinding picks what is ordered: of the orderable findings the one whose
// remedy helps most, then the most severe, then by id.
func (d *decision) mainFinding() {
	list := slices.Clone(d.in.Findings)
	slices.SortFunc(list, func(a, b remediation.Finding) int { return strings.Compare(a.ID, b.ID) })
	best := -1
	for i, f := range list {
		d.out.Findings = append(d.out.Findings, f.ID)
		if best < 0 || d.beats(f, list[best]) {
			best = i
		}
	}
	if best >= 0 {
		d.main = list[best]
	}
	d.out.Activity = d.main.Activity()
	d.say("Remedy %s of %s: activity %s.", orNone(string(d.main.Remedy.Kind)), orNone(d.main.Cause), d.out.Activity)
}

func (d *decision) beats(a, b remediation.Finding) bool {
	x, y := d.orderable(a) == "", d.orderable(b) == ""
	if x != y {
		return x
	}
	if r, s := helps(a.Remedy.Kind), helps(b.Remedy.Kind); r != s {
		return r > s
	}
	return a.CVSS > b.CVSS
}

// orderable says why no order may be opened for the finding, or "".
func (d *decision) orderable(f remediation.Finding) string {
	if d.in.Asked {
		return never(d.in.Device, f)
	}
	_, why := Orderable(d.in.Device, f)
	return why
}

// helps orders remedies by how much they do.
func helps(k remediation.RemedyKind) int {
	switch k {
	case remediation.FixAvailable:
		return 4
	case remediation.Configuration:
		return 3
	case remediation.AskVendor:
		return 2
	case remediation.FixPlanned:
		return 1
	}
	return 0
}

// doable reports whether a remedy is something that somebody can do now.
func doable(k remediation.RemedyKind) bool { return helps(k) >= helps(remediation.AskVendor) }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (d *decision) mode() {
	if d.in.Mode != nil {
		department := ""
		if a := d.in.Device.Asset; a != nil {
			department = a.Department
		}
		d.out.Mode = d.in.Mode(d.main.Kind, department)
	}
	if d.out.Mode != remediation.Draft && d.out.Mode != remediation.Auto {
		d.out.Mode = remediation.Observe
	}
	d.say("Mode %s.", d.out.Mode)
}

// tell computes the first gate. Its holds are computed in every mode, and stand
// in a fixed order.
func (d *decision) tell() {
	g := &d.out.Tell
	if a := d.in.Device.Asset; a == nil {
		d.hold(g, remediation.Hold{Code: remediation.MatchUnconfirmed, Says: "The device is matched to no asset of the register; a person must say which it is."})
	} else if !a.Match.Decisive() {
		d.hold(g, remediation.Hold{Code: remediation.MatchUnconfirmed, Says: "The match with the register is not decisive; a person must confirm it."})
	} else if a.StatusUnread != "" {
		// Of the closed codes this is the one that asks a person whether the record is
		// of a device in service; a recall hold would say that there is a recall.
		d.hold(g, remediation.Hold{Code: remediation.MatchUnconfirmed, Says: "The register's status cannot be read, and may mean that the device is gone; a person must look, and correct it there."})
	}
	if why := d.remedyHold(); why != "" {
		d.hold(g, remediation.Hold{Code: remediation.NoDoableRemedy, Says: why})
	}
	if !d.named {
		d.hold(g, remediation.Hold{Code: remediation.NoEligiblePerson, Says: d.out.Assignee.Why})
	}
	switch {
	case d.in.Stopped:
		d.hold(g, remediation.Hold{Code: remediation.ObserveMode, Says: "All writing is stopped; a person must start it again."})
	case d.out.Mode == remediation.Observe:
		d.hold(g, remediation.Hold{Code: remediation.ObserveMode, Says: "Orders of this class and department are only observed; a person must turn drafts or sending on."})
	}
	g.OK = len(g.Holds) == 0
}

// remedyHold says why there is nothing to order, or "".
func (d *decision) remedyHold() string {
	if len(d.in.Findings) == 0 {
		return "There is no finding."
	}
	if why := d.orderable(d.main); why != "" {
		return why
	}
	if d.in.Asked && d.main.Status != remediation.ConfirmedFinding {
		return ""
	}
	switch {
	case doable(d.main.Remedy.Kind):
		return ""
	case d.main.Remedy.Kind == remediation.FixPlanned:
		return "The manufacturer only plans a fix; there is nothing to do yet."
	}
	return "The manufacturer offers no fix; there is nothing to do on the device."
}
