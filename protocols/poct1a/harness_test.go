package poct1a_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
)

// The two ends of every conversation in these tests, and its time.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 40000, MAC: protocols.MAC{0x00, 0x09, 0xfb, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 9100, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
	noon     = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
)

// heard is what a session stated and counted.
type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
	refused      int
}

func (h *heard) sink() *protocols.Sink {
	return protocols.NewSink(protocols.POCT1A,
		func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) },
		func(protocols.Name) { h.refused++ })
}

// bit is a run of octets in one direction.
type bit struct {
	back bool
	text string
	when time.Time // noon when zero
}

func segment(b bit) protocols.Segment {
	s := protocols.Segment{When: b.when, From: opener, To: acceptor, Bytes: []byte(b.text)}
	if s.When.IsZero() {
		s.When = noon
	}
	if b.back {
		s.Direction, s.From, s.To = protocols.FromAcceptor, acceptor, opener
	}
	return s
}

// listen plays a conversation in pieces of at most size octets (0: whole).
func listen(size int, bits ...bit) *heard {
	return play(protocols.Context{OpenerKnown: true}, size, bits...)
}

func play(c protocols.Context, size int, bits ...bit) *heard {
	h := &heard{}
	out := h.sink()
	s := poct1a.New().Open(c)
	for _, b := range bits {
		for len(b.text) > 0 {
			n := len(b.text)
			if size > 0 {
				n = min(n, size)
			}
			if s.Segment(segment(bit{b.back, b.text[:n], b.when}), out) != 0 {
				panic("documents have no lengths to skip by")
			}
			b.text = b.text[n:]
		}
	}
	s.Close(out)
	return h
}

// element writes an element with its value in the attribute V, as POCT01-A2 has it.
func element(name, v string) string { return fmt.Sprintf("<%s V=%q/>", name, v) }

// message writes one document: its header, and what stands below it.
func message(kind, created string, body ...string) string {
	head := element("HDR.message_type", kind) + element("HDR.control_id", "7") + element("HDR.version_id", "POCT1")
	if created != "" {
		head += element("HDR.creation_dttm", created)
	}
	return "<" + kind + "><HDR>" + head + "</HDR>" + strings.Join(body, "") + "</" + kind + ">"
}

// object writes an object around its attributes.
func object(name string, body ...string) string {
	return "<" + name + ">" + strings.Join(body, "") + "</" + name + ">"
}

const now = "2026-01-02T12:00:00+00:00"

// hello greets as a meter does that is docked.
func hello(serial string) string {
	return message("HEL.R01", now, object("DEV", element("DEV.device_id", "Example^Ward 9"), element("DEV.vendor_id", "EXMP"),
		element("DEV.model_id", "GlucoTest 7"), element("DEV.serial_id", serial), element("DEV.manufacturer_name", "Example Diagnostics"),
		element("DEV.hw_version", "K1"), element("DEV.sw_version", "3.10.8.0"), object("DCP", element("DCP.application_timeout", "120"))))
}

// bench greets as an analyser does that stands on the network.
func bench(serial string) string {
	return message("HEL.R01", now, object("DEV", element("DEV.device_id", "SIEM^DCA Vantage^"+serial), element("DEV.vendor_id", "SIEM"),
		element("DEV.model_id", "DCA Vantage"), element("DEV.serial_id", serial), element("DEV.manufacturer_name", "Siemens Healthcare Diagnostics"),
		element("DEV.hw_version", "1"), element("DEV.sw_version", "4.4.0.0")))
}

func status(created, condition string) string {
	return message("DST.R01", created, object("DST", element("DST.status_dttm", created), element("DST.new_observations_qty", "0"), element("DST.condition_cd", condition)))
}

// observation measures a canary.
func observation(created, observed string) string {
	return message("OBS.R01", created, object("SVC", element("SVC.role_cd", "OBS"), element("SVC.observation_dttm", observed),
		object("PT", element("PT.patient_id", "CANARY-PATIENT"), element("PT.name", "CANARY"), element("PT.birth_date", "1950-01-01"),
			object("OBS", element("OBS.observation_id", "GLU"), "<OBS.value V=\"CANARY-VALUE\" U=\"mg/dL\">CANARY-TEXT</OBS.value>", element("OBS.method_cd", "M"),
				object("NTE", element("NTE.text", "CANARY-NOTE")))),
		object("OPR", element("OPR.operator_id", "CANARY-OPERATOR"), element("OPR.name", "CANARY")), object("ORD", element("ORD.order_id", "CANARY-ORDER"))))
}

// accept is what a manager answers.
func accept() string {
	return `<?xml version="1.0" encoding="utf-8"?>` + message("ACK.R01", now, object("ACK", element("ACK.type_cd", "AA"), element("ACK.ack_control_id", "7")))
}

func forward(s string) bit { return bit{text: s} }
func answer(s string) bit  { return bit{back: true, text: s} }

// print writes observations so that a person can check them.
func (h *heard) print() string {
	var b strings.Builder
	for _, o := range h.observations {
		fmt.Fprintf(&b, "%s about %s\n", o.Speaker.Addr, subject(o.About))
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %-16s %-28q %s %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if r := o.Report; r != nil {
			fmt.Fprintf(&b, "  report complete=%v valid=%s source=%q", r.Complete, r.Valid, r.Source)
			for _, c := range r.Channels {
				fmt.Fprintf(&b, " channel %q %s %s", c.Name, c.State, c.Activity)
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "outcomes %v refused %d\n", h.outcomes, h.refused)
	return b.String()
}

func subject(s protocols.Subject) string {
	name := map[protocols.SubjectKind]string{
		protocols.AboutSpeaker: "speaker", protocols.AboutListener: "listener", protocols.AboutDescribed: "described",
	}[s.Kind]
	if s.Component != "" {
		name += " part of " + s.Component
	}
	return name
}

// texts is everything in observations that could hold a word of a message.
func (h *heard) texts() string {
	var b strings.Builder
	for _, o := range h.observations {
		fmt.Fprintln(&b, o.About.Component, o.About.Title)
		for _, f := range o.Facts {
			fmt.Fprintln(&b, f.Value, f.Field)
		}
		if o.Report != nil {
			fmt.Fprintln(&b, o.Report.Source)
			for _, c := range o.Report.Channels {
				fmt.Fprintln(&b, c.Name, c.Agent, c.Rate)
			}
		}
	}
	return b.String()
}

// get returns a fact of the first statement about a kind of subject.
func (h *heard) get(about protocols.SubjectKind, a protocols.Attribute) string {
	for _, o := range h.observations {
		if o.About.Kind != about {
			continue
		}
		for _, f := range o.Facts {
			if f.Attribute == a {
				return f.Value
			}
		}
	}
	return ""
}

// uses counts the statements of use about a kind of subject.
func (h *heard) uses(about protocols.SubjectKind) (n int) {
	for _, o := range h.observations {
		if o.About.Kind == about && o.Report != nil {
			n++
		}
	}
	return n
}

// counted is how often an outcome was counted.
func (h *heard) counted(o protocols.Outcome) (n int) {
	for _, other := range h.outcomes {
		if other == o {
			n++
		}
	}
	return n
}
