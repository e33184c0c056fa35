package capture

import (
	"errors"
	"math/bits"
	"time"
)

const (
	// defaultResolution is if_tsresol where a file does not say: microseconds.
	defaultResolution = 6
	// binaryResolution is the bit of if_tsresol that makes it a power of two.
	binaryResolution = 0x80
	// decimalLimit is the largest power of ten in 64 bits.
	decimalLimit = 19
	nanoDigits   = 9 // digits of a nanosecond
	// lastSecond is the end of the year 9999: later times cannot be written in RFC
	// 3339, so they are damage.
	lastSecond = 253402300799
)

var errNoTime = errors.New("a time stamp outside the years 1 to 9999")

// firstSecond is the beginning of the year 1.
const firstSecond = -62135596800

// clock turns an interface's ticks into wire time.
type clock struct {
	binary bool
	digits uint8 // one second has 2^digits or 10^digits ticks
	// ticks a second, and nanoseconds a tick or ticks a nanosecond, for decimal clocks.
	perSecond, nanoTimes, nanoBy uint64
	offset                       int64 // seconds
}

// newClock reads if_tsresol and if_tsoffset.
func newClock(resolution byte, offset int64) clock {
	c := clock{
		binary: resolution&binaryResolution != 0,
		digits: resolution &^ binaryResolution,
		offset: offset, nanoTimes: 1, nanoBy: 1,
	}
	if c.binary || c.digits > decimalLimit {
		return c
	}
	c.perSecond = pow10(c.digits)
	if c.digits <= nanoDigits {
		c.nanoTimes = pow10(nanoDigits - c.digits)
	} else {
		c.nanoBy = pow10(c.digits - nanoDigits)
	}
	return c
}

// time is the wire time after so many ticks.
func (c *clock) time(ticks uint64) (time.Time, error) {
	sec, nano := c.split(ticks)
	// Both bounds are far inside 64 bits, so the sum cannot wrap when they hold.
	if sec > lastSecond || c.offset > lastSecond || c.offset < firstSecond {
		return time.Time{}, errNoTime
	}
	at := int64(sec) + c.offset
	if at > lastSecond || at < firstSecond {
		return time.Time{}, errNoTime
	}
	return time.Unix(at, int64(nano)).UTC(), nil
}

// split gives whole seconds and nanoseconds, cut, not rounded.
func (c *clock) split(ticks uint64) (sec, nano uint64) {
	switch {
	case c.binary:
		return splitBinary(ticks, uint(c.digits))
	case c.digits > decimalLimit:
		// One tick is far below a nanosecond and all ticks together below a second.
		return 0, shrink(ticks, c.digits-nanoDigits)
	}
	return ticks / c.perSecond, ticks % c.perSecond * c.nanoTimes / c.nanoBy
}

// splitBinary splits ticks of 2^-n seconds.
func splitBinary(ticks uint64, n uint) (sec, nano uint64) {
	if n < 64 {
		sec, ticks = ticks>>n, ticks&(1<<n-1)
	}
	high, low := bits.Mul64(ticks, uint64(time.Second))
	if n >= 64 {
		return sec, high >> (n - 64)
	}
	return sec, high<<(64-n) | low>>n
}

// shrink divides v by 10^digits, which may be more than 64 bits hold.
func shrink(v uint64, digits uint8) uint64 {
	if digits > decimalLimit {
		return 0
	}
	return v / pow10(digits)
}

// pow10 is 10^n for n up to decimalLimit.
func pow10(n uint8) uint64 {
	v := uint64(1)
	for range n {
		v *= 10
	}
	return v
}
