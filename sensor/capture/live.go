package capture

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/auscult/auscult/sensor"
)

const (
	// MaxPollInterval bounds how long Next waits, so that the daemon ticks and stops
	// promptly.
	MaxPollInterval = 200 * time.Millisecond
	// DefaultRingBytes holds about half a second of a full gigabit.
	DefaultRingBytes = 64 << 20
	// MinRingBytes holds a few milliseconds of a full gigabit.
	MinRingBytes = 1 << 20
	// MaxRingBytes bounds what an operator may ask for: the kernel pins this memory.
	MaxRingBytes = 1 << 30
)

// ErrInterfaceDown says that the interface was switched off under the sensor, and
// ErrInterfaceGone that it exists no longer. Both end a Live: open it again.
var (
	ErrInterfaceDown = errors.New("the interface was switched off")
	ErrInterfaceGone = errors.New("the interface is gone")
)

// LiveOptions say what to listen to. Zero values take the defaults.
type LiveOptions struct {
	Interface string
	// AllowAddress lets an interface be opened although it holds an address. It is
	// made mute all the same: nothing more is sent from that address.
	AllowAddress bool
	// RingBytes is the kernel's buffer, from MinRingBytes to MaxRingBytes, rounded
	// down to whole blocks of 128 KiB.
	RingBytes int
	// PollInterval is how long Next waits before it says sensor.ErrIdle, from 1 ms
	// to MaxPollInterval.
	PollInterval time.Duration
	// Shunt says where the kernel program may drop what nobody needs to see; ""
	// is ShuntAuto.
	Shunt ShuntMode
	// Conversations and Ranges bound what the kernel program remembers; 0 takes
	// package bpf's defaults.
	Conversations, Ranges int
	// Journal is a folder of this sensor only. How the interface was found is kept
	// there while it is changed, so that a run after one that was killed can put that
	// back. It is made where it is missing; "" keeps nothing.
	Journal string
}

// withDefaults fills what is not set and checks what is.
func (o LiveOptions) withDefaults() (LiveOptions, error) {
	if o.RingBytes == 0 {
		o.RingBytes = DefaultRingBytes
	}
	if o.PollInterval == 0 {
		o.PollInterval = MaxPollInterval
	}
	switch {
	case o.Interface == "":
		return o, errors.New("no capture interface is named; name the one at the mirror port")
	case o.RingBytes < MinRingBytes || o.RingBytes > MaxRingBytes:
		return o, fmt.Errorf("interface %s: a ring of %d bytes; choose %d to %d", o.Interface, o.RingBytes, MinRingBytes, MaxRingBytes)
	case !o.Shunt.valid():
		return o, fmt.Errorf("interface %s: a shunt %q; choose auto, driver, generic, filter or off", o.Interface, o.Shunt)
	case o.PollInterval < time.Millisecond || o.PollInterval > MaxPollInterval:
		return o, fmt.Errorf("interface %s: a poll interval of %v; choose 1ms to %v", o.Interface, o.PollInterval, MaxPollInterval)
	}
	return o, nil
}

// Live gives the frames of a mute interface, and drops in the kernel what nobody
// needs. It is used from one goroutine, in the network namespace in which it was
// opened; only what implements sensor.Shunt may be called from others.
type Live struct {
	mute   *mute
	shunt  *shunt
	socket *packetSocket
	wait   time.Duration
	stats  sensor.SourceStats
	closed bool
}

var _ sensor.Source = (*Live)(nil)

// OpenLive makes the interface mute, then listens to it. The caller closes the
// Live, which puts back what was changed. It needs CAP_NET_ADMIN and CAP_NET_RAW,
// and CAP_BPF for exact drop counts and the shunt.
func OpenLive(o LiveOptions, tap *sensor.Tap) (*Live, error) {
	return openLive(o, tap, func(l *link) []dropWay { return dropWays(l.handle) }, newShunt(o))
}

func openLive(o LiveOptions, tap *sensor.Tap, ways func(*link) []dropWay, s *shunt) (*Live, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	on, err := openLink(o.Interface)
	if err != nil {
		return nil, err
	}
	l := &Live{mute: &mute{link: on, ways: ways(on), shunt: s}, shunt: s, wait: o.PollInterval}
	if err := l.open(o, tap); err != nil {
		on.close()
		return nil, err
	}
	return l, nil
}

func (l *Live) open(o LiveOptions, tap *sensor.Tap) error {
	state, err := l.mute.link.state()
	if err != nil {
		return err
	}
	before := l.mute.recall(state, o.Journal)
	plan, err := PlanMuteAfter(state, before, o)
	if err != nil {
		return err
	}
	l.mute.remember(before)
	if err := l.mute.apply(plan); err != nil {
		return err
	}
	if err := l.listen(o, tap); err != nil {
		err = fmt.Errorf("interface %s: open the packet ring: %w; run as root or with CAP_NET_RAW, "+
			"and with memory for %d bytes", o.Interface, err, o.RingBytes)
		return errors.Join(err, l.mute.undo())
	}
	return nil
}

// listen opens the ring.
func (l *Live) listen(o LiveOptions, tap *sensor.Tap) error {
	socket, err := openSocket(o.RingBytes, tap)
	if err != nil {
		return err
	}
	l.shunt.filter(socket)
	if err := socket.listen(l.mute.link.index()); err != nil {
		return errors.Join(err, socket.close())
	}
	l.socket = socket
	return nil
}

// Next waits for a frame, at most the poll interval. The wire time is the kernel's
// time stamp. A VLAN tag that the kernel took out comes as f.VLAN, all 16 bits of
// it, not in f.Data: putting it back would copy every tagged frame.
//
// f.Data lie in the ring. Next lets go of a block when it goes to the following
// one; while all blocks are held by others, it waits, and the kernel counts what
// finds no room.
func (l *Live) Next(f *sensor.Frame) error {
	if l.closed {
		return io.EOF
	}
	if !l.socket.ring.next(f) {
		if err := l.await(f); err != nil {
			return err
		}
	}
	l.stats.Frames++
	l.stats.Bytes += uint64(len(f.Data))
	return nil
}

// await waits for a frame where none stands in the ring.
func (l *Live) await(f *sensor.Frame) error {
	for begun := time.Now(); ; {
		left := l.wait - time.Since(begun)
		if left <= 0 {
			return sensor.ErrIdle
		}
		if err := l.socket.wait(left); err != nil {
			if err = l.explain(err); err != nil {
				return err
			}
		}
		if l.socket.ring.next(f) {
			return nil
		}
	}
}

// Notes tell what was done less well than planned when the interface was made
// mute and heard, one line each, for the log.
func (l *Live) Notes() []string { return slices.Concat(l.mute.notes, l.shunt.notes, l.socket.notes) }

// Stats says what was read and lost. Where a counter cannot be read, its last value
// stands.
//
// KernelDrops also has the frames of the ring that could not be read because the
// ring contradicted itself.
//
// TransmitTried comes from the egress drop. Transmitted is the driver's counter of
// sent packets since the drop was put in place. The drop stands before the driver,
// so the driver never counts what was dropped, and nothing has to be taken off:
// what it counts did leave, past the drop (a packet socket that bypasses the
// queue, an XDP program that sends, the card's firmware).
func (l *Live) Stats() sensor.SourceStats {
	if l.closed {
		return l.stats
	}
	l.socket.count()
	l.stats.KernelDrops = l.socket.drops + l.socket.ring.reader.unreadable
	l.stats.RingFreezes = l.socket.freezes
	if tried, err := l.mute.tried(); err == nil {
		l.stats.TransmitTried = tried
	}
	l.mute.watch()
	if now, err := l.mute.link.counters(); err == nil {
		l.stats.Transmitted = max(l.stats.Transmitted, l.mute.transmitted(now))
		l.stats.InterfaceDrops = max(l.stats.InterfaceDrops, l.mute.missed(now))
	}
	if frames, bytes, err := l.shunt.shunted(); err == nil {
		l.stats.ShuntedFrames, l.stats.ShuntedBytes = frames, bytes
	}
	l.shunt.sweep()
	return l.stats
}

// Close stops listening and puts the interface back as it was found. The last
// Stats stay readable, and so do the frames of blocks that are held.
func (l *Live) Close() error {
	if l.closed {
		return nil
	}
	l.Stats()
	l.closed = true
	err := errors.Join(l.socket.close(), l.mute.undo())
	l.mute.link.close()
	return err
}
