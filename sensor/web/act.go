package web

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/auscult/auscult/inventory"
)

// maxReason bounds what a person gives as a reason, in characters.
const maxReason = 200

// orderDecision and matchDecision are the bodies of writes.
type orderDecision struct {
	Reason string `json:"reason"`
}

type matchDecision struct {
	ControlNumber string `json:"control_number"`
	Device        string `json:"device"`
	Reason        string `json:"reason"`
}

// verbsOf are all decisions on a subject; which are possible now is for the room
// that owns it to say.
func verbsOf(subject string) []string {
	switch subject {
	case "order":
		return []string{"send", "attest", "hold", "release", "cancel", "retry"}
	case "match":
		return []string{"confirm", "reject"}
	case "switch":
		return []string{"stop", "resume"}
	}
	return nil
}

// roleFor is who may decide about a subject.
func roleFor(subject string) Role {
	if subject == "switch" {
		return Admin
	}
	return Act
}

func (s *Server) writeEndpoints() []endpoint {
	says := map[string]string{
		"send": "Let a draft go to the CMMS", "attest": "Say, as the person at the device, that work may start (for 4 hours at most), or that the cause is gone",
		"hold": "Hold an order", "release": "End a hold of a person", "cancel": "End an order", "retry": "Try again",
		"confirm": "A record and a device are one", "reject": "A record and a device are not one",
	}
	var all []endpoint
	for _, verb := range verbsOf("order") {
		all = append(all, endpoint{method: "POST", path: "/api/v1/orders/{id}/" + verb, summary: says[verb], takes: orderDecision{}, answers: outcome{}, needs: Act,
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				return s.write(w, r, v, &orderDecision{}, func(body any) Action {
					return Action{Subject: "order", ID: r.PathValue("id"), Verb: verb, Reason: body.(*orderDecision).Reason}
				})
			}})
	}
	for _, verb := range verbsOf("match") {
		all = append(all, endpoint{method: "POST", path: "/api/v1/register/" + verb, summary: says[verb], takes: matchDecision{}, answers: outcome{}, needs: Act,
			serve: func(w http.ResponseWriter, r *http.Request, v visitor) error {
				return s.write(w, r, v, &matchDecision{}, func(body any) Action {
					d := body.(*matchDecision)
					return Action{Subject: "match", ID: d.ControlNumber, Device: d.Device, Verb: verb, Reason: d.Reason}
				})
			}})
	}
	return all
}

// outcome is the answer to a write.
type outcome struct {
	Says string `json:"says"`
}

// write serves one decision of the API: JSON only.
func (s *Server) write(w http.ResponseWriter, r *http.Request, v visitor, body any, action func(any) Action) error {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return failf(http.StatusUnsupportedMediaType, "want Content-Type: application/json")
	}
	if err := decodeBody(r.Body, body); err != nil {
		return err
	}
	says, err := s.carryOut(r, v, action(body))
	return reply(w, outcome{says}, err)
}

// decodeBody reads one JSON object, or nothing, strictly.
func decodeBody(from io.Reader, body any) error {
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	err := d.Decode(body)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	var large *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return nil
	case errors.As(err, &large):
		return err
	}
	return failf(http.StatusBadRequest, "the body is not the JSON that openapi.json describes")
}

// carryOut passes a person's decision on to the house. Whoever calls it has
// checked who decides and that it was meant.
func (s *Server) carryOut(r *http.Request, v visitor, a Action) (string, error) {
	a.By, a.Reason = v.Name, strings.TrimSpace(a.Reason)
	switch {
	case !slices.Contains(verbsOf(a.Subject), a.Verb):
		return "", failf(http.StatusBadRequest, "There is no such decision.")
	case !v.May(roleFor(a.Subject)):
		return "", failf(http.StatusForbidden, "Your account lacks the role %s. An administrator can give it.", roleFor(a.Subject))
	case utf8.RuneCountInString(a.Reason) > maxReason || !utf8.ValidString(a.Reason) || strings.ContainsFunc(a.Reason, unicode.IsControl):
		return "", failf(http.StatusBadRequest, "The reason must be one line of at most %d characters.", maxReason)
	}
	says, err := s.o.House.Act(r.Context(), a)
	switch {
	case errors.Is(err, inventory.ErrNotFound):
		return "", failure{http.StatusNotFound, err.Error()}
	case err != nil:
		return "", failure{http.StatusConflict, err.Error()} // the house says what is possible
	}
	return says, nil
}
