package flow

import "time"

// The tolerances of the clock.
const (
	// maxPause is how long a pause counts at most: longer than any time-out, and so
	// short that differences stay right when elapsed wraps (292 years), as frames
	// that bear absurd times can make it.
	maxPause = 100 * 365 * 24 * time.Hour
	// maxSkew is how far the clocks of the interfaces in one capture may differ
	// without being taken for a clock that was set back.
	maxSkew = time.Minute
	// setBack is how many frames in a row must lie farther back than maxSkew before
	// the clock is taken to have been set back; one in between that does not shows
	// two clocks that differ.
	setBack = 1000
)

// clock measures how much wire time has gone by. Where frames jump backwards it
// stands still; when they stay there, it goes on from there. So two interfaces
// whose clocks differ do not make it run fast.
type clock struct {
	latest  time.Time
	behind  int // frames in a row
	elapsed time.Duration
	due     time.Duration // of the next tick
}

// advance takes the time of a frame and reports whether a tick is due.
func (c *clock) advance(t time.Time) bool {
	if c.latest.IsZero() {
		c.latest, c.due = t, c.elapsed+TickEvery
		return false
	}
	switch step := t.Sub(c.latest); {
	case step > 0:
		c.latest, c.behind = t, 0
		c.elapsed += min(step, maxPause)
	case step >= -maxSkew:
		c.behind = 0
	default:
		if c.behind++; c.behind >= setBack {
			c.latest, c.behind = t, 0
		}
	}
	if c.elapsed-c.due < 0 {
		return false
	}
	c.due = c.elapsed + TickEvery
	return true
}
