package capture

import (
	"github.com/auscult/auscult/bpf"
	"github.com/auscult/auscult/sensor"
)

// The simpler ways of dropping, for the tests that stand in for a kernel which
// refuses the better ones.
const (
	WayKernel = iota
	WayClassic
	WayMatchall
)

// OpenLiveFrom is OpenLive on a kernel that refuses the ways before first.
func OpenLiveFrom(first int, o LiveOptions, tap *sensor.Tap) (*Live, error) {
	return openLive(o, tap, func(l *link) []dropWay { return dropWays(l.handle)[first:] }, newShunt(o))
}

// OpenLiveRefused is OpenLive on a kernel that says no: to the program where load
// is an error, to an attachment where attach gives one.
func OpenLiveRefused(load error, attach func(driver bool) error, o LiveOptions, tap *sensor.Tap) (*Live, error) {
	s := newShunt(o)
	if load != nil {
		s.load = func(bpf.Options) (*bpf.Tap, error) { return nil, load }
	}
	if hook := s.hook; attach != nil {
		s.hook = func(t *bpf.Tap, index int, driver bool) (*bpf.Attachment, error) {
			if err := attach(driver); err != nil {
				return nil, err
			}
			return hook(t, index, driver)
		}
	}
	return openLive(o, tap, func(l *link) []dropWay { return dropWays(l.handle) }, s)
}

// MemoryRing is a ring without a socket: the test is the kernel.
type MemoryRing struct{ r *ring }

// NewMemoryRing divides memory into blocks.
func NewMemoryRing(memory []byte, size int, tap *sensor.Tap, unmap func()) MemoryRing {
	return MemoryRing{newRing(memory, size, tap, func([]byte) { unmap() })}
}

func (m MemoryRing) Next(f *sensor.Frame) bool { return m.r.next(f) }
func (m MemoryRing) Unreadable() uint64        { return m.r.reader.unreadable }
func (m MemoryRing) Close()                    { m.r.close() }
