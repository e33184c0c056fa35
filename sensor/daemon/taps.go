package daemon

import (
	"cmp"
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
	gone []tapChanges // of taps that were removed; not told yet
}

// tap is one mirror port. Its fields are guarded by taps.mu.
type tap struct {
	declared configs.Tap
	kernelState
	opened   time.Time
	since    time.Time // it is up, or down, since then
	heard    time.Time // by the daemon's clock
	stats    sensor.SourceStats
	closed   sensor.SourceStats // of earlier openings
	counters flow.Counters
	earlier  flow.Counters // of earlier listeners, in counters too
	mirror   *mirror.Mirror
	looked   time.Time       // when the mirror last took a snapshot
	changes  []mirror.Change // not told yet
	oneSided uint64
	talks    uint64 // TCP conversations that ended
}

// kernelState is how a tap's interface does, and the kernel program before it.
type kernelState struct {
	up       bool
	trouble  string   // why it does not hear, and what to do
	note     string   // what a person should know although it hears
	notes    []string // what is less well than planned, since it was opened
	mode     string   // of the kernel program: driver | generic | filter | none; "" while the tap is not open
	speed    uint64   // of the link, bit/s; 0 for unknown
	unplaced uint64   // ranges that found no room
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
	x := newTap(d, mirror.New(declaredOf(d)), t.now())
	t.all = append(t.all, x)
	return x
}

func newTap(d configs.Tap, m *mirror.Mirror, now time.Time) *tap {
	return &tap{declared: d, opened: now, since: now, mirror: m}
}

// redeclare changes what one is declared to carry, and keeps all that was learnt and
// counted: but what was counted on another interface is not this one's.
func (t *taps) redeclare(x *tap, d configs.Tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if d.Interface != x.declared.Interface {
		changes := x.changes
		*x = *newTap(d, x.mirror, t.now())
		x.changes = changes
	}
	x.declared = d
	x.mirror.Declare(declaredOf(d))
}

// retire clears all that is raised of one which is declared no longer.
func (t *taps) retire(x *tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x.changes = append(x.changes, x.mirror.Retire(t.now())...)
}

// remove forgets one; what hung on it is silent from now on.
func (t *taps) remove(x *tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.gone = append(t.gone, tapChanges{x.declared, x.changes})
	t.all = slices.DeleteFunc(t.all, func(o *tap) bool { return o == x })
}

// order puts them in the order of their declaration.
func (t *taps) order(declared []configs.Tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := func(x *tap) int {
		return slices.IndexFunc(declared, func(d configs.Tap) bool { return d.Name == x.declared.Name })
	}
	slices.SortStableFunc(t.all, func(a, b *tap) int { return cmp.Compare(at(a), at(b)) })
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
			x.talks++
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

// tapChanges is what was raised and cleared on a tap.
type tapChanges struct {
	declared configs.Tap
	changes  []mirror.Change
}

// changed takes what was raised and cleared since it was asked last, of taps that were
// removed too.
func (t *taps) changed() []tapChanges {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.gone
	t.gone = nil
	for _, x := range t.all {
		all, x.changes = append(all, tapChanges{x.declared, x.changes}), nil
	}
	return all
}

// stands notes how the interface does, and since when it is up or down.
func (x *tap) stands(k kernelState, now time.Time) {
	if k.up != x.up {
		x.since = now
	}
	x.kernelState = k
}

// counted notes what a listener has counted, beside what earlier ones did.
func (x *tap) counted(c flow.Counters) {
	var all flow.Counters
	all.Add(x.earlier)
	all.Add(c)
	x.counters = all
}

// ended keeps what a listener counted for those that come after it. What it held is
// held no longer.
func (x *tap) ended(c flow.Counters) {
	c.Open, c.Buffered = 0, 0
	x.counted(c)
	x.earlier = x.counters
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
