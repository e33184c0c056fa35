package http_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
)

// conversation opens a session, reads one message of the server in segments, and
// closes it.
func conversation(b *testing.B, message string) {
	out, p := protocols.NewSink(protocols.HTTP, nil, nil, nil), http.New()
	octets := []byte(message)
	b.SetBytes(int64(len(octets)))
	b.ReportAllocs()
	for b.Loop() {
		s, skip := p.Open(seen), uint64(0)
		for i := 0; i < len(octets); i += 1400 {
			piece := octets[i:min(i+1400, len(octets))]
			n := min(skip, uint64(len(piece)))
			if skip -= n; int(n) < len(piece) {
				skip = s.Segment(protocols.Segment{Direction: acceptor, Bytes: piece[n:]}, out)
			}
		}
		s.Close(out)
	}
}

func BenchmarkPage(b *testing.B) {
	conversation(b, ok("text/html", strings.Repeat("x", 20000), "Server: nginx/1.2", "Date: Sat, 28 Nov 2026 12:00:00 GMT", "ETag: \"x\""))
}

func BenchmarkFHIRDevice(b *testing.B) { conversation(b, ok(fhirJSON, fhirDevice("1", "SN01"))) }

func BenchmarkFHIRBundle(b *testing.B) {
	var all []string
	for range 100 {
		all = append(all, fhirDevice("1", "SN01"))
	}
	conversation(b, ok(fhirJSON, bundle(all...)))
}

func BenchmarkFHIRGzip(b *testing.B) {
	conversation(b, ok(fhirJSON, gzipped(fhirDevice("1", "SN01")), "Content-Encoding: gzip"))
}

func BenchmarkFrames(b *testing.B) {
	conversation(b, frame(4, 0, 0, "")+frame(1, 4, 1, new(heads).block(":status", "200", "content-type", "text/html"))+frame(0, 1, 1, strings.Repeat("x", 16000)))
}

func BenchmarkProbe(b *testing.B) {
	p := http.New()
	for name, text := range map[string]string{"request": "GET /x HTTP/1.1\r\n", "other": "\x16\x03\x01", "late": strings.Repeat("x: y\r\n", 80)} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: []byte(text)}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkSwollen reads what swells as far as it may: what a bomb makes of the bound.
func BenchmarkSwollen(b *testing.B) {
	for name, body := range map[string]string{
		"numbers": `{"resourceType":"Bundle","a":[` + strings.Repeat("1,", 30<<10) + "1]}",
		"objects": `{"resourceType":"Device","a":[` + strings.Repeat(`{"type":1},`, 6<<10) + "1]}",
	} {
		b.Run(name, func(b *testing.B) { conversation(b, ok(fhirJSON, body)) })
	}
	b.Run("elements", func(b *testing.B) {
		conversation(b, ok(fhirXML, "<Device>"+strings.Repeat(`<a b="&amp;&amp;"/>`, 4<<10)+"</Device>"))
	})
}
