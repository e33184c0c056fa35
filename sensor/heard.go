package sensor

import "net/netip"

// Encapsulation is what a frame was wrapped in by a mirror, a tunnel or a wireless
// controller. The wrapping is no endpoint of anything: addresses are those inside.
type Encapsulation uint8

// The encapsulations that decode opens.
const (
	Plain    Encapsulation = iota
	MPLS                   // RFC 3032, with IP inside
	EoMPLS                 // RFC 4448: Ethernet over MPLS
	PPPoE                  // RFC 2516
	GRE                    // RFC 2784, RFC 2890
	ERSPAN                 // types I, II and III, over GRE
	VXLAN                  // RFC 7348
	Geneve                 // RFC 8926
	IPIP                   // RFC 2003, RFC 2473, RFC 4213 (6in4): IP in IP of either version; EtherIP, RFC 3378
	Teredo                 // RFC 4380
	CAPWAP                 // RFC 5415, data channel with 802.11 or 802.3 inside
	ArubaGRE               // GRE between an access point and its controller, 802.11 inside
	EncapsulationCount
)

// String names the encapsulation as the metric label does.
func (e Encapsulation) String() string {
	return [...]string{"plain", "mpls", "eompls", "pppoe", "gre", "erspan", "vxlan", "geneve", "ip-in-ip", "teredo", "capwap", "aruba-gre", "?"}[min(e, EncapsulationCount)]
}

// Mirror is the outermost wrapping of a frame: which mirror session, or which
// tunnel, it came through. Its zero value means that there was none.
type Mirror struct {
	By Encapsulation
	// Session is the ERSPAN session (10 bits), the VXLAN or Geneve network (24 bits)
	// or the GRE key; 0 where there is none.
	Session uint32
	// From and To are the outer IP addresses; invalid where the wrapping has none.
	From, To netip.Addr
	VLAN     uint16 // the tag of the frame itself, 0 for none
}

// Place is a part of what a tap hears: one VLAN, one mirror session.
type Place struct {
	// VLAN is the innermost tag, 0 for untagged; of what came through a tunnel that is
	// not the mirror's own, the tag of the frame itself.
	VLAN    uint16
	By      Encapsulation
	Session uint32
}

// Heard counts what was heard at one place since the tap was opened.
type Heard struct {
	Place  Place
	Frames uint64 // read, and shunted ones as far as they are known
	Bytes  uint64 // on the wire
	// ShuntedFrames and ShuntedBytes are those of them that the kernel dropped because
	// nobody needed them.
	ShuntedFrames, ShuntedBytes uint64
	// DuplicateFrames were seen before: a mirror of both directions of both ports
	// shows each frame twice. They are not among Frames.
	DuplicateFrames uint64
	// Segments and SegmentBytes are TCP payload that was followed by its sequence
	// numbers; Holes and HoleBytes are what was missing between them and was never
	// seen, without what was shunted: frames that were lost before the sensor.
	Segments, SegmentBytes uint64
	Holes, HoleBytes       uint64
}

// Add adds the counts of another part of the same place.
func (h *Heard) Add(o Heard) {
	h.Frames += o.Frames
	h.Bytes += o.Bytes
	h.ShuntedFrames += o.ShuntedFrames
	h.ShuntedBytes += o.ShuntedBytes
	h.DuplicateFrames += o.DuplicateFrames
	h.Segments += o.Segments
	h.SegmentBytes += o.SegmentBytes
	h.Holes += o.Holes
	h.HoleBytes += o.HoleBytes
}
