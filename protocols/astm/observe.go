package astm

import (
	"strings"

	"github.com/auscult/auscult/protocols"
)

// instrumentType is the DeviceType of what sends under the name of a known family.
const instrumentType = "astm:instrument"

// statement collects what one message says.
type statement struct {
	moment
	out      *protocols.Sink
	message  *message
	sender   *sender
	parts    []string // of H-5
	layout   *layout  // nil for an unknown sender
	measures bool     // its results were measured just now
	speaker  identity
}

// state hands on what a message says: of its sender, its receiver, and of the
// instruments that it names.
func (s *session) state(d protocols.Direction, m *message, out *protocols.Sink) {
	st := &statement{moment: s.last[d], out: out, message: m, sender: &s.senders[d]}
	if m.header {
		st.parts = m.components(&m.sender)
		st.layout = s.layoutOf(st.parts)
	}
	st.roles()
	own := st.introduce()
	named := s.fronted(st)
	st.measures = m.results > 0 && st.sender.current(m, st.when)
	st.speak(own)
	st.listener(s.layoutOf(m.components(&m.receiver)))
	st.instruments()
	st.behind(named)
}

func (st *statement) observe(about protocols.Subject, facts []protocols.Fact, report *protocols.Report) {
	st.out.Observe(protocols.Observation{When: st.when, Speaker: st.from, Listener: st.to, About: about, Facts: facts, Report: report})
}

// roles says what the sender does by its records.
func (st *statement) roles() {
	switch m := st.message; {
	case m.results > 0:
		st.speaker.role(protocols.RoleASTMResultSender, "R", roleFact)
	case m.queries > 0:
		st.speaker.role(protocols.RoleASTMOrderRequester, "Q", roleFact)
	case m.orders > 0 && st.layout == nil:
		st.speaker.role(protocols.RoleASTMOrderSource, "O", roleFact)
	}
}

// ordersOnly reports a message that orders and measures nothing: hosts send such,
// sometimes under the name of the instrument that they mean.
func (st *statement) ordersOnly() bool {
	m := st.message
	return m.orders > 0 && m.results == 0 && m.queries == 0
}

// introduce reads the sender's name, and returns what it is, or nil when the
// sender is not what it names.
func (st *statement) introduce() *identity {
	if len(st.parts) == 0 || st.ordersOnly() && st.layout != nil {
		return nil
	}
	id := &identity{}
	if st.layout == nil {
		id.add(protocols.Application, part(st.parts, 1), "H-5", st.believed(looseFact))
	} else {
		id.read(st.layout, st.parts, "H-5", st.believed)
		st.ownNumber(id)
	}
	st.sender.named(strings.Join(st.parts, "^"))
	return id
}

// ownNumber adds the serial number that results name where the sender's name has
// none. A sender whose results name several is the computer in front of them.
func (st *statement) ownNumber(id *identity) {
	number := ""
	for i := range st.message.used {
		if n := st.number(i); n != "" {
			number = n
			st.sender.sendsFor(n, false)
		}
	}
	if number != "" && !st.sender.fronts {
		id.add(protocols.SerialNumber, number, "R-14", st.believed(statedFact))
	}
}

// number is the serial number of an instrument that a result names, or "".
func (st *statement) number(i int) string {
	return protocols.SerialText(part(st.message.components(&st.message.instrument[i]), st.layout.instrument))
}

// believed weighs a fact: what stands in a frame whose checksum is wrong is loose.
func (st *statement) believed(confidence float64) float64 {
	if st.message.doubtful {
		return min(confidence, looseFact)
	}
	return confidence
}

// report says that its subject measures, if it does. Each observation owns its own.
func (st *statement) report() *protocols.Report {
	if !st.measures {
		return nil
	}
	return &protocols.Report{
		Complete: true, Valid: resultValid, Source: "astm R",
		Channels: []protocols.Channel{{State: protocols.InUse, Activity: protocols.Analysing}},
	}
}

// speak states the sender. One that sends under several names passes messages on:
// an instrument behind it is described, if there is anything to tell it by.
func (st *statement) speak(own *identity) {
	self := protocols.Subject{Kind: protocols.AboutSpeaker}
	field := "H-5"
	if !st.sender.several {
		if own != nil && (st.layout == nil || !st.sender.fronts) {
			st.speaker.facts = append(st.speaker.facts, own.facts...)
		}
		if !st.sender.fronts {
			st.observe(self, st.speaker.facts, st.report())
			return
		}
		field = "R-14"
	}
	st.speaker.role(protocols.RoleASTMRelay, field, roleFact)
	st.observe(self, st.speaker.facts, nil)
	if own != nil && own.get(protocols.SerialNumber) != "" && st.layout.instrument == 0 {
		st.observe(protocols.Subject{Kind: protocols.AboutDescribed}, own.facts, st.report())
	}
}

// listener states what the other side is by being sent this.
func (st *statement) listener(l *layout) {
	var id identity
	confidence := looseFact
	if st.sender.heard {
		confidence = roleFact
	}
	switch m := st.message; {
	case m.results > 0:
		id.role(protocols.RoleASTMResultReceiver, "R", confidence)
	case m.queries > 0:
		id.role(protocols.RoleASTMOrderSource, "Q", confidence)
	case st.ordersOnly() && l != nil:
		parts := m.components(&m.receiver)
		id.add(protocols.Manufacturer, l.maker, "H-10", echoedFact)
		id.add(protocols.Model, part(parts, l.model), "H-10", echoedFact) // its number may be that of one behind it
	}
	st.observe(protocols.Subject{Kind: protocols.AboutListener}, id.facts, nil)
}

// instruments states those that results name by their serial numbers behind a
// sender of several, and their modules.
func (st *statement) instruments() {
	if st.layout == nil {
		return
	}
	for i := range st.message.used {
		if whole := st.number(i); whole != "" && (st.sender.fronts || st.sender.several) {
			var id identity
			id.add(protocols.Manufacturer, st.layout.maker, "R-14", st.believed(tableFact))
			id.add(protocols.Model, part(st.parts, st.layout.model), "H-5", st.believed(productFact))
			id.add(protocols.SerialNumber, whole, "R-14", st.believed(statedFact))
			id.add(protocols.DeviceType, instrumentType, "R-14", st.believed(roleFact))
			st.observe(protocols.Subject{Kind: protocols.AboutDescribed}, id.facts, st.report())
		}
		st.module(i)
	}
}

// module states an instrument that is a module of the sender.
func (st *statement) module(i int) {
	l := st.layout
	whole := protocols.SerialText(part(st.parts, l.serial))
	number := protocols.SerialText(part(st.message.components(&st.message.instrument[i]), l.module))
	if whole == "" || number == "" || number == whole {
		return
	}
	var id identity
	id.add(protocols.Manufacturer, l.maker, "R-14", st.believed(tableFact))
	id.add(protocols.SerialNumber, number, "R-14", st.believed(statedFact))
	id.add(protocols.DeviceType, instrumentType, "R-14", st.believed(roleFact))
	st.observe(protocols.Subject{Kind: protocols.AboutDescribed, Component: whole}, id.facts, nil)
}
