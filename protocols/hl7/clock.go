package hl7

import (
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
)

// stamp is a date and time (DTM; HL7 2.9, section 2.A.22). It is compared, and
// never stated. The zero value is an absent one.
type stamp struct {
	from  time.Time     // read as UTC when it has no zone
	span  time.Duration // how much its last digit leaves open
	zoned bool
}

// stampOf reads YYYY[MM[DD[HH[MM[SS[.S...]]]]]][+/-ZZZZ], or returns the zero
// value.
func stampOf(s string) stamp {
	digits, zone := s, ""
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		digits, zone = s[:i], s[i:]
	}
	digits, _, _ = strings.Cut(digits, ".")
	var out stamp
	layout := "20060102150405"
	switch len(digits) {
	case 14:
		out.span = time.Second
	case 12:
		out.span = time.Minute
	case 10:
		out.span = time.Hour
	case 8:
		out.span = 24 * time.Hour
	default:
		return stamp{} // a month or a year tells nothing of minutes
	}
	if from, ok := digitsOf(digits); ok && zone == "" {
		out.from = from
		return out
	}
	layout = layout[:len(digits)]
	if zone != "" {
		layout, digits, out.zoned = layout+"-0700", digits+zone, true
	}
	t, err := time.Parse(layout, digits)
	if err != nil {
		return stamp{}
	}
	out.from = t.UTC()
	return out
}

// digitsOf reads YYYYMMDD[HH[MM[SS]]], and reports whether it is a time that exists.
func digitsOf(s string) (time.Time, bool) {
	var part [6]int // year, month, day, hour, minute, second
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return time.Time{}, false
		}
		p := &part[max(0, i-2)/2]
		*p = *p*10 + int(s[i]-'0')
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], 0, time.UTC)
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return t, part == [6]int{year, int(month), day, hour, minute, second}
}

func (s stamp) absent() bool { return s.span == 0 }

// olderThan reports whether s is certainly more than d before other. Where only
// one of them has a zone, or one is wire time, every zone is possible.
func (s stamp) olderThan(other stamp, d time.Duration) bool {
	if s.absent() || other.absent() {
		return false
	}
	latest, earliest := s.from.Add(s.span), other.from
	if !s.zoned && other.zoned {
		latest = latest.Add(protocols.Westernmost)
	}
	if s.zoned && !other.zoned {
		earliest = earliest.Add(-protocols.Easternmost)
	}
	return earliest.Sub(latest) > d
}

// before is how much earlier s is than other, where both are of one clock and to the
// minute at least; 0 where that cannot be told.
func (s stamp) before(other stamp) time.Duration {
	if s.absent() || other.absent() || s.zoned != other.zoned || max(s.span, other.span) > time.Minute {
		return 0
	}
	return max(other.from.Sub(s.from.Add(s.span)), 0)
}

// wireStamp is a moment of the wire as a stamp.
func wireStamp(when time.Time) stamp { return stamp{from: when, span: 1, zoned: true} }

// current reports whether the message speaks of now, as far as its processing
// says: production, and not out of an archive (MSH-11; HL7 tables 0103 and 0207).
func (h header) current() bool {
	switch h.processing {
	case "T", "D": // training, debugging
		return false
	}
	switch h.mode {
	case "A", "R", "I": // archive, restored from it, initial load
		return false
	}
	return true
}

// maxClocks bounds how many programs' clocks are kept of one conversation: an
// engine passes on what a handful of gateways send.
const maxClocks = 8

// clock is how far a program's times lie behind the wire in this conversation.
type clock struct {
	application string
	zoned       bool
	lag         protocols.Lag
	// steady is the smallest lag, and since the wire time of the first message that had it.
	steady time.Duration
	since  time.Time
	kept   bool // the lag stayed for keeping
}

const (
	// keeping is how long a clock must lag by the same to be understood: a backlog is
	// sent on faster than it came up, so that its messages lag less and less.
	keeping = 2 * time.Minute
	// unsteady is how much the lag of a message that was sent at once may vary: the last
	// digit of its time, and the way through an engine.
	unsteady = 30 * time.Second
)

// note keeps how the lag goes on.
func (c *clock) note(lag time.Duration, when time.Time) {
	switch {
	case c.since.IsZero() || lag < c.steady-unsteady || lag > c.steady+deviceValid:
		c.steady, c.since, c.kept = lag, when, false // the first, or the clock was set
	case lag <= c.steady+unsteady:
		c.kept = c.kept || when.Sub(c.since) >= keeping
	}
	c.steady = min(c.steady, lag)
}

// timing is what is known of when a message was written.
type timing struct {
	now  bool      // lately enough that what it says of use holds
	at   time.Time // when it was so, by the clock of the wire
	sure bool      // the clock is understood: what frees a device may be believed
}

// timed judges a message's own time. zone is that of the site, nil where nobody said.
func (s *sender) timed(h header, when time.Time, zone *time.Location) timing {
	out := timing{now: !s.stale(h, when) && h.current(), at: when}
	c := s.clock(h)
	if c == nil || !out.now || h.stamp.absent() || h.stamp.span > time.Minute {
		return out
	}
	lag := when.Sub(h.stamp.from.Add(h.stamp.span))
	c.note(lag, when)
	late := lag - c.steady
	switch {
	case h.stamp.zoned:
		late = max(late, lag)
		out.sure = lag >= -maxError || c.kept
	case zone != nil:
		_, offset := when.In(zone).Zone()
		own := lag + time.Duration(offset)*time.Second
		out.sure = own.Abs() <= maxError || c.kept
	default:
		out.sure = c.kept
	}
	out.at = when.Add(-max(late, 0))
	return out
}

func (s *sender) clock(h header) *clock {
	for i := range s.clocks {
		if c := &s.clocks[i]; c.application == h.application && c.zoned == h.stamp.zoned {
			return c
		}
	}
	return nil
}

// dated is a report at the moment that it speaks of. A device is free only by the word of
// a clock that is understood: whoever sends on what was kept may be hours late.
func (t timing) dated(r *protocols.Report, age time.Duration) *protocols.Report {
	if r == nil {
		return nil
	}
	r.At = t.at.Add(-age)
	for i := range r.Channels {
		if c := &r.Channels[i]; !t.sure && c.State != protocols.InUse {
			c.State, c.Ended = protocols.UnknownUse, false
		}
	}
	return r
}

// stale reports whether a message tells of earlier than now: it was kept and sent
// on later. A time with a zone is held against the wire, one without only beyond
// every zone, and both within a conversation against the sender's own earlier
// messages. What stays unseen is a backlog without zones at the very beginning of
// a conversation whose age is one of whole or half hours. A capture that is sent again on
// another day says nothing of use, rightly.
func (s *sender) stale(h header, when time.Time) bool {
	if h.stamp.olderThan(wireStamp(when), deviceValid) {
		return true
	}
	if h.stamp.absent() || h.stamp.span > time.Minute {
		return false // whole hours and days do not follow the wire
	}
	lag := when.Sub(h.stamp.from.Add(h.stamp.span))
	if !h.stamp.zoned && !zoneLike(lag) {
		return true
	}
	if c := s.clock(h); c != nil {
		return c.lag.Late(lag, when, deviceValid)
	}
	if len(s.clocks) < maxClocks {
		c := clock{application: strings.Clone(h.application), zoned: h.stamp.zoned}
		c.lag.Late(lag, when, deviceValid) // the first never is
		s.clocks = append(s.clocks, c)
	}
	return false
}

// maxError is how far a clock that names no zone may be wrong: those of senders
// are set over the network, and what is further off is taken for delay.
const maxError = 10 * time.Minute

// zoneLike reports whether a lag can be that of a zone, which are whole and half
// hours, and three quarters at three places east of UTC (Nepal, Eucla, and the
// Chatham Islands, by winter and by summer).
func zoneLike(lag time.Duration) bool {
	zones := [...]time.Duration{-(5*time.Hour + 45*time.Minute), -(8*time.Hour + 45*time.Minute),
		-(12*time.Hour + 45*time.Minute), -(13*time.Hour + 45*time.Minute), lag.Round(30 * time.Minute)}
	for _, z := range zones {
		if (lag - z).Abs() <= maxError {
			return true
		}
	}
	return false
}
