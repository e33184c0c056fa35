package http

import (
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// resourceReader gathers the elements of one resource. Which resource it is may be
// told last, so that the allow-list is that of all three kinds: FHIR R4 and R5,
// Device, DeviceMetric, CapabilityStatement.
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
// text, note, contact, owner, identifier, and everything of other resources.
func (r *resourceReader) wants(path string) bool {
	switch r.kind {
	case "", "Device", "DeviceMetric", "CapabilityStatement":
	case "Bundle":
		return path == "entry.fullUrl"
	default:
		return false
	}
	switch path {
	case "resourceType", "id", "meta.lastUpdated", "status", "manufacturer", "modelNumber", "serialNumber",
		"udiCarrier.carrierHRF", "deviceName.name", "deviceName.value", "deviceName.type",
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
	case "modelNumber":
		r.model = true
		r.add(protocols.Model, text, path, recorded)
	case "serialNumber":
		r.serial = text
		r.add(protocols.SerialNumber, text, path, recorded)
	case "udiCarrier.carrierHRF":
		if unique(text) {
			r.add(protocols.UDI, text, path, recorded)
		}
	case "deviceName.name", "deviceName.value":
		r.pair.name = text
	case "deviceName.type", "version.type.text":
		r.pair.kind = text
	case "version.value":
		r.pair.value = text
	case "type.coding.system":
		r.pair.system = text
	case "type.coding.code", "version.type.coding.code":
		r.pair.code = text
	}
}

// add notes a fact, with a bound against endless repetition.
func (r *resourceReader) add(a protocols.Attribute, value, path string, confidence float64) {
	if len(r.facts) < maxFacts {
		r.facts = append(r.facts, protocols.Fact{Attribute: a, Value: value, Field: "Device." + path, Confidence: confidence})
	}
}

// unique reports a UDI that names one device, with its serial number: GS1
// application identifier 21, HIBCC secondary data flag S, ICCBBA data identifier
// "=,". One without names a kind of device.
func unique(udi string) bool {
	return strings.Contains(udi, "(21)") || udi != "" && udi[0] == '+' && strings.Contains(udi, "/S") ||
		strings.HasPrefix(udi, "=") && strings.Contains(udi, "=,")
}

// group ends an element that repeats.
func (r *resourceReader) group(path string) {
	p := &r.pair
	switch path {
	case "deviceName":
		r.deviceName(p.kind, p.name)
	case "version":
		r.version(p)
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

// version keeps a version by the code of what it is of: IEEE 11073-10101
// MDC_ID_PROD_SPEC_HW, _SW and _FW.
func (r *resourceReader) version(p *pair) {
	switch {
	case p.value == "":
	case p.code == "531974" || strings.HasPrefix(strings.ToUpper(p.kind), "HW"):
		r.add(protocols.HardwareVersion, p.value, "version", recorded)
	case p.code == "531975" || p.code == "531976" || strings.HasPrefix(strings.ToUpper(p.kind), "SW"), strings.HasPrefix(strings.ToUpper(p.kind), "FW"):
		r.add(protocols.SoftwareVersion, p.value, "version", recorded)
	case p.code == "" && p.kind == "":
		r.add(protocols.SoftwareVersion, p.value, "version", guessed)
	}
}

// Code systems: HL7 terminology, "Using MDC with HL7" and "Using SNOMED CT with HL7".
const (
	systemMDC    = "urn:iso:std:iso:11073:10101"
	systemSNOMED = "http://snomed.info/sct"
)

func (r *resourceReader) coding(system, code string) {
	prefix := ""
	switch system {
	case systemMDC:
		prefix = "mdc:"
	case systemSNOMED:
		prefix = "sct:"
	}
	if prefix == "" || code == "" {
		return
	}
	if r.codes == "" {
		r.codes = prefix + code
	}
	if r.kind != "DeviceMetric" {
		r.add(protocols.DeviceType, prefix+code, "type", recorded)
	}
}

// device is what a record says of one.
type device struct {
	facts   []protocols.Fact
	updated string
	keyed   bool
}

func (r *resourceReader) device() device {
	d := device{facts: r.facts, updated: r.updated, keyed: r.serial != ""}
	for _, f := range r.facts {
		d.keyed = d.keyed || f.Attribute == protocols.UDI
	}
	return d
}

// metricName names the channel that a metric is.
func (r *resourceReader) metricName() string {
	if r.codes != "" {
		return r.codes
	}
	return r.id
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
