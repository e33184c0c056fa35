package capture

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// ErrInterfaceTaken says that somebody else makes the interface mute already. Two
// would take each other's drop for one that a crash left behind.
var ErrInterfaceTaken = errors.New("another tap or another sensor listens there")

// ownerName is the name of the socket that stands for one interface. A leading @
// means that it is abstract: it lives in the network namespace, as interfaces do,
// not in a folder, and the kernel takes it away with the process, however that
// ends (unix(7)).
func ownerName(index int) string { return fmt.Sprintf("@auscult-capture-%d", index) }

// owner is the exclusive right to change one interface.
type owner struct{ fd int }

// own takes the interface for this process, by its number, because it may have
// several names. The caller releases it when all is put back.
func own(name string, index int) (*owner, error) {
	// A stream socket that does not listen takes no connection and no byte.
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("interface %s: a socket to own it by: %w; allow the process AF_UNIX", name, err)
	}
	err = unix.Bind(fd, &unix.SockaddrUnix{Name: ownerName(index)})
	switch {
	case err == nil:
		return &owner{fd}, nil
	case errors.Is(err, unix.EADDRINUSE):
		err = fmt.Errorf("interface %s (number %d): %w; name each interface for one tap only, or stop the other sensor (to find it: ss -xap | grep %s)",
			name, index, ErrInterfaceTaken, ownerName(index))
	default:
		err = fmt.Errorf("interface %s: own it by the socket %s: %w; allow the process AF_UNIX", name, ownerName(index), err)
	}
	return nil, errors.Join(err, unix.Close(fd))
}

// release lets others have the interface.
func (o *owner) release() {
	if o.fd >= 0 {
		_ = unix.Close(o.fd) // nothing was written there that could be lost
		o.fd = -1
	}
}
