package mirror

import (
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// maxVLAN is the highest VLAN there is (IEEE 802.1Q-2018, table 9-2: 4095 is
// reserved).
const maxVLAN = 4094

// count adds what each place has over the last snapshot to its VLAN, its session
// and the tap.
func (m *Mirror) count(s Snapshot) {
	for _, h := range s.Heard {
		before, known := m.places[h.Place]
		if !known && len(m.places) >= maxPlaces || h.Place.VLAN > maxVLAN {
			m.beyond++
			continue
		}
		m.places[h.Place] = h
		d := grown(h, before)
		if d == (sensor.Heard{}) {
			continue
		}
		m.vlan(m.declared.of(h.Place.VLAN), s.At).add(d)
		m.tap.add(d)
		p := part{all: d.Frames + d.DuplicateFrames}
		if m.isSession(h.Place) && h.Place.Session != 0 { // 0 cannot be declared
			p.some = p.all
		}
		m.wrapped.add(p)
		m.through(s.At, h.Place, d)
	}
}

// grown is what a place has over the last snapshot. A place whose count went back
// began anew. Its Place is left out.
func grown(now, before sensor.Heard) sensor.Heard {
	if now.Frames < before.Frames || now.Bytes < before.Bytes || now.Segments < before.Segments {
		before = sensor.Heard{}
	}
	return sensor.Heard{
		Frames: more(now.Frames, before.Frames), Bytes: more(now.Bytes, before.Bytes),
		ShuntedFrames: more(now.ShuntedFrames, before.ShuntedFrames), ShuntedBytes: more(now.ShuntedBytes, before.ShuntedBytes),
		DuplicateFrames: more(now.DuplicateFrames, before.DuplicateFrames),
		Segments:        more(now.Segments, before.Segments), SegmentBytes: more(now.SegmentBytes, before.SegmentBytes),
		Holes: more(now.Holes, before.Holes), HoleBytes: more(now.HoleBytes, before.HoleBytes),
	}
}

// vlan finds what is known of a VLAN. There are at most maxVLAN+1.
func (m *Mirror) vlan(id uint16, at time.Time) *line {
	l := m.vlans[id]
	if l == nil {
		l = &line{}
		l.rhythm.resume(at)
		m.vlans[id] = l
	}
	return l
}

func (x *line) add(d sensor.Heard) {
	x.total.Add(d)
	x.loss.add(followed{d.Segments, d.SegmentBytes, d.Holes, min(d.HoleBytes, d.Holes*maxHoleBytes)})
	x.twice.add(part{d.DuplicateFrames, d.DuplicateFrames + d.Frames})
}

// through adds to a mirror session.
func (m *Mirror) through(at time.Time, p sensor.Place, d sensor.Heard) {
	if !m.isSession(p) || d.Frames+d.DuplicateFrames == 0 {
		return
	}
	x := m.sessions[p.Session]
	if x == nil {
		if len(m.sessions) >= maxSessions {
			m.beyond++
			return
		}
		x = &session{by: p.By, before: at}
		m.sessions[p.Session] = x
	}
	x.frames, x.bytes, x.heard = x.frames+d.Frames+d.DuplicateFrames, x.bytes+d.Bytes, at
}

// isSession reports whether a wrapping is one that mirrors come in.
func (m *Mirror) isSession(p sensor.Place) bool {
	if m.declared.Encapsulation != sensor.Plain {
		return p.By == m.declared.Encapsulation
	}
	return p.By == sensor.ERSPAN || p.By == sensor.VXLAN
}

// learn teaches the tap's and each VLAN's rhythm. Of a time of unknown length (dt 0)
// nothing is learnt.
func (m *Mirror) learn(s Snapshot, dt time.Duration, frames uint64) {
	hears := s.LinkUp && dt > 0
	if hears {
		m.tap.rhythm.learn(s.At, dt, frames, m.frozen(s.At, 0, true))
	}
	for id, l := range m.vlans {
		n := l.total.Frames + l.total.DuplicateFrames
		if hears {
			bits := float64(8*(l.total.Bytes-l.learntBytes)) / dt.Seconds()
			l.bits += (bits - l.bits) * weight(dt, fastTime, l.rhythm.Age)
			l.rhythm.learn(s.At, dt, n-l.learnt, m.frozen(s.At, id, false))
		}
		l.learnt, l.learntBytes = n, l.total.Bytes
	}
}

// maxFreeze is how long a baseline waits for a trouble to go away. After a day what
// is different has become what is usual.
const maxFreeze = 24 * time.Hour

// frozen reports whether a trouble of rate stands, of the VLAN or of the whole tap, so
// that it is not learnt.
func (m *Mirror) frozen(at time.Time, vlan uint16, tap bool) bool {
	stands := func(c Code, vlan uint16) bool {
		x := m.alarms.all[key{code: c, vlan: vlan}]
		return x != nil && at.Sub(x.first) < maxFreeze
	}
	return stands(TapSilent, 0) || !tap && stands(VLANSilent, vlan) || stands(SuddenlyLess, vlan) || stands(SuddenlyMore, vlan)
}

// Conversed takes a conversation that flow reported. Only ended TCP conversations
// with at least MinPackets in the last report tell whether a side is missing; all
// others are ignored.
func (m *Mirror) Conversed(c protocols.Conversation) {
	if !c.Ended || c.Transport != protocols.TCP || c.Packets[0]+c.Packets[1] < MinPackets {
		return
	}
	var s sides
	switch {
	case c.Packets[0] > 0 && c.Packets[1] > 0:
		s.both = 1
	case !c.OpenerKnown:
		s.unknown = 1
	case c.Packets[protocols.FromOpener] > 0:
		s.opener = 1
	default:
		s.acceptor = 1
	}
	id := m.declared.of(max(c.Opener.VLAN, c.Acceptor.VLAN))
	if l := m.vlans[id]; l != nil { // a VLAN of which no frame was counted is not known
		l.talks.add(s)
	}
	m.tap.talks.add(s)
}
