package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/remediation"
)

// overviewRows is how many of each kind the start page shows, overviewTypes how
// many types of device: what does not fit stands behind a link.
const (
	overviewRows  = 5
	overviewTypes = 8
)

// overviewView puts first what needs a person.
type overviewView struct {
	Asks     []ask
	Orders   []orderSection
	Matches  []Match
	MatchAll int // how many there are, shown or not
	Judge    []findingRow
	JudgeAll int
	Coverage Coverage
	Counts   []count // the most frequent types
	Types    []count // the others
	Uses     []count
	Devices  int
	Feeds    []Feed
	AsOf     []Feed // of the register, by kind of file
}

// ask is one thing that waits for a person, counted.
type ask struct {
	Name, Link, Tone string
	N                int
}

// orderSection is one group of orders that needs a person.
type orderSection struct {
	ID, Name, Says string
	Rows           []orderRow
	Total          int
	Reasons        []count // holds by code, where there are many
}

func (s *Server) overview(v visitor, _ *http.Request) (body, error) {
	devices, register := s.devices(v, ""), s.register()
	shows := overviewView{Coverage: s.coverage(), Feeds: s.o.House.Feeds(), Devices: len(devices), Matches: register.Matches}
	shows.Counts, shows.Uses = typeCounts(devices), useCounts(devices)
	if len(shows.Counts) > overviewTypes+1 {
		shows.Counts, shows.Types = shows.Counts[:overviewTypes], shows.Counts[overviewTypes:]
	}
	shows.MatchAll = len(register.Matches)
	shows.Matches = register.Matches[:min(len(register.Matches), overviewRows)]
	for kind, at := range register.AsOf {
		shows.AsOf = append(shows.AsOf, Feed{Name: kind, AsOf: at})
	}
	slices.SortFunc(shows.AsOf, func(a, b Feed) int { return cmp.Compare(a.Name, b.Name) })
	judge := s.toJudge()
	shows.JudgeAll = len(judge)
	shows.Judge = s.findingRows(v, judge[:min(len(judge), overviewRows)])
	shows.Orders = s.orderSections(v)
	shows.ask()
	return body{"Overview", shows}, nil
}

// toJudge are the findings of which a person must say whether they apply.
func (s *Server) toJudge() []remediation.Finding {
	kept := slices.DeleteFunc(slices.Clone(s.o.House.Findings()), func(f remediation.Finding) bool { return f.Status != remediation.Potential })
	sortFindings(kept)
	return kept
}

func (s *Server) orderSections(v visitor) []orderSection {
	all := s.o.House.Orders()
	slices.SortStableFunc(all, byUrgency)
	sections := []orderSection{
		{ID: string(wentWrong), Name: "Went wrong", Says: "Refused, lost, not delivered, or said to be done and still seen."},
		{ID: string(toSend), Name: "Orders to send", Says: "Drafts that may be told. A person sends each."},
		{ID: string(heldBack), Name: "Held, and why", Says: "May not be told to the CMMS yet."},
		{ID: string(waiting), Name: "Told, waiting to start", Says: "The work waits until it harms nobody."},
	}
	var shown []remediation.WorkOrder
	for i := range sections {
		var mine []remediation.WorkOrder
		for _, o := range all {
			if string(groupOf(&o)) == sections[i].ID {
				mine = append(mine, o)
			}
		}
		if sections[i].ID == string(heldBack) {
			slices.SortStableFunc(mine, byObserving)
		}
		sections[i].Total, sections[i].Reasons = len(mine), reasons(sections[i].ID, mine)
		shown = append(shown, mine[:min(len(mine), overviewRows)]...)
	}
	rows := s.orderRows(v, shown)
	for i := range sections {
		n := min(sections[i].Total, overviewRows)
		sections[i].Rows, rows = rows[:n], rows[n:]
	}
	return sections
}

// byObserving puts what only observe mode holds behind what a person can mend.
func byObserving(a, b remediation.WorkOrder) int {
	only := func(o remediation.WorkOrder) int {
		if len(o.Tell.Holds) == 1 && o.Tell.Holds[0].Code == remediation.ObserveMode {
			return 1
		}
		return 0
	}
	return only(a) - only(b)
}

// reasons counts why orders of a group wait, the most frequent first.
func reasons(section string, orders []remediation.WorkOrder) []count {
	by := map[remediation.HoldCode]int{}
	for _, o := range orders {
		seen := map[remediation.HoldCode]bool{}
		list := o.Tell.Holds
		if section == string(waiting) {
			list = o.Start.Holds
		}
		for _, h := range list {
			if !seen[h.Code] {
				seen[h.Code] = true
				by[h.Code]++
			}
		}
	}
	if section != string(heldBack) && section != string(waiting) || len(orders) <= overviewRows {
		return nil
	}
	var all []count
	for code, n := range by {
		all = append(all, count{holdName(code), "/orders?show=" + section + "&hold=" + string(code), n})
	}
	return byNumber(all)
}

// ask sums up what waits, for the head of the page.
func (w *overviewView) ask() {
	tones := map[string]string{string(wentWrong): "bad", string(toSend): "warn", string(heldBack): "warn"}
	for _, o := range w.Orders {
		w.Asks = append(w.Asks, ask{o.Name, "#" + o.ID, tones[o.ID], o.Total})
		if o.ID == string(toSend) {
			w.Asks = append(w.Asks, ask{"Matches to decide", "#matches", "warn", w.MatchAll})
		}
	}
	w.Asks = append(w.Asks, ask{"Findings to judge", "#judge", "", w.JudgeAll})
}

// Calm reports whether nothing needs a person.
func (w overviewView) Calm() bool {
	return !slices.ContainsFunc(w.Asks, func(a ask) bool { return a.N > 0 })
}

// Deaf reports whether a tap does not hear, or does not hear all it should.
func (w overviewView) Deaf() bool {
	return len(w.Coverage.Taps) == 0 || len(w.Coverage.Holes) > 0 || slices.ContainsFunc(w.Coverage.Taps, Tap.quiet)
}

func typeCounts(devices []*inventory.Device) []count {
	by := map[inventory.Type]int{}
	for _, d := range devices {
		by[d.Type]++
	}
	all := make([]count, 0, len(by))
	for t, n := range by {
		all = append(all, count{string(t), "/devices?type=" + pathOf(string(t)), n})
	}
	return byNumber(all)
}

func byNumber(all []count) []count {
	slices.SortFunc(all, func(a, b count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return all
}

func useCounts(devices []*inventory.Device) []count {
	by := map[protocols.UseState]int{}
	for _, d := range devices {
		by[d.Use.State]++
	}
	var all []count
	for _, state := range []protocols.UseState{protocols.InUse, protocols.UnknownUse, protocols.Standby, protocols.Idle, protocols.Off} {
		if by[state] > 0 {
			all = append(all, count{string(state), "/devices?use=" + string(state), by[state]})
		}
	}
	return all
}
