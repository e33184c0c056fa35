package identity_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestInvariant04AnEngineIsNotTheProgramItSpeaksFor: messages keep the name of who
// wrote them on their way through an engine. It says nothing of the engine, whoever was
// heard first, and also where the engine sends the writer other messages.
func TestInvariant04AnEngineIsNotTheProgramItSpeaksFor(t *testing.T) {
	ehr, engine, lis := routed("10.0.3.1"), host("10.0.3.2", macB), routed("10.0.3.3")
	says := func(h *house, from, to protocols.Endpoint, program string) {
		h.say(protocols.HL7, from, to, aboutSpeaker, fact(protocols.Application, program), role(protocols.RoleHL7Sender))
	}
	for name, play := range map[string]func(*house){
		"in order":         func(h *house) { says(h, ehr, engine, "EPIC"); says(h, engine, lis, "EPIC") },
		"the engine first": func(h *house) { says(h, engine, lis, "EPIC"); h.devices(); says(h, ehr, engine, "EPIC") },
		"they send both": func(h *house) {
			says(h, ehr, engine, "EPIC")
			says(h, engine, ehr, "LAB")
			says(h, engine, lis, "EPIC")
		},
		"and it comes back": func(h *house) { says(h, ehr, engine, "EPIC"); says(h, engine, ehr, "EPIC") },
	} {
		h := newHouse(t)
		for range 2 { // who was not heard yet is nobody to send to
			play(h)
		}
		if d := h.ip("10.0.3.1"); d.Type != "ehr" || !shows(d, "software", "Epic") {
			t.Errorf("%s: whose name it is: %s", name, text(d))
		}
		if d := h.ip("10.0.3.2"); d.Type == "ehr" || shows(d, "software", "Epic") || !shows(d, "application", "EPIC") {
			t.Errorf("%s: who passes it on: %s", name, text(d))
		}
	}
}

// TestWhoIsToldIsSentMessages: the first message goes to somebody who was not heard yet.
func TestWhoIsToldIsSentMessages(t *testing.T) {
	h := newHouse(t)
	ehr, engine, lis := routed("10.0.3.1"), host("10.0.3.2", macB), routed("10.0.3.3")
	for _, hop := range [][2]protocols.Endpoint{{ehr, engine}, {engine, lis}} {
		h.say(protocols.HL7, hop[0], hop[1], aboutSpeaker, fact(protocols.Application, "EPIC"), role(protocols.RoleHL7ADTSource))
		h.say(protocols.HL7, hop[0], hop[1], aboutListener, role(protocols.RoleHL7ADTReceiver))
	}
	if d := h.ip("10.0.3.2"); d.Type == "ehr" || shows(d, "software", "Epic") {
		t.Errorf("%s", text(d))
	}
}

// TestAnInterfaceMakesNoProgram: the block of a MAC tells a maker of devices, and not of
// a program that runs on one. What is said of it counts.
func TestAnInterfaceMakesNoProgram(t *testing.T) {
	for name, c := range map[string]struct {
		fact  protocols.Fact
		maker string
	}{
		"a device":               {role(protocols.RoleHL7Sender), "ICU Medical"},
		"a program":              {fact(protocols.Application, "EPIC"), ""},
		"a program that says so": {fact(protocols.Manufacturer, "Philips"), "Philips"},
	} {
		h := newHouse(t)
		server := host("10.0.3.2", "00:03:b1:00:00:09")
		h.arp("10.0.3.2", "00:03:b1:00:00:09")
		h.say(protocols.HL7, server, protocols.Endpoint{}, aboutSpeaker, c.fact)
		if name != "a device" {
			h.say(protocols.HL7, server, protocols.Endpoint{}, aboutSpeaker, fact(protocols.Application, "EPIC"))
		}
		d := h.ip("10.0.3.2")
		if d.Manufacturer != c.maker || (d.Type == "ehr") != (name != "a device") || !shows(d, "manufacturer", "ICU Medical") {
			t.Errorf("%s: %s", name, text(d))
		}
	}
}
