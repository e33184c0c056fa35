package order

import "time"

// How many requests a connector makes at most for one thing: a search, a create,
// and the look-up of person and group; one read, or a read and a search.
const (
	callsPerCreate = 4
	callsPerPoll   = 2
)

// maxAsked bounds the waiting that a CMMS may ask for: its own limits count by the
// hour.
const maxAsked = time.Hour

// bucket is a token bucket for requests.
type bucket struct {
	perHour float64
	level   float64
	at      time.Time
}

func newBucket(perHour int) bucket {
	return bucket{perHour: float64(perHour), level: requestBurst}
}

func (b *bucket) fill(now time.Time) {
	if !b.at.IsZero() && now.After(b.at) {
		b.level = min(requestBurst, b.level+now.Sub(b.at).Hours()*b.perHour)
	}
	if b.at.IsZero() || now.After(b.at) {
		b.at = now
	}
}

func (b *bucket) has(now time.Time, n int) bool {
	b.fill(now)
	return b.level >= float64(n)
}

// when returns the time at which n will be there.
func (b *bucket) when(now time.Time, n int) time.Time {
	b.fill(now)
	missing := max(0, float64(n)-b.level)
	return now.Add(time.Duration(missing / b.perHour * float64(time.Hour)))
}

func (b *bucket) take(n int) { b.level -= float64(n) }

// backoff is how long to wait after the nth failure in a row: exponential with
// full jitter, never less than what the CMMS asked for, and at least half a second
// so that bad luck is no hammering.
func (c *Courier) backoff(failures int, asked time.Duration) time.Duration {
	most := BackoffCap
	if failures < 20 {
		most = min(BackoffCap, backoffBase<<max(0, failures-1))
	}
	wait := time.Duration(c.random.Int64N(int64(most)))
	return max(wait, min(asked, maxAsked), time.Second/2)
}
