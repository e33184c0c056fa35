package mirror_test

import (
	"encoding/json"
	"math"
	"reflect"
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
	if err := m.Import(s); err != nil {
		t.Fatal(err)
	}
	if again := m.Export(); !reflect.DeepEqual(again.VLANs, s.VLANs) || !reflect.DeepEqual(again.Raised, s.Raised) || !reflect.DeepEqual(again.Expected, s.Expected) || !reflect.DeepEqual(again.Tap, s.Tap) {
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
	good := mirror.Memory{Version: mirror.MemoryVersion}
	cases := map[string]func(*mirror.Memory){
		"another version":     func(s *mirror.Memory) { s.Version++ },
		"a negative rate":     func(s *mirror.Memory) { s.Tap.Slow = -1 },
		"no number":           func(s *mirror.Memory) { s.Tap.Fast = math.NaN() },
		"a VLAN twice":        func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 1}, {VLAN: 1}} },
		"VLAN 4095":           func(s *mirror.Memory) { s.VLANs = []mirror.Baseline{{VLAN: 4095}} },
		"an hour before 1970": func(s *mirror.Memory) { s.Tap.Hours = []mirror.HourBaseline{{Number: -5}} },
		"a negative age":      func(s *mirror.Memory) { s.Tap.Age = -1 },
		"an unknown code":     func(s *mirror.Memory) { s.Raised = []mirror.RaisedTrouble{{Code: "on-fire"}} },
	}
	for name, spoil := range cases {
		s := good
		spoil(&s)
		m := mirror.New(mirror.Declared{Name: "a"})
		before := m.Export()
		if err := m.Import(s); err == nil || !reflect.DeepEqual(before, m.Export()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := mirror.New(mirror.Declared{}).Import(good); err != nil {
		t.Error(err)
	}
}

// FuzzImport asserts that a state is refused, or harmless: it survives being
// exported, and snapshots after it.
func FuzzImport(f *testing.F) {
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":1,"tap":{"fast":1e3,"slow":5,"age":36000000000000,"heard":"2025-03-03T00:00:00Z","hours":[{"n":483000,"low":1,"high":2}]},"vlans":[{"vlan":7,"slow":9,"heard":"9999-01-01T00:00:00Z"}],"raised":[{"code":"vlan-silent","vlan":7,"since":"0001-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s mirror.Memory
		if json.Unmarshal(text, &s) != nil {
			return
		}
		m := mirror.New(mirror.Declared{Name: "a", VLANs: []uint16{7}, Expect: []protocols.Name{"dicom"}})
		if m.Import(s) != nil {
			return
		}
		if err := mirror.New(mirror.Declared{}).Import(m.Export()); err != nil {
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
