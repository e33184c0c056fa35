package testbed

import (
	"fmt"
)

// Mirror adds a namespace of its own that hears, on MirrorInterface, every frame
// which enters the bridge, once. The interface is down and has no address: who
// captures brings it up.
func (b *Bed) Mirror() *Host {
	b.t.Helper()
	h := &Host{Name: "mirror", Namespace: b.namespace(fmt.Sprintf("mirror%d", len(b.mirrors))), bed: b}
	h.AddMirror()
	return h
}

// AddMirror ends a mirror port at a host, beside the interface that it has: a
// sensor with its management port.
func (h *Host) AddMirror() {
	b := h.bed
	b.t.Helper()
	port := fmt.Sprintf("m-%d", len(b.mirrors))
	b.ip("-n", b.ns, "link", "add", port, "type", "veth", "peer", "name", MirrorInterface, "netns", h.Namespace)
	b.ip("-n", b.ns, "link", "set", port, "arp", "off", "up")
	b.mirrors = append(b.mirrors, port)
	for _, p := range b.ports {
		b.copyTo(p, port)
	}
}

// Returned is how many frames came back out of the mirror port of h: what the
// capture interface there has sent. It must stay 0.
func (h *Host) Returned() uint64 {
	h.bed.t.Helper()
	var n uint64
	if err := h.Do(func() (err error) {
		n, err = transmitted(MirrorInterface)
		return err
	}); err != nil {
		h.bed.t.Fatalf("testbed: counters of %s: %v", h.Name, err)
	}
	return n
}

// tap prepares a port of the bridge for being mirrored.
func (b *Bed) tap(port string) {
	b.t.Helper()
	b.run("tc", "-n", b.ns, "qdisc", "add", "dev", port, "clsact")
}

// copyTo copies what enters the bridge at port to a mirror port. The classifier is
// u32 with an empty mask, which older and smaller kernels have too.
func (b *Bed) copyTo(port, mirror string) {
	b.t.Helper()
	b.run("tc", "-n", b.ns, "filter", "add", "dev", port, "ingress", "protocol", "all", "u32", "match", "u32", "0", "0",
		"action", "mirred", "egress", "mirror", "dev", mirror)
}
