package bpf_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/bpf"
)

// near is where the tap is attached, far the other end of its cable.
const (
	near = "tap0"
	far  = "wire0"
)

// childVariable asks the test program to attach to that interface and wait.
const childVariable = "AUSCULT_TEST_ATTACH"

// newCable moves the test into a network namespace of its own, which ends with it,
// and lays a veth pair there, both ends up.
func newCable(t *testing.T) (nearIndex int) {
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
	check(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: near}, PeerName: far}))
	for _, name := range []string{near, far} {
		check(t, os.WriteFile("/proc/sys/net/ipv6/conf/"+name+"/disable_ipv6", []byte("1"), 0))
		check(t, netlink.LinkSetUp(find(t, name)))
	}
	return find(t, near).Attrs().Index
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, name string) netlink.Link {
	t.Helper()
	l, err := netlink.LinkByName(name)
	check(t, err)
	return l
}

// attached is the name of the program at an interface.
func attached(t *testing.T, ifindex int) string {
	t.Helper()
	name, id, err := bpf.XDPAttached(ifindex)
	check(t, err)
	if (name == "") != (id == 0) {
		t.Errorf("program %d is named %q", id, name)
	}
	return name
}

// everything is ETH_P_ALL in network order.
const everything = unix.ETH_P_ALL << 8

// socketAt is a packet socket at an interface that gives up reading soon.
func socketAt(t *testing.T, name string) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, everything)
	check(t, err)
	t.Cleanup(func() { check(t, unix.Close(fd)) })
	check(t, unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: find(t, name).Attrs().Index}))
	soon := unix.NsecToTimeval((200 * time.Millisecond).Nanoseconds())
	check(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &soon))
	return fd
}

// heardOf sends frames over the cable and says how many of them arrive at a socket.
func heardOf(t *testing.T, socket int, frames ...[]byte) (n int) {
	t.Helper()
	sender := socketAt(t, far)
	for _, f := range frames {
		_, err := unix.Write(sender, f)
		check(t, err)
	}
	b := make([]byte, 2048)
	for {
		size, _, err := unix.Recvfrom(socket, b, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return n
		case size > 14 && be.Uint16(b[12:]) == typeIPv4:
			n++
		}
	}
}

// oneOfThree are a frame that passes and two that are dropped, after skipSome.
func oneOfThree() [][]byte {
	way := tcpWay(ends["IPv4"])
	return [][]byte{
		ether(packetOf(way, segment{seq: 5000, flags: ack, payload: 40})),
		ether(packetOf(way, segment{seq: 1500, flags: ack, payload: 40})),
		ether(packetOf(udpWay(ends["IPv4"]), segment{payload: 40})),
	}
}

func TestAttachToAnInterface(t *testing.T) {
	for name, driver := range map[string]bool{"driver": true, "generic": false} {
		t.Run(name, func(t *testing.T) {
			index := newCable(t)
			tap := loadTap(t)
			skipSome(t, engine{tap: tap})
			socket := socketAt(t, near)
			held, err := tap.AttachXDP(index, driver)
			check(t, err)
			if got := attached(t, index); got != bpf.XDPName {
				t.Errorf("%q is attached, want %q", got, bpf.XDPName)
			}
			wantMode := uint32(nl.XDP_ATTACHED_SKB)
			if driver {
				wantMode = nl.XDP_ATTACHED_DRV
			}
			if got := find(t, near).Attrs().Xdp.AttachMode; got != wantMode {
				t.Errorf("attached in mode %d, want %d", got, wantMode)
			}
			if got := heardOf(t, socket, oneOfThree()...); got != 1 {
				t.Errorf("%d of three frames arrive, want the one that nobody skips", got)
			}
			if totals, err := tap.Totals(); err != nil || totals.Dropped().Packets != 2 {
				t.Errorf("%d dropped, want 2: %v", totals.Dropped().Packets, err)
			}
			check(t, held.Close())
			if got := attached(t, index); got != "" {
				t.Errorf("%q is still attached after Close", got)
			}
			if got := heardOf(t, socket, oneOfThree()...); got != 3 {
				t.Errorf("%d of three frames arrive after Close, want all", got)
			}
		})
	}
}

func TestAttachToASocket(t *testing.T) {
	newCable(t)
	tap := loadTap(t)
	skipSome(t, engine{tap: tap})
	socket := socketAt(t, near)
	check(t, unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_ATTACH_BPF, tap.FilterFD()))
	if got := heardOf(t, socket, oneOfThree()...); got != 1 {
		t.Errorf("%d of three frames arrive, want the one that nobody skips", got)
	}
}

func TestKilledProcessLeavesNothing(t *testing.T) {
	index := newCable(t)
	child := exec.Command(os.Args[0], "-test.run=^TestAttachInAChild$", "-test.v")
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childVariable, index))
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "attached") {
		t.Log(lines.Text())
	}
	if got := attached(t, index); got != bpf.XDPName {
		t.Errorf("%q is attached by the child, want %q", got, bpf.XDPName)
	}
	_, err = loadTap(t).AttachXDP(index, true)
	if err == nil || !strings.Contains(err.Error(), "another process of ours") {
		t.Errorf("attached beside a living process of ours: %v", err)
	}
	check(t, child.Process.Kill())
	_ = child.Wait() // it was killed
	for range 100 {
		if attached(t, index) == "" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%q is still attached two seconds after its process was killed", attached(t, index))
}

// TestAttachInAChild is the child of the test before.
func TestAttachInAChild(t *testing.T) {
	index, err := strconv.Atoi(os.Getenv(childVariable))
	if err != nil {
		t.Skip("only as the child of TestKilledProcessLeavesNothing")
	}
	if _, err := loadTap(t).AttachXDP(index, true); err != nil {
		t.Fatal(err)
	}
	fmt.Println("attached")
	time.Sleep(time.Minute)
}

func TestStaleProgramOfOursIsReplaced(t *testing.T) {
	for name, flags := range map[string]int{"driver": nl.XDP_FLAGS_DRV_MODE, "generic": nl.XDP_FLAGS_SKB_MODE} {
		t.Run(name, func(t *testing.T) {
			index := newCable(t)
			stale, _ := loadTap(t).Programs()
			check(t, netlink.LinkSetXdpFdWithFlags(find(t, near), stale.FD(), flags))
			_, before, err := bpf.XDPAttached(index)
			check(t, err)
			held, err := loadTap(t).AttachXDP(index, true)
			check(t, err)
			if name, after, err := bpf.XDPAttached(index); name != bpf.XDPName || after == before || err != nil {
				t.Errorf("%q (%d) is attached in place of %d: %v", name, after, before, err)
			}
			check(t, held.Close())
		})
	}
}

func TestProgramOfOthersIsLeftAlone(t *testing.T) {
	index := newCable(t)
	theirs, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "balancer", Type: ebpf.XDP, License: "MIT",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 2), asm.Return()},
	})
	check(t, err)
	defer func() { check(t, theirs.Close()) }()
	held, err := link.AttachXDP(link.XDPOptions{Program: theirs, Interface: index})
	check(t, err)
	defer func() { check(t, held.Close()) }()
	_, err = loadTap(t).AttachXDP(index, false)
	if err == nil {
		t.Fatal("attached over a program of others")
	}
	for _, want := range []string{`"balancer"`, "ip link set dev " + near + " xdp off"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if got := attached(t, index); got != "balancer" {
		t.Errorf("%q is attached, want theirs", got)
	}
}

func TestAttachToNothing(t *testing.T) {
	newCable(t)
	if _, err := loadTap(t).AttachXDP(9999, true); err == nil || !strings.Contains(err.Error(), "interface 9999") {
		t.Errorf("attached to an interface that is not there: %v", err)
	}
	if _, _, err := bpf.XDPAttached(9999); err == nil {
		t.Error("an interface that is not there has a program")
	}
}
