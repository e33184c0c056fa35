package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// overviewView puts first what needs a person.
type overviewView struct {
	Send     []orderRow // drafts that may be told
	Held     []orderRow // may not be told, and why
	Waiting  []orderRow // told, may not start
	Trouble  []orderRow // lost, refused, not delivered, failed verification
	Matches  []Match
	Findings []findingRow // a person must say
	Counts   []count
	Uses     []count
	Taps     []Tap
	Holes    []string
	Feeds    []Feed
	Mode     string
}

type count struct {
	Name, Link string
	N          int
}

type orderRow struct {
	Order remediation.WorkOrder
	Name  string
	Unit  string
}

type findingRow struct {
	Finding remediation.Finding
	Name    string
}

func (s *Server) overview(v visitor) overviewView {
	names, units := s.deviceNames(), map[string]string{}
	devices := s.devices(v, "")
	for _, d := range devices {
		if d.Asset != nil {
			units[d.ID] = d.Asset.Department
		}
	}
	register, coverage := s.o.House.Register(), s.o.House.Coverage()
	body := overviewView{Matches: register.Matches, Taps: coverage.Taps, Holes: coverage.Holes, Mode: coverage.Mode, Feeds: s.o.House.Feeds()}
	for _, o := range s.o.House.Orders() {
		body.place(orderRow{o, names[o.Device], units[o.Device]})
	}
	for _, f := range s.o.House.Findings() {
		if f.Status == remediation.Potential {
			body.Findings = append(body.Findings, findingRow{f, names[f.Device]})
		}
	}
	body.Counts, body.Uses = counts(devices), uses(devices)
	return body
}

func (b *overviewView) place(row orderRow) {
	switch o := row.Order; {
	case o.State.Final():
	case o.CMMS.Trouble != "" || o.State == remediation.StateLost || o.State == remediation.StateRejected || o.State == remediation.StateVerifyFailed:
		b.Trouble = append(b.Trouble, row)
	case o.State == remediation.StateDraft:
		b.Send = append(b.Send, row)
	case o.State == remediation.StateHeld:
		b.Held = append(b.Held, row)
	case !o.Start.OK:
		b.Waiting = append(b.Waiting, row)
	}
}

func counts(devices []inventory.Device) []count {
	by := map[inventory.Type]int{}
	for _, d := range devices {
		by[d.Type]++
	}
	var all []count
	for t, n := range by {
		all = append(all, count{string(t), "/devices?type=" + string(t), n})
	}
	slices.SortFunc(all, func(a, b count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return all
}

func uses(devices []inventory.Device) []count {
	by := map[string]int{}
	for _, d := range devices {
		by[string(d.Use.State)]++
	}
	var all []count
	for _, state := range []string{"in-use", "unknown", "standby", "idle", "off"} {
		if by[state] > 0 {
			all = append(all, count{state, "/devices?use=" + state, by[state]})
		}
	}
	return all
}

type findingListView struct {
	Status string
	Rows   []findingRow
	Counts []count
	More   int
}

func (s *Server) findingList(_ visitor, r *http.Request) (any, error) {
	names, all := s.deviceNames(), s.o.House.Findings()
	sortFindings(all)
	body, by := findingListView{Status: r.FormValue("status")}, map[remediation.FindingStatus]int{}
	for _, f := range all {
		by[f.Status]++
		if body.Status == "" && !f.Open() || body.Status != "" && string(f.Status) != body.Status {
			continue
		}
		if len(body.Rows) == pageRows {
			body.More++
			continue
		}
		body.Rows = append(body.Rows, findingRow{f, names[f.Device]})
	}
	for _, st := range []remediation.FindingStatus{remediation.ConfirmedFinding, remediation.Potential, remediation.UnknownVersion, remediation.Mitigated, remediation.Accepted, remediation.Resolved} {
		body.Counts = append(body.Counts, count{string(st), "/findings?status=" + string(st), by[st]})
	}
	return body, nil
}

// sortFindings puts the surest and worst first.
func sortFindings(all []remediation.Finding) {
	rank := map[remediation.FindingStatus]int{remediation.ConfirmedFinding: 0, remediation.Potential: 1, remediation.UnknownVersion: 2}
	order := func(f remediation.Finding) int {
		if n, ok := rank[f.Status]; ok {
			return n
		}
		return len(rank)
	}
	slices.SortStableFunc(all, func(a, b remediation.Finding) int {
		return cmp.Or(order(a)-order(b), cmp.Compare(b.CVSS, a.CVSS), cmp.Compare(a.Cause, b.Cause))
	})
}

type orderListView struct {
	Rows []orderRow
	All  bool
}

func (s *Server) orderList(_ visitor, r *http.Request) (any, error) {
	names := s.deviceNames()
	body := orderListView{All: r.FormValue("all") != ""}
	for _, o := range s.o.House.Orders() {
		if body.All || !o.State.Final() {
			body.Rows = append(body.Rows, orderRow{Order: o, Name: names[o.Device]})
		}
	}
	slices.SortStableFunc(body.Rows, func(a, b orderRow) int { return cmp.Compare(a.Order.Priority, b.Order.Priority) })
	return body, nil
}

type orderView struct {
	Order    remediation.WorkOrder
	Device   inventory.Device
	Name     string
	Findings []remediation.Finding
	Verbs    []string
}

func (s *Server) orderPage(v visitor, r *http.Request) (any, error) {
	o, err := s.order(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	body := orderView{Order: o}
	if d, err := s.device(v, o.Device); err == nil {
		body.Device, body.Name = d, called(d)
	}
	for _, f := range s.o.House.Findings() {
		if slices.Contains(o.Findings, f.ID) {
			body.Findings = append(body.Findings, f)
		}
	}
	if v.May(Act) {
		body.Verbs = verbs(o)
	}
	return body, nil
}

// verbs are the decisions that make sense in an order's state; the order itself
// refuses the others.
func verbs(o remediation.WorkOrder) []string {
	if o.State.Final() {
		return nil
	}
	switch o.State {
	case remediation.StateDraft:
		return []string{"send", "hold", "cancel"}
	case remediation.StateHeld:
		return []string{"release", "cancel"}
	case remediation.StateReady, remediation.StateSubmitting, remediation.StateRejected, remediation.StateLost:
		return []string{"retry", "hold", "cancel"}
	}
	return []string{"attest", "retry", "cancel"}
}
