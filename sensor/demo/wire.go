package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/daemon"
)

const (
	// mirrorPort is the end of the wire at which the sensor listens.
	mirrorPort = "span0"
	// stage is the end at which the sample hospital speaks.
	stage = "stage0"
	// ringBytes is plenty for a hospital of twenty devices.
	ringBytes = 4 << 20
)

// wire is a veth pair in a network namespace without a name: nothing else on the
// machine hears what is said there, and the kernel takes all of it away with the
// program, however that ends.
type wire struct {
	ns       netns.NsHandle
	handle   *netlink.Handle
	link     netlink.Link // stage
	socket   int
	listens  chan struct{}
	announce sync.Once
}

var _ carrier = (*wire)(nil)

// openWire lays the wire. It needs CAP_NET_ADMIN and CAP_SYS_ADMIN.
func openWire() (*wire, error) {
	w := &wire{ns: netns.None(), socket: -1, listens: make(chan struct{})}
	err := apart(func() (err error) {
		if w.ns, err = netns.New(); err != nil {
			return fmt.Errorf("a network namespace: %w", err)
		}
		return w.lay()
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("a wire for the sample traffic: %w; run as root", err), w.Close())
	}
	return w, nil
}

// lay makes the pair and opens the stage. It runs inside the namespace.
func (w *wire) lay() (err error) {
	for _, scope := range []string{"all", "default"} {
		path := "/proc/sys/net/ipv6/conf/" + scope + "/disable_ipv6"
		if err := os.WriteFile(path, []byte("1"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("switch IPv6 off: %w", err)
		}
	}
	if w.handle, err = netlink.NewHandle(unix.NETLINK_ROUTE); err != nil {
		return err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = stage
	if err := w.handle.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: mirrorPort}); err != nil {
		return fmt.Errorf("a veth pair: %w", err)
	}
	if w.link, err = w.handle.LinkByName(stage); err != nil {
		return err
	}
	if err := errors.Join(w.handle.LinkSetARPOff(w.link), w.handle.LinkSetUp(w.link)); err != nil {
		return err
	}
	if w.socket, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("a packet socket: %w", err)
	}
	return unix.Bind(w.socket, &unix.SockaddrLinklayer{Ifindex: w.link.Attrs().Index})
}

func (w *wire) ready() <-chan struct{} { return w.listens }

// send implements carrier. Nothing of the frame is changed.
func (w *wire) send(_ context.Context, frame []byte) error {
	if _, err := unix.Write(w.socket, frame); err != nil {
		return fmt.Errorf("%s: %w", stage, err)
	}
	return nil
}

// open makes the mirror port mute and listens there, as on any other.
func (w *wire) open(_ configs.Tap, tap *sensor.Tap) (source daemon.TapSource, err error) {
	err = w.inside(func() error {
		live, err := capture.OpenLive(capture.LiveOptions{Interface: mirrorPort, RingBytes: ringBytes}, tap)
		source = wired{live, w}
		return err
	})
	if err != nil {
		return nil, err
	}
	w.announce.Do(func() { close(w.listens) })
	return source, nil
}

// wired is a live interface on the wire, which is put back where it is.
type wired struct {
	*capture.Live
	wire *wire
}

func (l wired) Close() error { return l.wire.inside(l.Live.Close) }

// returned is how many frames came out of the mirror port: none, ever.
func (w *wire) returned() (uint64, error) {
	now, err := w.handle.LinkByIndex(w.link.Attrs().Index)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", stage, err)
	}
	if now.Attrs().Statistics == nil {
		return 0, fmt.Errorf("%s: the kernel gives no counters for it", stage)
	}
	return now.Attrs().Statistics.RxPackets, nil
}

// Close lets go of the namespace, and with it of everything inside.
func (w *wire) Close() (err error) {
	if w.socket >= 0 {
		err = unix.Close(w.socket)
	}
	if w.handle != nil {
		w.handle.Close()
	}
	if w.ns.IsOpen() {
		err = errors.Join(err, w.ns.Close())
	}
	return err
}

// inside calls f in the wire's namespace.
func (w *wire) inside(f func() error) error {
	return apart(func() error {
		if err := netns.Set(w.ns); err != nil {
			return fmt.Errorf("enter the wire's network namespace: %w", err)
		}
		return f()
	})
}

// apart calls f on a thread that may change its network namespace, and brings the
// thread back. One that cannot be brought back stays locked and ends with its
// goroutine, so that no other ever finds itself there.
func apart(f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := netns.Get()
		if err != nil {
			runtime.UnlockOSThread()
			result <- fmt.Errorf("this network namespace: %w", err)
			return
		}
		err = f()
		if back := netns.Set(home); back != nil {
			err = errors.Join(err, fmt.Errorf("leave the network namespace: %w", back))
		} else {
			runtime.UnlockOSThread()
		}
		result <- errors.Join(err, home.Close())
	}()
	return <-result
}
