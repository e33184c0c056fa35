package usage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
)

// order is from the best to the worst: what is worst on any channel is said of
// the whole. Unknown stands above standby because it counts as in use wherever
// something is decided.
var order = [...]protocols.UseState{protocols.Idle, protocols.Off, protocols.Standby, protocols.UnknownUse, protocols.InUse}

// rank is the place of a state in order, -1 for a word that is no state.
func rank(s protocols.UseState) int { return slices.Index(order[:], s) }

// now is one channel as it stands at a moment.
type now struct {
	statement
	why    string // why the state is unknown
	hazard inventory.Hazard
}

// At implements inventory.UseOf.
func (b *Book) At(keys []string, moment time.Time) inventory.Use {
	var channels []now
	var source string
	var heard time.Time
	whole, parts, gives := true, 0, false
	ended := b.endings(keys)
	for _, key := range slices.Sorted(slices.Values(keys)) {
		e := b.entries[key]
		if e == nil {
			continue
		}
		parts, gives = parts+1, gives || e.Gives
		if e.Heard.After(heard) {
			heard, source = e.Heard, e.Source
		}
		silent, left := b.silence(e, moment), 0
		for _, s := range e.Channels {
			over, ok := ended[s.Name]
			if ok && !s.Observed.After(over) || moment.After(s.Expires.Add(Forgotten)) {
				continue
			}
			channels = append(channels, b.judge(e, s, silent, moment))
			left++
		}
		// A part of which no channel is left says nothing about idleness.
		whole = whole && (left == 0 || e.known(moment))
	}
	if len(channels) == 0 {
		return nothingSaid(parts > 0, gives, heard, source)
	}
	return summarise(channels, whole)
}

// endings gathers when channels ended, whichever part of the device said so.
func (b *Book) endings(keys []string) map[string]time.Time {
	ended := map[string]time.Time{}
	for _, key := range keys {
		if e := b.entries[key]; e != nil {
			for _, over := range e.Ended {
				if over.When.After(ended[over.Name]) {
					ended[over.Name] = over.When
				}
			}
		}
	}
	return ended
}

// known reports whether one complete report still holds.
func (e *entry) known(moment time.Time) bool {
	return slices.ContainsFunc(e.Complete, func(c complete) bool { return !moment.After(c.Expires) })
}

func nothingSaid(ended, gives bool, heard time.Time, source string) inventory.Use {
	u := inventory.Use{State: protocols.UnknownUse, Why: "it has said nothing of its use"}
	if gives {
		u.Hazard, u.Caution = inventory.HazardUnknown, inventory.CautionHigh
	}
	if ended {
		u.Why, u.ObservedAt, u.Since, u.Source = "what it was doing has ended, and it does not say that it is idle", heard, heard, source
	}
	return u
}

// silence says why nothing under the entry's tap is known, or "".
func (b *Book) silence(e *entry, moment time.Time) string {
	if b.options.Heard == nil {
		return ""
	}
	last := b.options.Heard(e.Site, e.Tap)
	if !last.IsZero() && moment.Sub(last) <= TapSilence {
		return ""
	}
	if last.IsZero() {
		return fmt.Sprintf("tap %s has not been heard since the sensor started", e.Tap)
	}
	return fmt.Sprintf("tap %s has been silent since %s", e.Tap, last.UTC().Format(time.RFC3339))
}

func (b *Book) judge(e *entry, s statement, silent string, moment time.Time) now {
	n := now{statement: s}
	switch {
	case silent != "":
		n.why = silent
	case s.Observed.Sub(moment) > ClockError:
		n.why = "its last statement is of a later time, " + s.Observed.UTC().Format(time.RFC3339) + "; the clock was set back"
		n.Since = moment
	case moment.After(s.Expires):
		n.why = "its last statement expired at " + s.Expires.UTC().Format(time.RFC3339)
		n.Since = s.Expires
	case s.State == protocols.UnknownUse:
		n.why = "it does not say what it is doing"
	}
	if n.why != "" {
		n.State = protocols.UnknownUse
	}
	n.hazard = b.hazard(e.Gives, n)
	return n
}

// hazard is the class of what a channel gives. Where it gives something and does
// not say what (a drug library that is off), or said it too long ago, that is not
// known; fluid that was plain may have been changed for a drug since.
func (b *Book) hazard(gives bool, n now) inventory.Hazard {
	class := b.classOf(n.Agent)
	switch {
	case class == inventory.HazardNone && n.Agent != "",
		class == inventory.HazardNone && gives && n.mayRun() && (n.Activity == "" || n.Activity == protocols.Infusing),
		class == inventory.HazardPlainFluid && n.State == protocols.UnknownUse:
		return inventory.HazardUnknown
	}
	return class
}

// classOf asks for the class of a drug once.
func (b *Book) classOf(agent string) inventory.Hazard {
	if agent == "" {
		return inventory.HazardNone
	}
	class, ok := b.agents[agent]
	if !ok {
		if len(b.agents) >= maxAgents {
			clear(b.agents)
		}
		class = b.options.Hazard(agent)
		b.agents[agent] = class
	}
	return class
}

// mayRun reports whether a patient may be getting something from the channel.
func (n now) mayRun() bool {
	return n.State == protocols.InUse || n.State == protocols.UnknownUse || n.State == protocols.Standby
}

// summarise makes one use of all channels: the worst counts, and among equals
// the most hazardous.
func summarise(channels []now, whole bool) inventory.Use {
	slices.SortStableFunc(channels, func(x, y now) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Protocol, y.Protocol))
	})
	worst := slices.MaxFunc(channels, func(x, y now) int {
		return cmp.Or(cmp.Compare(rank(x.State), rank(y.State)), cmp.Compare(x.hazard.Rank(), y.hazard.Rank()))
	})
	u := inventory.Use{
		State: worst.State, Activity: worst.Activity, Agent: worst.Agent, Hazard: worst.hazard, Source: worst.Source,
		Since: worst.Since, ObservedAt: worst.Observed, ExpiresAt: worst.Expires, Why: worst.why,
		Caution: caution(channels),
	}
	for _, c := range channels {
		u.Channels = append(u.Channels, inventory.ChannelUse{
			Name: c.Name, State: c.State, Activity: c.Activity, Agent: c.Agent, Rate: c.Rate, Dose: c.Dose, Volume: c.Volume,
			Hazard: c.hazard,
		})
		if c.State == worst.State && c.Since.Before(u.Since) {
			u.Since = c.Since
		}
		// What is said holds until the first channel expires.
		if c.Expires.Before(u.ExpiresAt) && c.State != protocols.UnknownUse {
			u.ExpiresAt = c.Expires
		}
	}
	if (u.State == protocols.Idle || u.State == protocols.Off) && !whole {
		u.State, u.Why = protocols.UnknownUse, "not every channel of it is known to be "+string(u.State)
	}
	return u
}

// caution is high where a mistake would hurt at once: anything but plain fluid on
// any channel, or breath. A drug that is named is loaded, and may spill or be started,
// whatever the channel does now.
func caution(channels []now) inventory.Caution {
	for _, c := range channels {
		if c.hazard.Caution() == inventory.CautionHigh || c.mayRun() && c.Activity == protocols.Ventilating {
			return inventory.CautionHigh
		}
	}
	return inventory.CautionNormal
}
