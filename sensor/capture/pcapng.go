package capture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng section 4 and 11.1).
const (
	blockSection    = 0x0a0d0d0a // reads the same in both byte orders
	blockInterface  = 1
	blockPacket     = 2 // obsolete, still found in old files
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6
)

const (
	sectionMagic = 0x1a2b3c4d // draft-ietf-opsawg-pcapng section 4.1
	blockFrame   = 12         // type, length, and length again at the end
	blockHead    = 8          // type and length
	sectionHead  = 28         // section header block without options
	packetHead   = 20         // of a packet block's body: interface, time, two lengths
	simpleHead   = 4          // of a simple packet block's body: the length on the wire
	// maxBlock bounds the blocks that are read whole. Others, which hold nothing
	// that is used here, may be of any length and are passed over.
	maxBlock = blockFrame + packetHead + maxPacket + maxOptions
	// maxInterfaces bounds a section's interface table: far more than a machine
	// has, and little memory when a damaged file repeats them.
	maxInterfaces = 4096
)

// pcapngReader reads blocks. The interface table is that of the current section.
type pcapngReader struct {
	order      binary.ByteOrder
	little     bool
	interfaces []iface
	last       time.Time // of the last packet that had one
	dropped    uint64    // by the recorder, in the sections before this one
}

// newPcapng checks that the first block is a section header; next reads it again.
func newPcapng(s *stream) (*pcapngReader, error) {
	r := &pcapngReader{}
	size, err := r.section(s)
	if err != nil {
		return nil, fmt.Errorf("a pcapng file whose first block cannot be read: %w; record it again", err)
	}
	return r, s.advance(size)
}

func (r *pcapngReader) lost() uint64 {
	sum := r.dropped
	for i := range r.interfaces {
		sum += r.interfaces[i].dropped
	}
	return sum
}

func (r *pcapngReader) next(s *stream, out *packet) (int64, error) {
	for {
		head, err := s.peek(blockFrame)
		if err != nil {
			return 0, err
		}
		kind := r.u32(head)
		if kind == blockSection {
			if err := r.nextSection(s); err != nil {
				return 0, err
			}
			continue
		}
		size := int64(r.u32(head[4:]))
		if size < blockFrame || size%4 != 0 {
			return 0, fmt.Errorf("a block of %d bytes, which is no possible length", size)
		}
		if !isRead(kind) {
			if err := r.pass(s, size); err != nil {
				return 0, err
			}
			continue
		}
		found, err := r.read(s, kind, size, out)
		if err != nil || found {
			return size, err
		}
	}
}

// isRead reports whether blocks of that kind are looked into.
func isRead(kind uint32) bool {
	switch kind {
	case blockInterface, blockPacket, blockSimple, blockStatistics, blockEnhanced:
		return true
	}
	return false
}

// pass skips a block that holds nothing for us, and checks that it ends where it
// said it would.
func (r *pcapngReader) pass(s *stream, size int64) error {
	start := s.offset
	if err := s.advance(size - 4); err != nil {
		return rewind(s, start, err)
	}
	tail, err := s.peek(4)
	if err == io.EOF {
		err = &shortError{want: 4}
	}
	if err == nil && int64(r.u32(tail)) != size {
		err = fmt.Errorf("a block of %d bytes that ends as one of %d", size, r.u32(tail))
	}
	if err != nil {
		return rewind(s, start, err)
	}
	return s.advance(4)
}

// rewind lets the error be told with the offset of the block, not of its end. The
// stream cannot be read on from there.
func rewind(s *stream, start int64, err error) error {
	s.offset = start
	return err
}

// read looks at one whole block. It reports whether the block held a packet, which
// then stands in out; any other block it passes over.
func (r *pcapngReader) read(s *stream, kind uint32, size int64, out *packet) (bool, error) {
	body, err := r.whole(s, size)
	if err != nil {
		return false, err
	}
	switch kind {
	case blockInterface:
		err = r.addInterface(body)
	case blockStatistics:
		r.statistics(body)
	default:
		if err = r.packet(kind, body, out); err == nil {
			return true, nil
		}
	}
	if err != nil {
		err = &skippable{offset: s.offset, err: err}
	}
	return false, errors.Join(err, s.advance(size))
}

// whole shows the body of a block whose two lengths agree.
func (r *pcapngReader) whole(s *stream, size int64) ([]byte, error) {
	if size > maxBlock {
		return nil, fmt.Errorf("a block of %d bytes, more than the %d that are sensible", size, maxBlock)
	}
	block, err := s.peek(int(size))
	if err != nil {
		return nil, err
	}
	if end := int64(r.u32(block[size-4:])); end != size {
		return nil, fmt.Errorf("a block of %d bytes that ends as one of %d", size, end)
	}
	return block[blockHead : size-4], nil
}

// nextSection starts a new section in the middle of the file.
func (r *pcapngReader) nextSection(s *stream) error {
	size, err := r.section(s)
	if err != nil {
		return err
	}
	return s.advance(size)
}

// section reads a section header block, which sets the byte order and empties the
// interface table, and returns its length.
func (r *pcapngReader) section(s *stream) (int64, error) {
	head, err := s.peek(sectionHead)
	if err != nil {
		return 0, err
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case order.Uint32(head[8:]) == sectionMagic:
	case binary.BigEndian.Uint32(head[8:]) == sectionMagic:
		order = binary.BigEndian
	default:
		return 0, errors.New("a section header without its byte-order magic")
	}
	size := int64(order.Uint32(head[4:]))
	if size < sectionHead || size%4 != 0 || size > maxBlock {
		return 0, fmt.Errorf("a section header of %d bytes, which is no possible length", size)
	}
	if major := order.Uint16(head[12:]); major != 1 {
		return 0, fmt.Errorf("pcapng version %d is not known (1 is)", major)
	}
	block, err := s.peek(int(size))
	if err != nil {
		return 0, err
	}
	if end := int64(order.Uint32(block[size-4:])); end != size {
		return 0, fmt.Errorf("a section header of %d bytes that ends as one of %d", size, end)
	}
	r.dropped = r.lost()
	r.order, r.little = order, order == binary.ByteOrder(binary.LittleEndian)
	r.interfaces = r.interfaces[:0]
	return size, nil
}

func (r *pcapngReader) u32(b []byte) uint32 {
	if r.little {
		return binary.LittleEndian.Uint32(b)
	}
	return binary.BigEndian.Uint32(b)
}
