package capture_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor/capture"
)

// egress are the filters on the capture interface's way out.
func egress(t *testing.T) []netlink.Filter {
	t.Helper()
	filters, err := netlink.FilterList(find(t, near), netlink.HANDLE_MIN_EGRESS)
	check(t, err)
	return filters
}

// unmute takes the drop away, as somebody with tc would.
func unmute(t *testing.T) {
	t.Helper()
	for _, f := range egress(t) {
		if b, is := f.(*netlink.BpfFilter); is {
			b.Fd = -1
		}
		check(t, netlink.FilterDel(f))
	}
}

// unclsact takes the qdisc away, and all that stands on it.
func unclsact(t *testing.T) {
	t.Helper()
	check(t, netlink.QdiscDel(&netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
		LinkIndex: find(t, near).Attrs().Index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0)}}))
}

// theirs puts a filter before all others on the way out, which sends what it sees
// elsewhere.
func theirs(t *testing.T) {
	t.Helper()
	check(t, netlink.FilterAdd(&netlink.U32{
		FilterAttrs: netlink.FilterAttrs{LinkIndex: find(t, near).Attrs().Index, Parent: netlink.HANDLE_MIN_EGRESS, Priority: 1, Protocol: unix.ETH_P_ALL},
		Actions:     []netlink.Action{netlink.NewMirredAction(find(t, far).Attrs().Index)},
	}))
}

// What somebody takes away is back at the next look, drops and counts on, and is
// told for as long as the sensor listens.
func TestInvariant01MuteIsPutBack(t *testing.T) {
	for way, name := range []string{"kernel program", "classic", "matchall"} {
		for _, take := range []struct {
			name string
			do   func(*testing.T)
		}{{"the filter", unmute}, {"the qdisc", unclsact}} {
			t.Run(name+"/"+take.name, func(t *testing.T) {
				newCable(t)
				before := condition(t, near)
				live, err := capture.OpenLiveFrom(way, small(), tap)
				if err != nil {
					refusal(t, err, before)
					t.Skipf("this kernel has no such filter: %v", err)
				}
				t.Cleanup(func() { check(t, live.Close()) })
				says(t, live, true, "")
				raw := packetSocket(t, near)
				send(t, raw, ethernet(experimental, "one"), ethernet(experimental, "two"))
				tried := live.Stats().TransmitTried
				during := condition(t, near)
				take.do(t)
				live.Stats() // too early to look again
				if now := condition(t, near); strings.Contains(now, "egress") {
					t.Errorf("put back at once: %s", now)
				}
				capture.Due(live)
				live.Stats()
				putBack(t, live, tried, during)
				check(t, live.Close())
				if after := condition(t, near); after != before {
					t.Errorf("was  %s\nleft %s", before, after)
				}
			})
		}
	}
}

// putBack holds that the drop stands as it did during, that it counts on, and that
// it is told.
func putBack(t *testing.T, live *capture.Live, tried uint64, during string) {
	t.Helper()
	if now := condition(t, near); now != during {
		t.Errorf("was %s\nis  %s", during, now)
	}
	ok, words := live.Muted()
	if want := "interface span0: somebody took its egress drop away (1 times), and it was put back"; !ok || !strings.HasPrefix(words, want) {
		t.Errorf("mute %v: %q", ok, words)
	}
	says(t, live, true, words)
	ear := packetSocket(t, far)
	send(t, packetSocket(t, near), ethernet(experimental, "three"))
	if said := heard(t, ear, 100*time.Millisecond); len(said) != 0 {
		t.Errorf("%d frames left the capture interface", len(said))
	}
	capture.Due(live)
	if s := live.Stats(); s.TransmitTried < tried+1 || s.TransmitTried > tried+100 || s.Transmitted != 0 {
		t.Errorf("%+v, want at least %d tried", s, tried+1)
	}
	if _, now := live.Muted(); now != words {
		t.Errorf("a drop that stands: %q", now)
	}
}

// The look comes by itself with the Stats that the daemon asks for.
func TestInvariant01MuteIsWatched(t *testing.T) {
	newCable(t)
	live := openLive(t, small())
	unmute(t)
	begun := time.Now()
	for len(egress(t)) == 0 && time.Since(begun) < 10*time.Second {
		live.Stats()
		time.Sleep(100 * time.Millisecond)
	}
	if took := time.Since(begun); took > 7*time.Second {
		t.Errorf("put back after %v", took)
	}
}

// Where the drop cannot be put back, the interface may send, and that is told until
// it is over. What is somebody's stays.
func TestInvariant01MuteCannotBePutBack(t *testing.T) {
	tests := []struct {
		name string
		way  int
		says string
	}{
		{"another kind of filter in its place", capture.WayKernel, "its egress drop was taken away and cannot be put back"},
		{"a filter before it", capture.WayClassic, "a u32 filter (priority 1) stands before its egress drop"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newCable(t)
			before := condition(t, near)
			live, err := capture.OpenLiveFrom(test.way, small(), tap)
			if err != nil {
				refusal(t, err, before)
				t.Skipf("this kernel has no such filter: %v", err)
			}
			t.Cleanup(func() { check(t, live.Close()) })
			unmute(t)
			theirs(t)
			capture.Due(live)
			live.Stats()
			if ok, words := live.Muted(); ok || !strings.Contains(words, "interface span0 may send: ") || !strings.Contains(words, test.says) {
				t.Errorf("mute %v: %q", ok, words)
			}
			says(t, live, true, "interface span0 may send")
			for _, f := range egress(t) {
				if f.Type() == "u32" {
					check(t, netlink.FilterDel(f))
				}
			}
			capture.Due(live)
			live.Stats()
			if ok, words := live.Muted(); !ok || !strings.Contains(words, "and it was put back") {
				t.Errorf("mute %v: %q", ok, words)
			}
		})
	}
}

// Closing takes away what this run attached and nothing else.
func TestLiveRemovesOnlyItsOwn(t *testing.T) {
	newCable(t)
	first := openLive(t, small())
	capture.Die(first) // an older sensor, which owns nothing
	second := openLive(t, small())
	stands := egress(t)
	check(t, first.Close())
	if left := egress(t); len(stands) != 1 || len(left) != 1 || left[0].(*netlink.BpfFilter).Id != stands[0].(*netlink.BpfFilter).Id {
		t.Errorf("stood %v, left %v", stands, left)
	}
	check(t, second.Close())

	third := openLive(t, small())
	unmute(t)
	theirs(t)
	check(t, third.Close())
	if left := egress(t); len(left) == 0 || left[0].Type() != "u32" {
		t.Errorf("somebody's filter is gone: %v", left)
	}
}
