package capture_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// silence is longer than the kernel waits before it speaks on a new interface:
// multicast reports and the search for a router come within a second.
const silence = 1500 * time.Millisecond

// TestUnmutedInterfaceSpeaks shows that the far end of the tests' cable hears what
// an interface says by itself, so that its silence elsewhere means something.
func TestUnmutedInterfaceSpeaks(t *testing.T) {
	newCable(t)
	ear := packetSocket(t, far)
	check(t, netlink.LinkSetUp(find(t, near)))
	if len(heard(t, ear, silence)) == 0 {
		t.Error("an interface that is not mute said nothing: the tests of silence prove nothing")
	}
}

func TestInvariant01Mute(t *testing.T) {
	newCable(t)
	ear := packetSocket(t, far)
	live := openLive(t, small())
	if said := heard(t, ear, silence); len(said) != 0 {
		t.Fatalf("bringing the interface up sent %d frames", len(said))
	}
	quiet := live.Stats().TransmitTried

	attempts := speak(t)
	if said := heard(t, ear, 200*time.Millisecond); len(said) != 0 {
		t.Errorf("%d frames left the capture interface", len(said))
	}
	s := live.Stats()
	if s.TransmitTried < quiet+attempts {
		t.Errorf("%d frames dropped on the way out, at least %d were tried", s.TransmitTried-quiet, attempts)
	}
	if s.Transmitted != 0 {
		t.Errorf("%d frames said to have left", s.Transmitted)
	}
}

// speak tries to send from the capture interface in the ways that an accident
// would, and says how often.
func speak(t *testing.T) uint64 {
	t.Helper()
	raw := packetSocket(t, near)
	const arpRequest = "\x00\x01\x08\x00\x06\x04\x00\x01\x02\x00\x00\x00\x00\x02\x0a\x63\x00\x01\x00\x00\x00\x00\x00\x00\x0a\x63\x00\x02"
	send(t, raw, ethernet(0x0806, arpRequest), ethernet(experimental, "raw"))

	// Somebody gives it an address by mistake, and an echo request is sent.
	address, err := netlink.ParseAddr("10.99.0.1/24")
	check(t, err)
	check(t, netlink.AddrAdd(find(t, near), address))
	ping, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_ICMP)
	check(t, err)
	defer func() { check(t, unix.Close(ping)) }()
	echo := []byte{8, 0, 0xf7, 0xff, 0, 0, 0, 0}
	err = unix.Sendto(ping, echo, 0, &unix.SockaddrInet4{Addr: [4]byte{10, 99, 0, 2}})
	if err != nil && !errors.Is(err, unix.ENOBUFS) {
		t.Fatalf("echo request: %v", err)
	}
	return 3
}

// TestInvariant01MuteCounterIsWatched sends past the drop: it must not go unseen.
func TestInvariant01MuteCounterIsWatched(t *testing.T) {
	newCable(t)
	ear := packetSocket(t, far)
	live := openLive(t, small())
	raw := packetSocket(t, near)
	bypass(t, raw)
	send(t, raw, ethernet(experimental, "one"), ethernet(experimental, "two"))
	if got := len(heard(t, ear, 200*time.Millisecond)); got != 2 {
		t.Fatalf("%d frames went past the drop, 2 were to", got)
	}
	if s := live.Stats(); s.Transmitted != 2 || s.TransmitTried != 0 {
		t.Errorf("%+v, want 2 transmitted", s)
	}
}

func TestInvariant01MuteWithSimplerDrops(t *testing.T) {
	for name, way := range map[string]int{"classic": capture.WayClassic, "matchall": capture.WayMatchall} {
		t.Run(name, func(t *testing.T) {
			newCable(t)
			before := condition(t, near)
			live, err := capture.OpenLiveFrom(way, small(), tap)
			if err != nil {
				refusal(t, err, before)
				t.Skipf("this kernel has no such filter: %v", err)
			}
			ear := packetSocket(t, far)
			attempts := speak(t)
			if said := heard(t, ear, 200*time.Millisecond); len(said) != 0 {
				t.Errorf("%d frames left the capture interface", len(said))
			}
			if s := live.Stats(); s.TransmitTried < attempts || s.Transmitted != 0 {
				t.Errorf("%+v, want at least %d tried", s, attempts)
			}
			check(t, live.Close())
			address, err := netlink.ParseAddr("10.99.0.1/24")
			check(t, err)
			check(t, netlink.AddrDel(find(t, near), address))
			if after := condition(t, near); after != before {
				t.Errorf("was  %s\nleft %s", before, after)
			}
		})
	}
}

// refusal holds that an interface which cannot be made mute is left as it was.
func refusal(t *testing.T, err error, before string) {
	t.Helper()
	for _, want := range []string{"interface span0", "nothing can drop", "CAP_NET_ADMIN"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

// TestStaleFilterIsTakenOver opens an interface that a crashed run left muted.
func TestStaleFilterIsTakenOver(t *testing.T) {
	for name, way := range map[string]int{"kernel program": capture.WayKernel, "classic": capture.WayClassic} {
		t.Run(name, func(t *testing.T) {
			newCable(t)
			// A run that never closes is what a crash leaves behind.
			crashed, err := capture.OpenLiveFrom(way, small(), tap)
			check(t, err)
			capture.Die(crashed)
			defer func() { _ = crashed.Close() }() // its filter is gone by then

			live := openLive(t, small())
			if got := strings.Count(condition(t, near), "egress"); got != 1 {
				t.Errorf("%d egress filters, want one: %s", got, condition(t, near))
			}
			attempts := speak(t)
			if s := live.Stats(); s.TransmitTried < attempts || s.Transmitted != 0 {
				t.Errorf("%+v, want at least %d tried", s, attempts)
			}
			check(t, live.Close())
			if left := condition(t, near); strings.Contains(left, "egress") || strings.Contains(left, "clsact") {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// TestForeignFilterStays refuses an interface on whose way out somebody else's
// filter stands, and leaves it there.
func TestForeignFilterStays(t *testing.T) {
	newCable(t)
	link := find(t, near)
	check(t, netlink.QdiscAdd(&netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: link.Attrs().Index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0)}}))
	check(t, netlink.FilterAdd(&netlink.U32{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: link.Attrs().Index, Parent: netlink.HANDLE_MIN_EGRESS, Priority: 5, Protocol: unix.ETH_P_ALL},
		Actions:     []netlink.Action{netlink.NewMirredAction(find(t, far).Attrs().Index)},
	}))
	before := condition(t, near)
	_, err := capture.OpenLive(small(), tap)
	if err == nil || !strings.Contains(err.Error(), "a u32 filter (priority 5)") {
		t.Errorf("%v", err)
	}
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}
