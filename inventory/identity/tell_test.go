package identity_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

// calling is a conversation of two hosts on a port of the second.
func (h *house) calling(from, to protocols.Endpoint, port uint16, there, back uint64) {
	to.Port = port
	h.talk(from, to, there, back)
}

func TestTell(t *testing.T) {
	h := newHouse(t)
	pump, server, other := host("10.0.0.5", "00:d0:75:00:00:05"), host("10.0.0.9", "00:00:5e:00:53:09"), host("10.0.0.6", "00:00:5e:00:53:06")
	for _, e := range []struct{ ip, mac string }{{"10.0.0.5", "00:d0:75:00:00:05"}, {"10.0.0.9", "00:00:5e:00:53:09"}, {"10.0.0.6", "00:00:5e:00:53:06"}} {
		h.arp(e.ip, e.mac)
	}
	h.calling(pump, server, 3613, 4, 4)
	h.calling(other, server, 3613, 4, 4)
	second := host("10.0.0.8", "00:00:5e:00:53:08")
	h.calling(other, second, 3613, 4, 4)
	d := h.ip("10.0.0.5")
	if d.Manufacturer != "BD" || !shows(d, "calls", "tcp/3613") || !shows(d, "note", "calls as a pump does") {
		t.Errorf("the pump: %s", text(d))
	}
	if !slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool {
		return e.Attribute == "manufacturer" && e.Protocol == "tells" && e.Field == "rule pump" && e.Confidence == 0.6
	}) {
		t.Errorf("nothing names the rule: %s", text(d.Evidence))
	}
	if d := h.ip("10.0.0.6"); d.Manufacturer != "" || !shows(d, "calls", "tcp/3613") || shows(d, "note", "calls as a pump does") {
		t.Errorf("whoever else calls: %s", text(d))
	}
	if d := h.ip("10.0.0.8"); !shows(d, "serves", "tcp/3613") || shows(d, "called_by", "BD tcp/3613") {
		t.Errorf("the server of others: %s", text(d))
	}
	if d := h.ip("10.0.0.9"); !shows(d, "serves", "tcp/3613") || !shows(d, "called_by", "BD tcp/3613") || d.Manufacturer != "" {
		t.Errorf("the server: %s", text(d))
	}
}

// TestRemoteAccessOutside: who offers telnet or FTP somewhere in the world is no device
// of this hospital.
func TestRemoteAccessOutside(t *testing.T) {
	h := newHouse(t)
	h.say(protocols.Telnet, routed("192.0.9.7"), protocols.Endpoint{}, aboutSpeaker, role(protocols.RoleTelnetServer))
	h.say(protocols.FTP, routed("192.0.9.8"), protocols.Endpoint{}, aboutSpeaker, role(protocols.RoleFTPServer))
	h.count(0)
}

// TestTellIsNoClue: the device's own word stands before what a rule concludes, and a
// conclusion contradicts nobody.
func TestTellIsNoClue(t *testing.T) {
	h := newHouse(t)
	pump, server := host("10.0.0.5", "00:d0:75:00:00:05"), host("10.0.0.9", "00:00:5e:00:53:09")
	h.arp("10.0.0.5", "00:d0:75:00:00:05")
	h.calling(pump, server, 3613, 4, 4)
	h.dicom(pump, fact(protocols.Manufacturer, "Philips"))
	d := h.ip("10.0.0.5")
	if d.Manufacturer != "Philips" || has(d, identity.ManufacturerDiffers) {
		t.Errorf("%s", text(d))
	}
}

// TestContactNeedsAnAnswer: a port that nobody answered on is none that a host serves,
// and one packet that knocks tells nothing of who is said to have sent it.
func TestContactNeedsAnAnswer(t *testing.T) {
	h := newHouse(t)
	pump, server := host("10.0.0.5", "00:d0:75:00:00:05"), host("10.0.0.9", "00:00:5e:00:53:09")
	h.arp("10.0.0.5", "00:d0:75:00:00:05")
	h.arp("10.0.0.9", "00:00:5e:00:53:09")
	server.Port = 3613
	knock := protocols.Conversation{
		Site: "s", Tap: "t", Transport: protocols.TCP, Opener: pump, Acceptor: server, OpenerKnown: true, Packets: [2]uint64{1, 1}, First: at(9), Last: at(9),
	}
	h.Converse(knock)
	if d := h.ip("10.0.0.5"); shows(d, "calls", "tcp/3613") {
		t.Errorf("a knock tells: %s", text(d))
	}
	if d := h.ip("10.0.0.9"); shows(d, "serves", "tcp/3613") {
		t.Errorf("a port without an answer is served: %s", text(d))
	}
	knock.Packets[0] = 3 // nobody answers, and it goes on
	h.Converse(knock)
	if d := h.ip("10.0.0.5"); !shows(d, "calls", "tcp/3613") {
		t.Errorf("it goes on knocking, and does not call: %s", text(d))
	}
}

// TestContactsAreBounded: however often hosts talk, each contact is one statement.
func TestContactsAreBounded(t *testing.T) {
	h := newHouse(t)
	pump, server := host("10.0.0.5", "00:d0:75:00:00:05"), host("10.0.0.9", "00:00:5e:00:53:09")
	h.arp("10.0.0.5", "00:d0:75:00:00:05")
	for range 100 {
		h.calling(pump, server, 3613, 4, 4)
	}
	n := 0
	for _, e := range h.ip("10.0.0.5").Evidence {
		if e.Attribute == "calls" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d statements of one contact", n)
	}
}
