package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
)

const (
	// blockSize is what the kernel hands over at once: more than the largest frame
	// that an interface can bring (64 KiB and its header), so none is cut, and no
	// more, because a range that is worth a skip should not wait behind the frames that
	// it is to spare: at 1 Gbit/s a block is a millisecond.
	blockSize = 128 << 10
	// slotSize is what the kernel wants to know; version 3 packs frames all the same.
	slotSize = 4 << 10
	// blockTimeout is how long a frame waits in a block that does not fill up.
	blockTimeout = 20 * time.Millisecond
	// heldPause is how often the ring is looked at while a worker holds its newest
	// block: the kernel's poll would return at once all the time.
	heldPause = 5 * time.Millisecond
)

// packetSocket is the kernel's side of a ring: a version 3 packet socket.
type packetSocket struct {
	fd    int
	ring  *ring
	poll  [1]unix.PollFd
	pause *time.Timer
	notes []string
	// The kernel forgets these when they are read.
	drops, freezes uint64
}

// openSocket makes a ring that hears nothing yet: listen is called when all that
// filters is in place.
func openSocket(ringBytes int, tap *sensor.Tap) (*packetSocket, error) {
	// Protocol 0 keeps the socket deaf until it is bound.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	s := &packetSocket{fd: fd, pause: time.NewTimer(0)}
	s.poll[0] = unix.PollFd{Fd: int32(fd), Events: unix.POLLIN | unix.POLLERR}
	if err := s.shareMemory(ringBytes, tap); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return s, nil
}

// shareMemory asks the kernel for the ring and maps it.
func (s *packetSocket) shareMemory(ringBytes int, tap *sensor.Tap) error {
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("ring version 3: %w", err)
	}
	// Before Linux 4.20 the reader passes over what the machine sends.
	_ = unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	blocks := ringBytes / blockSize
	err := unix.SetsockoptTpacketReq3(s.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq3{
		Block_size: blockSize, Block_nr: uint32(blocks),
		Frame_size: slotSize, Frame_nr: uint32(blocks * (blockSize / slotSize)),
		Retire_blk_tov: uint32(blockTimeout.Milliseconds()),
	})
	if err != nil {
		return fmt.Errorf("ring of %d blocks: %w", blocks, err)
	}
	memory, err := unix.Mmap(s.fd, 0, blocks*blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map the ring: %w", err)
	}
	// Frames are full of patients: they stay out of core dumps.
	if err := unix.Madvise(memory, unix.MADV_DONTDUMP); err != nil {
		s.notes = append(s.notes, fmt.Sprintf("keep the ring out of core dumps: %v; switch core dumps off for the service", err))
	}
	s.ring = newRing(memory, blockSize, tap, func(b []byte) { _ = unix.Munmap(b) })
	return nil
}

// filter lets a kernel program decide what comes into the ring.
func (s *packetSocket) filter(program int) error {
	return unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_BPF, program)
}

// listen opens the ear.
func (s *packetSocket) listen(index int) error {
	return unix.Bind(s.fd, &unix.SockaddrLinklayer{Protocol: allProtocols(), Ifindex: index})
}

// allProtocols is ETH_P_ALL in network order.
func allProtocols() uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL))
}

// wait waits for a frame, or for a block that is let go, at most so long. An error
// is the socket's.
func (s *packetSocket) wait(most time.Duration) error {
	if s.ring.held() {
		s.pause.Reset(min(most, heldPause))
		select {
		case <-s.ring.back:
		case <-s.pause.C:
		}
		return nil
	}
	s.poll[0].Revents = 0
	n, err := unix.Poll(s.poll[:], int(max(most.Milliseconds(), 1)))
	if n == 0 || errors.Is(err, unix.EINTR) {
		return nil
	}
	if err != nil || s.poll[0].Revents&unix.POLLIN != 0 {
		return err
	}
	return s.trouble()
}

// trouble is what the kernel says is wrong with the socket; it says so once.
func (s *packetSocket) trouble() error {
	n, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	return unix.Errno(n)
}

// count adds what the kernel counted since the last call.
func (s *packetSocket) count() {
	if now, err := unix.GetsockoptTpacketStatsV3(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
		s.drops += uint64(now.Drops)
		s.freezes += uint64(now.Freeze_q_cnt)
	}
}

// close stops listening. The memory stays while somebody holds a block, and with
// it the kernel's socket: so a filter that takes nothing goes in first.
func (s *packetSocket) close() error {
	nothing := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K}}
	err := unix.SetsockoptSockFprog(s.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
		&unix.SockFprog{Len: uint16(len(nothing)), Filter: &nothing[0]})
	s.ring.close()
	return errors.Join(err, unix.Close(s.fd))
}
