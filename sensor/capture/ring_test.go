package capture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/capture"
)

// ringFrame is a frame as the kernel puts it into a block.
type ringFrame struct {
	data     string
	wire     uint32 // 0: all of data
	when     time.Time
	tag      uint32
	tagged   bool
	outgoing bool
}

// ringBlock is a block of that size, as the kernel writes it (linux/if_packet.h),
// but for the status, which says whose it is.
func ringBlock(size int, frames ...ringFrame) []byte {
	const header, slot, mac = 48, 48, 82
	o := binary.NativeEndian
	b := make([]byte, size)
	at := header
	for i, f := range frames {
		h := b[at:]
		next := (mac + len(f.data) + 15) &^ 15
		if i < len(frames)-1 {
			o.PutUint32(h, uint32(next))
		}
		o.PutUint32(h[4:], uint32(f.when.Unix()))
		o.PutUint32(h[8:], uint32(f.when.Nanosecond()))
		o.PutUint32(h[12:], uint32(len(f.data)))
		o.PutUint32(h[16:], max(f.wire, uint32(len(f.data))))
		if f.tagged {
			o.PutUint32(h[20:], unix.TP_STATUS_VLAN_VALID)
			o.PutUint32(h[32:], f.tag)
		}
		o.PutUint16(h[24:], mac)
		if f.outgoing {
			h[slot+10] = unix.PACKET_OUTGOING
		}
		copy(h[mac:], f.data)
		at += next
	}
	o.PutUint32(b[12:], uint32(len(frames)))
	o.PutUint32(b[16:], header)
	o.PutUint32(b[20:], uint32(at))
	return b
}

// status is where a block says whose it is.
func status(block []byte) *uint32 { return (*uint32)(unsafe.Pointer(&block[8])) }

// handOver makes a block the sensor's, as the kernel does.
func handOver(block []byte) { atomic.StoreUint32(status(block), unix.TP_STATUS_USER) }

// kernels reports whether a block is the kernel's.
func kernels(block []byte) bool { return atomic.LoadUint32(status(block)) == unix.TP_STATUS_KERNEL }

// words is memory that is aligned as the kernel's is.
func words(size int) []byte {
	w := make([]uint64, size/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&w[0])), size)
}

func TestRingReadsBlocks(t *testing.T) {
	when := time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.UTC)
	const size = 4096
	memory := words(2 * size)
	copy(memory, ringBlock(size,
		ringFrame{data: "first", when: when},
		ringFrame{data: "the machine's own", when: when, outgoing: true},
		ringFrame{data: "tagged", when: when.Add(1), tag: 0xa02a, tagged: true},
		ringFrame{data: "cut", wire: 1500, when: when.Add(2), tag: 7},
	))
	handOver(memory)
	copy(memory[size:], ringBlock(size, ringFrame{data: "second block", when: when.Add(3)}))
	handOver(memory[size:])
	ring := capture.NewMemoryRing(memory, size, tap, func() {})

	want := []sensor.Frame{
		{Data: []byte("first"), Length: 5, When: when},
		{Data: []byte("tagged"), Length: 6, When: when.Add(1), VLAN: 0xa02a, VLANTagged: true},
		{Data: []byte("cut"), Length: 1500, When: when.Add(2)},
		{Data: []byte("second block"), Length: 12, When: when.Add(3)},
	}
	for i, w := range want {
		var f sensor.Frame
		if !ring.Next(&f) {
			t.Fatalf("frame %d does not come", i)
		}
		if f.Block == nil || f.Tap != tap || f.Link != sensor.LinkEthernet {
			t.Errorf("frame %d: block %p, tap %v, link %d", i, f.Block, f.Tap, f.Link)
		}
		w.Block, w.Tap, w.Link = f.Block, f.Tap, f.Link
		if fmt.Sprint(f) != fmt.Sprint(w) {
			t.Errorf("frame %d:\n%+v\nwant\n%+v", i, f, w)
		}
	}
	var f sensor.Frame
	if ring.Next(&f) {
		t.Errorf("one frame more: %+v", f)
	}
	if !kernels(memory) || !kernels(memory[size:]) {
		t.Error("a block that was read is not the kernel's")
	}
}

// A block goes back when the last of its holders lets go, and a ring whose blocks
// are all held gives nothing rather than what was read before.
func TestRingWaitsForHeldBlocks(t *testing.T) {
	const size = 4096
	memory := words(2 * size)
	for i := range 2 {
		copy(memory[i*size:], ringBlock(size, ringFrame{data: fmt.Sprint("block ", i)}))
		handOver(memory[i*size:])
	}
	ring := capture.NewMemoryRing(memory, size, tap, func() {})
	var held [2]sensor.Frame
	for i := range held {
		if !ring.Next(&held[i]) {
			t.Fatalf("frame %d does not come", i)
		}
		held[i].Block.Hold()
	}
	var f sensor.Frame
	for range 3 {
		if ring.Next(&f) {
			t.Fatalf("a held block was read again: %q", f.Data)
		}
	}
	held[1].Block.Release()
	if ring.Next(&f) || kernels(memory) || !kernels(memory[size:]) {
		t.Errorf("after the second was let go: the first is %v, the second %v", kernels(memory), kernels(memory[size:]))
	}
	if string(held[0].Data) != "block 0" {
		t.Errorf("held: %q", held[0].Data)
	}
	held[0].Block.Release()
	copy(memory[12:], ringBlock(size, ringFrame{data: "again"})[12:])
	handOver(memory)
	if !ring.Next(&f) || string(f.Data) != "again" {
		t.Errorf("the block that came back: %q", f.Data)
	}
}

func TestRingMemoryOutlivesItsClose(t *testing.T) {
	const size = 4096
	memory := words(size)
	copy(memory, ringBlock(size, ringFrame{data: "one"}, ringFrame{data: "two"}))
	handOver(memory)
	unmapped := 0
	ring := capture.NewMemoryRing(memory, size, tap, func() { unmapped++ })
	var f sensor.Frame
	if !ring.Next(&f) {
		t.Fatal("no frame")
	}
	f.Block.Hold()
	f.Block.Hold()
	ring.Close()
	f.Block.Release()
	if unmapped != 0 {
		t.Error("the memory went while somebody held a block")
	}
	f.Block.Release()
	if unmapped != 1 {
		t.Errorf("unmapped %d times", unmapped)
	}
}

// Several workers hold frames while the kernel goes on writing.
func TestRingWorkersSeeWhatWasWritten(t *testing.T) {
	const size, blocks, rounds = 4096, 4, 400
	memory := words(size * blocks)
	ring := capture.NewMemoryRing(memory, size, tap, func() {})
	go func() { // the kernel
		for n := range rounds {
			b := memory[n%blocks*size:][:size]
			for !kernels(b) {
				time.Sleep(10 * time.Microsecond)
			}
			frames := make([]ringFrame, 10)
			for i := range frames {
				frames[i].data = fmt.Sprintf("%06d", n*10+i)
			}
			copy(b[12:], ringBlock(size, frames...)[12:])
			handOver(b)
		}
	}()
	type handed struct {
		data  []byte
		block *sensor.Block
		n     int
	}
	work := make(chan handed, 25)
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for h := range work {
				if got := string(h.data); got != fmt.Sprintf("%06d", h.n) {
					t.Errorf("frame %d reads %q", h.n, got)
				}
				h.block.Release()
			}
		})
	}
	var f sensor.Frame
	for n := 0; n < rounds*10; {
		if !ring.Next(&f) {
			time.Sleep(10 * time.Microsecond)
			continue
		}
		f.Block.Hold()
		work <- handed{f.Data, f.Block, n}
		n++
	}
	close(work)
	workers.Wait()
}

// Whatever a block says, reading it ends, stays inside it, and is counted.
func FuzzRingBlock(f *testing.F) {
	good := ringBlock(1024, ringFrame{data: "first", when: time.Unix(1, 2)}, ringFrame{data: "second", tagged: true, tag: 9}, ringFrame{data: "third"})
	f.Add(good)
	random := rand.New(rand.NewPCG(3, 3))
	for _, field := range []int{12, 16, 20, 48, 48 + 12, 48 + 24} {
		for range 4 {
			lying := bytes.Clone(good)
			binary.NativeEndian.PutUint32(lying[field:], random.Uint32()>>random.IntN(32))
			f.Add(lying)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		const size = 1024
		memory := words(2 * size) // what is behind the block must not be read
		copy(memory[:size], b)
		handOver(memory)
		ring := capture.NewMemoryRing(memory, size, tap, func() {})
		begin, end := uintptr(unsafe.Pointer(&memory[0])), uintptr(unsafe.Pointer(&memory[size-1]))+1
		var frame sensor.Frame
		frames := 0
		for ring.Next(&frame) {
			frames++
			at := uintptr(unsafe.Pointer(unsafe.SliceData(frame.Data)))
			if at < begin || at+uintptr(cap(frame.Data)) > end || frame.Length < len(frame.Data) {
				t.Fatalf("frame %d lies at %d to %d of %d", frames, at-begin, at-begin+uintptr(cap(frame.Data)), size)
			}
		}
		if most := size/68 + 1; frames > most || ring.Unreadable() > uint64(2*most) {
			t.Errorf("%d frames, %d unreadable in %d bytes", frames, ring.Unreadable(), size)
		}
		if !kernels(memory) {
			t.Error("the block did not go back")
		}
	})
}

func TestRingCountsWhatItCannotRead(t *testing.T) {
	const size = 1024
	good := func() []byte {
		return ringBlock(size, ringFrame{data: "first"}, ringFrame{data: "second"}, ringFrame{data: "third"})
	}
	second := 48 + (82+5+15)&^15
	for _, c := range []struct {
		name       string
		at         int
		value      uint32
		frames     int
		unreadable uint64
	}{
		{"nothing wrong", 0, 1, 3, 0},
		{"a frame longer than the block", second + 12, 5000, 2, 1},
		{"a frame inside its header", second + 24, 20, 2, 1},
		{"a chain that stands still", 48, 0, 1, 2},
		{"a chain into its own header", 48, 16, 1, 2},
		{"a chain out of the block", 48, 4096, 1, 2},
		{"a first frame in the header", 16, 8, 0, 3},
		{"a first frame behind the block", 16, 1 << 20, 0, 3},
		{"more frames than there are", 12, 7, 3, 4},
		{"a block shorter than it is", 20, uint32(second), 1, 2},
		{"a block longer than it is", 20, 1 << 30, 3, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			memory := words(size)
			copy(memory, good())
			if c.at > 0 {
				binary.NativeEndian.PutUint32(memory[c.at:], c.value)
			}
			handOver(memory)
			ring := capture.NewMemoryRing(memory, size, tap, func() {})
			var f sensor.Frame
			frames := 0
			for ring.Next(&f) {
				frames++
			}
			if frames != c.frames || ring.Unreadable() != c.unreadable {
				t.Errorf("%d frames, %d unreadable, want %d and %d", frames, ring.Unreadable(), c.frames, c.unreadable)
			}
		})
	}
}

// BenchmarkRing reads prepared blocks: no system call, no kernel.
func BenchmarkRing(b *testing.B) {
	const size, each = 1 << 20, 700
	frames := make([]ringFrame, each)
	for i := range frames {
		frames[i] = ringFrame{data: string(make([]byte, 1400)), when: time.Unix(1e9, 5), tagged: i%2 == 0, tag: 5}
	}
	memory := words(8 * size)
	for i := range 8 {
		copy(memory[i*size:], ringBlock(size, frames...))
		handOver(memory[i*size:])
	}
	ring := capture.NewMemoryRing(memory, size, tap, func() {})
	var f sensor.Frame
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		if !ring.Next(&f) {
			b.Fatal("no frame")
		}
		if n++; n%each == 1 { // the block before went back to the kernel: fill it again
			handOver(memory[(n/each+7)%8*size:])
		}
	}
}
