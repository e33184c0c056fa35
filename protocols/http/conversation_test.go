package http_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

var seen = protocols.Context{OpenerKnown: true}

func TestMessages(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"one each", []step{says(opener, get("/?token="+canary, "User-Agent: curl/7.88.1")), says(acceptor, ok("text/html", "<p>"+canary, "Server: nginx/1.22.1 ("+canary+")"))},
			"1/1:curl/7.88.1; 2/1:nginx/1.22.1; parsed 2"},
		{"a browser names others", []step{says(opener, get("/", "User-Agent: Mozilla/5.0 (X) Gecko/1"))}, "parsed 1"},
		{"no version", []step{says(acceptor, ok("text/html", "", "Server: "+canary))}, "parsed 1"},
		{"passed on", []step{says(opener, get("/", "User-Agent: curl/7.88.1", "X-Forwarded-For: 192.0.2.9")), says(acceptor, ok("a/b", "", "Server: x/1", "Via: 1.1 y"))}, "parsed 2"},
		{"pipelined", []step{says(opener, strings.Repeat(get("/", "User-Agent: a/1"), 5)), says(acceptor, strings.Repeat(ok("a/b", long, "Server: b/2"), 5))},
			"1/1:a/1; 2/1:b/2; parsed 10"},
		{"an answer alone", []step{says(acceptor, ok("a/b", long, "Server: b/2"), ok("a/b", "z"))}, "2/1:b/2; parsed 2"},
		{"chunks", []step{says(acceptor, chunked("HTTP/1.1 200 OK", "a/b", long, 700), ok("a/b", "", "Server: b/2"))}, "2/1:b/2; parsed 2"},
		{"to the end", []step{says(acceptor, "HTTP/1.0 200 OK\r\nServer: b/2\r\n\r\n"+long)}, "2/1:b/2; parsed 1"},
		{"bare line feeds", []step{says(acceptor, "\r\n\nHTTP/1.1 204 x\nserver:b/2\n\nHTTP/1.1 304 x\n\n")}, "2/1:b/2; parsed 2"},
		{"answers to HEAD", []step{says(opener, strings.Replace(get("/"), "GET", "HEAD", 1)), says(acceptor, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", ok("a/b", "x", "Server: b/2"))}, "2/1:b/2; parsed 3"},
		{"answers to HEAD that was not seen", []step{says(acceptor, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", ok("a/b", "HTTP/x", "Server: b/2"))}, "2/1:b/2; parsed 2"},
		{"continue", []step{says(opener, message("POST / HTTP/1.1", long)), says(acceptor, "HTTP/1.1 100 Continue\r\n\r\n", ok("a/b", "x", "Server: b/2"))}, "2/1:b/2; parsed 3"},
		{"another protocol follows", []step{says(opener, get("/", "Upgrade: websocket")), says(acceptor, "HTTP/1.1 101 x\r\n\r\n", long), says(opener, long)}, "parsed 2"},
		{"a tunnel", []step{says(opener, "CONNECT x:1 HTTP/1.1\r\n\r\n", "\x16\x03"), says(acceptor, "HTTP/1.1 200 x\r\n\r\n\x16")}, "parsed 1"},
		{"folded", []step{says(acceptor, "HTTP/1.1 204 x\r\nX: 1\r\n Server: "+canary+"/1\r\nServer: b/2\r\n\r\n")}, "2/1:b/2; parsed 1"},
		{"two lengths", []step{says(acceptor, "HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")}, "malformed 1"},
		{"no number", []step{says(acceptor, "HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n")}, "malformed 1"},
		{"a length over all bounds", []step{says(acceptor, "HTTP/1.1 200 x\r\nContent-Length: 99999999999999999999\r\n\r\n")}, "malformed 1"},
		{"a line without colon, then a message", []step{says(acceptor, "HTTP/1.1 200 x\r\nnothing\r\n\r\nHTTP/1.1 204 x\r\nServer: b/2\r\n\r\n")}, "2/1:b/2; parsed 1; malformed 1; resynchronised 1"},
		{"a chunk size that is none", []step{says(acceptor, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")}, "malformed 1"},
		{"a chunk that is longer", []step{says(acceptor, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n")}, "malformed 1"},
		{"fields without end", []step{says(acceptor, "HTTP/1.1 200 x\r\n", strings.Repeat("X: y\r\n", 20000))}, "limit 1"},
		{"a field without end", []step{says(acceptor, "HTTP/1.1 200 x\r\nCookie: ", strings.Repeat("y", 2*http.MaxHead))}, "limit 1"},
		{"a target without end", []step{says(opener, "GET /", strings.Repeat("y", 2*http.MaxHead))}, "limit 1"},
		{"a length that is padded", []step{says(acceptor, "HTTP/1.1 200 x\r\nContent-Length: ", strings.Repeat("0", 999), "1\r\n\r\n")}, "limit 1"},
		{"a long target", []step{says(opener, "GET /"+strings.Repeat("y", 5000)+"?"+long+" HTTP/1.1\r\nUser-Agent: a/1\r\n\r\n")}, "1/1:a/1; parsed 1"},
		{"cut in a head", []step{says(opener, get("/")[:30])}, "truncated 1"},
		{"cut in a body", []step{says(acceptor, ok(fhirJSON, `{"resourceType":"Bundle"}`)[:120])}, "2/1:fhir-server; truncated 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checks(t, seen, c.want, c.steps...)
		})
	}
}

// TestEveryConversationHasRoles: once, about the sender.
func TestEveryConversationHasRoles(t *testing.T) {
	r := run(t, http.New(), seen, protocoltest.Whole, says(opener, get("/"), get("/")), says(acceptor, ok("a/b", ""), ok("a/b", "")))
	want := "192.0.2.1 about 1\n  role=http-client (start line) 0.90\n192.0.2.2 about 1\n  role=http-server (start line) 0.90\nparsed 4"
	if r.print() != want {
		t.Errorf("says\n%s", r.print())
	}
}

// TestUnwantedBodiesArePassedOver: of bodies that nobody reads, flow is asked to
// drop what it can.
func TestUnwantedBodiesArePassedOver(t *testing.T) {
	body := strings.Repeat("x", 1<<20)
	for name, m := range map[string]string{
		"by length":  ok("image/jpeg", body),
		"by chunks":  chunked("HTTP/1.1 200 OK", "image/jpeg", body, 1<<18),
		"to the end": "HTTP/1.1 200 OK\r\n\r\n" + body,
		"JSON":       ok("application/json", `{"a":"`+body+`"}`),
		"frames":     frame(4, 0, 0, "") + frame(1, 4, 1, new(heads).block(":status", "200")) + frame(0, 1, 1, body),
	} {
		r := run(t, http.New(), seen, protocoltest.Fixed(1400), says(opener, get("/")), says(acceptor, m))
		if r.skipped[acceptor] < 1<<20-6*1400 {
			t.Errorf("%s: %d octets passed over", name, r.skipped[acceptor])
		}
		if r.outcomes[protocols.Parsed] != 2 {
			t.Errorf("%s: %s", name, r.counted())
		}
	}
}

func TestHoles(t *testing.T) {
	late := protocols.Context{Midstream: true}
	answer := ok("a/b", "x", "Server: b/2")
	big := ok("image/x", strings.Repeat("x", 5000), "Server: b/2")
	wanted := ok(fhirJSON, bundle(fhirDevice("1", "SN01")))
	for _, c := range []struct {
		name  string
		from  protocols.Context
		steps []step
		want  string
	}{
		{"joined in a body", late, []step{says(acceptor, "xx}HTTP/1.1 200 OK\r\nContent-Length: 0\r\nServer: b/2\r\n\r\n")}, "2/1:b/2; parsed 1; resynchronised 1"},
		{"joined in a head", late, []step{says(opener, "ookie: "+canary+"\r\n\r\n", get("/", "User-Agent: a/1"))}, "1/1:a/1; parsed 1; resynchronised 1"},
		{"joined behind a body without line end", late, []step{says(opener, "a=b", get("/?"+canary, "User-Agent: a/1"))}, "1/1:a/1; parsed 1; resynchronised 1"},
		{"a hole in a head", seen, []step{says(acceptor, answer[:20]), hole(acceptor, 9), says(acceptor, answer[60:], answer)}, "2/1:b/2; parsed 1; truncated 1; resynchronised 1"},
		{"a hole in a body that nobody wants", seen, []step{says(acceptor, big[:len(big)-4990]), hole(acceptor, 990), says(acceptor, big[len(big)-4000:], answer)}, "2/1:b/2; parsed 2"},
		{"a hole in a body that is read", seen, []step{says(acceptor, wanted[:len(wanted)-900]), hole(acceptor, 100), says(acceptor, wanted[len(wanted)-800:], answer)},
			"2/1:fhir-server; 2/1:b/2; parsed 2; truncated 1"},
		{"a hole of unknown length in a body", seen, []step{says(acceptor, wanted[:len(wanted)-900]), hole(acceptor, 0), says(acceptor, wanted[len(wanted)-800:], answer)},
			"2/1:fhir-server; 2/1:b/2; parsed 1; truncated 2; resynchronised 1"},
		{"nothing of it", late, []step{says(acceptor, strings.Repeat("\xff\xd8\n", http.MaxSeek/2))}, ""},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, c.from, c.want, c.steps...) })
	}
}

// TestReaders: other rooms get bodies without framing, unpacked, part by part.
func TestReaders(t *testing.T) {
	const media = "Application/X-Test; charset=utf-8"
	stow := multipart("b-1", "application/dicom", "one\r\n--b\r\n", "image/jpeg", "\xff", "application/dicom", "")
	for _, c := range []struct{ name, message, want string }{
		{"by length", ok(media, "abc"), "[abc]"},
		{"in chunks", chunked("HTTP/1.1 200 OK", media, "abcdefghi", 4), "[abcdefghi]"},
		{"to the end", "HTTP/1.1 200 OK\r\nContent-Type: " + media + "\r\n\r\nabc", "[abc]"},
		{"gzip", ok(media, gzipped("abc"), "Content-Encoding: gzip"), "[abc]"},
		{"deflate", ok(media, deflated("abc"), "Content-Encoding: deflate"), "[abc]"},
		{"of a request", message("POST / HTTP/1.1", "abc", "Content-Type: "+media), "[abc]"},
		{"another coding", ok(media, "abc", "Content-Encoding: lz4"), ""},
		{"no body", ok(media, ""), ""},
		{"parts", ok(`multipart/related; type="application/dicom"; boundary="b-1"`, stow), "[one\r\n--b\r\n][]"},
		{"a part at the very beginning", ok(`multipart/related; type="application/dicom"; boundary=b`, "--b\r\nContent-Type: application/dicom\r\n\r\nx\r\n--b--"), "[x]"},
		{"parts that nobody wants", ok(`multipart/related; type="image/jpeg"; boundary=b-1`, stow), ""},
	} {
		for _, size := range []int{1 << 30, 1, 7} {
			p, all := noting(0)
			from := opener
			if strings.HasPrefix(c.message, "HTTP") {
				from = acceptor
			}
			checkNoCanary(t, run(t, p, seen, protocoltest.Fixed(size), says(from, c.message)))
			if got := all.String(); got != c.want {
				t.Errorf("%s, in pieces of %d: %q, want %q", c.name, size, got, c.want)
			}
		}
	}
}

// TestReadersMaySkip: what a reader need not see, flow need not, either.
func TestReadersMaySkip(t *testing.T) {
	for _, m := range []string{ok("application/x-test", strings.Repeat("x", 9000)), ok("application/x-test", gzipped(strings.Repeat("x", 9000)), "Content-Encoding: gzip")} {
		p, all := noting(8000)
		r := run(t, p, seen, protocoltest.Fixed(500), says(acceptor, m, ok("a/b", "", "Server: b/2")))
		if n := len(all.String()); n > 1500 && !strings.Contains(m, "gzip") || !strings.Contains(r.short(), "b/2") {
			t.Errorf("the reader got %d octets: %s", n, r.short())
		}
	}
}

// TestBombs: a compressed body is bounded in both forms, and what comes out of all those
// of one side grows with what that side sent.
func TestBombs(t *testing.T) {
	packed := gzipped(strings.Repeat("x", 10*http.MaxUnpacked))
	bomb := ok("application/x-test", packed, "Content-Encoding: gzip")
	small := ok("application/x-test", gzipped("small"), "Content-Encoding: gzip")
	for _, c := range []struct {
		name  string
		steps []step
		sent  int // compressed
		want  string
	}{
		{"one", []step{says(acceptor, bomb)}, len(packed), "parsed 1; bomb 1"},
		{"many", []step{says(acceptor, strings.Repeat(bomb, 5))}, 5 * len(packed), "parsed 5; bomb 5"},
		{"cut", []step{says(acceptor, bomb[:len(bomb)/2])}, len(packed) / 2, "truncated 1"},
		{"behind what is small", []step{says(acceptor, strings.Repeat(small, 20), gzipBomb(20))}, 20*len(gzipped("small")) + len(gzipped(strings.Repeat("x", 20<<10))), "parsed 21"},
		{"on streams", []step{says(acceptor, bombStreams(5, packed))}, 5 * len(packed), "parsed 5; bomb 5"},
		{"honest", []step{says(acceptor, ok("application/x-test", gzipped(strings.Repeat("x", http.FreeUnpacked)), "Content-Encoding: gzip"))}, 99, "parsed 1"},
	} {
		p, all := noting(0)
		r := run(t, p, seen, protocoltest.Fixed(1400), c.steps...)
		if bound := http.FreeUnpacked + http.MaxRatio*c.sent; all.Len() > bound+99 || r.counted() != c.want {
			t.Errorf("%s: %d octets came out of %d, %s", c.name, all.Len(), c.sent, r.counted())
		}
	}
}

func gzipBomb(kib int) string {
	return ok("application/x-test", gzipped(strings.Repeat("x", kib<<10)), "Content-Encoding: gzip")
}

// bombStreams sends a compressed body on each of some streams.
func bombStreams(n int, packed string) string {
	var h heads
	all := frame(4, 0, 0, "")
	for i := range n {
		id := 2*i + 1
		all += frame(1, 4, id, h.block(":status", "200", "content-type", "application/x-test", "content-encoding", "gzip"))
		all += frame(0, 1, id, packed)
	}
	return all
}

// unfinished begins a compressed body of n octets that lacks its end.
func unfinished(n int) string {
	m := ok("application/x-test", strings.Repeat("x", n+1), "Content-Encoding: gzip")
	return m[:len(m)-1]
}

// TestCompressedBodiesAreBounded: what is not unpacked yet is held up to a bound for each
// conversation, whatever its sides and streams.
func TestCompressedBodiesAreBounded(t *testing.T) {
	var h heads
	streams := frame(4, 0, 0, "")
	for i := range http.MaxStreams {
		streams += frame(1, 4, 2*i+1, h.block(":status", "200", "content-type", "application/x-test", "content-encoding", "gzip")) +
			frame(0, 0, 2*i+1, strings.Repeat("x", http.MaxCompressed/4))
	}
	for name, steps := range map[string][]step{
		"one side":   {says(acceptor, unfinished(2*http.MaxCompressed))},
		"both sides": {says(acceptor, unfinished(http.MaxCompressed*3/4)), says(opener, "POST / HTTP/1.1"+strings.TrimPrefix(unfinished(http.MaxCompressed*3/4), "HTTP/1.1 200 OK"))},
		"streams":    {says(acceptor, streams)},
	} {
		p, _ := noting(0)
		r := run(t, p, seen, protocoltest.Fixed(1400), steps...)
		if r.outcomes[protocols.LimitReached] == 0 || r.kept > http.MaxCompressed+4*http.MaxHead {
			t.Errorf("%s: held %d, %s", name, r.kept, r.counted())
		}
		if n := http.HeldBytes(p); n != 0 {
			t.Errorf("%s: %d octets are counted behind the end", name, n)
		}
	}
}

// TestAllCompressedBodiesAreBounded: together, too, and who finds the store full finds
// room again when others have ended.
func TestAllCompressedBodiesAreBounded(t *testing.T) {
	p, _ := noting(0)
	body, out := []byte(unfinished(http.MaxCompressed-1)), (&result{}).sink()
	var open []protocols.Session
	for range http.MaxHeld/http.MaxCompressed + 50 {
		s := p.Open(seen)
		s.Segment(protocols.Segment{When: start, Direction: acceptor, Bytes: body}, out)
		open = append(open, s)
	}
	kept := 0
	for _, s := range open {
		kept += http.KeptBytes(s)
		s.Close(out)
	}
	if kept < http.MaxHeld/2 || kept > http.MaxHeld+len(open)*2048 || http.HeldBytes(p) != 0 {
		t.Errorf("%d octets were held of %d, %d at the end", kept, http.MaxHeld, http.HeldBytes(p))
	}
	r := run(t, p, seen, protocoltest.Whole, says(acceptor, gzipBomb(1)))
	if r.counted() != "parsed 1" {
		t.Errorf("behind the flood: %s", r.counted())
	}
}
