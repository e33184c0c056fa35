package capture_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// says waits until the state is so.
func says(t *testing.T, live *capture.Live, up bool, words string) {
	t.Helper()
	var got string
	waitFor(t, words, func() bool {
		var is bool
		is, got = live.State()
		return is == up && (got == "" && words == "" || words != "" && strings.Contains(got, words))
	})
	if live.Link() != up {
		t.Errorf("link %v, state %q", live.Link(), got)
	}
}

// The link's whole life: carrier lost and back, off and on, renamed: heard on.
func TestLiveFollowsItsLink(t *testing.T) {
	newCable(t)
	before := condition(t, near)
	live := openLive(t, small())
	says(t, live, true, "")
	if got := live.Speed(); got != 10e9 {
		t.Errorf("%d bit/s; a veth says 10 gigabit", got)
	}
	check(t, netlink.LinkSetDown(find(t, far)))
	says(t, live, false, "span0 has no carrier: look at the cable")
	check(t, netlink.LinkSetUp(find(t, far)))
	says(t, live, true, "")
	wire := packetSocket(t, far)
	hears(t, live, wire, "after the carrier came back")

	check(t, netlink.LinkSetDown(find(t, near)))
	says(t, live, false, "span0 was switched off; switch it on: ip link set span0 up")
	check(t, netlink.LinkSetUp(find(t, near)))
	says(t, live, true, "")
	hears(t, live, wire, "after it was off and on again")

	if err := netlink.LinkSetName(find(t, near), "enp3s0"); errors.Is(err, syscall.EBUSY) {
		t.Skip("this kernel renames no interface that is up")
	} else {
		check(t, err)
	}
	says(t, live, true, "interface span0 is now called enp3s0: name it so in the configuration")
	hears(t, live, wire, "after it was renamed")
	if got := live.Speed(); got != 10e9 {
		t.Errorf("renamed: %d bit/s", got)
	}
	check(t, live.Close())
	if left := condition(t, "enp3s0"); left != before {
		t.Errorf("was  %s\nleft %s", before, left)
	}
}

// hears sends a frame and waits for it.
func hears(t *testing.T, live *capture.Live, wire int, payload string) {
	t.Helper()
	waitFor(t, "carrier at the far end", func() bool {
		const need = unix.IFF_RUNNING | unix.IFF_LOWER_UP
		return find(t, far).Attrs().RawFlags&need == need
	})
	send(t, wire, ethernet(experimental, payload))
	if f := next(t, live); string(f.Data[14:]) != payload {
		t.Errorf("%q, want %q", f.Data[14:], payload)
	}
}

// Workers hold frames longer than the capture looks at them, and longer than it
// lives.
func TestLiveFramesCanBeHeld(t *testing.T) {
	newCable(t)
	o := small()
	o.RingBytes = 16 << 20
	live := openLive(t, o)
	wire := packetSocket(t, far)
	payload := strings.Repeat("x", 1400)
	held := make(chan sensor.Frame, 100)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for f := range held {
				if string(f.Data[14:]) != payload {
					t.Errorf("a held frame reads %q", f.Data[14:30])
				}
				f.Block.Release()
			}
		})
	}
	const frames = 4000 // in more blocks than the ring has
	for n := 0; n < frames; {
		for range 100 {
			send(t, wire, ethernet(experimental, payload))
		}
		for range 100 {
			f := next(t, live)
			f.Block.Hold()
			held <- f
			n++
		}
	}
	send(t, wire, ethernet(experimental, payload))
	last := next(t, live)
	last.Block.Hold()
	check(t, live.Close())
	held <- last
	close(held)
	workers.Wait()
	if s := live.Stats(); s.Frames != frames+1 || s.KernelDrops != 0 {
		t.Errorf("%+v", s)
	}
}

// While all blocks are held, Next says that it hears nothing, does not spin, and
// the kernel counts what finds no room; when they are let go, it goes on.
func TestLiveWaitsForHeldBlocks(t *testing.T) {
	newCable(t)
	o := small()
	o.RingBytes = 1 << 20
	live := openLive(t, o)
	wire := packetSocket(t, far)
	var held []sensor.Frame
	for range o.RingBytes / (128 << 10) { // a block each, because each times out
		send(t, wire, ethernet(experimental, "held"))
		f := next(t, live)
		f.Block.Hold()
		held = append(held, f)
	}
	frame := ethernet(experimental, "for nobody")
	send(t, wire, frame, frame)
	var f sensor.Frame
	var begun, ended syscall.Rusage
	check(t, syscall.Getrusage(syscall.RUSAGE_THREAD, &begun))
	for range 10 {
		if err := live.Next(&f); !errors.Is(err, sensor.ErrIdle) {
			t.Fatalf("%q, %v", f.Data, err)
		}
	}
	check(t, syscall.Getrusage(syscall.RUSAGE_THREAD, &ended))
	if busy := time.Duration(ended.Utime.Nano() + ended.Stime.Nano() - begun.Utime.Nano() - begun.Stime.Nano()); busy > o.PollInterval {
		t.Errorf("busy for %v of %v", busy, 10*o.PollInterval)
	}
	if s := live.Stats(); s.KernelDrops != 2 || s.RingFreezes == 0 {
		t.Errorf("%+v, want 2 drops", s)
	}
	for _, h := range held {
		if string(h.Data[14:]) != "held" {
			t.Errorf("held: %q", h.Data)
		}
		h.Block.Release()
	}
	hears(t, live, wire, "room again")
}

// The ring is full of patients: it stays out of core dumps (VmFlags "dd", proc(5)).
func TestRingStaysOutOfCoreDumps(t *testing.T) {
	newCable(t)
	openLive(t, small())
	maps, err := os.ReadFile("/proc/self/smaps")
	check(t, err)
	_, ring, found := strings.Cut(string(maps), "socket:[")
	_, flags, _ := strings.Cut(ring, "VmFlags:")
	flags, _, _ = strings.Cut(flags, "\n")
	if !found || !slices.Contains(strings.Fields(flags), "dd") {
		t.Errorf("the ring is mapped: %v, flags %q", found, flags)
	}
}
