package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

func (s *Server) pageRoutes() {
	s.page("GET /{$}", "overview", "Overview", func(v visitor, r *http.Request) (any, error) { return s.overview(v), nil })
	s.page("GET /devices", "devices", "Devices", s.deviceList)
	s.page("GET /devices/{id}", "device", "Device", s.devicePage)
	s.page("GET /findings", "findings", "Findings", s.findingList)
	s.page("GET /orders", "orders", "Orders", s.orderList)
	s.page("GET /orders/{id}", "order", "Order", s.orderPage)
	s.page("GET /register", "register", "Register", func(visitor, *http.Request) (any, error) { return s.o.House.Register(), nil })
	s.page("GET /coverage", "coverage", "Coverage", func(visitor, *http.Request) (any, error) {
		return coverageView{s.o.House.Coverage(), s.o.House.Feeds()}, nil
	})
	s.page("GET /audit", "audit", "Decisions", func(visitor, *http.Request) (any, error) { return s.o.House.Audit(auditPage) })
	s.mux.HandleFunc("POST /decide", s.decide)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.trouble(w, r, http.StatusNotFound, "There is no such page.")
	})
}

type coverageView struct {
	Coverage
	Feeds []Feed
}

// page serves one page to whoever is signed in.
func (s *Server) page(route, name, title string, body func(visitor, *http.Request) (any, error)) {
	s.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.who(r)
		if !ok {
			http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		b, err := body(v, r)
		if err != nil {
			s.trouble(w, r, statusOf(err), err.Error())
			return
		}
		s.pages.render(w, http.StatusOK, name, s.view(v, r, title, name, b))
	})
}

func (s *Server) view(v visitor, r *http.Request, title, active string, body any) view {
	said := s.sessions.said(r)
	return view{Title: title, Active: active, Site: s.o.Site, Version: s.o.Version, Who: v, CSRF: v.csrf, Path: r.URL.RequestURI(),
		Notice: said.done, Trouble: said.refused, Alarm: s.alarm(), Body: body}
}

// alarm says what a person must know on any page.
func (s *Server) alarm() string {
	c := s.o.House.Coverage()
	for _, t := range c.Taps {
		if t.Transmitted > 0 {
			return "A frame left the capture interface of " + t.Name + ". Unplug it and tell the makers."
		}
	}
	for _, t := range c.Taps {
		if t.State != "hears" {
			return t.Says
		}
	}
	if c.Stopped {
		return "Writing is stopped: nothing is sent to the CMMS until an administrator resumes it."
	}
	return ""
}

func (s *Server) trouble(w http.ResponseWriter, r *http.Request, status int, says string) {
	v, _ := s.who(r)
	s.pages.render(w, status, "trouble", s.view(v, r, http.StatusText(status), "", says))
}

type deviceListView struct {
	Search      string
	Devices     []inventory.Device
	Total, More int
	Types       []inventory.Type
}

// pageRows bounds one page of a list: more is found by search, not by scrolling.
const pageRows = 200

func (s *Server) deviceList(v visitor, r *http.Request) (any, error) {
	search := strings.TrimSpace(r.FormValue("q"))
	for _, scope := range []string{"type", "use", "match"} {
		if value := r.FormValue(scope); value != "" {
			search = strings.TrimSpace(search + " " + scope + ":" + value)
		}
	}
	all := s.devices(v, search)
	slices.SortStableFunc(all, func(a, b inventory.Device) int { return weight(b) - weight(a) })
	body := deviceListView{Search: search, Devices: all, Total: len(all), Types: inventory.Types()}
	if len(all) > pageRows {
		body.Devices, body.More = all[:pageRows], len(all)-pageRows
	}
	return body, nil
}

// weight puts first what a person most likely looks for: devices with findings,
// in use, clinical, heard.
func weight(d inventory.Device) int {
	w := 0
	if len(d.Orders) > 0 {
		w += 8
	}
	if len(d.Findings) > 0 {
		w += 4
	}
	if d.Use.State == "in-use" {
		w += 2
	}
	if d.Presence != inventory.RegisterOnly {
		w++
	}
	return w
}

type deviceView struct {
	Device   inventory.Device
	Via      *inventory.Device
	Therapy  bool
	Findings []remediation.Finding
	Orders   []remediation.WorkOrder
	Names    map[string]string // of peers, by id
}

func (s *Server) devicePage(v visitor, r *http.Request) (any, error) {
	d, err := s.device(v, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	body := deviceView{Device: d, Therapy: v.May(Therapy), Names: s.deviceNames()}
	if via, err := s.device(v, d.Via); d.Via != "" && err == nil {
		body.Via = &via
	}
	for _, f := range s.o.House.Findings() {
		if f.Device == d.ID || slices.Contains(d.Aliases, f.Device) {
			body.Findings = append(body.Findings, f)
		}
	}
	sortFindings(body.Findings)
	for _, o := range s.o.House.Orders() {
		if o.Device == d.ID || slices.Contains(d.Aliases, o.Device) {
			body.Orders = append(body.Orders, o)
		}
	}
	return body, nil
}

// deviceNames gives every id a name that a person knows.
func (s *Server) deviceNames() map[string]string {
	all := map[string]string{}
	for _, d := range s.o.House.Devices() {
		all[d.ID] = called(d)
		for _, a := range d.Aliases {
			all[a] = called(d)
		}
	}
	return all
}

// called is the shortest name by which a person knows a device.
func called(d inventory.Device) string {
	maker := d.ManufacturerCanonical
	if maker == "" {
		maker = d.Manufacturer
	}
	model := strings.TrimSpace(maker + " " + d.Model)
	switch {
	case model != "" && d.Asset != nil:
		return model + " · " + d.Asset.ControlNumber
	case model != "":
		return model
	case d.Asset != nil:
		return strings.TrimSpace(d.Asset.Manufacturer+" "+d.Asset.Model) + " · " + d.Asset.ControlNumber
	case len(d.Hostnames) > 0:
		return d.Hostnames[0]
	case len(d.AETitles) > 0:
		return d.AETitles[0]
	case len(d.IPs) > 0:
		return d.IPs[0]
	case len(d.MACs) > 0:
		return d.MACs[0]
	}
	return d.ID
}
