package mirror

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/auscult/auscult/sensor"
)

// Share is a part of a whole; where Enough is false, too little was seen to say.
type Share struct {
	Enough bool
	Value  float64
}

// State is how a VLAN or session stands against what was declared.
type State string

// The closed set of states.
const (
	Heard    State = "heard"
	Silent   State = "silent"  // was heard steadily, and is no more
	Missing  State = "missing" // declared, not heard
	Waiting  State = "waiting" // declared, not heard yet; too early to call it missing
	Stranger State = "not-declared"
	Resting  State = "resting" // not heard lately, and its rhythm allows that
)

// Report says how a tap's mirror is. It is the caller's.
type Report struct {
	Name, Where string
	At          time.Time // of the last snapshot
	Opened      time.Time // from when counts run
	LinkUp      bool
	Says        []string // calm sentences: what the tap hears, what was lost, what is not known
	// Frames and Bytes were heard since the tap was opened, shunted ones among them.
	Frames, Bytes uint64
	BitsPerSecond float64 // on the wire
	Speed         uint64  // bit/s, 0 where it is not known
	// Rate and Usual are frames a second: of the last minutes, and the usual one, 0
	// where too little is known.
	Rate, Usual                   float64
	Lost                          Lost
	LostBefore                    Estimate
	Duplicates, OneSided, Shunted Share
	VLANs                         []VLAN
	Sessions                      []Session
	Troubles                      []Trouble
	// Beyond counts places, sessions and findings that a bound left out.
	Beyond uint64
}

// VLAN is one VLAN of a tap; ID 0 is untagged traffic.
type VLAN struct {
	ID                            uint16
	Declared                      bool
	Frames, Bytes                 uint64 // since the tap was opened
	Rate, Usual                   float64
	BitsPerSecond                 float64
	LostBefore                    Estimate
	OneSided, Duplicates, Shunted Share
	LastHeard                     time.Time // zero: never
	State                         State
}

// Session is one mirror session.
type Session struct {
	ID            uint32
	By            sensor.Encapsulation
	Declared      bool
	Frames, Bytes uint64
	LastHeard     time.Time
	State         State
}

// Report says how the mirror is, as of the last snapshot.
func (m *Mirror) Report() Report {
	s := m.last
	r := Report{Name: m.declared.Name, Where: m.declared.Where, At: s.At, Opened: m.opened, LinkUp: s.LinkUp,
		Frames: s.carried(), Bytes: s.Bytes + s.ShuntedBytes, BitsPerSecond: m.tap.bits, Speed: s.Speed,
		Rate: m.tap.rhythm.Fast, Usual: m.tap.rhythm.ordinary(), Lost: m.lost(), LostBefore: m.tap.estimate(m.ownShare()),
		Duplicates: m.tap.duplicates(), OneSided: m.tap.oneSided(), Shunted: shareOf(part{s.ShuntedFrames, s.carried()}, 1),
		VLANs: m.vlanRows(), Sessions: m.sessionRows(), Troubles: m.alarms.standing(), Beyond: m.beyond + m.alarms.over}
	r.Says = r.says()
	return r
}

// ordinary is the slow rate, once it has been learnt for an hour.
func (r *rhythm) ordinary() float64 {
	if r.Age < minSteadyAge {
		return 0
	}
	return r.Slow
}

func (m *Mirror) lost() Lost {
	s := m.last
	return Lost{Kernel: s.KernelDrops, Interface: s.InterfaceDrops, Worker: s.WorkerDrops, Freezes: s.RingFreezes,
		Share: m.ownShare(), ShareSince: ratio(s.lost(), s.lost()+s.carried())}
}

func shareOf(p part, enough uint64) Share { return Share{p.all >= enough, p.share()} }

func (x *line) duplicates() Share {
	p, ok := x.twice.judged(minFrames)
	return Share{ok, p.share()}
}

func (x *line) oneSided() Share {
	s, ok := x.talks.judged(MinConversations)
	return Share{ok, s.share()}
}

// vlanRows lists what was heard and what was declared, by ID.
func (m *Mirror) vlanRows() []VLAN {
	ids := map[uint16]bool{}
	for id := range m.vlans {
		ids[id] = true
	}
	for _, id := range m.declared.VLANs {
		ids[id] = true
	}
	rows := make([]VLAN, 0, len(ids))
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		rows = append(rows, m.vlanRow(id))
	}
	return rows
}

func (m *Mirror) vlanRow(id uint16) VLAN {
	x := m.vlans[id]
	if x == nil {
		x = &line{}
	}
	h := x.total
	return VLAN{ID: id, Declared: m.declared.carries(id), Frames: h.Frames, Bytes: h.Bytes, Rate: x.rhythm.Fast, Usual: x.rhythm.ordinary(),
		BitsPerSecond: x.bits, LostBefore: x.estimate(m.ownShare()), OneSided: x.oneSided(), Duplicates: x.duplicates(),
		Shunted: shareOf(part{h.ShuntedFrames, h.Frames}, 1), LastHeard: x.rhythm.Heard, State: m.vlanState(id, x)}
}

func (m *Mirror) vlanState(id uint16, x *line) State {
	_, silent := m.alarms.raised(key{code: VLANSilent, vlan: id})
	_, missing := m.alarms.raised(key{code: VLANMissing, vlan: id})
	fresh := !x.rhythm.Heard.IsZero() && m.last.At.Sub(x.rhythm.Heard) < minListening
	switch {
	case silent:
		return Silent
	case missing:
		return Missing
	case x.rhythm.Heard.IsZero():
		return Waiting
	case !fresh:
		return Resting
	case len(m.declared.VLANs) > 0 && id != 0 && id != m.declared.RSPANVLAN && !m.declared.carries(id):
		return Stranger
	}
	return Heard
}

func (m *Mirror) sessionRows() []Session {
	var rows []Session
	for id, x := range m.sessions {
		row := Session{ID: id, By: x.by, Declared: slices.Contains(m.declared.Sessions, id), Frames: x.frames, Bytes: x.bytes, LastHeard: x.heard, State: Heard}
		switch _, missing := m.alarms.raised(key{code: SessionMissing, session: id}); {
		case missing:
			row.State = Missing
		case len(m.declared.Sessions) > 0 && !row.Declared:
			row.State = Stranger
		case m.last.At.Sub(x.heard) >= minListening:
			row.State = Resting
		}
		rows = append(rows, row)
	}
	for _, id := range m.declared.Sessions {
		if m.sessions[id] != nil {
			continue
		}
		row := Session{ID: id, By: m.declared.Encapsulation, Declared: true, State: Waiting}
		if _, missing := m.alarms.raised(key{code: SessionMissing, session: id}); missing {
			row.State = Missing
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, bySession)
	return rows
}

// says puts the report in words.
func (r Report) says() []string {
	var lines []string
	switch {
	case !r.LinkUp:
		lines = append(lines, r.Name+" has no link.")
	case r.Frames == 0:
		lines = append(lines, r.Name+" listens and has heard nothing yet.")
	default:
		lines = append(lines, fmt.Sprintf("%s hears %s frames a second.", r.Name, number(r.Rate)))
	}
	if n := r.Lost.Frames(); n > 0 {
		lines = append(lines, fmt.Sprintf("Lost in the sensor: %d frames, %s of all since it was opened.", n, percent(r.Lost.ShareSince)))
	} else if r.Frames > 0 {
		lines = append(lines, "Lost in the sensor: nothing.")
	}
	lines = append(lines, "Lost before the sensor: "+r.LostBefore.String()+".")
	if !r.OneSided.Enough {
		lines = append(lines, fmt.Sprintf("Too few conversations have ended to say whether both directions are mirrored (fewer than %d).", MinConversations))
	}
	if r.Beyond > 0 {
		lines = append(lines, fmt.Sprintf("%d places, sessions or findings are not shown: a bound was reached.", r.Beyond))
	}
	return lines
}
