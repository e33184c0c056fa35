package mirror

import (
	"fmt"
	"maps"
	"math"
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

// Export gives what was learnt. It is the caller's.
func (m *Mirror) Export() Memory {
	s := Memory{Version: MemoryVersion, At: m.last.At, Tap: m.tap.rhythm.export(0)}
	for _, id := range slices.Sorted(maps.Keys(m.vlans)) {
		if r := &m.vlans[id].rhythm; !r.Heard.IsZero() {
			s.VLANs = append(s.VLANs, r.export(id))
		}
	}
	for _, p := range slices.Sorted(maps.Keys(m.expected)) {
		a := m.expected[p]
		s.Expected = append(s.Expected, Awaited{p, a.Listened, a.Frames, a.Heard})
	}
	for _, t := range m.alarms.standing() {
		s.Raised = append(s.Raised, RaisedTrouble{t.Code, t.VLAN, t.Session, t.Protocol, t.Since, t.Says, t.Check})
	}
	return s
}

func (r *rhythm) export(id uint16) Baseline {
	b := Baseline{VLAN: id, Fast: r.Fast, Slow: r.Slow, Age: r.Age, Heard: r.Heard, Longest: r.Longest, LongestBefore: r.LongestBefore, Day: r.Day}
	for _, h := range r.Hours {
		if h.Number > 0 {
			b.Hours = append(b.Hours, HourBaseline{h.Number, h.Low, h.High})
		}
	}
	return b
}

// Import takes what an earlier Mirror had learnt, before the first snapshot. A state
// that contradicts itself is refused whole and changes nothing.
func (m *Mirror) Import(s Memory) error {
	if err := s.valid(); err != nil {
		return fmt.Errorf("baselines of tap %s: %w; without them, what is usual is learnt anew within a day", m.declared.Name, err)
	}
	m.tap.rhythm = s.Tap.rhythm()
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
	return nil
}

func (b Baseline) rhythm() rhythm {
	r := rhythm{Fast: b.Fast, Slow: b.Slow, Age: b.Age, Heard: b.Heard, Longest: b.Longest, LongestBefore: b.LongestBefore, Day: b.Day}
	for _, h := range b.Hours {
		r.Hours[h.Number%24] = hour{Low: h.Low, High: h.High, Number: h.Number}
	}
	return r
}

// What a state may hold at most.
const (
	maxRate  = 1e12              // frames a second; a 400 Gbit/s link carries 6e8
	maxAge   = 20 * 365 * 24     // hours
	maxWords = 1024              // bytes of one sentence
	maxHour  = 24 * 365_000      // hours since 1970: the year 2970
	maxName  = protocols.MaxText // bytes of a protocol's name
)

func (s Memory) valid() error {
	switch {
	case s.Version != MemoryVersion:
		return fmt.Errorf("version %d, want %d", s.Version, MemoryVersion)
	case len(s.VLANs) > maxVLAN+1:
		return fmt.Errorf("%d VLANs; there are %d", len(s.VLANs), maxVLAN+1)
	case len(s.Raised) > maxPerCode*len(Codes()) || len(s.Expected) > maxPerCode:
		return fmt.Errorf("%d troubles and %d protocols, more than there can be", len(s.Raised), len(s.Expected))
	}
	if err := s.Tap.valid(); err != nil {
		return err
	}
	seen := map[uint16]bool{}
	for _, b := range s.VLANs {
		if b.VLAN > maxVLAN || seen[b.VLAN] {
			return fmt.Errorf("VLAN %d: twice, or beyond %d", b.VLAN, maxVLAN)
		}
		seen[b.VLAN] = true
		if err := b.valid(); err != nil {
			return err
		}
	}
	for _, a := range s.Expected {
		if a.Listened < 0 || len(a.Protocol) > maxName {
			return fmt.Errorf("protocol %.20q: a time below 0, or no name", a.Protocol)
		}
	}
	return s.validRaised()
}

func (s Memory) validRaised() error {
	seen, count := map[key]bool{}, map[Code]int{}
	for _, r := range s.Raised {
		k := key{r.Code, r.VLAN, r.Session, r.Protocol}
		count[r.Code]++
		if !slices.Contains(Codes(), r.Code) || seen[k] || count[r.Code] > maxPerCode {
			return fmt.Errorf("trouble %.40q: not a code, twice, or too many", r.Code)
		}
		if len(r.Says) > maxWords || len(r.Check) > maxWords || len(r.Protocol) > maxName {
			return fmt.Errorf("trouble %s: longer than %d bytes", r.Code, maxWords)
		}
		seen[k] = true
	}
	return nil
}

func (b Baseline) valid() error {
	if !rate(b.Fast) || !rate(b.Slow) || len(b.Hours) > 24 {
		return fmt.Errorf("VLAN %d: no rates", b.VLAN)
	}
	for _, d := range []time.Duration{b.Age, b.Longest, b.LongestBefore} {
		if d < 0 || d.Hours() > maxAge {
			return fmt.Errorf("VLAN %d: a time of %s", b.VLAN, d)
		}
	}
	for _, h := range b.Hours {
		if !rate(h.Low) || !rate(h.High) || h.Number <= 0 || h.Number > maxHour {
			return fmt.Errorf("VLAN %d: no rate of an hour", b.VLAN)
		}
	}
	return nil
}

func rate(r float64) bool { return r >= 0 && r <= maxRate && !math.IsNaN(r) }
