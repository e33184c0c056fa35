package astm

import "time"

// sender is what one side of a conversation has shown of itself so far.
type sender struct {
	heard   bool   // the other side took a frame of it
	key     string // of the first name that it sent under
	several bool   // it sent under several: it passes messages on
	clock   bool   // lag is known
	lag     time.Duration
	behind  time.Time // wire time since when its clock lags by one hour more
}

// named notes a name. A host is one instrument, so a second name unmasks a relay.
func (s *sender) named(key string) {
	if s.key == "" {
		s.key = key
	}
	s.several = s.several || s.key != key
}

// current reports whether the results of a message were measured just now, as far
// as anything tells: they are no training's, no older than the message by the
// instrument's own clock, and the message has not waited. Times without a zone are
// held against the wire beyond every zone, and against the sender's earlier messages.
// What was stored and sent on demand needs a time that says it is new.
func (s *sender) current(m *message, when time.Time) bool {
	switch m.processing {
	case 'T', 'D': // training, debugging (LIS02-A2, section 6.12)
		return false
	}
	if m.batch && m.measured.IsZero() {
		return false
	}
	at := m.sent
	if at.IsZero() {
		at = m.measured
	} else if !m.measured.IsZero() && at.Sub(m.measured) > resultValid {
		return false
	}
	if at.IsZero() {
		return true
	}
	lag := when.Sub(at)
	return lag <= westernmost+resultValid && lag >= -easternmost-resultValid && !s.late(lag, when)
}

// late compares a lag with the smallest one. The end of summer time sets a clock
// back by an hour for good: it is believed once it has lasted.
func (s *sender) late(lag time.Duration, when time.Time) bool {
	if !s.clock {
		s.clock, s.lag = true, lag
	}
	switch more := lag - s.lag; {
	case more <= resultValid:
		s.lag, s.behind = min(s.lag, lag), time.Time{}
		return false
	case (more - time.Hour).Abs() > resultValid/2:
		s.behind = time.Time{}
	case s.behind.IsZero():
		s.behind = when
	case when.Sub(s.behind) > resultValid:
		s.lag, s.behind = lag, time.Time{}
		return false
	}
	return true
}
