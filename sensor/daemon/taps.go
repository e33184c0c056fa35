package daemon

import (
	"slices"
	"sync"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// maxVLANs bounds the VLANs that are remembered of one tap: there are 4094.
const maxVLANs = 4094

// taps is what the daemon knows of its mirror ports: declared and heard.
type taps struct {
	mu   sync.Mutex
	now  func() time.Time
	site string
	all  []*tap
}

// tap is one mirror port. Its fields are guarded by taps.mu.
type tap struct {
	declared configs.Tap
	up       bool
	trouble  string // why it does not hear, and what to do
	opened   time.Time
	heard    time.Time // by the daemon's clock
	stats    sensor.SourceStats
	closed   sensor.SourceStats // of earlier openings
	counters flow.Counters
	vlans    map[uint16]bool
	oneSided uint64
	ended    uint64
}

func newTaps(site string, declared []configs.Tap, now func() time.Time) *taps {
	t := &taps{now: now, site: site}
	for _, d := range declared {
		t.all = append(t.all, &tap{declared: d, vlans: map[uint16]bool{}, opened: now()})
	}
	return t
}

// lastHeard answers usage: when a tap was last heard, on the daemon's clock.
func (t *taps) lastHeard(_, name string) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.all {
		if x.declared.Name == name {
			return x.heard
		}
	}
	return time.Time{}
}

// update lets f change one tap.
func (t *taps) update(x *tap, f func(*tap)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(x)
}

// conversed learns from a conversation what its tap carries.
func (t *taps) conversed(c protocols.Conversation) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, x := range t.all {
		if x.declared.Name != c.Tap {
			continue
		}
		for _, v := range []uint16{c.Opener.VLAN, c.Acceptor.VLAN} {
			if v != 0 && len(x.vlans) < maxVLANs {
				x.vlans[v] = true
			}
		}
		if c.Ended && c.Transport == protocols.TCP {
			x.ended++
			if c.Packets[0] == 0 || c.Packets[1] == 0 {
				x.oneSided++
			}
		}
	}
}

// each calls f with a copy of every tap.
func (t *taps) each(f func(tap)) {
	t.mu.Lock()
	copies := make([]tap, len(t.all))
	for i, x := range t.all {
		copies[i] = *x
		copies[i].vlans = map[uint16]bool{}
		for v := range x.vlans {
			copies[i].vlans[v] = true
		}
	}
	t.mu.Unlock()
	for _, c := range copies {
		f(c)
	}
}

// total is what this and all earlier openings counted.
func (x tap) total() sensor.SourceStats { return addStats(x.closed, x.stats) }

func addStats(a, b sensor.SourceStats) sensor.SourceStats {
	return sensor.SourceStats{
		Frames: a.Frames + b.Frames, Bytes: a.Bytes + b.Bytes, KernelDrops: a.KernelDrops + b.KernelDrops,
		RingFreezes: a.RingFreezes + b.RingFreezes, TransmitTried: a.TransmitTried + b.TransmitTried, Transmitted: a.Transmitted + b.Transmitted,
	}
}

func (x tap) vlanList() []uint16 {
	list := make([]uint16, 0, len(x.vlans))
	for v := range x.vlans {
		list = append(list, v)
	}
	slices.Sort(list)
	return list
}
