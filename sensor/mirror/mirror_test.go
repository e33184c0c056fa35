package mirror_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// What the switch lost is told with its uncertainty, and never as clean where too
// little was seen.
func TestLossEstimate(t *testing.T) {
	cases := []struct {
		name           string
		h              sensor.Heard
		dropped        uint64 // in the sensor
		enough         bool
		low, high      float64 // bounds that Share must lie between
		width          float64 // the interval must be at least this wide
		missingAtLeast uint64
	}{
		{"too few", sensor.Heard{Segments: mirror.MinSegments - 1, SegmentBytes: 1e6, Holes: 9, HoleBytes: 9000}, 0, false, 0, 0, 0, 0},
		{"none missing", sensor.Heard{Segments: 10_000, SegmentBytes: 1e7}, 0, true, 0, 0, 0.0003, 0},
		{"one in a hundred, singly", sensor.Heard{Segments: 9900, SegmentBytes: 9.9e6, Holes: 100, HoleBytes: 1e5}, 0, true, 0.0099, 0.0101, 0.003, 100},
		{"one in a hundred, in two bursts", sensor.Heard{Segments: 9900, SegmentBytes: 9.9e6, Holes: 2, HoleBytes: 1e5}, 0, true, 0.0099, 0.0101, 0.03, 100},
		{"holes smaller than a segment", sensor.Heard{Segments: 9900, SegmentBytes: 9.9e6, Holes: 50, HoleBytes: 50}, 0, true, 0.005, 0.0051, 0.002, 50},
		{"all of it lost here", sensor.Heard{Segments: 9900, SegmentBytes: 9.9e6, Holes: 100, HoleBytes: 1e5}, 400, true, 0, 0.0001, 0, 100},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mirror.New(mirror.Declared{Name: "a"})
			c.h.Frames = 20_000
			m.Hear(mirror.Snapshot{At: monday, LinkUp: true, Frames: 20_000, KernelDrops: c.dropped, Heard: []sensor.Heard{c.h}})
			e := m.Report().LostBefore
			if e.Enough != c.enough || e.Share < c.low || e.Share > c.high || e.Low > e.Share || e.High < e.Share || e.High-e.Low < c.width || e.Missing < c.missingAtLeast {
				t.Errorf("%+v", e)
			}
			if says := e.String(); c.enough == strings.Contains(says, "not enough") || strings.Contains(says, "clean") {
				t.Error(says)
			}
		})
	}
}

// What is lost in the sensor is exact, by cause.
func TestLostHereIsExact(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a"})
	m.Hear(mirror.Snapshot{At: monday, LinkUp: true, Frames: 900, KernelDrops: 50, InterfaceDrops: 30, WorkerDrops: 20, RingFreezes: 3})
	if l := m.Report().Lost; l.Frames() != 100 || l.Freezes != 3 || math.Abs(l.ShareSince-0.1) > 1e-9 {
		t.Errorf("%+v", l)
	}
}

// A share that wavers about its threshold is told once.
func TestWaveringIsToldOnce(t *testing.T) {
	p := newPort(t, 3, mirror.Declared{})
	p.snap.At = monday.Add(12 * time.Hour)
	for i := range 120 {
		p.twice = []float64{0.24, 0.30}[i%2] // shares of 0.19 and 0.23, about the limit of 0.2
		p.run(time.Minute, time.Second)
	}
	if len(p.changes) != 1 || !p.changes[0].Raised || p.changes[0].Trouble.Code != mirror.Duplicates {
		t.Errorf("changes %+v", p.changes)
	}
	p.twice = 0
	p.clearedWithin(mirror.Duplicates, 0, time.Hour, time.Second)
}

// A counter that goes back is a new opening: nothing is counted twice, nothing
// negative, and no alarm follows.
func TestCountersThatGoBack(t *testing.T) {
	p := newPort(t, 4, whole())
	p.run(6*time.Hour, time.Minute)
	for range 5 {
		p.snap = mirror.Snapshot{At: p.snap.At, LinkUp: true, Speed: 10e9, Conversations: map[protocols.Name]uint64{}}
		clear(p.heard)
		p.run(20*time.Minute, time.Minute)
		r := p.m.Report()
		var frames uint64
		for _, v := range r.VLANs {
			frames += v.Frames
		}
		if frames != p.snap.Frames || r.Frames != p.snap.Frames || r.At.Sub(r.Opened) > 21*time.Minute {
			t.Fatalf("VLANs say %d, the tap %d, read were %d, opened %s", frames, r.Frames, p.snap.Frames, r.Opened)
		}
	}
	p.calm()
	before := p.m.Report().Frames
	p.snap.At = p.snap.At.Add(-time.Hour) // the clock goes back
	p.show()
	p.run(time.Hour, time.Minute)
	if p.m.Report().Frames <= before {
		t.Error("stopped counting")
	}
	p.calm()
}

// One place that begins anew does not disturb the others.
func TestOnePlaceBeginsAnew(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a"})
	say := func(at time.Duration, all, frames, bytes uint64) {
		m.Hear(mirror.Snapshot{At: monday.Add(at), LinkUp: true, Frames: all, Heard: []sensor.Heard{{Place: sensor.Place{VLAN: 10}, Frames: frames, Bytes: bytes}}})
	}
	say(0, 1000, 1000, 64_000)
	say(time.Second, 1100, 100, 150_000)
	if got := m.Report().VLANs[0]; got.Frames != 1100 || got.Bytes != 214_000 {
		t.Errorf("VLAN 10 has %d frames, %d bytes", got.Frames, got.Bytes)
	}
}

// The link's silence is told as a dead link, and everything else stays as it was.
func TestDeadLinkKeepsTheRest(t *testing.T) {
	p := newPort(t, 6, mirror.Declared{VLANs: []uint16{10, 20, 30, 40, 50, 60, 70}})
	p.snap.At = monday.Add(9 * time.Hour)
	p.raisedWithin(mirror.VLANMissing, 70, 20*time.Minute, time.Second)
	p.changes, p.stopped, p.snap.LinkUp = nil, true, false
	p.run(20*time.Minute, time.Second)
	if len(p.changes) != 1 || p.changes[0].Trouble.Code != mirror.LinkDown {
		t.Fatalf("changes %+v", p.changes)
	}
	p.changes, p.snap.LinkUp = nil, true
	p.run(10*time.Second, time.Second) // it takes a moment until frames come
	p.stopped = false
	p.run(10*time.Minute, time.Second)
	if len(p.changes) != 1 || p.changes[0].Raised || codes(p.m)[mirror.VLANMissing] != 1 {
		t.Errorf("changes %+v", p.changes)
	}
}

// After a silence of the whole mirror, a VLAN that speaks seldom is waited for anew.
func TestSilenceIsToldOnce(t *testing.T) {
	p := newPort(t, 12, mirror.Declared{})
	for vlan := range uint16(20) {
		p.wards[100+vlan] = ward{noon: 0.25, night: 0.25, weekend: 1}
	}
	p.run(3*time.Hour, 10*time.Second)
	p.calm()
	p.stopped = true
	p.raisedWithin(mirror.TapSilent, 0, 3*time.Minute, 10*time.Second)
	p.run(50*time.Minute, 10*time.Second)
	p.stopped = false
	p.changes = nil
	p.run(time.Hour, 10*time.Second)
	if len(p.changes) != 1 || p.changes[0].Raised || p.changes[0].Trouble.Code != mirror.TapSilent {
		t.Errorf("changes %+v", p.changes)
	}
}

// A link that comes for a moment is still the same dead link.
func TestFlappingLinkIsToldOnce(t *testing.T) {
	p := newPort(t, 13, mirror.Declared{})
	p.stopped = true
	for i := range 400 {
		p.snap.LinkUp = i%10 == 9
		p.step(time.Second)
	}
	if len(p.changes) != 1 || p.changes[0].Trouble.Code != mirror.LinkDown {
		t.Errorf("changes %+v", p.changes)
	}
}

// Bounds hold, and say that they were reached.
func TestBounds(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a", VLANs: []uint16{1}, Sessions: []uint32{1}})
	s := mirror.Snapshot{At: monday, LinkUp: true}
	for i := range 20_000 {
		s.Heard = append(s.Heard, sensor.Heard{Place: sensor.Place{VLAN: uint16(i % 4097), By: sensor.VXLAN, Session: uint32(i)}, Frames: 5000, Bytes: 1})
	}
	for range 60 {
		s.At = s.At.Add(time.Second)
		s.Frames += 1e6
		m.Hear(s)
	}
	r := m.Report()
	if len(r.VLANs) > 4095 || len(r.Sessions) > 1025 || len(r.Troubles) > 16*len(mirror.Codes()) || r.Beyond == 0 {
		t.Errorf("%d VLANs, %d sessions, %d troubles, %d beyond", len(r.VLANs), len(r.Sessions), len(r.Troubles), r.Beyond)
	}
	text, err := json.Marshal(m.Export())
	if err != nil || len(text) > 8<<20 {
		t.Errorf("the state has %d bytes, %v", len(text), err)
	}
}

// When many VLANs go at once, a person is told of sixteen, and how many more there are.
func TestManySilentVLANs(t *testing.T) {
	p := newPort(t, 14, mirror.Declared{})
	for vlan := range uint16(30) {
		p.wards[100+vlan] = ward{noon: 5, night: 5, weekend: 1}
	}
	p.run(2*time.Hour, 10*time.Second)
	p.calm()
	for vlan := range uint16(30) {
		p.gone[100+vlan] = true
	}
	p.run(5*time.Minute, 10*time.Second)
	if r := p.m.Report(); len(p.changes) != 16 || len(r.Troubles) != 16 || r.Beyond != 14 {
		t.Errorf("%d changes, %d troubles, %d beyond", len(p.changes), len(r.Troubles), r.Beyond)
	}
}

// Conversations too short to tell, of another transport, or that go on, say nothing.
func TestConversedIgnores(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a"})
	for range 1000 {
		m.Conversed(protocols.Conversation{Transport: protocols.TCP, Ended: true, OpenerKnown: true, Packets: [2]uint64{mirror.MinPackets - 1, 0}})
		m.Conversed(protocols.Conversation{Transport: protocols.UDP, Ended: true, Packets: [2]uint64{99, 0}})
		m.Conversed(protocols.Conversation{Transport: protocols.TCP, Packets: [2]uint64{99, 0}})
	}
	if s := m.Report().OneSided; s.Enough {
		t.Errorf("%+v", s)
	}
}

// Where only one direction was declared, one-sided conversations are as declared.
func TestOneDirectionAsDeclared(t *testing.T) {
	p := newPort(t, 9, mirror.Declared{Directions: mirror.Receive})
	p.talk = func(*port) [2]uint64 { return [2]uint64{30, 0} }
	p.run(20*time.Minute, time.Second)
	p.calm()
}

func TestEncryptedByType(t *testing.T) {
	rows := mirror.Encrypted([]mirror.Talk{
		{"infusion-pump", "tls", 900, 95}, {"infusion-pump", "hl7", 100, 5},
		{"ct", "dicom", 100, 100}, {"monitor", "hl7", 10, 50}, {"monitor", "ssh", 30, 50}, {"ventilator", "tls", 1, 3},
	})
	want := []struct {
		typ    string
		share  float64
		enough bool
		says   string
	}{{"ct", 0, true, "None"}, {"infusion-pump", 0.95, true, "95 %"}, {"monitor", 0.5, true, "50 %"}, {"ventilator", 1, false, "Too few"}}
	if len(rows) != len(want) {
		t.Fatalf("%+v", rows)
	}
	for i, w := range want {
		if r := rows[i]; r.DeviceType != w.typ || r.Share != w.share || r.Enough != w.enough || !strings.HasPrefix(r.Says, w.says) {
			t.Errorf("%+v, want %+v", r, w)
		}
	}
}

// The alert rules know each code: a notice is not a warning there either.
func TestAlertRulesKnowTheNotices(t *testing.T) {
	text, err := os.ReadFile("../../configs/alerts.yml")
	if err != nil {
		t.Skip("the alert rules are not here:", err)
	}
	_, rule, found := strings.Cut(string(text), `auscult_mirror_trouble{code=~"`)
	rule, _, _ = strings.Cut(rule, `"`)
	for _, c := range mirror.Codes() {
		if in := contains(split(rule), c); !found || in != (c.Severity() == mirror.Notice) {
			t.Errorf("%s: a notice here: %t, there: %t", c, c.Severity() == mirror.Notice, in)
		}
	}
}

func split(rule string) []mirror.Code {
	var list []mirror.Code
	for _, c := range strings.Split(rule, "|") {
		list = append(list, mirror.Code(c))
	}
	return list
}

// BenchmarkHear is one look at 500 VLANs, once a second.
func BenchmarkHear(b *testing.B) {
	m := mirror.New(mirror.Declared{Name: "a"})
	s := mirror.Snapshot{At: monday, LinkUp: true}
	for i := range 500 {
		s.Heard = append(s.Heard, sensor.Heard{Place: sensor.Place{VLAN: uint16(i)}})
	}
	for b.Loop() {
		s.At, s.Frames = s.At.Add(time.Second), s.Frames+500
		for i := range s.Heard {
			s.Heard[i].Frames++
		}
		m.Hear(s)
	}
}
