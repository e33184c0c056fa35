package capture

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
)

// A block of a version 3 packet ring, as the kernel writes it (linux/if_packet.h,
// struct tpacket_block_desc and tpacket_hdr_v1): offsets in bytes, the machine's
// byte order.
const (
	blockStatus  = 8  // u32: whose it is, TP_STATUS_*
	blockPackets = 12 // u32: how many frames
	blockFirst   = 16 // u32: offset of the first of them in the block
	blockLength  = 20 // u32: valid bytes, this header and padding included
	blockHeader  = 48
)

// A frame in a block (struct tpacket3_hdr, with struct sockaddr_ll behind it).
const (
	slotNext    = 0                           // u32: distance to the next frame
	slotSecond  = 4                           // u32
	slotNano    = 8                           // u32
	slotCapture = 12                          // u32: bytes that stand in the ring
	slotWire    = 16                          // u32: bytes on the wire
	slotStatus  = 20                          // u32: TP_STATUS_*
	slotMAC     = 24                          // u16: distance from this header to the frame
	slotTCI     = 32                          // u32: tag that was taken out of the frame, 16 bits
	slotPacket  = unix.SizeofTpacket3Hdr + 10 // u8: sll_pkttype, PACKET_*
	slotHeader  = unix.SizeofTpacket3Hdr + unix.SizeofSockaddrLinklayer
)

// blockReader gives the frames of one block in the kernel's order. What a block
// says of itself is checked: a frame that would reach over the block's end is
// passed over, and a chain that leaves it is given up. Both are counted.
type blockReader struct {
	data       []byte // the valid part of the block
	at         int    // of the next frame's header
	left       uint32 // frames that are to come
	unreadable uint64 // frames that could not be read, since the reader was made
}

// begin takes up another block.
func (r *blockReader) begin(block []byte) {
	order := binary.NativeEndian
	length := order.Uint32(block[blockLength:])
	r.data = block[:min(uint(length), uint(len(block)))]
	r.at = int(order.Uint32(block[blockFirst:]))
	r.left = order.Uint32(block[blockPackets:])
	if r.at < blockHeader {
		r.giveUp()
	}
}

// next fills f but for its Tap and Block; false at the end of the block. Frames
// that the machine itself sends are passed over.
func (r *blockReader) next(f *sensor.Frame) bool {
	order := binary.NativeEndian
	for r.left > 0 {
		if r.at > len(r.data)-slotHeader {
			r.giveUp()
			return false
		}
		slot := r.data[r.at:]
		h := slot[:slotHeader:slotHeader]
		r.left--
		r.step(int(order.Uint32(h[slotNext:])))
		begin := int(order.Uint16(h[slotMAC:]))
		end := begin + int(order.Uint32(h[slotCapture:]))
		if begin < slotHeader || end < begin || end > len(slot) {
			r.unreadable++
			continue
		}
		if h[slotPacket] == unix.PACKET_OUTGOING {
			continue
		}
		fill(f, h, slot[begin:end:end])
		return true
	}
	return false
}

// step goes to the next frame. The last one's distance is not looked at.
func (r *blockReader) step(distance int) {
	if r.left == 0 {
		return
	}
	if distance < slotHeader {
		r.giveUp()
		return
	}
	r.at += distance
}

// giveUp passes over what is left of a block whose chain makes no sense. A block
// cannot hold more frames than headers fit into it, whatever it says.
func (r *blockReader) giveUp() {
	r.unreadable += uint64(min(uint(r.left), uint(len(r.data)/slotHeader+1)))
	r.left = 0
}

// fill takes the frame's own facts from its header.
func fill(f *sensor.Frame, h, data []byte) {
	order := binary.NativeEndian
	f.Data = data
	f.Length = max(int(order.Uint32(h[slotWire:])), len(data))
	f.When = time.Unix(int64(order.Uint32(h[slotSecond:])), int64(order.Uint32(h[slotNano:]))).UTC()
	f.Link = sensor.LinkEthernet
	f.VLANTagged = order.Uint32(h[slotStatus:])&unix.TP_STATUS_VLAN_VALID != 0
	f.VLAN = 0
	if f.VLANTagged {
		f.VLAN = uint16(order.Uint32(h[slotTCI:]))
	}
}
