package sensor

import "github.com/auscult/auscult/protocols"

// TCPFlags are the control bits of a TCP header (RFC 9293, section 3.1).
type TCPFlags uint8

// The control bits that flow looks at.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
)

// Has reports whether all the bits of f2 are set.
func (f TCPFlags) Has(f2 TCPFlags) bool { return f&f2 == f2 }

// Packet is what the headers of one frame say. The caller owns it and uses it
// again for each frame. Its fields mean something only for the verdicts Decoded
// and Fragment.
type Packet struct {
	Transport protocols.Transport
	// From and To carry MAC and VLAN of the frame; Hops is set on From. For
	// protocols.Link the IP addresses are invalid.
	From, To protocols.Endpoint
	// Payload is what the transport carries, without padding. It points into the
	// frame, or, for a reassembled datagram, into memory that is valid until the
	// next frame is decoded.
	Payload []byte
	// PayloadLength is the payload's length on the wire, in bytes: more than
	// len(Payload) when the snap length, or a mirror that shortens, cut it.
	PayloadLength int

	Seq, Ack uint32   // TCP
	Flags    TCPFlags // TCP
	Window   uint16   // TCP, unscaled

	ICMPType, ICMPCode uint8 // ICMP and ICMPv6; the payload starts behind the checksum

	EtherType uint16 // innermost, 0 where the link has none
	// ID is the identification of an IPv4 packet (RFC 791, section 3.1), innermost; 0
	// for others. It tells a frame that is shown twice from one that is sent twice.
	ID         uint16
	IPProtocol uint8 // the last of the chain, 0 for link frames

	// Mirror is the outermost wrapping that was opened, Depth how many were.
	Mirror Mirror
	Depth  uint8

	// Piece describes the fragment for the verdict Fragment, and the one that
	// completed the datagram where Reassembled is set.
	Piece       Piece
	Reassembled bool
}

// Cut reports whether the capture lacks bytes of the payload.
func (p *Packet) Cut() bool { return len(p.Payload) < p.PayloadLength }

// Piece is where a fragment belongs in its datagram (RFC 791, section 3.2; RFC
// 8200, section 4.5).
type Piece struct {
	ID     uint32
	Offset int  // in bytes
	More   bool // others follow it
}
