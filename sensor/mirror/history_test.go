package mirror_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

func whole() mirror.Declared {
	return mirror.Declared{VLANs: []uint16{10, 20, 30, 40, 50, 60}, Expect: []protocols.Name{protocols.DICOM, protocols.ARP}}
}

// A whole mirror of a hospital, eight days with nights, a weekend and bursts, gives no
// alarm at all.
func TestAWeekWithoutAlarm(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			p := newPort(t, seed, whole())
			p.run(8*24*time.Hour, time.Minute)
			p.calm()
		})
	}
}

// The same by the second, through the ramp of a morning.
func TestAMorningBySecondsWithoutAlarm(t *testing.T) {
	p := newPort(t, 5, whole())
	p.snap.At = monday.Add(5 * time.Hour)
	p.run(3*time.Hour, time.Second)
	p.calm()
}

// Each fault of rate is found within a stated time, once, and cleared once.
func TestFaultsOfRate(t *testing.T) {
	cases := []struct {
		name     string
		start    time.Duration // after monday
		dt       time.Duration
		fault    func(*port)
		mend     func(*port)
		code     mirror.Code
		vlan     uint16
		found    time.Duration
		forgiven time.Duration
	}{
		{"a busy VLAN is silent, by the second", 80 * time.Minute, time.Second, func(p *port) { p.gone[10] = true }, func(p *port) { p.gone[10] = false }, mirror.VLANSilent, 10, 30 * time.Second, 30 * time.Second},
		{"a busy VLAN is silent, by the minute", 58 * time.Hour, time.Minute, func(p *port) { p.gone[10] = true }, func(p *port) { p.gone[10] = false }, mirror.VLANSilent, 10, 10 * time.Minute, 2 * time.Minute},
		{"a slow VLAN is silent at night", 50 * time.Hour, time.Minute, func(p *port) { p.gone[50] = true }, func(p *port) { p.gone[50] = false }, mirror.VLANSilent, 50, 45 * time.Minute, 10 * time.Minute},
		{"a mirror is silent", 80 * time.Minute, time.Second, func(p *port) { p.stopped = true }, func(p *port) { p.stopped = false }, mirror.TapSilent, 0, 30 * time.Second, 30 * time.Second},
		{"a mirror loses most of its sources", 59 * time.Hour, time.Minute, func(p *port) { p.factor = 0.02 }, func(p *port) { p.factor = 1 }, mirror.SuddenlyLess, 0, 20 * time.Minute, 20 * time.Minute},
		{"monitors speak thirty times as much", 59 * time.Hour, time.Minute, func(p *port) { p.wards[30] = ward{noon: 1800, night: 1500, weekend: 1} }, func(p *port) { p.wards[30] = hospital()[30] }, mirror.SuddenlyMore, 30, 20 * time.Minute, 30 * time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPort(t, 7, whole())
			p.run(c.start, c.dt)
			p.calm()
			c.fault(p)
			p.raisedWithin(c.code, c.vlan, c.found, c.dt)
			p.run(60*c.dt, c.dt)
			if n := codes(p.m)[c.code]; n != 1 {
				t.Errorf("%s stands %d times later: %v", c.code, n, codes(p.m))
			}
			c.mend(p)
			p.clearedWithin(c.code, c.vlan, c.forgiven, c.dt)
			p.changes = nil
			p.run(180*c.dt, c.dt)
			p.calm()
		})
	}
}

// diagnosis is a mirror that is wrong from the beginning, and how soon that is found.
type diagnosis struct {
	name  string
	d     mirror.Declared
	fault func(*port)
	code  mirror.Code
	vlan  uint16
	found time.Duration
	other []mirror.Code // what may stand besides
}

func diagnose(t *testing.T, cases []diagnosis) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPort(t, 11, c.d)
			p.snap.At = monday.Add(12 * time.Hour)
			c.fault(p)
			p.raisedWithin(c.code, c.vlan, c.found, time.Second)
			p.run(3*time.Minute, time.Second)
			for _, x := range p.m.Report().Troubles {
				if x.Says == "" || x.Check == "" || x.Since.IsZero() {
					t.Errorf("half told: %+v", x)
				}
				if x.Code != c.code && !contains(c.other, x.Code) {
					t.Errorf("%s was told too: %s", x.Code, x.Says)
				}
			}
		})
	}
}

// all puts everything at one place.
func all(at sensor.Place) func(uint16) sensor.Place {
	return func(uint16) sensor.Place { return at }
}

func TestDiagnosesOfTags(t *testing.T) {
	diagnose(t, []diagnosis{
		{"RSPAN tag overwritten, declared", mirror.Declared{VLANs: []uint16{10, 20, 30}, RSPANVLAN: 900}, func(p *port) { p.place = all(sensor.Place{VLAN: 900}) }, mirror.RSPANOverwritten, 900, 20 * time.Minute, nil},
		{"RSPAN tag overwritten, not declared", mirror.Declared{VLANs: []uint16{10, 20, 30}}, func(p *port) { p.place = all(sensor.Place{VLAN: 900}) }, mirror.RSPANOverwritten, 900, 20 * time.Minute, []mirror.Code{mirror.VLANNotDeclared}},
		{"tags stripped", whole(), func(p *port) { p.place = all(sensor.Place{}) }, mirror.TagsStripped, 0, 20 * time.Minute, nil},
		{"native VLAN untagged", whole(), func(p *port) {
			p.place = func(v uint16) sensor.Place {
				if v == 10 {
					v = 0
				}
				return sensor.Place{VLAN: v}
			}
		}, mirror.NativeUntagged, 10, 20 * time.Minute, nil},
		{"VLAN missing", mirror.Declared{VLANs: []uint16{10, 20, 30, 40, 50, 60, 70}}, func(*port) {}, mirror.VLANMissing, 70, 20 * time.Minute, nil},
		{"VLAN not declared", mirror.Declared{VLANs: []uint16{10, 20, 40, 50, 60}}, func(*port) {}, mirror.VLANNotDeclared, 30, 5 * time.Minute, nil},
	})
}

func TestDiagnosesOfWhatIsMissing(t *testing.T) {
	diagnose(t, []diagnosis{
		{"session missing", mirror.Declared{Sessions: []uint32{10}}, func(*port) {}, mirror.SessionMissing, 0, 20 * time.Minute, nil},
		{"session not declared", mirror.Declared{Sessions: []uint32{10}}, func(p *port) {
			p.place = func(v uint16) sensor.Place {
				return sensor.Place{VLAN: v, By: sensor.ERSPAN, Session: 10 + uint32(v/30)}
			}
		}, mirror.SessionNotDeclared, 0, 20 * time.Minute, nil},
		{"ARP missing", mirror.Declared{Expect: []protocols.Name{protocols.ARP}}, func(p *port) { p.protocols = nil }, mirror.ProtocolMissing, 0, 2 * time.Hour, nil},
		{"nothing heard", mirror.Declared{}, func(p *port) { p.stopped = true }, mirror.NothingHeard, 0, 2 * time.Minute, nil},
		{"no link", mirror.Declared{}, func(p *port) { p.snap.LinkUp, p.stopped = false, true }, mirror.LinkDown, 0, 10 * time.Second, nil},
	})
}

func TestDiagnosesOfQuality(t *testing.T) {
	bundle := func(p *port) [2]uint64 {
		return [][2]uint64{{20, 20}, {20, 0}, {0, 20}}[p.random.IntN(3)]
	}
	diagnose(t, []diagnosis{
		{"half of a port-channel", mirror.Declared{Links: 2}, func(p *port) { p.talk = bundle }, mirror.PartOfPortChannel, 0, 5 * time.Minute, nil},
		{"one direction only", mirror.Declared{}, func(p *port) { p.talk = func(*port) [2]uint64 { return [2]uint64{0, 30} } }, mirror.OneDirection, 0, 5 * time.Minute, nil},
		{"oversubscribed, with holes", mirror.Declared{}, func(p *port) { p.snap.Speed, p.loss = 10e6, 0.02 }, mirror.Oversubscribed, 0, 10 * time.Minute, []mirror.Code{mirror.LossBefore}},
		{"oversubscribed, at line rate", mirror.Declared{}, func(p *port) { p.snap.Speed = 1e6 }, mirror.Oversubscribed, 0, 10 * time.Minute, nil},
		{"the switch loses one in a hundred", mirror.Declared{}, func(p *port) { p.loss = 0.01 }, mirror.LossBefore, 0, 5 * time.Minute, nil},
		{"each frame twice", mirror.Declared{}, func(p *port) { p.twice = 1 }, mirror.Duplicates, 0, 5 * time.Minute, nil},
		{"wireless in DTLS", mirror.Declared{}, func(p *port) { p.hidden = 0.5 }, mirror.WirelessEncrypted, 0, 5 * time.Minute, nil},
		{"frames cut", mirror.Declared{}, func(p *port) { p.cut = 0.05 }, mirror.FramesCut, 0, 5 * time.Minute, nil},
		{"lost here", mirror.Declared{}, func(p *port) { p.snap.KernelDrops = 5000 }, mirror.LossHere, 0, 5 * time.Minute, nil},
	})
}

func contains(list []mirror.Code, c mirror.Code) bool {
	for _, x := range list {
		if x == c {
			return true
		}
	}
	return false
}
