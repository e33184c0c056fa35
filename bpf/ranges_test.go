package bpf_test

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

// numbered is a way of its own for each number below 65536.
func numbered(n int) bpf.Way {
	return bpf.Way{
		From:     netip.AddrPortFrom(netip.MustParseAddr("192.0.2.1"), uint16(n)),
		To:       netip.MustParseAddrPort("192.0.2.2:104"),
		Protocol: protoTCP,
	}
}

func rangesFrom(from, to int) (all []bpf.Range) {
	for n := from; n < to; n++ {
		all = append(all, bpf.Range{Way: numbered(n), Start: 1000, End: 2000, For: time.Minute})
	}
	return all
}

func drops(t *testing.T, tap *bpf.Tap, way bpf.Way) bool {
	t.Helper()
	dropped, err := tap.Run(ether(packetOf(way, inside.segment)))
	if err != nil {
		t.Fatal(err)
	}
	return dropped
}

func TestSkipGoesOnWhereTheMapIsFull(t *testing.T) {
	for name, single := range map[string]bool{"in batches": false, "one at a time": true} {
		t.Run(name, func(t *testing.T) {
			tap := loadTap(t)
			if single {
				tap.Single()
			}
			const room = 64
			if taken, err := tap.Skip(rangesFrom(0, room+10)); taken != room || err != nil {
				t.Errorf("took %d of %d, want %d: %v", taken, room+10, room, err)
			}
			if got := tap.Refused(); got != (bpf.Refused{Full: 10}) {
				t.Errorf("refused %+v, want 10 for want of room", got)
			}
			// Two that have no room, and one behind them that replaces its own.
			again := append(rangesFrom(room, room+2), rangesFrom(3, 4)...)
			again[2].End = 1200
			if taken, err := tap.Skip(again); taken != 1 || err != nil {
				t.Errorf("took %d, want the one that replaces another: %v", taken, err)
			}
			if drops(t, tap, numbered(3)) || !drops(t, tap, numbered(4)) || drops(t, tap, numbered(room)) {
				t.Error("the range that was replaced, its neighbour or the one that was refused is wrong")
			}
		})
	}
}

func TestSkipInSeveralBatches(t *testing.T) {
	tap := loaded(t, func() (*bpf.Tap, error) {
		return bpf.LoadTap(bpf.Options{Conversations: bpf.MinConversations, Ranges: 1000})
	})
	if taken, err := tap.Skip(rangesFrom(0, 700)); taken != 700 || err != nil {
		t.Fatalf("took %d of 700: %v", taken, err)
	}
	for n := range 700 {
		if !drops(t, tap, numbered(n)) {
			t.Fatalf("range %d does not apply", n)
		}
	}
}

func TestSkipRefusesWhatBreaksABound(t *testing.T) {
	tap := loadTap(t)
	good := rangesFrom(1, 2)[0]
	bad := map[string]func(*bpf.Range){
		"empty":             func(r *bpf.Range) { r.End = r.Start },
		"too long":          func(r *bpf.Range) { r.End = r.Start + bpf.MaxSkip + 1 },
		"backwards":         func(r *bpf.Range) { r.End = r.Start - 1 },
		"for no time":       func(r *bpf.Range) { r.For = 0 },
		"for too long":      func(r *bpf.Range) { r.For = bpf.MaxFor + 1 },
		"whole TCP":         func(r *bpf.Range) { r.Whole = true },
		"a range of UDP":    func(r *bpf.Range) { r.Way.Protocol = protoUDP },
		"no transport":      func(r *bpf.Range) { r.Way.Protocol = protoICMP },
		"no address":        func(r *bpf.Range) { r.Way.To = netip.AddrPort{} },
		"of two IP version": func(r *bpf.Range) { r.Way.To = netip.MustParseAddrPort("[2001:db8::1]:104") },
	}
	for name, spoil := range bad {
		r := good
		spoil(&r)
		before := tap.Refused()
		taken, err := tap.Skip([]bpf.Range{r, rangesFrom(2, 3)[0]})
		if taken != 1 || err != nil || tap.Refused().Invalid != before.Invalid+1 {
			t.Errorf("%s: took %d of it and a good one, refused %+v: %v", name, taken, tap.Refused(), err)
		}
	}
	if drops(t, tap, numbered(1)) || !drops(t, tap, numbered(2)) {
		t.Error("a range that was refused applies, or one that was not does not")
	}
}

func TestForgetAndSweep(t *testing.T) {
	tap := loadTap(t)
	ranges := rangesFrom(0, 60)
	for i := range ranges[:20] {
		ranges[i].For = time.Second
	}
	if taken, err := tap.Skip(ranges); taken != 60 || err != nil {
		t.Fatalf("took %d of 60: %v", taken, err)
	}
	if err := tap.Forget([]bpf.Way{numbered(30), numbered(31), numbered(999), {}}); err != nil {
		t.Fatal(err)
	}
	if drops(t, tap, numbered(30)) || !drops(t, tap, numbered(32)) {
		t.Error("Forget removed another range than it was told")
	}
	now := bpf.Now()
	for _, s := range []struct {
		at   time.Duration
		want int
	}{{now - time.Hour, 0}, {now + 30*time.Second, 20}, {now + 30*time.Second, 0}, {now + time.Hour, 38}} {
		if removed, err := tap.Sweep(s.at); removed != s.want || err != nil {
			t.Errorf("sweep %v from now: removed %d, want %d: %v", s.at-now, removed, s.want, err)
		}
	}
	if drops(t, tap, numbered(32)) {
		t.Error("a range applies that was swept")
	}
}

func TestRangesAreSharedBySeveralCallers(t *testing.T) {
	tap := loadTap(t)
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for range 20 {
				_, err := tap.Skip(rangesFrom(n*10, n*10+10))
				if err != nil {
					t.Error(err)
				}
				if _, err := tap.Sweep(bpf.Now()); err != nil {
					t.Error(err)
				}
				if err := tap.Forget([]bpf.Way{numbered(n * 10)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if !drops(t, tap, numbered(11)) || drops(t, tap, numbered(10)) {
		t.Error("a range is lost, or one that was forgotten is there")
	}
}

func TestSkipAllocatesNothingPerRange(t *testing.T) {
	tap := loadTap(t)
	ranges := rangesFrom(0, 64)
	got := testing.AllocsPerRun(20, func() {
		if _, err := tap.Skip(ranges); err != nil {
			t.Error(err)
		}
	})
	t.Logf("%v allocations for a batch of %d ranges", got, len(ranges))
	if got > 8 {
		t.Errorf("%v allocations for %d ranges: they grow with their number", got, len(ranges))
	}
}
