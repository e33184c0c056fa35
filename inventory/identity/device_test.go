package identity_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

const gatewayMAC = "00:d0:75:00:11:22"

// pump is what a gateway says of one pump.
func pump(serial, version string) []protocols.Fact {
	return append(machine("BD", "8015", serial, ""), fact(protocols.SoftwareVersion, version))
}

func (h *house) describe(gateway protocols.Endpoint, facts ...protocols.Fact) {
	h.say(protocols.HL7, gateway, host("10.0.3.2", macB), aboutDescribed, facts...)
}

// A gateway speaks for the pumps behind it: they have no address of its, and it
// has no serial number of theirs.
func TestInvariant04GatewaySpeaksForOthers(t *testing.T) {
	h := newHouse(t)
	gateway := host("10.0.3.10", gatewayMAC)
	h.say(protocols.HL7, gateway, host("10.0.3.2", macB), aboutSpeaker,
		role(protocols.RoleHL7DeviceGateway), role(protocols.RoleHL7Sender), fact(protocols.EUI64, "00D075FFFE001122"))
	h.describe(gateway, append(pump("11223344", "9.33"), fact(protocols.EUI64, "00D075FFFE00C201"))...)
	h.describe(gateway, append(pump("99887766", "12.1.2"), fact(protocols.Location, "ONC 0102 A"))...)
	h.count(3)
	g := h.ip("10.0.3.10")
	if g.SerialNumber != "" || g.Presence != inventory.OnNetwork || g.Type != "infusion-gateway" || !slices.Equal(g.MACs, []string{gatewayMAC}) {
		t.Errorf("gateway: %s", text(g))
	}
	for serial, version := range map[string]string{"11223344": "9.33", "99887766": "12.1.2"} {
		p := h.serial(serial)
		if p.Presence != inventory.Behind || p.Via != g.ID || len(p.IPs) != 0 || p.Type != "infusion-pump" ||
			!slices.Equal(p.SoftwareVersions, []string{version}) || p.ManufacturerCanonical != "BD" || slices.Contains(p.MACs, gatewayMAC) {
			t.Errorf("pump: %s", text(p))
		}
	}
}

// Some senders put the gateway's own EUI-64 into every pump's identifier.
func TestInvariant04GatewayNameIsNotItsPumps(t *testing.T) {
	for name, order := range map[string][]string{
		"the gateway names itself first": {"self", "pump", "pump 2"},
		"one pump comes first":           {"pump", "self", "pump 2"},
		"the gateway never names itself": {"pump", "pump 2"},
		"only one pump":                  {"pump"},
	} {
		h := newHouse(t)
		gateway := host("10.0.3.10", gatewayMAC)
		own := fact(protocols.EUI64, "00D075FFFE001122")
		for _, step := range order {
			switch step {
			case "self":
				h.say(protocols.HL7, gateway, host("10.0.3.2", macB), aboutSpeaker, own, role(protocols.RoleHL7DeviceGateway))
			case "pump":
				h.describe(gateway, append(pump("11223344", "9.33"), own)...)
			case "pump 2":
				h.describe(gateway, append(pump("99887766", "12.1.2"), own)...)
			}
		}
		if p := h.serial("11223344"); p.Presence != inventory.Behind || len(p.IPs)+len(p.MACs) != 0 {
			t.Errorf("%s: %s", name, text(p))
		}
		if g := h.ip("10.0.3.10"); g.SerialNumber != "" || !slices.Equal(g.MACs, []string{gatewayMAC}) {
			t.Errorf("%s: %s", name, text(g))
		}
	}
}

// An interface engine repeats what gateways say; the pumps stay the gateway's.
func TestInvariant04EngineRepeatsTheGateway(t *testing.T) {
	h := newHouse(t)
	gateway, engine, ehr := host("10.0.3.10", gatewayMAC), host("10.0.3.2", macB), host("10.0.3.1", macA)
	roles := []protocols.Fact{role(protocols.RoleHL7DeviceGateway), role(protocols.RoleHL7Sender), fact(protocols.EUI64, "00D075FFFE001122")}
	for range 2 {
		h.say(protocols.HL7, gateway, engine, aboutSpeaker, roles...)
		h.say(protocols.HL7, gateway, engine, aboutDescribed, pump("11223344", "9.33")...)
		h.say(protocols.HL7, ehr, engine, aboutSpeaker, role(protocols.RoleHL7ADTSource))
		h.say(protocols.HL7, engine, gateway, aboutSpeaker, role(protocols.RoleHL7Receiver))
		h.say(protocols.HL7, engine, ehr, aboutSpeaker, roles...)
		h.say(protocols.HL7, engine, ehr, aboutDescribed, pump("11223344", "9.33")...)
	}
	p, g, e := h.serial("11223344"), h.ip("10.0.3.10"), h.ip("10.0.3.2")
	if p.Via != g.ID || g.Type != "infusion-gateway" || e.Type != "integration-engine" || slices.Contains(e.MACs, gatewayMAC) {
		t.Errorf("pump via %s, gateway %s is %s, engine %s is %s with %v", p.Via, g.ID, g.Type, e.ID, e.Type, e.MACs)
	}
	h.count(4)
}

// A pump that is heard itself, too, is one device.
func TestPumpWithAnInterfaceOfItsOwn(t *testing.T) {
	for name, facts := range map[string][]protocols.Fact{
		"by its MAC":    {fact(protocols.HardwareAddress, "00:d0:75:00:c2:01")},
		"by its EUI-64": {fact(protocols.EUI64, "00D075FFFE00C201")},
	} {
		for _, first := range []string{"described", "heard"} {
			h := newHouse(t)
			steps := []func(){
				func() {
					h.describe(host("10.0.3.10", gatewayMAC), append(pump("11223344", "9.33"), facts...)...)
				},
				func() {
					h.discover("00:d0:75:00:c2:01", "pump-17")
					h.ack("10.0.4.4", "00:d0:75:00:c2:01")
					h.talk(host("10.0.4.4", "00:d0:75:00:c2:01"), host("10.0.3.10", gatewayMAC), 1, 1)
				},
			}
			if first == "heard" {
				slices.Reverse(steps)
			}
			for _, step := range steps {
				step()
			}
			d := h.serial("11223344")
			if d.Presence != inventory.OnNetwork || d.Via == "" || !slices.Equal(d.IPs, []string{"10.0.4.4"}) || !slices.Equal(d.Hostnames, []string{"pump-17"}) {
				t.Errorf("%s, %s first: %s", name, first, text(d))
			}
		}
	}
}

func TestModuleOfAWhole(t *testing.T) {
	h := newHouse(t)
	gateway := host("10.0.3.10", gatewayMAC)
	h.describe(gateway, pump("11223344", "9.33")...)
	o := statement(50, protocols.HL7, gateway, protocols.Endpoint{}, aboutDescribed, machine("BD", "8100", "5550001", "")...)
	o.About.Component = "11223344"
	h.Observe(o)
	if m := h.serial("5550001"); m.Parent != h.serial("11223344").ID {
		t.Errorf("%s", text(m))
	}
}

func TestDescribedWithoutAKeyIsCounted(t *testing.T) {
	h := newHouse(t)
	h.describe(host("10.0.3.10", gatewayMAC), machine("BD", "8015", "0000", "")...)
	if h.count(1); h.Stats().Unkeyed != 1 {
		t.Errorf("%+v", h.Stats())
	}
	h.describe(host("10.0.3.10", gatewayMAC), append(machine("BD", "8015", "0000", ""), fact(protocols.DeviceLabel, "PUMP-7"))...)
	if d := h.with("label", func(d inventory.Device) bool { return shows(d, "label", "PUMP-7") }); d.SerialNumber != "" || !has(d, identity.SerialPlaceholder) {
		t.Errorf("%s", text(d))
	}
}

// Several analysers that one computer speaks for in its own name are not one.
func TestInvariant04SpeakerWithSeveralSerialNumbers(t *testing.T) {
	h := newHouse(t)
	pc := host("10.0.3.20", macA)
	h.say(protocols.HL7, pc, protocols.Endpoint{}, aboutSpeaker, machine("Sysmex", "XN-1000", "A1", "")...)
	if d := h.serial("A1"); !slices.Equal(d.IPs, []string{"10.0.3.20"}) {
		t.Errorf("one analyser: %s", text(d))
	}
	h.say(protocols.HL7, pc, protocols.Endpoint{}, aboutSpeaker, machine("Sysmex", "XN-1000", "A2", "")...)
	for _, s := range []string{"A1", "A2"} {
		if d := h.serial(s); len(d.IPs) != 0 || d.Presence != inventory.Behind || d.Via != h.ip("10.0.3.20").ID {
			t.Errorf("%s behind a computer: %s", s, text(d))
		}
	}
	if d := h.ip("10.0.3.20"); d.SerialNumber != "" || d.Model != "" {
		t.Errorf("the computer: %s", text(d))
	}
}

func TestSerialOnTwo(t *testing.T) {
	h := newHouse(t)
	a, b := host("10.0.3.20", macA), host("10.0.3.21", macB)
	for range 2 {
		h.say(protocols.HL7, a, protocols.Endpoint{}, aboutSpeaker, machine("Sysmex", "XN-1000", "A1", "")...)
		h.say(protocols.HL7, b, protocols.Endpoint{}, aboutSpeaker, machine("Sysmex", "XN-1000", "A1", "")...)
	}
	first, second := h.ip("10.0.3.20"), h.ip("10.0.3.21")
	if first.ID == second.ID || first.SerialNumber != "A1" || second.SerialNumber != "" || !has(first, identity.SerialOnTwo) || !has(second, identity.SerialOnTwo) {
		t.Errorf("%s\n%s", text(first), text(second))
	}
	// Other makers number for themselves.
	h.say(protocols.HL7, host("10.0.3.22", "00:09:5c:00:00:0c"), protocols.Endpoint{}, aboutSpeaker, machine("Roche", "c311", "A1", "")...)
	if d := h.ip("10.0.3.22"); d.SerialNumber != "A1" || has(d, identity.SerialOnTwo) {
		t.Errorf("%s", text(d))
	}
}

// A device behind a router that changes its address stays one, because it never
// speaks from both.
func TestSerialFollowsTheAddress(t *testing.T) {
	h := newHouse(t)
	facts := machine("Sysmex", "XN-1000", "A1", "")
	h.say(protocols.HL7, routed("10.5.0.20"), protocols.Endpoint{}, aboutSpeaker, facts...)
	first := h.serial("A1").ID
	h.say(protocols.HL7, routed("10.5.0.21"), protocols.Endpoint{}, aboutSpeaker, facts...)
	if d := h.serial("A1"); d.ID != first || !slices.Contains(d.IPs, "10.5.0.21") {
		t.Errorf("%s", text(d))
	}
	h.count(1)
}

func TestInvariant03PlaceholderSerialIsNoKeyAndNotShown(t *testing.T) {
	h := newHouse(t)
	for _, e := range []protocols.Endpoint{host("10.0.0.5", macA), host("10.0.0.6", macB)} {
		h.image(e, append(machine("Philips", "T5", "00000", ""), fact(protocols.Modality, "MR"))...)
	}
	h.count(2)
	if d := h.ip("10.0.0.5"); d.SerialNumber != "" || d.Model != "T5" || !has(d, identity.SerialPlaceholder) || !shows(d, "serial_number", "00000") {
		t.Errorf("%s", text(d))
	}
}

func TestInvariant03StrongerIsNeverOverwrittenByWeaker(t *testing.T) {
	h := newHouse(t)
	e := host("10.0.0.5", macA)
	weak, strong := fact(protocols.Model, "Guess"), fact(protocols.Model, "T5")
	weak.Confidence, strong.Confidence = 0.6, 0.95
	for _, f := range []protocols.Fact{strong, weak, weak} {
		h.dicom(e, f)
	}
	d := h.ip("10.0.0.5")
	if d.Model != "T5" || !shows(d, "model", "Guess") || !has(d, identity.ModelDiffers) {
		t.Errorf("%s", text(d))
	}
	i := slices.IndexFunc(d.Evidence, func(v inventory.Evidence) bool { return v.Value == "Guess" })
	if v := d.Evidence[i]; v.Count != 2 || !v.FirstSeen.Equal(at(2)) || !v.LastSeen.Equal(at(3)) || v.Protocol != "dicom" || v.Field != "test" || v.Confidence != 0.6 {
		t.Errorf("%+v", v)
	}
}

func TestInvariant03ContradictionsStayVisible(t *testing.T) {
	h := newHouse(t)
	e := host("10.0.0.5", "00:1b:54:77:77:77")
	h.dicom(e, fact(protocols.Manufacturer, "Phillips"))
	h.dicom(e, fact(protocols.Manufacturer, "PHILIPS MEDICAL SYSTEMS"))
	if d := h.ip("10.0.0.5"); has(d, identity.ManufacturerDiffers) || !has(d, identity.MACVendorDiffers) {
		t.Errorf("two spellings are one maker, and its interface is another's: %s", text(d.Conflicts))
	}
	h.dicom(e, fact(protocols.Manufacturer, "GE MEDICAL SYSTEMS"))
	if d := h.ip("10.0.0.5"); !has(d, identity.ManufacturerDiffers) {
		t.Errorf("%s", text(d.Conflicts))
	}
}

// What runs now is what the latest report says; what ran before stays in evidence.
func TestSoftwareIsReplacedByTheLatestReport(t *testing.T) {
	h := newHouse(t)
	gateway := host("10.0.3.10", gatewayMAC)
	h.describe(gateway, pump("1001", "9.33")...)
	h.describe(gateway, append(pump("1001", "12.1.2"), fact(protocols.SoftwareVersion, "boot 3"))...)
	d := h.serial("1001")
	if !slices.Equal(d.SoftwareVersions, []string{"12.1.2", "boot 3"}) || !shows(d, "software_version", "9.33") {
		t.Errorf("%s", text(d))
	}
	late := statement(1, protocols.HL7, gateway, protocols.Endpoint{}, aboutDescribed, pump("1001", "8.0")...) // overtaken on the way
	h.Observe(late)
	if d := h.serial("1001"); !slices.Equal(d.SoftwareVersions, []string{"12.1.2", "boot 3"}) {
		t.Errorf("an older report won: %v", d.SoftwareVersions)
	}
}

func TestPeers(t *testing.T) {
	h := newHouse(t)
	a, b := host("10.0.0.5", macA), host("10.0.0.6", macB)
	b.Port = 104
	h.talk(a, b, 3, 1)
	h.talk(a, b, 3, 1)
	h.talk(a, routed("203.0.113.9"), 1, 1) // no device, so no peer
	x, y := h.ip("10.0.0.5"), h.ip("10.0.0.6")
	want := inventory.Peer{ID: y.ID, Port: 104, Role: "client", Bytes: 800, LastSeen: at(2)}
	if len(x.Peers) != 1 || x.Peers[0] != want {
		t.Errorf("%+v", x.Peers)
	}
	if len(y.Peers) != 1 || y.Peers[0].ID != x.ID || y.Peers[0].Role != "server" {
		t.Errorf("%+v", y.Peers)
	}
}

func TestSnapshotSharesNothing(t *testing.T) {
	h := newHouse(t)
	h.describe(host("10.0.3.10", gatewayMAC), append(pump("0", "9.33"), fact(protocols.DeviceLabel, "P"))...)
	h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "A"), fact(protocols.SerialNumber, "000"))
	before := text(h.devices())
	for _, d := range h.devices() {
		for _, list := range [][]string{d.AETitles, d.MACs, d.IPs, d.SoftwareVersions} {
			for i := range list {
				list[i] = "overwritten"
			}
		}
		for i := range d.Evidence {
			d.Evidence[i].Value = "overwritten"
		}
		for i := range d.Conflicts {
			clear(d.Conflicts[i].Values)
		}
	}
	if after := text(h.devices()); after != before {
		t.Error("a caller changed the ledger")
	}
}
