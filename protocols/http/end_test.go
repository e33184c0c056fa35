package http_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestEndOfABody: what ends a message is handed on behind a body that is whole, once,
// and never behind one that may have been cut.
func TestEndOfABody(t *testing.T) {
	const media = "application/x-test"
	plain := ok(media, "0123456789")
	chunks := chunked("HTTP/1.1 200 OK", media, "0123456789", 3)
	frames := frame(4, 0, 0, "") + frame(1, 4, 1, new(heads).block(":status", "200", "content-type", media))
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"by length", []step{says(acceptor, plain)}, "[0123456789$]"},
		{"by chunks", []step{says(acceptor, chunks)}, "[0123456789$]"},
		{"gzip", []step{says(acceptor, ok(media, gzipped("0123456789"), "Content-Encoding: gzip"))}, "[0123456789$]"},
		{"frames", []step{says(acceptor, frames+frame(0, 1, 1, "0123456789"))}, "[0123456789$]"},
		{"to the end of the conversation", []step{says(acceptor, "HTTP/1.1 200 OK\r\nContent-Type: "+media+"\r\n\r\n0123456789")}, "[0123456789]"},
		{"cut", []step{says(acceptor, plain[:len(plain)-2])}, "[01234567]"},
		{"cut in chunks", []step{says(acceptor, chunks[:len(chunks)-2])}, "[0123456789]"},
		{"cut gzip", []step{says(acceptor, ok(media, gzipped(strings.Repeat("0123456789", 9))[:30], "Content-Encoding: gzip"))}, ""},
		{"a hole", []step{says(acceptor, plain[:len(plain)-6]), hole(acceptor, 2), says(acceptor, plain[len(plain)-4:])}, "[0123!6789]"},
		{"cut frames", []step{says(acceptor, frames+frame(0, 0, 1, "0123456789"))}, "[0123456789]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1, 7, 1400} {
				got := &strings.Builder{}
				p := http.New(http.Reader{Media: []string{media}, End: "$", Open: func(protocols.Context) protocols.Session {
					got.WriteByte('[')
					return reader{got, 0}
				}})
				run(t, p, seen, protocoltest.Fixed(size), c.steps...)
				if whole := strings.Contains(got.String(), "$"); got.String() != c.want && (c.want != "" || whole) {
					t.Errorf("in pieces of %d the reader gets %q, want %q", size, got, c.want)
				}
			}
		})
	}
}
