package bpf

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// xdpDrop is XDP_DROP of enum xdp_action in linux/bpf.h.
const xdpDrop = 1

// etherHeader is how many bytes the kernel takes off test data in front of what a
// socket filter is shown. A filter at a packet socket is shown the whole frame.
const etherHeader = 14

// Run gives one frame to the program, as if it had arrived at an interface, and
// reports whether it was dropped. It is for tests; it counts like any other frame.
// The kernel takes no frame that is shorter than an Ethernet header.
func (t *Tap) Run(frame []byte) (dropped bool, err error) {
	verdict, err := run(t.programs.AuscultTap, frame)
	return verdict == xdpDrop, err
}

// RunFilter does the same with the socket filter.
func (t *Tap) RunFilter(frame []byte) (dropped bool, err error) {
	kept, err := run(t.programs.AuscultFilter, append(make([]byte, etherHeader, etherHeader+len(frame)), frame...))
	return kept == 0, err
}

func run(program *ebpf.Program, frame []byte) (uint32, error) {
	verdict, err := program.Run(&ebpf.RunOptions{Data: frame})
	if errors.Is(err, ebpf.ErrNotSupported) {
		return 0, fmt.Errorf("run the kernel tap on a frame: %w; this kernel cannot: use Linux 5.10 or later", err)
	}
	if err != nil {
		return 0, fmt.Errorf("run the kernel tap on a frame of %d bytes: %w", len(frame), err)
	}
	return verdict, nil
}
