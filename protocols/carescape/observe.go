package carescape

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// maker is whose protocol it is: Marquette made it, GE has it since 1998.
const maker = "GE Healthcare"

// Confidences, by the ladder of protocols/README.md: there is no serial number and
// no product on the wire.
const (
	exercised = 0.85 // a role that was seen at work
	labelled  = 0.8  // what a person entered: unit and bed
	makerTold = 0.65 // follows from whose protocol it is
	called    = 0.5  // somebody speaks to it as to a monitor
)

// session remembers of one conversation what it has told, and nothing of content
// but the labels of beds.
type session struct {
	labels  [maxLabels][labelLen]byte // beds that the sender announced
	known   int                       // how many of labels
	current [labelLen]byte
	server  bool // the sender announces several beds
	told    [waveforms + 1]time.Time
	used    time.Time // when a use was last stated
	usedBed [labelLen]byte
	lastBed [waveforms + 1][labelLen]byte
}

// Segment states what one datagram says. A datagram has nothing to skip.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	m, outcome := parse(seg.Bytes)
	out.Outcome(outcome)
	if outcome != protocols.Parsed {
		return 0
	}
	var bed [labelLen]byte
	copy(bed[:], m.label)
	if m.kind == discovery {
		s.announce(bed)
	}
	facts := s.facts(&m, bed, seg.When)
	report := s.report(&m, bed, seg.When)
	if len(facts) > 0 || report != nil {
		s.observe(&m, seg, out, facts, report)
	}
	return 0
}

// Gap and Close have nothing to do: each datagram stands alone.
func (s *session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close implements protocols.Session.
func (s *session) Close(*protocols.Sink) {}

// announce tells a server of several beds from a monitor that got another label: a
// server comes back to one that it had left.
func (s *session) announce(bed [labelLen]byte) {
	if bed == s.current {
		return
	}
	s.current = bed
	for _, l := range s.labels[:s.known] {
		if l == bed {
			s.server = true
			return
		}
	}
	if s.known < maxLabels {
		s.labels[s.known] = bed
		s.known++
	}
}

// facts are what a message says; none where the same was said a moment ago.
func (s *session) facts(m *message, bed [labelLen]byte, when time.Time) []protocols.Fact {
	if last := s.told[m.kind]; !last.IsZero() && when.Sub(last) < restate && bed == s.lastBed[m.kind] {
		return nil
	}
	s.told[m.kind], s.lastBed[m.kind] = when, bed
	switch {
	case m.kind == request:
		return append(where(m.label, "data request"), role(protocols.RoleCARESCAPEViewer, "data request"))
	case m.kind == discovery && s.server:
		return append(where(m.label, "discovery"), made("discovery"), fact(protocols.DeviceLabel, text(m.label), "discovery", labelled))
	case m.kind == discovery && !m.admitted:
		return append(where(m.label, "discovery"), made("discovery"), role(protocols.RoleCARESCAPENode, "discovery"))
	}
	field := [...]string{discovery: "discovery", alarm: "alarm", numerics: "numerics", waveforms: "waveforms"}[m.kind]
	return append(where(m.label, field), made(field), role(protocols.RoleCARESCAPEMonitor, field))
}

// report says that the monitor is in use, or nothing.
func (s *session) report(m *message, bed [labelLen]byte, when time.Time) *protocols.Report {
	if !m.admitted && !m.measured || !s.used.IsZero() && when.Sub(s.used) < restate && bed == s.usedBed {
		return nil
	}
	s.used, s.usedBed = when, bed
	source := "carescape numerics"
	if m.admitted {
		source = "carescape discovery, patient field not empty"
	}
	channel := protocols.Channel{State: protocols.InUse, Activity: protocols.Monitoring}
	return &protocols.Report{Complete: true, Channels: []protocols.Channel{channel}, Valid: useValid, Source: source}
}

// observe says it about whom the message is about.
func (s *session) observe(m *message, seg protocols.Segment, out *protocols.Sink, facts []protocols.Fact, report *protocols.Report) {
	about := protocols.Subject{Kind: protocols.AboutSpeaker}
	switch {
	case m.kind == discovery && s.server:
		about.Kind = protocols.AboutDescribed
		if len(facts) == 0 {
			facts = []protocols.Fact{fact(protocols.DeviceLabel, text(m.label), "discovery", labelled)}
		}
	case m.addr.IsValid() && m.addr != seg.From.Addr.Unmap():
		about = protocols.Subject{Kind: protocols.AboutAddress, Addr: m.addr}
	}
	o := protocols.Observation{When: seg.When, Speaker: seg.From, Listener: seg.To, About: about, Facts: facts, Report: report}
	out.Observe(o)
	switch {
	case m.kind == request:
		o.About, o.Facts = protocols.Subject{Kind: protocols.AboutListener}, []protocols.Fact{fact(protocols.RoleOf, string(protocols.RoleCARESCAPECalled), "data request", called)}
		out.Observe(o)
	case about.Kind == protocols.AboutDescribed:
		o.About, o.Report, o.Facts = protocols.Subject{Kind: protocols.AboutSpeaker}, nil, []protocols.Fact{role(protocols.RoleCARESCAPEServer, "discovery")}
		out.Observe(o)
	}
}

func fact(a protocols.Attribute, value, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence}
}

func role(r protocols.Role, field string) protocols.Fact {
	return fact(protocols.RoleOf, string(r), field, exercised)
}

func made(field string) protocols.Fact {
	return fact(protocols.Manufacturer, maker, field, makerTold)
}

// where states unit and bed.
func where(label []byte, field string) []protocols.Fact {
	if label == nil {
		return nil
	}
	unit, _ := place(label)
	return []protocols.Fact{fact(protocols.Location, text(label), field, labelled), fact(protocols.Department, unit, field, labelled)}
}

// text writes a label with a space for the bar.
func text(label []byte) string {
	unit, bed := place(label)
	return unit + " " + bed
}
