package http_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
)

func probe(b []byte, midstream bool) protocols.Verdict {
	return http.New().Probe(protocols.Opening{Transport: protocols.TCP, FromPort: 1, ToPort: 2, Midstream: midstream, Bytes: b})
}

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	long := strings.Repeat("x", protocols.ProbeLimit)
	for _, c := range []struct {
		name, bytes string
		late        bool
		want        protocols.Verdict
	}{
		{"request", "GET / HTTP/1.1\r\n", false, protocols.Yes},
		{"bare line feed", "POST /x HTTP/1.0\n", false, protocols.Yes},
		{"absolute", "GET http://x/ HTTP/1.1\r\n", false, protocols.Yes},
		{"all of a server", "OPTIONS * HTTP/1.1\r\n", false, protocols.Yes},
		{"tunnel", "CONNECT x:443 HTTP/1.1\r\n", false, protocols.Yes},
		{"a long target", "GET /" + long, false, protocols.Yes},
		{"answer", "HTTP/1.1 200 OK", false, protocols.Yes},
		{"answer without reason", "HTTP/1.0 404\r\n", false, protocols.Yes},
		{"preface", prefaceText, false, protocols.Yes},
		{"settings", frame(4, 0, 0, "\x00\x03\x00\x00\x00\x64"), false, protocols.Yes},
		{"no settings", frame(4, 0, 0, ""), false, protocols.Yes},
		{"part of a method", "PROPF", false, protocols.More},
		{"part of a target", "GET /x", false, protocols.More},
		{"part of a version", "GET /x HTTP/1", false, protocols.More},
		{"part of a status", "HTTP/1.1 2", false, protocols.More},
		{"part of a frame", "\x00\x00\x06\x04", false, protocols.More},
		{"nothing", "", false, protocols.More},
		{"SIP", "OPTIONS sip:x SIP/2.0\r\n", false, protocols.No},
		{"RTSP", "OPTIONS rtsp://x RTSP/1.0\r\n", false, protocols.No},
		{"another version", "GET / HTTP/3.1\r\n", false, protocols.No},
		{"no version", "GET /\r\n", false, protocols.No},
		{"a method alone", "GETX / HTTP/1.1\r\n", false, protocols.No},
		{"status of six hundred", "HTTP/1.1 600 x", false, protocols.No},
		{"acknowledged settings first", frame(4, 1, 0, ""), false, protocols.No},
		{"settings on a stream", frame(4, 0, 1, ""), false, protocols.No},
		{"an unknown setting", frame(4, 0, 0, "\x77\x03\x00\x00\x00\x64"), false, protocols.No},
		{"DICOM", "\x01\x00\x00\x00\x00\xcd\x00\x01", false, protocols.No},
		{"HL7", "\x0bMSH|^~\\&|", false, protocols.No},
		{"SSH", "SSH-2.0-x\r\n", false, protocols.No},
		{"TLS", "\x16\x03\x01\x02\x00", false, protocols.No},
		{"joined before a request", "a: b\r\n\r\nGET /x HTTP/1.1\r\n", true, protocols.Yes},
		{"joined in a body", "{}HTTP/1.1 200 OK\r\n", true, protocols.Yes},
		{"the same from the start", "{}HTTP/1.1 200 OK\r\n", false, protocols.No},
		{"joined in a head", "a: b\r\n", true, protocols.More},
		{"nothing like it", long, true, protocols.No},
		{"a page about HTTP/1.1", "see RFC for HTTP/1.1\r\n" + long, true, protocols.No},
	} {
		if got := probe([]byte(c.bytes), c.late); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
		if got := http.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: []byte(c.bytes)}); got != protocols.No {
			t.Errorf("%s over UDP: verdict %d", c.name, got)
		}
	}
}

func TestInvariant08NothingIsAllocatedPerPacket(t *testing.T) {
	p := http.New()
	o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(strings.Repeat("GET /x HTTP/1.9\r\n", 40))}
	if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
		t.Errorf("a probe allocates %v times", n)
	}
	out := protocols.NewSink(protocols.HTTP, nil, nil, nil)
	for name, m := range map[string]string{
		"body":   "HTTP/1.1 200 OK\r\n\r\n",
		"read":   ok(fhirJSON, "", "Transfer-Encoding: chunked") + "FFFFFFF\r\n" + `{"resourceType":"Device","text":"`,
		"frames": frame(4, 0, 0, "") + frame(1, 4, 1, new(heads).block(":status", "200", "content-type", fhirJSON)) + frame(0, 0, 1, strings.Repeat(" ", 1<<23))[:20],
	} {
		s := p.Open(protocols.Context{})
		s.Segment(protocols.Segment{Direction: acceptor, Bytes: []byte(m)}, out)
		seg := protocols.Segment{Direction: acceptor, Bytes: []byte(strings.Repeat(" ", 100))}
		if n := testing.AllocsPerRun(100, func() { s.Segment(seg, out) }); n != 0 {
			t.Errorf("%s: a segment allocates %v times", name, n)
		}
	}
}

// TestInvariant07ASessionIsSmall: there are as many as conversations, and each is
// reckoned with 1 KiB.
func TestInvariant07ASessionIsSmall(t *testing.T) {
	if http.SessionSize > 1<<10 {
		t.Errorf("a session takes %d octets", http.SessionSize)
	}
}
