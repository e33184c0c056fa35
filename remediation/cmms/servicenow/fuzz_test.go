package servicenow_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/auscult/auscult/remediation"
	"github.com/auscult/auscult/remediation/cmms/servicenow"
)

// FuzzAnswer gives any answer to a search, a create and a read. Whatever it is: an
// error has a kind and no result with it; what is found carries the key that was
// asked for; texts are bounded and clean; and a create is never called undone
// after a success.
func FuzzAnswer(f *testing.F) {
	id := strings.Repeat("a", 32)
	for _, s := range []string{
		`{"result":[]}`, `{"result":[{"sys_id":"` + id + `","number":"INC1","state":"1","correlation_id":"` + key + `"}]}`,
		`{"result":{"sys_id":"` + id + `","correlation_id":{"value":"` + key + `"},"assigned_to":{"link":"x","value":"y"},"state":3}}`,
		`{"result":null}`, `{"result":[null]}`, `{"error":{"message":"x","detail":"y"},"status":"failure"}`, `[`, ``, `{"result":[[]]}`,
		`{"result":{"sys_id":["` + id + `"]}}`,
	} {
		f.Add(s, 200)
		f.Add(s, 201)
		f.Add(s, 404)
	}
	body, code := "", 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	}))
	f.Cleanup(server.Close)
	c, err := servicenow.New(servicenow.Options{URL: server.URL, Auth: servicenow.Auth{User: "u", Password: servicenow.NewSecret("p")}}, nil)
	if err != nil {
		f.Fatal(err)
	}
	x := ticket()
	x.Person, x.Queue = "", ""
	f.Fuzz(func(t *testing.T, b string, n int) {
		body, code = b, 200+(n%400+400)%400
		found, err := c.Find(ctx, key)
		if err != nil && found != nil {
			t.Error("orders and an error")
		}
		for _, o := range found {
			if o.Key != key {
				t.Errorf("found an order of key %q", o.Key)
			}
			clean(t, o)
		}
		made, err := c.Create(ctx, x)
		if err == nil {
			clean(t, made)
		} else if code < 300 && remediation.KindOf(err) != remediation.Lost && code != 204 {
			t.Errorf("a create that ended with %d is %s: %v", code, remediation.KindOf(err), err)
		}
		read, err := c.Read(ctx, id)
		if err == nil {
			if clean(t, read); read.ID != id {
				t.Errorf("read another order: %q", read.ID)
			}
		}
		if err != nil && (len(err.Error()) > 1000 || !utf8.ValidString(err.Error())) {
			t.Errorf("the error is %d bytes", len(err.Error()))
		}
	})
}

func clean(t *testing.T, o remediation.RemoteOrder) {
	t.Helper()
	for _, s := range []string{o.ID, o.Number, o.RawState, o.Assignee, o.URL, o.Note} {
		if len(s) > 700 || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r") {
			t.Errorf("a text of %d bytes is not clean: %q", len(s), s)
		}
	}
	if len(o.ID) != 32 {
		t.Errorf("id %q", o.ID)
	}
}
