package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/remediation"
)

func (s *Server) apiRoutes() {
	get := func(path string, answer func(v visitor, r *http.Request) (any, error)) {
		s.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, answer) })
	}
	get("/api/v1/devices", func(v visitor, r *http.Request) (any, error) { return s.devices(v, r.FormValue("q")), nil })
	get("/api/v1/devices/{id}", func(v visitor, r *http.Request) (any, error) { return s.device(v, r.PathValue("id")) })
	get("/api/v1/findings", func(visitor, *http.Request) (any, error) { return listed(s.o.House.Findings()), nil })
	get("/api/v1/findings/{id}", func(_ visitor, r *http.Request) (any, error) { return s.finding(r.PathValue("id")) })
	get("/api/v1/orders", func(visitor, *http.Request) (any, error) { return listed(s.o.House.Orders()), nil })
	get("/api/v1/orders/{id}", func(_ visitor, r *http.Request) (any, error) { return s.order(r.PathValue("id")) })
	get("/api/v1/register", func(visitor, *http.Request) (any, error) { return s.o.House.Register(), nil })
	get("/api/v1/coverage", func(visitor, *http.Request) (any, error) { return s.o.House.Coverage(), nil })
	get("/api/v1/feeds", func(visitor, *http.Request) (any, error) { return listed(s.o.House.Feeds()), nil })
	get("/api/v1/audit", func(visitor, *http.Request) (any, error) { return s.o.House.Audit(auditPage) })
	get("/api/v1/openapi.json", func(visitor, *http.Request) (any, error) { return openAPI(s.o.Version), nil })
	get("/fhir/Device", func(v visitor, r *http.Request) (any, error) { return fhirBundle(s.devices(v, r.FormValue("q"))), nil })
	s.mux.HandleFunc("POST /api/v1/orders/{id}/{verb}", s.actOrder)
	s.mux.HandleFunc("POST /api/v1/register/{verb}", s.actMatch)
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "no such resource; see /api/v1/openapi.json")
	})
}

// auditPage is how many entries one answer holds.
const auditPage = 200

// answer serves one read: any account may.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, f func(visitor, *http.Request) (any, error)) {
	v, ok := s.who(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="auscult"`)
		problem(w, http.StatusUnauthorized, "sign in with an account; auscult user add makes one")
		return
	}
	body, err := f(v, r)
	if err != nil {
		problem(w, statusOf(err), err.Error())
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func statusOf(err error) int {
	if errors.Is(err, inventory.ErrNotFound) {
		return http.StatusNotFound
	}
	return http.StatusConflict
}

// devices are what a visitor may see of the devices that fit a search.
func (s *Server) devices(v visitor, search string) []inventory.Device {
	all := listed(s.o.House.Devices())
	kept := all[:0]
	for _, d := range all {
		if !Fits(d, search) {
			continue
		}
		kept = append(kept, s.shown(v, d))
	}
	return kept
}

// shown hides therapy from whoever has no role for it.
func (s *Server) shown(v visitor, d inventory.Device) inventory.Device {
	if v.May(Therapy) {
		return d
	}
	return d.WithoutTherapy()
}

func (s *Server) device(v visitor, key string) (inventory.Device, error) {
	d, err := s.o.House.Device(key)
	if err != nil {
		return inventory.Device{}, err
	}
	return s.shown(v, d), nil
}

func (s *Server) finding(id string) (remediation.Finding, error) {
	for _, f := range s.o.House.Findings() {
		if f.ID == id {
			return f, nil
		}
	}
	return remediation.Finding{}, inventory.ErrNotFound
}

func (s *Server) order(id string) (remediation.WorkOrder, error) {
	for _, o := range s.o.House.Orders() {
		if o.ID == id {
			return o, nil
		}
	}
	return remediation.WorkOrder{}, inventory.ErrNotFound
}

// decision is the body of a write.
type decision struct {
	Reason        string  `json:"reason"`
	Hours         float64 `json:"hours"`
	ControlNumber string  `json:"control_number"`
	Device        string  `json:"device"`
}

func (s *Server) actOrder(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(d decision) Action {
		return Action{Subject: "order", ID: r.PathValue("id"), Verb: r.PathValue("verb"), Reason: d.Reason, Hours: d.Hours}
	})
}

func (s *Server) actMatch(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, func(d decision) Action {
		return Action{Subject: "match", ID: d.ControlNumber, Device: d.Device, Verb: r.PathValue("verb"), Reason: d.Reason}
	})
}

// act serves one write of the API: JSON only, by role, with proof that it was
// meant.
func (s *Server) act(w http.ResponseWriter, r *http.Request, action func(decision) Action) {
	v, ok := s.who(r)
	if !ok {
		problem(w, http.StatusUnauthorized, "sign in with an account")
		return
	}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "want Content-Type: application/json")
		return
	}
	if !v.May(Act) || !v.honest(r) {
		problem(w, http.StatusForbidden, "this account may read only; an administrator can give it the role act")
		return
	}
	var d decision
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil && !errors.Is(err, io.EOF) {
		problem(w, http.StatusBadRequest, "the body is not the JSON that openapi.json describes")
		return
	}
	a := action(d)
	a.By = v.Name
	says, err := s.o.House.Act(r.Context(), a)
	if err != nil {
		problem(w, statusOf(err), err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"says": says})
}

// listed makes an absent list an empty one.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) //nolint:errcheck // the client is gone
}

// problem answers as RFC 9457 asks.
func problem(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": says}) //nolint:errcheck // the client is gone
}
