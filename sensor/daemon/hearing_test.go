package daemon_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols/all"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
	"github.com/auscult/auscult/sensor/web"
)

// busy is a mirror that was heard a moment ago, and of which much is wrong.
func busy() mirror.Report {
	troubles := []mirror.Trouble{{Code: mirror.VLANMissing, VLAN: 61, Severity: mirror.Warning, Says: "VLAN 61 is missing.", Check: "The trunk."}}
	for _, c := range []mirror.Code{mirror.LinkDown, mirror.TapSilent, mirror.NothingHeard} {
		troubles = append(troubles, mirror.Trouble{Code: c, Severity: mirror.Warning, Says: "Nothing is heard."})
	}
	return mirror.Report{Rate: 31, BitsPerSecond: 8000, Troubles: troubles,
		VLANs:    []mirror.VLAN{{ID: 60, Declared: true, Rate: 30, BitsPerSecond: 7000, State: mirror.Heard}, {ID: 900, Rate: 1, State: mirror.Heard}, {ID: 7, State: mirror.Stranger}},
		Sessions: []mirror.Session{{ID: 12, Declared: true, State: mirror.Missing}}}
}

// Every protocol that is dissected can be expected of a tap, by the name it is counted
// under.
func TestEveryProtocolCanBeExpected(t *testing.T) {
	field, _ := reflect.TypeFor[configs.Tap]().FieldByName("Expect")
	named := strings.Split(field.Tag.Get("oneof"), "|")
	known := all.All()
	for _, p := range known {
		if !slices.Contains(named, string(p.Name())) {
			t.Errorf("%s cannot be expected", p.Name())
		}
	}
	if len(named) != len(known) {
		t.Errorf("%d names for %d protocols", len(named), len(known))
	}
}

// The state of a tap goes by whether its interface is up and when it was last heard
// since then; rates are those of a tap that hears.
func TestTapState(t *testing.T) {
	now := monday
	before := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, x := range map[string]struct {
		kept          daemon.Kept
		state, says   string
		rated, linked bool
	}{
		"not opened yet":      {daemon.Kept{Since: before(time.Second)}, "waiting", "is being opened", true, true},
		"no interface":        {daemon.Kept{Trouble: "there is no interface mon0", Heard: before(time.Minute), Since: before(time.Second)}, "down", "does not listen: there is no interface mon0", false, false},
		"nothing yet":         {daemon.Kept{Up: true, Opened: before(time.Hour), Since: before(5 * time.Second)}, "waiting", "has heard nothing yet", true, true},
		"nothing for long":    {daemon.Kept{Up: true, Since: before(time.Minute)}, "silent", "has heard nothing for 60 seconds. Every use under it is unknown.", false, true},
		"nothing since it is": {daemon.Kept{Up: true, Heard: before(time.Hour), Since: before(5 * time.Second)}, "waiting", "listens again", true, true},
		"silent":              {daemon.Kept{Up: true, Heard: before(45 * time.Second), Since: before(time.Hour)}, "silent", "has been silent for 45 seconds", false, true},
		"hears":               {daemon.Kept{Up: true, Heard: now, Since: now}, "hears", "hears traffic", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			x.kept.Mirror = busy()
			got, _ := daemon.Shown(x.kept, now)
			if got.State != x.state || !strings.Contains(got.Says, x.says) {
				t.Errorf("%s: %s", got.State, got.Says)
			}
			rates := got.FrameRate + got.BitRate + got.VLANs[0].FrameRate + got.VLANs[0].BitRate
			if x.rated != (rates > 0) || x.linked != (got.Speed > 0) {
				t.Errorf("rates of %+v", got)
			}
		})
	}
}

// What the page shows of a tap besides its state.
func TestTapShown(t *testing.T) {
	got, holes := daemon.Shown(daemon.Kept{Declared: configs.Tap{Name: "core", RSPANVLAN: 900, Shunt: "filter"}, Up: true, Heard: monday, Since: monday,
		Counters: flow.Counters{Disputed: 3}, Mirror: busy()}, monday)
	if got.Disputed != 3 || got.Shunt != "filter" || got.Kernel != "" {
		t.Errorf("%+v", got)
	}
	declared := func(v web.VLAN) bool { return v.Declared }
	if i := slices.IndexFunc(got.VLANs, func(v web.VLAN) bool { return v.ID == 900 }); !declared(got.VLANs[i]) || declared(got.VLANs[2]) {
		t.Errorf("the RSPAN VLAN is not declared, or another is: %+v", got.VLANs)
	}
	if got.Sessions[0].By != "" || got.LostBefore.Needed != mirror.MinSegments {
		t.Errorf("%+v, %+v", got.Sessions, got.LostBefore)
	}
	if want := []string{"core: VLAN 61 is missing. Check: The trunk."}; !slices.Equal(holes, want) {
		t.Errorf("holes %q, want %q", holes, want)
	}
}

// One outage is one line, whatever it is made of, and its end is one that says how
// long it was.
func TestOutageIsToldOnce(t *testing.T) {
	core := configs.Tap{Name: "core", Interface: "span0"}
	var looks []daemon.Kept
	var at []time.Time
	look := func(second int, k daemon.Kept) {
		k.Declared = core
		looks, at = append(looks, k), append(at, monday.Add(time.Duration(second)*time.Second))
	}
	heard := monday.Add(time.Second)
	look(1, daemon.Kept{Up: true, Heard: heard, Since: monday})
	for s, why := range []string{"no carrier", "gone", "gone"} {
		look(5+5*s, daemon.Kept{Trouble: why, Heard: heard, Since: monday.Add(4 * time.Second)})
	}
	look(44, daemon.Kept{Up: true, Heard: heard, Since: monday.Add(43 * time.Second)}) // up, and waits
	look(46, daemon.Kept{Up: true, Heard: monday.Add(46 * time.Second), Since: monday.Add(43 * time.Second)})
	lines := strings.Split(strings.TrimSpace(daemon.Told(looks, at)), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `level=WARN msg="core does not listen: no carrier" event=tap.down`) ||
		!strings.Contains(lines[1], `level=INFO msg="core hears again, after 45 s" event=tap.hears`) {
		t.Errorf("told:\n%s", strings.Join(lines, "\n"))
	}
}

// A mirror that comes in a declared session is no tunnel that anybody may have made.
func TestDeclaredSessionIsTheMirror(t *testing.T) {
	var frames []sensor.Frame
	for _, x := range erspan(newFilm(t, monday).round(contractPump("2.1", infusing()))).Frames {
		frames = append(frames, sensor.Frame{Data: x.Data, Length: len(x.Data), When: x.When, Link: sensor.LinkEthernet})
	}
	for _, sessions := range [][]uint32{nil, {11}} {
		said := daemon.Listened(configs.Tap{Name: "core", Interface: "span0", Sessions: sessions}, frames)
		if len(said) == 0 {
			t.Fatal("nothing is reported")
		}
		for _, c := range said {
			if c.Opener.Tunnelled != (sessions == nil) {
				t.Errorf("sessions %v: tunnelled is %v: %+v", sessions, c.Opener.Tunnelled, c.Opener)
			}
		}
	}
}
