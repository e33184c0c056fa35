package mirror_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// A restart forgets no baseline, raises nothing a second time, and goes on to find.
func TestStateSurvivesARestart(t *testing.T) {
	p := newPort(t, 8, whole())
	p.run(50*time.Hour, time.Minute)
	p.gone[20] = true
	p.raisedWithin(mirror.VLANSilent, 20, time.Hour, time.Minute)
	text, err := json.Marshal(p.m.Export())
	if err != nil {
		t.Fatal(err)
	}
	var s mirror.Memory
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	d := whole()
	d.Name = "span0"
	m := mirror.New(d)
	if err := m.Import(s, p.snap.At); err != nil {
		t.Fatal(err)
	}
	if again := m.Export(); !again.At.Equal(s.At) || !reflect.DeepEqual(again.VLANs, s.VLANs) || !reflect.DeepEqual(again.Raised, s.Raised) || !reflect.DeepEqual(again.Expected, s.Expected) || !reflect.DeepEqual(again.Tap, s.Tap) {
		t.Error("what is exported is not what was imported")
	}
	p.m, p.changes = m, nil
	p.snap = mirror.Snapshot{At: p.snap.At.Add(3 * time.Minute), LinkUp: true, Speed: 10e9, Conversations: map[protocols.Name]uint64{}}
	clear(p.heard)
	p.run(2*time.Hour, time.Minute)
	p.calm()
	if codes(m)[mirror.VLANSilent] != 1 {
		t.Errorf("standing %v", codes(m))
	}
	p.gone[10] = true
	p.raisedWithin(mirror.VLANSilent, 10, 10*time.Minute, time.Minute)
	p.gone[20] = false
	p.clearedWithin(mirror.VLANSilent, 20, 10*time.Minute, time.Minute)
}

func TestImportRefuses(t *testing.T) {
	const hour = 483_600 // since 1970: when monday begins
	good := mirror.Memory{Version: mirror.MemoryVersion, At: monday, Tap: mirror.Baseline{Fast: 5, Slow: 5, Age: time.Hour, Heard: monday, Longest: 7 * 24 * time.Hour, Day: hour / 24, Hours: []mirror.HourBaseline{{Number: hour, Low: 1, High: 2}}},
		Expected: []mirror.Awaited{{Protocol: "dicom", Heard: monday}}, Raised: []mirror.RaisedTrouble{{Code: mirror.LossHere, Since: monday}}}
	late := monday.Add(time.Nanosecond)
	cases := map[string]func(*mirror.Memory){
		"written in the future":      func(s *mirror.Memory) { s.At = monday.Add(5*time.Minute + 1) },
		"never written, and heard":   func(s *mirror.Memory) { s.At = time.Time{} },
		"the tap heard later":        func(s *mirror.Memory) { s.Tap.Heard = late },
		"a VLAN heard later":         func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 1, Heard: late}} },
		"a protocol heard later":     func(s *mirror.Memory) { s.Expected = []mirror.Awaited{{Protocol: "dicom", Heard: late}} },
		"a trouble of the future":    func(s *mirror.Memory) { s.Raised = []mirror.RaisedTrouble{{Code: mirror.LossHere, Since: late}} },
		"an hour of the future":      func(s *mirror.Memory) { s.Tap.Hours = []mirror.HourBaseline{{Number: hour + 1}} },
		"a day of the future":        func(s *mirror.Memory) { s.Tap.Day = hour/24 + 1 },
		"a pause above a week":       func(s *mirror.Memory) { s.Tap.Longest = 7*24*time.Hour + 1 },
		"another above a week":       func(s *mirror.Memory) { s.Tap.LongestBefore = 7*24*time.Hour + 1 },
		"a negative pause":           func(s *mirror.Memory) { s.Tap.LongestBefore = -1 },
		"an infinite rate":           func(s *mirror.Memory) { s.Tap.Slow = math.Inf(1) },
		"an absurd rate":             func(s *mirror.Memory) { s.Tap.Fast = 2e10 },
		"an infinite rate of a VLAN": func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 1, Fast: math.Inf(1)}} },
		"an hour of no rate":         func(s *mirror.Memory) { s.Tap.Hours = []mirror.HourBaseline{{Number: hour, High: math.NaN()}} },
		"lowest above highest":       func(s *mirror.Memory) { s.Tap.Hours = []mirror.HourBaseline{{Number: hour, Low: 2, High: 1}} },
		"awaited for less than 0":    func(s *mirror.Memory) { s.Expected = []mirror.Awaited{{Protocol: "dicom", Listened: -1}} },
		"another version":            func(s *mirror.Memory) { s.Version++ },
		"a negative rate":            func(s *mirror.Memory) { s.Tap.Slow = -1 },
		"no number":                  func(s *mirror.Memory) { s.Tap.Fast = math.NaN() },
		"a VLAN twice":               func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 1}, {VLAN: 1}} },
		"VLAN 4095":                  func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 4095}} },
		"an hour before 1970":        func(s *mirror.Memory) { s.Tap.Hours = []mirror.HourBaseline{{Number: -5}} },
		"a negative age":             func(s *mirror.Memory) { s.Tap.Age = -1 },
		"an unknown code":            func(s *mirror.Memory) { s.Raised = []mirror.RaisedTrouble{{Code: "on-fire"}} },
	}
	for name, spoil := range cases {
		s := good
		spoil(&s)
		m := mirror.New(mirror.Declared{Name: "a"})
		before := m.Export()
		if err := m.Import(s, monday); err == nil || !reflect.DeepEqual(before, m.Export()) || !strings.Contains(err.Error(), "tap a") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, s := range []mirror.Memory{good, {Version: mirror.MemoryVersion}} {
		if err := mirror.New(mirror.Declared{}).Import(s, monday.Add(-5*time.Minute)); err != nil {
			t.Error(err)
		}
	}
}

// What a mirror learnt is what it takes back, also after pauses of weeks, looks that
// come at once, and a clock that went back.
func TestWhatIsExportedIsImported(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a", Expect: []protocols.Name{"dicom"}})
	s := mirror.Snapshot{At: monday, LinkUp: true, Conversations: map[protocols.Name]uint64{}}
	var seldom, often uint64
	say := func(dt time.Duration, frames uint64) {
		s.At = s.At.Add(dt)
		seldom, often = seldom+frames, often+1
		s.Frames, s.Conversations["dicom"] = seldom+often, seldom
		s.Heard = []sensor.Heard{{Place: sensor.Place{VLAN: 7}, Frames: seldom}, {Place: sensor.Place{VLAN: 8}, Frames: often}}
		m.Hear(s)
		if err := mirror.New(mirror.Declared{Name: "a"}).Import(m.Export(), s.At); err != nil {
			t.Error(err)
		}
	}
	say(time.Second, 1)
	for range 3 * 7 * 24 * 15 {
		say(4*time.Minute, 0)
	}
	say(time.Nanosecond, 1e6)
	s.KernelDrops = 1e6
	for range 40 {
		say(time.Second, 1000)
	}
	if codes(m)[mirror.LossHere] != 1 {
		t.Errorf("standing %v", codes(m))
	}
	say(-50*time.Hour, 0)
}

// A state that is kept before anything was heard is the one that was recalled.
func TestMemoryIsKeptThroughTwoRestarts(t *testing.T) {
	p := newPort(t, 8, whole())
	p.run(3*time.Hour, time.Minute)
	first := p.m.Export()
	for range 2 {
		m := mirror.New(whole())
		if err := m.Import(first, p.snap.At); err != nil {
			t.Fatal(err)
		}
		if again := m.Export(); !reflect.DeepEqual(again, first) {
			t.Fatalf("%+v, want %+v", again, first)
		}
	}
}

// FuzzImport asserts that a state is refused, or harmless: it survives being
// exported, and snapshots after it.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":1,"at":"2025-03-02T00:00:00Z","tap":{"fast":1e3,"slow":5,"age":36000000000000,"heard":"2025-03-02T00:00:00Z","hours":[{"n":483000,"low":1,"high":2}]},"vlans":[{"vlan":7,"slow":9,"heard":"2025-03-01T00:00:00Z"}],"raised":[{"code":"vlan-silent","vlan":7,"since":"0001-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s mirror.Memory
		if json.Unmarshal(text, &s) != nil {
			return
		}
		m := mirror.New(mirror.Declared{Name: "a", VLANs: []uint16{7}, Expect: []protocols.Name{"dicom"}})
		if m.Import(s, monday) != nil {
			return
		}
		if err := mirror.New(mirror.Declared{}).Import(m.Export(), monday); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			n := uint64(i) * 1e6
			m.Hear(mirror.Snapshot{At: monday.Add(time.Duration(i*i) * time.Minute), LinkUp: i != 4, Frames: n, Heard: []sensor.Heard{{Place: sensor.Place{VLAN: 7}, Frames: n}}})
			m.Report()
		}
		if _, err := json.Marshal(m.Export()); err != nil {
			t.Fatal(err)
		}
	})
}
