package daemon

import (
	"slices"
	"sync"
	"time"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/mirror"
)

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
	kernelState
	opened   time.Time
	heard    time.Time // by the daemon's clock
	stats    sensor.SourceStats
	closed   sensor.SourceStats // of earlier openings
	counters flow.Counters
	mirror   *mirror.Mirror
	looked   time.Time       // when the mirror last took a snapshot
	changes  []mirror.Change // not told yet
	oneSided uint64
	ended    uint64
}

// kernelState is how a tap's interface does, and the kernel program before it.
type kernelState struct {
	up       bool
	trouble  string // why it does not hear, and what to do
	note     string // what a person should know although it hears
	mode     string // of the kernel program: driver | generic | filter | none
	speed    uint64 // of the link, bit/s; 0 for unknown
	unplaced uint64 // ranges that found no room
	// What the kernel counted of conversations that it has forgotten.
	forgottenPackets, forgottenBytes uint64
}

func newTaps(site string, declared []configs.Tap, now func() time.Time) *taps {
	t := &taps{now: now, site: site}
	for _, d := range declared {
		t.add(d)
	}
	return t
}

// add declares one more.
func (t *taps) add(d configs.Tap) *tap {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := &tap{declared: d, opened: t.now(), mirror: mirror.New(declaredOf(d))}
	t.all = append(t.all, x)
	return x
}

// remove forgets one; what hung on it is silent from now on.
func (t *taps) remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = slices.DeleteFunc(t.all, func(x *tap) bool { return x.declared.Name == name })
}

// list is all of them, in the order of their declaration.
func (t *taps) list() []*tap {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.all)
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
		x.mirror.Conversed(c)
		if c.Ended && c.Transport == protocols.TCP {
			x.ended++
			if c.Packets[0] == 0 || c.Packets[1] == 0 {
				x.oneSided++
			}
		}
	}
}

// heardTap is a copy of a tap, with how its mirror is.
type heardTap struct {
	tap
	mirror mirror.Report
}

// each calls f with a copy of every tap.
func (t *taps) each(f func(heardTap)) {
	t.mu.Lock()
	copies := make([]heardTap, len(t.all))
	for i, x := range t.all {
		copies[i] = heardTap{*x, x.mirror.Report()}
	}
	t.mu.Unlock()
	for _, c := range copies {
		f(c)
	}
}

// look lets a tap's mirror judge what was counted, about once a second. t.mu is
// held.
func (t *taps) look(x *tap, at time.Time) {
	if at.Sub(x.looked) < publishEvery {
		return
	}
	x.looked = at
	s := x.total() // as the counts of the flows, which go on when a tap is opened anew
	x.changes = append(x.changes, x.mirror.Hear(mirror.Snapshot{
		At: at, LinkUp: x.up, Speed: x.speed, Frames: s.Frames, Bytes: s.Bytes,
		KernelDrops: s.KernelDrops, RingFreezes: s.RingFreezes, InterfaceDrops: s.InterfaceDrops,
		ShuntedFrames: s.ShuntedFrames, ShuntedBytes: s.ShuntedBytes,
		Heard: x.counters.Heard, Decoded: x.counters.Decode, Conversations: spoken(x.counters),
	})...)
}

// spoken counts what was understood, by protocol.
func spoken(c flow.Counters) map[protocols.Name]uint64 {
	all := make(map[protocols.Name]uint64, len(c.Protocols))
	for _, p := range c.Protocols {
		for _, n := range p.Outcomes {
			all[p.Protocol] += n
		}
	}
	return all
}

// changed takes what was raised and cleared since it was asked last, by tap.
func (t *taps) changed() map[string][]mirror.Change {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := map[string][]mirror.Change{}
	for _, x := range t.all {
		if len(x.changes) > 0 {
			all[x.declared.Name], x.changes = x.changes, nil
		}
	}
	return all
}

// declaredOf is what the configuration says of a tap, in the words of the mirror's
// room.
func declaredOf(d configs.Tap) mirror.Declared {
	m := mirror.Declared{Name: d.Name, Where: d.Where, VLANs: d.VLANs, Directions: mirror.Directions(d.Directions),
		Sessions: d.Sessions, NativeVLAN: d.NativeVLAN, RSPANVLAN: d.RSPANVLAN, Links: d.Links}
	for _, p := range d.Expect {
		m.Expect = append(m.Expect, protocols.Name(p))
	}
	return m
}

// total is what this and all earlier openings counted.
func (x tap) total() sensor.SourceStats { return addStats(x.closed, x.stats) }

func addStats(a, b sensor.SourceStats) sensor.SourceStats {
	return sensor.SourceStats{
		Frames: a.Frames + b.Frames, Bytes: a.Bytes + b.Bytes, KernelDrops: a.KernelDrops + b.KernelDrops,
		RingFreezes: a.RingFreezes + b.RingFreezes, InterfaceDrops: a.InterfaceDrops + b.InterfaceDrops,
		ShuntedFrames: a.ShuntedFrames + b.ShuntedFrames, ShuntedBytes: a.ShuntedBytes + b.ShuntedBytes, TransmitTried: a.TransmitTried + b.TransmitTried, Transmitted: a.Transmitted + b.Transmitted,
	}
}
