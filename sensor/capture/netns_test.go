package capture_test

import (
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// near is the capture interface of the tests, far the other end of its cable.
const (
	near = "span0"
	far  = "wire0"
)

// newCable moves the test into a network namespace of its own, which ends with it,
// and lays a veth pair there: near is down and as the kernel made it, far is up and
// says nothing by itself.
func newCable(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make a network namespace")
	}
	runtime.LockOSThread()
	home, err := netns.Get()
	check(t, err)
	own, err := netns.New()
	if err != nil {
		runtime.UnlockOSThread()
		t.Skipf("cannot make a network namespace: %v", err)
	}
	t.Cleanup(func() {
		check(t, errors.Join(netns.Set(home), own.Close(), home.Close()))
		runtime.UnlockOSThread()
	})
	layCable(t)
}

func layCable(t testing.TB) {
	t.Helper()
	check(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: near}, PeerName: far}))
	quiet := find(t, far)
	check(t, os.WriteFile("/proc/sys/net/ipv6/conf/"+far+"/disable_ipv6", []byte("1"), 0))
	check(t, errors.Join(netlink.LinkSetARPOff(quiet), netlink.LinkSetUp(quiet)))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func find(t testing.TB, name string) netlink.Link {
	t.Helper()
	l, err := netlink.LinkByName(name)
	check(t, err)
	return l
}

// htons is v in network order.
func htons(v uint16) uint16 { return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v)) }

// packetSocket is a raw socket bound to an interface.
func packetSocket(t testing.TB, name string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, int(htons(unix.ETH_P_ALL)))
	check(t, err)
	t.Cleanup(func() { check(t, unix.Close(fd)) })
	check(t, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: htons(unix.ETH_P_ALL), Ifindex: find(t, name).Attrs().Index}))
	return fd
}

// send puts frames on an interface, the way any program may.
func send(t testing.TB, fd int, frames ...[]byte) {
	t.Helper()
	for _, f := range frames {
		if _, err := unix.Write(fd, f); err != nil && !errors.Is(err, unix.ENOBUFS) {
			t.Fatalf("send: %v", err)
		}
	}
}

// heard counts what arrives at a socket until it is silent for that long.
func heard(t testing.TB, fd int, silence time.Duration) (frames [][]byte) {
	t.Helper()
	timeout := unix.NsecToTimeval(silence.Nanoseconds())
	check(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout))
	for {
		b := make([]byte, 2048)
		n, from, err := unix.Recvfrom(fd, b, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return frames
		}
		if ll, ok := from.(*unix.SockaddrLinklayer); !ok || ll.Pkttype != unix.PACKET_OUTGOING {
			frames = append(frames, b[:n])
		}
	}
}

// condition is all of an interface that the sensor changes, as one text.
func condition(t testing.TB, name string) string {
	t.Helper()
	l := find(t, name)
	var s []string
	flags := l.Attrs().RawFlags & (unix.IFF_UP | unix.IFF_NOARP | unix.IFF_PROMISC)
	s = append(s, "flags", linkFlags(flags))
	for _, key := range []string{"addr_gen_mode", "disable_ipv6"} {
		b, err := os.ReadFile("/proc/sys/net/ipv6/conf/" + name + "/" + key)
		check(t, err)
		s = append(s, key, strings.TrimSpace(string(b)))
	}
	addresses, err := netlink.AddrList(l, netlink.FAMILY_ALL)
	check(t, err)
	for _, a := range addresses {
		s = append(s, "address", a.IPNet.String())
	}
	qdiscs, err := netlink.QdiscList(l)
	check(t, err)
	for _, q := range qdiscs {
		if q.Type() == "clsact" {
			s = append(s, "clsact")
		}
	}
	filters, err := netlink.FilterList(l, netlink.HANDLE_MIN_EGRESS)
	check(t, err)
	for _, f := range filters {
		s = append(s, "egress", f.Type())
	}
	if xdp := l.Attrs().Xdp; xdp != nil && xdp.Attached {
		s = append(s, "xdp", [...]string{"", "driver", "generic", "hardware", "several"}[xdp.AttachMode])
	}
	features, err := card(t, name).Features()
	check(t, err)
	for _, feature := range []string{"rx-gro", "rx-gro-list", "rx-udp-gro-forwarding", "rx-lro", "rx-vlan-hw-parse"} {
		if features[feature].Active {
			s = append(s, feature)
		}
	}
	return strings.Join(s, " ")
}

// card is what asks a card of the test's namespace.
func card(t testing.TB, name string) capture.Card {
	t.Helper()
	c, err := capture.OpenCard(name)
	check(t, err)
	t.Cleanup(func() { check(t, c.Close()) })
	return c
}

func linkFlags(f uint32) string {
	var s []string
	for _, one := range []struct {
		bit  uint32
		name string
	}{{unix.IFF_UP, "up"}, {unix.IFF_NOARP, "noarp"}, {unix.IFF_PROMISC, "promisc"}} {
		if f&one.bit != 0 {
			s = append(s, one.name)
		}
	}
	return strings.Join(s, "|")
}

// ethernet is a frame from one made-up station to another.
func ethernet(kind uint16, payload string) []byte {
	b := []byte{2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2}
	b = binary.BigEndian.AppendUint16(b, kind)
	return append(b, payload...)
}
