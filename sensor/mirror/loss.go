package mirror

import (
	"fmt"
	"math"
)

// MinSegments is how many TCP segments must have been followed before an estimate
// is given: 2,000 tell a loss of one in two hundred from none.
const MinSegments = 2000

// The holes of one look count for at most this much each, on average. What a full
// queue of the switch drops of one stream is what that had in flight, mostly less than
// 64 KiB, the largest window without scaling (RFC 7323, section 2.2). More is a host
// that jumps in its own numbers, which must not speak for the whole mirror.
const (
	maxHoleBytes = 64 << 10
	// maxHoleSegments are those in segments of 1 KiB: where the segments that were
	// followed are tiny, one hole would otherwise be thousands of them.
	maxHoleSegments = maxHoleBytes >> 10
)

// z95 is the normal quantile of a two-sided interval of 95 %.
const z95 = 1.959964

// Lost is what reached the sensor and was lost in it, in frames since the tap was
// opened. It is exact.
type Lost struct {
	Kernel, Interface, Worker uint64
	Freezes                   uint64 // times that the ring was full
	// Share is that of the last minutes; ShareSince that since the opening.
	Share, ShareSince float64
}

// Frames is all of them.
func (l Lost) Frames() uint64 { return l.Kernel + l.Interface + l.Worker }

// Estimate is what was lost before the sensor, by the holes in TCP streams that
// neither the shunt nor the sensor's own loss explains. Low and High bound Share
// with 95 %.
type Estimate struct {
	Enough            bool // false: not enough was seen to say
	Share, Low, High  float64
	Segments, Missing uint64 // followed; estimated to be missing, the sensor's own loss among them
}

// String says the estimate in words.
func (e Estimate) String() string {
	switch {
	case !e.Enough:
		return fmt.Sprintf("not enough seen to say (%d of %d TCP segments)", e.Segments, MinSegments)
	case e.Missing == 0:
		return fmt.Sprintf("no hole in %d TCP segments; less than %s", e.Segments, percent(e.High))
	}
	return fmt.Sprintf("about %s (%s to %s)", percent(e.Share), percent(e.Low), percent(e.High))
}

// estimate judges what was followed. own is the share that the sensor lost itself:
// those frames leave holes too, and are not the switch's.
func estimate(f followed, enough bool, own float64) Estimate {
	e := Estimate{Enough: enough && f.segments > 0, Segments: f.segments}
	if !e.Enough {
		return e
	}
	e.Missing = f.missing()
	all := float64(f.segments + e.Missing)
	// Loss comes in bursts. The segments of one hole were lost by one cause, so each
	// hole counts as one trial: the interval is widened by the mean burst.
	burst := 1.0
	if f.holes > 0 {
		burst = max(1, float64(e.Missing)/float64(f.holes))
	}
	low, high := wilson(float64(e.Missing)/burst, all/burst)
	e.Share, e.Low, e.High = beyond(float64(e.Missing)/all, own), beyond(low, own), beyond(high, own)
	return e
}

// missing estimates the segments in the holes by the mean size of those seen; a
// hole lacks one at least, and maxHoleSegments at most on average.
func (f followed) missing() uint64 {
	if f.holes == 0 {
		return 0
	}
	size := max(1, float64(f.bytes)/float64(f.segments))
	return min(max(f.holes, uint64(math.Round(float64(f.holeBytes)/size))), f.holes*maxHoleSegments)
}

// wilson is the score interval of a share (E. B. Wilson, 1927, J. Am. Stat. Assoc.
// 22): it stays inside 0 to 1 and means something where nothing was missing.
func wilson(some, all float64) (low, high float64) {
	if all <= 0 {
		return 0, 1
	}
	p, z2 := some/all, z95*z95
	middle := (p + z2/(2*all)) / (1 + z2/all)
	half := z95 / (1 + z2/all) * math.Sqrt(p*(1-p)/all+z2/(4*all*all))
	low, high = max(0, middle-half), min(1, middle+half)
	if some <= 0 {
		low = 0
	}
	return low, high
}

func beyond(share, own float64) float64 { return max(0, share-own) }

// percent writes a share for people, with two digits that mean something.
func percent(share float64) string {
	switch p := 100 * share; {
	case p == 0:
		return "0 %"
	case p < 0.01:
		return "0.01 %"
	case p < 1:
		return fmt.Sprintf("%.2f %%", p)
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}
