package flow_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// reader is a protocol whose session knows what each direction sends, and checks
// that bytes and gaps come at the right place.
type reader struct {
	t    testing.TB
	text [2]string
	at   [2]int
	gaps [2][]span
	over bool
}

type span struct{ from, to int }

func (*reader) Name() protocols.Name           { return "reader" }
func (*reader) Transport() protocols.Transport { return protocols.TCP }

// Open gives a rival, which begins in the middle, a session of its own.
func (r *reader) Open(c protocols.Context) protocols.Session {
	if c.Midstream {
		return rival{}
	}
	return r
}

// rival is the session of a conversation that was opened beside the one that is
// checked.
type rival struct{}

func (rival) Segment(protocols.Segment, *protocols.Sink) uint64 { return 0 }
func (rival) Gap(protocols.Direction, uint64, *protocols.Sink)  {}
func (rival) Close(*protocols.Sink)                             {}

func (*reader) Probe(o protocols.Opening) protocols.Verdict {
	return greet{word: "HI"}.Probe(o)
}

func (r *reader) Segment(s protocols.Segment, _ *protocols.Sink) uint64 {
	at := r.at[s.Direction]
	if end := at + len(s.Bytes); end > len(r.text[s.Direction]) || r.text[s.Direction][at:end] != string(s.Bytes) {
		r.t.Fatalf("direction %d: bytes %d to %d are not those that were sent", s.Direction, at, end)
	}
	r.at[s.Direction] += len(s.Bytes)
	return 0
}

func (r *reader) Gap(d protocols.Direction, n uint64, _ *protocols.Sink) {
	if n == 0 {
		r.t.Fatalf("direction %d: a gap of unknown length at %d", d, r.at[d])
	}
	r.gaps[d] = append(r.gaps[d], span{r.at[d], r.at[d] + int(n)})
	r.at[d] += int(n)
}

func (r *reader) Close(*protocols.Sink) { r.over = true }

// textOf is text that differs at each place.
func textOf(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return "HI" + string(b)
}

// bench is one conversation whose session is a reader.
type bench struct {
	reader *reader
	engine *flow.Engine
	isn    [2]uint32
	sent   [2][]bool // which bytes were sent, and not cut away
}

func newBench(t testing.TB, o flow.Options, isn uint32, there, back string) *bench {
	b := &bench{reader: &reader{t: t, text: [2]string{there, back}}, isn: [2]uint32{isn, isn * 3}}
	b.engine = flow.New(decode.New(), o, []protocols.Protocol{b.reader}, new(listener))
	b.sent = [2][]bool{make([]bool, len(there)), make([]bool, len(back))}
	b.frame(0, sensor.SYN, -1, 0, 0)
	b.frame(1, sensor.SYN|sensor.ACK, -1, 0, 0)
	return b
}

// frame sends bytes [from, to) of a direction, of which the last cut are not
// captured.
func (b *bench) frame(d protocols.Direction, f sensor.TCPFlags, from, to, cut int) {
	src, dst := client, server
	if d == protocols.FromAcceptor {
		src, dst = server, client
	}
	data := ""
	if to > from && from >= 0 {
		data = b.reader.text[d][from:to]
		for i := from; i < to-cut; i++ {
			b.sent[d][i] = true
		}
	}
	fr := tcpFrame(src, dst, b.isn[d]+1+uint32(from), b.isn[d.Other()]+1, f, data)
	fr.Data = fr.Data[:len(fr.Data)-cut]
	b.engine.Frame(fr)
}

// finish sends both FINs and closes, then checks that both directions came to
// their ends, unless a rival took a part of them.
func (b *bench) finish(t testing.TB) {
	for d := range protocols.Direction(2) {
		b.frame(d, sensor.FIN|sensor.ACK, len(b.reader.text[d]), 0, 0)
	}
	b.engine.Close()
	if !b.reader.over {
		t.Fatal("the session was not closed")
	}
	for d := range protocols.Direction(2) {
		if at, want := b.reader.at[d], len(b.reader.text[d]); at > want || at < want && b.engine.Counters().Disputed == 0 {
			t.Fatalf("direction %d came to byte %d of %d", d, at, want)
		}
	}
	if n := b.engine.Counters().Buffered; n != 0 {
		t.Fatalf("%d bytes are still kept", n)
	}
}

// exact checks that the gaps are what was never sent, and nothing else.
func (b *bench) exact(t testing.TB) {
	for d := range protocols.Direction(2) {
		missing := make([]bool, len(b.sent[d]))
		for _, g := range b.reader.gaps[d] {
			for i := g.from; i < g.to; i++ {
				missing[i] = true
			}
		}
		for i, sent := range b.sent[d] {
			if missing[i] == sent {
				t.Fatalf("direction %d byte %d: sent %v, told as missing %v", d, i, sent, missing[i])
			}
		}
	}
}

// Any segmentation, permutation and duplication of a stream gives its bytes.
func TestAnyOrderGivesTheSameBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for round := range 300 {
		b := newBench(t, flow.Options{}, r.Uint32(), textOf(r.IntN(3000), 1), textOf(r.IntN(3000), 2))
		type cut struct {
			d        protocols.Direction
			from, to int
		}
		var cuts []cut
		for d := range protocols.Direction(2) {
			for at := 0; at < len(b.reader.text[d]); {
				to := min(len(b.reader.text[d]), at+1+r.IntN(200))
				cuts = append(cuts, cut{d, at, to})
				if r.IntN(3) == 0 { // again, with other borders
					cuts = append(cuts, cut{d, max(0, at-r.IntN(50)), min(len(b.reader.text[d]), to+r.IntN(50))})
				}
				at = to
			}
		}
		r.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		for _, c := range cuts {
			b.frame(c.d, sensor.ACK, c.from, c.to, 0)
		}
		b.finish(t)
		if n := len(b.reader.gaps[0]) + len(b.reader.gaps[1]); n != 0 {
			t.Fatalf("round %d: %d gaps, though every byte was sent", round, n)
		}
	}
}

// FuzzReassembly sends pieces of a stream as the input says. The bytes come in
// their places, and the gaps are exactly what was never sent.
func FuzzReassembly(f *testing.F) {
	f.Add(uint32(1), []byte{0, 0, 2, 1, 0, 2, 0, 100, 50, 0, 20, 40})
	f.Add(uint32(0xffff_ff00), []byte{0, 0, 200, 1, 1, 200, 0, 100, 200})
	f.Fuzz(func(t *testing.T, isn uint32, script []byte) {
		b := newBench(t, flow.Options{}, isn, textOf(510, 1), textOf(510, 2))
		b.frame(0, sensor.ACK, 0, 2, 0)
		for range 300 {
			if len(script) < 3 {
				break
			}
			d := protocols.Direction(script[0] & 1)
			from := int(script[1]) * 2
			b.frame(d, sensor.ACK, from, min(512, from+1+int(script[2])), 0)
			script = script[3:]
		}
		b.finish(t)
		b.exact(t)
	})
}

// FuzzReassemblyBounds does the same with small buffers, bytes that are cut away
// and time that goes by: every byte is delivered or told as a gap, in its place.
func FuzzReassemblyBounds(f *testing.F) {
	f.Add(uint32(1), uint16(100), []byte{0, 0, 2, 0, 1, 0, 2, 0, 0, 100, 50, 7, 0, 20, 40, 3})
	f.Fuzz(func(t *testing.T, isn uint32, room uint16, script []byte) {
		limit := 4000 + int(room)
		o := flow.Options{MaxBufferedDirection: 1 + int(room)/4, MaxBufferedBytes: limit}
		b := newBench(t, o, isn, textOf(510, 1), textOf(510, 2))
		b.frame(0, sensor.ACK, 0, 2, 0)
		now := start
		for range 300 {
			if len(script) < 4 {
				break
			}
			d := protocols.Direction(script[0] & 1)
			from := int(script[1]) * 2
			to := min(512, from+1+int(script[2]))
			b.frame(d, sensor.ACK, from, to, min(to-from, int(script[3]&63)))
			if script[3] > 200 {
				now = now.Add(flow.HoleTimeout)
				b.engine.Tick(now)
			}
			if n := b.engine.Counters().Buffered; n > uint64(limit) {
				t.Fatalf("%d bytes kept, the bound is %d", n, limit)
			}
			script = script[4:]
		}
		b.finish(t)
	})
}

// FuzzFrames feeds an engine with whatever it is given: it keeps its bounds, and
// says the same things when it is given the same frames.
func FuzzFrames(f *testing.F) {
	f.Add(append(tcpFrame(client, server, 1, 0, sensor.SYN, "HI").Data, udpFrame(client, server, "HI").Data...), byte(40))
	f.Fuzz(func(t *testing.T, data []byte, size byte) {
		run := func() (*listener, flow.Counters) {
			out := new(listener)
			o := flow.Options{MaxConversations: 4, MaxBufferedBytes: 9000, MaxBufferedDirection: 300}
			e := flow.New(decode.New(), o, testProtocols(), out)
			for i, rest := 0, data; len(rest) > 0 && i < 500; i++ {
				n := min(len(rest), 1+int(size))
				e.Frame(&sensor.Frame{Data: rest[:n], Length: n + i%3, When: start.Add(time.Duration(i*i) * time.Millisecond), Link: sensor.LinkRaw, Tap: tap})
				rest = rest[n:]
				if c := e.Counters(); c.Buffered > 9000 || c.Open > 4 {
					t.Fatalf("%d bytes kept, %d conversations", c.Buffered, c.Open)
				}
			}
			e.Close()
			return out, e.Counters()
		}
		a, count := run()
		b, _ := run()
		compareLines(t, a.all, b.all)
		var over uint64
		for _, n := range count.Ended {
			over += n
		}
		if count.Buffered != 0 || count.Open != 0 || over != count.Opened {
			t.Fatalf("at the end %d bytes are kept, %d of %d conversations are over", count.Buffered, over, count.Opened)
		}
	})
}

func compareLines(t testing.TB, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
}

// testProtocols tell by observations, and hold no state.
func testProtocols() []protocols.Protocol {
	return []protocols.Protocol{
		greet{name: "greet", on: protocols.TCP, word: "HI"},
		greet{name: "udp", on: protocols.UDP, word: "HI"},
		greet{name: "link", on: protocols.Link, word: "\x00\x01\x08\x00"},
	}
}
