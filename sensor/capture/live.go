package capture

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/afpacket"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
)

const (
	// MaxPollInterval bounds how long Next waits, so that the daemon ticks and stops
	// promptly.
	MaxPollInterval = 200 * time.Millisecond
	// DefaultRingBytes holds about half a second of a full gigabit.
	DefaultRingBytes = 64 << 20
	// MaxRingBytes bounds what an operator may ask for: the kernel pins this memory.
	MaxRingBytes = 1 << 30
	// ringBlock is what the kernel hands over at once: more than the largest frame
	// that receive offloads can put together (64 KiB and its header).
	ringBlock = 1 << 20
	// ringSlot is what the ring reader wants to know; version 3 packs frames.
	ringSlot = 4 << 10
	// blockTimeout is how long a frame waits in a block that does not fill up.
	blockTimeout = 20 * time.Millisecond
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
	// RingBytes is the kernel's buffer, from 1 MiB to MaxRingBytes, rounded down to
	// whole MiB.
	RingBytes int
	// PollInterval is how long Next waits before it says sensor.ErrIdle, from 1 ms
	// to MaxPollInterval.
	PollInterval time.Duration
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
	case o.RingBytes < ringBlock || o.RingBytes > MaxRingBytes:
		return o, fmt.Errorf("interface %s: a ring of %d bytes; choose %d to %d", o.Interface, o.RingBytes, ringBlock, MaxRingBytes)
	case o.PollInterval < time.Millisecond || o.PollInterval > MaxPollInterval:
		return o, fmt.Errorf("interface %s: a poll interval of %v; choose 1ms to %v", o.Interface, o.PollInterval, MaxPollInterval)
	}
	return o, nil
}

// Live gives the frames of a mute interface. It is used from one goroutine, in the
// network namespace in which it was opened.
type Live struct {
	mute   *mute
	ring   *afpacket.TPacket
	tap    *sensor.Tap
	stats  sensor.SourceStats
	closed bool
}

var _ sensor.Source = (*Live)(nil)

// OpenLive makes the interface mute, then listens to it. The caller closes the
// Live, which puts back what was changed. It needs CAP_NET_ADMIN and CAP_NET_RAW,
// and CAP_BPF for exact drop counts.
func OpenLive(o LiveOptions, tap *sensor.Tap) (*Live, error) {
	return openLive(o, tap, func(l *link) []dropWay { return dropWays(l.handle) })
}

func openLive(o LiveOptions, tap *sensor.Tap, ways func(*link) []dropWay) (*Live, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	on, err := openLink(o.Interface)
	if err != nil {
		return nil, err
	}
	l := &Live{mute: &mute{link: on, ways: ways(on)}, tap: tap}
	if err := l.open(o); err != nil {
		on.close()
		return nil, err
	}
	return l, nil
}

func (l *Live) open(o LiveOptions) error {
	state, err := l.mute.link.state()
	if err != nil {
		return err
	}
	plan, err := PlanMute(state, o)
	if err != nil {
		return err
	}
	if err := l.mute.apply(plan); err != nil {
		return err
	}
	l.ring, err = afpacket.NewTPacket(
		afpacket.OptInterface(o.Interface), afpacket.TPacketVersion3,
		afpacket.OptFrameSize(ringSlot), afpacket.OptBlockSize(ringBlock), afpacket.OptNumBlocks(o.RingBytes/ringBlock),
		afpacket.OptBlockTimeout(blockTimeout), afpacket.OptPollTimeout(o.PollInterval),
	)
	if err != nil {
		err = fmt.Errorf("interface %s: open the packet ring: %w; run as root or with CAP_NET_RAW, "+
			"and with memory for %d bytes", o.Interface, err, o.RingBytes)
		return errors.Join(err, l.mute.undo())
	}
	return nil
}

// Next waits for a frame, at most the poll interval. The wire time is the kernel's
// time stamp. A VLAN tag that the kernel took out comes as f.VLAN, not in f.Data:
// putting it back would copy every tagged frame. The ring reader hands the VLAN
// number only (12 bits, without priority), and allocates twice for a tagged frame.
func (l *Live) Next(f *sensor.Frame) error {
	if l.closed {
		return io.EOF
	}
	data, info, err := l.ring.ZeroCopyReadPacketData()
	if err != nil {
		return l.explain(err)
	}
	l.stats.Frames++
	l.stats.Bytes += uint64(len(data))
	*f = sensor.Frame{
		Data: data, Length: max(info.Length, len(data)), When: info.Timestamp.UTC(),
		Link: sensor.LinkEthernet, Tap: l.tap,
	}
	f.VLAN, f.VLANTagged = vlanOf(&info)
	return nil
}

// vlanOf is the tag that the kernel took out of the frame.
func vlanOf(info *gopacket.CaptureInfo) (uint16, bool) {
	for _, extra := range info.AncillaryData {
		if tag, ok := extra.(afpacket.AncillaryVLAN); ok {
			return uint16(tag.VLAN), true
		}
	}
	return 0, false
}

// explain says what an error of the ring means for the interface.
func (l *Live) explain(err error) error {
	if errors.Is(err, afpacket.ErrTimeout) || errors.Is(err, unix.EINTR) {
		return sensor.ErrIdle
	}
	name := l.mute.link.name
	now, linkErr := l.mute.link.handle.LinkByIndex(l.mute.link.link.Attrs().Index)
	switch {
	case linkErr != nil:
		return fmt.Errorf("interface %s: %w; see whether the card is there: ip link", name, ErrInterfaceGone)
	case now.Attrs().Flags&net.FlagUp == 0:
		return fmt.Errorf("interface %s: %w; switch it on and open it again: ip link set %s up", name, ErrInterfaceDown, name)
	}
	return fmt.Errorf("interface %s: read the packet ring: %w; open it again", name, err)
}

// Link reports whether the interface is up and has a carrier: false means that the
// cable, the switch or the far port is not there.
func (l *Live) Link() (up bool) {
	now, err := l.mute.link.handle.LinkByIndex(l.mute.link.link.Attrs().Index)
	if err != nil {
		return false
	}
	const need = unix.IFF_UP | unix.IFF_RUNNING | unix.IFF_LOWER_UP
	return now.Attrs().RawFlags&need == need
}

// Notes tell what was done less well than planned when the interface was made
// mute, one line each, for the log.
func (l *Live) Notes() []string { return l.mute.notes }

// Stats says what was read and lost. Where a counter cannot be read, its last value
// stands.
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
	if _, ring, err := l.ring.SocketStats(); err == nil {
		l.stats.KernelDrops = uint64(ring.Drops())
		l.stats.RingFreezes = uint64(ring.QueueFreezes())
	}
	if tried, err := l.mute.tried(); err == nil {
		l.stats.TransmitTried = tried
	}
	if sent, err := l.mute.transmitted(); err == nil {
		l.stats.Transmitted = sent
	}
	return l.stats
}

// Close stops listening and puts the interface back as it was found. The last
// Stats stay readable.
func (l *Live) Close() error {
	if l.closed {
		return nil
	}
	l.Stats()
	l.closed = true
	l.ring.Close()
	err := l.mute.undo()
	l.mute.link.close()
	return err
}
