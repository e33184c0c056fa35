// Package testbed puts hosts into network namespaces, joins them with a bridge, and
// mirrors what they say, so that tests hear real programs on a real mirror port.
// Only tests import it; it needs root and iproute2, and skips the test without.
package testbed

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	// HostInterface is what the interface of every host is called.
	HostInterface = "eth0"
	// MirrorInterface is what a mirror port is called where it ends.
	MirrorInterface = "span0"

	bridge = "br0"
	// maxName bounds a host's name: an interface's has 15 characters, and the port of
	// the host on the bridge has two more than the host (IFNAMSIZ of linux/if.h).
	maxName = 13
)

// Bed is one bridge and all that hangs on it. It ends with its test, and takes its
// namespaces and processes with it.
type Bed struct {
	t       testing.TB
	id      string // in the name of every namespace, so that test processes do not meet
	ns      string // of the bridge
	ports   []string
	mirrors []string // ports in the bridge's namespace that get a copy of everything
}

// Host is one network namespace with an interface on the bridge.
type Host struct {
	Name      string
	Namespace string       // as ip netns knows it
	Address   netip.Prefix // zero when the host has none
	MAC       string
	bed       *Bed
}

// New makes a bridge without hosts.
func New(t testing.TB) *Bed {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	if !mountPoint("/") {
		t.Skip("needs a root that is a mount point, for ip netns: a container has one, a bare chroot has not")
	}
	for _, tool := range []string{"ip", "tc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s; install the Debian package iproute2", tool)
		}
	}
	b := &Bed{t: t, id: newID(t)}
	b.ns = b.namespace("bridge")
	// A bridge that learns nothing from multicast floods it, as a plain switch does.
	b.ip("-n", b.ns, "link", "add", bridge, "type", "bridge", "stp_state", "0", "mcast_snooping", "0")
	b.ip("-n", b.ns, "link", "set", bridge, "up")
	return b
}

func newID(t testing.TB) string {
	t.Helper()
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatalf("testbed: random name: %v", err)
	}
	return "tb-" + hex.EncodeToString(b[:])
}

// AddHost adds a host. address has a prefix length ("10.1.2.3/24"); it and mac may
// be empty, for a host that asks for an address and one whose MAC does not matter.
func (b *Bed) AddHost(name, address, mac string) *Host {
	b.t.Helper()
	if name == "" || len(name) > maxName {
		b.t.Fatalf("testbed: host name %q: choose one of 1 to %d characters", name, maxName)
	}
	h := &Host{Name: name, MAC: mac, bed: b}
	if address != "" {
		var err error
		if h.Address, err = netip.ParsePrefix(address); err != nil {
			b.t.Fatalf("testbed: host %s: %v", name, err)
		}
	}
	h.Namespace = b.namespace(name)
	port := "p-" + name
	b.cable(port, h.Namespace, HostInterface)
	if mac != "" {
		b.ip("-n", h.Namespace, "link", "set", HostInterface, "address", mac)
	}
	if address != "" {
		b.ip("-n", h.Namespace, "address", "add", address, "dev", HostInterface)
	}
	b.ip("-n", b.ns, "link", "set", port, "master", bridge)
	b.ports = append(b.ports, port)
	b.tap(port)
	for _, m := range b.mirrors {
		b.copyTo(port, m)
	}
	b.ip("-n", b.ns, "link", "set", port, "up")
	b.ip("-n", h.Namespace, "link", "set", HostInterface, "up")
	if h.MAC == "" {
		h.MAC = h.mac()
	}
	return h
}

// namespace makes one whose kernel says nothing in IPv6 by itself, so that tests
// hear what programs say and nothing else.
func (b *Bed) namespace(name string) string {
	b.t.Helper()
	ns := b.id + "-" + name
	b.ip("netns", "add", ns)
	b.t.Cleanup(func() { b.remove(ns) })
	err := within(ns, func() error {
		for _, scope := range []string{"all", "default"} {
			path := filepath.Join("/proc/sys/net/ipv6/conf", scope, "disable_ipv6")
			if err := os.WriteFile(path, []byte("1"), 0); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatalf("testbed: switch IPv6 off in %s: %v", ns, err)
	}
	b.ip("-n", ns, "link", "set", "lo", "up")
	return ns
}

// remove ends what still runs in a namespace, then the namespace.
func (b *Bed) remove(ns string) {
	out, err := exec.Command("ip", "netns", "pids", ns).Output()
	if err != nil {
		b.t.Logf("testbed: processes in %s: %v", ns, err)
	}
	for pid := range strings.FieldsSeq(string(out)) {
		killPID(pid)
	}
	if out, err := exec.Command("ip", "netns", "del", ns).CombinedOutput(); err != nil {
		b.t.Errorf("testbed: remove namespace %s: %v: %s", ns, err, out)
	}
}

// cable lays a veth pair from the bridge's namespace to another. Both ends send
// whole frames with whole checksums, as a wire has them.
func (b *Bed) cable(port, ns, inside string) {
	b.t.Helper()
	b.ip("-n", b.ns, "link", "add", port, "type", "veth", "peer", "name", inside, "netns", ns)
	b.ip("-n", ns, "link", "set", inside, "gso_max_segs", "1")
	if _, err := exec.LookPath("ethtool"); err != nil {
		b.t.Log("testbed: no ethtool: the mirror shows checksums that the kernel left open")
		return
	}
	b.run("ip", "netns", "exec", ns, "ethtool", "-K", inside, "tx", "off")
}

func (b *Bed) ip(args ...string) { b.t.Helper(); b.run("ip", args...) }

// run runs a command of the bed itself, which must succeed.
func (b *Bed) run(name string, args ...string) {
	b.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		b.t.Fatalf("testbed: %s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// String names the bed in messages.
func (b *Bed) String() string { return fmt.Sprintf("testbed %s", b.id) }

// mountPoint reports whether something is mounted at path in this process's own
// namespace (proc_pid_mountinfo(5), fifth field). Without /proc it cannot tell and
// says yes.
func mountPoint(path string) bool {
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return true
	}
	for _, line := range strings.Split(string(raw), "\n") {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] == path {
			return true
		}
	}
	return false
}
