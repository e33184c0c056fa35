package capture

import (
	"time"

	"github.com/vishvananda/netlink"

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

// Ask is one ioctl of ethtool; the answer is written over the request.
type Ask = func(name string, request []byte) error

// Feature is one offload of a card.
type Feature struct{ Active, Changeable bool }

// Card is one interface behind ethtool, or a test that stands in for it.
type Card struct {
	name string
	tool *ethtool
}

// NewCard is a card that answers through ask.
func NewCard(name string, ask Ask) Card { return Card{name, &ethtool{ask: ask}} }

// OpenCard asks the kernel. The caller closes it.
func OpenCard(name string) (Card, error) {
	tool, err := openEthtool()
	return Card{name, tool}, err
}

func (c Card) Close() error                         { return c.tool.close() }
func (c Card) Speed() (uint32, error)               { return c.tool.speed(c.name) }
func (c Card) Change(feature string, on bool) error { return c.tool.change(c.name, feature, on) }
func (c Card) Features() (map[string]Feature, error) {
	known, err := c.tool.features(c.name)
	features := map[string]Feature{}
	for name, f := range known {
		features[name] = Feature{Active: f.active, Changeable: f.changeable}
	}
	return features, err
}

// Settle is what follows a plan's last step, where the driver has refused to switch
// these offloads off already. It gives the notes.
func Settle(c Card, refused ...string) []string {
	m := &mute{link: &link{name: c.name, tool: c.tool, handle: &netlink.Handle{}, link: &netlink.Dummy{}}, refused: map[string]bool{}}
	for _, name := range refused {
		m.refused[name] = true
	}
	m.settle()
	return m.notes
}

// MaxFeatures bounds how many offloads a kernel may count.
const MaxFeatures = maxFeatures

// Die lets go of the interface as the kernel does when a process is killed: nothing
// is put back.
func Die(l *Live) { l.mute.link.owner.release() }

// Due makes the next Stats look whether the egress drop stands.
func Due(l *Live) { l.mute.watched = time.Time{} }

// MaxJournal bounds a journal's file.
const MaxJournal = maxJournal

// ParseJournal gives the settings that a journal has.
func ParseJournal(b []byte) (Settings, error) {
	e, err := parseJournal(b)
	return e.Before, err
}
