package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/auscult/auscult/inventory"
)

// failure is an error with its HTTP status; its words are for the visitor.
type failure struct {
	status int
	says   string
}

func (f failure) Error() string { return f.says }

func failf(status int, format string, args ...any) error {
	return failure{status, fmt.Sprintf(format, args...)}
}

// statusOf says how an error is answered and in what words. What was not written
// for visitors stays in the log.
func (s *Server) statusOf(err error) (int, string) {
	var f failure
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f.status, f.says
	case errors.Is(err, inventory.ErrNotFound):
		return http.StatusNotFound, "Nothing has this id."
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, "This is more than a decision needs."
	}
	s.o.Log.Error("page", "error", err)
	return http.StatusInternalServerError, "This could not be read. The log of the sensor says why."
}

// problem answers as RFC 9457 asks.
func problem(w http.ResponseWriter, status int, says string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": says}) // the client is gone
}

func (s *Server) problemOf(w http.ResponseWriter, err error) {
	status, says := s.statusOf(err)
	problem(w, status, says)
}

// reply answers with one value, or hands the error on.
func reply(w http.ResponseWriter, body any, err error) error {
	return replyAs(w, "application/json; charset=utf-8", body, err)
}

func replyAs(w http.ResponseWriter, media string, body any, err error) error {
	if err != nil {
		return err
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", media)
	_, _ = w.Write(append(raw, '\n')) // the client is gone
	return nil
}

// span is the part of a list that a request asks for.
type span struct{ from, to, limit int }

// spanOf reads a limit and an offset; without a limit all is asked for.
func spanOf(r *http.Request, limitName, offsetName string, n int) (span, error) {
	limit, err := number(r, limitName, max(n, 1))
	if err != nil {
		return span{}, err
	}
	offset, err := number(r, offsetName, 0)
	if err != nil {
		return span{}, err
	}
	from := min(offset, n)
	return span{from, from + min(limit, n-from), limit}, nil
}

func number(r *http.Request, name string, otherwise int) (int, error) {
	given := r.FormValue(name)
	if given == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < 0 {
		return 0, failf(http.StatusBadRequest, "%s: want a number from 0", name)
	}
	return n, nil
}

// further is the address of the part of a list that follows.
func further(r *http.Request, offsetName string, to int) string {
	q := r.URL.Query()
	q.Set(offsetName, strconv.Itoa(to))
	return (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
}

// itself shows an element as it is.
func itself[T any](v *T) any { return v }

// writeList writes a list element by element, so that twenty thousand devices
// are never held as one text; where a limit leaves some over, a Link header names
// the rest (RFC 8288).
func writeList[T any](w http.ResponseWriter, r *http.Request, all []T, show func(*T) any) error {
	part, err := spanOf(r, "limit", "offset", len(all))
	if err != nil {
		return err
	}
	if part.to < len(all) {
		w.Header().Set("Link", "<"+further(r, "offset", part.to)+`>; rel="next"`)
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	unhurried(w)
	return writeElements(w, "[", "]\n", all[part.from:part.to], show)
}

// writeElements writes elements with commas between. Once the first byte is out
// an error can only break the answer off: without its end it is no JSON, and the
// client sees that it was cut.
func writeElements[T any](w http.ResponseWriter, begin, end string, all []T, show func(*T) any) error {
	_, err := w.Write([]byte(begin))
	for i := range all {
		if err != nil {
			return nil // the client is gone
		}
		var raw []byte
		if raw, err = json.Marshal(show(&all[i])); err != nil {
			return nil // cut, as said above
		}
		if i > 0 {
			raw = append([]byte(",\n"), raw...)
		}
		_, err = w.Write(raw)
	}
	_, _ = w.Write([]byte(end)) // the client is gone
	return nil
}

// unhurried gives a signed-in script time to read a long list.
func unhurried(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(listTime)) // not every writer has a deadline
}

// listed makes an absent list an empty one.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
