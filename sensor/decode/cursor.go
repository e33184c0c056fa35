package decode

import (
	"encoding/binary"

	"github.com/auscult/auscult/sensor"
)

// cursor is what is left of a frame: the bytes at hand, and how many there were
// on the wire. wire is never less than len(b).
type cursor struct {
	b    []byte
	wire int
}

// has reports whether n bytes are at hand.
func (c *cursor) has(n int) bool { return n <= len(c.b) }

// short is the verdict for n bytes that are not at hand.
func (c *cursor) short(n int) sensor.Verdict {
	if n <= c.wire {
		return sensor.Truncated
	}
	return sensor.Malformed
}

// skip passes over n bytes, which may reach past what is at hand but not past
// what was on the wire.
func (c *cursor) skip(n int) {
	c.b = c.b[min(n, len(c.b)):]
	c.wire -= n
}

// limit says that the rest is n bytes long by its own header. What follows is
// padding. Where a mirror shortened the frame, the header knows of more than the
// frame had.
func (c *cursor) limit(n int) {
	c.b = c.b[:min(n, len(c.b))]
	c.wire = n
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
