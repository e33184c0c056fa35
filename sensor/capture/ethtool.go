package capture

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ethtool asks the cards by their interface's name, in the network namespace in
// which it was opened. Requests and answers are the structures of linux/ethtool.h.
type ethtool struct {
	// ask is one ioctl: the kernel reads the request and writes its answer over it.
	// What is handed to a function value escapes, so requests are always on the heap.
	ask   func(name string, request []byte) error
	close func() error
}

func openEthtool() (*ethtool, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.IPPROTO_IP)
	if err != nil {
		return nil, fmt.Errorf("ethtool socket: %w; allow the process AF_INET", err)
	}
	return &ethtool{
		ask:   func(name string, request []byte) error { return ioctlEthtool(fd, name, request) },
		close: func() error { return unix.Close(fd) },
	}, nil
}

// ifreq is struct ifreq of linux/if.h on a 64 bit machine. The kernel reads and
// writes all 40 bytes. The address is a pointer, never a number, so that what it
// points to is neither moved nor freed.
type ifreq struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [16]byte // the rest of the union
}

var _ [40]byte = [unsafe.Sizeof(ifreq{})]byte{}

func ioctlEthtool(fd int, name string, request []byte) error {
	if len(name) >= unix.IFNAMSIZ {
		return fmt.Errorf("a name of %d bytes: %w; an interface has at most %d", len(name), unix.ENODEV, unix.IFNAMSIZ-1)
	}
	r := &ifreq{data: unsafe.Pointer(unsafe.SliceData(request))}
	copy(r.name[:], name)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(r)))
	runtime.KeepAlive(r)
	runtime.KeepAlive(request)
	if errno != 0 {
		return errno
	}
	return nil
}

// names are the offloads that the kernel knows, each at its bit; "" where a bit
// has no name.
func (e *ethtool) names(card string) ([]string, error) {
	info := countRequest()
	if err := e.ask(card, info); err != nil {
		return nil, fmt.Errorf("ask how many offloads there are: %w", err)
	}
	count, err := parseCount(info)
	if err != nil {
		return nil, err
	}
	names := namesRequest(count)
	if err := e.ask(card, names); err != nil {
		return nil, fmt.Errorf("ask for the offloads' names: %w", err)
	}
	return parseNames(names, count)
}

// features are the offloads of a card, by name.
func (e *ethtool) features(card string) (map[string]feature, error) {
	names, err := e.names(card)
	if err != nil {
		return nil, err
	}
	request := featuresRequest(len(names))
	if err := e.ask(card, request); err != nil {
		return nil, fmt.Errorf("ask for the offloads: %w", err)
	}
	return parseFeatures(request, names)
}

// change asks the kernel to switch one offload. It may take the wish and do
// otherwise: look at features afterwards.
func (e *ethtool) change(card, name string, on bool) error {
	names, err := e.names(card)
	if err != nil {
		return err
	}
	request, err := changeRequest(names, name, on)
	if err != nil {
		return err
	}
	return e.ask(card, request)
}

// speed is what the card's link carries, in megabits a second; 0 where the card
// does not know.
func (e *ethtool) speed(card string) (uint32, error) {
	request := speedRequest(0)
	if err := e.ask(card, request); err != nil {
		return 0, fmt.Errorf("ask how long the link's settings are: %w", err)
	}
	words, err := parseModeWords(request)
	if err != nil {
		return 0, err
	}
	request = speedRequest(words)
	if err := e.ask(card, request); err != nil {
		return 0, fmt.Errorf("ask for the link's settings: %w", err)
	}
	return parseSpeed(request, words)
}
