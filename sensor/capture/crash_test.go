package capture_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/auscult/auscult/sensor/capture"
)

// crashing tells the test's child what to do, journaling where its journal is.
const (
	crashing   = "AUSCULT_CAPTURE_TEST_CHILD"
	journaling = "AUSCULT_CAPTURE_TEST_JOURNAL"
)

// TestCrashingChild is not a test: it is the run that dies.
func TestCrashingChild(t *testing.T) {
	mode := os.Getenv(crashing)
	if mode == "" {
		t.Skip("the child of TestLiveTakesOverAfterACrash")
	}
	o := small()
	o.Shunt, o.Journal = capture.ShuntMode(mode), os.Getenv(journaling)
	live, err := capture.OpenLive(o, tap)
	check(t, err)
	live.Skip(skipping(1000, 1<<20))
	fmt.Println("listening", live.Mode())
	time.Sleep(time.Minute)
}

// killed is a run that listens in the test's namespace until it is killed. It gives
// the kernel program's place.
func killed(t *testing.T, mode capture.ShuntMode, journal string) (at string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestCrashingChild$", "-test.v")
	child.Env = append(os.Environ(), crashing+"="+string(mode), journaling+"="+journal)
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start()) // from this thread, so in this namespace
	for lines := bufio.NewScanner(out); at == "" && lines.Scan(); {
		_, at, _ = strings.Cut(lines.Text(), "listening ")
	}
	check(t, child.Process.Kill())
	_ = child.Wait() // it was killed
	return at
}

// A run that is killed leaves an interface that stays mute, hears everything, and
// is taken over by the next.
func TestLiveTakesOverAfterACrash(t *testing.T) {
	for _, mode := range modes() {
		t.Run(string(mode), func(t *testing.T) {
			newCable(t)
			at := killed(t, mode, "")
			if at != string(mode) {
				t.Skipf("the child did not listen as %s but as %q", mode, at)
			}
			waitFor(t, "detached program", func() bool {
				xdp := find(t, near).Attrs().Xdp
				return xdp == nil || !xdp.Attached
			})
			live := openShunt(t, mode)
			if len(live.Notes()) != 0 {
				t.Errorf("%q", live.Notes())
			}
			// The range of the run that died is forgotten.
			wire := packetSocket(t, far)
			send(t, wire, segment(upload, 2000, "x"))
			if next(t, live); live.Stats().ShuntedFrames != 0 {
				t.Errorf("%+v", live.Stats())
			}
			ear := packetSocket(t, far)
			attempts := speak(t)
			if said := heard(t, ear, 100*time.Millisecond); len(said) != 0 {
				t.Errorf("%d frames left the capture interface", len(said))
			}
			if s := live.Stats(); s.TransmitTried < attempts || s.Transmitted != 0 {
				t.Errorf("%+v, want at least %d tried", s, attempts)
			}
			check(t, live.Close())
			left := condition(t, near)
			if strings.Contains(left, "xdp") || strings.Contains(left, "clsact") {
				t.Errorf("left %s", left)
			}
			check(t, netlink.LinkDel(find(t, near)))
		})
	}
}
