package mirror

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// maxPlaces bounds what is remembered of places: each VLAN, and as many again that
// came through a session of their own.
const maxPlaces = 8192

// maxSessions bounds the mirror sessions: ERSPAN has 10 bits for them; a VXLAN mirror
// uses a few of its 24.
const maxSessions = 1024

// maxGap is the longest time between two snapshots that counts as listening. After
// more than that, the sensor was asleep, and not the mirror.
const maxGap = 5 * time.Minute

// MinPackets is how many packets a conversation's last report must hold to tell
// that a side is missing: a host that calls into the void sends seven SYNs.
const MinPackets = 8

// Mirror is one tap. It belongs to one goroutine at a time.
type Mirror struct {
	declared Declared
	last     Snapshot // counts only; Heard is not kept
	opened   time.Time
	listened time.Duration // since it was opened
	frames   uint64        // since it was opened
	tap      line
	own, cut window[part] // lost here, and cut, of all frames
	wireless window[part] // encrypted, of all frames
	full     window[part] // milliseconds at line rate, of all
	wrapped  window[part] // through a mirror session, of all frames
	vlans    map[uint16]*line
	sessions map[uint32]*session
	places   map[sensor.Place]sensor.Heard
	expected map[protocols.Name]*awaited
	alarms   alarms
	beyond   uint64    // places and sessions that a bound refused
	recalled time.Time // of the Memory that was imported
}

// line is what is known of a VLAN, or of the tap as a whole.
type line struct {
	total  sensor.Heard // since the tap was opened; Place is not used
	rhythm rhythm
	bits   float64 // a second, on the wire
	loss   window[followed]
	twice  window[part]
	talks  window[sides]
	// learnt and learntBytes are what of total the rhythm has learnt.
	learnt, learntBytes uint64
	// released says that the VLAN was taken out of the list: its rate is no trouble
	// any more. leftover are its frames until then.
	released bool
	leftover uint64
}

// session is what came through one ERSPAN session or VXLAN network.
type session struct {
	by            sensor.Encapsulation
	frames, bytes uint64
	heard, before time.Time // last; at the first frame
}

// awaited is how long a protocol has not been heard while the tap listened.
type awaited struct {
	Listened time.Duration
	Frames   uint64
	Heard    time.Time
	count    uint64
}

// New returns the mirror of one tap, of which nothing was heard.
func New(d Declared) *Mirror {
	m := &Mirror{vlans: map[uint16]*line{}, sessions: map[uint32]*session{}, places: map[sensor.Place]sensor.Heard{},
		expected: map[protocols.Name]*awaited{}, alarms: newAlarms()}
	m.Declare(d)
	return m
}

// Hear takes a snapshot and says what was raised and cleared. Snapshots come in the
// order of their time; one that is not later than the last only sets the time anew.
func (m *Mirror) Hear(s Snapshot) []Change {
	if s.At.Unix() < 2*86400 {
		return nil // no wire time: nothing can be said of rates
	}
	dt := s.At.Sub(m.last.At)
	switch {
	case m.last.At.IsZero() || s.reopened(m.last):
		m.reopen(s.At)
	case dt <= 0 || dt > maxGap:
		m.resume(s.At)
		dt = 0
	}
	if dt < 0 || dt > maxGap {
		dt = 0
	}
	if !s.LinkUp {
		m.resume(s.At) // the silence of a dead link is told once, as a dead link
	}
	m.take(s, dt)
	changes := m.alarms.settle(s.At, m.diagnose(s))
	m.turn(s.At)
	s.Heard, s.Conversations = nil, nil
	m.last = s
	return changes
}

// reopen begins to count anew.
func (m *Mirror) reopen(at time.Time) {
	m.opened, m.listened, m.frames, m.last = at, 0, 0, Snapshot{At: m.last.At}
	clear(m.places)
	for _, l := range m.vlans {
		l.total, l.learnt, l.learntBytes, l.leftover = sensor.Heard{}, 0, 0, 0
	}
	m.tap.total = sensor.Heard{}
	for _, a := range m.expected {
		a.count = 0
	}
	m.resume(at)
}

// resume begins to listen after a time in which nothing could be heard.
func (m *Mirror) resume(at time.Time) {
	m.tap.rhythm.resume(at)
	for _, l := range m.vlans {
		l.rhythm.resume(at)
	}
}

// take adds what a snapshot has over the last one.
func (m *Mirror) take(s Snapshot, dt time.Duration) {
	frames := s.carried() - m.last.carried()
	m.frames += frames
	if s.LinkUp {
		m.listened += dt
	}
	m.count(s)
	if _, silent := m.alarms.raised(key{code: TapSilent}); silent && frames > 0 {
		m.resume(s.At) // no VLAN could be heard in the meantime
	}
	m.learn(s, dt, frames)
	lost := s.lost() - m.last.lost()
	m.own.add(part{lost, lost + frames})
	m.decoded(s)
	m.await(s, dt, frames)
	m.line(s, dt, frames)
}

// decoded adds what became of the frames.
func (m *Mirror) decoded(s Snapshot) {
	now, before := s.Decoded, m.last.Decoded
	var all uint64
	for v, n := range now.Verdicts {
		all += more(n, before.Verdicts[v])
	}
	m.cut.add(part{more(now.Cut, before.Cut) + more(now.Verdicts[sensor.Truncated], before.Verdicts[sensor.Truncated]), all})
	m.wireless.add(part{more(now.Verdicts[sensor.Encrypted], before.Verdicts[sensor.Encrypted]), all})
}

// await counts how long an expected protocol has not been heard.
func (m *Mirror) await(s Snapshot, dt time.Duration, frames uint64) {
	for p, a := range m.expected {
		n := s.Conversations[p]
		if n != a.count && n > 0 {
			a.Listened, a.Frames, a.Heard = 0, 0, s.At
		} else if s.LinkUp {
			a.Listened, a.Frames = a.Listened+dt, a.Frames+frames
		}
		a.count = n
	}
}

// perFrame is what a frame costs on the wire besides what is counted, in bytes:
// preamble and delimiter 8, check sequence 4, gap 12 (IEEE 802.3-2018, clause 3 and
// 4.4.2).
const perFrame = 24

// nearFull is the share of the link's speed at which a second counts as full: with
// less than that left, a burst within the second has been cut.
const nearFull = 0.95

// maxPeak is the longest time between snapshots in which a full link can be told.
const maxPeak = 5 * time.Second

// line notes whether the link was full.
func (m *Mirror) line(s Snapshot, dt time.Duration, frames uint64) {
	bytes := s.Bytes + s.ShuntedBytes - m.last.Bytes - m.last.ShuntedBytes
	if dt <= 0 {
		return
	}
	bits := float64(bytes+perFrame*frames) * 8 / dt.Seconds()
	m.tap.bits += (bits - m.tap.bits) * weight(dt, fastTime, max(0, m.listened-dt))
	if s.Speed == 0 || dt > maxPeak {
		return
	}
	second := part{0, uint64(dt.Milliseconds())}
	if bits >= nearFull*float64(s.Speed) {
		second.some = second.all
	}
	m.full.add(second)
}

// turn begins new halves where it is time.
func (m *Mirror) turn(at time.Time) {
	m.own.turn(at, minFrames)
	m.cut.turn(at, minFrames)
	m.wireless.turn(at, minFrames)
	m.full.turn(at, minWatched)
	m.wrapped.turn(at, minFrames)
	m.tap.turn(at)
	for _, l := range m.vlans {
		l.turn(at)
	}
}

func (x *line) turn(at time.Time) {
	x.loss.turn(at, MinSegments)
	x.twice.turn(at, minFrames)
	x.talks.turn(at, MinConversations)
}

// more is how much a count grew; one that went back began anew.
func more(now, before uint64) uint64 {
	if now < before {
		return now
	}
	return now - before
}
