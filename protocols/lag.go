package protocols

import "time"

// The zones of the world lie between these (IANA time zone database): a time
// without a zone may be as much later or earlier than it reads as UTC.
const (
	Westernmost = 12 * time.Hour
	Easternmost = 14 * time.Hour
)

// Lag is how far the times that one sender writes lie behind the wire. The smallest
// lag that was seen is its zone and its error; a message much further behind has
// waited somewhere. The zero value has seen none. It serves one conversation.
type Lag struct {
	known    bool
	smallest time.Duration
	behind   time.Time // wire time since when it lags by one hour more
}

// Late notes the lag of a message, heard at when of the wire, and reports whether it
// is more than tolerance above the smallest. The end of summer time sets a local
// clock back by an hour for good: that is believed once it has lasted for tolerance.
func (l *Lag) Late(lag time.Duration, when time.Time, tolerance time.Duration) bool {
	if !l.known {
		l.known, l.smallest = true, lag
	}
	switch more := lag - l.smallest; {
	case more <= tolerance:
		l.smallest, l.behind = min(l.smallest, lag), time.Time{}
		return false
	case (more - time.Hour).Abs() > tolerance/2:
		l.behind = time.Time{}
	case l.behind.IsZero():
		l.behind = when
	case when.Sub(l.behind) > tolerance:
		l.smallest, l.behind = lag, time.Time{}
		return false
	}
	return true
}
