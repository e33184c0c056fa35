package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// page gathers lines for people. What is empty is left out.
type page struct{ lines []string }

// fact is one line with its name in front.
func (p *page) fact(name, value string) {
	if value != "" {
		p.lines = append(p.lines, fmt.Sprintf("%-14s %s", name, cell(value)))
	}
}

// more are indented lines under one name, which tells how many there are.
func (p *page) more(name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.lines = append(p.lines, "", fmt.Sprintf("%s (%d)", name, len(lines)))
	for _, l := range lines {
		p.lines = append(p.lines, "  "+cell(l))
	}
}

// describe writes one device for people: what it is, where, what it is doing, whose
// it is, what is wrong and done, and who said so.
func describe(w io.Writer, d inventory.Device, findings []remediation.Finding, orders []remediation.WorkOrder) error {
	p := page{}
	p.identity(d)
	p.place(d)
	p.use(d.Use)
	p.asset(d.Asset)
	p.more("conflicts", eachLine(d.Conflicts, func(c inventory.Conflict) string {
		return join(": ", c.Attribute, join(" ", c.Says, bracket(strings.Join(c.Values, ", "))))
	}))
	p.more("findings", eachLine(findings, func(f remediation.Finding) string { return join("  ", f.ID, string(f.Status), f.Title) }))
	p.more("orders", eachLine(orders, orderLine))
	p.more("evidence", eachLine(d.Evidence, func(e inventory.Evidence) string {
		return fmt.Sprintf("%s = %s  (%s, %s; %.2f, %d ×, last %s)", e.Attribute, e.Value, e.Protocol, e.Field, e.Confidence, e.Count, moment(e.LastSeen))
	}))
	if _, err := fmt.Fprintln(w, strings.Join(p.lines, "\n")); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

func (p *page) identity(d inventory.Device) {
	p.fact("device", d.ID)
	p.fact("type", string(d.Type))
	p.fact("maker", known(d.Manufacturer, d.ManufacturerCanonical))
	p.fact("model", known(d.Model, d.ModelCanonical))
	p.fact("serial", d.SerialNumber)
	p.fact("software", strings.Join(d.SoftwareVersions, ", "))
	p.fact("hardware", d.HardwareVersion)
	p.fact("system", d.OS)
	p.fact("udi", d.UDI)
}

func (p *page) place(d inventory.Device) {
	p.fact("presence", join(" ", string(d.Presence), d.Via))
	p.fact("part of", d.Parent)
	p.fact("addresses", strings.Join(append(append([]string{}, d.IPs...), d.MACs...), ", "))
	p.fact("names", strings.Join(append(append(append([]string{}, d.Hostnames...), d.AETitles...), d.StationNames...), ", "))
	p.fact("roles", strings.Join(d.Roles, ", "))
	var vlans []string
	for _, v := range d.VLANs {
		vlans = append(vlans, "VLAN "+strconv.Itoa(int(v)))
	}
	p.fact("network", join(", ", d.Site, d.Tap, strings.Join(vlans, " "), d.SwitchPort))
	p.fact("place", d.Location)
	p.fact("heard", span(d.FirstSeen, d.LastSeen))
}

func (p *page) use(u inventory.Use) {
	p.fact("use", join(", ", join(" ", string(u.State), string(u.Activity)), u.Agent, string(u.Hazard), caution(u.Caution), u.Why))
	for _, c := range u.Channels {
		p.fact("  channel", join(", ", join(" ", c.Name, string(c.State), string(c.Activity)), c.Agent, c.Rate, prefixed("dose ", c.Dose), prefixed("given ", c.Volume), string(c.Hazard)))
	}
	if !u.ObservedAt.IsZero() {
		p.fact("  said", join(", ", moment(u.ObservedAt), prefixed("in ", u.Source), prefixed("holds until ", moment(u.ExpiresAt))))
	}
}

func (p *page) asset(a *inventory.AssetView) {
	if a == nil {
		p.fact("asset", "the register holds no record that fits")
		return
	}
	p.fact("asset", join(", ", a.ControlNumber, a.Description, cmp.Or(a.Department, a.Owner), a.Location, string(a.Status)))
	p.fact("  match", join(", ", string(a.Match.State), prefixed("on ", strings.Join(a.Match.On, " and ")), prefixed("by ", a.Match.By)))
	life := ""
	if a.LifeSupport {
		life = "life support"
	}
	p.fact("  service", join(", ", string(a.Coverage), a.ServiceProvider, prefixed("contract ", a.Contract), prefixed("warranty until ", string(a.WarrantyExpires)),
		prefixed("risk ", a.Risk), life))
	p.fact("  maintenance", join(", ", prefixed("last ", string(a.LastPM)), prefixed("next ", string(a.NextPM))))
}

func orderLine(o remediation.WorkOrder) string {
	to := cmp.Or(o.Assignee.Person, o.Assignee.Queue, "nobody")
	return join("  ", o.ID, o.Priority, string(o.State), o.Title, "to "+to, prefixed("tell: ", gate(o.Tell)), prefixed("start: ", gate(o.Start.Gate)), o.CMMS.Number)
}

func eachLine[T any](all []T, line func(T) string) []string {
	lines := make([]string, len(all))
	for i, v := range all {
		lines[i] = line(v)
	}
	return lines
}

// join puts what is there behind each other.
func join(between string, parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, between)
}

func prefixed(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func bracket(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// known is a name as the device says it, with the name of the knowledge base where
// that is another.
func known(says, canonical string) string {
	if canonical == "" || canonical == says {
		return says
	}
	return join(" ", says, "(known as "+canonical+")")
}

func caution(c inventory.Caution) string {
	if c == "" {
		return ""
	}
	return string(c) + " caution"
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func span(first, last time.Time) string {
	if first.IsZero() && last.IsZero() {
		return "never"
	}
	return "first " + moment(first) + ", last " + moment(last)
}
