package poct1a

import (
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// statement collects what one document says.
type statement struct {
	moment
	out      *protocols.Sink
	document *document
	side     *side
}

// state hands on what a whole document says.
func (s *session) state(d protocols.Direction, doc *document, out *protocols.Sink) {
	st := &statement{moment: s.last[d], out: out, document: doc, side: &s.sides[d]}
	switch k := doc.kind; {
	case k.ofDevice():
		st.device()
	case k == kindManager:
		s.sides[d.Other()].lag = protocols.Lag{} // it may set the device's clock
		st.manager("DTV, REQ", roleFact)
	case k == kindAnswer && s.sides[d.Other()].greeted:
		st.manager("ACK", roleFact)
	}
}

func (st *statement) observe(about protocols.SubjectKind, facts []protocols.Fact, report *protocols.Report) {
	st.out.Observe(protocols.Observation{When: st.when, Speaker: st.from, Listener: st.to, About: protocols.Subject{Kind: about}, Facts: facts, Report: report})
}

func role(r protocols.Role, field string, confidence float64) protocols.Fact {
	return protocols.Fact{Attribute: protocols.RoleOf, Value: string(r), Field: field, Confidence: confidence}
}

// manager states once who manages devices.
func (st *statement) manager(field string, confidence float64) {
	if st.side.told || st.side.greeted {
		return
	}
	st.side.told = true
	st.observe(protocols.AboutSpeaker, []protocols.Fact{role(protocols.RolePOCT1AManager, field, confidence)}, nil)
}

// device states what a device's document says of it, of who brought it, and of who
// takes it.
func (st *statement) device() {
	side := st.side
	if st.document.kind == kindHello {
		side.greet(st.document.read(), st.from)
	}
	facts := st.subject()
	report := st.report()
	if side.self {
		st.observe(protocols.AboutSpeaker, append([]protocols.Fact{st.role()}, facts...), report)
	} else {
		st.observe(protocols.AboutSpeaker, []protocols.Fact{st.role()}, nil)
		if len(facts) > 0 && side.device.key() != "" {
			st.observe(protocols.AboutDescribed, facts, report)
		}
	}
	if !side.met {
		side.met = true
		st.observe(protocols.AboutListener, []protocols.Fact{role(protocols.RolePOCT1AManager, st.field(), looseFact)}, nil)
	}
}

// subject is by what the device is known: all of a greeting, and later what it takes
// to find it again.
func (st *statement) subject() []protocols.Fact {
	if st.side.device == nil {
		return nil // joined behind the greeting
	}
	var facts []protocols.Fact
	for _, f := range st.side.device.facts {
		switch f.Attribute {
		case protocols.Manufacturer, protocols.Model, protocols.SerialNumber, protocols.EUI64, protocols.DeviceLabel, protocols.DeviceType:
		default:
			if st.document.kind != kindHello {
				continue
			}
		}
		facts = append(facts, f)
	}
	return facts
}

// role is what the sender is by all that it has sent.
func (st *statement) role() protocols.Fact {
	switch {
	case st.side.several:
		return role(protocols.RolePOCT1ARelay, "HEL", roleFact)
	case st.side.self:
		return role(protocols.RolePOCT1ADevice, st.field(), roleFact)
	}
	return role(protocols.RolePOCT1AClient, st.field(), roleFact)
}

// field names the document.
func (st *statement) field() string {
	switch st.document.kind {
	case kindHello:
		return "HEL"
	case kindStatus:
		return "DST"
	case kindObservation:
		return "OBS"
	}
	return "EVS"
}

// report says what the device is doing, or nothing.
func (st *statement) report() *protocols.Report {
	d := st.document
	switch d.kind {
	case kindStatus:
		if state, valid := stateOf(d.get(condition)); state != "" && st.current(state) {
			return reportOf(state, valid, "poct1a DST.condition_cd")
		}
	case kindObservation:
		age, comparable := d.observed.before(stampOf(d.get(created)))
		if comparable && age > measuredValid || !d.observed.absent() && !d.observed.near(st.when) {
			return nil // stored, and sent when the device was docked
		}
		if st.current(protocols.InUse) {
			return reportOf(protocols.InUse, measuredValid, "poct1a OBS")
		}
	}
	return nil
}

func reportOf(state protocols.UseState, valid time.Duration, source string) *protocols.Report {
	c := protocols.Channel{State: state}
	if state == protocols.InUse {
		c.Activity = protocols.Analysing
	}
	return &protocols.Report{Complete: true, Channels: []protocols.Channel{c}, Valid: valid, Source: source}
}

// stateOf maps DST.condition_cd (POCT01-A2, annex B). A locked device refuses
// patients until somebody lets it go on: nobody is measured, and it is not free. A
// code that is not here says that nobody knows.
func stateOf(code string) (protocols.UseState, time.Duration) {
	switch strings.ToUpper(code) {
	case "":
		return "", 0
	case "R": // ready
		return protocols.Idle, readyValid
	case "B": // busy
		return protocols.InUse, busyValid
	case "L": // locked
		return protocols.Standby, readyValid
	}
	return protocols.UnknownUse, busyValid
}

// current reports whether a document speaks of now, by its own time. Without one
// nothing is called idle.
func (st *statement) current(state protocols.UseState) bool {
	at := stampOf(st.document.get(created))
	if at.absent() {
		return state == protocols.InUse || state == protocols.UnknownUse
	}
	return at.near(st.when) && !st.side.lag.Late(st.when.Sub(at.at), st.when, maxError)
}
