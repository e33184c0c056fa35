package poct1a_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/poct1a"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// The two ends of every conversation in these tests, and its time.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 40000, MAC: protocols.MAC{0x00, 0x09, 0xfb, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 9100, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
	noon     = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
)

type heard = protocoltest.Heard

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
	out := h.Sink(protocols.POCT1A)
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
