package testbed_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
	"github.com/auscult/auscult/sensor/testbed"
)

// hear captures on the mirror port while talk talks, and for a moment after.
func hear(t *testing.T, mirror *testbed.Host, talk func()) (frames [][]byte, stats sensor.SourceStats) {
	t.Helper()
	err := mirror.Do(func() error {
		live, err := capture.OpenLive(capture.LiveOptions{Interface: testbed.MirrorInterface, RingBytes: 4 << 20}, &sensor.Tap{})
		if err != nil {
			return err
		}
		talk()
		var f sensor.Frame
		for err = live.Next(&f); err == nil; err = live.Next(&f) {
			frames = append(frames, bytes.Clone(f.Data))
		}
		stats = live.Stats()
		if errors.Is(err, sensor.ErrIdle) {
			err = nil
		}
		return errors.Join(err, live.Close())
	})
	if err != nil {
		t.Fatal(err)
	}
	return frames, stats
}

func TestInvariant01MuteOnAMirror(t *testing.T) {
	bed := testbed.New(t)
	a := bed.AddHost("scanner", "10.77.0.1/24", "02:00:00:00:00:0a")
	mirror := bed.Mirror()
	b := bed.AddHost("archive", "10.77.0.2/24", "") // after the mirror: it is heard too
	frames, stats := hear(t, mirror, func() {
		if err := a.Ping(b); err != nil {
			t.Errorf("ping: %v", err)
		}
	})
	var kinds []string
	for _, f := range frames {
		kinds = append(kinds, kindOf(f))
	}
	// Each frame once, in its order on the wire.
	if got := strings.Join(kinds, ", "); got != "ARP request, ARP reply, echo request, echo reply" {
		t.Errorf("heard %s", got)
	}
	if len(frames) > 0 && !bytes.Equal(frames[0][6:12], []byte{2, 0, 0, 0, 0, 10}) {
		t.Errorf("the first frame comes from % x, not from the host's MAC", frames[0][6:12])
	}
	if stats.Transmitted != 0 || mirror.Returned() != 0 {
		t.Errorf("the mirror port sent %d frames, its counter says %d", mirror.Returned(), stats.Transmitted)
	}
}

func kindOf(f []byte) string {
	switch {
	case len(f) > 21 && f[12] == 8 && f[13] == 6 && f[21] == 1:
		return "ARP request"
	case len(f) > 21 && f[12] == 8 && f[13] == 6:
		return "ARP reply"
	case len(f) > 34 && f[23] == 1 && f[34] == 8:
		return "echo request"
	case len(f) > 34 && f[23] == 1 && f[34] == 0:
		return "echo reply"
	}
	return "other"
}

// TestWholeSegments sends much in one call: the mirror must show what a wire would,
// not the large segments that the kernel puts together inside one machine.
func TestWholeSegments(t *testing.T) {
	bed := testbed.New(t)
	a, b := bed.AddHost("a", "10.77.0.1/24", ""), bed.AddHost("b", "10.77.0.2/24", "")
	mirror := bed.Mirror()
	frames, _ := hear(t, mirror, func() { talkTCP(t, a, b) })
	most, sum := 0, 0
	for _, f := range frames {
		most, sum = max(most, len(f)), sum+len(f)
	}
	if most > 1514 || sum < 100_000 {
		t.Errorf("%d frames, %d bytes, the largest has %d", len(frames), sum, most)
	}
}

// talkTCP sends 100,000 bytes from one host to another, and waits until they are
// read there.
func talkTCP(t *testing.T, from, to *testbed.Host) {
	t.Helper()
	var server net.Listener
	if err := to.Do(func() (err error) { server, err = net.Listen("tcp", "10.77.0.2:104"); return err }); err != nil {
		t.Error(err)
		return
	}
	read := make(chan error)
	go func() {
		c, err := server.Accept()
		if err == nil {
			_, err = io.Copy(io.Discard, c)
			err = errors.Join(err, c.Close())
		}
		read <- err
	}()
	err := from.Do(func() error {
		c, err := net.DialTimeout("tcp", "10.77.0.2:104", 2*time.Second)
		if err != nil {
			return errors.Join(err, server.Close())
		}
		_, err = c.Write(make([]byte, 100_000))
		return errors.Join(err, c.Close())
	})
	if err := errors.Join(err, <-read); err != nil {
		t.Error(err)
	}
	_ = server.Close() // closed already where nobody could connect
}

func TestProcesses(t *testing.T) {
	bed := testbed.New(t)
	a := bed.AddHost("a", "10.77.0.1/24", "")
	if out := a.Run("ip", "-o", "address", "show", testbed.HostInterface); !strings.Contains(out, "10.77.0.1/24") {
		t.Errorf("ip address: %s", out)
	}
	p := a.Start("sh", "-c", "echo started; sleep 1000 & wait")
	for end := time.Now().Add(5 * time.Second); p.Output() != "started\n" && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	if p.Output() != "started\n" {
		t.Errorf("output %q", p.Output())
	}
	start := time.Now()
	if err := p.Stop(); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("stopped with %v after %v", err, time.Since(start))
	}
	if err := a.Start("true").Wait(); err != nil {
		t.Errorf("true: %v", err)
	}
}

func TestWaitPort(t *testing.T) {
	bed := testbed.New(t)
	a := bed.AddHost("a", "10.77.0.1/24", "")
	var server net.Listener
	if err := a.Do(func() (err error) { server, err = net.Listen("tcp", "10.77.0.1:104"); return err }); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	a.WaitPort("10.77.0.1:104")
}

// TestNothingIsLeft looks for namespaces after a bed has ended, with a process that
// would not.
func TestNothingIsLeft(t *testing.T) {
	var name string
	var pid int
	t.Run("bed", func(t *testing.T) {
		a := testbed.New(t).AddHost("a", "", "")
		name, pid = a.Namespace, a.Start("sleep", "1000").PID()
		if a.MAC == "" || a.Address.IsValid() {
			t.Errorf("MAC %q, address %v", a.MAC, a.Address)
		}
	})
	if name == "" {
		t.Skip("no bed could be made")
	}
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil || strings.Contains(string(out), name) {
		t.Errorf("%s is left: %s %v", name, out, err)
	}
	if _, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cmdline"); !os.IsNotExist(err) {
		t.Errorf("process %d is left: %v", pid, err)
	}
}
