package servicenow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/auscult/auscult/remediation"
)

// timeForm is how the interface writes times: UTC, no zone.
const timeForm = "2006-01-02 15:04:05"

// Bounds of what is taken from an answer, in bytes.
const (
	maxValue = 500 // of one value that is kept
	maxWords = 200 // of the system's own error words
)

// value is one column: a string, or an object around one when references or
// display values were asked for. Everything else reads as its JSON text.
type value string

// UnmarshalJSON accepts "x", {"value":"x"}, null, and bare numbers and booleans.
func (v *value) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	switch {
	case bytes.Equal(b, []byte("null")):
		*v = ""
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*v = value(s)
		return nil
	case len(b) > 0 && b[0] == '{':
		var o struct {
			Value *string `json:"value"`
		}
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		if o.Value != nil {
			*v = value(*o.Value)
		}
		return nil
	case len(b) > 0 && b[0] == '[':
		return errors.New("a list where a value belongs")
	}
	*v = value(b)
	return nil
}

// fields is one record.
type fields map[string]value

func (f fields) get(name string) string { return cut(string(f[name]), maxValue) }

// parseList reads {"result":[...]}.
func parseList(body []byte) ([]fields, error) {
	var a struct {
		Result *[]fields `json:"result"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("the answer is no list of records: %w", err)
	}
	if a.Result == nil {
		return nil, errors.New("the answer has no result")
	}
	return *a.Result, nil
}

// parseOne reads {"result":{...}}.
func parseOne(body []byte) (fields, error) {
	var a struct {
		Result *fields `json:"result"`
	}
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("the answer is no record: %w", err)
	}
	if a.Result == nil || *a.Result == nil {
		return nil, errors.New("the answer has no result")
	}
	return *a.Result, nil
}

// words returns the system's own error message, cut, or "".
func words(body []byte) string {
	var a struct {
		Error struct {
			Message string `json:"message"`
			Detail  string `json:"detail"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &a) != nil || a.Error.Message == "" {
		return ""
	}
	if a.Error.Detail == "" || a.Error.Detail == a.Error.Message {
		return cut(a.Error.Message, maxWords)
	}
	return cut(a.Error.Message+": "+a.Error.Detail, maxWords)
}

// order reads a record of the order table.
func (c *Connector) order(f fields) (remediation.RemoteOrder, error) {
	id := f.get("sys_id")
	if !sysID.MatchString(id) {
		return remediation.RemoteOrder{}, errors.New("a record without a usable sys_id")
	}
	assignee := f.get(c.o.PersonField + "." + c.o.PersonKey)
	if assignee == "" {
		assignee = f.get(c.o.PersonField) // the name is hidden from us; the id still says "somebody"
	}
	raw := f.get("state")
	at, err := time.Parse(timeForm, f.get("sys_updated_on"))
	if err != nil {
		at = time.Time{}
	}
	return remediation.RemoteOrder{
		ID: id, Number: f.get("number"), Key: string(f[c.o.KeyField]), State: c.state(raw, assignee), RawState: raw,
		Assignee: assignee, UpdatedAt: at.UTC(), Note: f.get("close_notes"),
		URL: c.base.String() + "/nav_to.do?uri=" + c.o.Table + ".do%3Fsys_id%3D" + id,
	}, nil
}

// cut makes one clean line of at most n bytes.
func cut(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "?"), func(r rune) bool { return r < ' ' || r == 0x7f || r == ' ' }), " ")
	if len(s) <= n {
		return s
	}
	end := n - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}
