package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// experimental is an EtherType that no kernel answers (IEEE Std 802, local
// experimental).
const experimental = 0x88b5

// small are options that keep the tests quick.
func small() capture.LiveOptions {
	return capture.LiveOptions{Interface: near, RingBytes: 4 << 20, PollInterval: 20 * time.Millisecond}
}

func openLive(t *testing.T, o capture.LiveOptions) *capture.Live {
	t.Helper()
	live, err := capture.OpenLive(o, tap)
	check(t, err)
	t.Cleanup(func() { check(t, live.Close()) })
	for _, note := range live.Notes() {
		t.Log(note)
	}
	return live
}

// next waits for the next frame, some seconds at most.
func next(t *testing.T, live *capture.Live) sensor.Frame {
	t.Helper()
	var f sensor.Frame
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		err := live.Next(&f)
		if err == nil {
			return f
		}
		if !errors.Is(err, sensor.ErrIdle) {
			t.Fatal(err)
		}
	}
	t.Fatal("no frame came")
	return f
}

func TestLiveReadsFrames(t *testing.T) {
	newCable(t)
	live := openLive(t, small())
	// Tag control information: priority 5, VLAN 42.
	tagged := ethernet(0x8100, string(binary.BigEndian.AppendUint16([]byte{0xa0, 42}, experimental))+"tagged")
	double := ethernet(0x88a8, "\x00\x07\x81\x00\x00\x09\x88\xb5double")
	plain := ethernet(experimental, strings.Repeat("plain", 200))
	wire := packetSocket(t, far)
	before := time.Now()
	send(t, wire, plain, tagged, double, ethernet(0x8100, "\x00\x00\x88\xb5priority tag"))

	tests := []struct {
		name   string
		want   []byte
		vlan   uint16
		tagged bool
	}{
		{"plain", plain, 0, false},
		{"tagged", ethernet(experimental, "tagged"), 0xa000 | 42, true},
		{"two tags", ethernet(0x8100, "\x00\x09\x88\xb5double"), 7, true},
		{"priority tag", ethernet(experimental, "priority tag"), 0, true},
	}
	for _, test := range tests {
		f := next(t, live)
		if !bytes.Equal(f.Data, test.want) || f.VLAN != test.vlan || f.VLANTagged != test.tagged {
			t.Errorf("%s: %q VLAN %d %v, want %q VLAN %d %v", test.name, f.Data, f.VLAN, f.VLANTagged, test.want, test.vlan, test.tagged)
		}
		if f.Length != len(f.Data) || f.Link != sensor.LinkEthernet || f.Tap != tap {
			t.Errorf("%s: length %d, link %d, tap %v", test.name, f.Length, f.Link, f.Tap)
		}
		if f.When.Before(before.Add(-time.Second)) || f.When.After(time.Now().Add(time.Second)) || f.When.Location() != time.UTC {
			t.Errorf("%s: wire time %v, sent at %v", test.name, f.When, before)
		}
	}
	if s := live.Stats(); s.Frames != 4 || s.Bytes == 0 || s.KernelDrops != 0 || s.Transmitted != 0 {
		t.Errorf("%+v", s)
	}
	var f sensor.Frame
	start := time.Now()
	if err := live.Next(&f); !errors.Is(err, sensor.ErrIdle) {
		t.Errorf("on a silent wire: %v", err)
	}
	if waited := time.Since(start); waited > capture.MaxPollInterval+time.Second {
		t.Errorf("idle after %v", waited)
	}
}

func TestLiveCountsWhatTheRingLost(t *testing.T) {
	newCable(t)
	o := small()
	o.RingBytes = 1 << 20
	live := openLive(t, o)
	wire := packetSocket(t, far)
	frame := ethernet(experimental, strings.Repeat("x", 1400))
	for range 3000 {
		send(t, wire, frame)
	}
	if s := live.Stats(); s.KernelDrops == 0 || s.RingFreezes == 0 {
		t.Errorf("a ring of 1 MiB took 4 MiB: %+v", s)
	}
}

func TestLiveAddress(t *testing.T) {
	newCable(t)
	address, err := netlink.ParseAddr("10.99.0.1/24")
	check(t, err)
	check(t, netlink.AddrAdd(find(t, near), address))
	before := condition(t, near)
	_, err = capture.OpenLive(small(), tap)
	if err == nil || !strings.Contains(err.Error(), "10.99.0.1/24") {
		t.Fatalf("an interface with an address: %v", err)
	}
	if after := condition(t, near); after != before {
		t.Errorf("a refusal changed %s\ninto %s", before, after)
	}
	o := small()
	o.AllowAddress = true
	live := openLive(t, o)
	check(t, live.Close())
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

func TestLiveRestores(t *testing.T) {
	prepare := map[string]func(t *testing.T){
		"down": func(*testing.T) {},
		"up with a link-local address": func(t *testing.T) {
			check(t, netlink.LinkSetUp(find(t, near)))
			waitFor(t, "a link-local address", func() bool { return strings.Contains(condition(t, near), "fe80") })
		},
		"with somebody's clsact": func(t *testing.T) {
			index := find(t, near).Attrs().Index
			check(t, netlink.QdiscAdd(&netlink.Clsact{QdiscAttrs: netlink.QdiscAttrs{
				LinkIndex: index, Parent: netlink.HANDLE_CLSACT, Handle: netlink.MakeHandle(0xffff, 0)}}))
		},
	}
	for name, prepare := range prepare {
		t.Run(name, func(t *testing.T) {
			newCable(t)
			prepare(t)
			before := condition(t, near)
			live := openLive(t, small())
			during := condition(t, near)
			if want := "flags up|noarp|promisc addr_gen_mode 1 disable_ipv6 1 clsact egress bpf xdp driver"; during != want {
				t.Errorf("open:  %s\nwant:  %s", during, want)
			}
			check(t, live.Close())
			if after := condition(t, near); after != before {
				t.Errorf("was  %s\nleft %s", before, after)
			}
			var f sensor.Frame
			if err := live.Next(&f); err != io.EOF {
				t.Errorf("Next after Close: %v", err)
			}
		})
	}
}

func waitFor(t *testing.T, what string, met func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !met(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s in time", what)
		}
	}
}

func TestLiveTellsWhyItEnds(t *testing.T) {
	tests := []struct {
		name string
		do   func(t *testing.T)
		want error
		says string
	}{
		{"switched off", func(t *testing.T) { check(t, netlink.LinkSetDown(find(t, near))) }, capture.ErrInterfaceDown, "ip link set span0 up"},
		{"removed", func(t *testing.T) { check(t, netlink.LinkDel(find(t, near))) }, capture.ErrInterfaceGone, "span0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newCable(t)
			live := openLive(t, small())
			test.do(t)
			var f sensor.Frame
			var err error
			waitFor(t, "error", func() bool { err = live.Next(&f); return !errors.Is(err, sensor.ErrIdle) })
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
			if up, says := live.State(); up || live.Link() || !strings.Contains(says, test.says) {
				t.Errorf("the link is said to be up (%v): %q", up, says)
			}
			live.Stats()
		})
	}
}

func TestLiveKnowsItsCarrier(t *testing.T) {
	newCable(t)
	live := openLive(t, small())
	waitFor(t, "carrier", live.Link)
	check(t, netlink.LinkSetDown(find(t, far)))
	waitFor(t, "loss of carrier", func() bool { return !live.Link() })
	var f sensor.Frame
	if err := live.Next(&f); !errors.Is(err, sensor.ErrIdle) {
		t.Errorf("without carrier: %v", err)
	}
}

func TestLiveAllocations(t *testing.T) {
	newCable(t)
	live := openLive(t, small())
	wire := packetSocket(t, far)
	const runs = 200
	for _, kind := range []struct {
		name  string
		frame []byte
	}{
		{"untagged", ethernet(experimental, "x")},
		{"tagged", ethernet(0x8100, "\x01\x42\x88\xb5tagged")},
	} {
		for range runs + 1 {
			send(t, wire, kind.frame)
		}
		next(t, live)
		var f sensor.Frame
		got := testing.AllocsPerRun(runs-1, func() {
			for live.Next(&f) != nil {
				continue
			}
		})
		if got != 0 {
			t.Errorf("%s: %v allocations a frame, want none", kind.name, got)
		}
	}
}

// bypass lets a socket send past the queue, and so past the egress drop.
func bypass(t testing.TB, fd int) {
	t.Helper()
	check(t, unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1))
}
