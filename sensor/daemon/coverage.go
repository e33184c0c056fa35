package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor/flow"
	"github.com/auscult/auscult/sensor/web"
)

// oneSidedShare is how many of a tap's conversations may lack a direction
// before a person is told: some always do, at the edges of a recording.
const oneSidedShare = 0.2

// fewConversations is too few to judge a share by.
const fewConversations = 20

// Coverage implements web.House.
func (h *House) Coverage() web.Coverage {
	c := web.Coverage{Mode: h.config.Load().Mode.Default}
	if f, err := h.desk.Flow(); err == nil {
		c.Stopped = f.Stopped
		if f.Paused {
			c.Paused = f.Trouble
		}
	}
	if h.taps == nil {
		return c
	}
	if s := h.ledgerStats(); s.RefusedFor.Full+s.Evicted > 0 {
		c.Holes = append(c.Holes, fmt.Sprintf("The inventory was full: %d new keys were refused and %d old ones forgotten. Some devices are not shown.", s.RefusedFor.Full, s.Evicted))
	}
	var counts flow.Counters
	h.taps.each(func(t tap) {
		shown, holes := t.coverage(h.now())
		c.Taps, c.Holes = append(c.Taps, shown), append(c.Holes, holes...)
		if c.Started.IsZero() || t.opened.Before(c.Started) {
			c.Started = t.opened
		}
		counts.Add(t.counters)
	})
	c.Protocols = outcomes(counts)
	return c
}

// coverage shows a tap, declared against heard, and says what cannot be heard.
func (x tap) coverage(now time.Time) (web.Tap, []string) {
	s, name := x.total(), x.declared.Name
	t := web.Tap{Name: name, Where: x.declared.Where, Interface: x.declared.Interface, DeclaredVLANs: x.declared.VLANs, HeardVLANs: x.vlanList(),
		Frames: s.Frames, Bytes: s.Bytes, Lost: s.KernelDrops, Transmitted: s.Transmitted, Refused: s.TransmitTried, Gaps: x.counters.Gaps,
		OneSided: x.oneSided, Conversations: x.ended, LastHeard: x.heard}
	var holes []string
	switch silent := now.Sub(later(x.heard, x.opened)); {
	case !x.up:
		t.State, t.Says = "down", name+" does not listen: "+x.trouble
	case silent >= usage.TapSilence:
		t.State, t.Says = "silent", fmt.Sprintf("%s has been silent for %s. Every use under it is unknown. Check the mirror session and the cable.", name, spell(silent))
	default:
		t.State, t.Says = "hears", name+" hears traffic."
		if x.heard.IsZero() {
			t.Says = name + " listens and has heard nothing yet."
		}
	}
	for _, v := range x.declared.VLANs {
		if x.up && !slices.Contains(t.HeardVLANs, v) {
			holes = append(holes, fmt.Sprintf("VLAN %d is declared on %s and is not heard.", v, name))
		}
	}
	if x.ended >= fewConversations && float64(x.oneSided) > oneSidedShare*float64(x.ended) {
		holes = append(holes, fmt.Sprintf("On %s one direction is missing from %d of %d conversations. Mirror both directions.", name, x.oneSided, x.ended))
	}
	if s.KernelDrops > 0 {
		holes = append(holes, fmt.Sprintf("%s lost %d of %d frames before they were read. What was not seen is not known to be clean.", name, s.KernelDrops, s.KernelDrops+s.Frames))
	}
	return t, holes
}

// spell writes a length of time for people, in its largest unit.
func spell(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func outcomes(c flow.Counters) []web.ProtocolCount {
	var all []web.ProtocolCount
	for _, p := range c.Protocols {
		for o, n := range p.Outcomes {
			if n > 0 {
				all = append(all, web.ProtocolCount{Protocol: string(p.Protocol), Outcome: protocols.Outcome(o).String(), Count: n})
			}
		}
	}
	slices.SortFunc(all, func(a, b web.ProtocolCount) int {
		return strings.Compare(a.Protocol+" "+a.Outcome, b.Protocol+" "+b.Outcome)
	})
	return all
}
