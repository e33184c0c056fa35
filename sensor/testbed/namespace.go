package testbed

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// portPatience is how long a server gets to open its port.
const portPatience = 20 * time.Second

// Do calls f inside the host's network: sockets that f opens, and programs that it
// starts, belong there, and stay there after f has returned. f must not start
// goroutines that open sockets.
func (h *Host) Do(f func() error) error { return within(h.Namespace, f) }

// within calls f on a thread of its own and brings the thread back afterwards. A
// thread that cannot be brought back stays locked, so that no other goroutine ever
// finds itself in the namespace.
func within(ns string, f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		home, err := netns.Get()
		if err != nil {
			runtime.UnlockOSThread()
			result <- fmt.Errorf("this namespace: %w", err)
			return
		}
		err = enter(ns, f)
		if back := netns.Set(home); back != nil {
			err = errors.Join(err, fmt.Errorf("leave namespace %s: %w", ns, back))
		} else {
			runtime.UnlockOSThread()
		}
		result <- errors.Join(err, home.Close())
	}()
	return <-result
}

func enter(ns string, f func() error) error {
	handle, err := netns.GetFromName(ns)
	if err != nil {
		return fmt.Errorf("namespace %s: %w", ns, err)
	}
	if err := netns.Set(handle); err != nil {
		return errors.Join(fmt.Errorf("enter namespace %s: %w", ns, err), handle.Close())
	}
	return errors.Join(f(), handle.Close())
}

// WaitPort waits until something answers at a TCP address, asked from inside the
// host ("10.1.2.3:104"), and fails the test when nothing does.
func (h *Host) WaitPort(address string) {
	h.bed.t.Helper()
	err := h.Do(func() error {
		var err error
		for end := time.Now().Add(portPatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			var c net.Conn
			if c, err = net.DialTimeout("tcp", address, time.Second); err == nil {
				return c.Close()
			}
		}
		return err
	})
	if err != nil {
		h.bed.t.Fatalf("testbed: nothing answers at %s within %v: %v", address, portPatience, err)
	}
}

// Ping sends one echo request (RFC 792) to another host and waits for its reply.
func (h *Host) Ping(to *Host) error {
	return h.Do(func() error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
		if err != nil {
			return err
		}
		return errors.Join(echo(fd, to.Address.Addr().As4()), unix.Close(fd))
	})
}

func echo(fd int, to [4]byte) error {
	const request, reply = 8, 0
	wait := unix.Timeval{Sec: 2}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return err
	}
	// Identifier and sequence are 0, so the checksum is the complement of the type.
	message := []byte{request, 0, 0xf7, 0xff, 0, 0, 0, 0}
	if err := unix.Sendto(fd, message, 0, &unix.SockaddrInet4{Addr: to}); err != nil {
		return err
	}
	var b [128]byte
	for {
		n, _, err := unix.Recvfrom(fd, b[:], 0)
		if err != nil {
			return fmt.Errorf("no echo reply: %w", err)
		}
		if n > 20 && b[int(b[0]&15)*4] == reply {
			return nil
		}
	}
}

// mac reads the address that the kernel gave to the host's interface.
func (h *Host) mac() string {
	h.bed.t.Helper()
	var mac string
	err := h.Do(func() error {
		l, err := netlink.LinkByName(HostInterface)
		if err == nil {
			mac = l.Attrs().HardwareAddr.String()
		}
		return err
	})
	if err != nil {
		h.bed.t.Fatalf("testbed: MAC of %s: %v", h.Name, err)
	}
	return mac
}

// transmitted is how many frames an interface of this namespace has sent.
func transmitted(name string) (uint64, error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return 0, err
	}
	return l.Attrs().Statistics.TxPackets, nil
}
