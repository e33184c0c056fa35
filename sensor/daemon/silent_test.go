package daemon_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor/web"
)

// silence is within what time of the last frame nothing under a tap may be known
// any more.
const silence = 30 * time.Second

// TestInvariant10SilentMirrorMakesUseUnknown: a mirror port that falls silent says
// nothing of whether a pump is free. This test takes real time.
func TestInvariant10SilentMirrorMakesUseUnknown(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap+"decide_interval: 5s\n")
	w.await(b)
	ready := pump{"QP-880044", "00005EEF10000144", "2.1", []channel{{status: "ready"}, {status: "ready"}}}
	last := w.play(newFilm(t, time.Now()).round(contractPump("2.1", infusing()), ownPump("2.1", standingBy()), ready))
	uses := func() map[string]protocols.UseState {
		all := map[string]protocols.UseState{}
		for _, d := range b.known().devices {
			if d.Presence == inventory.Behind {
				all[d.SerialNumber] = d.Use.State
			}
		}
		return all
	}
	want := map[string]protocols.UseState{"QP-880021": protocols.InUse, "QP-880037": protocols.Standby, "QP-880044": protocols.Idle}
	b.await("the pumps are known", func() bool {
		got := uses()
		for serial, state := range want {
			if got[serial] != state {
				return false
			}
		}
		return true
	})
	if d := time.Since(last); d > silence/2 {
		t.Fatalf("it took %v to know the pumps: this test proves nothing", d)
	}
	time.Sleep(time.Until(last.Add(silence)))
	for serial, state := range uses() {
		if state != protocols.UnknownUse {
			t.Errorf("%v after the last frame %s is still %s", time.Since(last).Round(100*time.Millisecond), serial, state)
		}
	}
	var c web.Coverage
	b.api("/api/v1/coverage", &c)
	if len(c.Taps) != 1 || c.Taps[0].State != "silent" || !strings.Contains(c.Taps[0].Says, "unknown") {
		t.Errorf("the API says of the tap: %+v", c.Taps)
	}
	if x := c.Taps[0]; x.FrameRate != 0 || x.BitRate != 0 || len(c.Holes) > 0 {
		t.Errorf("a silent tap has rates or says its silence twice: %+v, %q", x, c.Holes)
	}
	if status, page := b.signIn("admin", b.password())("/coverage"); !strings.Contains(page, "has been silent") {
		t.Errorf("the page does not say that the tap is silent: status %d, %s", status, page)
	}
	for _, d := range b.known().devices {
		if d.Presence == inventory.Behind && !strings.Contains(d.Use.Why, "silent") {
			t.Errorf("%s does not say why: %q", d.SerialNumber, d.Use.Why)
		}
	}
	// It speaks again, and is known again.
	w.play(newFilm(t, time.Now()).round(contractPump("2.1", infusing())))
	b.await("the pump is known again", func() bool { return uses()["QP-880021"] == protocols.InUse })
	again := regexp.MustCompile(`level=INFO msg="core hears again, after [23]\d s" event=tap.hears`)
	b.await("it is told", func() bool { return again.MatchString(b.log.String()) })
	if n := strings.Count(b.log.String(), "level=WARN msg=\"core has been silent"); n != 1 {
		t.Errorf("the silence is told %d times", n)
	}
}
