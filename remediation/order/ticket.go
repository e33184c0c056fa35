package order

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// Bounds of a ticket's text, in bytes. ServiceNow's description column holds
// 4,000 characters, the shortest of the systems studied; what must not be cut
// comes first.
const (
	maxDescription = 3900
	maxLine        = 300
	maxNote        = 1000
	maxListed      = 8 // advisories, versions, people in one line
)

// The text between the markers is ours; everything around it is the hospital's.
const (
	markBegin = "--- Auscult: begin ---"
	markEnd   = "--- Auscult: end ---"
)

// writeTicket says what the CMMS is told. Of the device's use it names the state's
// code and the caution class only, in sentences written here: no sentence of
// another room about use, no location from the wire, nothing of a patient can get
// in (DESIGN.md, invariant 2).
func writeTicket(r *record, s Subject) remediation.Ticket {
	o := &r.WorkOrder
	return remediation.Ticket{
		Key: o.Key, ControlNumber: o.ControlNumber, SerialNumber: serial(s.Device), Priority: o.Priority,
		Title: ticketTitle(o, s.Device), Description: describeTicket(r, s),
		Queue: orElse(o.Assignee.Queue, o.Assignee.Team), Person: o.Assignee.Person,
	}
}

func ticketTitle(o *remediation.WorkOrder, d inventory.Device) string {
	name := strings.TrimSpace(maker(d) + " " + model(d))
	if o.ControlNumber != "" {
		name = strings.TrimSpace("[" + o.ControlNumber + "] " + name)
	}
	return cut(name+": "+o.Title, maxTitle)
}

// describeTicket writes the block, safety first, within maxDescription.
func describeTicket(r *record, s Subject) string {
	var t text
	t.b.WriteString(markBegin + "\n")
	t.line("START: " + startLine(r.Start, s.Device.Use.Caution))
	t.line("WHO: " + whoMay(&r.WorkOrder))
	deviceLines(&t, &r.WorkOrder, s.Device)
	t.line("Priority: " + r.Priority + ". Work: " + activityText(r.Activity) + ".")
	remedyLines(&t, s.Findings)
	t.line("Done when: " + doneWhen(r.Verification))
	t.line("Do not: install software that is not on the manufacturer's list for this model; change settings beyond this order; " +
		"disconnect a device from a patient for this work.")
	t.line("On completion: record the software version as left, and the electrical safety and performance check.")
	findingLines(&t, s.Findings)
	return t.close("Reference: " + r.Key + "\n" + markEnd)
}

func deviceLines(t *text, o *remediation.WorkOrder, d inventory.Device) {
	t.line("Control number: " + orElse(o.ControlNumber, "not known"))
	t.line("Device: " + orElse(strings.TrimSpace(maker(d)+" "+model(d)), "not known") + ", serial number " + orElse(serial(d), "not known"))
	if a := d.Asset; a != nil {
		// The register's room and department, never a location from the wire: that
		// one may be a bed.
		t.line("Location (register): " + orElse(a.Location, "not known") + "; department " + orElse(a.Department, "not known") +
			"; cost center " + orElse(a.CostCenter, "not known"))
		if a.Contract != "" || a.ServiceProvider != "" || a.Coverage != "" {
			t.line("Coverage: " + orElse(string(a.Coverage), "not known") + "; contract " + orElse(a.Contract, "none") +
				"; provider " + orElse(a.ServiceProvider, "none"))
		}
	}
	t.line("Software: " + versions(d))
}

// versions says what the device reports as its software, and when it last did.
func versions(d inventory.Device) string {
	var last time.Time
	for _, e := range d.Evidence {
		if e.Attribute == "software_version" {
			last = later(last, e.LastSeen)
		}
	}
	if len(d.SoftwareVersions) == 0 {
		if d.Asset != nil && d.Asset.Software != "" {
			return d.Asset.Software + " by the register, as of " + d.Asset.AsOf.UTC().Format(time.DateOnly) + "; not heard on the network"
		}
		return "not known"
	}
	says := list(d.SoftwareVersions) + " as heard on the network"
	if !last.IsZero() {
		says += ", last " + last.UTC().Format("2006-01-02 15:04") + " UTC"
	}
	return says
}

func remedyLines(t *text, findings []remediation.Finding) {
	var seen []string
	for _, f := range findings {
		line := "Action: " + orElse(f.Remedy.Text, "ask the manufacturer what mends this") + " (manufacturer-approved: " + approved(f.Remedy) + ")"
		if f.Remedy.Version != "" {
			line += "; mended from version " + f.Remedy.Version
		}
		if !slices.Contains(seen, line) && len(seen) < maxListed {
			seen = append(seen, line)
			t.line(line)
		}
	}
}

// approved says whether the remedy is the manufacturer's own. A setting that an
// advisory suggests may or may not be.
func approved(r remediation.Remedy) string {
	switch r.Kind {
	case remediation.FixAvailable:
		return "yes, by the advisory"
	case remediation.FixPlanned, remediation.NoFix:
		return "no"
	}
	return "unknown; ask before changing anything"
}

func findingLines(t *text, findings []remediation.Finding) {
	for i, f := range findings {
		if i == maxListed {
			t.line(fmt.Sprintf("and %d more findings", len(findings)-i))
			return
		}
		line := "Finding " + f.ID + " (" + string(f.Status) + ", by the " + string(f.Basis) + "): " + f.Title
		if refs := list(union(f.Advisories, f.CVEs)); refs != "" {
			line += " [" + refs + "]"
		}
		if f.KEV {
			line += "; known to be exploited"
		}
		t.line(line)
	}
}

func doneWhen(v remediation.Verification) string {
	if v.By == remediation.ByAttest {
		return orElse(v.Predicate, "the cause is gone") + "; the network cannot show this, so a named person attests"
	}
	return orElse(v.Predicate, "the cause is no longer seen") + "; this is checked on the network after the work"
}

// whoMay says for whom the work is, and why.
func whoMay(o *remediation.WorkOrder) string {
	says := "for " + orElse(o.Assignee.Person, orElse(o.Assignee.Queue, orElse(o.Assignee.Team, "the coordinator")))
	if o.Assignee.Why != "" {
		says += ": " + o.Assignee.Why
	}
	if len(o.Eligible) == 0 {
		return says + ". Nobody in house may do it."
	}
	return strings.TrimSuffix(says, ".") + ". May do it: " + list(o.Eligible) + "."
}

// startLine is the start gate in fixed sentences.
func startLine(g remediation.StartGate, caution inventory.Caution) string {
	line := "DO NOT START: " + startText(g) + "."
	if g.OK {
		line = "work may begin, as far as the network shows; confirm at the device first."
	}
	if caution == inventory.CautionHigh {
		line += " Caution class HIGH: the unit releases the device, and a second person agrees, before anybody touches it."
	}
	if g.Window != nil && !g.Window.From.IsZero() {
		line += " Expected to fit: " + g.Window.From.UTC().Format("2006-01-02 15:04") + " to " + g.Window.To.UTC().Format("2006-01-02 15:04") + " UTC."
	}
	return line
}

// startText names what holds the start, by code: policy's own sentences stay here.
func startText(g remediation.StartGate) string {
	var all []string
	for _, h := range g.Holds {
		if says := holdText(h.Code); !slices.Contains(all, says) {
			all = append(all, says)
		}
	}
	if len(all) == 0 {
		return "it has not been released"
	}
	return strings.Join(all, "; ")
}

func holdText(c remediation.HoldCode) string {
	switch c {
	case remediation.InUse:
		return "the device is in use"
	case remediation.UseUnknown:
		return "it is not known whether the device is in use; treat it as in use"
	case remediation.OnStandby:
		return "the device is on standby and may be attached; the unit must release it"
	case remediation.OutsideWindow:
		return "it is outside the time agreed for this work"
	case remediation.ChangeApproval:
		return "it waits for an approval"
	case remediation.SecondRelease:
		return "a second person must release the device"
	case remediation.ContractBlock:
		return "a contract reserves this work for the provider"
	case remediation.RecallHold:
		return "a recall holds the device"
	case remediation.Parts:
		return "it waits for parts"
	case remediation.Vendor:
		return "it waits for the vendor"
	}
	return "it is held (" + string(c) + ")"
}

func activityText(a inventory.Activity) string {
	switch a {
	case inventory.ApplyVendorPatch:
		return "install the manufacturer's update"
	case inventory.ApplyOSPatch:
		return "install the operating system's update, as the manufacturer allows"
	case inventory.ConfigureNetwork:
		return "change settings as described"
	case inventory.Isolate:
		return "separate it on the network"
	case inventory.ContactVendor:
		return "contact the manufacturer"
	}
	return "inspect"
}

func maker(d inventory.Device) string {
	return orElse(d.ManufacturerCanonical, orElse(d.Manufacturer, asset(d).Manufacturer))
}
func model(d inventory.Device) string {
	return orElse(d.ModelCanonical, orElse(d.Model, asset(d).Model))
}
func serial(d inventory.Device) string {
	return cut(orElse(d.SerialNumber, asset(d).SerialNumber), 64)
}

func asset(d inventory.Device) inventory.AssetView {
	if d.Asset == nil {
		return inventory.AssetView{}
	}
	return *d.Asset
}

// list joins at most maxListed names.
func list(names []string) string {
	if n := len(names) - maxListed; n > 0 {
		return strings.Join(names[:maxListed], ", ") + fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ")
}

// text collects lines up to the bound, and keeps room for the end.
type text struct {
	b    strings.Builder
	full bool
}

// endRoom is kept for the last lines: the key, the marker, and the note of a cut.
const endRoom = 200

// line adds one line of data. Three hyphens in a row begin and end our block, so
// data have fewer.
func (t *text) line(s string) {
	for strings.Contains(s, "---") {
		s = strings.ReplaceAll(s, "---", "-")
	}
	s = cut(s, maxLine)
	if t.full || t.b.Len()+len(s)+1 > maxDescription-endRoom {
		t.full = true
		return
	}
	t.b.WriteString(s)
	t.b.WriteByte('\n')
}

func (t *text) close(end string) string {
	if t.full {
		t.b.WriteString("(more in Auscult)\n")
	}
	t.b.WriteString(end)
	return t.b.String()
}
