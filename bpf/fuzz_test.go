package bpf_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

// modelRanges are the ranges of the fuzz target: a plain one and one that wraps, in
// both versions of IP, and datagrams.
func modelRanges() (all []bpf.Range) {
	for _, two := range ends {
		r := some[0]
		r.Way = tcpWay(two)
		w := around[0]
		w.Way = back(tcpWay(two))
		all = append(all, r, w, bpf.Range{Way: udpWay(two), Whole: true, For: time.Minute})
	}
	return all
}

// seeds are the frames of all the tables.
func seeds() (frames [][]byte) {
	for _, o := range otherFrames() {
		frames = append(frames, o.frame)
	}
	for _, two := range ends {
		for _, carry := range carriers {
			frames = append(frames, carry(packetOf(tcpWay(two), inside.segment)), carry(packetOf(udpWay(two), segment{payload: 3})))
		}
		for _, rules := range [][]rule{segmentRules, acknowledgementRules, epochRules} {
			for _, r := range rules {
				frames = append(frames, r.frame(tcpWay(two)))
			}
		}
	}
	return frames
}

// maxFuzzed is the longest frame that is tried: headers end long before.
const maxFuzzed = 2000

// FuzzTap runs any bytes through both programs: they agree with the model, which
// knows only the rules, and so with each other.
func FuzzTap(f *testing.F) {
	for _, frame := range seeds() {
		f.Add(frame)
	}
	all := engines(f)
	ranges := modelRanges()
	known := map[bpf.Way]bpf.Range{}
	for _, r := range ranges {
		known[r.Way] = r
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		if len(frame) > maxFuzzed {
			return
		}
		want := mayDrop(frame, known)
		for _, e := range all {
			if len(frame) < e.min {
				continue
			}
			// A SYN of the frame before may have cleared some.
			e.skip(t, ranges...)
			if dropped, err := e.run(frame); dropped != want || err != nil {
				t.Errorf("%s: dropped is %v (%v), and the rules say %v: %x", e.name, dropped, err, want, frame)
			}
		}
	})
}
