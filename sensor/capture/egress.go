package capture

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/bpf"
)

// The egress filters of the sensor, by which a later run knows them again. Each way
// of dropping has its own priority, because one priority holds one kind of filter.
const (
	gateName         = "auscult-mute"
	gateHandle       = 1
	gatePriority     = 1 // before anything else
	classicPriority  = 2
	matchallPriority = 3
	// markedHandle marks the filters that have no name: the kernel keeps a name for
	// its own programs only.
	markedHandle = 0xa05c
)

// ours reports whether a filter was put there by the sensor, this run or another.
func (f EgressFilter) ours() bool {
	switch f.Kind {
	case "bpf":
		return f.Name == gateName || f.Priority == classicPriority && f.Handle == markedHandle
	case "matchall":
		return f.Priority == matchallPriority && f.Handle == markedHandle
	}
	return false
}

// egressDrop is the drop at work on one interface.
type egressDrop struct {
	filter EgressFilter
	gate   *bpf.EgressGate // nil: the qdisc counts
	qdisc  tally           // of the qdisc's drops since the filter came
	way    dropWay
	why    error // why a better way was not taken
}

// dropWay is one way to drop all that leaves an interface. A drop that is attached
// anew brings the gate that it has.
type dropWay struct {
	name   string
	attach func(netlink.Link, *bpf.EgressGate) (EgressFilter, *bpf.EgressGate, error)
}

// dropWays lists the ways from the best: the kernel program counts packets and
// bytes itself; the classic one needs no right to load programs; the last needs no
// program at all.
func dropWays(h *netlink.Handle) []dropWay {
	return []dropWay{
		{"kernel program", func(l netlink.Link, gate *bpf.EgressGate) (EgressFilter, *bpf.EgressGate, error) {
			if gate != nil {
				filter, err := hookGate(h, l, gate)
				return filter, gate, err
			}
			return attachGate(h, l)
		}},
		{"classic filter", func(l netlink.Link, _ *bpf.EgressGate) (EgressFilter, *bpf.EgressGate, error) {
			return attachClassic(l)
		}},
		{"matchall filter", func(l netlink.Link, _ *bpf.EgressGate) (EgressFilter, *bpf.EgressGate, error) {
			return attachMatchall(h, l)
		}},
	}
}

// attachDrop attaches the first of ways that the kernel takes.
func attachDrop(link netlink.Link, ways []dropWay) (*egressDrop, error) {
	var refused error
	for _, way := range ways {
		filter, gate, err := way.attach(link, nil)
		if err == nil {
			return &egressDrop{filter: filter, gate: gate, way: way, why: refused}, nil
		}
		refused = errors.Join(refused, fmt.Errorf("%s: %w", way.name, err))
	}
	return nil, fmt.Errorf("nothing can drop what leaves it: %w; run as root or with CAP_NET_ADMIN and CAP_BPF, "+
		"on a kernel with clsact and cls_bpf", refused)
}

// attachGate attaches the counting kernel program.
func attachGate(h *netlink.Handle, link netlink.Link) (EgressFilter, *bpf.EgressGate, error) {
	gate, err := bpf.LoadEgressGate()
	if err != nil {
		return EgressFilter{}, nil, err
	}
	filter, err := hookGate(h, link, gate)
	if err != nil {
		return EgressFilter{}, nil, errors.Join(err, gate.Close())
	}
	return filter, gate, nil
}

// hookGate puts the program on the link's way out. A stale one in the same place is
// replaced in one step.
func hookGate(h *netlink.Handle, link netlink.Link, gate *bpf.EgressGate) (EgressFilter, error) {
	filter := &netlink.BpfFilter{
		FilterAttrs: egressAttrs(link, gatePriority, gateHandle),
		Fd:          gate.FD(), Name: gateName, DirectAction: true,
	}
	if err := h.FilterReplace(filter); err != nil {
		return EgressFilter{}, fmt.Errorf("attach: %w", err)
	}
	return described(filter), nil
}

// attachClassic attaches one instruction of the classic packet filter, "return 2",
// whose value is taken as the verdict TC_ACT_SHOT. The netlink library has no
// words for it, so the message is put together here (linux/pkt_cls.h).
func attachClassic(link netlink.Link) (EgressFilter, *bpf.EgressGate, error) {
	attrs := egressAttrs(link, classicPriority, markedHandle)
	req := nl.NewNetlinkRequest(unix.RTM_NEWTFILTER, unix.NLM_F_CREATE|unix.NLM_F_REPLACE|unix.NLM_F_ACK)
	req.AddData(&nl.TcMsg{
		Family: nl.FAMILY_ALL, Ifindex: int32(attrs.LinkIndex), Handle: attrs.Handle, Parent: attrs.Parent,
		Info: netlink.MakeHandle(attrs.Priority, nl.Swap16(attrs.Protocol)),
	})
	req.AddData(nl.NewRtAttr(nl.TCA_KIND, nl.ZeroTerminated("bpf")))
	options := nl.NewRtAttr(nl.TCA_OPTIONS, nil)
	options.AddRtAttr(nl.TCA_BPF_OPS_LEN, nl.Uint16Attr(1))
	options.AddRtAttr(nl.TCA_BPF_OPS, classicShot())
	options.AddRtAttr(nl.TCA_BPF_FLAGS, nl.Uint32Attr(nl.TCA_BPF_FLAG_ACT_DIRECT))
	req.AddData(options)
	if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
		return EgressFilter{}, nil, fmt.Errorf("attach: %w", err)
	}
	return EgressFilter{Kind: "bpf", Priority: classicPriority, Handle: markedHandle}, nil, nil
}

// classicShot is struct sock_filter {code 16, jt 8, jf 8, k 32} of linux/filter.h:
// BPF_RET|BPF_K with TC_ACT_SHOT.
func classicShot() []byte {
	code := nl.Uint16Attr(unix.BPF_RET | unix.BPF_K)
	return append(append(code, 0, 0), nl.Uint32Attr(uint32(netlink.TC_ACT_SHOT))...)
}

func attachMatchall(h *netlink.Handle, link netlink.Link) (EgressFilter, *bpf.EgressGate, error) {
	filter := &netlink.MatchAll{
		FilterAttrs: egressAttrs(link, matchallPriority, markedHandle),
		Actions:     []netlink.Action{&netlink.GenericAction{ActionAttrs: netlink.ActionAttrs{Action: netlink.TC_ACT_SHOT}}},
	}
	if err := h.FilterReplace(filter); err != nil {
		return EgressFilter{}, nil, fmt.Errorf("attach: %w", err)
	}
	return described(filter), nil, nil
}

// egressAttrs places a filter for all protocols on the link's way out.
func egressAttrs(link netlink.Link, priority uint16, handle uint32) netlink.FilterAttrs {
	return netlink.FilterAttrs{
		LinkIndex: link.Attrs().Index, Parent: netlink.HANDLE_MIN_EGRESS,
		Handle: handle, Priority: priority, Protocol: unix.ETH_P_ALL,
	}
}

func described(f netlink.Filter) EgressFilter {
	a := f.Attrs()
	e := EgressFilter{Kind: f.Type(), Priority: a.Priority, Handle: a.Handle}
	if b, ok := f.(*netlink.BpfFilter); ok {
		e.Name, e.Program = b.Name, uint32(b.Id)
	}
	return e
}

// place is where a filter stands, whichever it is.
func (f EgressFilter) place() EgressFilter {
	return EgressFilter{Kind: f.Kind, Priority: f.Priority, Handle: f.Handle}
}

// removeFilter takes one filter off the link's way out.
func removeFilter(h *netlink.Handle, link netlink.Link, f EgressFilter) error {
	attrs := egressAttrs(link, f.Priority, f.Handle)
	var filter netlink.Filter = &netlink.BpfFilter{FilterAttrs: attrs, Fd: -1}
	if f.Kind == "matchall" {
		filter = &netlink.MatchAll{FilterAttrs: attrs}
	}
	return h.FilterDel(filter)
}
