package mirror

import (
	"math"
	"time"
)

// How a baseline learns. Hospital nights are quieter than days and the change takes
// an hour or two, which a slow rate of two hours follows.
const (
	fastTime = 2 * time.Minute
	slowTime = 2 * time.Hour
	// staleAfter is how long nothing may have been heard, when listening resumes, for
	// the rates to go on.
	staleAfter = time.Hour
	// settled is how long the fast rate takes before it says something.
	settled = 10 * time.Minute
	// minSteady and minSteadyAge say what was heard steadily: a frame each five
	// seconds, for an hour of listening.
	minSteady    = 0.2
	minSteadyAge = time.Hour
	// minPause, pauseFactor and pauseFrames say what pause a steady rhythm makes
	// improbable: at least 20 s, four times the longest of two days, and one in which
	// 30 frames were due.
	minPause    = 20 * time.Second
	pauseFactor = 4
	pauseFrames = 30
	// minUsual is the rate, in frames a second, below which no rate is called
	// different: fewer frames are mostly chance.
	minUsual = 1.0
	// differentFactor is how far beyond all that was usual a rate must be.
	differentFactor = 8.0
	// minHours is how many whole hours of the last day stand in for the same hour of
	// the day before, where that is not known.
	minHours = 4
	// maxHourAge is how old the same hour may be, in hours: eight days, so that a
	// sensor which was off for a week still knows its day.
	maxHourAge = 8 * 24
	// maxPause is the longest pause that is learnt, as long as a VLAN is missed
	// (forgetSilence): a longer one says that nothing is usual.
	maxPause = forgetSilence
	// maxRate is ten times what 800 Gbit/s carries in frames of 64 bytes, in frames a
	// second. More is two looks at nearly the same time.
	maxRate = 1e10
	// wholeHour is how much of an hour must be heard for it to count.
	wholeHour = 30 * time.Minute
)

// hour is the lowest and the highest fast rate of one hour. Lowest and highest, not
// the mean: a VLAN that sends in bursts is not silent between them.
type hour struct {
	Low, High float64
	Number    int64 // hours since 1970, 0 for not known
}

// rhythm is the baseline of a VLAN, or of the tap, in frames a second.
type rhythm struct {
	Fast, Slow float64
	Age        time.Duration // listened
	Heard      time.Time     // last frame
	// Longest and LongestBefore are the longest pauses of Day and of the day before.
	Longest, LongestBefore time.Duration
	Day                    int64
	Hours                  [24]hour

	since time.Time // from when the pause is counted: the last frame, or when listening resumed
	now   hour      // being heard
	seen  time.Duration
}

// resume begins to listen: the time before it was no pause.
func (r *rhythm) resume(at time.Time) {
	r.since, r.now, r.seen = at, hour{}, 0
	switch {
	case r.Heard.After(at):
		r.Heard = at // the clock went back
	case at.Sub(r.Heard) > staleAfter:
		r.Age = 0 // the rates are those of another time of day; the hours are kept
	}
}

// relearn forgets what is usual, but not that it was heard.
func (r *rhythm) relearn() { *r = rhythm{Heard: r.Heard, since: r.since} }

// learn takes the frames of the dt before at. frozen keeps what is usual: a trouble
// is under way, and is not to become the baseline.
func (r *rhythm) learn(at time.Time, dt time.Duration, frames uint64, frozen bool) {
	rate := min(float64(frames)/dt.Seconds(), maxRate)
	r.Fast += (rate - r.Fast) * weight(dt, fastTime, r.Age)
	if frames > 0 {
		r.pause(at)
		r.Heard, r.since = at, at
	}
	if frozen {
		return
	}
	r.Slow += (rate - r.Slow) * weight(dt, slowTime, r.Age)
	r.Age = min(r.Age+dt, 10*365*24*time.Hour)
	r.hour(at, dt)
}

// weight is that of the newest rate: a plain mean at first, exponential later.
func weight(dt, long, age time.Duration) float64 {
	return max(1-math.Exp(-dt.Seconds()/long.Seconds()), dt.Seconds()/(age+dt).Seconds())
}

// pause remembers a pause that has ended. One outage teaches little: a pause counts
// for at most twice the longest before it.
func (r *rhythm) pause(at time.Time) {
	if day := dayOf(at); day != r.Day {
		r.LongestBefore, r.Longest, r.Day = max(r.Longest, r.LongestBefore/2), 0, day
	}
	p, longest := at.Sub(r.since), max(r.Longest, r.LongestBefore)
	if longest > 0 && r.Age >= minSteadyAge {
		p = min(p, 2*longest)
	}
	r.Longest = max(r.Longest, min(p, maxPause))
}

// hour notes the fast rate, and files the hour when it is over.
func (r *rhythm) hour(at time.Time, dt time.Duration) {
	if r.Age < settled {
		return
	}
	n := at.Unix() / 3600
	if n != r.now.Number {
		if r.seen >= wholeHour && r.now.Number > 0 {
			r.Hours[r.now.Number%24] = r.now
		}
		r.now, r.seen = hour{Low: r.Fast, High: r.Fast, Number: n}, 0
	}
	r.now.Low, r.now.High = min(r.now.Low, r.Fast), max(r.now.High, r.Fast)
	r.seen += dt
}

// steady reports whether a pause of this rhythm means something.
func (r *rhythm) steady() bool { return r.Age >= minSteadyAge && r.Slow >= minSteady }

// patience is how long a steady rhythm may pause before that is improbable.
func (r *rhythm) patience() time.Duration {
	due := time.Duration(pauseFrames / max(r.Slow, minSteady) * float64(time.Second))
	return max(minPause, pauseFactor*max(r.Longest, r.LongestBefore), due)
}

// usual is the lowest and the highest rate that this hour is known to have, by the
// slow rate and by the same hour of the last day that is known, with its
// neighbours; ok is false where too little is known or the rate is mostly chance.
func (r *rhythm) usual(at time.Time) (low, high float64, ok bool) {
	n := at.Unix() / 3600
	low, high = r.Slow, r.Slow
	known := 0
	for k := n - 1; k <= n+1; k++ {
		if h := r.Hours[k%24]; h.Number > 0 && h.Number < n && h.Number >= n-maxHourAge {
			low, high, known = min(low, h.Low), max(high, h.High), known+1
		}
	}
	if h := r.Hours[n%24]; h.Number == 0 || h.Number >= n || known < 2 {
		low, high, known = r.day(n)
		ok = known >= minHours
	} else {
		ok = true
	}
	return low, high, ok && r.Slow >= minUsual
}

// day is the lowest and highest rate of the last day, and of how many hours.
func (r *rhythm) day(n int64) (low, high float64, known int) {
	low, high = r.Slow, r.Slow
	for _, h := range r.Hours {
		if h.Number > n-24 && h.Number < n {
			low, high, known = min(low, h.Low), max(high, h.High), known+1
		}
	}
	return low, high, known
}
