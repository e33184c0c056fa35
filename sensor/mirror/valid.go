package mirror

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
)

// What a state may hold at most.
const (
	maxAge   = 20 * 365 * 24     // hours
	maxWords = 1024              // bytes of one sentence
	maxName  = protocols.MaxText // bytes of a protocol's name
)

// maxSkew is how far a Memory may be ahead of the clock: a machine starts by its own
// clock, which drifts by seconds a day, and asks a time server a little later.
const maxSkew = 5 * time.Minute

func (s Memory) valid(now time.Time) error {
	switch {
	case s.Version != MemoryVersion:
		return fmt.Errorf("version %d, want %d", s.Version, MemoryVersion)
	case s.At.After(now.Add(maxSkew)):
		return fmt.Errorf("written at %s, and it is %s", stamp(s.At), stamp(now))
	case len(s.VLANs) > maxVLAN+1:
		return fmt.Errorf("%d VLANs; there are %d", len(s.VLANs), maxVLAN+1)
	case len(s.Raised) > maxPerCode*len(Codes()) || len(s.Expected) > maxPerCode:
		return fmt.Errorf("%d troubles and %d protocols, more than there can be", len(s.Raised), len(s.Expected))
	}
	if err := s.Tap.valid(s.At); err != nil {
		return fmt.Errorf("the tap as a whole: %w", err)
	}
	if err := s.validVLANs(); err != nil {
		return err
	}
	for _, a := range s.Expected {
		if err := a.valid(s.At); err != nil {
			return fmt.Errorf("protocol %.20q: %w", a.Protocol, err)
		}
	}
	return s.validRaised()
}

func (s Memory) validVLANs() error {
	seen := map[uint16]bool{}
	for _, b := range s.VLANs {
		if b.VLAN > maxVLAN || seen[b.VLAN] {
			return fmt.Errorf("VLAN %d: twice, or beyond %d", b.VLAN, maxVLAN)
		}
		seen[b.VLAN] = true
		if err := b.valid(s.At); err != nil {
			return fmt.Errorf("VLAN %d: %w", b.VLAN, err)
		}
	}
	return nil
}

func (a Awaited) valid(at time.Time) error {
	switch {
	case len(a.Protocol) > maxName:
		return fmt.Errorf("a name longer than %d bytes", maxName)
	case a.Listened < 0 || a.Listened.Hours() > maxAge:
		return fmt.Errorf("awaited for %s", a.Listened)
	case a.Heard.After(at):
		return fmt.Errorf("heard at %s, after it was written", stamp(a.Heard))
	}
	return nil
}

func (s Memory) validRaised() error {
	seen, count := map[key]bool{}, map[Code]int{}
	for _, r := range s.Raised {
		k := key{r.Code, r.VLAN, r.Session, r.Protocol}
		count[r.Code]++
		if !slices.Contains(Codes(), r.Code) || seen[k] || count[r.Code] > maxPerCode {
			return fmt.Errorf("trouble %.40q: not a code, twice, or too many", r.Code)
		}
		if len(r.Says) > maxWords || len(r.Check) > maxWords || len(r.Protocol) > maxName {
			return fmt.Errorf("trouble %s: longer than %d bytes", r.Code, maxWords)
		}
		if r.Since.After(s.At) {
			return fmt.Errorf("trouble %s: since %s, after it was written", r.Code, stamp(r.Since))
		}
		seen[k] = true
	}
	return nil
}

func (b Baseline) valid(at time.Time) error {
	switch {
	case !rate(b.Fast) || !rate(b.Slow):
		return fmt.Errorf("rates of %g and %g frames a second; want 0 to %g", b.Fast, b.Slow, float64(maxRate))
	case b.Age < 0 || b.Age.Hours() > maxAge:
		return fmt.Errorf("listened to for %s", b.Age)
	case min(b.Longest, b.LongestBefore) < 0 || max(b.Longest, b.LongestBefore) > maxPause:
		return fmt.Errorf("pauses of %s and %s; want 0 to %s", b.Longest, b.LongestBefore, maxPause)
	case b.Heard.After(at):
		return fmt.Errorf("heard at %s, after it was written", stamp(b.Heard))
	case b.Day < 0 || b.Day > max(0, dayOf(at)):
		return fmt.Errorf("a pause of day %d since 1970, after it was written", b.Day)
	}
	return b.validHours(at)
}

func (b Baseline) validHours(at time.Time) error {
	if len(b.Hours) > 24 {
		return fmt.Errorf("%d hours; a day has 24", len(b.Hours))
	}
	for _, h := range b.Hours {
		switch {
		case h.Number <= 0 || h.Number > hourOf(at):
			return fmt.Errorf("hour %d since 1970, before that or after it was written", h.Number)
		case !rate(h.Low) || !rate(h.High) || h.Low > h.High:
			return fmt.Errorf("rates of an hour from %g to %g frames a second; want 0 to %g", h.Low, h.High, float64(maxRate))
		}
	}
	return nil
}

func rate(r float64) bool { return r >= 0 && r <= maxRate && !math.IsNaN(r) }

// dayOf and hourOf count since 1970, in UTC.
func dayOf(at time.Time) int64  { return at.Unix() / 86400 }
func hourOf(at time.Time) int64 { return at.Unix() / 3600 }

func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }
