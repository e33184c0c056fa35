package flow

import (
	"sync"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// eventKind is what a worker is told.
type eventKind uint8

const (
	frameEvent eventKind = iota
	tickEvent
	closeEvent
)

// event is one frame, with its bytes in the part's data, or a word to all engines.
type event struct {
	kind       eventKind
	tagged     bool
	link       sensor.LinkType
	vlan       uint16
	shard      int
	seq        uint64
	elapsed    time.Duration
	held       []byte // in a block; nil: data[start:end]
	start, end int
	length     int
	when       time.Time
	tap        *sensor.Tap
}

// batch is some consecutive frames, shared out to the workers. It goes from the
// Fan to the workers, from them to the merger, and back to the Fan.
type batch struct {
	parts         []part // by worker
	events, bytes int
	blocks        []*sensor.Block // in which its frames lie, each held
	working       sync.WaitGroup
}

// part is one worker's share, and what came of it. Frames that lie in a block stay
// there; of others, data are the copies.
type part struct {
	data     []byte
	events   []event
	heard    []heard
	said     []protocols.Observation
	talked   []protocols.Conversation
	counters Counters
}

// heard is one result: the next of said, or of talked.
type heard struct {
	seq          uint64
	shard        int
	conversation bool
}

func newBatch(workers int) *batch { return &batch{parts: make([]part, workers)} }

// add notes a frame for the worker that has its shard: by holding the block that
// it lies in, or else by copying it.
func (b *batch) add(shard, workers int, ev event, f *sensor.Frame) {
	p := &b.parts[shard%workers]
	if f.Block != nil {
		b.hold(f.Block)
		ev.held = f.Data[:len(f.Data):len(f.Data)]
	} else {
		ev.start = len(p.data)
		p.data = append(p.data, f.Data...)
		ev.end = len(p.data)
		b.bytes += len(f.Data)
	}
	p.events = append(p.events, ev)
	b.events++
}

// hold keeps a block until the batch is done with. Frames come block by block.
func (b *batch) hold(x *sensor.Block) {
	if n := len(b.blocks); n > 0 && b.blocks[n-1] == x {
		return
	}
	x.Hold()
	b.blocks = append(b.blocks, x)
}

// bytes of a frame that is an event of this part.
func (p *part) frame(ev *event) []byte {
	if ev.held != nil {
		return ev.held
	}
	return p.data[ev.start:ev.end:ev.end]
}

// broadcast tells all workers.
func (b *batch) broadcast(ev event) {
	for i := range b.parts {
		b.parts[i].events = append(b.parts[i].events, ev)
	}
	b.events++
}

func (b *batch) full() bool {
	return b.events >= batchFrames || b.bytes >= batchBytes || len(b.blocks) >= batchBlocks
}

// reset empties a batch and keeps its memory, but no results.
func (b *batch) reset() {
	b.events, b.bytes = 0, 0
	for _, x := range b.blocks {
		x.Release()
	}
	clear(b.blocks)
	b.blocks = b.blocks[:0]
	for i := range b.parts {
		p := &b.parts[i]
		clear(p.events)
		clear(p.said)
		clear(p.talked)
		p.data, p.events, p.heard = p.data[:0], p.events[:0], p.heard[:0]
		p.said, p.talked = p.said[:0], p.talked[:0]
	}
}

// recorder is the Output of one worker's engines: it notes what they say, with
// the event that made them say it.
type recorder struct {
	part   *part
	seq    uint64
	shard  int
	ticked bool // the batch brought a tick, so that all counts are due
}

func (r *recorder) Observe(o protocols.Observation) {
	r.part.heard = append(r.part.heard, heard{seq: r.seq, shard: r.shard})
	r.part.said = append(r.part.said, o)
}

func (r *recorder) Converse(c protocols.Conversation) {
	r.part.heard = append(r.part.heard, heard{seq: r.seq, shard: r.shard, conversation: true})
	r.part.talked = append(r.part.talked, c)
}
