package daemon_test

import (
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/testbed"
)

// wire is a cable in a network of its own: what is played at one end is heard at
// the other, span0, and nobody else speaks there.
type wire struct {
	t    testing.TB
	host *testbed.Host
	fd   int
	to   *unix.SockaddrLinklayer
}

func newWire(t testing.TB) *wire {
	t.Helper()
	w := &wire{t: t, host: testbed.New(t).AddHost("sensor", "", "")}
	w.host.Run("ip", "link", "add", "wire0", "type", "veth", "peer", "name", testbed.MirrorInterface)
	w.host.Run("ip", "link", "set", "wire0", "arp", "off", "up")
	err := w.host.Do(func() error {
		link, err := net.InterfaceByName("wire0")
		if err != nil {
			return err
		}
		w.to = &unix.SockaddrLinklayer{Ifindex: link.Index}
		w.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(w.fd) })
	return w
}

// tap is the configuration of the end that hears.
const tap = "taps: [{name: core, interface: " + testbed.MirrorInterface + ", where: Core switch}]\n"

// play sends frames, one a millisecond, and returns when the last one left.
func (w *wire) play(f *film) time.Time {
	w.t.Helper()
	for _, x := range f.Frames {
		if err := unix.Sendto(w.fd, x.Data, 0, w.to); err != nil {
			w.t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Now()
}

// burst sends frames as fast as a few hosts would, one after the other.
func (w *wire) burst(f *film) {
	w.t.Helper()
	for i, x := range f.Frames {
		if err := unix.Sendto(w.fd, x.Data, 0, w.to); err != nil {
			w.t.Fatal(err)
		}
		if i%20 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
}

// await waits until the box's tap is open.
func (w *wire) await(b *box) {
	w.t.Helper()
	b.await("the tap listens", func() bool { s, _ := b.get("/readyz", "", ""); return s == 200 })
}

// sendRaw sends one frame out of the mirror port of this network.
func sendRaw() error {
	link, err := net.InterfaceByName(testbed.MirrorInterface)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	sent := unix.Sendto(fd, make([]byte, 60), 0, &unix.SockaddrLinklayer{Ifindex: link.Index})
	return errors.Join(sent, unix.Close(fd))
}
