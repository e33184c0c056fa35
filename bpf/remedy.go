package bpf

import (
	"errors"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// tapRemedy adds what to do to the errors of loading the tap.
func tapRemedy(err error) error {
	var refused *ebpf.VerifierError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%w; the kernel refused the program: use Linux 5.10 or later, before 5.18 with CAP_PERFMON "+
			"besides CAP_BPF and CAP_NET_ADMIN", err)
	case errors.Is(err, ebpf.ErrNotSupported):
		return fmt.Errorf("%w; this kernel lacks what the program needs: use Linux 5.10 or later", err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; run as root or give the process CAP_BPF and CAP_NET_ADMIN "+
			"(before Linux 5.18 also CAP_PERFMON, before 5.11 also an unlimited RLIMIT_MEMLOCK)", err)
	case errors.Is(err, unix.ENOMEM):
		return fmt.Errorf("%w; the maps do not fit into memory: ask for fewer conversations or ranges", err)
	}
	return err
}

// attachRemedy adds what to do to the errors of attaching to an interface.
func attachRemedy(err error, driver bool) error {
	switch {
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w; run as root or give the process CAP_BPF and CAP_NET_ADMIN", err)
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EEXIST):
		return fmt.Errorf("%w; another program is attached there: `ip -details link show` names it", err)
	case errors.Is(err, unix.ENODEV):
		return fmt.Errorf("%w; there is no such interface any more", err)
	case errors.Is(err, unix.EOPNOTSUPP) && driver:
		return fmt.Errorf("%w; this driver has no XDP: attach the generic one", err)
	case errors.Is(err, ebpf.ErrNotSupported):
		return fmt.Errorf("%w; this kernel has no links for XDP: use Linux 5.9 or later, or the socket filter", err)
	case errors.Is(err, unix.EINVAL) && driver:
		return fmt.Errorf("%w; this driver refuses XDP as the interface is set (its MTU, its queues, its offloads), "+
			"or this kernel is older than Linux 5.9: attach the generic one", err)
	}
	return err
}
