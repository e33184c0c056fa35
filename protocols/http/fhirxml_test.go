package http_test

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const fhirXML = "application/fhir+xml"

// asXML writes a FHIR resource, given as JSON, in XML: R4 section 2.6.1.
func asXML(resource string) string {
	var v any
	if err := json.Unmarshal([]byte(resource), &v); err != nil {
		panic(err)
	}
	return `<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- <Device> " + canary + ` -->` + resourceXML(v.(map[string]any), ` xmlns="http://hl7.org/fhir"`)
}

func resourceXML(r map[string]any, space string) string {
	name := r["resourceType"].(string)
	return "<" + name + space + ">" + elementsXML(r) + "</" + name + ">"
}

func elementsXML(of map[string]any) string {
	var names []string
	for name := range of {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		if name != "resourceType" {
			b.WriteString(elementXML(name, of[name]))
		}
	}
	return b.String()
}

func elementXML(name string, v any) string {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&#34;", "'", "&apos;")
	switch v := v.(type) {
	case []any:
		var b strings.Builder
		for _, one := range v {
			b.WriteString(elementXML(name, one))
		}
		return b.String()
	case map[string]any:
		if _, resource := v["resourceType"]; resource {
			return "<" + name + ">\n" + resourceXML(v, "") + "</" + name + " >"
		}
		return "<" + name + ">" + elementsXML(v) + "</" + name + ">"
	case string:
		if name == "div" {
			return strings.Replace(v, "<div>", `<div xmlns="http://www.w3.org/1999/xhtml"><Device><serialNumber value="`+canary+`"/></Device>`, 1)
		}
		return "<" + name + " value = \"" + escape.Replace(v) + "\" />"
	}
	return fmt.Sprintf("<%s value='%v'/>", name, v)
}

// TestFHIRAsXML: a resource says the same in both notations.
func TestFHIRAsXML(t *testing.T) {
	now := "2026-03-01T07:59:00Z"
	for name, resource := range map[string]string{
		"a device":         fhirDevice("1", "SN01"),
		"a bundle":         bundle(fhirDevice("1", "SN01"), `{"resourceType":"Patient","name":[{"family":"`+canary+`"}]}`, fhirMetric("m", "urn:uuid:0", "standby", now), fhirDevice("2", "SN02")),
		"a server":         capability("instance"),
		"a kind of server": capability("capability"),
		"without a key":    `{"resourceType":"Device","manufacturer":"Acme"}`,
		"contained":        `{"resourceType":"Observation","subject":{"display":"` + canary + `"},"contained":[` + fhirDevice("1", "SN01") + `]}`,
	} {
		facts := func(media, body string, steps ...step) []string {
			var all []string
			for _, size := range []int{1 << 30, 1, 13} {
				r := run(t, http.New(), seen, protocoltest.Fixed(size), append(steps, says(acceptor, ok(media, body)))...)
				checkNoCanary(t, r)
				said := strings.Split(r.short(), "; ")
				sort.Strings(said)
				all = append(all, strings.Join(said, "; "))
			}
			return all
		}
		json, xml := facts(fhirJSON, resource), facts(fhirXML, asXML(resource))
		for i := range xml {
			if xml[i] != json[0] {
				t.Errorf("%s: as XML\n%s\nas JSON\n%s", name, xml[i], json[0])
			}
		}
	}
}

// TestBadXML: what breaks XML, or asks for more than records need, ends the body.
func TestBadXML(t *testing.T) {
	good := asXML(fhirDevice("1", "SN01"))
	const server = "2/1:fhir-server; "
	for _, c := range []struct{ name, body, want string }{
		{"a prefix", `<f:Device xmlns:f="http://hl7.org/fhir"><f:serialNumber value='SN01'/></f:Device>`, "2/3:SN01; parsed 2"},
		{"a byte order mark", "\xef\xbb\xbf<Device><serialNumber value='SN01'/></Device>\n", "2/3:SN01; parsed 2"},
		{"a long value", `<Device><serialNumber value="` + strings.Repeat("9", 999) + `"/><udiCarrier><carrierHRF value="+H123/SN01"/></udiCarrier></Device>`, "2/3:+H123/SN01; parsed 2"},
		{"a narrative of long names", "<Device><text><div>" + strings.Repeat("<"+strings.Repeat("x", 60)+">", 12) + strings.Repeat("</"+strings.Repeat("x", 60)+">", 12) +
			"</div></text><serialNumber value='SN01'/></Device>", "2/3:SN01; parsed 2"},
		{"another attribute", `<Device><serialNumber id="` + canary + `"/></Device>`, "parsed 2"},
		{"entities of its own", `<!DOCTYPE x [<!ENTITY a "` + canary + `">]><Device/>`, "parsed 1; malformed 1"},
		{"an entity that nobody has", `<Device><serialNumber value="&a;"/></Device>`, "parsed 1; malformed 1"},
		{"an entity without end", `<Device><serialNumber value="&` + strings.Repeat("a", 99), "parsed 1; malformed 1"},
		{"a character that is none", `<Device><serialNumber value="&#xD800;"/></Device>`, "parsed 1; malformed 1"},
		{"a bomb of laughs", `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><Device>&lol2;</Device>`, "parsed 1; malformed 1"},
		{"too deep", "<Device>" + strings.Repeat("<x>", 99), "parsed 1; limit 1"},
		{"a long name", "<Device><" + strings.Repeat("x", 999), "parsed 1; limit 1"},
		{"a long path", "<Device>" + strings.Repeat("<"+strings.Repeat("x", 60)+">", 12), "parsed 1; limit 1"},
		{"crossed", "<Device><a><b></a></b></Device>", "parsed 1; malformed 1"},
		{"two roots", good + "<Device/>", "parsed 1; malformed 1"},
		{"text behind", good + canary, "parsed 1; malformed 1"},
		{"no resource", `<device><serialNumber value="SN01"/></device>`, "parsed 1; malformed 1"},
		{"JSON", fhirDevice("1", "SN01"), "parsed 1; malformed 1"},
		{"cut", good[:len(good)-3], "parsed 1; truncated 1"},
		{"UTF-16", "\xff\xfe<\x00D\x00", "parsed 1; malformed 1"},
	} {
		t.Run(c.name, func(t *testing.T) { checks(t, seen, server+c.want, says(acceptor, ok(fhirXML, c.body))) })
	}
}

// TestDevicesOfOtherVersions reads what STU3, R5 and R6 call otherwise, and identifiers
// that say what they are.
func TestDevicesOfOtherVersions(t *testing.T) {
	for _, c := range []struct{ name, body, want string }{
		{"STU3", `{"resourceType":"Device","udi":{"carrierHRF":"(01)1(21)SN01"},"model":"X","version":"1.0"}`, "(01)1(21)SN01; 2/3:X; 2/3:1.0"},
		{"R6", `{"resourceType":"Device","serialNumber":"SN01","name":[{"value":"` + canary + `","type":"user-friendly-name"},{"value":"Reg","type":"registered-name"}],"deviceVersion":[{"type":{"text":"Firmware version"},"value":"7"}]}`, "SN01; 2/3:Reg; 2/3:7"},
		{"identifiers", `{"resourceType":"Device","identifier":[{"value":"` + canary + `"},{"type":{"coding":[{"code":"SNO"}]},"value":"SN01"},{"value":"FE-ED-AB-EE-DE-AD-77-C3","type":{"coding":[{"code":"SYSID"}]}},{"type":{"coding":[{"code":"MR"}]},"value":"` + canary + `"}]}`,
			"SN01; 2/3:FEEDABEEDEAD77C3"},
		{"an EUI-64 alone", `{"resourceType":"Device","identifier":[{"value":"FE-ED-AB-EE-DE-AD-77-C3","type":{"coding":[{"code":"SYSID"}]}}]}`, "FEEDABEEDEAD77C3"},
		{"a product code among others", `{"resourceType":"Device","serialNumber":"SN01","version":[{"type":{"coding":[{"code":"531976"},{"code":"x"}]},"value":"7"}]}`, "SN01; 2/3:7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			checks(t, seen, "2/1:fhir-server; 2/3:"+c.want+"; parsed 2", says(acceptor, ok(fhirJSON, c.body)))
		})
	}
	r := run(t, http.New(), seen, protocoltest.Whole, says(acceptor, ok(fhirJSON, `{"resourceType":"Device","serialNumber":"SN01","version":[{"type":{"coding":[{"code":"531976"}]},"value":"7"}]}`)))
	if last := r.observations[len(r.observations)-1].Facts; last[len(last)-1].Attribute != protocols.FirmwareVersion {
		t.Errorf("states %+v", last)
	}
}

func BenchmarkFHIRDeviceXML(b *testing.B) {
	conversation(b, ok(fhirXML, asXML(fhirDevice("1", "SN01"))))
}
