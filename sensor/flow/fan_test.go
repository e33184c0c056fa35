package flow_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// madeCapture is traffic of many hosts at once: streams out of order, repeated
// and with losses, datagrams, fragments, link frames, ends of all kinds, quiet
// times, and a clock that jumps backwards.
func madeCapture(conversations int) []*sensor.Frame {
	r := rand.New(rand.NewPCG(11, 4))
	var queues [][]*sensor.Frame
	for i := range conversations {
		queues = append(queues, madeConversation(r, i))
	}
	var all []*sensor.Frame
	now := start
	for len(queues) > 0 {
		i := r.IntN(min(len(queues), 40)) // some dozens at a time
		f := queues[i][0]
		now = now.Add(time.Duration(r.IntN(20)) * time.Millisecond)
		switch r.IntN(2000) {
		case 0:
			now = now.Add(-time.Hour)
		case 1:
			now = now.Add(2 * time.Minute)
		}
		f.When = now
		all = append(all, f)
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = append(queues[:i], queues[i+1:]...)
		}
	}
	return all
}

func madeConversation(r *rand.Rand, i int) []*sensor.Frame {
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), uint16(1024+r.IntN(4)))
	to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 2, 0, byte(i % 7)}), 104)
	switch i % 8 {
	case 0:
		body := append([]byte{255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, byte(i), 8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, make([]byte, 20)...)
		return []*sensor.Frame{{Data: body, Length: len(body), Link: sensor.LinkEthernet, Tap: tap}}
	case 1:
		return []*sensor.Frame{udpFrame(from, to, "HI datagram"), udpFrame(to, from, "answer"), udpFrame(from, to, "more")}
	case 2:
		whole := udpFrame(from, to, "HI"+string(make([]byte, 3000)))
		return fragments(whole, 1480)
	case 3:
		return []*sensor.Frame{ipFrame(1, from.Addr(), to.Addr(), []byte{8, 0, 0, 0, 1, 2}), ipFrame(1, to.Addr(), from.Addr(), []byte{0, 0, 0, 0, 1, 2})}
	}
	return madeStream(r, from, to)
}

func fragments(f *sensor.Frame, size int) (fs []*sensor.Frame) {
	for at := 20; at < len(f.Data); at += size {
		end := min(len(f.Data), at+size)
		b := append(append([]byte(nil), f.Data[:20]...), f.Data[at:end]...)
		b[2], b[3] = byte(len(b)>>8), byte(len(b))
		field := (at - 20) / 8
		if end < len(f.Data) {
			field |= 0x2000
		}
		b[6], b[7] = byte(field>>8), byte(field)
		fs = append(fs, &sensor.Frame{Data: b, Length: len(b), Link: f.Link, Tap: f.Tap})
	}
	return fs
}

func madeStream(r *rand.Rand, from, to netip.AddrPort) []*sensor.Frame {
	text := "HI"
	if r.IntN(3) == 0 {
		text = "no"
	}
	for range r.IntN(30) {
		text += fmt.Sprintf(" %d", r.IntN(1e6))
	}
	isn, other := r.Uint32(), r.Uint32()
	var fs []*sensor.Frame
	if r.IntN(4) > 0 {
		fs = append(fs, tcpFrame(from, to, isn, 0, sensor.SYN, ""), tcpFrame(to, from, other, isn+1, sensor.SYN|sensor.ACK, ""))
	}
	for at := 0; at < len(text); {
		end := min(len(text), at+1+r.IntN(40))
		fs = append(fs, tcpFrame(from, to, isn+1+uint32(at), other+1, sensor.ACK, text[at:end]))
		if r.IntN(2) == 0 {
			fs = append(fs, tcpFrame(to, from, other+1, isn+1+uint32(end), sensor.ACK, ""))
		}
		at = end
	}
	for i := range fs { // some swaps, losses and repetitions
		switch j := r.IntN(len(fs)); r.IntN(12) {
		case 0:
			fs[i], fs[j] = fs[j], fs[i]
		case 1:
			fs[i] = copyOf(fs[j])
		}
	}
	switch r.IntN(4) {
	case 0:
		fs = append(fs, tcpFrame(from, to, isn+1+uint32(len(text)), other+1, sensor.FIN|sensor.ACK, ""), tcpFrame(to, from, other+1, isn, sensor.FIN|sensor.ACK, ""))
	case 1:
		fs = append(fs, tcpFrame(to, from, other+1, isn, sensor.RST, ""))
	}
	return fs
}

func copyOf(f *sensor.Frame) *sensor.Frame {
	c := *f
	return &c
}

// replay gives the frames to a Fan, from one buffer that is used again, as a
// Source does.
func replay(frames []*sensor.Frame, workers int, o flow.Options) (*listener, flow.Counters) {
	out := new(listener)
	fan := flow.NewFan(workers, decoding, o, testProtocols(), out)
	var data []byte
	for i, f := range frames {
		data = append(data[:0], f.Data...)
		g := *f
		g.Data = data
		fan.Frame(&g)
		clear(data)
		if i%777 == 0 {
			fan.Flush()
		}
	}
	fan.Tick(frames[len(frames)-1].When.Add(time.Minute))
	fan.Close()
	return out, fan.Counters()
}

// The same frames give the same sequence of observations and conversations,
// whatever the number of workers, also where every bound is reached.
func TestInvariant06WorkersDoNotChangeTheResult(t *testing.T) {
	frames := madeCapture(2000)
	for name, o := range map[string]flow.Options{
		"room for all": {},
		"hardly any room": {
			MaxConversations: 64, MaxBufferedBytes: 64 << 10, MaxBufferedDirection: 200,
			IdleTimeout: 20 * time.Second, UnknownTimeout: 5 * time.Second, ReportEvery: time.Second,
		},
	} {
		t.Run(name, func(t *testing.T) {
			want, count := replay(frames, 1, o)
			if len(want.said) < 1000 || len(want.talked) < 1000 || count.Gaps == 0 || count.OutOfOrder == 0 || count.Decode.Fragments.Reassembled == 0 {
				t.Fatalf("too little happens: %d observations, %d reports, %+v", len(want.said), len(want.talked), count)
			}
			for _, n := range []int{1, 2, 3, 8, 100} {
				got, c := replay(frames, n, o)
				compareLines(t, got.all, want.all)
				if fmt.Sprint(c) != fmt.Sprint(count) {
					t.Errorf("%d workers count\n%+v, one counts\n%+v", n, c, count)
				}
			}
		})
	}
}

// A Fan says what one Engine says; only what ends at the same tick is told in
// another order, shard by shard.
func TestFanAgreesWithEngine(t *testing.T) {
	frames := madeCapture(500)
	out := new(listener)
	e := flow.New(decode.New(), flow.Options{}, testProtocols(), out)
	for _, f := range frames {
		e.Frame(f)
	}
	e.Tick(frames[len(frames)-1].When.Add(time.Minute))
	e.Close()
	fan, _ := replay(frames, 1, flow.Options{})
	lines := map[string]int{}
	for _, l := range out.all {
		lines[l]++
	}
	for _, l := range fan.all {
		lines[l]--
	}
	for l, n := range lines {
		if n != 0 {
			t.Fatalf("the engine said this %d times more often than the Fan:\n%s", n, l)
		}
	}
}

// Counters may be read from elsewhere while frames are worked on, and Close may
// be called twice; nothing is taken after it.
func TestFanBesideOthers(t *testing.T) {
	frames := madeCapture(200)
	for _, n := range []int{1, 4} {
		out := new(listener)
		fan := flow.NewFan(n, decoding, flow.Options{}, testProtocols(), out)
		var wg sync.WaitGroup
		stop := make(chan struct{})
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_ = fan.Counters()
				}
			}
		})
		for _, f := range frames {
			fan.Frame(f)
		}
		fan.Close()
		close(stop)
		wg.Wait()
		said := len(out.all)
		fan.Frame(frames[0])
		fan.Tick(start)
		fan.Flush()
		fan.Close()
		if len(out.all) != said {
			t.Errorf("%d workers: said something after Close", n)
		}
		if c := fan.Counters(); c.Frames != uint64(len(frames)) || c.Open != 0 {
			t.Errorf("%d workers: counted %d of %d frames, %d still open", n, c.Frames, len(frames), c.Open)
		}
	}
}

// slow is an Output that lets the queues fill.
type slow struct{ said int }

func (*slow) Converse(protocols.Conversation) {}

func (s *slow) Observe(protocols.Observation) {
	if s.said++; s.said%1000 == 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestFanWaitsForASlowOutput(t *testing.T) {
	out := new(slow)
	fan := flow.NewFan(3, decoding, flow.Options{}, testProtocols(), out)
	for i := range 20_000 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 3, byte(i >> 8), byte(i)}), 1)
		fan.Frame(udpFrame(from, server, "HI"))
	}
	fan.Close()
	if out.said != 20_000*2 { // a segment and a close each
		t.Errorf("%d observations, want %d", out.said, 20_000*2)
	}
}

// Frames that lie in blocks are not copied: a block is held until every worker is
// done with it, and no longer.
func TestFanHoldsBlocks(t *testing.T) {
	frames := madeCapture(1000)
	want, _ := replay(frames, 1, flow.Options{})
	for _, n := range []int{1, 2, 4} {
		out := new(listener)
		fan := flow.NewFan(n, decoding, flow.Options{}, testProtocols(), out)
		var held sync.WaitGroup
		for len(frames) > 0 {
			size := min(len(frames), 50)
			memory := make([]byte, 0, 1<<20)
			block := sensor.NewBlock(func() {
				clear(memory[:cap(memory)]) // what is read after the release is wrong
				held.Done()
			})
			held.Add(1)
			for _, f := range frames[:size] {
				g := *f
				memory = append(memory, f.Data...)
				g.Data, g.Block = memory[len(memory)-len(f.Data):], block
				fan.Frame(&g)
			}
			block.Release() // the source goes on to the next
			frames = frames[size:]
		}
		fan.Tick(start.Add(24 * time.Hour))
		fan.Close()
		held.Wait()
		frames = madeCapture(1000)
		fan2, _ := replay(frames, 1, flow.Options{})
		if len(out.said) != len(want.said) || len(fan2.said) != len(want.said) {
			t.Errorf("%d workers: %d observations, want %d", n, len(out.said), len(want.said))
		}
	}
}

// A table full of packets that nobody answers tells of none of them one by one.
func TestFloodIsCountedNotTold(t *testing.T) {
	out := new(listener)
	e := flow.New(decode.New(), flow.Options{MaxConversations: 100}, testProtocols(), out)
	for i := range 10_000 {
		from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 3, byte(i >> 8), byte(i)}), 1)
		e.Frame(tcpFrame(from, server, uint32(i), 0, sensor.SYN, ""))
	}
	if c := e.Counters(); c.Unreported != 9900 || c.Ended[flow.EndEvictedUnknown] != 9900 || len(out.talked) != 0 {
		t.Errorf("%d not reported, %d given up, %d told", c.Unreported, c.Ended[flow.EndEvictedUnknown], len(out.talked))
	}
}
