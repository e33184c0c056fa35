package http_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// record is what fhirDevice reads as.
func record(speaker, serial string) string {
	var all []string
	for _, v := range []string{"(01)00844588003288(21)" + serial, "Acme Ä&G", serial, "Pump 3", "mdc:69985", "4.2", "C", "9"} {
		all = append(all, speaker+"/3:"+v)
	}
	return strings.Join(all, "; ")
}

func TestFHIR(t *testing.T) {
	server := "2/1:fhir-server; "
	client := "1/1:fhir-client; 1/2:fhir-server; "
	put := func(body string) step {
		return says(opener, message("PUT /fhir/Device/1?_token="+canary+" HTTP/1.1", body, "Content-Type: "+fhirJSON, "Authorization: Bearer "+canary))
	}
	answer := func(body string) step { return says(acceptor, ok(fhirJSON+"; charset=utf-8", body)) }
	now, old := "2026-03-01T07:59:00Z", "2026-02-28T07:59:00Z"
	for _, c := range []struct {
		name string
		step step
		want string
	}{
		{"a device in a server", answer(fhirDevice("1", "SN01")), server + record("2", "SN01") + "; parsed 2"},
		{"a device that is sent", put(fhirDevice("1", "SN01")), client + record("1", "SN01") + "; parsed 2"},
		{"a bundle", answer(bundle(fhirDevice("1", "SN01"), `{"resourceType":"Patient","id":"`+canary+`","identifier":[{"value":"`+canary+`"}]}`, fhirDevice("2", "SN02"))),
			server + record("2", "SN01") + "; " + record("2", "SN02") + "; parsed 2"},
		{"without a key", answer(`{"resourceType":"Device","manufacturer":"Acme","modelNumber":"X","udiCarrier":[{"carrierHRF":"(01)00844588003288"}]}`), server + "parsed 2"},
		{"entered in error", answer(strings.Replace(fhirDevice("1", "SN01"), `"active"`, `"entered-in-error"`, 1)), server + "parsed 2"},
		{"type last", answer(`{"serialNumber":"SN01","manufacturer":"A\uD83D\uDE00\ud83dx\/","patient":{"display":"` + canary + `"},"resourceType":"Device"}`),
			server + "2/3:SN01; 2/3:A😀x/; parsed 2"},
		{"device of R5", answer(`{"resourceType":"Device","serialNumber":"SN01","deviceName":[{"value":"` + canary + `","type":"user-friendly-name"},{"value":"Reg 1","type":"registered-name"}],"type":[{"coding":[{"system":"http://snomed.info/sct","code":"182722004"}]}]}`),
			server + "2/3:SN01; 2/3:Reg 1; 2/3:sct:182722004; parsed 2"},
		{"a metric now", answer(bundle(fhirMetric("m", "Device/1", "standby", now), fhirDevice("1", "SN01"), fhirMetric("n", "urn:uuid:1", "on", now), fhirMetric("o", "Device/2", "off", now))),
			server + record("2", "SN01") + "; use mdc:150020=standby; use mdc:150020=unknown; parsed 2"},
		{"a metric of yesterday", answer(bundle(fhirDevice("1", "SN01"), fhirMetric("m", "Device/1", "off", old))), server + record("2", "SN01") + "; parsed 2"},
		{"a metric that is sent", put(bundle(fhirDevice("1", "SN01"), strings.Replace(fhirMetric("m", "http://x/fhir/Device/1", "off", now), `"meta":{"lastUpdated":"`+now+`"},`, "", 1))),
			client + record("1", "SN01") + "; use mdc:150020=off; parsed 2"},
		{"a metric in error", answer(bundle(fhirDevice("1", "SN01"), fhirMetric("m", "Device/1", "entered-in-error", now))), server + record("2", "SN01") + "; parsed 2"},
		{"the server itself", answer(capability("instance")), server + "2/1:HAPI FHIR Server; 2/1:6.10.0; parsed 2"},
		{"a kind of server", answer(capability("capability")), server + "parsed 2"},
		{"a server in a bundle", answer(bundle(capability("instance"))), server + "parsed 2"},
		{"a server that is sent", put(capability("instance")), client + "parsed 2"},
		{"a server behind a proxy", says(acceptor, ok(fhirJSON, capability("instance"), "Via: 1.1 x")), server + "parsed 2"},
		{"by another media type", says(acceptor, ok("application/json", " \n"+fhirDevice("1", "SN01"))), server + record("2", "SN01") + "; parsed 2"},
		{"by another media type, behind a proxy", says(acceptor, ok("application/json", fhirDevice("1", "SN01"), "Via: 1.1 x")), record("2", "SN01") + "; parsed 2"},
		{"other JSON", says(acceptor, ok("application/json", `{"serialNumber":"SN01","resourceType":"Device"}`)), "parsed 1"},
		{"gzip in chunks", says(acceptor, chunked("HTTP/1.1 200 OK", fhirJSON, gzipped(fhirDevice("1", "SN01")), 99, "Content-Encoding: gzip")), server + record("2", "SN01") + "; parsed 2"},
		{"cut JSON", answer(fhirDevice("1", "SN01")[:300]), server + "parsed 1; truncated 1"},
		{"broken JSON", answer(strings.Replace(fhirDevice("1", "SN01"), `"active",`, `"active"`, 1)), server + "parsed 1; malformed 1"},
		{"an error that is JSON", says(acceptor, strings.Replace(ok(fhirJSON, `{"resourceType":"OperationOutcome"}`), "200", "404", 1)), "parsed 2"},
		{"too deep", answer(`{"resourceType":"Device","x":` + strings.Repeat("[", 99)), server + "parsed 1; limit 1"},
		{"long texts", answer(`{"resourceType":"Device","serialNumber":"` + strings.Repeat("9", 999) + `","` + strings.Repeat("k", 999) + `":1,"udiCarrier":[{"carrierHRF":"+H123/SN01"}]}`), server + "2/3:+H123/SN01; parsed 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checks(t, seen, c.want, c.step)
		})
	}
}

func TestManyDevices(t *testing.T) {
	var all []string
	for i := range http.MaxDevices + 9 {
		all = append(all, fhirDevice(fmt.Sprint(i), fmt.Sprint("SN0", i)))
	}
	r := run(t, http.New(), seen, protocoltest.Fixed(1400), says(acceptor, ok(fhirJSON, bundle(all...))))
	if r.outcomes[protocols.LimitReached] != 1 || len(r.observations) != http.MaxDevices+2 {
		t.Errorf("%d statements, %s", len(r.observations), r.counted())
	}
}

// TestInvariant04RecordsAreNotTheSpeaker: what a server keeps of a device says nothing of the
// server, and less than what its gateway sends.
func TestInvariant04RecordsAreNotTheSpeaker(t *testing.T) {
	m := message("POST / HTTP/1.1", fhirDevice("1", "SN01"), "Content-Type: "+fhirJSON)
	r := run(t, http.New(), seen, protocoltest.Whole, says(opener, m), says(acceptor, ok(fhirJSON, fhirDevice("1", "SN01"))))
	confidence := map[byte]float64{}
	for _, o := range r.observations {
		for _, f := range o.Facts {
			if f.Attribute != protocols.SerialNumber {
				continue
			}
			if confidence[o.Speaker.Addr.As4()[3]] = f.Confidence; o.About.Kind != protocols.AboutDescribed {
				t.Errorf("a record is about %d", o.About.Kind)
			}
		}
	}
	if !(confidence[2] > 0 && confidence[2] < confidence[1] && confidence[1] < 0.7) {
		t.Errorf("confidences %v", confidence)
	}
}

// titles asks a server by many AE titles.
func titles(accept, answer string) (steps []step) {
	for i := range 20 {
		steps = append(steps, says(opener, get(fmt.Sprintf("/dcm4chee-arc/aets/ARC%d/rs/studies", i), accept)), says(acceptor, answer))
	}
	return steps
}

func TestDICOMweb(t *testing.T) {
	const dicom = "Accept: application/dicom+json"
	stow := `multipart/related; type="application/dicom"; boundary=b`
	answer := ok("application/dicom+json", `[{"00100010":{"vr":"PN","Value":["`+canary+`"]}}]`)
	roles := func(what string) string {
		return "1/1:dicomweb-" + what + "-client; 1/2:dicomweb-" + what + "-server; "
	}
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"query", []step{says(opener, get("/dicom-web/studies?PatientName="+canary, dicom)), says(acceptor, answer)}, roles("query") + "2/1:dicomweb-query-server; parsed 3"},
		{"query below", []step{says(opener, get("/rs/studies/1.2/series/", dicom))}, roles("query") + "parsed 1"},
		{"retrieve", []step{says(opener, get("/rs/studies/1.2/series/3/metadata", dicom)), says(acceptor, answer)}, roles("retrieve") + "2/1:dicomweb-retrieve-server; parsed 3"},
		{"by URI", []step{says(opener, get("/wado?x=requestTrequestType=WADO&studyUID="+canary)), says(acceptor, ok("application/dicom", "x"))}, roles("retrieve") + "2/1:dicom-forwarder; 2/1:dicomweb-retrieve-server; parsed 2"},
		{"store", []step{says(opener, message("POST /dcm4chee-arc/aets/ARC1/rs/studies HTTP/1.1", multipart("b", "application/dicom", canary), "Content-Type: "+stow)), says(acceptor, ok("application/dicom+json", "{}"))},
			roles("store") + "2/1:ARC1; 2/1:dicomweb-store-server; parsed 3"},
		{"a title that nobody answers to", []step{says(opener, get("/dcm4chee-arc/aets/ARC1/rs/studies", dicom)), says(acceptor, strings.Replace(answer, "200", "404", 1))}, roles("query") + "parsed 3"},
		{"titles without end", titles(dicom, answer), roles("query") + "2/1:ARC0; 2/1:dicomweb-query-server; 2/1:ARC1; 2/1:ARC2; 2/1:ARC3; 2/1:ARC4; 2/1:ARC5; 2/1:ARC6; 2/1:ARC7; parsed 60"},
		{"through a proxy", []step{says(opener, get("http://x/aets/ARC1/rs/studies", dicom)), says(acceptor, ok("application/dicom+json", "[]", "Server: b/2"))}, "1/1:dicomweb-query-client; parsed 3"},
		{"FHIR through a proxy", []step{says(opener, get("http://x/fhir/metadata", "Accept: "+fhirJSON)), says(acceptor, ok(fhirJSON, capability("instance"), "Server: b/2"))}, "1/1:fhir-client; parsed 3"},
		{"worklist", []step{says(opener, message("POST /rs/workitems?1.2 HTTP/1.1", "[]", "Content-Type: application/dicom+json"))}, roles("worklist") + "parsed 2"},
		{"an answer alone", []step{says(acceptor, answer)}, "2/1:dicomweb-server; parsed 2"},
		{"answers in order", []step{says(opener, get("/"), get("/rs/studies", dicom)), says(acceptor, ok("a/b", ""), answer)}, roles("query") + "2/1:dicomweb-query-server; parsed 5"},
		{"refused", []step{says(opener, get("/rs/studies", dicom)), says(acceptor, strings.Replace(answer, "200", "401", 1))}, roles("query") + "parsed 3"},
		{"other studies", []step{says(opener, get("/school/studies", "Accept: text/html"))}, "parsed 1"},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, seen, c.want, c.steps...) })
	}
}

// TestANumberOfAModelIsTheModel: the name of its line is no second one, in whatever
// order the two stand.
func TestANumberOfAModelIsTheModel(t *testing.T) {
	name, number := `"deviceName":[{"name":"IntelliVue","type":"model-name"}]`, `"modelNumber":"MX800"`
	for _, c := range []struct{ fields, want string }{
		{number + "," + name, "MX800 IntelliVue"}, {name + "," + number, "IntelliVue MX800"}, {name, "IntelliVue"},
	} {
		body := `{"resourceType":"Device","serialNumber":"SN01","manufacturer":"Philips",` + c.fields + `}`
		r := run(t, http.New(), seen, func() int { return 7 }, says(acceptor, ok(fhirJSON, body)))
		var models, sure []string
		for _, o := range r.observations {
			for _, f := range o.Facts {
				if f.Attribute != protocols.Model {
					continue
				}
				if models = append(models, f.Value); f.Confidence >= 0.5 {
					sure = append(sure, f.Value)
				}
			}
		}
		if strings.Join(models, " ") != c.want || len(sure) != 1 || strings.Contains(c.want, "MX800") && sure[0] != "MX800" {
			t.Errorf("%s: %q, sure of %q", c.fields, models, sure)
		}
	}
}
