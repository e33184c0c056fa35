package identity_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// TestInvariant04LinesOfASerialServer: what is on a line has no serial number. It is
// one device for each line and each server, and neither is the server; a line is no
// label of the hospital's.
func TestInvariant04LinesOfASerialServer(t *testing.T) {
	h := newHouse(t)
	server, other, collector := host("10.0.3.10", gatewayMAC), host("10.0.3.11", macA), host("10.0.3.2", macB)
	on := func(server protocols.Endpoint, line, model string) {
		h.say(protocols.MEDIBUS, server, collector, aboutSpeaker, role(protocols.RoleMEDIBUSCarrier))
		h.say(protocols.MEDIBUS, server, collector, aboutDescribed, fact(protocols.SerialLine, line), fact(protocols.Model, model))
	}
	on(server, "tcp/4001", "Evita XL")
	on(server, "tcp/4002", "Primus")
	on(other, "tcp/4001", "Zeus")
	on(server, "tcp/4001", "Evita XL")
	h.count(5)
	for model, by := range map[string]string{"Evita XL": "10.0.3.10", "Primus": "10.0.3.10", "Zeus": "10.0.3.11"} {
		d := h.with(model, func(d inventory.Device) bool { return d.Model == model })
		if d.Presence != inventory.Behind || d.Via != h.ip(by).ID || len(d.IPs)+len(d.MACs) != 0 || !slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool {
			return e.Attribute == "serial_line"
		}) {
			t.Errorf("%s: %s", model, text(d))
		}
		if slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool { return e.Attribute == string(protocols.DeviceLabel) }) {
			t.Errorf("a line is shown as a label: %s", text(d))
		}
	}
	if d := h.ip("10.0.3.10"); d.Model != "" {
		t.Errorf("the server is its line: %s", text(d))
	}
}

// TestPartNumbersGoWithTheMachine: they are of the product, as its serial number is,
// and not of the host that speaks.
func TestPartNumbersGoWithTheMachine(t *testing.T) {
	h := newHouse(t)
	gateway := host("10.0.3.10", gatewayMAC)
	for _, serial := range []string{"DE100001", "DE100002"} {
		h.say(protocols.IntelliVue, gateway, protocols.Endpoint{}, aboutSpeaker,
			append(machine("Philips", "M8007A", serial, ""), fact(protocols.PartNumber, "M8007A-"+serial), fact(protocols.FirmwareVersion, "F-"+serial))...)
	}
	for _, serial := range []string{"DE100001", "DE100002"} {
		if d := h.serial(serial); !shows(d, "part_number", "M8007A-"+serial) || !shows(d, "firmware_version", "F-"+serial) {
			t.Errorf("%s", text(d))
		}
	}
}

// TestAnalysersAreNoSendersOfMessages: a laboratory system that takes the results of
// many instruments and the messages of one engine is no engine.
func TestAnalysersAreNoSendersOfMessages(t *testing.T) {
	h := newHouse(t)
	lis := host("10.0.3.2", macB)
	for _, from := range []string{"10.0.3.11", "10.0.3.12", "10.0.3.13"} {
		h.say(protocols.ASTM, routed(from), lis, aboutSpeaker, role(protocols.RoleASTMResultSender))
		h.say(protocols.ASTM, lis, routed(from), aboutSpeaker, role(protocols.RoleASTMResultReceiver))
	}
	h.say(protocols.HL7, routed("10.0.3.20"), lis, aboutSpeaker, role(protocols.RoleHL7Sender))
	if d := h.ip("10.0.3.2"); d.Type == "integration-engine" {
		t.Errorf("%s", text(d))
	}
	h.say(protocols.HL7, routed("10.0.3.21"), lis, aboutSpeaker, role(protocols.RoleHL7Sender))
	if d := h.ip("10.0.3.2"); d.Type != "integration-engine" {
		t.Errorf("two senders of messages: %s", text(d))
	}
}

// TestInvariant04ARelayIsNoneOfItsInstruments: it sends in the name of one first, and
// shows what it is when the second one comes. It describes both from then on.
func TestInvariant04ARelayIsNoneOfItsInstruments(t *testing.T) {
	h := newHouse(t)
	relay, lis := host("10.0.3.11", macA), host("10.0.3.2", macB)
	h.say(protocols.ASTM, relay, lis, aboutSpeaker, append(machine("Sysmex", "XP-100", "A9007", ""), role(protocols.RoleASTMResultSender))...)
	if d := h.serial("A9007"); !slices.Equal(d.IPs, []string{"10.0.3.11"}) {
		t.Errorf("one instrument: %s", text(d))
	}
	h.say(protocols.ASTM, relay, lis, aboutSpeaker, role(protocols.RoleASTMRelay))
	h.say(protocols.ASTM, relay, lis, aboutDescribed, machine("Horiba", "H500", "900YOXH8", "")...)
	for _, s := range []string{"A9007", "900YOXH8"} {
		if d := h.serial(s); len(d.IPs) != 0 || d.Presence != inventory.Behind || d.Via != h.ip("10.0.3.11").ID {
			t.Errorf("%s behind a relay: %s", s, text(d))
		}
	}
	if d := h.ip("10.0.3.11"); d.SerialNumber != "" || d.Model != "" {
		t.Errorf("the relay: %s", text(d))
	}
}

// TestModulesOfWhoSpeaks: an instrument that speaks for itself names its modules.
func TestModulesOfWhoSpeaks(t *testing.T) {
	h := newHouse(t)
	line, lis := host("10.0.3.11", macA), host("10.0.3.2", macB)
	h.say(protocols.ASTM, line, lis, aboutSpeaker, machine("Abbott", "ARCHITECT", "900000001", "")...)
	h.say(protocols.ASTM, line, lis, protocols.Subject{Kind: protocols.AboutDescribed, Component: "900000001"}, machine("Abbott", "", "I90100", "")...)
	if d := h.serial("I90100"); d.Parent != h.ip("10.0.3.11").ID {
		t.Errorf("%s", text(d))
	}
}
