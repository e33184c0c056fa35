package sensor

import (
	"errors"
	"fmt"
	"time"
)

// LinkType is a pcap link type (LINKTYPE_ values of the tcpdump group's
// registry), which says how a frame begins.
type LinkType uint16

// The link types that decode understands.
const (
	LinkNull     LinkType = 0
	LinkEthernet LinkType = 1
	LinkRawBSD   LinkType = 12 // DLT_RAW on most systems
	LinkRaw      LinkType = 101
	LinkLoop     LinkType = 108
	LinkSLL      LinkType = 113
	LinkIPv4     LinkType = 228
	LinkIPv6     LinkType = 229
	LinkSLL2     LinkType = 276
)

// Tap is where frames are taken from. It is shared, never changed.
type Tap struct {
	Site string // which hospital: addresses and control numbers repeat between sites
	Name string // which mirror port
}

// Frame is one captured packet.
type Frame struct {
	// Data belong to the Source and are valid until its next Next, or as long as
	// Block is held.
	Data   []byte
	Length int       // bytes on the wire; more than len(Data) when the snap length cut it
	When   time.Time // wire time, UTC
	Link   LinkType
	Tap    *Tap
	// VLAN is the 802.1Q tag control information that the kernel took out of the
	// frame; VLANTagged says that there was one.
	VLAN       uint16
	VLANTagged bool
	// Block is the memory that Data lie in, where they can be held without being
	// copied; nil where they cannot.
	Block *Block
}

// Source gives frames in wire order. It is used from one goroutine.
type Source interface {
	// Next fills f. It returns io.EOF at the end, ErrIdle when a live source heard
	// nothing within its poll interval, and a *DamagedError where a file ends in
	// the middle of a record.
	Next(f *Frame) error
	// Stats says what the source has counted since it was opened.
	Stats() SourceStats
	Close() error
}

// ErrIdle says that a live source heard nothing for one poll interval.
var ErrIdle = errors.New("nothing heard")

// SourceStats counts what a source read and lost.
type SourceStats struct {
	Frames, Bytes               uint64
	KernelDrops                 uint64 // lost in the kernel before the ring
	RingFreezes                 uint64 // times that the ring was full
	InterfaceDrops              uint64 // lost by the card or its driver before the kernel saw them
	ShuntedFrames, ShuntedBytes uint64 // dropped by the kernel program because nobody needs them
	TransmitTried               uint64 // frames that tried to leave the capture interface and were dropped
	Transmitted                 uint64 // frames that left it: any increase is an alarm
}

// DamagedError says where a capture file stops making sense.
type DamagedError struct {
	Path   string
	Offset int64 // of the record that could not be read, in the uncompressed file
	Err    error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("%s: damaged at byte %d: %v; what stands before was read, record the rest again", e.Path, e.Offset, e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }
