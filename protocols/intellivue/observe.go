package intellivue

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/auscult/auscult/protocols"
)

// Confidences, by the ladder of protocols/README.md.
const (
	selfSaid = 0.95 // the monitor's own words in its own protocol
	labelled = 0.8  // what a person entered: the bed label
	spoken   = 0.9  // a role that was seen at work
	called   = 0.5  // somebody speaks to it as to a monitor, and it has not answered
	preset   = 0.4  // a setting that many monitors have as delivered
)

// session remembers of one conversation what it has told, and nothing of content.
type session struct {
	use      use
	state    protocols.UseState // last stated
	stated   time.Time          // when
	facts    []protocols.Fact   // last stated of the monitor
	told     time.Time          // when
	asked    [2]bool            // roles of a collector and whom it calls, by direction
	answered [2]bool            // the role of the monitor, by direction
}

// Segment states what one datagram says. A datagram has nothing to skip.
func (s *session) Segment(seg protocols.Segment, out *protocols.Sink) uint64 {
	m, outcome := parse(seg.Bytes)
	out.Outcome(outcome)
	if outcome != protocols.Parsed {
		return 0
	}
	monitor, ok := m.kind.fromMonitor()
	switch {
	case !ok:
	case monitor:
		s.monitor(&m, seg, out)
	default:
		s.collector(seg, out)
	}
	return 0
}

// Gap and Close have nothing to do: each datagram stands alone.
func (s *session) Gap(protocols.Direction, uint64, *protocols.Sink) {}

// Close implements protocols.Session.
func (s *session) Close(*protocols.Sink) {}

// collector states who asks, and whom it takes for a monitor.
func (s *session) collector(seg protocols.Segment, out *protocols.Sink) {
	d := seg.Direction & 1
	if s.asked[d] {
		return
	}
	s.asked[d] = true
	observe(seg, out, protocols.AboutSpeaker, nil, role(protocols.RoleIntelliVueCollector, spoken))
	observe(seg, out, protocols.AboutListener, nil, role(protocols.RoleIntelliVueCalled, called))
}

// monitor states what the monitor says of itself, and what it is doing.
func (s *session) monitor(m *message, seg protocols.Segment, out *protocols.Sink) {
	d := seg.Direction & 1
	facts := m.facts()
	if len(facts) > 0 && slices.Equal(facts, s.facts) && seg.When.Sub(s.told) < restate {
		facts = nil
	}
	if len(facts) > 0 {
		s.facts, s.told = slices.Clone(facts), seg.When
	}
	if len(facts) > 0 || !s.answered[d] {
		facts = append(facts, role(protocols.RoleIntelliVueMonitor, spoken))
	}
	s.answered[d] = true
	if report := s.report(m, seg.When); len(facts) > 0 || report != nil {
		observe(seg, out, protocols.AboutSpeaker, report, facts...)
	}
}

// report is nil where a message has no news of use, or the same news too soon.
func (s *session) report(m *message, when time.Time) *protocols.Report {
	if !s.use.learn(m, when) {
		return nil
	}
	state, source := s.use.judge(when)
	if state == s.state && when.Sub(s.stated) < restate {
		return nil
	}
	s.state, s.stated = state, when
	channel := protocols.Channel{State: state}
	if state == protocols.InUse {
		channel.Activity = protocols.Monitoring
	}
	return &protocols.Report{Complete: true, Channels: []protocols.Channel{channel}, Valid: useValid, Source: source}
}

func observe(seg protocols.Segment, out *protocols.Sink, about protocols.SubjectKind, report *protocols.Report, facts ...protocols.Fact) {
	out.Observe(protocols.Observation{When: seg.When, Speaker: seg.From, Listener: seg.To, About: protocols.Subject{Kind: about}, Facts: facts, Report: report})
}

func role(r protocols.Role, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: "data export", Confidence: confidence}
}

// facts are what the monitor says of itself, without empty ones.
func (m *message) facts() []protocols.Fact {
	var facts []protocols.Fact
	add := func(a protocols.Attribute, value, field string, confidence float64) {
		if value != "" {
			facts = append(facts, protocols.Fact{Attribute: a, Value: value, Field: field, Confidence: confidence})
		}
	}
	add(protocols.Manufacturer, ascii(m.maker), "System Model 0928", selfSaid)
	add(protocols.Model, ascii(m.model), "System Model 0928", selfSaid)
	add(protocols.SerialNumber, ascii(m.serial), "Production Specification 092D", selfSaid)
	add(protocols.PartNumber, ascii(m.part), "Production Specification 092D", selfSaid)
	add(protocols.HardwareVersion, ascii(m.hardware), "Production Specification 092D", selfSaid)
	add(protocols.SoftwareVersion, ascii(m.software), "Production Specification 092D", selfSaid)
	add(protocols.FirmwareVersion, ascii(m.firmware), "Production Specification 092D", selfSaid)
	if !m.mac.IsZero() {
		add(protocols.HardwareAddress, m.mac.String(), m.macField, selfSaid)
	}
	if m.eui != nil {
		add(protocols.EUI64, strings.ToUpper(hex.EncodeToString(m.eui)), "System Id 0984", selfSaid)
	}
	if m.addr.IsValid() {
		add(protocols.IPAddress, m.addr.String(), fieldAddress, labelled)
	}
	if m.systemType != 0 {
		// The code of ISO/IEEE 11073-10101 is the partition and the code in it.
		add(protocols.DeviceType, fmt.Sprintf("mdc:%d", m.systemType), "System Type 0986", selfSaid)
	}
	add(protocols.Location, wide(m.label), "Bed Label 091E", labelled)
	add(protocols.Department, area(m.area), "Application Area 090D", preset)
	return facts
}

// area names the application area for which the monitor is configured.
func area(code uint16) string {
	switch code {
	case 1:
		return "operating room"
	case 2:
		return "intensive care"
	case 3:
		return "neonatal intensive care"
	case 4:
		return "cardiology"
	}
	return ""
}

// ascii returns printable text up to the first NUL, behind which monitors were seen
// to send other octets, or "" for none: dashes stand for a part that is not there.
func ascii(v []byte) string {
	for i, c := range v {
		if c == 0 {
			v = v[:i]
			break
		}
		if c < ' ' || c > '~' {
			return ""
		}
	}
	if text := strings.TrimSpace(string(v)); strings.Trim(text, "-") != "" {
		return text
	}
	return ""
}

// wide returns the text of UTF-16 up to the first NUL, or "" for anything else.
func wide(v []byte) string {
	var units []uint16
	for ; len(v) >= 2 && be.Uint16(v) != 0; v = v[2:] {
		if len(units) == maxLabel {
			return ""
		}
		units = append(units, be.Uint16(v))
	}
	text, ok := protocols.Text(string(utf16.Decode(units)))
	if !ok || strings.ContainsRune(text, '\uFFFD') {
		return ""
	}
	return text
}
