package bpf

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
)

// XDPName is the name of the program at an interface, as bpftool and ip show it.
const XDPName = kernelProgAuscultTap

// Attachment holds the tap at one interface. The kernel lets go of it when the
// process ends, however it ends.
type Attachment struct {
	link link.Link
}

// AttachXDP puts the tap at an interface, in its driver or generic: behind the
// driver, but before any packet socket is given the frame. What an earlier run of
// ours left there is replaced; somebody else's program is an error that names it.
// The caller closes the attachment, before or after the tap. It needs Linux 5.9,
// CAP_BPF and CAP_NET_ADMIN.
func (t *Tap) AttachXDP(ifindex int, driver bool) (*Attachment, error) {
	if err := makeRoom(ifindex); err != nil {
		return nil, fmt.Errorf("interface %d: attach the kernel tap: %w", ifindex, err)
	}
	flags := link.XDPGenericMode
	if driver {
		flags = link.XDPDriverMode
	}
	l, err := link.AttachXDP(link.XDPOptions{Program: t.programs.AuscultTap, Interface: ifindex, Flags: flags})
	if err != nil {
		return nil, fmt.Errorf("interface %d: attach the kernel tap: %w", ifindex, attachRemedy(err, driver))
	}
	return &Attachment{link: l}, nil
}

// Close takes the tap off the interface. An interface that is gone is no error.
func (a *Attachment) Close() error {
	if err := a.link.Close(); err != nil {
		return fmt.Errorf("detach the kernel tap: %w; end the process, which detaches it too", err)
	}
	return nil
}

// XDPAttached names the XDP program at an interface; id is 0 where there is none.
// The name is empty where this process may not ask for it: that needs CAP_SYS_ADMIN.
func XDPAttached(ifindex int) (name string, id uint32, err error) {
	_, xdp, err := attachedXDP(ifindex)
	if err != nil || xdp == nil {
		return "", 0, err
	}
	name, err = programName(xdp.ProgId)
	return name, xdp.ProgId, err
}

// attachedXDP is the interface, and what it says of its XDP program: nil where it
// has none.
func attachedXDP(ifindex int) (netlink.Link, *netlink.LinkXdp, error) {
	l, err := netlink.LinkByIndex(ifindex)
	if err != nil {
		return nil, nil, fmt.Errorf("interface %d: %w; there is no such interface", ifindex, err)
	}
	xdp := l.Attrs().Xdp
	if xdp == nil || !xdp.Attached {
		return l, nil, nil
	}
	return l, xdp, nil
}

func programName(id uint32) (name string, err error) {
	program, err := ebpf.NewProgramFromID(ebpf.ProgramID(id))
	if errors.Is(err, os.ErrPermission) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("XDP program %d: %w; it may have been removed meanwhile: try again", id, err)
	}
	defer func() { err = errors.Join(err, program.Close()) }()
	info, err := program.Info()
	if err != nil {
		return "", fmt.Errorf("XDP program %d: ask for its name: %w; use Linux 5.10 or later", id, err)
	}
	return info.Name, nil
}

// makeRoom takes away what an earlier run of ours left at an interface.
func makeRoom(ifindex int) error {
	l, xdp, err := attachedXDP(ifindex)
	if err != nil || xdp == nil {
		return err
	}
	name, err := programName(xdp.ProgId)
	if err != nil {
		return err
	}
	device := l.Attrs().Name
	if name != XDPName {
		return fmt.Errorf("the XDP program %q (id %d) is there already: take it off with `ip link set dev %s xdp off`, "+
			"or use another interface", name, xdp.ProgId, device)
	}
	if err := netlink.LinkSetXdpFdWithFlags(l, -1, detachFlags(xdp.AttachMode)); err != nil {
		return fmt.Errorf("replace program %d, which is ours: %w; another process of ours listens there: end it first", xdp.ProgId, err)
	}
	return nil
}

// detachFlags says where to take a program off, by where it is (XDP_FLAGS_ and
// XDP_ATTACHED_ of linux/if_link.h).
func detachFlags(mode uint32) int {
	if mode == nl.XDP_ATTACHED_SKB {
		return nl.XDP_FLAGS_SKB_MODE
	}
	return nl.XDP_FLAGS_DRV_MODE
}
