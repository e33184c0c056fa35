package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// modes are all places of the kernel program.
func modes() []capture.ShuntMode {
	return []capture.ShuntMode{capture.ShuntDriver, capture.ShuntGeneric, capture.ShuntFilter}
}

var (
	modality = netip.MustParseAddrPort("10.1.0.1:40000")
	archive  = netip.MustParseAddrPort("10.1.0.2:104")
	upload   = sensor.Way{From: modality, To: archive, Transport: protocols.TCP}
)

// segment is a TCP segment of a way in an Ethernet frame, without checksums.
func segment(w sensor.Way, seq uint32, payload string) []byte {
	ip := make([]byte, 40, 40+len(payload))
	ip[0], ip[8], ip[9] = 0x45, 64, 6
	binary.BigEndian.PutUint16(ip[2:], uint16(40+len(payload)))
	from, to := w.From.Addr().As4(), w.To.Addr().As4()
	copy(ip[12:], from[:])
	copy(ip[16:], to[:])
	binary.BigEndian.PutUint16(ip[20:], w.From.Port())
	binary.BigEndian.PutUint16(ip[22:], w.To.Port())
	binary.BigEndian.PutUint32(ip[24:], seq)
	ip[32], ip[33] = 0x50, 0x10
	return ethernet(0x0800, string(ip)+payload)
}

// skipping is a range of the upload.
func skipping(start, end uint32) []sensor.Skip {
	return []sensor.Skip{{Way: upload, Start: start, End: end, For: time.Hour}}
}

func openShunt(t *testing.T, mode capture.ShuntMode) *capture.Live {
	t.Helper()
	o := small()
	o.Shunt = mode
	live := openLive(t, o)
	if live.Mode() != string(mode) {
		t.Skipf("this kernel has no %s: %q", mode, live.Notes())
	}
	return live
}

// What is inside a range does not come, and is no loss; what is not, comes, in
// order, and nothing leaves the interface by the program.
func TestShuntDropsWhatIsSkipped(t *testing.T) {
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			newCable(t)
			live := openShunt(t, mode)
			ear, wire := packetSocket(t, far), packetSocket(t, far)
			pixels := strings.Repeat("p", 1000)
			live.Skip(skipping(1000, 101_000))
			var want [][]byte
			pass := func(f []byte) { send(t, wire, f); want = append(want, f) }
			pass(segment(upload, 500, "before"))
			for i := range uint32(100) {
				send(t, wire, segment(upload, 1000+i*1000, pixels))
			}
			send(t, wire, segment(upload, 5000, pixels)) // sent again
			pass(segment(upload, 100_500, pixels))       // over the edge
			pass(segment(upload, 101_000, "behind"))
			pass(segment(upload.Reverse(), 1, "the other way"))
			pass(ethernet(experimental, "not IP"))
			for i, w := range want {
				if f := next(t, live); !bytes.Equal(f.Data, w) {
					t.Fatalf("frame %d is %q, want %q", i, f.Data, w)
				}
			}
			s := live.Stats()
			if s.Frames != 5 || s.ShuntedFrames != 101 || s.ShuntedBytes != 101*1054 {
				t.Errorf("%+v, want 5 frames, 101 shunted of 1054 bytes", s)
			}
			if s.KernelDrops != 0 || s.InterfaceDrops != 0 || s.Transmitted != 0 {
				t.Errorf("shunted frames are told as loss: %+v", s)
			}
			got, ok := live.Skipped(upload)
			if want := (sensor.Skipped{Packets: 101, Bytes: 101_000, Repeated: 1000}); !ok || got != want {
				t.Errorf("skipped %+v %v, want %+v", got, ok, want)
			}
			if _, ok := live.Skipped(sensor.Way{From: archive, To: archive, Transport: protocols.TCP}); ok {
				t.Error("something is known of nobody")
			}
			if said := heard(t, ear, 100*time.Millisecond); len(said) != 0 {
				t.Errorf("%d frames came out of the capture interface", len(said))
			}
			if packets, _, err := live.Remainder(); err != nil || packets != 0 {
				t.Errorf("%d packets forgotten, %v", packets, err)
			}
			check(t, live.Close())
			live.Skip(skipping(1, 2)) // for nobody
			if _, ok := live.Skipped(upload); ok {
				t.Error("skipped is known after Close")
			}
			if s != live.Stats() {
				t.Errorf("after Close %+v", live.Stats())
			}
		})
	}
}

// What the kernel does not take is counted, and read.
func TestShuntCountsUnplacedRanges(t *testing.T) {
	newCable(t)
	o := small()
	o.Ranges = 1
	live := openLive(t, o)
	if live.Mode() == "none" {
		t.Skip(live.Notes())
	}
	other := skipping(1, 1000)
	other[0].Way = upload.Reverse()
	live.Skip(append(skipping(5, 5), append(skipping(1, 1000), other...)...)) // none, one, and one too many
	if got := live.Unplaced(); got != 2 {
		t.Errorf("%d ranges unplaced, want 2", got)
	}
}

// A kernel that says no is told of, and every frame comes.
func TestShuntFallsBack(t *testing.T) {
	refusal := errors.New("refused by the test")
	driverOnly := func(driver bool) error {
		if driver {
			return refusal
		}
		return nil
	}
	tests := []struct {
		name   string
		load   error
		attach func(bool) error
		mode   string
		notes  []string
	}{
		{"no program", refusal, nil, "none", []string{"not loaded"}},
		{"no driver XDP", nil, driverOnly, "generic", []string{"not attached as driver XDP"}},
		{"no XDP", nil, func(bool) error { return refusal }, "filter", []string{"driver XDP", "generic XDP"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			newCable(t)
			before := condition(t, near)
			live, err := capture.OpenLiveRefused(test.load, test.attach, small(), tap)
			check(t, err)
			if live.Mode() != test.mode || len(live.Notes()) != len(test.notes) {
				t.Errorf("mode %s, notes %q", live.Mode(), live.Notes())
			}
			for i, says := range test.notes {
				for _, word := range []string{says, "interface span0", "refused by the test"} {
					if !strings.Contains(live.Notes()[i], word) {
						t.Errorf("%q does not say %q", live.Notes()[i], word)
					}
				}
			}
			live.Skip(skipping(1000, 2000))
			send(t, packetSocket(t, far), segment(upload, 1100, "inside"), segment(upload, 5000, "outside"))
			want := "outside"
			if test.mode == "none" {
				want = "inside"
			}
			if f := next(t, live); !bytes.HasSuffix(f.Data, []byte(want)) {
				t.Errorf("%q, want %q", f.Data, want)
			}
			check(t, live.Close())
			if after := condition(t, near); after != before {
				t.Errorf("was  %s\nleft %s", before, after)
			}
		})
	}
}

// attachNamed attaches an XDP program by netlink, as a run before this kernel's
// links would have left it; it passes everything.
func attachNamed(t *testing.T, name string, mode int) {
	t.Helper()
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: name, Type: ebpf.XDP, License: "Apache-2.0",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 2), asm.Return()}, // XDP_PASS
	})
	if err != nil {
		t.Skipf("this kernel takes no program: %v", err)
	}
	defer func() { check(t, program.Close()) }()
	check(t, netlink.LinkSetXdpFdWithFlags(find(t, near), program.FD(), mode))
}

func TestShuntLeavesForeignPrograms(t *testing.T) {
	newCable(t)
	attachNamed(t, "theirs", nl.XDP_FLAGS_SKB_MODE)
	before := condition(t, near)
	live := openLive(t, small())
	if notes := strings.Join(live.Notes(), "\n"); live.Mode() != "filter" || !strings.Contains(notes, `"theirs"`) {
		t.Errorf("mode %s, notes %s", live.Mode(), notes)
	}
	check(t, live.Close())
	if after := condition(t, near); after != before {
		t.Errorf("was  %s\nleft %s", before, after)
	}
}

// A program that an earlier run left goes, also where none is wanted now.
func TestShuntReplacesStalePrograms(t *testing.T) {
	for wanted, want := range map[capture.ShuntMode]string{capture.ShuntAuto: "driver", capture.ShuntFilter: "filter", capture.ShuntOff: "none"} {
		for _, mode := range []int{nl.XDP_FLAGS_SKB_MODE, nl.XDP_FLAGS_DRV_MODE} {
			newCable(t)
			attachNamed(t, "auscult_tap", mode)
			o := small()
			o.Shunt = wanted
			live := openLive(t, o)
			if live.Mode() != want || len(live.Notes()) != 0 {
				t.Errorf("mode %s, notes %q", live.Mode(), live.Notes())
			}
			if during := condition(t, near); strings.Contains(during, "xdp") != (want == "driver") {
				t.Errorf("%s: %s", wanted, during)
			}
			check(t, live.Close())
			if left := condition(t, near); strings.Contains(left, "xdp") {
				t.Errorf("left %s", left)
			}
		}
	}
}

// What may be called from any goroutine is called while the capture is closed under
// it, and before and after: each method by itself, because another's lock would
// order its accesses too, and hide from the race detector that its own is missing.
func TestShuntWhileClosing(t *testing.T) {
	for name, call := range map[string]func(*capture.Live){
		"Skip":      func(live *capture.Live) { live.Skip(skipping(1, 1000)) },
		"Skipped":   func(live *capture.Live) { live.Skipped(upload) },
		"Remainder": func(live *capture.Live) { _, _, _ = live.Remainder() },
	} {
		t.Run(name, func(t *testing.T) {
			newCable(t)
			live := openLive(t, small())
			var callers, begun sync.WaitGroup
			stop := make(chan struct{})
			for range 3 {
				begun.Add(1)
				callers.Go(func() {
					call(live)
					begun.Done()
					for {
						select {
						case <-stop:
							return
						default:
							call(live)
							time.Sleep(50 * time.Microsecond) // without it, the race detector misses most missing locks
						}
					}
				})
			}
			begun.Wait()
			err := live.Close()
			close(stop)
			callers.Wait()
			check(t, err)
		})
	}
}
