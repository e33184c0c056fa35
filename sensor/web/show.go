package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

func (s *Server) pageRoutes() {
	s.page("GET /{$}", "overview", "overview", s.overview)
	s.page("GET /devices", "devices", "devices", s.deviceList)
	s.page("GET /devices/{id}", "device", "devices", s.devicePage)
	s.page("GET /findings", "findings", "findings", s.findingList)
	s.page("GET /findings/{id}", "finding", "findings", s.findingPage)
	s.page("GET /orders", "orders", "orders", s.orderList)
	s.page("GET /orders/{id}", "order", "orders", s.orderPage)
	s.page("GET /register", "register", "register", s.registerPage)
	s.page("GET /coverage", "coverage", "coverage", s.coveragePage)
	s.page("GET /audit", "audit", "audit", s.auditPage)
	s.mux.HandleFunc("POST /decide", s.decide)
	s.mux.HandleFunc("/", s.noPage)
}

// body is what one page shows, with its title.
type body struct {
	title string
	shows any
}

// elsewhere says that another page answers better.
type elsewhere struct{ path string }

func (e elsewhere) Error() string { return "see " + e.path }

// page serves one page to whoever is signed in.
func (s *Server) page(route, name, active string, make func(visitor, *http.Request) (body, error)) {
	s.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.signedIn(r)
		if !ok {
			s.signInFirst(w, r)
			return
		}
		b, err := make(v, r)
		var there elsewhere
		switch {
		case errors.As(err, &there):
			http.Redirect(w, r, there.path, http.StatusSeeOther)
		case err != nil:
			status, says := s.statusOf(err)
			s.trouble(w, r, v, status, says)
		default:
			s.pages.render(w, http.StatusOK, name, s.view(v, r, b.title, active, b.shows))
		}
	})
}

// signInFirst leads to the sign-in page, and from there back.
func (s *Server) signInFirst(w http.ResponseWriter, r *http.Request) {
	to := "/login"
	if back := localPath(r.URL.RequestURI()); r.Method == http.MethodGet && back != "/" {
		to += "?next=" + url.QueryEscape(back)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// noPage tells a visitor that there is no such page, and a stranger nothing.
func (s *Server) noPage(w http.ResponseWriter, r *http.Request) {
	v, ok := s.signedIn(r)
	if !ok {
		s.signInFirst(w, r)
		return
	}
	s.trouble(w, r, v, http.StatusNotFound, "There is no such page.")
}

func (s *Server) view(v visitor, r *http.Request, title, active string, shows any) view {
	said := s.sessions.said(r)
	return view{Title: title, Active: active, Site: s.o.Site, Version: s.o.Version, Who: v, CSRF: v.csrf, Path: localPath(r.URL.RequestURI()), At: s.o.Now(),
		Notice: said.done, Trouble: said.refused, Alarms: s.alarms(), Body: shows}
}

// alarms are what a person must know on any page.
func (s *Server) alarms() (all []string) {
	c := s.o.House.Coverage()
	for _, t := range c.Taps {
		if t.Transmitted > 0 {
			all = append(all, "A frame left the capture interface of "+t.Name+". Unplug it and tell the makers.")
		}
	}
	if says := quietAlarm(c.Taps); says != "" {
		all = append(all, says)
	}
	if c.Stopped {
		all = append(all, "Writing is stopped: nothing is sent to the CMMS until an administrator resumes it.")
	}
	if c.Paused != "" && !c.Stopped {
		all = append(all, "Orders do not leave: "+c.Paused+" An administrator resumes it on the Coverage page.")
	}
	return all
}

// trouble shows a person what did not work.
func (s *Server) trouble(w http.ResponseWriter, r *http.Request, v visitor, status int, says string) {
	s.pages.render(w, status, "trouble", s.view(v, r, http.StatusText(status), "", says))
}

// among returns the devices that have these ids, or had them before a merge, by
// the id that was asked for. All are looked at once, for a page at a time.
func (s *Server) among(v visitor, ids []string) map[string]*inventory.Device {
	want := map[string]bool{}
	for _, id := range ids {
		want[id] = true
	}
	found := map[string]*inventory.Device{}
	all := s.o.House.Devices()
	for i := range all {
		d := &all[i]
		known := want[d.ID]
		for _, a := range d.Aliases {
			if want[a] {
				known, found[a] = true, d
			}
		}
		if known {
			*d = s.shown(v, *d)
			found[d.ID] = d
		}
	}
	return found
}

// is reports whether an id names a device, now or before a merge.
func is(d *inventory.Device, id string) bool {
	if d.ID == id {
		return true
	}
	for _, a := range d.Aliases {
		if a == id {
			return true
		}
	}
	return false
}

// called is the shortest name by which a person knows a device. It never says
// where the device stands.
func called(d *inventory.Device) string {
	if d == nil {
		return "a device that is not known any more"
	}
	maker := d.ManufacturerCanonical
	if maker == "" {
		maker = d.Manufacturer
	}
	name := withMaker(maker, d.Model)
	if a := d.Asset; a != nil {
		if name == "" {
			name = withMaker(a.Manufacturer, a.Model)
		}
		return strings.TrimPrefix(name+" · "+a.ControlNumber, " · ")
	}
	if name != "" {
		return name
	}
	for _, list := range [][]string{d.Hostnames, d.AETitles, d.StationNames, d.IPs, d.MACs} {
		if len(list) > 0 {
			return list[0]
		}
	}
	return d.ID
}

// withMaker writes a model with its maker, once.
func withMaker(maker, model string) string {
	if strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		return model
	}
	return strings.TrimSpace(maker + " " + model)
}

// findingRow and orderRow are one line each, with the device that they are about.
type findingRow struct {
	Finding *remediation.Finding
	Device  *inventory.Device
}

type orderRow struct {
	Order  *remediation.WorkOrder
	Device *inventory.Device
}

func (r orderRow) Name() string   { return called(r.Device) }
func (r findingRow) Name() string { return called(r.Device) }
