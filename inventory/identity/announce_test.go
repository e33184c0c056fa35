package identity_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

const chassis = "00:1b:54:aa:00:00"

// portOf is an interface of the chassis, as its announcements come from it.
func portOf(n int) protocols.Endpoint { return host("", fmt.Sprintf("00:1b:54:aa:00:%02x", n)) }

// byMAC returns the only device that shows a MAC.
func (h *house) byMAC(mac string) inventory.Device {
	h.t.Helper()
	return h.with("MAC "+mac, func(d inventory.Device) bool { return slices.Contains(d.MACs, mac) })
}

// TestOneSwitchIsOneDevice: a switch that is heard through many of its ports, in LLDP and
// CDP, before and after a port was heard by its own address, and at the address where it
// is managed, is one device.
func TestOneSwitchIsOneDevice(t *testing.T) {
	h := newHouse(t)
	itself := aboutAddress("", chassis)
	h.say(protocols.CDP, portOf(1), protocols.Endpoint{}, aboutSpeaker, fact(protocols.Hostname, "sw1")) // no chassis in it
	bridge := append(machine("Cisco Systems", "WS-C2960X", "FOC1932X0K1", ""), role(protocols.RoleBridge), fact(protocols.Hostname, "sw1"))
	for n := 1; n <= 48; n++ {
		h.say(protocols.LLDP, portOf(n), protocols.Endpoint{}, itself, bridge...)
		h.say(protocols.CDP, portOf(n), protocols.Endpoint{}, itself, fact(protocols.Hostname, "sw1"))
	}
	h.say(protocols.CDP, portOf(50), protocols.Endpoint{}, aboutSpeaker, fact(protocols.Hostname, "sw1"))
	h.say(protocols.LLDP, portOf(50), protocols.Endpoint{}, itself, bridge...)
	h.say(protocols.SNMP, host("10.0.9.2", "00:1b:54:aa:00:40"), protocols.Endpoint{}, aboutSpeaker, machine("Cisco Systems", "WS-C2960X", "FOC1932X0K1", "")...)
	h.say(protocols.LLDP, portOf(1), protocols.Endpoint{}, itself, bridge...)
	h.count(1)
	d := h.byMAC(chassis)
	if d.SerialNumber != "FOC1932X0K1" || d.Presence != inventory.OnNetwork || !slices.Equal(d.IPs, []string{"10.0.9.2"}) || len(d.Conflicts) > 0 {
		t.Errorf("%s", text(d))
	}
	if !slices.Equal(d.MACs, []string{chassis, "00:1b:54:aa:00:01", "00:1b:54:aa:00:32", "00:1b:54:aa:00:40"}) {
		t.Errorf("interfaces %v: those that spoke for themselves, and the chassis", d.MACs)
	}
}

// TestInvariant04NeighboursInNumberAreTwo: two devices of one delivery, numbered one
// after the other, with one serial number between them, are two.
func TestInvariant04NeighboursInNumberAreTwo(t *testing.T) {
	h := newHouse(t)
	for _, n := range []int{1, 2} {
		h.say(protocols.LLDP, portOf(n), protocols.Endpoint{}, aboutSpeaker, append(machine("Philips", "MX450", "DE44018202", ""), role(protocols.RoleStation))...)
	}
	h.count(2)
}

// TestForgedAnnouncementsInTunnels: a chassis that is known from the wire is not spoken
// for by somebody who only sends datagrams.
func TestForgedAnnouncementsInTunnels(t *testing.T) {
	h := newHouse(t)
	h.talk(host("10.0.3.10", chassis), host("10.0.3.1", macB), 100, 100)
	forger := portOf(3)
	forger.Tunnelled = true
	h.say(protocols.LLDP, forger, protocols.Endpoint{}, aboutAddress("", chassis), fact(protocols.Hostname, "evil"))
	same := host("", chassis)
	same.Tunnelled = true
	h.say(protocols.LLDP, same, protocols.Endpoint{}, aboutSpeaker, fact(protocols.Hostname, "evil"))
	if d := h.ip("10.0.3.10"); len(d.Hostnames) > 0 {
		t.Errorf("%s", text(d))
	}
}

// TestInterfacesByTable: an agent behind a router tells which interface it has. Nobody
// takes the interface of a device by listing it, neither before it is heard nor after.
func TestInterfacesByTable(t *testing.T) {
	agent := func(h *house, ip, mac string) {
		h.say(protocols.SNMP, routed(ip), protocols.Endpoint{}, aboutSpeaker, role(protocols.RoleSNMPAgent), fact(protocols.HardwareAddress, mac))
	}
	h := newHouse(t)
	agent(h, "10.0.8.2", macA)
	if d := h.ip("10.0.8.2"); !slices.Equal(d.MACs, []string{macA}) {
		t.Errorf("behind a router: %s", text(d))
	}
	for _, before := range []bool{true, false} {
		h := newHouse(t)
		if before {
			agent(h, "10.0.8.66", macA)
		}
		h.arp("10.0.3.10", macA)
		h.talk(host("10.0.3.10", macA), host("10.0.3.1", macB), 100, 100)
		agent(h, "10.0.8.66", macA)
		if d := h.ip("10.0.3.10"); !slices.Equal(d.IPs, []string{"10.0.3.10"}) || !slices.Equal(d.MACs, []string{macA}) {
			t.Errorf("listed before it is heard %v: %s", before, text(d))
		}
		if d := h.ip("10.0.8.66"); len(d.MACs) > 0 {
			t.Errorf("listed before it is heard %v: %s", before, text(d))
		}
	}
}

// TestAgentsOfTheWorldAreNoDevices: who answers SNMP somewhere outside is not the
// hospital's.
func TestAgentsOfTheWorldAreNoDevices(t *testing.T) {
	h := newHouse(t)
	h.say(protocols.SNMP, host("203.0.113.9", macA), host("10.0.3.2", macB), aboutSpeaker, role(protocols.RoleSNMPAgent), fact(protocols.Hostname, "r1"))
	h.count(0)
}
