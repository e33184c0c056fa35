package standin

import (
	"bytes"
	_ "embed" // the page
	"html/template"
	"net/http"
	"slices"
)

//go:embed page.html
var pageSource string

// state is one value of incident's state column, with its label.
type state struct{ value, label string }

func states() []state {
	return []state{{"1", "New"}, {"2", "In Progress"}, {"3", "On Hold"}, {"6", "Resolved"}, {"7", "Closed"}, {"8", "Canceled"}}
}

// choice is a state as the page offers it.
type choice struct {
	Value, Label string
	Chosen       bool
}

// shown is an order as the page shows it.
type shown struct {
	Order
	Label   string
	Choices []choice
}

// page lists the orders, newest first, and lets a person play the people there.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	var all []shown
	for _, o := range s.Orders() {
		x := shown{Order: o, Label: o.State}
		for _, st := range states() {
			x.Choices = append(x.Choices, choice{st.value, st.label, st.value == o.State})
			if st.value == o.State {
				x.Label = st.label
			}
		}
		all = append(all, x)
	}
	slices.SortStableFunc(all, func(a, b shown) int { return b.Created.Compare(a.Created) })
	var b bytes.Buffer
	t, err := template.New("page").Parse(pageSource)
	if err == nil {
		err = t.Execute(&b, all)
	}
	if err != nil {
		http.Error(w, "The page cannot be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	_, _ = b.WriteTo(w)
}

// pageEdit changes an order's state or assignee, as the page's forms ask.
func (s *Server) pageEdit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		http.Error(w, "Use the form on this page.", http.StatusForbidden)
		return
	}
	number := r.PostFormValue("number")
	var err error
	if person := r.PostFormValue("person"); person != "" {
		err = s.Assign(number, person)
	}
	known := slices.ContainsFunc(states(), func(x state) bool { return x.value == r.PostFormValue("state") })
	if err == nil && known {
		err = s.SetState(number, r.PostFormValue("state"))
	}
	if err != nil {
		http.Error(w, "There is no such order.", http.StatusNotFound)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
