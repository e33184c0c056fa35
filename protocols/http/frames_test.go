package http_test

import (
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const (
	endStream  = 1
	endHeaders = 4
	padded     = 8
	priority   = 0x20
)

func TestFrames(t *testing.T) {
	settings := frame(4, 0, 0, "\x00\x03\x00\x00\x00\x64")
	body := fhirDevice("1", "SN01")
	said := "2/1:fhir-server; " + record("2", "SN01")
	head := func(h *heads, fields ...string) string {
		return h.block(append([]string{":status", "200", "content-type", fhirJSON, "set-cookie", canary, "server", "b/2"}, fields...)...)
	}
	plain := func(h *heads) string { return frame(1, endHeaders, 1, head(h)) + frame(0, endStream, 1, body) }
	const server = "2/1:b/2; "
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"request", []step{says(opener, prefaceText, settings, frame(1, endHeaders|endStream, 1, new(heads).block(":method", "GET", ":scheme", "http", ":path",
			"/wado?requestType=WADO&x="+canary, "authorization", canary, "user-agent", "curl/7.88.1")))},
			"1/1:dicomweb-retrieve-client; 1/2:dicomweb-retrieve-server; 1/1:curl/7.88.1; parsed 1"},
		{"answer", []step{says(acceptor, settings, plain(&heads{}))}, server + said + "; parsed 2"},
		{"padding and priority", []step{says(acceptor, settings, frame(1, endHeaders|padded|priority, 1, "\x03\x00\x00\x00\x00\x10"+head(&heads{})+"ppp"),
			frame(0, padded, 1, "\x02"+body[:200]+"pp"), frame(0, padded|endStream, 1, "\x00"+body[200:]))}, server + said + "; parsed 2"},
		{"a block in pieces", []step{says(acceptor, settings, frame(1, 0, 1, head(&heads{})[:9]), frame(9, 0, 1, ""), frame(9, endHeaders, 1, head(&heads{})[9:]), frame(0, endStream, 1, body))},
			server + said + "; parsed 2"},
		{"trailers and pings", []step{says(acceptor, settings, frame(1, endHeaders, 1, head(&heads{})), frame(6, 0, 0, "12345678"), frame(0, 0, 1, body), frame(1, endHeaders|endStream, 1, new(heads).block("x", "y")))},
			server + said + "; parsed 2"},
		{"streams among each other", []step{says(acceptor, settings, streams(body))}, server + "2/1:fhir-server; " + record("2", "SN01") + "; " + record("2", "SN01") + "; parsed 4"},
		{"a promise keeps the table", []step{says(acceptor, settings, promised(body))}, server + said + "; parsed 2"},
		{"reset", []step{says(acceptor, settings, frame(1, endHeaders, 1, head(&heads{})), frame(0, 0, 1, body[:99]), frame(3, 0, 1, "\x00\x00\x00\x08"))}, server + "2/1:fhir-server; parsed 1; truncated 2"},
		{"a hole", []step{says(acceptor, settings, frame(1, endHeaders, 1, head(&heads{})), frame(0, 0, 1, body[:99])), hole(acceptor, 9), says(acceptor, plain(&heads{}))}, server + "2/1:fhir-server; parsed 1; truncated 2"},
		{"no settings first", []step{says(acceptor, plain(&heads{}))}, "malformed 1"},
		{"another preface", []step{says(opener, prefaceText[:20], "XX\r\n", settings)}, "malformed 1"},
		{"a block inside another", []step{says(acceptor, settings, frame(1, 0, 1, "\x88"), frame(0, 0, 1, "x"))}, "malformed 1"},
		{"data of no stream", []step{says(acceptor, settings, frame(0, 0, 0, "x"))}, "malformed 1"},
		{"padding over all", []step{says(acceptor, settings, frame(1, endHeaders|padded, 1, "\x09\x88"))}, "malformed 1"},
		{"a table that is none", []step{says(acceptor, settings, frame(1, endHeaders, 1, "\xff\xff\xff\xff\xff\xff"))}, "malformed 1"},
		{"a long setting", []step{says(acceptor, settings, frame(4, 0, 0, strings.Repeat("\x00", 20000)))}, "malformed 1"},
		{"continuations without end", []step{says(acceptor, settings, frame(1, 0, 1, ""), strings.Repeat(frame(9, 0, 1, strings.Repeat("\x88", 16000)), 9))}, "limit 1"},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, seen, c.want, c.steps...) })
	}
}

// streams are two answers whose frames alternate.
func streams(body string) string {
	h := &heads{}
	var b strings.Builder
	for _, id := range []int{1, 3} {
		b.WriteString(frame(1, endHeaders, id, h.block(":status", "200", "content-type", fhirJSON, "server", "b/2")))
	}
	for i := 0; i < len(body); i += 100 {
		for _, id := range []int{1, 3} {
			flags := byte(0)
			if i+100 >= len(body) {
				flags = endStream
			}
			b.WriteString(frame(0, flags, id, body[i:min(i+100, len(body))]))
		}
	}
	return b.String()
}

// promised puts the fields of an answer into the table by a promise before it.
func promised(body string) string {
	h := &heads{}
	first := h.block(":method", "GET", ":path", "/", "content-type", fhirJSON, "server", "b/2")
	second := h.block(":status", "200", "content-type", fhirJSON, "server", "b/2")
	return frame(5, endHeaders, 1, "\x00\x00\x00\x02"+first) + frame(1, endHeaders, 1, second) + frame(0, endStream, 1, body)
}

// TestStreamsAreBounded: more bodies at a time than the bound are not read.
func TestStreamsAreBounded(t *testing.T) {
	h := &heads{}
	var b strings.Builder
	b.WriteString(frame(4, 0, 0, ""))
	for i := range http.MaxStreams + 5 {
		b.WriteString(frame(1, endHeaders, 2*i+1, h.block(":status", "200", "content-type", fhirJSON)))
	}
	r := run(t, http.New(), seen, protocoltest.Fixed(1400), says(acceptor, b.String()))
	if r.outcomes[protocols.LimitReached] != 5 {
		t.Errorf("%s", r.counted())
	}
}

// TestTheTableIsBounded: a peer may not make the table of HPACK as large as it likes.
func TestTheTableIsBounded(t *testing.T) {
	var h heads
	h.encoder = hpack.NewEncoder(&h.buffer)
	h.encoder.SetMaxDynamicTableSizeLimit(1 << 30)
	h.encoder.SetMaxDynamicTableSize(1 << 30)
	r := run(t, http.New(), seen, protocoltest.Whole, says(acceptor, frame(4, 0, 0, ""), frame(1, endHeaders, 1, h.block(":status", "200"))))
	if r.counted() != "malformed 1" {
		t.Errorf("%s", r.counted())
	}
}
