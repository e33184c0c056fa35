package daemon_test

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor/testbed"
	"github.com/auscult/auscult/sensor/web"
)

// coverageOf is what the API says of the mirror ports.
func (b *box) coverage() web.Coverage {
	b.t.Helper()
	var c web.Coverage
	b.api("/api/v1/coverage", &c)
	return c
}

// TestInvariant06KernelModesAgree: wherever the kernel program is at work, and
// where it is not, the running sensor knows the same of the same frames as a
// replay, and says how many of them nobody needed.
func TestInvariant06KernelModesAgree(t *testing.T) {
	t.Parallel()
	var want []string
	for _, mode := range []string{"off", "filter", "generic", "driver"} {
		t.Run(mode, func(t *testing.T) {
			w := newWire(t)
			b := startBox(t, w.host, "taps: [{name: core, interface: "+testbed.MirrorInterface+", shunt: "+mode+"}]\nworkers: 2\n")
			w.await(b)
			f := bulkyAt(t, time.Now())
			if want == nil {
				want = identities(heardIn(t, f.Frames))
			}
			w.burst(f)
			var got []string
			agree := func() bool {
				got = identities(b.known().devices)
				return slices.Equal(got, want)
			}
			for end := time.Now().Add(patience / 4); !agree(); time.Sleep(100 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("the sensor knows\n%s\nthe replay\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
			c := b.coverage().Taps[0]
			if c.Lost != 0 || c.Transmitted != 0 {
				t.Errorf("%d frames lost, %d left", c.Lost, c.Transmitted)
			}
			b.await("every frame is counted", func() bool { c = b.coverage().Taps[0]; return c.Frames == uint64(len(f.Frames)) })
			off := mode == "off"
			if c.Shunt != mode {
				t.Errorf("configured is %q", c.Shunt)
			}
			if kernel := map[bool]string{true: "none", false: mode}[off]; c.Kernel != kernel {
				t.Errorf("the kernel program is %q", c.Kernel)
			}
			if off != (c.ShuntedFrames == 0) || !off && c.ShuntedFrames < uint64(len(f.Frames))/4 {
				t.Errorf("%d of %d frames were shunted", c.ShuntedFrames, c.Frames)
			}
			t.Logf("%s: %d of %d frames shunted", c.Kernel, c.ShuntedFrames, c.Frames)
		})
	}
}

// identities is who the heard devices are, as the wire says, and what they do.
func identities(devices []inventory.Device) (all []string) {
	for _, d := range devices {
		if d.Presence != inventory.RegisterOnly {
			all = append(all, strings.Join(slices.Concat([]string{string(d.Presence), string(d.Type), d.Manufacturer, d.Model, d.SerialNumber, string(d.Use.State)},
				d.SoftwareVersions, d.AETitles, d.IPs, d.MACs), "|"))
		}
	}
	slices.Sort(all)
	return all
}

// TestKernelProgramSurvivesACrash: what a killed sensor left before the interface
// is gone or taken over, and the next one is at work at the same place.
func TestKernelProgramSurvivesACrash(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := newBox(t, w.host, tap)
	for range 3 {
		b.start()
		w.await(b)
		if k := b.coverage().Taps[0].Kernel; k != "driver" {
			t.Fatalf("the kernel program is %q: %s", k, b.log)
		}
		if kept, err := filepath.Glob(filepath.Join(b.dir, "capture", "interface-*.json")); err != nil || len(kept) != 1 {
			t.Errorf("how the interface was found is kept in %q, %v", kept, err)
		}
		b.kill()
	}
}

// TestTapsComeAndGoByReload: a reload adds and removes mirror ports and leaves the
// others undisturbed.
func TestTapsComeAndGoByReload(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	w.host.Run("ip", "link", "add", "wire1", "type", "veth", "peer", "name", "span1")
	w.host.Run("ip", "link", "set", "wire1", "arp", "off", "up")
	const one, two = "{name: core, interface: span0, where: Core switch}", "{name: edge, interface: span1, vlans: [60, 61], expect: [dicom]}"
	b := startBox(t, w.host, "taps: ["+one+"]\n")
	w.await(b)
	w.play(newFilm(t, time.Now()).round(contractPump("2.1", infusing())))
	b.await("the pump is known", func() bool { return len(identities(b.known().devices)) > 0 })
	heard := b.coverage().Taps[0].Frames
	reload := func(taps string, until func(web.Coverage) bool) {
		t.Helper()
		b.configure("taps: [" + taps + "]\n")
		b.signal(syscall.SIGHUP)
		b.await("the taps are "+taps, func() bool { return until(b.coverage()) })
	}
	reload(one+", "+two, func(c web.Coverage) bool { return len(c.Taps) == 2 && c.Taps[1].State != "down" })
	if c := b.coverage(); c.Taps[0].Frames < heard || c.Taps[1].Name != "edge" || len(c.Taps[1].DeclaredVLANs) != 2 {
		t.Errorf("after a tap was added: %+v", c.Taps)
	}
	reload(two, func(c web.Coverage) bool { return len(c.Taps) == 1 && c.Taps[0].Name == "edge" })
	b.await("what hung on the removed tap is not known", func() bool {
		for _, d := range b.known().devices {
			if d.Presence == inventory.Behind && d.Use.State != protocols.UnknownUse {
				return false
			}
		}
		return true
	})
	reload("{name: edge, interface: span1, vlans: [62]}", func(c web.Coverage) bool {
		return len(c.Taps) == 1 && slices.Equal(c.Taps[0].DeclaredVLANs, []uint16{62})
	})
	if n := strings.Count(b.log.String(), "msg=listening tap=core"); n != 1 {
		t.Errorf("the first tap was opened %d times", n)
	}
	for _, want := range []string{"taps: 1 added, 0 removed, 0 changed", "taps: 0 added, 1 removed, 0 changed", "taps: 0 added, 0 removed, 1 changed (vlans, expect)", "core is declared no longer."} {
		b.await(want, func() bool { return strings.Contains(b.log.String(), want) })
	}
	if code, took := b.stop(); code != 0 || took > stopTime {
		t.Errorf("stopped with %d after %v", code, took)
	}
}

// TestReloadOpensNoTapAnew: what a tap should carry changes without a pause and
// without a loss of what was counted and learnt. Sessions are read when the pipeline is
// made, so that is made anew; and a tap that comes back has not forgotten.
func TestReloadOpensNoTapAnew(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap)
	w.await(b)
	f := newFilm(t, time.Now()).round(contractPump("2.1", infusing()))
	w.play(f)
	opened := func() int { return strings.Count(b.log.String(), "msg=listening tap=core") }
	heard := func() web.Tap { return b.coverage().Taps[0] }
	b.await("all is heard", func() bool { return heard().Frames >= uint64(len(f.Frames)) && heard().Conversations > 0 })
	before := heard()
	reload := func(taps, told string) {
		t.Helper()
		b.configure("taps: [" + taps + "]\n")
		b.signal(syscall.SIGHUP)
		b.await(told, func() bool { return strings.Contains(b.log.String(), told) })
	}
	const core = "{name: core, interface: " + testbed.MirrorInterface
	const carries = core + ", where: Ward, vlans: [60, 61], directions: receive, native_vlan: 61, links: 2, expect: [hl7]"
	reload(carries+", rspan_vlan: 900}", "1 changed (where, vlans, directions, native_vlan, rspan_vlan, links, expect)")
	if now := heard(); opened() != 1 || now.Where != "Ward" || len(now.DeclaredVLANs) != 2 || now.Frames < before.Frames || now.State == "down" {
		t.Errorf("opened %d times: %+v", opened(), now)
	}
	reload(carries+", sessions: [11]}", "1 changed (sessions, rspan_vlan)")
	b.await("it listens again", func() bool { return opened() == 2 && heard().State != "down" })
	if now := heard(); now.Frames < before.Frames || now.Conversations < before.Conversations || len(now.Sessions) != 1 || now.LastHeard.Before(before.LastHeard) {
		t.Errorf("with sessions, of %+v is left %+v", before, now)
	}
	if m := b.metrics(); !strings.Contains(m, `auscult_flows_opened_total{interface="span0",tap="core"} `) || strings.Contains(m, `auscult_flows_opened_total{interface="span0",tap="core"} 0`) {
		t.Error("what the earlier pipeline counted is lost")
	}
	for _, series := range []string{"segments_ignored_total", "conversations_disputed_total", "segments_unacknowledged_total", "stream_resyncs_total"} {
		if !strings.Contains(b.metrics(), "auscult_"+series+`{interface="span0",tap="core"} 0`) {
			t.Errorf("no metric %s", series)
		}
	}
	reload("", "0 added, 1 removed")
	b.await("it is told", func() bool { return strings.Contains(b.log.String(), "event=tap.removed") })
	reload(core+"}", "1 added, 0 removed")
	b.await("it is remembered", func() bool {
		return slices.ContainsFunc(heard().VLANs, func(v web.VLAN) bool { return v.Frames == 0 && !v.LastHeard.IsZero() })
	})
}

// TestRenamedInterfaceIsHeardOn: a mirror port whose interface gets another name is
// heard on, and said so.
func TestRenamedInterfaceIsHeardOn(t *testing.T) {
	t.Parallel()
	w := newWire(t)
	b := startBox(t, w.host, tap)
	w.await(b)
	w.host.Run("ip", "link", "set", testbed.MirrorInterface, "name", "enp9s0")
	b.await("the rename is told", func() bool { return strings.Contains(b.coverage().Taps[0].Says, "enp9s0") })
	w.play(newFilm(t, time.Now()).round(contractPump("2.1", infusing())))
	b.await("it hears", func() bool { c := b.coverage().Taps[0]; return c.State == "hears" && c.Frames > 0 })
	told := func() int { return strings.Count(b.log.String(), "event=tap.renamed") }
	b.await("it is logged", func() bool { return told() > 0 })
	time.Sleep(2500 * time.Millisecond) // more looks
	if told() != 1 {
		t.Errorf("told %d times", told())
	}
}
