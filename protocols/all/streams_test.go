package all_test

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/all"
)

// stream reads what a room's test conversations say, a message or datagram each:
// lines whose last word is hexadecimal, or texts that a blank line divides.
func stream(t testing.TB, path string) (messages [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(path) != ".hex" {
		for text := range strings.SplitSeq(strings.TrimSpace(string(raw)), "\n\n") {
			text = strings.ReplaceAll(strings.TrimPrefix(text, "<<"), "\n", "\r") + "\r"
			messages = append(messages, []byte(text))
		}
		return messages
	}
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		octets, err := hex.DecodeString(words[len(words)-1])
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		messages = append(messages, octets)
	}
	return messages
}

// TestNobodyClaimsTheConversationsOfAnother: whatever a room's conversations say, from
// wherever it is heard, no other room takes it for its own, on either transport.
func TestNobodyClaimsTheConversationsOfAnother(t *testing.T) {
	for name, pattern := range map[protocols.Name]string{
		protocols.ASTM: "../astm/testdata/*.astm", protocols.POCT1A: "../poct1a/testdata/*.poct1a",
		protocols.IntelliVue: "../intellivue/testdata/*.hex", protocols.CARESCAPE: "../carescape/testdata/*.hex",
		protocols.MEDIBUS: "../medibus/testdata/*.hex", protocols.WSDiscovery: "../sdc/testdata/*.hex",
		protocols.HTTP: "../http/testdata/*.hex", protocols.HL7: "../hl7/testdata/*.hl7",
		protocols.Telnet: "../banner/testdata/telnet-*.hex", protocols.FTP: "../banner/testdata/ftp-*.hex",
		// Joined inside a header of SMB 2, an empty SETTINGS frame of HTTP/2 can be read.
		protocols.SMB: "../smb/testdata/smb1-*.hex", protocols.NBNS: "../netbios/testdata/names.hex", protocols.Browser: "../netbios/testdata/browser.hex",
		protocols.MDNS: "../dns/testdata/*.hex",
		protocols.TLS:  "../tls/testdata/*.hex", protocols.SSH: "../ssh/testdata/*.hex",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no conversations of %s: %v", name, err)
		}
		for _, path := range paths {
			for _, said := range stream(t, path) {
				claims(t, name, path, said)
			}
		}
	}
}

// claims asks every room about a message, from its beginning and joined later.
func claims(t *testing.T, name protocols.Name, path string, said []byte) {
	for _, p := range all.All() {
		if p.Name() == name {
			continue
		}
		for at := -1; at < len(said); at += 1 + max(at, 0)/97 {
			late := at >= 0 // -1: the beginning, and known to be one
			from := said[max(at, 0):]
			o := protocols.Opening{Transport: p.Transport(), Midstream: late, Bytes: from[:min(len(from), protocols.ProbeLimit)]}
			if p.Probe(o) == protocols.Yes {
				t.Errorf("%s claims %s, joined at octet %d: %q", p.Name(), path, at, o.Bytes[:min(len(o.Bytes), 60)])
			}
		}
	}
}

// listen plays what one side says over HTTP, and returns the names under which it is
// stated and counted.
func listen(t testing.TB, said string) (stated, counted map[protocols.Name]int) {
	t.Helper()
	stated, counted = map[protocols.Name]int{}, map[protocols.Name]int{}
	out := protocols.NewSink(protocols.HTTP, func(o protocols.Observation) { stated[o.Protocol]++ },
		func(n protocols.Name, _ protocols.Outcome) { counted[n]++ }, nil)
	s := web().Open(protocols.Context{Midstream: true})
	for piece := range slices.Chunk([]byte(said), 100) {
		s.Segment(protocols.Segment{Bytes: piece}, out)
	}
	s.Close(out)
	return stated, counted
}

// web is the HTTP dissector with all that it carries.
func web() protocols.Protocol {
	ps := all.All()
	return ps[slices.IndexFunc(ps, func(p protocols.Protocol) bool { return p.Name() == protocols.HTTP })]
}

// TestWhatHTTPCarriesHasItsOwnName: evidence and counters name the protocol that was
// read, not the one that carried it.
func TestWhatHTTPCarriesHasItsOwnName(t *testing.T) {
	message := func(media, body string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", media, len(body), body)
	}
	hl7 := "MSH|^~\\&|PUMPS|EXAMPLE|EHR|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.6\rOBR|1|||69837^X^MDC|||20260102030405"
	sdc := `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body>` +
		`<m:GetMdibResponse xmlns:m="http://standards.ieee.org/downloads/11073/11073-10207-2017/message">` +
		`<m:Mdib xmlns:p="http://standards.ieee.org/downloads/11073/11073-10207-2017/participant"><p:MdDescription><p:Mds Handle="a">` +
		`<p:MetaData><p:ModelName>Vent</p:ModelName><p:SerialNumber>S1</p:SerialNumber></p:MetaData></p:Mds></p:MdDescription></m:Mdib>` +
		`</m:GetMdibResponse></e:Body></e:Envelope>`
	for name, said := range map[protocols.Name]string{
		protocols.SDC:  message("application/soap+xml; charset=utf-8", sdc),
		protocols.HL7:  message("application/hl7-v2", hl7),
		protocols.FHIR: message("application/fhir+json", `{"resourceType":"Device","serialNumber":"SN01","manufacturer":"Acme"}`),
	} {
		stated, counted := listen(t, said)
		if stated[name] == 0 || counted[name] != 1 || stated[protocols.HTTP] == 0 || counted[protocols.HTTP] < 1 || len(stated) != 2 {
			t.Errorf("%s: stated %v, counted %v", name, stated, counted)
		}
	}
	if stated, counted := listen(t, message("x-application/hl7-v2+er7", hl7)); stated[protocols.HL7] == 0 || counted[protocols.HL7] != 1 {
		t.Errorf("the older media type: stated %v, counted %v", stated, counted)
	}
}

// TestHTTPIsAskedBeforeWhatItCarries: a request that is joined late with a whole
// message in it is HTTP, whose length tells that the message is whole.
func TestHTTPIsAskedBeforeWhatItCarries(t *testing.T) {
	o := protocols.Opening{Transport: protocols.TCP, Midstream: true,
		Bytes: []byte("POST /hl7 HTTP/1.1\r\nContent-Type: application/hl7-v2\r\nContent-Length: 30\r\n\r\nMSH|^~\\&|A|B|C|D|20260102030405||ORU^R01|1|P|2.6\r")}
	for _, p := range all.All() {
		if p.Probe(o) == protocols.Yes {
			if p.Name() != protocols.HTTP {
				t.Errorf("%s is asked first, and takes it", p.Name())
			}
			return
		}
	}
	t.Error("nobody recognises it")
}

// TestHL7InHTTPIsWholeByItsLength: what a message says of use counts only when the
// message is whole, and over HTTP no end mark says so.
func TestHL7InHTTPIsWholeByItsLength(t *testing.T) {
	message := "MSH|^~\\&|MON^00005EFFFE005301^EUI-64|EXAMPLE|||20260102030405||ORU^R01^ORU_R01|1|P|2.6\rOBR|1|||X|||20260102030405\r" +
		"OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||00005EFFFE005301^M1\r" +
		"OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.1|98|262688^MDC_DIM_PERCENT^MDC|||||R"
	uses := func(length int) (n int) {
		said := fmt.Sprintf("POST / HTTP/1.1\r\nContent-Type: application/hl7-v2\r\nContent-Length: %d\r\n\r\n%s", length, message)
		out := protocols.NewSink(protocols.HTTP, func(o protocols.Observation) {
			if o.Report != nil {
				n++
			}
		}, nil, nil)
		for _, p := range all.All() {
			if p.Name() == protocols.HTTP {
				s := p.Open(protocols.Context{})
				s.Segment(protocols.Segment{When: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), Bytes: []byte(said)}, out)
				s.Close(out)
			}
		}
		return n
	}
	if whole, cut := uses(len(message)), uses(len(message)+1); whole != 1 || cut != 0 {
		t.Errorf("a whole message tells of %d uses, one that is cut of %d; want 1 and 0", whole, cut)
	}
}
