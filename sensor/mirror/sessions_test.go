package mirror_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// A tap that is wrapped as a whole, and declares no sessions, is told to declare them,
// by number; the tags outside are no fault of the switch.
func TestSessionsUndeclared(t *testing.T) {
	diagnose(t, []diagnosis{
		{"ERSPAN, untagged outside", mirror.Declared{}, func(p *port) { p.place = all(sensor.Place{By: sensor.ERSPAN, Session: 7}) }, mirror.SessionsUndeclared, 0, 5 * time.Minute, nil},
		{"ERSPAN in a VLAN of its own", mirror.Declared{VLANs: []uint16{10, 20}}, func(p *port) { p.place = all(sensor.Place{VLAN: 900, By: sensor.ERSPAN, Session: 7}) }, mirror.SessionsUndeclared, 0, 5 * time.Minute, []mirror.Code{mirror.VLANMissing, mirror.VLANNotDeclared}},
		{"VXLAN", mirror.Declared{}, func(p *port) { p.place = all(sensor.Place{By: sensor.VXLAN, Session: 5000}) }, mirror.SessionsUndeclared, 0, 5 * time.Minute, nil},
	})
}

// The diagnosis stands by itself after a quarter of an hour too, when tags are judged,
// names the busiest session, and ends when that is declared.
func TestSessionsUndeclaredNamesTheBusiest(t *testing.T) {
	d := mirror.Declared{Name: "span0", VLANs: []uint16{10, 20}}
	p := newPort(t, 31, d)
	p.snap.At = monday.Add(10 * time.Hour)
	p.wards = map[uint16]ward{0: {noon: 450, night: 450, weekend: 1}, 3: {noon: 300, night: 300, weekend: 1}, 7: {noon: 400, night: 400, weekend: 1}}
	p.place = func(v uint16) sensor.Place { return sensor.Place{By: sensor.ERSPAN, Session: uint32(v)} } // 0 has none
	p.run(20*time.Minute, time.Second)
	for _, x := range p.m.Report().Troubles {
		switch {
		case x.Code == mirror.TagsStripped:
			t.Error(x.Says)
		case x.Code == mirror.SessionsUndeclared && (!strings.Contains(x.Says, "ERSPAN session 7;") || !strings.Contains(x.Check, "sessions: [7]")):
			t.Error(x.Says, x.Check)
		}
	}
	if n := codes(p.m)[mirror.SessionsUndeclared]; n != 1 {
		t.Fatalf("standing %v", codes(p.m))
	}
	d.Sessions = []uint32{3, 7}
	p.m.Declare(d)
	p.clearedWithin(mirror.SessionsUndeclared, 0, time.Second, time.Second)
}

func TestSessionsUndeclaredIsNotTold(t *testing.T) {
	erspan := func(n uint16) func(*port) { // of the busiest VLANs, those up to n
		return func(p *port) {
			p.place = func(v uint16) sensor.Place {
				if v <= n {
					return sensor.Place{By: sensor.ERSPAN, Session: 7}
				}
				return sensor.Place{VLAN: v}
			}
		}
	}
	cases := []struct {
		name  string
		d     mirror.Declared
		fault func(*port)
	}{
		{"declared", mirror.Declared{Sessions: []uint32{7}}, erspan(99)},
		{"in an RSPAN VLAN", mirror.Declared{RSPANVLAN: 900}, erspan(99)},
		{"a session without a number", mirror.Declared{}, func(p *port) { p.place = all(sensor.Place{By: sensor.ERSPAN}) }},
		{"mostly a session without a number", mirror.Declared{}, func(p *port) {
			p.place = func(v uint16) sensor.Place { return sensor.Place{By: sensor.ERSPAN, Session: uint32(v / 50)} }
		}},
		{"a tunnel of no mirror", mirror.Declared{}, func(p *port) { p.place = all(sensor.Place{By: sensor.GRE, Session: 7}) }},
		{"less than half", mirror.Declared{}, func(p *port) { erspan(20)(p); p.gone[10] = true }},
		{"too few frames", mirror.Declared{}, func(p *port) { erspan(99)(p); p.factor = 0.0005 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newPort(t, 32, c.d)
			p.snap.At = monday.Add(10 * time.Hour)
			c.fault(p)
			p.run(10*time.Minute, time.Second)
			p.calm()
		})
	}
}

// The session that is named is one that is heard now.
func TestSessionsUndeclaredNamesNoneThatEnded(t *testing.T) {
	p := newPort(t, 33, mirror.Declared{})
	p.snap.At = monday.Add(10 * time.Hour)
	for _, id := range []uint32{7, 8} {
		p.place = all(sensor.Place{By: sensor.ERSPAN, Session: id})
		p.factor *= 0.5
		p.run(40*time.Minute, time.Second)
	}
	for _, x := range p.m.Report().Troubles {
		if x.Code == mirror.SessionsUndeclared && strings.Contains(x.Says, "ERSPAN session 8;") {
			return
		}
	}
	t.Errorf("%+v", p.m.Report().Troubles)
}
