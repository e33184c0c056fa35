package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

// endpoint is one resource of the API. The same list is served and described, so
// that the description can neither miss one nor promise one.
type endpoint struct {
	method, path string
	summary      string
	query        []parameter
	answers      any // a value of the answer's type, for its schema; nil for a described one
	takes        any // the same of the body, for a write
	needs        Role
	serve        func(w http.ResponseWriter, r *http.Request, v visitor) error
}

// parameter is one parameter of an address.
type parameter struct {
	name, says string
	number     bool
}

var (
	searchParameter = parameter{name: "q", says: "words that must all fit; type:, use:, presence:, match:, unit:, maker: and has: look at one field"}
	rangeParameters = []parameter{{"limit", "how many to answer; all when left out", true}, {"offset", "how many to leave out first", true}}
)

func (s *Server) endpoints() []endpoint {
	return slices.Concat(s.inventoryEndpoints(), s.workEndpoints(), s.recordEndpoints(), s.fhirEndpoints(), s.writeEndpoints())
}

func (s *Server) inventoryEndpoints() []endpoint {
	return []endpoint{
		{method: "GET", path: "/api/v1/devices", summary: "All devices", query: append([]parameter{searchParameter}, rangeParameters...), answers: []inventory.Device{},
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				return writeList(w, r, s.devices(v, r.FormValue("q")), itself[*inventory.Device])
			}},
		{method: "GET", path: "/api/v1/devices/{id}", summary: "One device, by id, control number, serial, MAC, IP, AE title or host name", answers: inventory.Device{},
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				d, err := s.device(v, r.PathValue("id"))
				return reply(w, d, err)
			}},
		{method: "GET", path: "/api/v1/coverage", summary: "What each tap hears, against what was declared", answers: Coverage{},
			serve: func(w http.ResponseWriter, _ *http.Request, _ visitor) error { return reply(w, s.coverage(), nil) }},
	}
}

func (s *Server) workEndpoints() []endpoint {
	return []endpoint{
		{method: "GET", path: "/api/v1/findings", summary: "All findings", query: rangeParameters, answers: []remediation.Finding{},
			serve: func(w http.ResponseWriter, r *http.Request, _ visitor) error {
				return writeList(w, r, s.o.House.Findings(), itself[remediation.Finding])
			}},
		{method: "GET", path: "/api/v1/findings/{id}", summary: "One finding", answers: remediation.Finding{},
			serve: func(w http.ResponseWriter, r *http.Request, _ visitor) error {
				f, err := s.finding(r.PathValue("id"))
				return reply(w, f, err)
			}},
		{method: "GET", path: "/api/v1/orders", summary: "All orders", query: rangeParameters, answers: []remediation.WorkOrder{},
			serve: func(w http.ResponseWriter, r *http.Request, _ visitor) error {
				return writeList(w, r, s.o.House.Orders(), itself[remediation.WorkOrder])
			}},
		{method: "GET", path: "/api/v1/orders/{id}", summary: "One order", answers: remediation.WorkOrder{},
			serve: func(w http.ResponseWriter, r *http.Request, _ visitor) error {
				o, err := s.order(r.PathValue("id"))
				return reply(w, o, err)
			}},
	}
}

func (s *Server) recordEndpoints() []endpoint {
	return []endpoint{
		{method: "GET", path: "/api/v1/register", summary: "The register: ages, match states, proposals, defects", answers: Register{},
			serve: func(w http.ResponseWriter, _ *http.Request, _ visitor) error { return reply(w, s.register(), nil) }},
		{method: "GET", path: "/api/v1/feeds", summary: "Imported advisories and their ages", answers: []Feed{},
			serve: func(w http.ResponseWriter, _ *http.Request, _ visitor) error {
				return reply(w, listed(s.o.House.Feeds()), nil)
			}},
		{method: "GET", path: "/api/v1/audit", summary: "The newest decisions, newest first", query: []parameter{{"limit", "how many, at most 10000; 200 when left out", true}}, answers: []AuditLine{},
			serve: func(w http.ResponseWriter, r *http.Request, _ visitor) error {
				limit, err := number(r, "limit", auditPage)
				if err != nil {
					return err
				}
				lines, err := s.o.House.Audit(min(limit, maxAudit))
				return reply(w, listed(lines), err)
			}},
		{method: "GET", path: "/api/v1/openapi.json", summary: "This description",
			serve: func(w http.ResponseWriter, _ *http.Request, _ visitor) error {
				return reply(w, s.openAPI(), nil)
			}},
	}
}

const (
	// auditPage is how many decisions one page shows, maxAudit how far back the
	// page and the API reach; auscult audit reads all of them.
	auditPage = 200
	maxAudit  = 10_000
)

func (s *Server) apiRoutes() {
	for _, e := range s.endpoints() {
		s.mux.HandleFunc(e.method+" "+e.path, func(w http.ResponseWriter, r *http.Request) { s.serveAPI(w, r, e) })
	}
	for _, root := range []string{"/api/", "/fhir/"} {
		s.mux.HandleFunc(root, s.noEndpoint)
	}
}

// serveAPI serves one endpoint to whoever may.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request, e endpoint) {
	v, refused := s.who(r)
	if refused != nil {
		if refused.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="auscult", charset="UTF-8"`)
		} else {
			w.Header().Set("Retry-After", strconv.Itoa(int(throttleWait.Seconds())))
		}
		problem(w, refused.status, refused.says)
		return
	}
	err := e.mayWrite(r, v)
	if err == nil {
		err = e.serve(w, r, v)
	}
	if err != nil {
		s.problemOf(w, err)
	}
}

// mayWrite refuses a write that the account may not do, or that was not meant.
func (e endpoint) mayWrite(r *http.Request, v visitor) error {
	switch {
	case e.method == http.MethodGet:
		return nil
	case !v.May(e.needs):
		return failf(http.StatusForbidden, "this account lacks the role %s; an administrator can give it", e.needs)
	case !v.honest(r):
		return failf(http.StatusForbidden, "send the session's token as X-CSRF-Token, or use a bearer token and no browser")
	}
	return nil
}

// noEndpoint answers where nothing is, or nothing with that method.
func (s *Server) noEndpoint(w http.ResponseWriter, r *http.Request) {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = m
		if _, pattern := s.mux.Handler(probe); pattern != "/api/" && pattern != "/fhir/" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) > 0 {
		w.Header()["Allow"] = allowed
		problem(w, http.StatusMethodNotAllowed, "this resource does not take "+r.Method+"; see /api/v1/openapi.json")
		return
	}
	problem(w, http.StatusNotFound, "no such resource; see /api/v1/openapi.json")
}

// devices are the devices that fit a search, as far as the visitor may see them:
// a search never finds by what is not shown. They point into a copy of ours.
func (s *Server) devices(v visitor, search string) []*inventory.Device {
	all, words := s.o.House.Devices(), searchWords(search)
	kept := make([]*inventory.Device, 0, len(all))
	for i := range all {
		all[i] = s.shown(v, all[i])
		if fits(&all[i], words) {
			kept = append(kept, &all[i])
		}
	}
	return kept
}

// device opens one device as the visitor may see it.
func (s *Server) device(v visitor, key string) (inventory.Device, error) {
	d, err := s.o.House.Device(key)
	switch {
	case errors.Is(err, inventory.ErrNotFound):
		return inventory.Device{}, err
	case err != nil:
		return inventory.Device{}, failure{http.StatusConflict, err.Error()}
	}
	return s.shown(v, d), nil
}

func (s *Server) finding(id string) (remediation.Finding, error) {
	return byID(s.o.House.Findings(), id, func(f *remediation.Finding) string { return f.ID })
}

func (s *Server) order(id string) (remediation.WorkOrder, error) {
	return byID(s.o.House.Orders(), id, func(o *remediation.WorkOrder) string { return o.ID })
}

func byID[T any](all []T, id string, idOf func(*T) string) (found T, err error) {
	for i := range all {
		if idOf(&all[i]) == id {
			return all[i], nil
		}
	}
	return found, inventory.ErrNotFound
}

// register and coverage have no absent list: a script gets [] and not null.
func (s *Server) register() Register {
	r := s.o.House.Register()
	r.Matches, r.Defects = listed(r.Matches), listed(r.Defects)
	return r
}

func (s *Server) coverage() Coverage {
	c := s.o.House.Coverage()
	c.Taps, c.Holes, c.Protocols, c.Encrypted = listed(c.Taps), listed(c.Holes), listed(c.Protocols), listed(c.Encrypted)
	return c
}
