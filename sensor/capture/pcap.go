package capture

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/auscult/auscult/sensor"
)

// Magic values of the pcap format (draft-ietf-opsawg-pcap section 4), as they read
// in the writer's own byte order.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // Alexey Kuznetzov's patched libpcap: 8 more bytes a record
)

const (
	pcapHead         = 24 // file header, bytes
	pcapRecord       = 16 // record header, bytes
	pcapRecordExtra  = 8  // interface index, protocol and packet type of the modified format
	pcapMajorVersion = 2  // the only version that was ever common
	// pcapLinkMask takes the link type out of its field, whose upper bits say how
	// long the frame check sequence is (draft-ietf-opsawg-pcap section 4).
	pcapLinkMask = 0xffff
)

// pcapReader reads records of the classic format.
type pcapReader struct {
	order  binary.ByteOrder
	little bool // order, for the hot loop: no call through an interface
	nano   bool
	header int // bytes before a packet
	swap   bool
	link   sensor.LinkType
}

// newPcap reads a file header, whose magic was recognised.
func newPcap(s *stream, order binary.ByteOrder) (*pcapReader, error) {
	head, err := s.peek(pcapHead)
	if err != nil {
		return nil, fmt.Errorf("a pcap file that ends inside its header (%w); record it again", err)
	}
	major, minor := order.Uint16(head[4:]), order.Uint16(head[6:])
	if major != pcapMajorVersion {
		return nil, fmt.Errorf("pcap version %d.%d is not known (2.4 is); convert the file with editcap -F pcap", major, minor)
	}
	magic := order.Uint32(head)
	p := &pcapReader{
		order: order, little: order == binary.ByteOrder(binary.LittleEndian),
		nano: magic == magicNano, header: pcapRecord,
		// Until version 2.3 the two lengths stood the other way round.
		swap: minor < 3,
		link: sensor.LinkType(order.Uint32(head[20:]) & pcapLinkMask),
	}
	if magic == magicModified {
		p.header += pcapRecordExtra
	}
	return p, s.advance(pcapHead)
}

func (p *pcapReader) lost() uint64 { return 0 }

func (p *pcapReader) next(s *stream, out *packet) (int64, error) {
	head, err := s.peek(p.header)
	if err != nil {
		return 0, err
	}
	sec, frac := p.u32(head), int64(p.u32(head[4:]))
	stored, length := p.u32(head[8:]), p.u32(head[12:])
	if p.swap {
		stored, length = length, stored
	}
	if stored > maxPacket {
		return 0, fmt.Errorf("a packet of %d bytes, more than the %d that are sensible", stored, maxPacket)
	}
	size := p.header + int(stored)
	record, err := s.peek(size)
	if err != nil {
		return 0, err
	}
	if !p.nano {
		frac *= int64(time.Microsecond)
	}
	out.data = record[p.header:size:size]
	out.length = int(length)
	out.when = time.Unix(int64(sec), frac).UTC()
	out.link = p.link
	return int64(size), nil
}

func (p *pcapReader) u32(b []byte) uint32 {
	if p.little {
		return binary.LittleEndian.Uint32(b)
	}
	return binary.BigEndian.Uint32(b)
}
