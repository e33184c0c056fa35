package bpf_test

import (
	"testing"
	"time"

	"github.com/auscult/auscult/bpf"
)

// engine is one program in one variant.
type engine struct {
	name string
	tap  *bpf.Tap
	run  func([]byte) (bool, error)
	min  int // the shortest frame that the kernel takes for it
}

// engines loads all of them, each with maps of its own: they must agree.
func engines(t testing.TB) (all []engine) {
	for name, v := range variants {
		tap := loaded(t, func() (*bpf.Tap, error) { return bpf.LoadVariant(small, v) })
		all = append(all, engine{name, tap, tap.Run, 14})
	}
	tap := loadTap(t)
	return append(all, engine{"socket filter", tap, tap.RunFilter, 0})
}

// judge runs a frame and says how the kernel counted it.
func (e engine) judge(t testing.TB, frame []byte) bpf.Verdict {
	t.Helper()
	before := e.totals(t)
	dropped, err := e.run(frame)
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	after := e.totals(t)
	verdict := bpf.VerdictCount
	for v := range after.Verdicts {
		packets := after.Verdicts[v].Packets - before.Verdicts[v].Packets
		bytes := after.Verdicts[v].Bytes - before.Verdicts[v].Bytes
		switch {
		case packets == 0:
		case packets == 1 && bytes == uint64(len(frame)) && verdict == bpf.VerdictCount:
			verdict = bpf.Verdict(v)
		default:
			t.Fatalf("%s: counted %d packets and %d bytes as %v, for one of %d", e.name, packets, bytes, bpf.Verdict(v), len(frame))
		}
	}
	if verdict.Dropped() != dropped {
		t.Fatalf("%s: dropped is %v and counted as %v", e.name, dropped, verdict)
	}
	return verdict
}

func (e engine) totals(t testing.TB) bpf.Totals {
	t.Helper()
	all, err := e.tap.Totals()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// skip hands over ranges that must all be taken.
func (e engine) skip(t testing.TB, ranges ...bpf.Range) {
	t.Helper()
	if taken, err := e.tap.Skip(ranges); err != nil || taken != len(ranges) {
		t.Fatalf("%s: Skip took %d of %d: %v", e.name, taken, len(ranges), err)
	}
	for _, r := range ranges {
		if r.For < tick {
			time.Sleep(2 * tick)
		}
	}
}

// tick is how exact the kernel's coarse clock is where its timer is slowest (100 Hz).
const tick = 10 * time.Millisecond

// rule is a conversation and what must become of one more packet of it.
type rule struct {
	name   string
	ranges []bpf.Range // of the way from the first end to the second
	first  []step      // seen before, after the ranges were set where late is false
	late   bool        // the ranges are set after first
	step
	want bpf.Verdict
}

// step is one packet: forth, or back.
type step struct {
	back bool
	segment
}

func forth(s segment) step { return step{segment: s} }
func reply(s segment) step { return step{back: true, segment: s} }

// during is a range that holds for the length of the test.
func during(start, end uint32) bpf.Range { return bpf.Range{Start: start, End: end, For: time.Minute} }

func epoch(r bpf.Range, isn uint32) bpf.Range {
	r.ISN, r.ISNKnown = isn, true
	return r
}

func over(r bpf.Range) bpf.Range {
	r.For = time.Nanosecond
	return r
}

// some is the range of most cases: [1000, 2000).
var some = []bpf.Range{during(1000, 2000)}

// around wraps: [2^32-256, 256).
var around = []bpf.Range{during(0xffffff00, 0x100)}

var segmentRules = []rule{
	{name: "nothing is skipped", step: forth(segment{seq: 1000, flags: ack, payload: 10}), want: bpf.Passed},
	{name: "at the start", ranges: some, step: forth(segment{seq: 1000, flags: ack, payload: 10}), want: bpf.DroppedSegment},
	{name: "the whole range", ranges: some, step: forth(segment{seq: 1000, flags: ack | psh, payload: 1000}), want: bpf.DroppedSegment},
	{name: "its last byte", ranges: some, step: forth(segment{seq: 1999, flags: ack, payload: 1}), want: bpf.DroppedSegment},
	{name: "with options", ranges: some, step: forth(segment{seq: 1500, flags: ack, options: sacks, payload: 9}), want: bpf.DroppedSegment},
	{name: "with congestion flags", ranges: some, step: forth(segment{seq: 1500, flags: ack | ece | cwr, payload: 9}), want: bpf.DroppedSegment},
	{name: "straddles the start", ranges: some, step: forth(segment{seq: 999, flags: ack, payload: 10}), want: bpf.Passed},
	{name: "straddles the end", ranges: some, step: forth(segment{seq: 1995, flags: ack, payload: 6}), want: bpf.Passed},
	{name: "straddles both", ranges: some, step: forth(segment{seq: 900, flags: ack, payload: 1200}), want: bpf.Passed},
	{name: "before", ranges: some, step: forth(segment{seq: 900, flags: ack, payload: 100}), want: bpf.Passed},
	{name: "behind", ranges: some, step: forth(segment{seq: 2000, flags: ack, payload: 1}), want: bpf.Passed},
	{name: "half the sequence space away", ranges: some, step: forth(segment{seq: 1000 + 1<<31, flags: ack, payload: 1}), want: bpf.Passed},
	{name: "FIN", ranges: some, step: forth(segment{seq: 1500, flags: ack | fin, payload: 9}), want: bpf.Passed},
	{name: "RST", ranges: some, step: forth(segment{seq: 1500, flags: rst, payload: 9}), want: bpf.Passed},
	{name: "URG", ranges: some, step: forth(segment{seq: 1500, flags: ack | urg, payload: 9}), want: bpf.Passed},
	{name: "SYN", ranges: some, step: forth(segment{seq: 1500, flags: syn, payload: 9}), want: bpf.Passed},
	{name: "the other way", ranges: some, step: reply(segment{seq: 1500, flags: ack, payload: 9}), want: bpf.Passed},
	{name: "wraps: before", ranges: around, step: forth(segment{seq: 0xfffffeff, flags: ack, payload: 1}), want: bpf.Passed},
	{name: "wraps: over zero", ranges: around, step: forth(segment{seq: 0xffffffff, flags: ack, payload: 2}), want: bpf.DroppedSegment},
	{name: "wraps: all", ranges: around, step: forth(segment{seq: 0xffffff00, flags: ack, payload: 512}), want: bpf.DroppedSegment},
	{name: "wraps: last", ranges: around, step: forth(segment{seq: 0xff, flags: ack, payload: 1}), want: bpf.DroppedSegment},
	{name: "wraps: straddles", ranges: around, step: forth(segment{seq: 0xff, flags: ack, payload: 2}), want: bpf.Passed},
	{name: "wraps: behind", ranges: around, step: forth(segment{seq: 0x100, flags: ack, payload: 1}), want: bpf.Passed},
	{name: "over", ranges: []bpf.Range{over(some[0])}, step: forth(segment{seq: 1500, flags: ack, payload: 9}), want: bpf.Passed},
	{name: "the longest range", ranges: []bpf.Range{during(5, 5+bpf.MaxSkip)}, step: forth(segment{seq: bpf.MaxSkip, flags: ack, payload: 5}), want: bpf.DroppedSegment},
}

var acknowledgementRules = []rule{
	{name: "inside", ranges: some, step: reply(segment{ack: 1500, flags: ack}), want: bpf.DroppedAcknowledgement},
	{name: "of the first byte", ranges: some, step: reply(segment{ack: 1001, flags: ack}), want: bpf.DroppedAcknowledgement},
	{name: "of all", ranges: some, step: reply(segment{ack: 2000, flags: ack}), want: bpf.DroppedAcknowledgement},
	{name: "of what was before", ranges: some, step: reply(segment{ack: 1000, flags: ack}), want: bpf.Passed},
	{name: "of what is behind", ranges: some, step: reply(segment{ack: 2001, flags: ack}), want: bpf.Passed},
	{name: "wraps: zero", ranges: around, step: reply(segment{ack: 0, flags: ack}), want: bpf.DroppedAcknowledgement},
	{name: "wraps: start", ranges: around, step: reply(segment{ack: 0xffffff00, flags: ack}), want: bpf.Passed},
	{name: "with timestamps", ranges: some, step: reply(segment{ack: 1500, flags: ack, options: timestamps}), want: bpf.DroppedAcknowledgement},
	{name: "with SACK", ranges: some, step: reply(segment{ack: 1500, flags: ack, options: sacks}), want: bpf.Passed},
	{name: "with options in another order", ranges: some, step: reply(segment{ack: 1500, flags: ack, options: backwards}), want: bpf.Passed},
	{name: "with timestamps and SACK", ranges: some, step: reply(segment{ack: 1500, flags: ack, options: append(timestamps[:12:12], sacks...)}), want: bpf.Passed},
	{name: "with four bytes of options", ranges: some, step: reply(segment{ack: 1500, flags: ack, options: []byte{1, 1, 1, 1}}), want: bpf.Passed},
	{name: "with payload", ranges: some, step: reply(segment{ack: 1500, flags: ack, payload: 1}), want: bpf.Passed},
	{name: "PSH", ranges: some, step: reply(segment{ack: 1500, flags: ack | psh}), want: bpf.Passed},
	{name: "ECE", ranges: some, step: reply(segment{ack: 1500, flags: ack | ece}), want: bpf.Passed},
	{name: "CWR", ranges: some, step: reply(segment{ack: 1500, flags: ack | cwr}), want: bpf.Passed},
	{name: "FIN", ranges: some, step: reply(segment{ack: 1500, flags: ack | fin}), want: bpf.Passed},
	{name: "RST", ranges: some, step: reply(segment{ack: 1500, flags: ack | rst}), want: bpf.Passed},
	{name: "a reserved bit", ranges: some, step: reply(segment{ack: 1500, flags: ack, reserved: 1}), want: bpf.Passed},
	{name: "no flag at all", ranges: some, step: reply(segment{ack: 1500}), want: bpf.Passed},
	{name: "of the way that is skipped", ranges: some, step: forth(segment{seq: 1500, ack: 1500, flags: ack}), want: bpf.Passed},
	{name: "over", ranges: []bpf.Range{over(some[0])}, step: reply(segment{ack: 1500, flags: ack}), want: bpf.Passed},
}

var (
	opens    = forth(segment{seq: 999, flags: syn})
	answers  = reply(segment{seq: 77, ack: 1000, flags: syn | ack})
	inside   = forth(segment{seq: 1500, flags: ack, payload: 9})
	received = reply(segment{ack: 1500, flags: ack})
)

var epochRules = []rule{
	{name: "no SYN was seen", ranges: []bpf.Range{epoch(some[0], 5)}, step: inside, want: bpf.DroppedSegment},
	{name: "no SYN was seen, acknowledged", ranges: []bpf.Range{epoch(some[0], 5)}, step: received, want: bpf.DroppedAcknowledgement},
	{name: "the same", first: []step{opens, answers}, late: true, ranges: []bpf.Range{epoch(some[0], 999)}, step: inside, want: bpf.DroppedSegment},
	{name: "the same, acknowledged", first: []step{opens, answers}, late: true, ranges: []bpf.Range{epoch(some[0], 999)}, step: received, want: bpf.DroppedAcknowledgement},
	{name: "another", first: []step{opens}, late: true, ranges: []bpf.Range{epoch(some[0], 5)}, step: inside, want: bpf.Passed},
	{name: "another, acknowledged", first: []step{opens}, late: true, ranges: []bpf.Range{epoch(some[0], 5)}, step: received, want: bpf.Passed},
	{name: "another, only of the way back", first: []step{answers}, late: true, ranges: []bpf.Range{epoch(some[0], 5)}, step: inside, want: bpf.DroppedSegment},
	{name: "not asked for", first: []step{opens}, late: true, ranges: some, step: inside, want: bpf.DroppedSegment},
	{name: "SYN clears", first: []step{opens}, ranges: some, step: inside, want: bpf.Passed},
	{name: "SYN clears, acknowledged", first: []step{opens}, ranges: some, step: received, want: bpf.Passed},
	{name: "SYN of the other way clears", first: []step{reply(segment{seq: 77, flags: syn})}, ranges: some, step: inside, want: bpf.Passed},
	{name: "SYN and ACK clears", first: []step{answers}, ranges: some, step: inside, want: bpf.Passed},
	{name: "FIN clears nothing", first: []step{forth(segment{seq: 5, flags: fin | ack})}, ranges: some, step: inside, want: bpf.DroppedSegment},
}

func TestSegments(t *testing.T)         { testRules(t, segmentRules) }
func TestAcknowledgements(t *testing.T) { testRules(t, acknowledgementRules) }
func TestEpochs(t *testing.T)           { testRules(t, epochRules) }

func testRules(t *testing.T, rules []rule) {
	all := engines(t)
	for family, e := range ends {
		for _, r := range rules {
			t.Run(family+"/"+r.name, func(t *testing.T) {
				for _, engine := range all {
					if got := engine.play(t, r, tcpWay(e)); got != r.want {
						t.Errorf("%s: %v, want %v", engine.name, got, r.want)
					}
				}
			})
		}
	}
}

// play plays a rule from nothing, and returns what became of its packet.
func (e engine) play(t *testing.T, r rule, way bpf.Way) bpf.Verdict {
	t.Helper()
	if err := e.tap.Wipe(); err != nil {
		t.Fatal(err)
	}
	set := func() {
		for _, one := range r.ranges {
			one.Way = way
			e.skip(t, one)
		}
	}
	if !r.late {
		set()
	}
	for _, s := range r.first {
		e.judge(t, s.frame(way))
	}
	if r.late {
		set()
	}
	return e.judge(t, r.frame(way))
}

func (s step) frame(way bpf.Way) []byte {
	if s.back {
		way = back(way)
	}
	return ether(packetOf(way, s.segment))
}

func TestDatagrams(t *testing.T) {
	for _, e := range engines(t) {
		for family, ends := range ends {
			way := udpWay(ends)
			frame := ether(packetOf(way, segment{payload: 100}))
			whole := bpf.Range{Way: way, Whole: true, For: time.Minute}
			steps := []struct {
				name   string
				ranges []bpf.Range
				frame  []byte
				want   bpf.Verdict
			}{
				{"nothing is skipped", nil, frame, bpf.Passed},
				{"skipped whole", []bpf.Range{whole}, frame, bpf.DroppedDatagram},
				{"empty", nil, ether(packetOf(way, segment{})), bpf.DroppedDatagram},
				{"the other way", nil, ether(packetOf(back(way), segment{payload: 100})), bpf.Passed},
				{"TCP of the same ports", nil, ether(packetOf(tcpWay(ends), segment{flags: ack, payload: 9})), bpf.Passed},
				{"over", []bpf.Range{over(whole)}, frame, bpf.Passed},
			}
			for _, s := range steps {
				e.skip(t, s.ranges...)
				if got := e.judge(t, s.frame); got != s.want {
					t.Errorf("%s, %s: %s: %v, want %v", e.name, family, s.name, got, s.want)
				}
			}
		}
	}
}
