package capture

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auscult/auscult/bpf"
)

// ShuntMode says where the kernel program may be attached: there, or at a simpler
// place behind it when that is refused.
type ShuntMode string

// The shunt modes, from the best: the earlier a frame is dropped, the less it has
// cost.
const (
	ShuntAuto    ShuntMode = "auto"    // the best that the kernel and the driver take
	ShuntDriver  ShuntMode = "driver"  // XDP in the driver, before the kernel makes a packet of the frame
	ShuntGeneric ShuntMode = "generic" // XDP in the kernel, before packet sockets see the frame
	ShuntFilter  ShuntMode = "filter"  // a filter at the ring's socket, before the copy
	ShuntOff     ShuntMode = "off"     // nothing is loaded or dropped
)

// modeNone is what Mode says when nothing is dropped.
const modeNone = "none"

// orAuto is the mode with its default.
func (m ShuntMode) orAuto() ShuntMode {
	if m == "" {
		return ShuntAuto
	}
	return m
}

func (m ShuntMode) valid() bool {
	switch m.orAuto() {
	case ShuntAuto, ShuntDriver, ShuntGeneric, ShuntFilter, ShuntOff:
		return true
	}
	return false
}

// sweepEvery is how often ranges whose time is over are taken out of the kernel.
// They do nothing there but take room.
const sweepEvery = 5 * time.Second

// shunt is the kernel program of one capture. Nothing that it cannot do stops the
// capture: it is told in notes.
type shunt struct {
	load    func(bpf.Options) (*bpf.Tap, error)
	hook    func(t *bpf.Tap, index int, driver bool) (*bpf.Attachment, error)
	options bpf.Options
	name    string // of the interface

	mu  sync.RWMutex // held for reading by whoever uses tap, for writing to close it
	tap *bpf.Tap     // nil: nothing is dropped

	at       *bpf.Attachment // nil: not attached by XDP
	mode     string
	notes    []string
	swept    time.Time
	unplaced atomic.Uint64
	batches  sync.Pool // of *[]bpf.Range
}

func newShunt(o LiveOptions) *shunt {
	return &shunt{
		load:    bpf.LoadTap,
		hook:    func(t *bpf.Tap, index int, driver bool) (*bpf.Attachment, error) { return t.AttachXDP(index, driver) },
		options: bpf.Options{Conversations: o.Conversations, Ranges: o.Ranges},
		name:    o.Interface, mode: modeNone,
	}
}

// attach loads the program and attaches it by XDP, or leaves it to the socket
// filter.
func (s *shunt) attach(index int, where ShuntMode) error {
	tap, err := s.load(s.options)
	if err != nil {
		s.note("the kernel program was not loaded, so nothing is dropped in the kernel and every frame is read: %v", err)
		return nil
	}
	s.tap = tap
	s.mode = string(ShuntFilter)
	for _, driver := range xdpModes(where) {
		at, err := s.hook(tap, index, driver)
		if err == nil {
			s.at, s.mode = at, xdpName(driver)
			return nil
		}
		s.note("the kernel program was not attached as %s XDP: %v; %s", xdpName(driver), err, xdpNeeds(driver))
	}
	return nil
}

// xdpModes are the XDP modes to be tried, true for the driver's.
func xdpModes(where ShuntMode) []bool {
	switch where {
	case ShuntFilter:
		return nil
	case ShuntGeneric:
		return []bool{false}
	}
	return []bool{true, false}
}

func xdpName(driver bool) string {
	if driver {
		return string(ShuntDriver)
	}
	return string(ShuntGeneric)
}

// xdpNeeds says what an attachment takes.
func xdpNeeds(driver bool) string {
	if driver {
		return "it needs Linux 5.9, CAP_NET_ADMIN and a driver with XDP for this MTU and these queues; the next best is tried"
	}
	return "it needs Linux 5.9 and CAP_NET_ADMIN; the socket filter is tried"
}

func (s *shunt) note(format string, a ...any) {
	s.notes = append(s.notes, "interface "+s.name+": "+fmt.Sprintf(format, a...))
}

// early reports whether the program sees frames before the kernel has put their
// tag back or taken it out.
func (s *shunt) early() bool { return s.at != nil }

// filter puts the program to the ring's socket, where XDP did not take it.
func (s *shunt) filter(socket *packetSocket) {
	if s.tap == nil || s.at != nil {
		return
	}
	err := socket.filter(s.tap.FilterFD())
	if err == nil {
		return
	}
	s.note("the kernel program was not attached as socket filter, so nothing is dropped in the kernel and every frame is read: "+
		"%v; it needs Linux 5.10 and CAP_BPF", err)
	s.mode = modeNone
	if err := s.close(); err != nil {
		s.note("%v", err)
	}
}

// close detaches the program. Ranges that come later are for nobody.
func (s *shunt) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.at != nil {
		err = s.at.Close()
		s.at = nil
	}
	if s.tap != nil {
		err = errors.Join(err, s.tap.Close())
		s.tap = nil
	}
	return err
}
