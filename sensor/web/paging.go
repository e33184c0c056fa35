package web

import (
	"net/http"
	"net/url"
	"strconv"
)

// pageRows is how many rows one page of a list shows: more is a page further.
const pageRows = 100

// pager is where a page of a list stands.
type pager struct {
	Page, Pages, Total int
	From, To           int    // rows, counted from 1
	First, Prev, Next  string // addresses; "" where there is none
	Last               string
}

// paged returns the rows of the page that a request asks for.
func paged[T any](r *http.Request, all []T) ([]T, pager) {
	p := pager{Total: len(all), Pages: max(1, (len(all)+pageRows-1)/pageRows)}
	p.Page, _ = strconv.Atoi(r.FormValue("page")) // no number is the first page
	p.Page = min(max(p.Page, 1), p.Pages)
	from := (p.Page - 1) * pageRows
	to := min(from+pageRows, len(all))
	p.From, p.To = min(from+1, to), to
	if p.Page > 1 {
		p.First, p.Prev = pageLink(r, 1), pageLink(r, p.Page-1)
	}
	if p.Page < p.Pages {
		p.Next, p.Last = pageLink(r, p.Page+1), pageLink(r, p.Pages)
	}
	return all[from:to], p
}

// pageLink is the address of another page of the same list.
func pageLink(r *http.Request, n int) string {
	q := url.Values{}
	for k, v := range r.URL.Query() {
		if k != "page" && len(v) > 0 && v[0] != "" {
			q.Set(k, v[0])
		}
	}
	if n > 1 {
		q.Set("page", strconv.Itoa(n))
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}
