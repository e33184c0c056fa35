package image_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// span is the machine's mirror port, wire the far end of its cable.
	span = "span0"
	wire = "wire0"
	// started is how long a system gets to start, and a service to say something.
	started = 30 * time.Second
)

// machine is a chroot whose own systemd runs as process 1, in namespaces of its
// own, with one cable to a mirror port.
type machine struct {
	*chroot
	init  string // process 1, as it is numbered here
	group string
}

// boot starts the system. Where the kernel does not let it, the test is skipped.
func (c *chroot) boot() *machine {
	c.t.Helper()
	m := &machine{chroot: c, group: fmt.Sprintf("auscult-test-%d", os.Getpid())}
	script, err := filepath.Abs("testdata/boot")
	check(c.t, err)
	cmd := exec.Command("unshare", "--mount", "--uts", "--ipc", "--net", script, c.root, m.group)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.WaitDelay = time.Second
	check(c.t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }() // it ends by being killed
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill() // takes process 1 along, and so all of the machine
		<-ended
		m.removeGroup()
	})
	m.await(ended, &said, fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
	m.cable()
	return m
}

// await waits until the system says that it runs.
func (m *machine) await(ended chan struct{}, said *strings.Builder, children string) {
	m.t.Helper()
	state := ""
	for end := time.Now().Add(started); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-ended:
			m.t.Skipf("a system cannot be booted in namespaces here: %s", tail(said.String()))
		default:
		}
		b, err := os.ReadFile(children)
		if m.init = strings.TrimSpace(string(b)); err != nil || m.init == "" {
			continue
		}
		out, _ := m.try("systemctl", "is-system-running") // fails until it runs
		if state = strings.TrimSpace(out); state == "running" || state == "degraded" {
			return
		}
	}
	m.t.Skipf("a system that is booted in namespaces here does not come up: %s", state)
}

// cable makes the mirror port, down and as a card's driver makes it. The far end
// has an address, so that its kernel has something to say.
func (m *machine) cable() {
	m.t.Helper()
	m.network("ip", "link", "set", "lo", "up")
	m.network("ip", "link", "add", span, "type", "veth", "peer", "name", wire)
	m.network("ip", "address", "add", "192.0.2.1/24", "dev", wire)
	m.network("ip", "link", "set", wire, "address", "00:13:38:01:02:03")
	m.network("ip", "link", "set", wire, "up")
}

// network runs a program of this machine in the network of that one.
func (m *machine) network(args ...string) string {
	m.t.Helper()
	out, err := command("nsenter", append([]string{"--target", m.init, "--net"}, args...)...)
	if err != nil {
		m.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, tail(out))
	}
	return out
}

// try runs a command in the machine.
func (m *machine) try(args ...string) (string, error) {
	return command("nsenter", append([]string{"--target", m.init, "--all"}, args...)...)
}

// run runs a command in the machine, which must succeed.
func (m *machine) run(args ...string) string {
	m.t.Helper()
	out, err := m.try(args...)
	if err != nil {
		m.t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, tail(out))
	}
	return out
}

// property is what systemd says of the service.
func (m *machine) property(name string) string {
	m.t.Helper()
	return strings.TrimSpace(m.run("systemctl", "show", "--value", "--property", name, "auscult.service"))
}

// journal is what the running service has said since it was started.
func (m *machine) journal() string {
	m.t.Helper()
	return m.run("journalctl", "--no-pager", "--output=cat", "_SYSTEMD_INVOCATION_ID="+m.property("InvocationID"))
}

// says waits until the running service has said something.
func (m *machine) says(what string) {
	m.t.Helper()
	for end := time.Now().Add(started); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(m.journal(), what) {
			return
		}
	}
	m.t.Errorf("the service never says %q, but:\n%s", what, m.journal())
}

// removeGroup removes the machine's control groups. The kernel needs a moment to
// bury the dead.
func (m *machine) removeGroup() {
	for _, hierarchy := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		top := filepath.Join(hierarchy, m.group)
		for end := time.Now().Add(5 * time.Second); removeGroups(top) != nil && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		if _, err := os.Stat(top); err == nil {
			m.t.Errorf("the control group %s is left", top)
		}
	}
}

// removeGroups removes a control group and those in it, which can only be removed
// one by one and from the bottom.
func removeGroups(top string) error {
	groups, err := os.ReadDir(top)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, g := range groups {
		if g.IsDir() {
			err = errors.Join(err, removeGroups(filepath.Join(top, g.Name())))
		}
	}
	return errors.Join(err, syscall.Rmdir(top))
}
