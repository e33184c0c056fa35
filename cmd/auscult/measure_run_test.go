package main_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cost is what one run of one program costs.
type cost struct {
	wall, cpu time.Duration // cpu is user and system time
	memory    int64         // peak resident set, bytes
}

// series is all runs of one program on one capture.
type series []cost

// least is the smallest of a figure, and middle its median: the least is what the
// work costs, the median what a busy machine makes of it.
func least[R any, T cmp.Ordered](s []R, figure func(R) T) T { return sorted(s, figure)[0] }

func middle[R any, T cmp.Ordered](s []R, figure func(R) T) T { return sorted(s, figure)[len(s)/2] }

func sorted[R any, T cmp.Ordered](s []R, figure func(R) T) []T {
	all := make([]T, len(s))
	for i, r := range s {
		all[i] = figure(r)
	}
	slices.Sort(all)
	return all
}

func wall(r cost) time.Duration { return r.wall }
func cpu(r cost) time.Duration  { return r.cpu }
func memory(r cost) int64       { return r.memory }

// once runs a program to its end and says what that cost.
func once(t *testing.T, name string, args ...string) cost {
	t.Helper()
	c, said, err := timed(t, exec.CommandContext(limited(t), name, args...))
	if err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(name), err, said)
	}
	return c
}

// longest is how long one run of one program may take: one that hangs must not hold
// up the others.
const longest = 3 * time.Minute

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	t.Cleanup(cancel)
	return ctx
}

// timed runs a command to its end. Its output is thrown away, its errors are not.
func timed(t *testing.T, cmd *exec.Cmd) (c cost, said string, err error) {
	t.Helper()
	forgetPeak(t)
	var text strings.Builder
	cmd.Stderr = &text
	start := time.Now()
	err = cmd.Run()
	c.wall = time.Since(start)
	if cmd.ProcessState == nil {
		return c, text.String(), err
	}
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = usage.Maxrss << 10
	}
	return c, text.String(), err
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

// inherited is the least peak of memory that can be told: a new process begins with the
// peak of this one.
func inherited(t *testing.T) int64 {
	t.Helper()
	return once(t, "true").memory
}

// peak is the median of the peaks of memory, in MB.
func peak(s series, least int64) string {
	if m := middle(s, memory); m > least+1<<20 {
		return megabytes(m)
	}
	return "≤ " + megabytes(least)
}

// both is the least and the median of a time, in seconds.
func both(s series, figure func(cost) time.Duration) string {
	return fmt.Sprintf("%.2f (%.2f)", least(s, figure).Seconds(), middle(s, figure).Seconds())
}

// over is one least CPU time as a multiple of another; "" where there is none.
func over(s, than series) string {
	if len(s) == 0 || len(than) == 0 || least(than, cpu) == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", least(s, cpu).Seconds()/least(than, cpu).Seconds())
}
