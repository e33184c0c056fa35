package flow

import (
	"sync"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// The bounds of a Fan.
const (
	// Shards is how many engines a Fan has, whatever the number of its workers:
	// what one engine does depends on its own frames only, so that results do not
	// depend on the machine. It is the greatest useful number of workers.
	Shards = 16
	// queuedBatches bounds the frames that are copied and not worked on yet.
	queuedBatches = 4
	// batchFrames and batchBytes end a batch: enough to make handing it over cheap.
	batchFrames = 512
	batchBytes  = 512 << 10
	// batchBlocks bounds the blocks of a capture ring that one batch keeps from the
	// kernel: a quiet port fills a block with a few frames.
	batchBlocks = 4
	// publishEvery is after how many frames the counts of an inline Fan are renewed.
	publishEvery = 1024
)

// Fan spreads frames over workers and merges what they learn.
//
// A frame goes to one of Shards engines by its Decoding.Spread, modulo Shards.
// Each worker has some of the engines. What they say is put in the order of the
// frames, and in the order of the shards where a tick or the end made several
// speak, before it reaches the Output. Time is kept in one place, here: each time
// that TickEvery of wire time has gone by, all engines are told so between the
// same two frames. So the sequence of observations and conversations is the same
// for any number of workers, also where bounds are reached.
//
// Frame, Tick, Flush and Close belong to one goroutine; Counters is for any.
type Fan struct {
	out     Output
	spread  func(*sensor.Frame) uint64
	engines [Shards]*Engine
	clock   clock
	seq     uint64 // of the last event
	closed  bool

	block   *sensor.Block // of the last frame, when inline
	current *batch        // nil when inline
	inputs  []chan *batch
	order   chan *batch
	free    chan *batch
	merged  sync.WaitGroup

	mu        sync.Mutex
	published []Counters // by worker
	unshown   int
}

// NewFan returns a Fan with n workers, at most Shards, whose engines each have a
// decoder of their own, made before NewFan returns. With n <= 1 all is done in
// the caller's goroutine and nothing is copied; otherwise out is called from one
// goroutine of the Fan, until Close returns.
func NewFan(n int, d Decoding, o Options, ps []protocols.Protocol, out Output) *Fan {
	n = max(1, min(n, Shards))
	f := &Fan{out: out, spread: d.Spread, published: make([]Counters, n)}
	share := o.withDefaults().share(Shards)
	if n == 1 {
		for i := range f.engines {
			f.engines[i] = New(d.New(), share, ps, out)
		}
		f.publish(0, f.sum(0, 1, true))
		return f
	}
	f.start(n, d, share, ps)
	return f
}

// Frame takes the next frame. When all batches are in the workers' hands it waits
// for one: the frames that come meanwhile are in the ring of the capture, which
// counts what it loses.
func (f *Fan) Frame(fr *sensor.Frame) {
	if f.closed {
		return
	}
	if f.clock.advance(fr.When) {
		f.tick()
	}
	f.seq++
	shard := int(f.spread(fr) % Shards)
	if f.current == nil {
		f.inline(shard, fr)
		return
	}
	f.current.add(shard, len(f.inputs), event{
		kind: frameEvent, seq: f.seq, elapsed: f.clock.elapsed, shard: shard,
		length: fr.Length, when: fr.When, link: fr.Link, tap: fr.Tap, vlan: fr.VLAN, tagged: fr.VLANTagged,
	}, fr)
	if f.current.full() {
		f.send()
	}
}

// inline does a frame in the caller's goroutine.
func (f *Fan) inline(shard int, fr *sensor.Frame) {
	if fr.Block != f.block {
		f.block = fr.Block
		f.flush()
	}
	f.engines[shard].frameAt(fr, f.clock.elapsed)
	if f.unshown++; f.unshown >= publishEvery {
		f.publish(0, f.sum(0, 1, false))
	}
}

// flush hands on the ranges that the engines gathered.
func (f *Fan) flush() {
	for _, e := range f.engines {
		e.Flush()
	}
}

// Tick takes the time when no frame brings it: from a live source that hears
// nothing. It also hands on what was gathered.
func (f *Fan) Tick(now time.Time) {
	if f.closed {
		return
	}
	f.clock.advance(now)
	f.tick()
}

// Flush hands on the frames that were gathered, without waiting for what becomes
// of them, and the ranges that nobody needs.
func (f *Fan) Flush() {
	switch {
	case f.closed:
	case f.current == nil:
		f.flush()
	case f.current.events > 0:
		f.send()
	}
}

// Close ends all sessions, reports all conversations and stops the workers. When
// it returns, everything has reached the Output. Calling it again does nothing.
func (f *Fan) Close() {
	if f.closed {
		return
	}
	f.closed = true
	f.seq++
	if f.current == nil {
		for _, e := range f.engines {
			e.Close()
		}
		f.publish(0, f.sum(0, 1, true))
		return
	}
	f.current.broadcast(event{kind: closeEvent, seq: f.seq, elapsed: f.clock.elapsed})
	f.order <- f.current
	for _, in := range f.inputs {
		in <- f.current
		close(in)
	}
	close(f.order)
	f.merged.Wait()
}

// Counters returns the counts up to a recent batch; after Close, all of them.
func (f *Fan) Counters() Counters {
	f.mu.Lock()
	defer f.mu.Unlock()
	var c Counters
	for i := range f.published {
		c.Add(f.published[i])
	}
	return c
}

// tick tells all engines how much time has gone by.
func (f *Fan) tick() {
	f.seq++
	if f.current != nil {
		f.current.broadcast(event{kind: tickEvent, seq: f.seq, elapsed: f.clock.elapsed})
		f.send()
		return
	}
	for _, e := range f.engines {
		e.tickAt(f.clock.elapsed)
		e.Flush()
	}
	f.publish(0, f.sum(0, 1, true))
}

// sum adds up the counts of a worker's engines: those of places, of which there
// may be thousands, only where they are due.
func (f *Fan) sum(worker, workers int, places bool) Counters {
	var c Counters
	for i := worker; i < Shards; i += workers {
		f.engines[i].addTo(&c)
		if places {
			c.Heard = joinHeard(c.Heard, f.engines[i].places.list())
		}
	}
	return c
}

func (f *Fan) publish(worker int, c Counters) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Heard == nil {
		c.Heard = f.published[worker].Heard
	}
	f.published[worker], f.unshown = c, 0
}

// frameAt takes a frame at a time that is kept elsewhere.
func (e *Engine) frameAt(f *sensor.Frame, elapsed time.Duration) {
	e.clock.elapsed = elapsed
	e.frame(f)
}

// tickAt does what is due at a time that is kept elsewhere.
func (e *Engine) tickAt(elapsed time.Duration) {
	e.clock.elapsed = elapsed
	e.tick()
}
