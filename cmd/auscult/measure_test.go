package main_test

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the binary to measure; without it nothing is measured.
var program = flag.String("measure", "", "measure this auscult `PROGRAM`, as make bench does")

// rounds is how often every program reads every capture, in turns, so that a
// moment at which the machine was busy hits them all.
const rounds = 7

// run is what one run of one program costs.
type run struct {
	wall, cpu time.Duration
	memory    int64 // peak resident set, bytes
}

// series is all runs of one program on one capture.
type series []run

// least is the smallest of a figure, and middle its median: the least is what the
// work costs, the median what a busy machine makes of it.
func least[T cmp.Ordered](s series, figure func(run) T) T { return sorted(s, figure)[0] }

func middle[T cmp.Ordered](s series, figure func(run) T) T { return sorted(s, figure)[len(s)/2] }

func sorted[T cmp.Ordered](s series, figure func(run) T) []T {
	all := make([]T, len(s))
	for i, r := range s {
		all[i] = figure(r)
	}
	slices.Sort(all)
	return all
}

func wall(r run) time.Duration { return r.wall }
func cpu(r run) time.Duration  { return r.cpu }
func memory(r run) int64       { return r.memory }

// once runs a program to its end and says what that cost.
func once(t *testing.T, name string, args ...string) run {
	t.Helper()
	forgetPeak(t)
	cmd := exec.Command(name, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	start := time.Now()
	err := cmd.Run()
	r := run{wall: time.Since(start)}
	if err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(name), err, said.String())
	}
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss << 10
	}
	return r
}

// forgetPeak makes this process small and forgets how large it was: for the kernel
// a new process has been as large as the one that it comes from (proc(5),
// clear_refs).
func forgetPeak(t *testing.T) {
	t.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Logf("peaks of memory are no less than this test's own: %v", err)
	}
}

// TestMeasure prints, as a Markdown table, what it costs to replay captures, and
// what ndpiReader takes for the same files. It asserts nothing: machines differ.
func TestMeasure(t *testing.T) {
	if *program == "" {
		t.Skip("measures only when asked to: make bench")
	}
	folder := t.TempDir()
	captures := []recording{startup(t, folder), imaging(t, folder)}
	captures = append(captures, repeated(t, folder, "sample hospital", "../../sensor/demo/sample")...)
	captures = append(captures, repeated(t, folder, "stvincent.pcap", "../../../shared/captures/stvincent.pcap")...)

	peer, err := exec.LookPath("ndpiReader")
	if err != nil {
		t.Log("no ndpiReader: install the Debian package libndpi-bin to compare")
	}
	var table strings.Builder
	fmt.Fprintf(&table, "| capture | MB | packets | bytes a packet | CPU s | wall s | packets/s | MB/s | peak MB | ndpiReader CPU s | peak MB | ratio |\n")
	fmt.Fprintf(&table, "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range captures {
		ours, theirs := compare(t, c, peer)
		table.WriteString(row(c, ours, theirs))
	}
	fmt.Printf("\n%s\nCPU seconds are user and system time, least of %d runs (median). %s, %d processors, %s.\n", table.String(), rounds, processor(), runtime.NumCPU(), runtime.Version())
}

// compare runs both programs in turns.
func compare(t *testing.T, c recording, peer string) (ours, theirs series) {
	t.Helper()
	for range rounds {
		ours = append(ours, once(t, *program, "replay", "--format", "json", c.path))
		if peer != "" {
			theirs = append(theirs, once(t, peer, "-q", "-i", c.path))
		}
	}
	return ours, theirs
}

func row(c recording, ours, theirs series) string {
	const mb = 1e6
	seconds := least(ours, wall).Seconds()
	cells := []string{
		c.name, fmt.Sprintf("%.1f", float64(c.bytes)/mb), fmt.Sprint(c.packets), fmt.Sprint(c.bytes / max(1, c.packets)),
		both(ours, cpu), both(ours, wall),
		fmt.Sprintf("%.0f k", float64(c.packets)/seconds/1000), fmt.Sprintf("%.0f", float64(c.bytes)/mb/seconds), fmt.Sprintf("%.0f", float64(middle(ours, memory))/mb),
	}
	if theirs == nil {
		return "| " + strings.Join(append(cells, "not installed", "", ""), " | ") + " |\n"
	}
	ratio := least(ours, cpu).Seconds() / least(theirs, cpu).Seconds()
	cells = append(cells, both(theirs, cpu), fmt.Sprintf("%.0f", float64(middle(theirs, memory))/mb), fmt.Sprintf("%.2f", ratio))
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// both is the least and the median of a time.
func both(s series, figure func(run) time.Duration) string {
	return fmt.Sprintf("%.2f (%.2f)", least(s, figure).Seconds(), middle(s, figure).Seconds())
}

// processor is the name of the processor, as the kernel tells it.
func processor() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(b)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return runtime.GOARCH
}
