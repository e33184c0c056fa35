package http

import (
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// resourceReader gathers the elements of one resource. Which resource it is may be
// told last, so that the allow-list is that of all kinds: Device of FHIR STU3 to R6,
// DeviceMetric, CapabilityStatement, which DSTU2 calls Conformance.
type resourceReader struct {
	base        int // length of the path of the resource
	kind        string
	id          string
	url         string // fullUrl of the open entry, of a bundle
	updated     string
	status      string
	operational string
	source      string
	purpose     string // CapabilityStatement.kind
	software    string
	release     string
	facts       []protocols.Fact
	pair        pair
	model       bool   // modelNumber or the name of the model was given
	numbered    bool   // modelNumber was given
	serial      string // serialNumber
	codes       string // first code of a type, with its system
}

// pair gathers the parts of an element that repeats.
type pair struct{ system, code, kind, value, name string }

// relative is a path inside the resource.
func (r *resourceReader) relative(path []byte) []byte {
	if r.base == 0 {
		return path
	}
	if len(path) <= r.base {
		return nil
	}
	return path[r.base+1:]
}

// wants is the allow-list. What is not on it is never copied: patient, subject,
// text, note, contact, owner, and everything of other resources. An identifier is
// looked at only where the resource is known to be a Device.
func (r *resourceReader) wants(path string) bool {
	switch r.kind {
	case "Device":
		if strings.HasPrefix(path, "identifier.") {
			return path == "identifier.type.coding.code" || path == "identifier.value"
		}
	case "", "DeviceMetric", "CapabilityStatement", "Conformance":
	case "Bundle":
		return path == "entry.fullUrl"
	default:
		return false
	}
	switch path {
	case "resourceType", "id", "meta.lastUpdated", "status", "manufacturer", "modelNumber", "serialNumber",
		"model", "udiCarrier.carrierHRF", "udi.carrierHRF", "deviceName.name", "deviceName.value", "deviceName.type", "name.value", "name.type",
		"deviceVersion.value", "deviceVersion.type.coding.code", "deviceVersion.type.text", "version",
		"version.value", "version.type.coding.code", "version.type.text", "type.coding.system", "type.coding.code",
		"operationalStatus", "source.reference", "device.reference", "kind", "software.name", "software.version",
		"entry.fullUrl":
		return true
	}
	return false
}

// set takes one value of the allow-list.
func (r *resourceReader) set(path, text string) {
	switch path {
	case "resourceType":
		r.kind = text
	case "id":
		r.id = text
	case "meta.lastUpdated":
		r.updated = text
	case "status":
		r.status = text
	case "operationalStatus":
		r.operational = text
	case "source.reference", "device.reference":
		r.source = text
	case "kind":
		r.purpose = text
	case "software.name":
		r.software = text
	case "software.version":
		r.release = text
	default:
		r.describe(path, text)
	}
}

// describe takes what a device is.
func (r *resourceReader) describe(path, text string) {
	switch path {
	case "manufacturer":
		r.add(protocols.Manufacturer, text, path, recorded)
	case "modelNumber", "model":
		r.model, r.numbered = true, true
		r.add(protocols.Model, text, path, recorded)
	case "serialNumber":
		r.number(text, path)
	case "udiCarrier.carrierHRF", "udi.carrierHRF":
		if unique(text) {
			r.add(protocols.UDI, text, path, recorded)
		}
	case "version":
		r.add(protocols.SoftwareVersion, text, path, guessed)
	default:
		r.pair.take(path, text)
	}
}

// take takes a part of an element that repeats.
func (p *pair) take(path, text string) {
	switch path {
	case "deviceName.name", "deviceName.value", "name.value":
		p.name = text
	case "deviceName.type", "name.type", "version.type.text", "deviceVersion.type.text":
		p.kind = text
	case "version.value", "deviceVersion.value", "identifier.value":
		p.value = text
	case "type.coding.system":
		p.system = text
	case "type.coding.code":
		p.code = text
	case "identifier.type.coding.code":
		if p.code != "" && p.code != text {
			text = severalKinds
		}
		p.code = text
	case "version.type.coding.code", "deviceVersion.type.coding.code":
		if p.code == "" || ofProduct(text) {
			p.code = text
		}
	}
}

// add notes a fact, once, with a bound against endless repetition. What has not its
// form is dropped.
func (r *resourceReader) add(a protocols.Attribute, value, path string, confidence float64) {
	if value = formed(a, value); value == "" {
		return
	}
	known := slices.ContainsFunc(r.facts, func(f protocols.Fact) bool { return f.Attribute == a && f.Value == value })
	if len(r.facts) < maxFacts && !known {
		r.facts = append(r.facts, protocols.Fact{Attribute: a, Value: value, Field: "Device." + path, Confidence: confidence})
	}
}

// group ends an element that repeats.
func (r *resourceReader) group(path string) {
	p := &r.pair
	switch path {
	case "deviceName", "name":
		r.deviceName(p.kind, p.name)
	case "version", "deviceVersion":
		r.version(p)
	case "identifier":
		r.identifier(p.code, p.value)
	case "type.coding":
		r.coding(p.system, p.code)
	default:
		return
	}
	*p = pair{}
}

// deviceName keeps names that a maker gives. Those that users and patients give may
// hold anything.
func (r *resourceReader) deviceName(kind, name string) {
	switch kind {
	case "model-name":
		r.model = true
		r.add(protocols.Model, name, "deviceName", recorded)
	case "udi-label-name", "registered-name", "manufacturer-name":
		if !r.model {
			r.model = true
			r.add(protocols.Model, name, "deviceName", guessed)
		}
	}
}

// Code systems: HL7 terminology, "Using MDC with HL7" and "Using SNOMED CT with HL7".
const (
	systemMDC    = "urn:iso:std:iso:11073:10101"
	systemSNOMED = "http://snomed.info/sct"
)

func (r *resourceReader) coding(system, code string) {
	code = coded(system, code)
	if r.codes == "" {
		r.codes = code
	}
	if r.kind != "DeviceMetric" {
		r.add(protocols.DeviceType, code, "type", recorded)
	}
}

// device is what a record says of one.
type device struct {
	facts   []protocols.Fact
	updated string
	keyed   bool
}

// device ends a record. Where the maker's number of the model is given (R4 section
// 8.13.4, modelNumber), the name of the model is that of its line, and no other model.
func (r *resourceReader) device() device {
	for i := range r.facts {
		if f := &r.facts[i]; r.numbered && f.Attribute == protocols.Model && f.Field == "Device.deviceName" {
			f.Confidence = guessed
		}
	}
	d := device{facts: r.facts, updated: r.updated, keyed: r.serial != ""}
	for _, f := range r.facts {
		d.keyed = d.keyed || f.Attribute == protocols.UDI || f.Attribute == protocols.EUI64
	}
	return d
}

// metricName names the channel that a metric is.
func (r *resourceReader) metricName() string {
	if r.codes != "" {
		return r.codes
	}
	return unnamed(r.id)
}

// fresh reports whether a record of that time says what is now. What a gateway
// sends is new unless it says otherwise; what a server has may be old.
func fresh(updated string, when time.Time, request bool) bool {
	if updated == "" {
		return request
	}
	at, err := time.Parse(time.RFC3339Nano, updated)
	if err != nil {
		return false
	}
	age := when.Sub(at)
	return age < reportHolds && age > -reportHolds
}
