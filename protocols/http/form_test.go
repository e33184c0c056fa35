package http_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// TestTextsWithoutForm: a field for a code, a number or a maker may hold a person, and
// then is not stated. The device of the record has a number that is one.
func TestTextsWithoutForm(t *testing.T) {
	coding := func(system, code string) string {
		return `"type":{"coding":[{"system":"` + system + `","code":"` + code + `"}]}`
	}
	const mdc, snomed = "urn:iso:std:iso:11073:10101", "http://snomed.info/sct"
	for _, c := range []struct{ name, element, want string }{
		{"words for a code", coding(mdc, canary+" John 1944"), ""},
		{"a name for a code", coding(snomed, canary), ""},
		{"a number that no code is", coding(snomed, "19440404194404041944"), ""},
		{"a code", coding(mdc, "69985"), "mdc:69985; "},
		{"another code", coding(snomed, "182722004"), "sct:182722004; "},
		{"words for a serial number", `"serialNumber":"` + canary + ` John 1944-04-04"`, ""},
		{"words in a UDI", `"udiCarrier":[{"carrierHRF":"(01)00844588003288(21)` + canary + ` John"}]`, ""},
		{"a UDI", `"udiCarrier":[{"carrierHRF":"+H123PARTNO1234567890120/$$3201225/SXYZ4567/16D2013C"}]`, "+H123PARTNO1234567890120/$$3201225/SXYZ4567/16D2013C; "},
		{"a person for a maker", `"manufacturer":"` + canary + `^John"`, ""},
		{"a person for a model", `"modelNumber":"` + canary + `^John"`, ""},
		{"a patient's number as well", `"identifier":[{"value":"` + canary + `1944","type":{"coding":[{"code":"MR"},{"code":"SNO"}]}}]`, ""},
		{"the same the other way", `"identifier":[{"type":{"coding":[{"code":"SNO"},{"code":"MR"}]},"value":"` + canary + `1944"}]`, ""},
		{"one kind in two systems", `"identifier":[{"type":{"coding":[{"code":"SNO"},{"code":"SNO"}]},"value":"AB1234"}]`, "AB1234; "},
		{"a name that reads as a path", `"type.coding.code":"69985","identifier.type.coding.code":"SNO","identifier.value":"` + canary + `1944","deviceName.type":"model-name","deviceName.name":"` + canary + `"`, ""},
		{"arrays in arrays", `"modelNumber":[["` + canary + `"],["` + canary + `",[1]]],"manufacturer":["Acme"]`, "Acme; "},
		{"no name", `"":{"serialNumber":"` + canary + `1944","resourceType":"Device"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := "2/1:fhir-server; "
			for _, v := range strings.SplitAfter(c.want+"SN7771; ", "; ") {
				if v != "" {
					want += "2/3:" + v
				}
			}
			checks(t, seen, want+"parsed 2", says(acceptor, ok(fhirJSON, `{"resourceType":"Device",`+c.element+`,"serialNumber":"SN7771"}`)))
		})
	}
	bad := `<Device><type.coding><code value="` + canary + `"/></type.coding><identifier.value value="` + canary + `"/><serialNumber value="SN7771"/><model.x value="` + canary + `"/></Device>`
	checks(t, seen, "2/1:fhir-server; 2/3:SN7771; parsed 2", says(acceptor, ok(fhirXML, bad)))
}

// TestPathsOfBundles: the name of one entry is not the path of another.
func TestPathsOfBundles(t *testing.T) {
	body := `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"p"},"resource.resourceType":"Device","resource.serialNumber":"` + canary + `1"}],` +
		`"entry.resource":{"resourceType":"Device","serialNumber":"` + canary + `2","manufacturer":"Acme"}}`
	checks(t, seen, "2/1:fhir-server; parsed 2", says(acceptor, ok(fhirJSON, body)))
}

// TestIDsAreNoNames: what a server calls a metric may be a patient's number; channels of
// one device are still told apart.
func TestIDsAreNoNames(t *testing.T) {
	now := "2026-03-01T07:59:00Z"
	bare := func(id, status string) string {
		m := fhirMetric(id, "Device/1", status, now)
		return strings.Replace(m, `"code":"150020"`, `"code":"`+canary+`"`, 1)
	}
	r := run(t, http.New(), seen, protocoltest.Whole, says(acceptor, ok(fhirJSON, bundle(fhirDevice("1", "SN01"), bare(canary+"-1234", "off"), bare(canary+"-1235", "standby")))))
	checkNoCanary(t, r)
	var channels []protocols.Channel
	for _, o := range r.observations {
		if o.Report != nil {
			channels = o.Report.Channels
		}
	}
	if len(channels) != 2 || channels[0].Name == channels[1].Name || len(channels[0].Name) != len("metric-1234") {
		t.Errorf("channels %+v", channels)
	}
}

// TestDICOMTextsWithoutForm: as FHIR's, and what reads as a path is none.
func TestDICOMTextsWithoutForm(t *testing.T) {
	person := `{"Value":["` + canary + `^John"]}`
	var all []string
	for _, tag := range []string{"00080070", "00081010", "00081040", "00081090", "00181003", "00181016", "00181020", "00080055", "00080080", "00080060", "00181002", "00080016"} {
		all = append(all, `"`+tag+`":`+person)
	}
	for _, c := range []struct{ name, element, want string }{
		{"persons", strings.Join(all, ","), ""},
		{"words", `"00080060":{"Value":["` + canary + `"]},"00181002":{"Value":["` + canary + `"]},"00080016":{"Value":["` + canary + `"]},"00080055":{"Value":["` + canary + ` JOHN DOE"]}`, ""},
		{"a name that reads as a path", `"00081040.Value":["` + canary + `"],"0018100A.Value.00181009":{"Value":["` + canary + `1"]}`, ""},
		{"arrays in arrays", `"00081040":{"Value":[["` + canary + `"]]}`, ""},
		{"no name", `"":{"00081040":{"Value":["` + canary + `"]}}`, ""},
		{"what it should be", `"00080060":{"Value":["CT"]},"00181002":{"Value":["1.2.3"]},"00080055":{"Value":["CT1 A"]}`, "CT; 1/4:1.2.3; 1/4:CT1 A; 1/4:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := `[{` + c.element + `,"00181000":{"Value":["S 77/1"]}}]`
			checks(t, seen, "1/4:"+c.want+"S 77/1; parsed 2", says(opener, message("POST /x HTTP/1.1", body, "Content-Type: application/dicom+json")))
		})
	}
	model := `<NativeDicomModel><DicomAttribute tag="00081040.Value"><Value>` + canary + `</Value></DicomAttribute><DicomAttribute tag="00081040"><Value>` + canary +
		`^John</Value></DicomAttribute><DicomAttribute tag="00181000"><Value>S 77/1</Value></DicomAttribute></NativeDicomModel>`
	checks(t, seen, "1/4:S 77/1; parsed 2", says(opener, message("POST /x HTTP/1.1", model, "Content-Type: application/dicom+xml")))
}
