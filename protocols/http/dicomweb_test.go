package http_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// metadataJSON is an object in the DICOM JSON model: PS3.18 annex F.
func metadataJSON(serial string) string {
	return `{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.2"]},` +
		`"00080050":{"vr":"SH","Value":["` + canary + `"]},"00080060":{"vr":"CS","Value":["CT"]},"00080070":{"vr":"LO","Value":["Acme \u00c4G"]},` +
		`"00080090":{"vr":"PN","Value":[{"Alphabetic":"` + canary + `"}]},"00081010":{"Value":["CT01"],"vr":"SH"},"00081090":{"vr":"LO","Value":["Scan 9"]},` +
		`"00082112":{"vr":"SQ","Value":[{"00080070":{"vr":"LO","Value":["` + canary + `"]}}]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"` + canary + `"}]},` +
		`"00100020":{"vr":"LO","Value":["` + canary + `"]},"00181000":{"vr":"LO","Value":["` + serial + `"]},"00181020":{"vr":"LO","Value":["1.2","recon 7",null]},` +
		`"0018100A":{"vr":"SQ","Value":[{"00181009":{"vr":"UT","Value":["(01)00844588003288(21)` + serial + `"]}}]},` +
		`"0018A001":{"vr":"SQ","Value":[{"00080070":{"vr":"LO","Value":["` + canary + `"]}}]},"7FE00010":{"vr":"OW","BulkDataURI":"http://x/` + canary + `"}}`
}

// metadataXML is the same in the native model: PS3.19 annex A.
func metadataXML(serial string) string {
	attribute := func(tag, vr, inner string) string {
		return `<DicomAttribute tag="` + tag + `" vr="` + vr + `" keyword="` + canary + `">` + inner + `</DicomAttribute>`
	}
	value := func(v string) string { return `<Value number="1">` + v + `</Value>` }
	person := `<PersonName number="1"><Alphabetic><FamilyName>` + canary + `</FamilyName></Alphabetic></PersonName>`
	return `<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM" xml:space="preserve">` +
		attribute("00080016", "UI", value("1.2.840.10008.5.1.4.1.1.2")) + attribute("00080060", "CS", value("CT")) +
		attribute("00080070", "LO", value("Acme &#xC4;G")) + attribute("00080090", "PN", person) + attribute("00081010", "SH", value("CT01")) +
		attribute("00081090", "LO", value("Scan <![CDATA[9]]>")) + attribute("00082112", "SQ", `<Item number="1">`+attribute("00080070", "LO", value(canary))+`</Item>`) +
		attribute("00100010", "PN", person) + attribute("00181000", "LO", value(serial)) + attribute("00181020", "LO", value("1.2")+`<Value number="2">recon 7</Value>`) +
		attribute("0018100A", "SQ", `<Item number="1">`+attribute("00181009", "UT", value("(01)00844588003288(21)"+serial))+`</Item>`) +
		attribute("7FE00010", "OW", `<BulkData uri="`+canary+`"/>`) + `</NativeDicomModel>`
}

// scanner is what the metadata of one object reads as.
func scanner(speaker, serial string) string {
	var all []string
	for _, v := range []string{"sop:1.2.840.10008.5.1.4.1.1.2", "CT", "Acme ÄG", "CT01", "Scan 9", serial, "1.2", "recon 7", "(01)00844588003288(21)" + serial} {
		all = append(all, speaker+"/4:"+v)
	}
	return strings.Join(all, "; ")
}

func TestMetadata(t *testing.T) {
	const asked = "1/1:dicomweb-retrieve-client; 1/2:dicomweb-retrieve-server; "
	answered := asked + "2/1:dicomweb-retrieve-server; "
	const forwarder = "; 2/1:dicom-forwarder"
	question := says(opener, get("/rs/studies/1/metadata", "Accept: application/dicom+json"))
	answer := func(body string, fields ...string) []step {
		return []step{question, says(acceptor, ok("application/dicom+json", body, fields...))}
	}
	one, two := metadataJSON("SN01"), metadataJSON("SN02")
	stow := func(kind, media, body string) []step {
		return []step{says(opener, message("POST /aets/CT-ARC/rs/studies HTTP/1.1", multipart("b", media, body, "application/octet-stream", canary), `Content-Type: multipart/related; type="`+kind+`"; boundary=b`))}
	}
	stored := "1/1:dicomweb-store-client; 1/2:dicomweb-store-server; "
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"one object", answer("[" + one + "]"), answered + scanner("2", "SN01") + forwarder + "; parsed 3"},
		{"many of one machine", answer("[" + strings.Repeat(one+",", 30) + one + "]"), answered + scanner("2", "SN01") + forwarder + "; parsed 3"},
		{"of two machines", answer("[" + one + "," + two + "," + one + "]"), answered + scanner("2", "SN01") + forwarder + "; " + scanner("2", "SN02") + forwarder + "; parsed 3"},
		{"compressed", answer(gzipped("["+one+"]"), "Content-Encoding: gzip"), answered + scanner("2", "SN01") + forwarder + "; parsed 3"},
		{"patients alone", answer(`[{"00100010":{"vr":"PN","Value":[{"Alphabetic":"` + canary + `"}]},"00080060":{"Value":["CT"]},"00081090":{"Value":["x"]}}]`), answered + "parsed 3"},
		{"cut", answer("[" + one + "," + two[:800]), answered + scanner("2", "SN01") + forwarder + "; parsed 2; truncated 1"},
		{"broken", answer("[" + one + ",}"), answered + scanner("2", "SN01") + forwarder + "; parsed 2; malformed 1"},
		{"too deep", answer("[" + one + "," + strings.Repeat("[", 99)), answered + scanner("2", "SN01") + forwarder + "; parsed 2; limit 1"},
		{"stored with bulk data", stow("application/dicom+json", "application/dicom+json", "["+one+"]"), stored + scanner("1", "SN01") + "; parsed 2"},
		{"stored as XML", stow("application/dicom+xml", "application/dicom+xml", metadataXML("SN01")), stored + scanner("1", "SN01") + "; parsed 2"},
		{"another document", stow("application/dicom+xml", "application/dicom+xml", "<html>"+canary+"</html>"), stored + "parsed 1; malformed 1"},
		{"a type that is not given", []step{says(opener, message("POST /x HTTP/1.1", multipart("b", "application/dicom+json", "["+one+"]"), "Content-Type: Multipart/Related; boundary=b"))},
			scanner("1", "SN01") + "; parsed 2"},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, seen, c.want, c.steps...) })
	}
}

// TestManyMachines: the machines that one body tells of are bounded.
func TestManyMachines(t *testing.T) {
	var all []string
	for i := range http.MaxDevices + 9 {
		all = append(all, metadataJSON(fmt.Sprint("SN0", i)))
	}
	r := run(t, http.New(), seen, protocoltest.Fixed(1400), says(opener, message("POST / HTTP/1.1", "["+strings.Join(all, ",")+"]", "Content-Type: application/dicom+json")))
	if len(r.observations) != http.MaxDevices+1 || r.outcomes[protocols.LimitReached] != 1 {
		t.Errorf("%d statements, %s", len(r.observations), r.counted())
	}
}

// TestManyProducts: a host that names ever other programs passes them on, or makes them up.
func TestManyProducts(t *testing.T) {
	var all []string
	for i := range 30 {
		all = append(all, get("/", fmt.Sprintf("User-Agent: p%d/1", i)))
	}
	if r := run(t, http.New(), seen, protocoltest.Whole, says(opener, all...)); strings.Count(r.short(), "1/1:p") != 8 {
		t.Errorf("says %s", r.short())
	}
}

// TestStoring: an archive is known by its answer, whatever that is written in, and a
// proxy forwards what it passes on.
func TestStoring(t *testing.T) {
	post := func(fields ...string) step {
		return says(opener, message("POST /rs/studies HTTP/1.1", multipart("b", "application/dicom", canary), append(fields, `Content-Type: multipart/related; type="application/dicom"; boundary=b`)...))
	}
	const client = "1/1:dicomweb-store-client; 1/2:dicomweb-store-server; "
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"stored", []step{post(), says(acceptor, ok("text/xml", "<a/>"))}, client + "2/1:dicomweb-store-server; parsed 2"},
		{"refused", []step{post(), says(acceptor, strings.Replace(ok("text/xml", "<a/>"), "200", "409", 1))}, client + "parsed 2"},
		{"passed on", []step{post("Via: 1.1 x")}, "1/1:dicom-forwarder; " + client + "parsed 1"},
		{"over HTTP/2", []step{
			says(opener, prefaceText, frame(4, 0, 0, ""), frame(1, 5, 1, new(heads).block(":method", "POST", ":path", "/rs/studies", "content-type", `multipart/related; type="application/dicom"; boundary=b`))),
			says(acceptor, frame(4, 0, 0, ""), frame(1, 5, 1, new(heads).block(":status", "200", "content-type", "text/xml")))},
			client + "2/1:dicomweb-store-server; parsed 2"},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, seen, c.want, c.steps...) })
	}
}

// TestPartsMaySkip: what a reader knows to be one value is passed over without a look,
// and by flow where it is in sight; a length that lies hides parts, and nothing else.
func TestPartsMaySkip(t *testing.T) {
	const media = `multipart/related; type="application/dicom"; boundary=b`
	part := "\r\n--b\r\nContent-Type: application/dicom\r\n\r\n" + strings.Repeat("x\r\n--", 4000) + "end"
	for _, m := range []string{ok(media, strings.Repeat(part, 3)+"\r\n--b--"), chunked("HTTP/1.1 200 OK", media, strings.Repeat(part, 3)+"\r\n--b--", 7000),
		frame(4, 0, 0, "") + frame(1, 4, 1, new(heads).block(":status", "200", "content-type", media)) + frame(0, 1, 1, strings.Repeat(part, 3)+"\r\n--b--")} {
		p, all := noting(0)
		run(t, p, seen, protocoltest.Fixed(900), says(acceptor, m))
		if strings.Count(all.String(), "end]") != 3 {
			t.Errorf("without skips: %d parts", strings.Count(all.String(), "end]"))
		}
		p, all = skipping(19000)
		r := run(t, p, seen, protocoltest.Fixed(900), says(acceptor, m))
		if strings.Count(all.String(), "end]") != 3 || len(all.String()) > 3*3000 || r.skipped[acceptor] < 40000 {
			t.Errorf("with skips: %q, %d octets passed over", all.String()[:min(200, all.Len())], r.skipped[acceptor])
		}
	}
	p, all := skipping(50000)
	run(t, p, seen, protocoltest.Fixed(900), says(acceptor, ok(media, strings.Repeat(part, 3)+"\r\n--b--"), ok("application/x-test", "next")))
	if got := all.String(); !strings.HasSuffix(got, "[next]") {
		t.Errorf("a length that lies hides another message: %q", got[max(0, len(got)-40):])
	}
}

// once is a reader that skips n octets behind the first, and then nothing.
type once struct {
	reader
	n *uint64
}

func (r once) Segment(s protocols.Segment, out *protocols.Sink) uint64 {
	r.reader.Segment(s, out)
	n := *r.n
	*r.n = 0
	if n == 0 {
		return 0
	}
	return n - uint64(len(s.Bytes)) + 1
}

func skipping(n uint64) (protocols.Protocol, *strings.Builder) {
	all := &strings.Builder{}
	return http.New(http.Reader{Media: []string{"application/x-test", "application/dicom"}, Open: func(protocols.Context) protocols.Session {
		all.WriteByte('[')
		left := n
		return once{reader{all, 0}, &left}
	}}), all
}

// TestBadParts: hostile bodies of parts are bounded, and take no other message along.
func TestBadParts(t *testing.T) {
	const media = `multipart/related; type="application/dicom"; boundary=b`
	head := "\r\n--b\r\nContent-Type: application/dicom\r\n\r\n"
	for _, c := range []struct {
		name, body, want string
		parts            int
	}{
		{"parts without end", strings.Repeat(head, 2*http.MaxParts), "parsed 2; limit 1", http.MaxParts},
		{"a head without end", "\r\n--b\r\n" + strings.Repeat("X: y\r\n", 20000), "parsed 2; limit 1", 0},
		{"a line without end", "\r\n--b\r\nX: " + strings.Repeat("y", 2*http.MaxHead), "parsed 2; limit 1", 0},
		{"a boundary without end", "\r\n--b" + strings.Repeat(" ", 2*http.MaxHead) + "\r\nContent-Type: application/dicom\r\n\r\nx", "parsed 2", 0},
		{"another boundary", strings.ReplaceAll(head, "--b", "--c") + "x\r\n--c--", "parsed 2", 0},
		{"a longer boundary", strings.ReplaceAll(head, "--b", "--bb") + "x\r\n--bb--", "parsed 2", 0},
		{"parts behind the end", head + "x\r\n--b--" + head + "y", "parsed 2", 1},
		{"no end", head + "x", "parsed 2", 1},
		{"a half of a boundary", head + "x\r\n--", "parsed 2", 1},
		{"type of the whole", "\r\n--b\r\nX: y\r\n\r\nx\r\n--b--", "parsed 2", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{1400, 7} {
				p, all := noting(0)
				r := run(t, p, seen, protocoltest.Fixed(size), says(acceptor, ok(media, c.body), ok("a/b", "", "Server: b/2")))
				if n := strings.Count(all.String(), "]"); r.counted() != c.want || n != c.parts || !strings.Contains(r.short(), "b/2") || r.kept > 2*http.MaxHead {
					t.Errorf("in pieces of %d: %d parts, %s, held %d", size, n, r.short(), r.kept)
				}
			}
		})
	}
}

// TestSeries: the bodies of a conversation may know of each other, those of another not.
func TestSeries(t *testing.T) {
	opened := 0
	p := http.New(http.Reader{Media: []string{"application/x-test"}, Series: func() func(protocols.Context) protocols.Session {
		opened++
		return func(c protocols.Context) protocols.Session {
			if c.Midstream {
				t.Error("a body is midstream")
			}
			return reader{&strings.Builder{}, 0}
		}
	}})
	for range 2 {
		run(t, p, protocols.Context{Midstream: true}, protocoltest.Whole, says(acceptor, ok("application/x-test", "a"), ok("application/x-test", "b")), says(opener, message("POST / HTTP/1.1", "c", "Content-Type: application/x-test")))
	}
	if opened != 2 {
		t.Errorf("%d series of 2 conversations", opened)
	}
}

// TestUpgrade: HTTP/2 that begins as HTTP/1.1 is read in both directions, and its first
// answer is that to the request before.
func TestUpgrade(t *testing.T) {
	h := &heads{}
	steps := []step{
		says(opener, get("/rs/studies/1", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Accept: application/dicom+json")),
		says(acceptor, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", frame(4, 0, 0, "")),
		says(opener, prefaceText, frame(4, 0, 0, ""), frame(1, 5, 3, new(heads).block(":method", "GET", ":path", "/fhir/Device", "accept", fhirJSON))),
		says(acceptor, frame(1, endHeaders, 1, h.block(":status", "200", "content-type", "application/dicom+json")), frame(0, endStream, 1, "[]"),
			frame(1, endHeaders, 3, h.block(":status", "200", "content-type", fhirJSON)), frame(0, endStream, 3, fhirDevice("1", "SN01"))),
	}
	checks(t, seen, "1/1:dicomweb-retrieve-client; 1/2:dicomweb-retrieve-server; 1/1:fhir-client; 1/2:fhir-server; 2/1:dicomweb-retrieve-server; 2/1:fhir-server; "+
		record("2", "SN01")+"; parsed 7", steps...)
}

// TestHL7AsXML is known and not read, and counted so.
func TestHL7AsXML(t *testing.T) {
	checks(t, seen, "parsed 1; unsupported 1", says(opener, message("POST / HTTP/1.1", "<ORU_R01>"+canary+"</ORU_R01>", "Content-Type: x-application/hl7-v2+xml")))
}

func BenchmarkMetadata(b *testing.B) {
	var all []string
	for i := range 100 {
		all = append(all, metadataJSON(fmt.Sprint("SN0", i/50)))
	}
	conversation(b, ok("application/dicom+json", "["+strings.Join(all, ",")+"]"))
}
