package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/auscult/auscult/remediation"
)

type findingListView struct {
	Status, Kind, Search string
	Rows                 []findingRow
	Pager                pager
	Open                 int
	Counts               []count
	Kinds                []remediation.FindingKind
}

type count struct {
	Name, Link string
	N          int
}

func findingStatuses() []remediation.FindingStatus {
	return []remediation.FindingStatus{remediation.ConfirmedFinding, remediation.Potential, remediation.UnknownVersion,
		remediation.Mitigated, remediation.Accepted, remediation.Resolved}
}

func (s *Server) findingList(v visitor, r *http.Request) (body, error) {
	shows := findingListView{Status: r.FormValue("status"), Kind: r.FormValue("kind"), Search: cutText(r.FormValue("q"), maxSearch),
		Kinds: []remediation.FindingKind{remediation.Vulnerability, remediation.EndOfSupport, remediation.Recall, remediation.Exposure, remediation.Behaviour, remediation.RegisterDrift}}
	all, words := s.o.House.Findings(), searchWords(shows.Search)
	by := map[remediation.FindingStatus]int{}
	kept := make([]remediation.Finding, 0, len(all))
	for _, f := range all {
		by[f.Status]++
		if f.Open() {
			shows.Open++
		}
		status := shows.Status == "" && f.Open() || shows.Status == string(f.Status)
		if status && (shows.Kind == "" || shows.Kind == string(f.Kind)) && findingFits(&f, words) {
			kept = append(kept, f)
		}
	}
	sortFindings(kept)
	kept, shows.Pager = paged(r, kept)
	shows.Rows = s.findingRows(v, kept)
	for _, st := range findingStatuses() {
		shows.Counts = append(shows.Counts, count{string(st), "/findings?status=" + string(st), by[st]})
	}
	return body{"Findings", shows}, nil
}

// findingFits reports whether every word stands in what a finding is known by.
func findingFits(f *remediation.Finding, words []string) bool {
	for _, w := range words {
		within := func(s string) bool { return contains(s, w) }
		if !contains(f.Title, w) && !contains(f.Cause, w) && !slices.ContainsFunc(f.CVEs, within) && !slices.ContainsFunc(f.Advisories, within) {
			return false
		}
	}
	return true
}

func (s *Server) findingRows(v visitor, all []remediation.Finding) []findingRow {
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.Device
	}
	known, rows := s.among(v, ids), make([]findingRow, len(all))
	for i := range all {
		rows[i] = findingRow{&all[i], known[all[i].Device]}
	}
	return rows
}

// sortFindings puts the surest and worst first.
func sortFindings(all []remediation.Finding) {
	rank := func(f *remediation.Finding) int { return slices.Index(findingStatuses(), f.Status) }
	exploited := func(f *remediation.Finding) int {
		if f.KEV {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(all, func(a, b remediation.Finding) int {
		return cmp.Or(rank(&a)-rank(&b), exploited(&a)-exploited(&b), cmp.Compare(b.CVSS, a.CVSS), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.ID, b.ID))
	})
}

type findingView struct {
	findingRow
	Orders []remediation.WorkOrder
}

func (s *Server) findingPage(v visitor, r *http.Request) (body, error) {
	f, err := s.finding(r.PathValue("id"))
	if err != nil {
		return body{}, err
	}
	shows := findingView{findingRow: findingRow{&f, s.among(v, []string{f.Device})[f.Device]}}
	for _, o := range s.o.House.Orders() {
		if slices.Contains(o.Findings, f.ID) {
			shows.Orders = append(shows.Orders, o)
		}
	}
	slices.SortStableFunc(shows.Orders, byUrgency)
	return body{f.Title, shows}, nil
}
