package daemon

import (
	"strconv"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/finding"
	"github.com/auscult/auscult/remediation/order"
)

// event is something that the SIEM is told. It names no drug, no rate, no bed and
// no patient: its fields are identity, ownership and codes.
type event struct {
	id       string // a stable code: "finding.new"
	severity severity
	when     time.Time
	device   string
	control  string
	says     string
	fields   map[string]string
}

type severity int

const (
	alarm severity = iota
	warning
	notice
)

// tell reports what a decision changed.
func (h *House) tell(changes finding.Changes, moved []order.Change) {
	v := h.view.Load()
	findings, devices := index(v.Findings), map[string]inventory.Device{}
	for _, d := range v.Devices {
		devices[d.ID] = d
	}
	report := func(ids []string, code string, sev severity) {
		for _, id := range ids {
			h.events(findingEvent(code, sev, findings[id], devices[findings[id].Device], v.At))
		}
	}
	report(changes.New, "finding.new", warning)
	report(changes.Reopened, "finding.reopened", warning)
	report(changes.Changed, "finding.changed", notice)
	report(changes.Resolved, "finding.closed", notice)
	h.tellOrders(moved)
}

func findingEvent(code string, sev severity, f remediation.Finding, d inventory.Device, at time.Time) event {
	fields := map[string]string{"finding": f.ID, "cause": f.Cause, "status": string(f.Status), "basis": string(f.Basis),
		"cvss": strconv.FormatFloat(f.CVSS, 'f', 1, 64), "kev": strconv.FormatBool(f.KEV)}
	describe(fields, d)
	return event{id: code, severity: sev, when: at, device: f.Device, control: controlOf(d), says: f.Title, fields: fields}
}

func (h *House) tellOrders(moved []order.Change) {
	for _, c := range moved {
		o := c.Order
		fields := map[string]string{"order": o.ID, "number": o.CMMS.Number, "change": string(c.Code), "from": string(c.From), "state": string(o.State), "by": c.By, "priority": o.Priority}
		sev := notice
		switch c.Code {
		case order.AssignmentViolation, order.NoLongerAuthorised, order.DeadLetter, order.VerifyFailed, order.Missing, order.Duplicate:
			sev = warning
		}
		h.events(event{id: "order.state", severity: sev, when: c.At, device: o.Device, control: o.ControlNumber, says: c.Says, fields: fields})
	}
}

// describe gives a SIEM what it needs to judge: which asset, whose, how critical.
func describe(fields map[string]string, d inventory.Device) {
	fields["type"], fields["maker"], fields["model"] = string(d.Type), d.ManufacturerCanonical, d.Model
	if len(d.IPs) > 0 {
		fields["ip"] = d.IPs[0]
	}
	if len(d.MACs) > 0 {
		fields["mac"] = d.MACs[0]
	}
	if a := d.Asset; a != nil {
		fields["owner"], fields["department"] = a.Owner, a.Department
		fields["life_support"], fields["risk"] = strconv.FormatBool(a.LifeSupport), a.Risk
	}
}

func controlOf(d inventory.Device) string {
	if d.Asset == nil {
		return ""
	}
	return d.Asset.ControlNumber
}

// tellDevices tells of every device that was not heard before.
func (h *House) tellDevices(before, after []inventory.Device, at time.Time) {
	known := map[string]bool{}
	for _, d := range before {
		known[d.ID] = true
		for _, a := range d.Aliases {
			known[a] = true
		}
	}
	for _, d := range after {
		if known[d.ID] || d.Presence == inventory.RegisterOnly {
			continue
		}
		fields := map[string]string{}
		describe(fields, d)
		h.events(event{id: "device.new", severity: notice, when: at, device: d.ID, control: controlOf(d), says: "A device was heard for the first time.", fields: fields})
	}
}
