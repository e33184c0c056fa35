package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// group is where an order stands for whoever must do something about it.
type group string

const (
	wentWrong group = "trouble" // refused, lost, not delivered, or done and still seen
	toSend    group = "send"    // a person sends each draft
	heldBack  group = "held"    // may not be told yet
	waiting   group = "waiting" // told, and may not start
	underWay  group = "working"
	closed    group = "closed"
)

func groupOf(o *remediation.WorkOrder) group {
	switch {
	case o.State.Final():
		return closed
	case o.CMMS.Trouble != "" || o.State == remediation.StateLost || o.State == remediation.StateRejected || o.State == remediation.StateVerifyFailed:
		return wentWrong
	case o.State == remediation.StateDraft:
		return toSend
	case o.State == remediation.StateHeld:
		return heldBack
	case told(o.State) && !o.Start.OK && o.State != remediation.StateInProgress:
		return waiting
	}
	return underWay
}

// told reports whether the CMMS has the order and work on it is not over.
func told(s remediation.OrderState) bool {
	switch s {
	case remediation.StateSubmitted, remediation.StateAcknowledged, remediation.StateScheduled, remediation.StateWaiting, remediation.StateInProgress:
		return true
	}
	return false
}

// orderGroups are the groups with their names, in the order of the page.
func orderGroups() []count {
	return []count{{"Went wrong", string(wentWrong), 0}, {"To send", string(toSend), 0}, {"Held", string(heldBack), 0}, {"Waiting to start", string(waiting), 0},
		{"Under way", string(underWay), 0}, {"Closed", string(closed), 0}}
}

type orderListView struct {
	Show, Hold, Search string
	Rows               []orderRow
	Pager              pager
	Open               int
	Groups             []count
}

func (s *Server) orderList(v visitor, r *http.Request) (body, error) {
	shows := orderListView{Show: r.FormValue("show"), Hold: r.FormValue("hold"), Search: cutText(r.FormValue("q"), maxSearch), Groups: orderGroups()}
	all, words := s.o.House.Orders(), searchWords(shows.Search)
	kept := make([]remediation.WorkOrder, 0, len(all))
	for _, o := range all {
		g := groupOf(&o)
		for i := range shows.Groups {
			if shows.Groups[i].Link == string(g) {
				shows.Groups[i].N++
			}
		}
		if g != closed {
			shows.Open++
		}
		grouped := shows.Show == string(g) || shows.Show == "" && g != closed || shows.Show == "all"
		if grouped && heldFor(&o, shows.Hold) && orderFits(&o, words) {
			kept = append(kept, o)
		}
	}
	slices.SortStableFunc(kept, byUrgency)
	kept, shows.Pager = paged(r, kept)
	shows.Rows = s.orderRows(v, kept)
	return body{"Orders", shows}, nil
}

// heldFor reports whether one of an order's gates is held for a reason; any
// order is where no reason is asked for.
func heldFor(o *remediation.WorkOrder, code string) bool {
	holds := func(h remediation.Hold) bool { return string(h.Code) == code }
	return code == "" || slices.ContainsFunc(o.Tell.Holds, holds) || slices.ContainsFunc(o.Start.Holds, holds)
}

func orderFits(o *remediation.WorkOrder, words []string) bool {
	for _, w := range words {
		within := func(s string) bool { return contains(s, w) }
		if !slices.ContainsFunc([]string{o.ID, o.Key, o.ControlNumber, o.Title, o.CMMS.Number, o.Assignee.Person, o.Assignee.Queue, o.Assignee.Team}, within) {
			return false
		}
	}
	return true
}

func (s *Server) orderRows(v visitor, all []remediation.WorkOrder) []orderRow {
	ids := make([]string, len(all))
	for i, o := range all {
		ids[i] = o.Device
	}
	known, rows := s.among(v, ids), make([]orderRow, len(all))
	for i := range all {
		rows[i] = orderRow{&all[i], known[all[i].Device]}
	}
	return rows
}

type orderView struct {
	orderRow
	Stages    []stage
	Findings  []remediation.Finding
	Remedies  []remediation.Remedy // of the findings, each once
	Decisions []verbForm
	ReadOnly  bool // decisions are possible, and this account may not
	Before    string
	After     string // the order that follows this one
}

func (s *Server) orderPage(v visitor, r *http.Request) (body, error) {
	o, err := s.order(r.PathValue("id"))
	if err != nil {
		return body{}, err
	}
	shows := orderView{orderRow: orderRow{&o, s.among(v, []string{o.Device})[o.Device]}, Stages: stages(&o)}
	for _, f := range s.o.House.Findings() {
		if slices.Contains(o.Findings, f.ID) {
			shows.Findings = append(shows.Findings, f)
			if !slices.Contains(shows.Remedies, f.Remedy) {
				shows.Remedies = append(shows.Remedies, f.Remedy)
			}
		}
	}
	sortFindings(shows.Findings)
	shows.Before, shows.After = generations(&o, s.o.House.Orders())
	forms := decisions(&o, shows.After != "")
	if v.May(Act) {
		shows.Decisions = forms
	} else {
		shows.ReadOnly = len(forms) > 0
	}
	return body{o.Title, shows}, nil
}

// generations finds the orders for the same cause before and after this one.
func generations(o *remediation.WorkOrder, all []remediation.WorkOrder) (before, after string) {
	for _, x := range all {
		if x.ID == o.ID || x.Device != o.Device || !slices.Equal(x.Findings, o.Findings) {
			continue
		}
		switch x.Generation - o.Generation {
		case -1:
			before = x.ID
		case 1:
			after = x.ID
		}
	}
	return before, after
}

// stage is one step of an order's way, as a row of beads.
type stage struct {
	Name  string
	State string // past | now | failed | ahead
}

func stages(o *remediation.WorkOrder) []stage {
	at := 0
	switch {
	case told(o.State) && o.State != remediation.StateInProgress:
		at = 2
	case o.State == remediation.StateInProgress:
		at = 3
	case done(o.State), o.State == remediation.StateVerifyFailed:
		at = 4
	case o.State == remediation.StateVerified:
		at = 5
	case o.State.Final():
		return nil
	default:
		at = 1
	}
	var all []stage
	// A step that is under way is named by what is still to come of it.
	now := []string{"Found", "To be told", "To be started", "In work", "To be seen mended"}
	for i, name := range []string{"Found", "Told", "Started", "Work done", "Seen mended"} {
		if i == at {
			name = now[i]
		}
		state := "ahead"
		switch {
		case i < at:
			state = "past"
		case i == at && (o.State == remediation.StateVerifyFailed || o.State == remediation.StateRejected || o.State == remediation.StateLost):
			state = "failed"
		case i == at:
			state = "now"
		}
		all = append(all, stage{name, state})
	}
	return all
}

// unitOf is a device's department in the register.
func unitOf(d *inventory.Device) string {
	if d == nil || d.Asset == nil {
		return ""
	}
	return strings.TrimSpace(d.Asset.Department)
}

// Unit is the department of the order's device.
func (r orderRow) Unit() string { return unitOf(r.Device) }
