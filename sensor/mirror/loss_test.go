package mirror_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/mirror"
)

// One host that jumps in its own numbers does not speak for the whole mirror: each of
// its holes counts for what one burst can take of a stream, however it is spread over
// looks, and however small its segments are.
func TestJumpsOfOneHostAreBounded(t *testing.T) {
	const holes, jump = 60, 16 << 20
	cases := []struct {
		name           string
		segments, size uint64 // what is followed besides, and its bytes a segment
		looks          uint64
		most           float64 // that may be called lost
	}{
		{"few segments, in one look", 3000, 1000, 1, 0.60},
		{"few segments, a jump a look", 3000, 1000, holes, 0.60},
		{"segments of one byte", 3000, 1, holes, 0.60},
		{"full segments", 3000, 1460, holes, 0.50},
		{"among honest traffic", 1_000_000, 1000, holes, 0.005},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m := mirror.New(mirror.Declared{Name: "a"})
			h, s := sensor.Heard{Place: sensor.Place{VLAN: 10}}, mirror.Snapshot{At: monday, LinkUp: true}
			for range c.looks {
				h.Frames, h.Segments, h.SegmentBytes = h.Frames+2*c.segments/c.looks, h.Segments+c.segments/c.looks, h.SegmentBytes+c.segments*c.size/c.looks
				h.Holes, h.HoleBytes = h.Holes+holes/c.looks, h.HoleBytes+holes*jump/c.looks
				s.At, s.Frames, s.Heard = s.At.Add(time.Second), h.Frames, []sensor.Heard{h}
				m.Hear(s)
			}
			e := m.Report().LostBefore
			if !e.Enough || e.Share > c.most || e.Missing < holes || e.Missing > 64*holes {
				t.Errorf("%s: %+v", e, e)
			}
		})
	}
}

// A jump in one look is not hidden among the small holes of other looks.
func TestJumpIsNotAveragedAway(t *testing.T) {
	m := mirror.New(mirror.Declared{Name: "a"})
	h := sensor.Heard{Frames: 20_000, Segments: 10_000, SegmentBytes: 10_000_000, Holes: 500, HoleBytes: 500_000}
	m.Hear(mirror.Snapshot{At: monday, LinkUp: true, Frames: h.Frames, Heard: []sensor.Heard{h}})
	h.Holes, h.HoleBytes = h.Holes+1, h.HoleBytes+16<<20
	m.Hear(mirror.Snapshot{At: monday.Add(time.Second), LinkUp: true, Frames: h.Frames, Heard: []sensor.Heard{h}})
	if e := m.Report().LostBefore; e.Missing < 501 || e.Missing > 500+66 {
		t.Errorf("%+v", e)
	}
}
