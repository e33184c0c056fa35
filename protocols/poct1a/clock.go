package poct1a

import (
	"time"

	"github.com/auscult/auscult/protocols"
)

// stamp is a date and time as devices write it (POCT01-A2, annex B, type TS):
// 2010-02-22T14:06:34.00-05:00. It is compared, and never stated. The zero value is
// an absent one.
type stamp struct {
	at    time.Time // read as UTC when it has no zone
	zoned bool
}

func (s stamp) absent() bool { return s.at.IsZero() }

// stampOf reads a time, or returns the zero value. A zone of "-00:00" says that the
// zone is not known (RFC 3339, section 4.3).
func stampOf(s string) stamp {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return stamp{t.UTC(), s[len(s)-6:] != "-00:00"}
	}
	if t, err := time.Parse("2006-01-02T15:04:05", s); err == nil {
		return stamp{at: t}
	}
	return stamp{}
}

// near reports whether a time can be that of the wire: within what clocks are wrong
// by, or beyond that within the zones of the world.
func (s stamp) near(when time.Time) bool {
	lag := when.Sub(s.at)
	if s.zoned {
		return lag.Abs() <= maxError
	}
	return lag <= protocols.Westernmost+maxError && lag >= -protocols.Easternmost-maxError
}

// before reports how long before another time of the same clock it was. Times of
// which only one has a zone cannot be compared.
func (s stamp) before(other stamp) (time.Duration, bool) {
	return other.at.Sub(s.at), !s.absent() && !other.absent() && s.zoned == other.zoned
}
