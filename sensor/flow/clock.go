package flow

import "time"

// A capture may hold any time at all. A pause is counted as maxPause at most,
// longer than any time-out; after maxElapsed the clock stands still, before it
// would overflow (292 years).
const (
	maxPause   = 365 * 24 * time.Hour
	maxElapsed = 200 * maxPause
)

// clock measures how much wire time has gone by. Frames of several taps or files
// may jump backwards; then the clock stands still, and goes on from there.
type clock struct {
	last    time.Time
	elapsed time.Duration
	due     time.Duration // of the next tick
}

// advance takes the time of a frame and reports whether a tick is due.
func (c *clock) advance(t time.Time) bool {
	if c.last.IsZero() {
		c.last, c.due = t, c.elapsed+TickEvery
		return false
	}
	if step := t.Sub(c.last); step > 0 && c.elapsed < maxElapsed {
		c.elapsed += min(step, maxPause)
	}
	c.last = t
	if c.elapsed < c.due {
		return false
	}
	c.due = c.elapsed + TickEvery
	return true
}
