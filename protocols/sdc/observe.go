package sdc

import (
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// The confidence of statements.
const (
	// identified: a device states its model and its serial number.
	identified = 0.95
	// announced: a device says what it is, without a serial number.
	announced = 0.8
	// searching: a host looks for medical devices.
	searching = 0.9
	// proxied: somebody else tells of the device.
	proxied = 0.6
)

// contextHolds is how long a state holds. Devices tell of changes at once and do
// not repeat themselves; a report that was missed must not be believed for long.
const contextHolds = 15 * time.Minute

// turn is what is being read: when, from whom, to whom.
type turn struct {
	when     time.Time
	from, to protocols.Endpoint
	out      *protocols.Sink
}

func (t turn) state(about protocols.Subject, facts []protocols.Fact, report *protocols.Report) {
	t.out.Observe(protocols.Observation{
		When: t.when, Speaker: t.from, Listener: t.to, About: about, Facts: facts, Report: report,
	})
}

func role(r protocols.Role, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence}
}

// state hands on what a whole message says.
func (e *envelope) tell(t turn) {
	if e.found.kind != noKind {
		e.found.state(t)
		return
	}
	e.state.state(t)
}

// state hands on what a discovery message says of SDC devices. A Bye says that one
// leaves, which is not that it is off.
func (f *found) state(t turn) {
	for i := range f.targets {
		switch d := &f.targets[i]; {
		case !d.sdc():
		case f.kind == probe:
			t.state(protocols.Subject{Kind: protocols.AboutSpeaker}, []protocols.Fact{role(protocols.RoleSDCConsumer, "Probe Types", searching)}, nil)
		case f.kind == hello || f.kind == matches:
			if about, ok := d.subject(f.kind, t.from.Addr); ok {
				t.state(about, d.facts(about.Kind), d.report())
			}
		}
	}
}

func (t *target) facts(about protocols.SubjectKind) []protocols.Fact {
	confidence := announced
	if about != protocols.AboutSpeaker {
		confidence = proxied
	}
	facts := []protocols.Fact{role(protocols.RoleSDCProvider, "Types", confidence)}
	for _, c := range t.scopes.codes {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceType, Value: "mdc:" + c, Field: "Scopes sdc.cdc.type", Confidence: confidence})
	}
	if t.scopes.location != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.Location, Value: t.scopes.location, Field: "Scopes sdc.ctxt.loc", Confidence: confidence})
	}
	if t.endpoint != "" {
		facts = append(facts, protocols.Fact{Attribute: protocols.DeviceUID, Value: t.endpoint, Field: "EndpointReference", Confidence: confidence})
	}
	return facts
}

// report says that a patient is associated. That none is named says nothing.
func (t *target) report() *protocols.Report {
	if !t.scopes.patient {
		return nil
	}
	return inUse("ws-discovery Scopes sdc.ctxt.pat")
}

func inUse(source string) *protocols.Report {
	return &protocols.Report{Channels: []protocols.Channel{{State: protocols.InUse}}, Valid: contextHolds, Source: source}
}

// state hands on what a body says. The sender is the device of an MDIB, if that
// has one system.
func (p *participants) state(t turn) {
	speaker := protocols.Subject{Kind: protocols.AboutSpeaker}
	// Computers and printers have metadata, too, with serial numbers like 1.
	if facts := p.profile.stated("DPWS "); len(facts) > 0 && p.medical {
		t.state(speaker, facts, nil)
	}
	for i := range p.parts {
		p.tell(t, i)
	}
	var facts []protocols.Fact
	if p.place != "" && p.systems < 2 {
		facts = append(facts, protocols.Fact{Attribute: protocols.Location, Value: p.place, Field: "LocationDetail", Confidence: announced})
	}
	if report := p.report(); report != nil || facts != nil {
		t.state(speaker, facts, report)
	}
}

// tell states one system, or one module that has a serial number of its own.
func (p *participants) tell(t turn, i int) {
	about := protocols.Subject{Kind: protocols.AboutSpeaker}
	part := &p.parts[i]
	switch {
	case part.module:
		whole := p.parts[part.of].serial
		if part.serial == "" || whole == "" || part.serial == whole {
			return
		}
		about = protocols.Subject{Kind: protocols.AboutDescribed, Component: whole}
	case p.systems > 1:
		about.Kind = protocols.AboutDescribed
	}
	facts := part.stated("MetaData ")
	if about.Kind == protocols.AboutSpeaker && p.whole {
		facts = append(facts, role(protocols.RoleSDCProvider, "GetMdibResponse", searching))
	}
	if len(facts) > 0 {
		t.state(about, facts, nil)
	}
}

// stated returns the facts of a part, with the confidence that they have together.
func (t *part) stated(field string) []protocols.Fact {
	confidence := announced
	if t.serial != "" && t.has(protocols.Model) {
		confidence = identified
	}
	facts := slices.Clone(t.facts)
	for i := range facts {
		facts[i].Field, facts[i].Confidence = field+facts[i].Field, confidence
	}
	return facts
}

// report says what one system is doing. Of several, it is not told which is meant.
// An associated patient counts more than what the device says of itself, and
// service, maintenance and demonstration are no proof that nobody is at it.
func (p *participants) report() *protocols.Report {
	switch {
	case p.systems > 1 || len(p.activations) > 1:
		return nil
	case p.patient:
		return inUse("sdc PatientContextState")
	case len(p.activations) == 0:
		return nil
	}
	state := protocols.UnknownUse
	switch p.activations[0] {
	case "StndBy":
		state = protocols.Standby
	case "Off", "Shtdn":
		state = protocols.Off
	}
	if !p.whole {
		state = protocols.UnknownUse // who is associated stands in another report
	}
	return &protocols.Report{
		Complete: p.whole && !p.over, Channels: []protocols.Channel{{State: state}}, Valid: contextHolds, Source: "sdc MdsState ActivationState",
	}
}
