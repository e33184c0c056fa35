package mirror_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// A trouble whose ground was taken out of the declaration is cleared at the next look,
// once; the others stand, and nothing that was learnt is lost.
func TestDeclareClearsWhatLostItsGround(t *testing.T) {
	d := mirror.Declared{Name: "span0", VLANs: []uint16{10, 20, 30, 40, 60, 70, 80}, Sessions: []uint32{5, 6}, Expect: []protocols.Name{protocols.ARP, protocols.DICOM}}
	p := newPort(t, 21, d)
	p.snap.At, p.protocols = monday.Add(9*time.Hour), []protocols.Name{protocols.DICOM}
	p.run(2*time.Hour, 10*time.Second)
	p.gone[30] = true
	p.run(20*time.Minute, 10*time.Second)
	before := codes(p.m)
	want := map[mirror.Code]int{mirror.VLANMissing: 2, mirror.VLANNotDeclared: 1, mirror.SessionMissing: 2, mirror.ProtocolMissing: 1, mirror.VLANSilent: 1}
	for c, n := range want {
		if before[c] != n {
			t.Fatalf("%s stands %d times, want %d: %v", c, before[c], n, before)
		}
	}
	rate := p.m.Report().VLANs[1].Usual
	p.changes, d.VLANs, d.Sessions, d.Expect = nil, []uint16{10, 20, 40, 50, 60, 80}, []uint32{6}, []protocols.Name{protocols.DICOM}
	p.m.Declare(d)
	p.run(10*time.Second, 10*time.Second)
	cleared := map[string]bool{}
	for _, x := range p.changes {
		if x.Raised {
			t.Errorf("raised %+v", x.Trouble)
		}
		cleared[string(x.Trouble.Code)] = true
	}
	if len(p.changes) != 5 || len(cleared) != 5 {
		t.Errorf("changes %+v", p.changes)
	}
	if now := codes(p.m); len(p.m.Report().Troubles) != 2 || now[mirror.VLANMissing] != 1 || now[mirror.SessionMissing] != 1 {
		t.Errorf("standing %v", now)
	}
	if got := p.m.Report().VLANs[1].Usual; got < rate*0.9 || rate == 0 {
		t.Errorf("VLAN 20 is usual at %g frames a second, and was at %g", got, rate)
	}
	p.changes = nil
	p.run(30*time.Minute, 10*time.Second)
	p.calm()
}

// What is taken out of the list may go silent: the switch is changed a moment later.
func TestVLANTakenOutMayGoSilent(t *testing.T) {
	d := mirror.Declared{Name: "span0", VLANs: []uint16{10, 20, 30, 40, 50, 60}}
	p := newPort(t, 22, d)
	p.run(50*time.Hour, time.Minute)
	d.VLANs = []uint16{10, 20, 40, 50, 60}
	p.m.Declare(d)
	p.run(3*time.Minute, time.Second)
	if len(p.changes) != 1 || p.changes[0].Trouble.Code != mirror.VLANNotDeclared {
		t.Fatalf("changes %+v", p.changes)
	}
	p.changes, p.gone[30] = nil, true
	p.run(5*time.Hour, time.Minute)
	p.calm()
}

// Untagged frames that become those of a native VLAN, of another one, and untagged
// again, are no silence and no loss.
func TestNativeVLANIsChanged(t *testing.T) {
	d := mirror.Declared{Name: "span0"}
	p := newPort(t, 23, d)
	p.place = func(v uint16) sensor.Place {
		if v == 10 {
			v = 0
		}
		return sensor.Place{VLAN: v}
	}
	p.run(50*time.Hour, time.Minute)
	for _, native := range []uint16{99, 98, 0} {
		d.NativeVLAN = native
		p.m.Declare(d)
		p.run(5*time.Hour, time.Minute)
		p.calm()
		var frames uint64
		for _, v := range p.m.Report().VLANs {
			frames += v.Frames
		}
		if frames != p.snap.Frames {
			t.Errorf("native VLAN %d: the VLANs have %d frames of %d", native, frames, p.snap.Frames)
		}
	}
}

// Only one of the directions, or one link, is what was wanted.
func TestDeclareOfDirectionsAndLinks(t *testing.T) {
	cases := []struct {
		name  string
		talk  [][2]uint64
		code  mirror.Code
		after mirror.Declared
	}{
		{"one direction", [][2]uint64{{0, 30}}, mirror.OneDirection, mirror.Declared{Name: "span0", Directions: mirror.Receive}},
		{"no port-channel", [][2]uint64{{20, 20}, {20, 0}, {0, 20}}, mirror.PartOfPortChannel, mirror.Declared{Name: "span0", Links: 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPort(t, 24, mirror.Declared{})
			p.talk = func(p *port) [2]uint64 { return c.talk[p.random.IntN(len(c.talk))] }
			p.raisedWithin(c.code, 0, 10*time.Minute, time.Second)
			p.m.Declare(c.after)
			p.clearedWithin(c.code, 0, time.Second, time.Second)
		})
	}
}

// A restart with another declaration clears what has no ground any more, even though
// nothing is heard.
func TestImportClearsWhatLostItsGround(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a", VLANs: []uint16{10}})
	err := m.Import(mirror.Memory{Version: mirror.MemoryVersion, At: monday, Raised: []mirror.RaisedTrouble{
		{Code: mirror.VLANMissing, VLAN: 10, Since: monday}, {Code: mirror.VLANMissing, VLAN: 20, Since: monday}}}, monday)
	if err != nil {
		t.Fatal(err)
	}
	changes := m.Hear(mirror.Snapshot{At: monday.Add(time.Second), LinkUp: true})
	if len(changes) != 1 || changes[0].Raised || changes[0].Trouble.VLAN != 20 || codes(m)[mirror.VLANMissing] != 1 {
		t.Errorf("changes %+v, standing %v", changes, codes(m))
	}
}

// A tap that is removed leaves nothing raised behind it, and tells that once.
func TestRetire(t *testing.T) {
	p := newPort(t, 25, mirror.Declared{VLANs: []uint16{10, 20, 30, 40, 50, 60, 70, 80}, Sessions: []uint32{5}})
	p.snap.At = monday.Add(9 * time.Hour)
	p.run(20*time.Minute, time.Second)
	standing := p.m.Report().Troubles
	if len(standing) < 3 {
		t.Fatalf("standing %+v", standing)
	}
	p.m.Declare(mirror.Declared{Name: "span0", VLANs: []uint16{10, 20, 30, 40, 50, 60, 70, 80}})
	changes := p.m.Retire(p.snap.At.Add(-time.Hour)) // the clock went back
	if len(changes) != len(standing) || len(p.m.Report().Troubles) != 0 {
		t.Errorf("changes %+v, of %+v", changes, standing)
	}
	for _, x := range changes {
		if x.Raised || x.Trouble.Says == "" || x.Trouble.Since.After(p.snap.At.Add(-time.Hour)) {
			t.Errorf("%+v", x)
		}
	}
	if again := p.m.Retire(p.snap.At); len(again) != 0 {
		t.Errorf("told twice: %+v", again)
	}
}

// A restart with a native VLAN gives it what was usual of untagged traffic.
func TestNativeVLANIsDeclaredAtARestart(t *testing.T) {
	p := newPort(t, 26, mirror.Declared{})
	p.place = func(v uint16) sensor.Place {
		if v == 10 {
			v = 0
		}
		return sensor.Place{VLAN: v}
	}
	p.run(50*time.Hour, time.Minute)
	m := mirror.New(mirror.Declared{Name: "span0", NativeVLAN: 99})
	if err := m.Import(p.m.Export(), p.snap.At); err != nil {
		t.Fatal(err)
	}
	usual := p.m.Report().VLANs[0].Usual
	p.m = m
	p.run(5*time.Hour, time.Minute)
	p.calm()
	for _, v := range m.Report().VLANs {
		if v.ID == 0 || v.ID == 99 && (v.Usual < usual/4 || usual == 0) {
			t.Errorf("%+v; untagged was usual at %g", v, usual)
		}
	}
}
