package daemon_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
	"github.com/auscult/auscult/sensor/testbed/sender"
	"github.com/auscult/auscult/sensor/web"
)

// erspan wraps the frames of a film as a switch does that mirrors VLAN 60 to the
// sensor in session 11 of ERSPAN type II.
func erspan(f *film) *film {
	wrapped, wrap := newFilm(f.t, f.At), sender.ERSPAN2(11, 60)
	for _, x := range f.Frames {
		wrapped.Frames = append(wrapped.Frames, frame{When: x.When, Data: wrap(f.t, x.Data)})
	}
	return wrapped
}

// TestMirrorWrappedInERSPAN: what a switch wraps is heard as what is inside, by the
// session and the VLAN that it says, and is shunted by the inner conversation.
func TestMirrorWrappedInERSPAN(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	// The frames are longer than the cable's largest by what they are wrapped in.
	w.host.Run("ip", "link", "set", "wire0", "mtu", "1700")
	w.host.Run("ip", "link", "set", testbed.MirrorInterface, "mtu", "1700")
	b := startBox(t, w.host, "taps: [{name: core, interface: "+testbed.MirrorInterface+", vlans: [60], sessions: [11, 12]}]\n")
	w.await(b)
	f := bulkyAt(t, time.Now())
	want := identities(heardIn(t, f.Frames))
	w.burst(erspan(f))
	var got []string
	known := func() bool { got = identities(b.known().devices); return slices.Equal(got, want) }
	for end := time.Now().Add(patience / 4); !known(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("wrapped\n%s\nbare\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	var c web.Tap
	b.await("all is counted", func() bool { c = b.coverage().Taps[0]; return c.Frames == uint64(len(f.Frames)) })
	if c.ShuntedFrames < uint64(len(f.Frames))/4 {
		t.Errorf("%d of %d frames were shunted", c.ShuntedFrames, c.Frames)
	}
	at := slices.IndexFunc(c.Sessions, func(s web.MirrorSession) bool { return s.ID == 11 })
	if at < 0 || c.Sessions[at].By != "erspan" || c.Sessions[at].Frames == 0 {
		t.Errorf("sessions %+v", c.Sessions)
	}
	if !slices.Equal(c.HeardVLANs, []uint16{60}) {
		t.Errorf("VLANs %v", c.HeardVLANs)
	}
	for _, d := range b.known().devices {
		if slices.Contains(d.IPs, "198.51.100.1") || slices.Contains(d.MACs, "00:00:5e:00:53:f1") {
			t.Errorf("the switch's wrapping became a device: %s", d.ID)
		}
	}
}

// TestLossBeforeTheSensorIsEstimated: frames that the switch loses leave holes in
// streams, and the estimate of them holds the truth; what the shunt drops does not
// count as lost.
func TestLossBeforeTheSensorIsEstimated(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap)
	w.await(b)
	f := newFilm(t, time.Now())
	for range 220 {
		f.round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
		f.talk(ehrParty, engineParty, 6661, admission(f.At, "A01"), strings.Repeat(admission(f.At, "A08"), 12))
	}
	segments, lost := 0, 0
	kept := f.Frames[:0]
	for _, x := range f.Frames {
		if len(x.Data) > 400 {
			if segments++; segments%25 == 7 { // 4 in a hundred
				lost++
				continue
			}
		}
		kept = append(kept, x)
	}
	f.Frames = kept
	w.burst(f)
	var e web.Estimate
	b.await("enough was followed", func() bool { e = b.coverage().Taps[0].LostBefore; return e.Known })
	truth := float64(lost) / float64(segments)
	if e.Low > truth || e.High < truth/2 {
		t.Errorf("%d of %d full segments lost, %.3f; estimated %+v", lost, segments, truth, e)
	}
	if c := b.coverage().Taps[0]; c.Lost != 0 {
		t.Errorf("%d frames are said to be lost in the sensor", c.Lost)
	}
	b.await("it is told", func() bool { return strings.Contains(b.log.String(), "event=mirror.raised") })
}

// TestShuntIsNoLoss: what the kernel program drops leaves no holes.
func TestShuntIsNoLoss(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap)
	w.await(b)
	f := bulkyAt(t, time.Now())
	w.burst(f)
	b.await("it is heard", func() bool { return b.coverage().Taps[0].Frames == uint64(len(f.Frames)) })
	c := b.coverage().Taps[0]
	if c.ShuntedFrames == 0 || c.Lost != 0 || c.Gaps != 0 || c.LostBefore.Share > 0 {
		t.Errorf("%d frames shunted, %d lost, %d holes, lost before: %+v", c.ShuntedFrames, c.Lost, c.Gaps, c.LostBefore)
	}
}

// TestFramesShownTwiceAreTold: a mirror of both directions of both ports.
func TestFramesShownTwiceAreTold(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap)
	w.await(b)
	f := newFilm(t, time.Now())
	for range 260 {
		f.round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()))
	}
	twice := newFilm(t, f.At)
	for _, x := range f.Frames {
		twice.Frames = append(twice.Frames, x, x)
	}
	w.burst(twice)
	b.await("it is told", func() bool {
		return slices.ContainsFunc(b.coverage().Taps[0].Troubles, func(p web.MirrorTrouble) bool { return p.Code == "duplicates" })
	})
	if d := b.coverage().Taps[0].Duplicates; !d.Known || d.Value < 0.3 {
		t.Errorf("share of frames shown twice: %+v", d)
	}
	b.await("it is logged", func() bool { return strings.Contains(b.log.String(), " Check: ") })
	// It stands while only words change, and is over with the tap.
	b.configure(strings.Replace(tap, "Core switch", "Ward", 1))
	b.signal(syscall.SIGHUP)
	b.await("it is declared otherwise", func() bool { return b.coverage().Taps[0].Where == "Ward" })
	if len(b.coverage().Taps[0].Troubles) == 0 || strings.Contains(b.log.String(), "mirror.cleared") {
		t.Error("a trouble was cleared by a reload")
	}
	b.configure("")
	b.signal(syscall.SIGHUP)
	b.await("its end is told", func() bool { return strings.Contains(b.log.String(), "event=mirror.cleared") })
}
