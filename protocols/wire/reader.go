// Package wire reads integers and byte runs from untrusted bytes with every
// bound checked: an overrun makes all later reads return zero and Err true, so a
// dissector checks once at the end. Do not use it for text formats.
package wire

import "encoding/binary"

// Reader walks a byte slice that it does not own.
type Reader struct {
	b    []byte
	off  int
	fail bool
}

// NewReader returns a reader at the first byte of b.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Failed reports whether any read went past the end.
func (r *Reader) Failed() bool { return r.fail }

// Len is how many bytes are left.
func (r *Reader) Len() int { return len(r.b) - r.off }

// Offset is how many bytes have been read.
func (r *Reader) Offset() int { return r.off }

// Bytes returns the next n bytes without copying, or nil past the end.
func (r *Reader) Bytes(n int) []byte {
	if r.fail || n < 0 || n > r.Len() {
		r.fail = true
		return nil
	}
	p := r.b[r.off : r.off+n : r.off+n]
	r.off += n
	return p
}

// Skip passes over n bytes.
func (r *Reader) Skip(n int) { r.Bytes(n) }

// Rest returns all that is left.
func (r *Reader) Rest() []byte { return r.Bytes(r.Len()) }

// U8 reads one octet.
func (r *Reader) U8() uint8 {
	if p := r.Bytes(1); p != nil {
		return p[0]
	}
	return 0
}

// U16 reads 16 bits in the given order.
func (r *Reader) U16(o binary.ByteOrder) uint16 {
	if p := r.Bytes(2); p != nil {
		return o.Uint16(p)
	}
	return 0
}

// U32 reads 32 bits in the given order.
func (r *Reader) U32(o binary.ByteOrder) uint32 {
	if p := r.Bytes(4); p != nil {
		return o.Uint32(p)
	}
	return 0
}
