package capture_test

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/auscult/auscult/sensor/capture"
)

// alternative is a second name of the capture interface.
const alternative = "mirror-port-of-radiology"

// stillMute holds that the first listener's drop stands and drops.
func stillMute(t *testing.T, live *capture.Live) {
	t.Helper()
	if now := condition(t, near); !strings.Contains(now, "clsact egress bpf") {
		t.Errorf("the first one's drop is gone: %s", now)
	}
	ear := packetSocket(t, far)
	attempts := speak(t)
	if said := heard(t, ear, 100*time.Millisecond); len(said) != 0 {
		t.Errorf("%d frames left the capture interface", len(said))
	}
	if s := live.Stats(); s.TransmitTried < attempts || s.Transmitted != 0 {
		t.Errorf("%+v, want at least %d tried", s, attempts)
	}
}

// refusedAsTaken holds that an error says who is there and what to do.
func refusedAsTaken(t *testing.T, says, name string) {
	t.Helper()
	for _, want := range []string{"interface " + name, "another tap or another sensor listens there", "stop"} {
		if !strings.Contains(says, want) {
			t.Errorf("%q does not say %q", says, want)
		}
	}
}

// One interface by two names is one interface: the second tap is refused, and the
// first one's drop stays.
func TestInvariant01MuteHasOneOwner(t *testing.T) {
	for _, second := range []string{near, alternative} {
		t.Run(second, func(t *testing.T) {
			newCable(t)
			check(t, netlink.LinkAddAltName(find(t, near), alternative))
			before := condition(t, near)
			live := openLive(t, small())
			o := small()
			o.Interface = second
			other, err := capture.OpenLive(o, tap)
			if err == nil {
				t.Error("two listen at one interface")
				check(t, other.Close())
			} else {
				refusedAsTaken(t, err.Error(), second)
			}
			stillMute(t, live)
			address, err := netlink.ParseAddr("10.99.0.1/24")
			check(t, err)
			check(t, netlink.AddrDel(find(t, near), address))
			check(t, live.Close())
			if after := condition(t, near); after != before {
				t.Errorf("was  %s\nleft %s", before, after)
			}
			check(t, openLive(t, o).Close()) // nobody is there now
		})
	}
}

// An interface that is named by another of its names is not a renamed one.
func TestLiveKnowsAlternativeNames(t *testing.T) {
	newCable(t)
	check(t, netlink.LinkAddAltName(find(t, near), alternative))
	o := small()
	o.Interface = alternative
	says(t, openLive(t, o), true, "")
}

// A second process is refused as well, and a killed one is in nobody's way.
func TestOwnerIsOneProcess(t *testing.T) {
	newCable(t)
	live := openLive(t, small())
	child := exec.Command(os.Args[0], "-test.run=^TestCrashingChild$", "-test.v")
	child.Env = append(os.Environ(), crashing+"="+string(capture.ShuntOff))
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start()) // from this thread, so in this namespace
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "listening"); {
		said.WriteString(lines.Text())
	}
	_ = child.Process.Kill() // it has ended, or it listens, which it may not
	_ = child.Wait()
	refusedAsTaken(t, said.String(), near)
	stillMute(t, live)
}
