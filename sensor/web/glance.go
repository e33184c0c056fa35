package web

import (
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// answer is one of the six things that a clinical engineer asks of a device.
type answer struct {
	Question string
	Says     string // the answer, in a few words
	Tone     string // good | warn | bad | ""; never says what the words do not
	Why      []string
	Link     string // where more stands on the page
}

// answers are the six, in the order in which they are asked.
func answers(d *inventory.Device, findings []remediation.Finding, orders []remediation.WorkOrder) []answer {
	return []answer{whatIs(d), whoOwns(d), whoMay(d, orders), inUse(d), toDo(findings, orders), isDone(orders)}
}

func whatIs(d *inventory.Device) answer {
	a := answer{Question: "What is it?", Says: sentence(plain(d.Type)), Link: "#identity"}
	if d.Type == inventory.UnknownType || d.Type == "" {
		a.Says, a.Tone = "Not known yet", "warn"
	}
	a.add(withMaker(d.Manufacturer, d.Model))
	if d.SerialNumber != "" {
		a.add("Serial number " + d.SerialNumber)
	}
	if len(d.SoftwareVersions) > 0 {
		a.add("Software " + strings.Join(d.SoftwareVersions, ", "))
	}
	if len(d.Conflicts) > 0 {
		a.Tone, a.Link = "warn", "#contradictions"
		a.add("Sources contradict each other; see below")
	}
	return a
}

func whoOwns(d *inventory.Device) answer {
	a := answer{Question: "Who owns it?", Link: "#record"}
	r := d.Asset
	if r == nil {
		a.Says, a.Tone, a.Why = "Not known", "warn", []string{"The register holds no record that fits"}
		return a
	}
	a.Says = r.Department
	for _, other := range []string{r.Owner, "Owner not recorded"} {
		if a.Says == "" {
			a.Says = other
		}
	}
	if r.Owner != "" && r.Owner != a.Says {
		a.add(r.Owner)
	}
	a.add("Control number " + r.ControlNumber)
	if r.Match.Decisive() {
		a.add("The record is " + string(r.Match.State) + " by " + matchedOn(r.Match))
	}
	if !r.Match.Decisive() && d.Presence != inventory.RegisterOnly {
		a.Tone = "warn"
		a.add("The match with this record is " + matchWord(r.Match.State) + ": a person must say")
	}
	if d.Ownership != "" {
		a.add(sentence(plain(d.Ownership)))
	}
	return a
}

func matchedOn(m inventory.Match) string {
	if m.State == inventory.Confirmed && m.By != "" {
		return m.By
	}
	on := make([]string, len(m.On))
	for i, s := range m.On {
		on[i] = plain(s)
	}
	if len(on) == 0 {
		return "evidence"
	}
	return strings.Join(on, ", ")
}

func matchWord(m inventory.MatchState) string {
	switch m {
	case inventory.Ambiguous:
		return "ambiguous"
	case inventory.Conflicts:
		return "contradictory"
	}
	return "not decided"
}

// whoMay answers from the most urgent open order, which names people for its
// activity, else from the contract in the record.
func whoMay(d *inventory.Device, orders []remediation.WorkOrder) answer {
	a := answer{Question: "Who may touch it?", Link: "#record"}
	if len(orders) > 0 && !orders[0].State.Final() {
		o := orders[0]
		a.Link = "/orders/" + pathOf(o.ID)
		a.Says = "Nobody is named"
		switch {
		case len(o.Eligible) > 0:
			a.Says = strings.Join(o.Eligible, ", ")
		case o.Assignee.Person != "":
			a.Says = o.Assignee.Person
		case o.Assignee.Queue != "":
			a.Says = o.Assignee.Queue
		default:
			a.Tone = "warn"
		}
		a.add("To " + plain(o.Activity) + " today")
		if n := len(o.Refused); n > 0 {
			a.add(plural(n, "person was refused", "people were refused") + ", with reasons")
		}
		return a
	}
	r := d.Asset
	switch {
	case r == nil || r.Coverage == inventory.CoverageUnknown:
		a.Says, a.Tone, a.Why = "Not known", "warn", []string{"No contract is recorded; nobody is authorised by default"}
	case r.WarrantyText != "":
		a.Says, a.Tone, a.Why = "Not known", "warn", []string{"The warranty cannot be read and counts as running; correct the record"}
	case r.Coverage == inventory.InHouse || r.Coverage == inventory.TimeAndMaterial:
		a.Says, a.Why = "Whoever is authorised for it", []string{"Coverage " + plain(r.Coverage) + "; an order names the people"}
	default:
		a.Says = r.ServiceProvider
		if a.Says == "" {
			a.Says = "The provider only"
		}
		a.add("Coverage: " + plain(r.Coverage))
	}
	if r != nil && r.WarrantyExpires != "" {
		a.add("Warranty until " + string(r.WarrantyExpires) + "; until then the maker does the work")
	}
	if r != nil && r.Contract != "" {
		a.add("Contract " + r.Contract)
	}
	return a
}

func toDo(findings []remediation.Finding, orders []remediation.WorkOrder) answer {
	a := answer{Question: "What is to be done?", Link: "#orders"}
	open := 0
	for _, o := range orders {
		if !o.State.Final() {
			open++
		}
	}
	wrong := 0
	for _, f := range findings {
		if f.Open() {
			wrong++
		}
	}
	switch {
	case open > 0:
		o := orders[0]
		a.Says, a.Tone = sentence(plain(o.Activity)), "warn"
		a.add(o.Priority + ": " + o.Title)
		if open > 1 {
			a.add(plural(open-1, "more order is open", "more orders are open"))
		}
		if wait := firstHold(o); wait != "" {
			a.add(wait)
		}
	case wrong > 0:
		a.Says, a.Tone, a.Link = plural(wrong, "finding is open", "findings are open"), "warn", "#findings"
		a.add("No order is open for it")
	default:
		a.Says, a.Link = "Nothing known", "#findings"
		a.add("That is not a promise that nothing is wrong")
	}
	return a
}

// firstHold says in one sentence why an order's work does not go on.
func firstHold(o remediation.WorkOrder) string {
	if !o.Tell.OK && len(o.Tell.Holds) > 0 {
		return o.Tell.Holds[0].Says
	}
	if !o.Start.OK && len(o.Start.Holds) > 0 {
		return o.Start.Holds[0].Says
	}
	return ""
}

func isDone(orders []remediation.WorkOrder) answer {
	a := answer{Question: "Is it done?", Says: "There is nothing to finish", Link: "#orders"}
	if len(orders) == 0 {
		return a
	}
	o := orders[0]
	a.Link = "/orders/" + pathOf(o.ID)
	a.add(o.Title)
	switch o.State {
	case remediation.StateVerified:
		a.Says, a.Tone = "Yes: the wire shows it", "good"
		if o.Verification.By == remediation.ByAttest {
			a.Says = "Yes: a person attests it"
		}
	case remediation.StateVerifyFailed:
		a.Says, a.Tone = "No: said to be done, still seen", "bad"
	case remediation.StateWorkDone, remediation.StateVerifying:
		a.Says, a.Tone = "Said to be done, not yet shown", "warn"
	case remediation.StateCancelled, remediation.StateNoAction, remediation.StateSuperseded:
		a.Says = "Ended without work: " + plain(o.State)
	default:
		a.Says, a.Tone = "No: "+plain(o.State), "warn"
	}
	return a
}

func (a *answer) add(why string) {
	if why != "" {
		a.Why = append(a.Why, why)
	}
}

// sentence begins a phrase with a capital.
func sentence(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + many
}
