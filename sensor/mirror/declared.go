package mirror

import (
	"slices"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// Directions says which sense of a port the switch was told to copy.
type Directions string

// What a mirror session can be told; the empty value means Both.
const (
	Both     Directions = "both"
	Receive  Directions = "receive"
	Transmit Directions = "transmit"
)

// Declared is what the operator says that a tap carries. An empty list, or 0,
// means: not declared, and nothing is held against it.
type Declared struct {
	Name, Where string
	VLANs       []uint16
	Directions  Directions
	// Sessions are the ERSPAN sessions (10 bits) or VXLAN networks (24 bits) that
	// should arrive.
	Sessions []uint32
	// NativeVLAN is the VLAN that untagged frames belong to.
	NativeVLAN uint16
	// RSPANVLAN is the VLAN that carries a remote mirror to the tap.
	RSPANVLAN uint16
	// Links is how many links of a port-channel are mirrored; 1 means that there is
	// no port-channel.
	Links int
	// Expect names protocols that must be heard here.
	Expect []protocols.Name
	// Encapsulation is how the mirror is wrapped; Plain where it is not declared.
	Encapsulation sensor.Encapsulation
}

// carries reports whether a VLAN was declared; with no list, none is.
func (d Declared) carries(vlan uint16) bool {
	return slices.Contains(d.VLANs, vlan) || vlan != 0 && vlan == d.NativeVLAN
}

// bothWays reports whether both sides of a conversation should be heard.
func (d Declared) bothWays() bool { return d.Directions == Both || d.Directions == "" }

// of gives untagged frames to the native VLAN.
func (d Declared) of(vlan uint16) uint16 {
	if vlan == 0 {
		return d.NativeVLAN
	}
	return vlan
}

// Snapshot is what was counted of a tap since it was opened. All counts only grow;
// one of the tap's own that goes back means a new opening.
type Snapshot struct {
	At     time.Time
	LinkUp bool
	Speed  uint64 // of the link, in bit/s; 0 where it is not known
	// Frames and Bytes were read by the sensor, each copy of a frame among them;
	// shunted ones are not.
	Frames, Bytes uint64
	// KernelDrops, InterfaceDrops and WorkerDrops are frames that reached the sensor
	// and were lost in it; RingFreezes is how often its ring was full.
	KernelDrops, RingFreezes, InterfaceDrops, WorkerDrops uint64
	// ShuntedFrames and ShuntedBytes were dropped in the kernel because nobody needs
	// them. They were heard.
	ShuntedFrames, ShuntedBytes uint64
	Heard                       []sensor.Heard // one a place; the caller's, read only during the call
	Decoded                     sensor.DecodeCounters
	Conversations               map[protocols.Name]uint64 // by protocol, reported since the opening
}

// carried is all that the mirror brought and that was not lost here.
func (s Snapshot) carried() uint64 { return s.Frames + s.ShuntedFrames }

// lost is what the sensor lost itself, in frames.
func (s Snapshot) lost() uint64 { return s.KernelDrops + s.InterfaceDrops + s.WorkerDrops }

// reopened reports whether a counter of the tap went back.
func (s Snapshot) reopened(before Snapshot) bool {
	return s.Frames < before.Frames || s.Bytes < before.Bytes || s.KernelDrops < before.KernelDrops ||
		s.InterfaceDrops < before.InterfaceDrops || s.WorkerDrops < before.WorkerDrops ||
		s.ShuntedFrames < before.ShuntedFrames || s.RingFreezes < before.RingFreezes
}
