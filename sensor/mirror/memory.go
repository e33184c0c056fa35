package mirror

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// MemoryVersion is that of Memory. Another one is refused: baselines are learnt anew
// within a day.
const MemoryVersion = 1

// Memory is what a mirror has learnt, to be kept over a restart as JSON. It holds
// rates and times of VLANs and no address.
type Memory struct {
	Version  int             `json:"version"`
	At       time.Time       `json:"at"`
	Tap      Baseline        `json:"tap"`
	VLANs    []Baseline      `json:"vlans"`
	Expected []Awaited       `json:"expected,omitempty"`
	Raised   []RaisedTrouble `json:"raised,omitempty"`
}

// Baseline is the rhythm of a VLAN, or of the tap, in frames a second.
type Baseline struct {
	VLAN                   uint16        `json:"vlan"`
	Fast                   float64       `json:"fast"`
	Slow                   float64       `json:"slow"`
	Age                    time.Duration `json:"age"` // ns, as of all durations here
	Heard                  time.Time     `json:"heard"`
	Longest, LongestBefore time.Duration
	Day                    int64
	Hours                  []HourBaseline `json:"hours,omitempty"`
}

// HourBaseline is the lowest and highest rate of one hour, counted since 1970.
type HourBaseline struct {
	Number int64   `json:"n"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Awaited is how long an expected protocol has not been heard.
type Awaited struct {
	Protocol protocols.Name `json:"protocol"`
	Listened time.Duration  `json:"listened"`
	Frames   uint64         `json:"frames"`
	Heard    time.Time      `json:"heard"`
}

// RaisedTrouble is a trouble that stands, so that a restart raises it no second time.
type RaisedTrouble struct {
	Code     Code           `json:"code"`
	VLAN     uint16         `json:"vlan,omitempty"`
	Session  uint32         `json:"session,omitempty"`
	Protocol protocols.Name `json:"protocol,omitempty"`
	Since    time.Time      `json:"since"`
	Says     string         `json:"says"`
	Check    string         `json:"check"`
}

// Export gives what was learnt. It is the caller's. No time in it is after At, also
// where the clock went back: Import would refuse it.
func (m *Mirror) Export() Memory {
	at := m.last.At
	if at.IsZero() {
		at = m.recalled // nothing was heard since
	}
	s := Memory{Version: MemoryVersion, At: at, Tap: m.tap.rhythm.export(0, at)}
	for _, id := range slices.Sorted(maps.Keys(m.vlans)) {
		if r := &m.vlans[id].rhythm; !r.Heard.IsZero() {
			s.VLANs = append(s.VLANs, r.export(id, at))
		}
	}
	for _, p := range slices.Sorted(maps.Keys(m.expected)) {
		a := m.expected[p]
		s.Expected = append(s.Expected, Awaited{p, a.Listened, a.Frames, earlier(a.Heard, at)})
	}
	for _, t := range m.alarms.standing() {
		s.Raised = append(s.Raised, RaisedTrouble{t.Code, t.VLAN, t.Session, t.Protocol, earlier(t.Since, at), t.Says, t.Check})
	}
	return s
}

func (r *rhythm) export(id uint16, at time.Time) Baseline {
	b := Baseline{VLAN: id, Fast: r.Fast, Slow: r.Slow, Age: r.Age, Heard: r.Heard, Longest: r.Longest, LongestBefore: r.LongestBefore, Day: min(r.Day, max(0, dayOf(at)))}
	for _, h := range r.Hours {
		if h.Number > 0 && h.Number <= hourOf(at) {
			b.Hours = append(b.Hours, HourBaseline{h.Number, h.Low, h.High})
		}
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.After(b) {
		return b
	}
	return a
}

// Import takes what an earlier Mirror had learnt, before the first snapshot. now is
// the present by the clock that snapshots have. A state that contradicts itself, is of
// the future, or holds what no mirror learns is refused whole and changes nothing: the
// file may have been changed by somebody who wants a silence to go unnoticed. Troubles
// that have no ground in what is declared now are cleared at the next Hear.
func (m *Mirror) Import(s Memory, now time.Time) error {
	if err := s.valid(now); err != nil {
		return fmt.Errorf("baselines of tap %s: %w; without them, what is usual is learnt anew within a day", m.declared.Name, err)
	}
	m.recalled, m.tap.rhythm = s.At, s.Tap.rhythm()
	clear(m.vlans)
	for _, b := range s.VLANs {
		m.vlans[b.VLAN] = &line{rhythm: b.rhythm()}
	}
	for _, a := range s.Expected {
		if m.expected[a.Protocol] != nil {
			m.expected[a.Protocol] = &awaited{Listened: a.Listened, Frames: a.Frames, Heard: a.Heard}
		}
	}
	m.alarms = newAlarms()
	for _, r := range s.Raised {
		t := Trouble{Code: r.Code, VLAN: r.VLAN, Session: r.Session, Protocol: r.Protocol, Severity: r.Code.Severity(), Since: r.Since, Says: r.Says, Check: r.Check}
		m.alarms.all[t.key()] = &alarm{Trouble: t, first: r.Since, last: s.At, raised: true}
		m.alarms.count[r.Code]++
	}
	m.moveUntagged(Declared{})
	m.alarms.withdraw(m.declared.founded)
	return nil
}

func (b Baseline) rhythm() rhythm {
	r := rhythm{Fast: b.Fast, Slow: b.Slow, Age: b.Age, Heard: b.Heard, Longest: b.Longest, LongestBefore: b.LongestBefore, Day: b.Day}
	for _, h := range b.Hours {
		r.Hours[h.Number%24] = hour{Low: h.Low, High: h.High, Number: h.Number}
	}
	return r
}
