package main_test

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"

	"github.com/auscult/auscult/sensor/testbed"
)

const (
	// spanInterface is where the daemon listens, sourceInterface the other end of the
	// cable.
	spanInterface, sourceInterface = testbed.MirrorInterface, "source0"
	// sourceQueue is how many frames wait before the cable: with a queue the kernel
	// makes the sender wait where it would lose frames silently without.
	sourceQueue = "1000"
)

// wire is a cable between two namespaces, with tcpreplay at one end. The sender and
// the softirq work, which runs where it sends, are on one processor, the daemon on
// another: so that neither's time is counted as the other's.
type wire struct {
	source, sensor       *testbed.Host
	sourceCPU, sensorCPU string
}

func newWire(t *testing.T) *wire {
	t.Helper()
	bed := testbed.New(t)
	w := &wire{source: bed.AddHost("source", "", ""), sensor: bed.AddHost("sensor", "", ""), sourceCPU: "0", sensorCPU: strconv.Itoa(min(1, runtime.NumCPU()-1))}
	w.source.Run("ip", "link", "add", sourceInterface, "type", "veth", "peer", "name", spanInterface, "netns", w.sensor.Namespace)
	w.source.Run("tc", "qdisc", "add", "dev", sourceInterface, "root", "pfifo", "limit", sourceQueue)
	w.source.Run("ip", "link", "set", sourceInterface, "arp", "off", "up")
	return w
}

// sending is what tcpreplay says of one run, and what it cost.
type sending struct {
	packets, bytes, failed int64
	seconds                float64
	cpu                    time.Duration // of the sender, with the softirq work that ran in its place
}

func (s sending) gigabits() float64 { return float64(s.bytes) * 8 / 1e9 / s.seconds }

var (
	actual = regexp.MustCompile(`Actual: (\d+) packets \((\d+) bytes\) sent in ([0-9.]+) seconds`)
	failed = regexp.MustCompile(`Failed packets:\s+(\d+)`)
)

// send sends a capture: as fast as it goes, or as it was recorded.
func (w *wire) send(t *testing.T, path string, pace ...string) sending {
	t.Helper()
	args := append([]string{"netns", "exec", w.source.Namespace, "taskset", "-c", w.sourceCPU, "tcpreplay", "-i", sourceInterface, "-K", "--no-flow-stats"}, pace...)
	cmd := exec.CommandContext(limited(t), "ip", append(args, path)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("tcpreplay: %v: %s", err, out)
	}
	s, err := sentBy(string(out))
	if err != nil {
		t.Fatal(err)
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return s
}

func sentBy(said string) (s sending, err error) {
	a, f := actual.FindStringSubmatch(said), failed.FindStringSubmatch(said)
	if a == nil || f == nil {
		return s, fmt.Errorf("tcpreplay does not say what it sent: %s", said)
	}
	if _, err := fmt.Sscan(strings.Join([]string{a[1], a[2], a[3], f[1]}, " "), &s.packets, &s.bytes, &s.seconds, &s.failed); err != nil {
		return s, fmt.Errorf("tcpreplay: %w: %s", err, said)
	}
	return s, nil
}

// lostBefore is how many frames the cable itself has lost so far: the sender's end
// counts what the other end could not take, by the kernel's own counters.
func (w *wire) lostBefore(t *testing.T) (n uint64) {
	t.Helper()
	for _, counter := range []string{"tx_dropped", "tx_errors"} {
		text := w.source.Run("cat", "/sys/class/net/"+sourceInterface+"/statistics/"+counter)
		v, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		n += v
	}
	return n
}

// idle puts the interface up as a daemon would, with nobody who listens.
func (w *wire) idle(on bool) {
	state := map[bool][]string{true: {"promisc", "on", "up"}, false: {"promisc", "off", "down"}}[on]
	w.sensor.Run("ip", append([]string{"link", "set", spanInterface}, state...)...)
}

// dropAll drops every frame at the interface, by XDP in its driver or generic, until
// the returned function is called: the least that dropping costs there.
func (w *wire) dropAll(driver bool) (done func() error, err error) {
	err = w.sensor.Do(func() error {
		at, err := netlink.LinkByName(spanInterface)
		if err != nil {
			return err
		}
		const xdpDrop = 1 // enum xdp_action of linux/bpf.h
		program, err := ebpf.NewProgram(&ebpf.ProgramSpec{Name: "drop_all", Type: ebpf.XDP, License: "Apache-2.0",
			Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, xdpDrop), asm.Return()}})
		if err != nil {
			return err
		}
		flags := map[bool]link.XDPAttachFlags{true: link.XDPDriverMode, false: link.XDPGenericMode}[driver]
		attached, err := link.AttachXDP(link.XDPOptions{Program: program, Interface: at.Attrs().Index, Flags: flags})
		done = func() error { return errors.Join(attached.Close(), program.Close()) }
		if err != nil {
			return errors.Join(err, program.Close())
		}
		return nil
	})
	return done, err
}
