package medibus

import (
	"fmt"

	"github.com/auscult/auscult/protocols"
)

// maker is whose protocol it is. Others built it into pumps, and so it is weak.
const maker = "Dräger"

// Confidences, by the ladder of protocols/README.md.
const (
	exercised = 0.9  // a role that was seen at work
	selfSaid  = 0.8  // the device names its product; there is no serial number
	called    = 0.5  // somebody speaks to it as to a device
	makerTold = 0.6  // follows from whose protocol it is
	lineTold  = 0.75 // a line may be plugged into another device
)

// describe states who the device is, as far as it has said.
func (s *session) describe(d protocols.Direction, out *protocols.Sink) {
	seg, id := s.heard[d], s.who[d]
	s.toldAt = seg.When
	facts := []protocols.Fact{lineOf(seg), fact(protocols.Manufacturer, maker, "requests and answers", makerTold)}
	add := func(a protocols.Attribute, value string) {
		if value != "" {
			facts = append(facts, fact(a, value, "device identification 52H", selfSaid))
		}
	}
	add(protocols.Model, id.name)
	add(protocols.SoftwareVersion, id.revision)
	if id.number != "" {
		add(protocols.DeviceType, "medibus:"+id.number)
	}
	observe(seg, out, protocols.AboutDescribed, nil, facts...)
}

// roles states what both ends are, by what one of them said. An end that was only
// asked may not be there.
func (s *session) roles(by protocols.Direction, out *protocols.Sink) {
	speaker, listener, heard := protocols.RoleMEDIBUSCarrier, protocols.RoleMEDIBUSCollector, exercised
	if s.ends[by] == collector {
		speaker, listener, heard = protocols.RoleMEDIBUSCollector, protocols.RoleMEDIBUSCarrier, called
	}
	observe(s.heard[by], out, protocols.AboutSpeaker, nil, fact(protocols.RoleOf, string(speaker), "requests and answers", exercised))
	observe(s.heard[by], out, protocols.AboutListener, nil, fact(protocols.RoleOf, string(listener), "requests and answers", heard))
}

// report states a use of the device; the same one not too often.
func (s *session) report(d protocols.Direction, state protocols.UseState, source string, out *protocols.Sink) {
	seg := s.heard[d]
	if state == s.state && seg.When.Sub(s.stated) < restate {
		return
	}
	s.state, s.stated = state, seg.When
	channel := protocols.Channel{State: state}
	if state == protocols.InUse {
		channel.Activity = protocols.Ventilating
	}
	observe(seg, out, protocols.AboutDescribed, &protocols.Report{Complete: true, Channels: []protocols.Channel{channel}, Valid: useValid, Source: source}, lineOf(seg))
}

// lineOf is the lower port of both: the one that was not taken at random, whichever
// end called the other and whether or not that was seen.
func lineOf(seg protocols.Segment) protocols.Fact {
	port := min(seg.From.Port, seg.To.Port)
	return fact(protocols.SerialLine, fmt.Sprintf("tcp/%d", port), "TCP port", lineTold)
}

func fact(a protocols.Attribute, value, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
}

func observe(seg protocols.Segment, out *protocols.Sink, about protocols.SubjectKind, report *protocols.Report, facts ...protocols.Fact) {
	out.Observe(protocols.Observation{When: seg.When, Speaker: seg.From, Listener: seg.To, About: protocols.Subject{Kind: about}, Facts: facts, Report: report})
}
