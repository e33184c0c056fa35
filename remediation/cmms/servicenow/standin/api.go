package standin

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const timeForm = "2006-01-02 15:04:05"

func writeTime(t time.Time) string { return t.UTC().Format(timeForm) }

func readTime(s string) time.Time {
	t, err := time.Parse(timeForm, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("POST /oauth_token.do", s.signIn)
	s.mux.HandleFunc("GET /{$}", s.page)
	s.mux.HandleFunc("POST /edit", s.pageEdit)
	for _, version := range []string{"", "v1/", "v2/"} {
		base := "/api/now/" + version + "table/{table}"
		s.mux.HandleFunc("GET "+base, s.api(s.list, version))
		s.mux.HandleFunc("POST "+base, s.api(s.create, version))
		s.mux.HandleFunc("GET "+base+"/{id}", s.api(s.read, version))
		s.mux.HandleFunc("PATCH "+base+"/{id}", s.api(s.patch, version))
		s.mux.HandleFunc("PUT "+base+"/{id}", s.api(s.patch, version))
		s.mux.HandleFunc("DELETE "+base+"/{id}", s.api(s.remove, version))
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// request is one call of the interface, with the lock held.
type request struct {
	*http.Request
	w       http.ResponseWriter
	table   *table
	version string
	query   url.Values
}

// api wraps a handler with what comes before any: delay, quirks, sign-in, table.
func (s *Server) api(do func(*request), version string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		delay := s.quirks.Delay
		s.mu.Unlock()
		if delay > 0 {
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
				return
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.counted++
		if s.interferes(w) || !s.knows(w, r) {
			return
		}
		if r.Header.Get("Accept") != "application/json" {
			refuse(w, http.StatusBadRequest, "Invalid content-type", "the Accept header must be application/json")
			return
		}
		t := s.tables[r.PathValue("table")]
		if t == nil {
			refuse(w, http.StatusBadRequest, "Invalid table "+r.PathValue("table"), "")
			return
		}
		if s.quirks.NoAccess && slices.Contains(s.o.Tables, t.name) {
			refuse(w, http.StatusForbidden, "Operation Failed", "ACL Exception")
			return
		}
		do(&request{Request: r, w: w, table: t, version: version, query: r.URL.Query()})
	}
}

// interferes plays the quirks that come before everything.
func (s *Server) interferes(w http.ResponseWriter) bool {
	q := s.quirks
	switch {
	case q.LoginPage:
		w.Header().Set("Content-Type", "text/html;charset=UTF-8")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><title>Sign in</title><form action=login.do></form></html>"))
	case q.Unavailable:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusServiceUnavailable)
	case q.RateEvery > 0 && s.counted%q.RateEvery == 0:
		if q.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(q.RetryAfter))
		}
		w.Header().Set("X-RateLimit-Limit", "100")
		refuse(w, http.StatusTooManyRequests, "Rate limit exceeded", "Rate limit of 100 requests per hour for Table API exceeded")
	default:
		return false
	}
	return true
}

// refuse writes the documented form of an error.
func refuse(w http.ResponseWriter, code int, message, detail string) {
	reply(w, code, map[string]any{"error": map[string]string{"message": message, "detail": detail}, "status": "failure"})
}

func reply(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // a client that hangs up hears nothing
}

// columnsOf are the columns that a table has just now.
func (s *Server) columnsOf(t *table) []string {
	return slices.DeleteFunc(slices.Clone(t.columns), func(c string) bool {
		return slices.Contains(s.o.Tables, t.name) && slices.Contains(s.quirks.UnknownColumns, c)
	})
}

func (s *Server) list(r *request) {
	q := parseQuery(r.query.Get("sysparm_query"), s.columnsOf(r.table))
	all := q.run(slices.DeleteFunc(slices.Clone(r.table.records), func(x *record) bool { return x.seen.After(s.o.Now()) }))
	if q.bad && s.quirks.NoRowsOnBad {
		all = nil
	}
	limit := number(r.query.Get("sysparm_limit"), maxLimit)
	if s.quirks.PageSize > 0 {
		limit = min(limit, s.quirks.PageSize)
	}
	offset := min(number(r.query.Get("sysparm_offset"), 0), len(all))
	page := all[offset:min(len(all), offset+max(1, limit))]
	if next := offset + len(page); next < len(all) {
		r.w.Header().Add("Link", "<"+pageURL(r.Request, next)+`>;rel="next",<`+pageURL(r.Request, 0)+`>;rel="first"`)
	}
	r.w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	rows := []map[string]any{}
	for i, x := range page {
		// Access rules apply after the page was cut.
		if s.quirks.HiddenEvery > 0 && (offset+i+1)%s.quirks.HiddenEvery == 0 {
			continue
		}
		rows = append(rows, s.row(r, x))
	}
	if len(rows) == 0 && r.version == "v1/" {
		refuse(r.w, http.StatusNotFound, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
		return
	}
	reply(r.w, http.StatusOK, map[string]any{"result": rows})
}

func number(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return otherwise
	}
	return n
}

func pageURL(r *http.Request, offset int) string {
	q := r.URL.Query()
	q.Set("sysparm_offset", strconv.Itoa(offset))
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + r.URL.Path + "?" + q.Encode()
}

// row is a record as the request asks for it: unknown names are ignored.
func (s *Server) row(r *request, x *record) map[string]any {
	names := s.columnsOf(r.table)
	if f := r.query.Get("sysparm_fields"); f != "" {
		names = strings.Split(f, ",")
	}
	out := map[string]any{}
	for _, name := range names {
		column, of, dotted := strings.Cut(name, ".")
		if !slices.Contains(s.columnsOf(r.table), column) {
			continue
		}
		v := x.values[column]
		switch {
		case dotted && column == "assigned_to":
			out[name] = s.nameOf("sys_user", of, v)
		case !dotted && v != "" && (column == "assigned_to" || column == "assignment_group") &&
			(s.quirks.References || r.query.Get("sysparm_exclude_reference_link") != "true"):
			out[name] = map[string]string{"link": "https://" + r.Host + "/api/now/table/sys_user/" + v, "value": v}
		case !dotted:
			out[name] = v
		}
	}
	return out
}

func (r *request) body() (map[string]string, bool) {
	var in map[string]any
	if err := json.NewDecoder(http.MaxBytesReader(r.w, r.Body, maxBody)).Decode(&in); err != nil {
		refuse(r.w, http.StatusBadRequest, "Exception while reading request", "The payload is not valid JSON")
		return nil, false
	}
	out := map[string]string{}
	for k, v := range in {
		out[k] = fmt.Sprint(v) // every value is kept as a string
	}
	return out, true
}

func (s *Server) create(r *request) {
	in, ok := r.body()
	if !ok {
		return
	}
	x := s.insert(r.table, in)
	s.creates++
	if s.quirks.LoseCreates > 0 {
		s.quirks.LoseCreates--
		hangUp(r.w)
		return
	}
	r.w.Header().Set("Location", "http://"+r.Host+"/api/now/v2/table/"+r.table.name+"/"+x.values["sys_id"])
	reply(r.w, http.StatusCreated, map[string]any{"result": s.row(r, x)})
}

// hangUp breaks the connection without an answer.
func hangUp(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if conn, _, err := h.Hijack(); err == nil {
		_ = conn.Close()
	}
}

// insert stores a new record with what the system itself sets.
func (s *Server) insert(t *table, in map[string]string) *record {
	now := s.o.Now()
	x := &record{values: map[string]string{}, seen: now.Add(s.o.Lag)}
	for _, c := range s.columnsOf(t) {
		x.values[c] = ""
	}
	s.set(t, x, in)
	prefix := map[string]string{"incident": "INC", "wm_order": "WO"}[t.name]
	if prefix == "" {
		prefix = "TASK"
	}
	x.values["sys_id"], x.values["number"] = s.newID(), fmt.Sprintf("%s%07d", prefix, t.next)
	x.values["sys_created_on"], x.values["sys_updated_on"] = writeTime(now), writeTime(now)
	if x.values["state"] == "" {
		x.values["state"] = "1"
	}
	t.next++
	t.records = append(t.records, x)
	if len(t.records) > maxRecords {
		t.records = t.records[1:]
	}
	return x
}

// set writes the columns that the table has; journals grow.
func (s *Server) set(t *table, x *record, in map[string]string) {
	for k, v := range in {
		switch {
		case !slices.Contains(s.columnsOf(t), k) || strings.HasPrefix(k, "sys_"):
		case k == "work_notes" && v != "":
			x.values[k] = writeTime(s.o.Now()) + noteMark + v + noteEnd + x.values[k]
		default:
			x.values[k] = v
		}
	}
}

// Journal entries read as one text, newest first.
const (
	noteMark = " - Auscult (Work notes)\n"
	noteEnd  = "\n\n"
)

func splitNotes(s string) []string {
	var out []string
	for _, part := range strings.Split(s, noteEnd) {
		if _, text, found := strings.Cut(part, noteMark); found {
			out = append(out, text)
		}
	}
	slices.Reverse(out)
	return out
}

// one finds the record that the address names.
func (s *Server) one(r *request) *record {
	i := slices.IndexFunc(r.table.records, func(x *record) bool { return x.values["sys_id"] == r.PathValue("id") })
	if i < 0 {
		refuse(r.w, http.StatusNotFound, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
		return nil
	}
	return r.table.records[i]
}

func (s *Server) read(r *request) {
	if x := s.one(r); x != nil {
		reply(r.w, http.StatusOK, map[string]any{"result": s.row(r, x)})
	}
}

func (s *Server) patch(r *request) {
	x := s.one(r)
	if x == nil {
		return
	}
	in, ok := r.body()
	if !ok {
		return
	}
	s.set(r.table, x, maps.Clone(in))
	x.values["sys_updated_on"] = writeTime(s.o.Now())
	reply(r.w, http.StatusOK, map[string]any{"result": s.row(r, x)})
}

func (s *Server) remove(r *request) {
	x := s.one(r)
	if x == nil {
		return
	}
	r.table.records = slices.DeleteFunc(r.table.records, func(y *record) bool { return x == y })
	r.w.WriteHeader(http.StatusNoContent)
}
