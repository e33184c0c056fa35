package identity_test

import (
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/protocols"
)

const euiA, euiB = "0003B1000ABC0120", "0003B1000ABC0121"

// is states what a pump with a EUI-64 does, by its gateway, at a second.
func (w ward) is(second int, eui, serial string, c protocols.Channel) {
	w.clock = second
	facts := pump(serial, "9.33")
	if eui != "" {
		facts = append(facts, fact(protocols.EUI64, eui))
	}
	o := statement(second, protocols.HL7, w.gateway, host("10.0.3.2", macB), aboutDescribed, facts...)
	o.Report = &protocols.Report{Complete: true, Valid: 15 * time.Minute, Source: "test", Channels: []protocols.Channel{c}}
	w.Observe(o)
}

func (h *house) eui(eui string) inventory.Device {
	h.t.Helper()
	return h.with(eui, func(d inventory.Device) bool { return shows(d, "eui64", eui) })
}

// A serial number that stands on two pumps does not make one of them idle because the
// other one is.
func TestInvariant01OneSerialNumberOnTwoEUIs(t *testing.T) {
	for name, steps := range map[string][]func(ward){
		"one after the other": {
			func(w ward) { w.is(1, euiA, "AB1234", infusing) }, func(w ward) { w.is(3, euiB, "AB1234", resting) },
		},
		"the number alone comes last": {
			func(w ward) { w.is(1, euiA, "AB1234", infusing) }, func(w ward) { w.is(2, euiB, "AB1234", resting) },
			func(w ward) { w.is(3, "", "AB1234", resting) },
		},
		"the number alone comes first": {
			func(w ward) { w.is(1, "", "AB1234", infusing) }, func(w ward) { w.is(2, euiA, "AB1234", infusing) },
			func(w ward) { w.is(3, euiB, "AB1234", resting) }, func(w ward) { w.is(4, "", "AB1234", resting) },
			func(w ward) { w.is(5, euiB, "AB1234", resting) },
		},
	} {
		w := newWard(t)
		for _, step := range steps {
			step(w)
		}
		a, b := w.eui(euiA), w.eui(euiB)
		if a.ID == b.ID || a.Use.State != protocols.InUse || b.Use.State != protocols.Idle {
			t.Errorf("%s: %s is %s, %s is %s", name, a.ID, a.Use.State, b.ID, b.Use.State)
		}
		if !has(a, identity.SerialOnTwo) || !has(b, identity.SerialOnTwo) {
			t.Errorf("%s: the contradiction is not shown: %s", name, text([]inventory.Device{a, b}))
		}
		store, again := newStore(), newWard(t)
		save(t, w.house, store)
		if err := again.Load(store); err != nil {
			t.Fatal(err)
		}
		again.is(9, euiB, "AB1234", resting)
		if again.eui(euiA).ID != a.ID || again.eui(euiB).ID != b.ID {
			t.Errorf("%s: not the same after a restart", name)
		}
	}
}

// Hosts that state one serial number and each its own EUI-64 are two devices.
func TestOneSerialNumberOnTwoHosts(t *testing.T) {
	h := newHouse(t)
	for ip, eui := range map[string]string{"10.0.3.20": euiA, "10.0.3.21": euiB} {
		h.say(protocols.HL7, routed(ip), protocols.Endpoint{}, aboutSpeaker, append(pump("AB1234", "9.33"), fact(protocols.EUI64, eui))...)
	}
	for ip, eui := range map[string]string{"10.0.3.20": euiA, "10.0.3.21": euiB} {
		if d := h.ip(ip); d.SerialNumber != "AB1234" || !shows(d, "eui64", eui) || d.Type != "infusion-pump" || !has(d, identity.SerialOnTwo) {
			t.Errorf("%s", text(d))
		}
	}
	h.count(2)
}

// A pump stays one behind gateways that write their own EUI-64 beside its number.
func TestGatewaysOwnEUITellsNoPump(t *testing.T) {
	w := newWard(t)
	for _, by := range []struct {
		host protocols.Endpoint
		eui  string
	}{{w.gateway, "00D075FFFE001122"}, {w.stranger, euiB}} {
		w.say(protocols.HL7, by.host, w.gateway, aboutSpeaker, fact(protocols.EUI64, by.eui), role(protocols.RoleHL7DeviceGateway))
		w.describe(by.host, append(pump("11223344", "9.33"), fact(protocols.EUI64, by.eui))...)
	}
	if d := w.serial("11223344"); d.Presence != inventory.Behind || slices.ContainsFunc(d.Conflicts, func(c inventory.Conflict) bool { return c.Code == identity.SerialOnTwo }) {
		t.Errorf("%s", text(d))
	}
}

// A pump that states what it is and the EUI-64 of its own interface stays that, although
// a laboratory's results named its number before it spoke. Who speaks for a pump as a
// pump is not displaced by that.
func TestInvariant01AHostKeepsWhatItIs(t *testing.T) {
	const mac, eui = "00:d0:75:00:c2:01", "00D075FFFE00C201"
	kind := fact(protocols.DeviceType, "mdc:69985")
	for name, c := range map[string]struct {
		laboratory, own []protocols.Fact
		host            bool
	}{
		"a number on a result":    {nil, []protocols.Fact{kind, fact(protocols.EUI64, eui)}, true},
		"another's EUI-64":        {nil, []protocols.Fact{kind, fact(protocols.EUI64, euiA)}, false},
		"no type of its own":      {nil, []protocols.Fact{fact(protocols.EUI64, eui)}, false},
		"a pump behind a gateway": {[]protocols.Fact{kind}, []protocols.Fact{kind, fact(protocols.EUI64, eui)}, false},
	} {
		w := newWard(t)
		w.describe(w.stranger, append(pump("AB1240", "9.33"), c.laboratory...)...)
		for range 2 {
			w.say(protocols.HL7, host("10.0.4.4", mac), w.gateway, aboutSpeaker, append(pump("AB1240", "9.33"), c.own...)...)
		}
		d := w.serial("AB1240")
		if is := slices.Equal(d.IPs, []string{"10.0.4.4"}) && shows(d, "device_type", "mdc:69985") && d.Type == "infusion-pump"; is != c.host {
			t.Errorf("%s: %s", name, text(d))
		}
		if !has(d, identity.ViaDiffers) {
			t.Errorf("%s: who else speaks for it is not shown: %s", name, text(d.Conflicts))
		}
	}
}

// A EUI-64 that stands on two devices is shown on both; a gateway's beside the numbers of
// its pumps is on none of them, and who repeats what a gateway says adds nothing.
func TestEUIOnTwo(t *testing.T) {
	a := fact(protocols.EUI64, euiA)
	weak := a
	weak.Confidence = 0.6
	for name, c := range map[string]struct {
		second func(ward)
		want   bool
	}{
		"another machine":  {func(w ward) { w.describe(w.stranger, append(machine("GE", "X", "SN61", ""), a)...) }, true},
		"another host":     {func(w ward) { w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, a) }, true},
		"a weak word":      {func(w ward) { w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, weak) }, false},
		"its own gateway":  {func(w ward) { w.say(protocols.HL7, w.gateway, w.stranger, aboutSpeaker, a) }, false},
		"who repeats that": {func(w ward) { w.describe(w.stranger, append(pump("11223344", "9.33"), a)...) }, false},
	} {
		w := newWard(t)
		w.describe(w.gateway, append(pump("11223344", "9.33"), a)...)
		c.second(w)
		n := 0
		for _, d := range w.devices() {
			if has(d, identity.EUIOnTwo) {
				n++
			}
		}
		if c.want != (n == 2) || !c.want && n > 0 {
			t.Errorf("%s: shown on %d devices: %s", name, n, text(w.devices()))
		}
	}
}

// A host that speaks in the name of two EUI-64s with one serial number is neither.
func TestInvariant04SpeakerWithTwoEUIs(t *testing.T) {
	h := newHouse(t)
	for _, eui := range []string{euiA, euiB} {
		h.say(protocols.HL7, host("10.0.3.20", macA), protocols.Endpoint{}, aboutSpeaker, append(pump("AB1234", "9.33"), fact(protocols.EUI64, eui))...)
	}
	if h.count(3); h.ip("10.0.3.20").SerialNumber != "" {
		t.Errorf("%s", text(h.ip("10.0.3.20")))
	}
}
