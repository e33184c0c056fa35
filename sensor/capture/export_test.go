package capture

import "github.com/auscult/auscult/sensor"

// The simpler ways of dropping, for the tests that stand in for a kernel which
// refuses the better ones.
const (
	WayKernel = iota
	WayClassic
	WayMatchall
)

// OpenLiveFrom is OpenLive on a kernel that refuses the ways before first.
func OpenLiveFrom(first int, o LiveOptions, tap *sensor.Tap) (*Live, error) {
	return openLive(o, tap, func(l *link) []dropWay { return dropWays(l.handle)[first:] })
}
