package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
)

type registerView struct {
	Register
	Shown   []Match
	Pager   pager
	States  []count
	Files   []Feed
	Defects []defectGroup
}

// defectGroup are the defects of one kind: what is wrong is said once, where
// stands below it.
type defectGroup struct {
	Code string
	Rows []Defect
	More int
}

// groupRows is how many examples of one defect are shown; auscult register report
// lists all.
const groupRows = 20

func (s *Server) registerPage(_ visitor, r *http.Request) (body, error) {
	shows := registerView{Register: s.register()}
	shows.Shown, shows.Pager = paged(r, shows.Matches)
	for kind, at := range shows.AsOf {
		shows.Files = append(shows.Files, Feed{Name: kind, AsOf: at})
	}
	slices.SortFunc(shows.Files, func(a, b Feed) int { return cmp.Compare(a.Name, b.Name) })
	for state, n := range shows.ByState {
		shows.States = append(shows.States, count{state, "/devices?match=" + pathOf(state), n})
	}
	byNumber(shows.States)
	shows.Defects = grouped(shows.Register.Defects)
	return body{"Register", shows}, nil
}

func grouped(all []Defect) []defectGroup {
	var groups []defectGroup
	for _, d := range all {
		i := slices.IndexFunc(groups, func(g defectGroup) bool { return g.Code == d.Code })
		if i < 0 {
			i, groups = len(groups), append(groups, defectGroup{Code: d.Code})
		}
		if len(groups[i].Rows) < groupRows {
			groups[i].Rows = append(groups[i].Rows, d)
		} else {
			groups[i].More++
		}
	}
	return groups
}

// Count is how many defects a group has.
func (g defectGroup) Count() int { return len(g.Rows) + g.More }

type auditView struct {
	Lines       []AuditLine
	Older, Back string
}

func (s *Server) auditPage(_ visitor, r *http.Request) (body, error) {
	page, _ := strconv.Atoi(r.FormValue("page")) // no number is the first page
	page = min(max(page, 1), maxAudit/auditPage)
	lines, err := s.o.House.Audit(page*auditPage + 1)
	if err != nil {
		return body{}, err
	}
	shows := auditView{}
	if len(lines) > page*auditPage && page < maxAudit/auditPage {
		shows.Older = pageLink(r, page+1)
	}
	if page > 1 {
		shows.Back = pageLink(r, page-1)
	}
	from := min((page-1)*auditPage, len(lines))
	shows.Lines = lines[from:min(page*auditPage, len(lines))]
	return body{"Decisions", shows}, nil
}
