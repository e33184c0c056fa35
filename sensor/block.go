package sensor

import "sync/atomic"

// Block is the memory that some consecutive frames of a Source lie in. A frame's
// Data stay valid, beyond the next call of Next, while its Block is held: so frames
// can be handed to several workers without being copied.
//
// A Source has one hold of its own while it gives frames of the block; when the
// last hold goes, free is called, once, by whoever lets go.
type Block struct {
	holds atomic.Int32
	free  func()
}

// NewBlock returns a block with one hold, its Source's. free gives the memory back
// and must not block.
func NewBlock(free func()) *Block {
	b := &Block{free: free}
	b.holds.Store(1)
	return b
}

// Renew makes a block that was freed ready for other frames, with one hold. It is
// for the Source.
func (b *Block) Renew() { b.holds.Store(1) }

// Hold keeps the memory until a matching Release. It is called before the Source's
// next Next.
func (b *Block) Hold() { b.holds.Add(1) }

// Release lets go of one hold.
func (b *Block) Release() {
	if b.holds.Add(-1) == 0 && b.free != nil {
		b.free()
	}
}
