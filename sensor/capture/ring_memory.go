package capture

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
)

// ringMemory is what the kernel and the sensor share. It goes when the ring was
// closed and the last of its blocks was let go, by whoever comes last.
type ringMemory struct {
	bytes []byte
	holds atomic.Int64 // the ring's own, and one for each block that is lent
	unmap func([]byte)
}

func (m *ringMemory) release() {
	if m.holds.Add(-1) == 0 {
		m.unmap(m.bytes)
	}
}

// ringBlock is one block and its way: the kernel fills it and makes it the
// sensor's, the ring lends it, the last to let go gives it back to the kernel.
type ringBlock struct {
	data   []byte
	status *uint32 // in data; shared with the kernel
	// lent is true from when the ring takes the block until it is the kernel's
	// again: a block that is the sensor's and lent was read already.
	lent atomic.Bool
	hold *sensor.Block
}

// take gives the block to a reader, when the kernel has filled it.
func (b *ringBlock) take(m *ringMemory) bool {
	// lent is looked at first: it is cleared last, so that a status read behind it
	// is the kernel's, never the old one.
	if b.lent.Load() || atomic.LoadUint32(b.status)&unix.TP_STATUS_USER == 0 {
		return false
	}
	b.lent.Store(true)
	m.holds.Add(1)
	b.hold.Renew()
	return true
}

// ring reads the frames of all blocks, in their order.
type ring struct {
	memory  *ringMemory
	blocks  []ringBlock
	at      int // the block that is read, or is to come
	reading bool
	reader  blockReader
	tap     *sensor.Tap
	back    chan struct{} // a block went back to the kernel
}

// newRing divides memory into blocks of size bytes. unmap is called once, at the
// very end.
func newRing(memory []byte, size int, tap *sensor.Tap, unmap func([]byte)) *ring {
	r := &ring{
		memory: &ringMemory{bytes: memory, unmap: unmap}, tap: tap,
		blocks: make([]ringBlock, len(memory)/size), back: make(chan struct{}, 1),
	}
	r.memory.holds.Store(1)
	for i := range r.blocks {
		b := &r.blocks[i]
		b.data = memory[i*size : (i+1)*size : (i+1)*size]
		b.status = (*uint32)(unsafe.Pointer(&b.data[blockStatus]))
		b.hold = sensor.NewBlock(func() { r.giveBack(b) })
	}
	return r
}

// giveBack is called by whoever lets go of a block last.
func (r *ring) giveBack(b *ringBlock) {
	atomic.StoreUint32(b.status, unix.TP_STATUS_KERNEL)
	b.lent.Store(false)
	select {
	case r.back <- struct{}{}:
	default:
	}
	r.memory.release() // the block's memory may be gone from here on
}

// next fills f with the next frame that stands in the ring; false when there is
// none now. It lets go of a block when it goes to the next.
func (r *ring) next(f *sensor.Frame) bool {
	for {
		if r.reading {
			if r.reader.next(f) {
				f.Tap, f.Block = r.tap, r.blocks[r.at].hold
				return true
			}
			r.leave()
		}
		b := &r.blocks[r.at]
		if !b.take(r.memory) {
			return false
		}
		r.reading = true
		r.reader.begin(b.data)
	}
}

// leave lets go of the block that is read.
func (r *ring) leave() {
	hold := r.blocks[r.at].hold
	r.reading = false
	if r.at++; r.at == len(r.blocks) {
		r.at = 0
	}
	hold.Release()
}

// held says whether the block that is to come, or the one before it, is lent. The
// kernel calls a ring readable then, although nothing new stands in it.
func (r *ring) held() bool {
	before := r.at - 1
	if before < 0 {
		before = len(r.blocks) - 1
	}
	return r.blocks[r.at].lent.Load() || r.blocks[before].lent.Load()
}

// close lets go of what the ring itself holds.
func (r *ring) close() {
	if r.reading {
		r.leave()
	}
	r.memory.release()
}
