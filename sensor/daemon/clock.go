package daemon

import (
	"sync"
	"time"
)

// clock is the running daemon's time. It never goes back: where the system's
// clock is set back it goes on by the monotonic clock, so that a statement about
// use expires early rather than late, and "idle" becomes "unknown" by itself.
type clock struct {
	mu    sync.Mutex
	base  time.Time // UTC, without a monotonic reading
	start time.Time // with one
	wall  func() time.Time
}

func newClock() *clock { return &clock{wall: time.Now} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall := c.wall()
	going := c.base.Add(wall.Sub(c.start)) // by the monotonic readings
	if told := wall.UTC().Round(0); c.base.IsZero() || told.After(going) {
		c.base, c.start = told, wall
		return told
	}
	return going
}
