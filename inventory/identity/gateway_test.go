package identity_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/identity"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
)

// ward is a house that keeps uses, with a gateway and a host that is none.
type ward struct {
	*house
	gateway, stranger protocols.Endpoint
}

func newWard(t testing.TB) ward {
	h := &house{t: t, Ledger: identity.New(identity.Options{Use: usage.New(usage.Options{})}, knowledge{})}
	return ward{h, host("10.0.3.10", gatewayMAC), host("10.0.9.200", "02:de:ad:be:ef:01")}
}

// runs states a pump's version and what it does, at a second.
func (w ward) runs(second int, by protocols.Endpoint, about protocols.Subject, version string, c protocols.Channel) {
	w.clock = second
	o := statement(second, protocols.HL7, by, host("10.0.3.2", macB), about, pump("11223344", version)...)
	o.Report = &protocols.Report{Complete: true, Valid: 15 * time.Minute, Source: "test", Channels: []protocols.Channel{c}}
	w.Observe(o)
}

var (
	infusing = protocols.Channel{Name: "A", State: protocols.InUse}
	resting  = protocols.Channel{Name: "A", State: protocols.Idle}
)

func (w ward) pump(what string, use protocols.UseState, version string, conflict bool) inventory.Device {
	w.t.Helper()
	d := w.serial("11223344")
	if d.Use.State != use || !slices.Equal(d.SoftwareVersions, []string{version}) || has(d, identity.ViaDiffers) != conflict || d.Presence != inventory.Behind || len(d.IPs) > 0 {
		w.t.Errorf("%s: want %s, %s, conflict %v: %s", what, use, version, conflict, text(d))
	}
	return d
}

// What a third host says of a pump makes nothing of it better.
func TestInvariant01AnotherHostDoesNotImproveAPump(t *testing.T) {
	for name, c := range map[string]struct {
		about   protocols.Subject
		channel protocols.Channel
	}{
		"it is idle":          {aboutDescribed, resting},
		"its channel is over": {aboutDescribed, protocols.Channel{Name: "A", State: protocols.Idle, Ended: true}},
		"I am the pump":       {aboutSpeaker, resting},
	} {
		w := newWard(t)
		w.runs(1, w.gateway, aboutDescribed, "9.33", infusing)
		via := w.pump(name, protocols.InUse, "9.33", false).Via
		for second := 60; second < 800; second += 60 {
			w.runs(second, w.stranger, c.about, "12.3", c.channel)
		}
		if d := w.pump(name, protocols.InUse, "9.33", true); d.Via != via {
			t.Errorf("%s: behind %s, was behind %s", name, d.Via, via)
		}
		// The gateway's word expires: then it is unknown, and not idle.
		w.clock = 1 + 16*60
		w.pump(name+", gateway silent", protocols.UnknownUse, "9.33", true)
	}
}

// The worse of two words counts also when the stranger's is the worse one, for as
// long as it holds.
func TestInvariant01TheWorseWordCounts(t *testing.T) {
	w := newWard(t)
	w.runs(1, w.gateway, aboutDescribed, "9.33", resting)
	w.runs(2, w.stranger, aboutDescribed, "9.33", infusing)
	w.pump("stranger says in use", protocols.InUse, "9.33", true)
	w.runs(20*60, w.gateway, aboutDescribed, "9.33", resting)
	w.pump("its word expired", protocols.Idle, "9.33", true)
	w.runs(20*60+1, w.gateway, aboutDescribed, "12.3", resting)
	w.pump("the gateway itself updates", protocols.Idle, "12.3", true)
}

// A pump that was carried to another ward is behind that one's gateway, once the
// old one is silent and the new one has spoken several times.
func TestPumpMovesToAnotherGateway(t *testing.T) {
	w := newWard(t)
	w.runs(1, w.gateway, aboutDescribed, "9.33", infusing)
	old := w.serial("11223344").Via
	silent := int(identity.GatewaySilence/time.Second) + 2
	step := int(identity.HandOverTime/time.Second) / (identity.HandOverStatements - 1)
	for i := range identity.HandOverStatements {
		if d := w.serial("11223344"); d.Via != old {
			t.Fatalf("after %d statements it is behind %s", i, d.Via)
		}
		w.runs(silent+i*step, w.stranger, aboutDescribed, "12.3", resting)
	}
	if d := w.pump("moved", protocols.Idle, "12.3", false); d.Via == old {
		t.Error("it is still behind the old gateway")
	}
	// A burst after the silence is not enough.
	w = newWard(t)
	w.runs(1, w.gateway, aboutDescribed, "9.33", infusing)
	for i := range 20 {
		w.runs(silent+i, w.stranger, aboutDescribed, "12.3", resting)
	}
	w.pump("a burst", protocols.UnknownUse, "9.33", true)
}

// A host does not become a pump by a name that the pump's gateway gave it, nor
// does a stranger give a pump an interface.
func TestInvariant04NamesOfADescribedDeviceAreNotTaken(t *testing.T) {
	udi := fact(protocols.UDI, "(01)04012345678901(21)11223344")
	for name, steal := range map[string]func(w ward){
		"UDI": func(w ward) { w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, udi) },
		"MAC": func(w ward) {
			w.arp("10.0.9.7", "00:09:5c:00:00:77")
			w.describe(w.stranger, append(pump("11223344", "9.33"), fact(protocols.HardwareAddress, "00:09:5c:00:00:77"))...)
		},
	} {
		w := newWard(t)
		w.describe(w.gateway, append(pump("11223344", "9.33"), udi)...)
		steal(w)
		if d := w.serial("11223344"); len(d.IPs)+len(d.MACs) > 0 || d.Presence != inventory.Behind {
			t.Errorf("%s: %s", name, text(d))
		}
	}
}

// The gateway stays who it was over a restart.
func TestGatewayIsKept(t *testing.T) {
	w := newWard(t)
	w.runs(1, w.gateway, aboutDescribed, "9.33", infusing)
	store := newStore()
	save(t, w.house, store)
	again := newWard(t)
	if err := again.Load(store); err != nil {
		t.Fatal(err)
	}
	again.runs(60, w.stranger, aboutDescribed, "12.3", resting)
	again.pump("after a restart", protocols.InUse, "9.33", true)
	if b, _ := json.Marshal(store.buckets[identity.Bucket]); len(b) == 0 {
		t.Error("nothing was saved")
	}
}

// A forged acknowledgement does not take an address from a host that uses it.
func TestForgedAcknowledgementDoesNotMoveAnAddress(t *testing.T) {
	for name, speak := range map[string]func(h *house){
		"by traffic": func(h *house) { h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "MR1")) },
		"by ARP":     func(h *house) { h.arp("10.0.0.5", macA) },
	} {
		h := newHouse(t)
		h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "MR1"))
		id := h.ip("10.0.0.5").ID
		h.ack("10.0.0.5", macB)
		speak(h)
		d := h.ip("10.0.0.5")
		if d.ID != id || !slices.Equal(d.MACs, []string{macA}) || !has(d, identity.AddressDisputed) && !has(d, identity.AddressMoved) {
			t.Errorf("%s: %s", name, text(d))
		}
	}
	// A lease that its holder has left goes to the next one.
	h := newHouse(t)
	h.dicom(host("10.0.0.5", macA), fact(protocols.AETitle, "MR1"))
	h.ack("10.0.0.5", macB)
	h.talk(host("10.0.0.5", macB), host("10.0.0.6", "00:09:5c:00:00:06"), 1, 1)
	if d := h.ip("10.0.0.5"); !slices.Equal(d.MACs, []string{macB}) {
		t.Errorf("%s", text(d))
	}
}

// A pump from whose address one message describes others stays a pump, and shows it. A
// host that began as a pump and has been a gateway for a while is one.
func TestInvariant03OneMessageMakesNoGateway(t *testing.T) {
	kind, as := fact(protocols.DeviceType, "mdc:69985"), role(protocols.RoleHL7DeviceGateway)
	for name, c := range map[string]struct {
		seconds []int // of the messages about others
		again   bool  // it speaks of itself in between
		want    inventory.Type
	}{
		"one message":            {[]int{10}, false, "infusion-pump"},
		"a burst":                {[]int{10, 11, 12, 13, 14}, false, "infusion-pump"},
		"beside its own word":    {[]int{10, 200, 400, 600}, true, "infusion-pump"},
		"for a while, and often": {[]int{10, 200, 400}, false, "infusion-gateway"},
	} {
		w := newWard(t)
		w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, kind, fact(protocols.Model, "8015"))
		for _, second := range c.seconds {
			w.clock = second
			if c.again {
				w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, kind, fact(protocols.Model, "8015"))
			}
			w.say(protocols.HL7, w.stranger, w.gateway, aboutSpeaker, as)
			for _, serial := range []string{"S88888", "S88889"} {
				w.describe(w.stranger, append(pump(serial, "9.33"), kind)...)
			}
		}
		if d := w.ip("10.0.9.200"); d.Type != c.want || has(d, identity.SpeaksAsGateway) != (c.want == "infusion-pump") {
			t.Errorf("%s: %s", name, text(d))
		}
	}
}

// A pump whose gateway has not said what it does is not idle because a stranger says so
// by its EUI-64.
func TestInvariant01AStrangerMakesNothingIdle(t *testing.T) {
	for state, want := range map[protocols.UseState]protocols.UseState{
		protocols.Idle: protocols.UnknownUse, protocols.Standby: protocols.UnknownUse, protocols.Off: protocols.UnknownUse,
		protocols.UnknownUse: protocols.UnknownUse, protocols.InUse: protocols.InUse,
	} {
		w := newWard(t)
		w.describe(w.gateway, append(pump("11223344", "9.33"), fact(protocols.EUI64, euiA))...)
		w.clock = 5
		o := statement(5, protocols.HL7, w.stranger, host("10.0.3.2", macB), aboutDescribed, fact(protocols.EUI64, euiA))
		o.Report = &protocols.Report{Complete: true, Valid: time.Hour, Source: "test", Channels: []protocols.Channel{{State: state}}}
		w.Observe(o)
		w.pump(string(state), want, "9.33", true)
		// The gateway's word that it is at rest is enough.
		w.runs(6, w.gateway, aboutDescribed, "9.33", resting)
		if state == protocols.Idle {
			w.pump("the gateway says so", protocols.Idle, "9.33", true)
		}
	}
}
