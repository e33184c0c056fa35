package identity_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

const (
	macA      = "00:09:5c:00:00:0a"
	macB      = "00:09:5c:00:00:0b"
	routerMAC = "00:1b:54:00:00:01"
)

// A router's MAC is on everybody's packets and is nobody's but its own.
func TestInvariant04RouterMACIsNobodys(t *testing.T) {
	h := newHouse(t)
	for i := range 20 {
		h.talk(routed(fmt.Sprintf("10.9.0.%d", i+1)), routed(fmt.Sprintf("10.8.0.%d", i+1)), 5, 5)
	}
	h.arp("10.0.0.1", routerMAC)
	for _, d := range h.devices() {
		if slices.Contains(d.MACs, routerMAC) != slices.Contains(d.IPs, "10.0.0.1") {
			t.Errorf("the router's MAC is shown of %v", d.IPs)
		}
	}
	h.count(41)
}

func TestWhoseMACItIs(t *testing.T) {
	for name, c := range map[string]struct {
		hear func(*house)
		want []string // MACs of 10.0.0.5
	}{
		"an initial hop limit": {func(h *house) { h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "X")) }, []string{macA}},
		"one hop away":         {func(h *house) { h.dicom(routed("10.0.0.5"), fact(protocols.AETitle, "X")) }, nil},
		"by ARP, and then one hop away": {func(h *house) {
			h.arp("10.0.0.5", macA)
			h.dicom(routed("10.0.0.5"), fact(protocols.AETitle, "X"))
		}, []string{macA}},
		"by DHCP": {func(h *house) {
			h.discover(macA, "X")
			h.ack("10.0.0.5", macA)
			h.dicom(routed("10.0.0.5"), fact(protocols.AETitle, "X"))
		}, []string{macA}},
		"a MAC that sends from many addresses": {func(h *house) {
			for i := range 10 {
				h.talk(host(fmt.Sprintf("10.0.0.%d", i+1), macA), host("10.0.0.99", macB), 1, 1)
			}
		}, nil},
		"a MAC that many claim, but ARP gives it": {func(h *house) {
			for i := range 10 {
				h.talk(host(fmt.Sprintf("10.0.0.%d", i+1), macA), host("10.0.0.99", macB), 1, 1)
			}
			h.arp("10.0.0.5", macB)
		}, []string{macB}},
		"a proxy answers, and then the host itself": {func(h *house) {
			for i := range 10 {
				h.talk(host(fmt.Sprintf("10.0.1.%d", i+1), macA), host("10.0.0.99", macB), 1, 1)
			}
			h.arp("10.0.0.5", macA)
			h.arp("10.0.0.5", "00:09:5c:00:00:0c")
		}, []string{"00:09:5c:00:00:0c"}},
		"a router answers for it": {func(h *house) {
			h.arp("10.0.0.5", routerMAC)
			h.dicom(routed("10.0.0.5"), fact(protocols.AETitle, "X"))
			h.arp("10.0.0.5", routerMAC)
		}, nil},
		"routers share it": {func(h *house) { h.dicom(host("10.0.0.5", "00:00:5e:00:01:07"), fact(protocols.AETitle, "X")) }, nil},
		"set locally":      {func(h *house) { h.dicom(host("10.0.0.5", "02:11:22:33:44:55"), fact(protocols.AETitle, "X")) }, []string{"02:11:22:33:44:55"}},
	} {
		h := newHouse(t)
		c.hear(h)
		h.talk(routed("10.0.0.5"), routed("10.7.7.7"), 1, 1)
		if got := h.ip("10.0.0.5").MACs; !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", name, got, c.want)
		}
	}
}

// A router that answers ARP for a whole network makes no devices by that.
func TestInvariant04ProxyMakesNoGhosts(t *testing.T) {
	h := newHouse(t)
	for i := range 2 * identity.MaxLinks {
		h.arp(fmt.Sprintf("10.4.%d.%d", i/250, i%250+1), routerMAC)
	}
	h.count(1)
	h.dicom(routed("10.4.0.9"), fact(protocols.AETitle, "BEHIND"))
	h.count(2)
	if d := h.ip("10.4.0.9"); len(d.MACs) != 0 || len(d.IPs) != 1 {
		t.Errorf("%s", text(d))
	}
}

// Routers share the MAC of a virtual one, which may take an address over.
func TestVirtualRouterTakesOver(t *testing.T) {
	h := newHouse(t)
	h.arp("10.0.0.1", routerMAC)
	h.arp("10.0.0.1", "00:00:5e:00:01:01")
	h.arp("10.0.0.2", "00:00:5e:00:01:01")
	h.count(2)
}

func TestLinkLocalAddressesJoinTheInterface(t *testing.T) {
	h := newHouse(t)
	e := host("fe80::1", macA)
	e.Hops = 1
	h.talk(e, host("fe80::2", macB), 1, 1)
	h.arp("10.0.0.5", macA)
	if d := h.ip("10.0.0.5"); !slices.Equal(d.IPs, []string{"10.0.0.5", "fe80::1"}) || !slices.Equal(d.MACs, []string{macA}) {
		t.Errorf("%v %v", d.IPs, d.MACs)
	}
	e.VLAN = 7
	h.talk(e, host("fe80::2", macB), 1, 1)
	if d := h.ip("10.0.0.5"); !slices.Equal(d.VLANs, []uint16{7}) {
		t.Errorf("vlans %v", d.VLANs)
	}
}

func TestDHCPJoinsNameAndAddress(t *testing.T) {
	h := newHouse(t)
	h.discover(macA, "PHILIPS-T5")
	h.say(protocols.DHCP, host("0.0.0.0", macA), protocols.Endpoint{}, aboutAddress("", macA), fact(protocols.VendorClass, "VxWorks"))
	h.count(1)
	first := h.devices()[0].ID
	h.ack("10.0.0.5", macA)
	h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "PHT5"))
	d := h.ip("10.0.0.5")
	if d.ID != first || !slices.Equal(d.Hostnames, []string{"PHILIPS-T5"}) || !slices.Equal(d.AETitles, []string{"PHT5"}) || d.OS != "VxWorks" {
		t.Errorf("%s", text(d))
	}
}

// A client that a relay passes on has spoken, too; its relay's MAC is not its own.
func TestDHCPThroughARelay(t *testing.T) {
	h := newHouse(t)
	relay := host("10.5.0.1", routerMAC)
	h.say(protocols.DHCP, relay, protocols.Endpoint{}, aboutAddress("", macA), role(protocols.RoleDHCPClient), fact(protocols.Hostname, "cart"))
	h.say(protocols.DHCP, relay, protocols.Endpoint{}, protocols.Subject{Kind: protocols.AboutAddress, Addr: relay.Addr}, role(protocols.RoleDHCPRelay))
	d := h.with("cart", func(d inventory.Device) bool { return slices.Contains(d.Hostnames, "cart") })
	if !slices.Equal(d.MACs, []string{macA}) || len(d.IPs) != 0 {
		t.Errorf("%s", text(d))
	}
	if r := h.ip("10.5.0.1"); !slices.Contains(r.Roles, string(protocols.RoleDHCPRelay)) || slices.Contains(r.MACs, macA) {
		t.Errorf("%s", text(r))
	}
}

func TestAddressesMoveWithTime(t *testing.T) {
	h := newHouse(t)
	h.discover(macA, "a")
	h.ack("10.0.0.5", macA)
	h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "TITLE_A"))
	a := h.ip("10.0.0.5").ID

	h.discover(macB, "b")
	h.ack("10.0.0.5", macB)
	h.dicom(host("10.0.0.5", macB), fact(protocols.AETitle, "TITLE_B"))
	b := h.ip("10.0.0.5")
	if b.ID == a || !slices.Equal(b.AETitles, []string{"TITLE_B"}) || !has(b, identity.AddressMoved) {
		t.Errorf("the second holder: %s", text(b))
	}
	old, ok := h.Device(a, at(h.clock))
	if !ok || len(old.IPs) != 0 || !slices.Equal(old.AETitles, []string{"TITLE_A"}) || !has(old, identity.AddressMoved) {
		t.Errorf("the first holder: %s", text(old))
	}

	h.ack("10.0.0.6", macA) // a new lease: the old one is not its own any more
	h.dicom(host("10.0.0.6", macA), fact(protocols.AETitle, "TITLE_A"))
	if d := h.ip("10.0.0.6"); d.ID != a || !slices.Equal(d.IPs, []string{"10.0.0.6"}) {
		t.Errorf("after a new lease: %s", text(d))
	}
	h.ack("10.0.0.5", macA) // and back again
	h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "TITLE_A"))
	if d := h.ip("10.0.0.5"); d.ID != a {
		t.Errorf("back again: %s", text(d))
	}
	h.count(3) // the two, and the server
}

// Only who sent packets of its own is a device.
func TestNoGhosts(t *testing.T) {
	for name, hear := range map[string]func(*house){
		"a scan that nobody answers": func(h *house) {
			for i := range 200 {
				h.talk(host("10.0.0.9", macA), routed(fmt.Sprintf("10.0.1.%d", i)), 1, 0)
			}
		},
		"broadcasts": func(h *house) {
			h.talk(host("10.0.0.9", macA), host("255.255.255.255", "ff:ff:ff:ff:ff:ff"), 1, 0)
			h.talk(host("10.0.0.9", macA), host("224.0.0.251", "01:00:5e:00:00:fb"), 1, 0)
			h.talk(host("10.0.0.9", macA), host("ff02::fb", "33:33:00:00:00:fb"), 1, 0)
		},
		"impossible senders": func(h *house) {
			h.talk(host("10.0.0.9", macA), host("10.0.0.9", macA), 1, 1)
			for _, ip := range []string{"0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "::", "ff02::1", "240.0.0.1"} {
				h.talk(host(ip, routerMAC), host("10.0.0.9", macA), 1, 1)
				h.dicom(host(ip, "01:00:5e:00:00:01"), fact(protocols.AETitle, "X"))
			}
		},
		"an address that was only given": func(h *house) {
			h.talk(host("10.0.0.9", macA), host("10.0.0.9", macA), 1, 1)
			h.Observe(statement(90, protocols.DHCP, host("10.0.0.9", macA), protocols.Endpoint{}, aboutAddress("10.0.0.77", macB), fact(protocols.IPAddress, "10.0.0.77")))
		},
		"somebody who was only spoken of": func(h *house) {
			h.say(protocols.DICOM, host("10.0.0.9", macA), routed("10.0.0.50"), aboutListener, fact(protocols.AETitle, "ELSEWHERE"))
			h.say(protocols.DICOM, host("10.0.0.9", macA), routed("10.0.0.50"), protocols.Subject{Kind: protocols.AboutStation, Title: "NOWHERE"}, fact(protocols.AETitle, "NOWHERE"))
		},
		"the Internet": func(h *house) {
			h.talk(host("10.0.0.9", macA), routed("203.0.113.80"), 9, 9)
		},
	} {
		h := newHouse(t)
		hear(h)
		if ds := h.devices(); len(ds) != 1 || !slices.Contains(ds[0].IPs, "10.0.0.9") {
			t.Errorf("%s: %s", name, text(ds))
		}
	}
}

// A public address is a device of the site when it speaks a protocol that is read,
// or is on a link that is listened to.
func TestPublicAddressesOfTheSite(t *testing.T) {
	h := newHouse(t)
	h.dicom(routed("198.51.100.7"), fact(protocols.AETitle, "TELERAD"))
	h.talk(host("198.51.100.8", macA), routed("198.51.100.9"), 1, 1)
	h.arp("198.51.100.8", macA)
	h.count(2)
	inside := identity.New(identity.Options{Inside: func(a netip.Addr) bool { return a == netip.MustParseAddr("198.51.100.9") }}, knowledge{})
	l := &house{t: t, Ledger: inside}
	l.talk(routed("198.51.100.9"), routed("203.0.113.9"), 1, 1)
	l.count(1)
}

// A server in the world is no device of the hospital because it speaks TLS, SSH
// or HTTP, as all do, nor what it has records of; a host inside is one, and its
// statements are kept.
func TestWhatEverybodySpeaksMakesNoDeviceOfTheWorld(t *testing.T) {
	h := newHouse(t)
	for _, p := range []protocols.Name{protocols.TLS, protocols.SSH, protocols.HTTP, protocols.FHIR, protocols.SMB, protocols.NBNS} {
		h.say(p, routed("203.0.113.80"), routed("10.0.0.9"), aboutSpeaker, role(protocols.RoleTLSServer))
		h.say(p, routed("203.0.113.80"), routed("10.0.0.9"), aboutDescribed, fact(protocols.SerialNumber, "S900001"), fact(protocols.Model, "X"))
	}
	stored := statement(90, protocols.DICOM, routed("203.0.113.80"), routed("10.0.0.9"), protocols.Subject{Kind: protocols.AboutReferenced},
		fact(protocols.Manufacturer, "ACME"), fact(protocols.Model, "X"), fact(protocols.SerialNumber, "S900002"))
	stored.Over = protocols.HTTP // images of an archive in the world, by DICOMweb
	h.Observe(stored)
	h.count(0)
	h.say(protocols.TLS, host("10.0.0.9", macA), routed("203.0.113.80"), aboutSpeaker, role(protocols.RoleTLSClient))
	h.count(1)
	if d := h.ip("10.0.0.9"); !slices.Contains(d.Roles, string(protocols.RoleTLSClient)) {
		t.Errorf("roles %v", d.Roles)
	}
	h.dicom(routed("203.0.113.80"), fact(protocols.AETitle, "TELERAD"))
	h.say(protocols.HTTP, host("10.0.0.9", macA), routed("203.0.113.80"), aboutListener, role(protocols.RoleFHIRServer))
	h.say(protocols.HTTP, host("10.0.0.9", macA), routed("10.0.0.10"), aboutListener, role(protocols.RoleFHIRServer))
	h.dicom(routed("10.0.0.10"), fact(protocols.AETitle, "INSIDE"))
	if out, in := h.ip("203.0.113.80"), h.ip("10.0.0.10"); len(out.Roles) != 0 || len(in.Roles) != 1 {
		t.Errorf("roles of who is asked: outside %v, inside %v", out.Roles, in.Roles)
	}
}

// One packet without data is no sign of a host: its sender's address may be made up.
func TestAKnockMakesNoDevice(t *testing.T) {
	h := newHouse(t)
	knock := protocols.Conversation{Site: "s", Tap: "t", Transport: protocols.TCP, Opener: routed("10.7.7.7"), Acceptor: host("10.0.0.9", macA),
		OpenerKnown: true, Packets: [2]uint64{1, 1}, First: at(1), Last: at(1), Ended: true}
	h.Converse(knock)
	h.count(1) // who answered
	knock.Packets[0], knock.First, knock.Last = 2, at(2), at(2)
	h.Converse(knock)
	h.count(2)
}

func TestSitesAndTapsAreApart(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ site, tap, ip, title, serial string }{
		{"s", "t", "10.0.0.5", "A", "77001"}, {"s", "u", "10.0.0.5", "A", "77002"}, {"other", "t", "10.0.0.5", "A", "77001"},
	} {
		o := statement(1, protocols.HL7, routed(c.ip), protocols.Endpoint{}, aboutSpeaker,
			append(machine("BD", "8015", c.serial, ""), fact(protocols.AETitle, c.title))...)
		o.Site, o.Tap = c.site, c.tap
		h.Observe(o)
	}
	h.count(3)
	// A number that a maker gives means one device in the whole site.
	o := statement(90, protocols.HL7, routed("10.0.0.99"), protocols.Endpoint{}, aboutSpeaker, machine("BD", "8015", "77001", "")...)
	o.Tap = "u"
	h.Observe(o)
	h.count(3)
}

func TestInvariant07AddressTablesAreBounded(t *testing.T) {
	h := newHouse(t)
	for i := range 4 * identity.MaxEpochs {
		mac := fmt.Sprintf("00:09:5c:00:01:%02x", i)
		h.arp("10.0.0.5", mac) // an address that wanders, or is forged
	}
	if n := len(h.devices()); n > 4*identity.MaxEpochs {
		t.Errorf("%d devices", n)
	}
	if s := h.Stats(); s.Atoms > 4*identity.MaxEpochs+identity.MaxEpochs+1 {
		t.Errorf("%d atoms of one address", s.Atoms)
	}
	h.ip("10.0.0.5") // one holder, whatever happened
}
