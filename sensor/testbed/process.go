package testbed

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// patience is how long a process gets to end when it is asked to.
	patience = 3 * time.Second
	// maxOutput bounds what is kept of a process's output.
	maxOutput = 1 << 20
)

// Run runs a command inside the host and returns all that it printed. It fails the
// test when the command fails.
func (h *Host) Run(name string, args ...string) string {
	h.bed.t.Helper()
	out, err := h.Command(name, args...).CombinedOutput()
	if err != nil {
		h.bed.t.Fatalf("testbed: on %s: %s %s: %v: %s", h.Name, name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Command is a command inside the host, for tests that set its input, environment
// or output themselves.
func (h *Host) Command(name string, args ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", h.Namespace, name}, args...)...)
}

// Process runs inside a host until it is stopped, at the latest by the end of the
// test.
type Process struct {
	cmd    *exec.Cmd
	output output
	ended  chan struct{}
	err    error // after ended
	stop   sync.Once
}

// Start runs a command inside the host and returns at once. The command must stay
// in the foreground.
func (h *Host) Start(name string, args ...string) *Process {
	h.bed.t.Helper()
	return h.StartCommand(h.Command(name, args...))
}

// StartCommand starts what Command made. Output that cmd does not direct elsewhere
// is kept for Process.Output.
func (h *Host) StartCommand(cmd *exec.Cmd) *Process {
	h.bed.t.Helper()
	p := &Process{cmd: cmd, ended: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = &p.output
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &p.output
	}
	// A group of its own, so that what the process starts ends with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		h.bed.t.Fatalf("testbed: on %s: %v", h.Name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	h.bed.t.Cleanup(func() { _ = p.Stop() }) // how it ends then is of no interest
	return p
}

// PID is the process's number.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Output is what the process has printed so far, at most the first mebibyte.
func (p *Process) Output() string { return p.output.String() }

// Signal sends one signal to the process.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits for the process to end by itself.
func (p *Process) Wait() error {
	<-p.ended
	return p.err
}

// Stop asks the process and its children to end, insists after a while, and returns
// how it ended.
func (p *Process) Stop() error {
	p.stop.Do(func() {
		if p.signalGroup(syscall.SIGTERM) {
			return
		}
		p.signalGroup(syscall.SIGKILL)
	})
	return p.Wait()
}

// signalGroup reports whether the process has ended soon after.
func (p *Process) signalGroup(s syscall.Signal) bool {
	select {
	case <-p.ended:
		return true
	default:
	}
	if err := syscall.Kill(-p.PID(), s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return false
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(patience):
		return false
	}
}

// output keeps the first of what is written to it.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := maxOutput - o.buf.Len(); room > 0 {
		o.buf.Write(b[:min(room, len(b))])
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// killPID ends a process that a program of the test left in a namespace. The test
// itself may have a thread there.
func killPID(pid string) {
	if n, err := strconv.Atoi(pid); err == nil && n > 1 && n != os.Getpid() {
		_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended already
	}
}
