// Package usage keeps what devices are doing, by their own last statements, and
// says what that amounts to at a moment: the worst channel counts, unknown counts
// as in use, and idle is only what is idle in all its parts. Use it to ask whether
// a device is in use now; do not use it to decide which device a statement is
// about (package identity), or when somebody may work on it (package remediation).
package usage

import (
	"cmp"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

const (
	// TapSilence is how long a tap may be silent before nothing under it is known
	// any more. A mirror port of a hospital is never quiet for so long; DESIGN.md
	// asks for unknown within 30 s of a dead mirror, and what is decided and shown
	// follows a few seconds later.
	TapSilence = 20 * time.Second
	// MaxChannels bounds the channels of one key: twice what one report may name,
	// because channels of reports that were never complete add up.
	MaxChannels = 2 * protocols.MaxChannels
	// MaxKeys bounds how many keys are kept: the stretch goal of 100,000 devices,
	// and half as many parts again.
	MaxKeys = 150_000
	// Forgotten is how long after its end an expired statement still makes the
	// device unknown. A channel that nobody named for a day is not there any more;
	// until then it may be a patient's.
	Forgotten = 24 * time.Hour
	// ClockError is how far a statement may be ahead of the moment that is asked
	// for: frames and questions come by one clock, and only its jumps and the
	// rounding of a capture's times part them. What is further ahead was said under
	// another clock and tells nothing of now.
	ClockError = time.Minute
	// maxAgents bounds the names whose class is remembered: a drug library has some
	// hundreds, and a hospital a handful of libraries.
	maxAgents = 4096
)

// Options are what a Book is given. Every field may be left out.
type Options struct {
	// Hazard classifies a drug; nil means that no drug is known. It must always
	// answer the same.
	Hazard func(agent string) inventory.Hazard
	// Heard tells when a tap was last heard, on the same clock as the moments that
	// At is asked for; the zero time when it never was. nil means that taps are
	// not watched, as in a replay, where silence is the recording's.
	Heard func(site, tap string) time.Time
}

// Book keeps the last statements. It is used from one goroutine at a time, and
// never reads a clock.
type Book struct {
	options Options
	entries map[string]*entry
	changed map[string]bool
	written map[string]bool // by the last Save, until the next one
	agents  map[string]inventory.Hazard
	refused uint64
}

var _ inventory.UseOf = (*Book)(nil)

// entry is what one key said.
type entry struct {
	Site     string      `json:"site,omitempty"`
	Tap      string      `json:"tap,omitempty"`
	Heard    time.Time   `json:"heard"` // wire time of the newest statement
	Source   string      `json:"source,omitempty"`
	Channels []statement `json:"channels,omitempty"` // by name, then protocol
	Complete []complete  `json:"complete,omitempty"` // by protocol
	// Gives: it once named a drug or said that it infuses, so it is something from
	// which a patient gets what may be dangerous, whatever it leaves out later.
	Gives bool `json:"gives,omitempty"`
	// Ended remembers when a channel ended, so that a statement that comes late
	// does not bring it back.
	Ended []ending `json:"ended,omitempty"`
}

// statement is the last word on one channel.
type statement struct {
	Name     string             `json:"name,omitempty"`
	Protocol protocols.Name     `json:"protocol"`
	State    protocols.UseState `json:"state"`
	Activity protocols.Activity `json:"activity,omitempty"`
	Agent    string             `json:"agent,omitempty"`
	Rate     string             `json:"rate,omitempty"`
	Dose     string             `json:"dose,omitempty"`
	Volume   string             `json:"volume,omitempty"`
	Source   string             `json:"source,omitempty"`
	Since    time.Time          `json:"since"` // when the channel came into this state
	Observed time.Time          `json:"observed"`
	Expires  time.Time          `json:"expires"`
}

// complete is the last report that named every channel.
type complete struct {
	Protocol protocols.Name `json:"protocol"`
	Observed time.Time      `json:"observed"`
	Expires  time.Time      `json:"expires"`
}

type ending struct {
	Name string    `json:"name,omitempty"`
	When time.Time `json:"when"`
}

// New returns an empty book.
func New(o Options) *Book {
	if o.Hazard == nil {
		o.Hazard = func(string) inventory.Hazard { return inventory.HazardNone }
	}
	return &Book{
		options: o, entries: map[string]*entry{}, changed: map[string]bool{}, written: map[string]bool{}, agents: map[string]inventory.Hazard{},
	}
}

// Refused counts statements that were dropped because MaxKeys were kept.
func (b *Book) Refused() uint64 { return b.refused }

// Report implements inventory.UseOf. Statements may come in any order: the newest
// by wire time speaks, and of two at one moment the worse.
func (b *Book) Report(key string, s inventory.Statement) {
	e := b.entries[key]
	if e == nil {
		if len(b.entries) >= MaxKeys {
			b.refused++
			return
		}
		e = &entry{}
		b.entries[key] = e
	}
	b.changed[key] = true
	if !s.When.Before(e.Heard) {
		e.Site, e.Tap, e.Heard, e.Source = s.Site, s.Tap, s.When, s.Report.Source
	}
	for _, c := range s.Report.Channels {
		e.take(s, c)
	}
	if s.Report.Complete {
		e.complete(s)
	}
}

// take keeps one channel's word.
func (e *entry) take(s inventory.Statement, c protocols.Channel) {
	e.Gives = e.Gives || c.Agent != "" || c.Activity == protocols.Infusing
	if c.Ended {
		e.end(c.Name, s.When)
		return
	}
	for _, over := range e.Ended {
		if over.Name == c.Name && !s.When.After(over.When) {
			return
		}
	}
	fresh := statement{
		Name: c.Name, Protocol: s.Protocol, State: c.State, Activity: c.Activity, Agent: c.Agent, Rate: c.Rate, Dose: c.Dose, Volume: c.Volume,
		Source: s.Report.Source, Since: s.When, Observed: s.When, Expires: s.When.Add(s.Report.Valid),
	}
	if rank(fresh.State) < 0 {
		fresh.State = protocols.UnknownUse
	}
	i := slices.IndexFunc(e.Channels, func(old statement) bool { return old.Name == c.Name })
	switch {
	case i < 0 && e.superseded(fresh):
	case i < 0 && len(e.Channels) >= MaxChannels:
		// What does not fit might be busy: nothing may be called complete.
		e.Complete = nil
	case i < 0:
		e.Channels = append(e.Channels, fresh)
		slices.SortFunc(e.Channels, func(x, y statement) int { return cmp.Compare(x.Name, y.Name) })
	default:
		if e.Channels[i] = e.Channels[i].or(fresh); e.superseded(e.Channels[i]) {
			e.Channels = slices.Delete(e.Channels, i, i+1)
		}
	}
}

// superseded reports whether a newer complete report of the protocol did not
// name the channel: the older statement says nothing of now.
func (e *entry) superseded(old statement) bool {
	return slices.ContainsFunc(e.Complete, func(c complete) bool {
		return c.Protocol == old.Protocol && old.forgotten(c.Observed)
	})
}

// forgotten reports whether a complete report of a moment that does not name the
// channel ends the statement. What may be a patient's stays until it expires: a
// device that really stops says so of the channel, and one that merely left it
// out, or numbers its channels anew, must not be called idle by that.
func (old statement) forgotten(when time.Time) bool {
	if !old.Observed.Before(when) {
		return false
	}
	return when.After(old.Expires) || old.State == protocols.Idle || old.State == protocols.Off
}

// or returns the newer of two statements on one channel, keeping since when the
// state holds.
func (old statement) or(fresh statement) statement {
	if fresh.Observed.Before(old.Observed) {
		old, fresh = fresh, old
	} else if fresh.Observed.Equal(old.Observed) && (rank(fresh.State) < rank(old.State) ||
		fresh.State == old.State && fresh.Agent < old.Agent) {
		return old
	}
	if old.State == fresh.State && !old.Expires.Before(fresh.Observed) {
		fresh.Since = old.Since
	}
	return fresh
}

func (e *entry) end(name string, when time.Time) {
	i := slices.IndexFunc(e.Channels, func(old statement) bool { return old.Name == name })
	if i >= 0 && !e.Channels[i].Observed.After(when) {
		e.Channels = slices.Delete(e.Channels, i, i+1)
	}
	j := slices.IndexFunc(e.Ended, func(x ending) bool { return x.Name == name })
	switch {
	case j >= 0 && e.Ended[j].When.Before(when):
		e.Ended[j].When = when
	case j < 0:
		e.Ended = append(e.Ended, ending{Name: name, When: when})
	}
	slices.SortFunc(e.Ended, func(x, y ending) int {
		return cmp.Or(y.When.Compare(x.When), cmp.Compare(x.Name, y.Name))
	})
	e.Ended = e.Ended[:min(len(e.Ended), MaxChannels)]
}

// complete notes a complete report and forgets the channels that it did not name,
// but for those that may be in use.
func (e *entry) complete(s inventory.Statement) {
	fresh := complete{Protocol: s.Protocol, Observed: s.When, Expires: s.When.Add(s.Report.Valid)}
	i := slices.IndexFunc(e.Complete, func(c complete) bool { return c.Protocol == s.Protocol })
	switch {
	case i < 0:
		e.Complete = append(e.Complete, fresh)
		slices.SortFunc(e.Complete, func(x, y complete) int { return cmp.Compare(x.Protocol, y.Protocol) })
	case e.Complete[i].Observed.After(s.When):
		return
	default:
		e.Complete[i] = fresh
	}
	e.Channels = slices.DeleteFunc(e.Channels, func(old statement) bool {
		return old.Protocol == s.Protocol && old.forgotten(s.When) &&
			!slices.ContainsFunc(s.Report.Channels, func(c protocols.Channel) bool { return c.Name == old.Name && !c.Ended })
	})
}
