package flow

import (
	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
)

// start makes the workers and the merger. They stop when Close closes their
// channels.
func (f *Fan) start(n int, d Decoding, o Options, ps []protocols.Protocol) {
	f.inputs = make([]chan *batch, n)
	f.order = make(chan *batch, queuedBatches)
	f.free = make(chan *batch, queuedBatches)
	for range queuedBatches {
		f.free <- newBatch(n)
	}
	for i := range f.inputs {
		// Each channel has room for every batch, so that only a lack of batches makes
		// Frame wait.
		f.inputs[i] = make(chan *batch, queuedBatches)
		r := new(recorder)
		for s := i; s < Shards; s += n {
			f.engines[s] = New(d.New(), o, ps, r)
		}
		f.published[i] = f.sum(i, n, true)
		f.merged.Go(func() { f.work(i, r) })
	}
	f.take()
	f.merged.Go(f.merge)
}

// take gets an empty batch.
func (f *Fan) take() {
	f.current = <-f.free
	f.current.working.Add(len(f.inputs))
}

// send hands the current batch to the workers and the merger.
func (f *Fan) send() {
	b := f.current
	f.order <- b
	for _, in := range f.inputs {
		in <- b
	}
	f.take()
}

// work is one worker. It has one frame, used again for each event: a Decoder
// stands behind an interface, so that a frame for each would be allocated.
func (f *Fan) work(worker int, r *recorder) {
	fr := new(sensor.Frame)
	for b := range f.inputs[worker] {
		r.part = &b.parts[worker]
		for i := range r.part.events {
			f.do(worker, r, &r.part.events[i], fr)
		}
		for s := worker; s < Shards; s += len(f.inputs) {
			f.engines[s].Flush()
		}
		r.part.counters = f.sum(worker, len(f.inputs), r.ticked)
		r.ticked = false
		b.working.Done()
	}
}

// do is one event for one worker, and fr the frame to fill.
func (f *Fan) do(worker int, r *recorder, ev *event, fr *sensor.Frame) {
	r.seq, r.shard = ev.seq, ev.shard
	if ev.kind == frameEvent {
		*fr = sensor.Frame{
			Data: r.part.frame(ev), Length: ev.length, When: ev.when,
			Link: ev.link, Tap: ev.tap, VLAN: ev.vlan, VLANTagged: ev.tagged,
		}
		f.engines[ev.shard].frameAt(fr, ev.elapsed)
		return
	}
	r.ticked = true
	for s := worker; s < Shards; s += len(f.inputs) {
		r.shard = s
		if ev.kind == tickEvent {
			f.engines[s].tickAt(ev.elapsed)
		} else {
			f.engines[s].Close()
		}
	}
}

// merge hands on what the workers noted, in the order of the frames.
func (f *Fan) merge() {
	for b := range f.order {
		b.working.Wait()
		f.tell(b)
		for i := range b.parts {
			f.publish(i, b.parts[i].counters)
		}
		b.reset()
		f.free <- b
	}
}

// tell merges the parts of one batch. Each is in order already.
func (f *Fan) tell(b *batch) {
	var at, said, talked [Shards]int // by worker
	for {
		best := -1
		for i := range b.parts {
			if at[i] < len(b.parts[i].heard) && (best < 0 || b.parts[i].heard[at[i]].before(b.parts[best].heard[at[best]])) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		p := &b.parts[best]
		if p.heard[at[best]].conversation {
			f.out.Converse(p.talked[talked[best]])
			talked[best]++
		} else {
			f.out.Observe(p.said[said[best]])
			said[best]++
		}
		at[best]++
	}
}

func (h heard) before(o heard) bool {
	return h.seq < o.seq || h.seq == o.seq && h.shard < o.shard
}
