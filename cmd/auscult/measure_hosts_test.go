package main_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

// recordingTools are what recordParts runs: iproute2, ethtool, DCMTK, tcpdump,
// dnsmasq and ISC's DHCP client.
var recordingTools = []string{"ip", "tc", "ethtool", "tcpdump", "storescu", "storescp", "dump2dcm", "dnsmasq", "dhclient"}

const (
	// linkRate is how fast the recorded hosts may send: as their network cards do.
	linkRate = "1gbit"
	// recorderKiB is tcpdump's buffer: half a second of such a link many times over.
	recorderKiB = 512 << 10
	// recorderPatience is how long tcpdump gets to say that it listens, and settle how
	// long it gets to be shown the last frames: its ring is handed over once a second.
	recorderPatience = 10 * time.Second
	settle           = 1500 * time.Millisecond
)

// ward is the hosts that are recorded.
type ward struct {
	t                                         *testing.T
	folder                                    string
	bed                                       *testbed.Bed
	scanner, tomograph, archive, server, desk *testbed.Host
	newcomers                                 []*testbed.Host // without an address
	mirror                                    *testbed.Host
}

// recordParts records each conversation by itself on a mirror port, with the real
// programs at both ends and frames as a wire has them.
func recordParts(t *testing.T, folder string) parts {
	t.Helper()
	w := newWard(t, folder)
	scratch := t.TempDir()
	image, slices := makeImage(t, scratch), makeSeries(t, scratch)
	w.archive.Start("storescp", "--ignore", "--aetitle", "ARCHIVE", "11112")
	w.archive.WaitPort("10.77.0.9:11112")
	return parts{
		object:  w.record("object", func() error { return store(w.scanner, radiograph.AE, image) }),
		study:   w.record("series", func() error { return w.storeSeries(slices) }),
		web:     w.record("web", w.browse),
		shell:   w.record("shell", w.copyOverSSH),
		chatter: w.record("chatter", w.chat),
	}
}

func newWard(t *testing.T, folder string) *ward {
	t.Helper()
	bed := testbed.New(t)
	w := &ward{t: t, folder: folder, bed: bed,
		scanner:   bed.AddHost("scanner", "10.77.0.1/24", "00:04:a5:00:00:01"),
		tomograph: bed.AddHost("tomograph", "10.77.0.2/24", "00:04:a5:00:00:02"),
		archive:   bed.AddHost("archive", "10.77.0.9/24", "00:25:90:00:00:09"),
		server:    bed.AddHost("server", "10.77.0.8/24", "00:25:90:00:00:08"),
		desk:      bed.AddHost("desk", "10.77.0.7/24", "00:25:90:00:00:07"),
	}
	for i := range 3 {
		w.newcomers = append(w.newcomers, bed.AddHost(fmt.Sprintf("newcomer%d", i), "", fmt.Sprintf("00:25:90:00:01:%02d", i)))
	}
	for _, h := range []*testbed.Host{w.scanner, w.tomograph, w.archive, w.server, w.desk} {
		h.Run("tc", "qdisc", "add", "dev", testbed.HostInterface, "root", "tbf", "rate", linkRate, "burst", "256kb", "latency", "50ms")
	}
	w.mirror = bed.Mirror()
	w.mirror.Run("ip", "link", "set", testbed.MirrorInterface, "up")
	return w
}

// record records what is heard while talk talks.
func (w *ward) record(name string, talk func() error) recording {
	w.t.Helper()
	path := filepath.Join(w.folder, "part-"+name+".pcap")
	recorder := w.mirror.Start("tcpdump", "-n", "-i", testbed.MirrorInterface, "-Z", "root", "-B", fmt.Sprint(recorderKiB), "-w", path)
	for end := time.Now().Add(recorderPatience); !strings.Contains(recorder.Output(), "listening on"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("tcpdump does not listen: %s", recorder.Output())
		}
	}
	if err := talk(); err != nil {
		w.t.Fatalf("record %s: %v", name, err)
	}
	time.Sleep(settle)
	if err := recorder.Signal(syscall.SIGINT); err != nil {
		w.t.Fatal(err)
	}
	if err := recorder.Wait(); err != nil {
		w.t.Fatalf("tcpdump: %v: %s", err, recorder.Output())
	}
	if !strings.Contains(recorder.Output(), "\n0 packets dropped by kernel") {
		w.t.Fatalf("record %s: frames were lost while recording; run it on an idle machine: %s", name, recorder.Output())
	}
	r, err := counted(name, path)
	if err != nil {
		w.t.Fatalf("record %s: %v", name, err)
	}
	w.t.Logf("%s: %d packets, %d bytes", name, r.packets, r.bytes)
	return r
}

// store sends objects in one association.
func store(from *testbed.Host, ae string, objects ...string) error {
	args := append([]string{"--aetitle", ae, "--call", "ARCHIVE", "10.77.0.9", "11112"}, objects...)
	return finished(from.Command("storescu", args...))
}

func finished(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// storeSeries sends a series in three associations, as a scanner does that sends
// while it still scans.
func (w *ward) storeSeries(objects []string) error {
	const associations = 3
	for i := range associations {
		if err := store(w.tomograph, tomograph.AE, objects[len(objects)*i/associations:len(objects)*(i+1)/associations]...); err != nil {
			return err
		}
	}
	return nil
}
