package http

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// fhirMedia reports the media types of FHIR: R4 section 3.1.0.1.10, and the older
// form of DSTU2.
func fhirMedia(media string) bool {
	switch media {
	case "application/fhir+json", "application/fhir+xml", "application/json+fhir", "application/xml+fhir":
		return true
	}
	return false
}

// fhir reads one body: a resource, or a bundle of them. What it says is stated when
// the body is whole. JSON that does not begin as FHIR does is not read.
type fhir struct {
	scan     document
	certain  bool // the media type says that it is FHIR
	begun    bool // the first name was read
	other    bool // it is not FHIR
	request  bool
	passedOn bool
	closed   bool
	now      turn
	open     [maxNesting]resourceReader
	depth    int
	root     string // resourceType of the outermost
	devices  []record
	metrics  []metric
	over     bool // more than can be kept
}

func newFHIR(certain, request, passedOn, xml bool) protocols.Session {
	f := &fhir{certain: certain, request: request, passedOn: passedOn}
	if f.scan = (&scanner{on: f}); xml {
		f.scan = newFHIRXML(f)
	}
	return f
}

// document reads a text in pieces of any size, and tells a listener.
type document interface {
	write([]byte) bool // whether more can be read
	whole() bool       // whether all was read
	failure() failure
}

// Segment reads octets of the body.
func (f *fhir) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	f.now = turn{when: seg.When, direction: seg.Direction, from: seg.From, to: seg.To, out: out}
	defer func() { f.now.out = nil }()
	if f.closed {
		return protocols.Everything
	}
	ok := f.scan.write(seg.Bytes) && !f.other
	switch {
	case f.other:
		f.finish()
	case !ok && (f.begun || f.certain):
		out.Outcome([...]protocols.Outcome{broken: protocols.Malformed, tooMuch: protocols.LimitReached}[f.scan.failure()])
		f.finish()
	case !ok:
		f.finish()
	default:
		return 0
	}
	return protocols.Everything
}

// finish lets go of all that was read.
func (f *fhir) finish() {
	f.closed, f.devices, f.metrics, f.depth = true, nil, nil, 0
}

// Gap gives the body up: JSON cannot be read behind a hole.
func (f *fhir) Gap(_ protocols.Direction, _ uint64, out *protocols.Sink) {
	if !f.closed && f.begun {
		out.Outcome(protocols.Truncated)
	}
	f.finish()
}

// Close states what a whole body says.
func (f *fhir) Close(out *protocols.Sink) {
	if f.closed || !f.begun {
		return
	}
	f.now.out = out
	if !f.scan.whole() {
		out.Outcome(protocols.Truncated)
	} else {
		out.Outcome(protocols.Parsed)
		f.conclude()
	}
	f.now.out = nil
	f.finish()
}

// name looks at the first name of a body: FHIR servers and gateways begin with
// resourceType, and other JSON is seldom worth reading to its end.
func (f *fhir) name(path []byte) {
	if f.begun || f.other {
		return
	}
	f.begun = f.certain || string(path) == "resourceType"
	if !f.begun {
		f.other = true
	}
}

// isResource reports the paths at which a resource stands.
func (f *fhir) isResource(path []byte) bool {
	if f.depth == 0 {
		return len(path) == 0
	}
	switch string(f.open[f.depth-1].relative(path)) {
	case "entry.resource":
		return f.depth == 1
	case "contained":
		return true
	}
	return false
}

func (f *fhir) enter(path []byte) {
	if f.depth < maxNesting && f.isResource(path) {
		f.open[f.depth] = resourceReader{base: len(path)}
		f.depth++
		return
	}
	if r := f.current(); r != nil && string(r.relative(path)) == "entry" {
		r.url = ""
	}
}

func (f *fhir) current() *resourceReader {
	if f.depth == 0 {
		return nil
	}
	return &f.open[f.depth-1]
}

func (f *fhir) leave(path []byte) {
	r := f.current()
	if r == nil {
		return
	}
	if len(path) != r.base {
		r.group(string(r.relative(path)))
		return
	}
	f.depth--
	if f.depth == 0 {
		f.root = r.kind
	}
	f.keep(r)
	*r = resourceReader{}
}

func (f *fhir) wants(path []byte) bool {
	r := f.current()
	return r != nil && r.wants(string(r.relative(path)))
}

func (f *fhir) value(path, text []byte) {
	r := f.current()
	if f.depth == 1 && string(r.relative(path)) == "entry.fullUrl" {
		r.url = string(text)
		return
	}
	r.set(string(r.relative(path)), string(text))
}

// keep takes a resource that was read to its end.
func (f *fhir) keep(r *resourceReader) {
	url := ""
	if f.depth > 0 {
		url = f.open[f.depth-1].url
	}
	switch {
	case r.kind == "Device" && r.status != "entered-in-error":
		if f.over = f.over || len(f.devices) >= maxDevices; !f.over {
			f.devices = append(f.devices, record{url: url, id: r.id, device: r.device()})
		}
	case r.kind == "DeviceMetric" && r.operational != "":
		if f.over = f.over || len(f.metrics) >= maxDevices; !f.over {
			f.metrics = append(f.metrics, metric{of: r.source, name: r.metricName(), status: r.operational, updated: r.updated})
		}
	case (r.kind == "CapabilityStatement" || r.kind == "Conformance") && f.depth == 0 && r.purpose == "instance" && !f.request && !f.passedOn:
		f.server(r)
	}
}

// server notes what a server says of itself.
func (f *fhir) server(r *resourceReader) {
	if r.software == "" {
		return
	}
	facts := []protocols.Fact{{
		Attribute: protocols.Application, Value: r.software, Field: "CapabilityStatement.software.name", Confidence: softwareStated,
	}}
	if r.release != "" {
		facts = append(facts, protocols.Fact{
			Attribute: protocols.SoftwareVersion, Value: r.release, Field: "CapabilityStatement.software.version", Confidence: softwareStated,
		})
	}
	f.devices = append(f.devices, record{server: true, device: device{facts: facts}})
}

// record is a resource that waits for the end of the body.
type record struct {
	url, id string
	device  device
	server  bool
}

// named reports whether a reference means the record: FHIR R4 section 2.3.0.1.
func (r record) named(reference string) bool {
	if reference == "" {
		return false
	}
	return reference == r.url || r.id != "" && (strings.TrimPrefix(reference, "#") == r.id || lastTwo(reference) == "Device/"+r.id)
}

// lastTwo returns the last two segments of a reference: type and id.
func lastTwo(reference string) string {
	i := strings.LastIndexByte(reference, '/')
	if i < 0 {
		return reference
	}
	return reference[strings.LastIndexByte(reference[:i], '/')+1:]
}
