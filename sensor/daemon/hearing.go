package daemon

import (
	"fmt"
	"time"

	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/sensor/mirror"
)

// state says whether a tap hears, and what else a person should know of it.
func (x heardTap) state(now time.Time) (state, says string) {
	state, says = x.hearing(now)
	if x.up && x.note != "" {
		says += " But " + x.note + "."
	}
	return state, says
}

// hearing says whether a tap hears. One that came up a moment ago waits for its first
// frame: that is neither silence nor hearing.
func (x heardTap) hearing(now time.Time) (state, says string) {
	name := x.declared.Name
	switch quiet := now.Sub(x.quietSince()); {
	case !x.up && x.trouble == "":
		return "waiting", name + " is being opened."
	case !x.up:
		return "down", name + " does not listen: " + x.trouble
	case now.Sub(later(x.heard, x.since)) >= usage.TapSilence && x.heard.IsZero():
		return "silent", fmt.Sprintf("%s listens and has heard nothing for %s. Every use under it is unknown. Check the mirror session and the cable.", name, mirror.Spell(quiet))
	case now.Sub(later(x.heard, x.since)) >= usage.TapSilence:
		return "silent", fmt.Sprintf("%s has been silent for %s. Every use under it is unknown. Check the mirror session and the cable.", name, mirror.Spell(quiet))
	case x.heard.IsZero():
		return "waiting", name + " listens and has heard nothing yet."
	case x.heard.Before(x.since):
		return "waiting", name + " listens again and has heard nothing yet."
	}
	return "hears", name + " hears traffic."
}

// quietSince is when a tap was last heard, or since when it is as it is where it
// never was.
func (x tap) quietSince() time.Time {
	if x.heard.IsZero() {
		return x.since
	}
	return x.heard
}

// isState reports whether a trouble of a mirror is what the state of its tap says
// already: it is told once.
func isState(c mirror.Code) bool {
	return c == mirror.LinkDown || c == mirror.TapSilent || c == mirror.NothingHeard
}

// toldWithCheck is what is wrong with a mirror, and what to look at.
func toldWithCheck(p mirror.Trouble) string { return p.Says + " Check: " + p.Check }

// short writes a length of time as the log does.
func short(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return mirror.Spell(d)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
