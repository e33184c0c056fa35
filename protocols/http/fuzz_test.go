package http_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// maxKept is what a session may hold: lines and one compressed body of each
// direction, or of each stream, twice that while they grow. Inputs here are far
// shorter than so many streams of the largest bodies would be.
const maxKept = 4*http.MaxCompressed + 4*http.MaxHead

func seeds(f *testing.F) (all [][2]string) {
	h := &heads{}
	paths, _ := filepath.Glob("testdata/*.hex")
	for _, path := range paths {
		var both [2]string
		for _, st := range recorded(f, path) {
			both[st.from] += string(st.data)
		}
		all = append(all, both)
	}
	return append(all,
		[2]string{get("/?x", "User-Agent: a/1") + message("PUT /Device/1 HTTP/1.1", fhirDevice("1", "SN01"), "Content-Type: "+fhirJSON),
			ok("a/b", "x") + chunked("HTTP/1.1 200 OK", fhirJSON, bundle(fhirDevice("1", "SN01"), fhirMetric("2", "Device/1", "on", "2026-03-01T07:59:00Z")), 99)},
		[2]string{message("POST /rs/studies HTTP/1.1", multipart("b", "application/dicom", "x\r\n-"), `Content-Type: multipart/related;type="application/dicom";boundary=b`),
			ok(fhirJSON, gzipped(capability("instance")), "Content-Encoding: gzip") + ok(fhirJSON, deflated(capability("instance")), "Content-Encoding: deflate")},
		[2]string{prefaceText + frame(4, 0, 0, "") + frame(1, 5, 1, h.block(":method", "GET", ":path", "/x", "accept", fhirJSON)),
			frame(4, 0, 0, "") + streams(fhirDevice("1", "SN01"))},
		[2]string{message("POST /rs/studies HTTP/1.1", multipart("b", "application/dicom+xml", metadataXML("SN01"), "application/dicom+json", "["+metadataJSON("SN01")+"]"),
			`Content-Type: multipart/related;type="application/dicom+xml";boundary=b`), ok(fhirXML, asXML(bundle(fhirDevice("1", "SN01")))) + ok("application/dicom+json", metadataJSON("SN02"))},
		[2]string{get("/", "Upgrade: h2c") + prefaceText + frame(4, 0, 0, ""), "HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n" + frame(4, 0, 0, "") + streams("[]")})
}

func pieces(sizes []byte) func() int {
	i := 0
	return func() int {
		if i++; len(sizes) == 0 {
			return 1 << 30
		}
		return int(sizes[i%len(sizes)])*2 + 1
	}
}

// FuzzChunking: however the octets arrive, the same is stated and counted, readers
// get the same, and memory is bounded.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s[0]), []byte(s[1]), []byte{1, 2, 200}, false)
		f.Add([]byte(s[1]), []byte(s[0]), []byte{}, true)
	}
	f.Fuzz(func(t *testing.T, a, b, sizes []byte, midstream bool) {
		c := protocols.Context{Midstream: midstream, OpenerKnown: len(a)%2 == 0}
		steps := []step{{from: opener, data: a}, {from: acceptor, data: b}}
		p, got := noting(0)
		exact := run(t, p, c, protocoltest.Fixed(1), steps...)
		q, parts := noting(0)
		r := run(t, q, c, pieces(sizes), steps...)
		if r.print() != exact.print() || got.String() != parts.String() {
			t.Errorf("in pieces\n%s %q\noctet by octet\n%s %q", r.print(), parts, exact.print(), got)
		}
		if kept := max(r.kept, exact.kept); kept > maxKept {
			t.Errorf("holds %d octets", kept)
		}
		if strings.Count(got.String(), "[") < strings.Count(got.String(), "]") && !strings.Contains(string(a)+string(b), "]") {
			t.Errorf("a reader was closed twice: %q", got)
		}
	})
}

// FuzzPatient writes a name wherever a person or a credential may stand, and looks
// for it in what is stated.
func FuzzPatient(f *testing.F) {
	f.Add("Anna", "Cookie", "subject")
	f.Add("B", "X-Auth", "note")
	f.Fuzz(func(t *testing.T, name, field, element string) {
		bare := strings.Map(func(r rune) rune {
			if r <= ' ' || r == '"' || r == '\\' || r == ':' || r >= 0x7f {
				return -1
			}
			return r
		}, name)
		name = "QQCANARYQQ" + bare
		if slices.Contains([]string{"server", "user-agent"}, strings.ToLower(strings.TrimSpace(field))) || strings.ContainsAny(field, "\n:") {
			field = "X"
		}
		body := strings.ReplaceAll(bundle(fhirDevice("1", "SN01")), canary, name)
		if element = strings.Trim(element, `"\`); strings.HasPrefix(element, "s") && !strings.ContainsAny(element, `"\`) && element != "serialNumber" && element != "status" {
			body = strings.ReplaceAll(body, `"patient"`, `"`+element+`"`)
		}
		m := message("PUT /Patient/"+name+"?t="+name+" HTTP/1.1", body, field+": "+name, "Authorization: "+name, "Content-Type: "+fhirJSON)
		h := frame(4, 0, 0, "") + frame(1, 4, 1, new(heads).block(":status", "200", "set-cookie", name, "content-type", fhirJSON)) + frame(0, 1, 1, body)
		steps := []step{{from: opener, data: []byte(m)}, {from: opener, data: []byte(metadataOf(name))}, {from: acceptor, data: []byte(h)}}
		r := run(t, http.New(), seen, protocoltest.Whole, steps...)
		if strings.Contains(r.print(), "CANARY") {
			t.Errorf("a patient or a credential shows:\n%s", r.print())
		}
	})
}

// metadataOf sends what is known of a patient in both notations of metadata, and a
// device in XML.
func metadataOf(name string) string {
	inXML := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(name)
	return message("POST /rs/studies HTTP/1.1", strings.ReplaceAll(metadataJSON("SN01"), canary, name), "Content-Type: application/dicom+json") +
		message("POST /rs/studies HTTP/1.1", strings.ReplaceAll(metadataXML("SN01"), canary, inXML), "Content-Type: application/dicom+xml") +
		message("PUT /Device/1 HTTP/1.1", strings.ReplaceAll(asXML(fhirDevice("1", "SN01")), canary, inXML), "Content-Type: "+fhirXML)
}

// FuzzHoles: a hole anywhere takes nothing but what it is in, and nothing that was
// stated without it is another's afterwards.
func FuzzHoles(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s[0]), uint16(40), uint16(20), true)
		f.Add([]byte(s[1]), uint16(300), uint16(100), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, at, length uint16, told bool) {
		i := min(int(at), len(b))
		j := min(i+int(length), len(b))
		h := hole(acceptor, 0)
		if told {
			h.lost = uint64(j - i)
		}
		steps := []step{{from: acceptor, data: b[:i]}, h, {from: acceptor, data: b[j:]}}
		exact := run(t, http.New(), seen, protocoltest.Fixed(1), steps...)
		if r := run(t, http.New(), seen, protocoltest.Fixed(50), steps...); j > i && r.print() != exact.print() {
			t.Errorf("in pieces\n%s\noctet by octet\n%s", r.print(), exact.print())
		}
		for _, o := range exact.observations {
			if o.Speaker.Addr.As4()[3] != 2 || o.About.Kind == protocols.AboutReferenced && o.Protocol != protocols.DICOM || len(o.Facts) == 0 {
				t.Errorf("observation %+v", o)
			}
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add([]byte(s[0]), false)
		f.Add([]byte(s[1][min(40, len(s[1])):]), true)
	}
	f.Fuzz(func(t *testing.T, b []byte, midstream bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		last := protocols.More
		for n := 0; n <= len(b); n++ {
			v := probe(b[:n], midstream)
			if last != protocols.More && v != last && !(midstream && last == protocols.No) {
				t.Fatalf("verdict %v after %v, at %d octets", v, last, n)
			}
			last = v
		}
		if full := append(slices.Clone(b), make([]byte, protocols.ProbeLimit-len(b))...); probe(full, midstream) == protocols.More {
			t.Error("More at the limit")
		}
	})
}
