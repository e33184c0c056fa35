package http

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// reportHolds is how long the status of a metric holds: gateways repeat what they
// report every minute or so, and a record in a server is old after more.
const reportHolds = 15 * time.Minute

// metric is a DeviceMetric that waits for its device.
type metric struct{ of, name, status, updated string }

// conclude states what a whole body says: of the server itself, and of devices
// that are not the sender. A record without serial number and UDI says of no
// device which one it is, and is not stated.
func (f *fhir) conclude() {
	if f.over {
		f.now.out.Outcome(protocols.LimitReached)
	}
	if !f.request && !f.passedOn && !f.certain && f.root != "" {
		f.now.state(protocols.Subject{Kind: protocols.AboutSpeaker}, []protocols.Fact{{
			Attribute: protocols.RoleOf, Value: string(protocols.RoleFHIRServer), Field: "resourceType", Confidence: askedFor,
		}}, nil)
	}
	for _, r := range f.devices {
		switch {
		case r.server:
			f.now.state(protocols.Subject{Kind: protocols.AboutSpeaker}, r.device.facts, nil)
		case r.device.keyed:
			f.describe(r)
		}
	}
}

func (f *fhir) describe(r record) {
	facts := r.device.facts
	if f.request {
		for i := range facts {
			if facts[i].Confidence == recorded {
				facts[i].Confidence = posted
			}
		}
	}
	f.now.state(protocols.Subject{Kind: protocols.AboutDescribed}, facts, f.report(r))
}

// report is what the metrics of a device say of it. They need not be all, so that
// it is never complete.
func (f *fhir) report(r record) *protocols.Report {
	var channels []protocols.Channel
	for _, m := range f.metrics {
		state := useOf(m.status)
		if state == "" || !r.named(m.of) || !fresh(m.updated, f.now.when, f.request) {
			continue
		}
		channels = append(channels, protocols.Channel{Name: m.name, State: state})
	}
	if len(channels) == 0 {
		return nil
	}
	return &protocols.Report{Channels: channels, Valid: reportHolds, Source: "fhir DeviceMetric.operationalStatus"}
}

// useOf reads FHIR metric-operational-status. A metric that is on can be measured,
// which says nothing of a patient.
func useOf(status string) protocols.UseState {
	switch status {
	case "on":
		return protocols.UnknownUse
	case "standby":
		return protocols.Standby
	case "off":
		return protocols.Off
	}
	return ""
}
