package capture_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// Offloads that put frames together are off while the sensor listens, and as before
// afterwards.
func TestLiveSwitchesOffloadsOff(t *testing.T) {
	for _, mode := range append(modes(), capture.ShuntOff) {
		for _, on := range []bool{false, true} {
			t.Run(string(mode), func(t *testing.T) {
				newCable(t)
				for _, feature := range []string{"rx-gro", "rx-udp-gro-forwarding", "rx-vlan-hw-parse"} {
					check(t, card(t, near).Change(feature, on))
				}
				if !on { // up already
					check(t, netlink.LinkSetUp(find(t, near)))
					waitFor(t, "a link-local address", func() bool { return strings.Contains(condition(t, near), "fe80") })
				}
				before := condition(t, near)
				if strings.Contains(before, "rx-gro rx-udp") != on {
					t.Fatalf("before: %s", before)
				}
				o := small()
				o.Shunt = mode
				live := openLive(t, o)
				during := condition(t, near)
				if strings.Contains(during, "gro") {
					t.Errorf("open: %s", during)
				}
				if early := strings.Contains(during, "xdp"); on && early == strings.Contains(during, "rx-vlan-hw-parse") {
					t.Errorf("a program that must see the tags: %v; open: %s", early, during)
				}
				check(t, live.Close())
				if after := condition(t, near); after != before {
					t.Errorf("was  %s\nleft %s", before, after)
				}
			})
		}
	}
}

// A driver may switch GRO on by itself when a program comes; here, the test does it
// in the driver's place, behind the plan's back.
func TestLiveSwitchesOffWhatTheProgramSwitchedOn(t *testing.T) {
	newCable(t)
	c := card(t, near)
	check(t, c.Change("rx-gro", false))
	before, came := condition(t, near), false
	live, err := capture.OpenLiveRefused(nil, func(bool) error { came = true; return c.Change("rx-gro", true) }, small(), tap)
	check(t, err)
	if during := condition(t, near); !came || strings.Contains(during, "gro") || len(live.Notes()) != 0 {
		t.Errorf("the program came: %v; open: %s, notes %q", came, during, live.Notes())
	}
	check(t, live.Close())
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

// A tag that the sender's card was to put in travels beside the frame, all the way
// to the ring.
func TestLiveReadsOffloadedTags(t *testing.T) {
	for _, mode := range append(modes(), capture.ShuntOff) {
		t.Run(string(mode), func(t *testing.T) {
			newCable(t)
			o := small()
			o.Shunt = mode
			live := openLive(t, o)
			tagOnItsWay(t, 0xa000|42)
			want := segment(upload, 7, "tagged by the card")
			send(t, packetSocket(t, far), want)
			if f := next(t, live); !bytes.Equal(f.Data, want) || !f.VLANTagged || f.VLAN != 0xa000|42 {
				t.Errorf("%q, VLAN %#x %v, want 0xa02a", f.Data, f.VLAN, f.VLANTagged)
			}
		})
	}
}

// tagOnItsWay gives what the far end sends a tag beside the frame, as a VLAN
// interface whose card puts tags in would.
func tagOnItsWay(t *testing.T, tci int32) {
	t.Helper()
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "tag", Type: ebpf.SchedCLS, License: "GPL",
		Instructions: asm.Instructions{
			asm.Mov.Imm(asm.R2, int32(htons(0x8100))), asm.Mov.Imm(asm.R3, tci),
			asm.FnSkbVlanPush.Call(), asm.Mov.Imm(asm.R0, 0), asm.Return(), // TC_ACT_OK
		},
	})
	if err != nil {
		t.Skipf("this kernel takes no program: %v", err)
	}
	t.Cleanup(func() { check(t, program.Close()) })
	index := find(t, far).Attrs().Index
	check(t, netlink.QdiscAdd(&netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0)}}))
	check(t, netlink.FilterAdd(&netlink.BpfFilter{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: index, Parent: netlink.HANDLE_MIN_EGRESS, Handle: 1, Priority: 1, Protocol: unix.ETH_P_ALL},
		Fd:          program.FD(), Name: "tag", DirectAction: true,
	}))
}

// Frames as long as an interface can carry come whole, in every mode.
func TestLiveReadsJumboFrames(t *testing.T) {
	for _, mode := range append(modes(), capture.ShuntOff) {
		for _, mtu := range []int{9000, 65535} {
			t.Run(string(mode), func(t *testing.T) {
				newCable(t)
				for _, name := range []string{near, far} {
					check(t, netlink.LinkSetMTU(find(t, name), mtu))
				}
				o := small()
				o.Shunt = mode
				live := openLive(t, o) // a driver may refuse a program for the MTU
				wire := packetSocket(t, far)
				for i := range byte(5) {
					want := ethernet(experimental, strings.Repeat(string('a'+i), mtu))
					send(t, wire, want)
					if f := next(t, live); !bytes.Equal(f.Data, want) || f.Length != len(want) {
						t.Fatalf("%s, MTU %d: %d of %d bytes came, length %d", live.Mode(), mtu, len(f.Data), len(want), f.Length)
					}
				}
				t.Log(live.Mode(), mtu)
			})
		}
	}
}

// Frames come once, in the order and at the time that they were sent.
func TestLiveKeepsOrder(t *testing.T) {
	for _, mode := range append(modes(), capture.ShuntOff) {
		t.Run(string(mode), func(t *testing.T) {
			newCable(t)
			o := small()
			o.Shunt, o.RingBytes = mode, 16<<20
			live := openLive(t, o)
			wire := packetSocket(t, far)
			const frames = 5000
			begun := time.Now()
			for i := range uint32(frames) {
				send(t, wire, ethernet(experimental, string(binary.BigEndian.AppendUint32(nil, i))))
			}
			ended := time.Now()
			last := begun.Add(-time.Millisecond)
			for i := range uint32(frames) {
				f := next(t, live)
				if got := binary.BigEndian.Uint32(f.Data[14:]); got != i {
					t.Fatalf("frame %d comes in the place of %d", got, i)
				}
				if f.When.Before(last) || f.When.After(ended.Add(time.Second)) {
					t.Fatalf("frame %d at %v, after one at %v", i, f.When, last)
				}
				last = f.When
			}
			if s := live.Stats(); s.Frames != frames || s.KernelDrops != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}
