package capture

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"

	"github.com/auscult/auscult/bpf"
)

// XDP is the XDP program of an interface. Its zero value means that there is none.
type XDP struct {
	Mode uint32 // XDP_ATTACHED_* of linux/if_link.h
	ID   uint32 // the kernel's number of the program; 0 where there are several
	Name string // "" where it could not be read
}

func (x XDP) attached() bool { return x.Mode != 0 }

// ours reports whether an earlier run of the sensor, or another one, put it there.
func (x XDP) ours() bool { return x.Name == bpf.XDPName }

// xdp says which program is attached to the link.
func (l *link) xdp() XDP {
	at := l.link.Attrs().Xdp
	if at == nil || !at.Attached {
		return XDP{}
	}
	x := XDP{ID: at.ProgId, Mode: at.AttachMode}
	// Where the name may not be asked for, the program is taken for somebody else's.
	x.Name, _, _ = bpf.XDPAttached(l.index())
	return x
}

// detachXDP takes away what an earlier run attached by netlink: a link of this
// sensor goes by itself when its process ends. One that is still alive is refused
// by the kernel.
func (l *link) detachXDP() error {
	flags := nl.XDP_FLAGS_DRV_MODE
	if l.xdp().Mode == nl.XDP_ATTACHED_SKB {
		flags = nl.XDP_FLAGS_SKB_MODE
	}
	if err := netlink.LinkSetXdpFdWithFlags(l.link, -1, flags); err != nil {
		return fmt.Errorf("%w; if another sensor listens there, stop it, or name another interface", err)
	}
	return nil
}
