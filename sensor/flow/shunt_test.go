package flow_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// kernel drops what it is asked to, by the rules of DESIGN.md section 4. The
// program itself is tested in package bpf.
type kernel struct {
	ranges  map[sensor.Way]sensor.Skip
	counts  map[sensor.Way]sensor.Skipped
	high    map[sensor.Way]uint32
	asked   []sensor.Skip
	dropped int
	// spoil changes a range before it takes effect; nil changes none.
	spoil func(*sensor.Skip)
}

func newKernel() *kernel {
	return &kernel{ranges: map[sensor.Way]sensor.Skip{}, counts: map[sensor.Way]sensor.Skipped{}, high: map[sensor.Way]uint32{}}
}

func (k *kernel) Skip(ranges []sensor.Skip) {
	for _, s := range ranges {
		k.asked = append(k.asked, s)
		if s.For == 0 {
			delete(k.ranges, s.Way)
			continue
		}
		if k.spoil != nil {
			k.spoil(&s)
		}
		k.ranges[s.Way] = s
	}
}

func (k *kernel) Skipped(w sensor.Way) (sensor.Skipped, bool) {
	s, known := k.counts[w]
	return s, known
}

// drops decides about a raw IPv4 frame of these tests.
func (k *kernel) drops(f *sensor.Frame) bool {
	p, transport := f.Data[20:], protocols.TCP
	if f.Data[9] == 17 {
		transport = protocols.UDP
	}
	way := sensor.Way{Transport: transport,
		From: netip.AddrPortFrom(netip.AddrFrom4([4]byte(f.Data[12:16])), binary.BigEndian.Uint16(p)),
		To:   netip.AddrPortFrom(netip.AddrFrom4([4]byte(f.Data[16:20])), binary.BigEndian.Uint16(p[2:]))}
	if transport == protocols.UDP {
		return k.ranges[way].Whole && k.count(way, len(p)-8, 0)
	}
	seq, flags, n := binary.BigEndian.Uint32(p[4:]), sensor.TCPFlags(p[13]), f.Length-40
	if flags&(sensor.SYN|sensor.FIN|sensor.RST|sensor.URG) != 0 {
		if flags.Has(sensor.SYN) {
			delete(k.ranges, way)
			delete(k.ranges, way.Reverse())
		}
		return false
	}
	if s, known := k.ranges[way]; n > 0 {
		inside := seq-s.Start < s.End-s.Start && seq+uint32(n)-s.Start <= s.End-s.Start
		return known && inside && k.count(way, n, seq+uint32(n))
	}
	s, known := k.ranges[way.Reverse()]
	ack := binary.BigEndian.Uint32(p[8:])
	return known && flags == sensor.ACK && ack-s.Start-1 < s.End-s.Start && k.count(way, 0, 0)
}

func (k *kernel) count(w sensor.Way, n int, end uint32) bool {
	c := k.counts[w]
	c.Packets++
	c.Bytes += uint64(n)
	if n > 0 && c.Packets > 1 && int32(end-k.high[w]) <= 0 {
		c.Repeated += uint64(n)
	} else if n > 0 {
		k.high[w] = end
	}
	k.counts[w] = c
	k.dropped++
	return true
}

// shuntRig is a rig behind a kernel.
type shuntRig struct {
	*rig
	kernel *kernel
}

func newShuntRig(t testing.TB) *shuntRig {
	k := newKernel()
	return &shuntRig{newRig(t, flow.Options{Shunt: k}), k}
}

func (r *shuntRig) send(ps ...packet) {
	for _, p := range ps {
		r.now = r.now.Add(p.after)
		if f := r.frame(p); !r.kernel.drops(f) {
			r.engine.Frame(f)
		}
	}
	r.engine.Flush()
}

// bulk sends n bytes of a direction from seq on, in full segments, each
// acknowledged.
func (r *shuntRig) bulk(by byte, seq, n int) {
	other := byte('c')
	if by == 'c' {
		other = 's'
	}
	for at := 0; at < n; at += 1400 {
		r.send(from(by, seq+at, strings.Repeat("x", min(1400, n-at))), acks(other, 0, seq+min(n, at+1400)))
	}
}

// What a session does not want never reaches it, and what is behind it does; what
// was dropped counts towards the conversation.
func TestShuntDropsWhatASessionSkips(t *testing.T) {
	const n = 3 << 20
	r := newShuntRig(t)
	r.send(opened()...)
	r.bulk('c', 2, 100_000) // wanted
	r.send(from('c', 100_002, fmt.Sprintf("#%d;", n)))
	begin := 100_002 + len(fmt.Sprintf("#%d;", n))
	r.bulk('c', begin, n)
	if r.kernel.dropped < 2*n/1400-200 {
		t.Errorf("%d frames were dropped of %d", r.kernel.dropped, 2*n/1400)
	}
	r.send(from('c', begin+n, "behind"))
	if last := r.log[len(r.log)-1]; !strings.HasSuffix(last, "behind") || strings.Contains(last, "gap") {
		t.Errorf("what is behind the range came as %q", last[max(0, len(last)-60):])
	}
	r.engine.Close()
	c := r.engine.Counters()
	if c.Gaps != 0 || c.GapBytes != 0 || c.Resyncs != 0 {
		t.Errorf("%d gaps of %d bytes, %d resyncs: the shunt is no loss", c.Gaps, c.GapBytes, c.Resyncs)
	}
	var sent [2]uint64
	for _, k := range r.heard.talked {
		sent[0], sent[1] = sent[0]+k.Bytes[0], sent[1]+k.Bytes[1]
	}
	if want := uint64(2 + begin - 2 + n + len("behind")); sent[0] != want {
		t.Errorf("the conversation is said to have carried %d bytes, sent %d", sent[0], want)
	}
	if len(c.Heard) != 1 || c.Heard[0].ShuntedFrames != uint64(r.kernel.dropped) || c.Heard[0].HoleBytes != 0 {
		t.Errorf("heard %+v, dropped %d", c.Heard, r.kernel.dropped)
	}
}

// A FIN, or a reset, ends a conversation also from the far end of a range.
func TestShuntEndsWithItsConversation(t *testing.T) {
	for name, end := range map[string][]packet{
		"fin": {flags('c', sensor.FIN|sensor.ACK, 90_000_000, 0), flags('s', sensor.FIN|sensor.ACK, 0, 90_000_001)},
		"rst": {flags('c', sensor.RST, 90_000_000, 0)},
	} {
		r := newShuntRig(t)
		r.send(opened()...)
		r.bulk('c', 2, 70_000)
		r.send(from('c', 70_002, "#100000000;"))
		r.send(end...)
		if last := r.log[len(r.log)-1]; last != "close" {
			t.Errorf("%s: the session is open after %q", name, last)
		}
		if n := len(r.kernel.ranges); n != 0 {
			r.engine.Flush()
			t.Errorf("%s: %d ranges stand after the conversation", name, n)
		}
		if c := r.engine.Counters(); c.GapBytes != 0 || c.WildIgnored != 0 {
			t.Errorf("%s: %d bytes missing, %d ignored", name, c.GapBytes, c.WildIgnored)
		}
	}
}

// Ports that are used again must not lose their beginning.
func TestShuntOfReusedPorts(t *testing.T) {
	r := newShuntRig(t)
	r.send(opened()...)
	r.bulk('c', 2, 70_000)
	r.send(from('c', 70_002, "#500000000;"))
	r.isn = map[byte]uint32{'c': clientISN + 100_000, 's': 77}
	r.send(append(opened(), from('c', 2, " again"))...)
	r.engine.Close()
	log := strings.Join(r.log, "\n")
	if !strings.Contains(log, "open known=true mid=false\no:HI again\nclose") {
		t.Errorf("the second conversation came as %s", log[max(0, len(log)-120):])
	}
}

// Retransmissions from before a range pass, and do no harm.
func TestRetransmissionFromBeforeARange(t *testing.T) {
	r := newShuntRig(t)
	r.send(opened()...)
	r.bulk('c', 2, 70_000)
	r.send(from('c', 70_002, "#50000000;"))
	r.send(from('c', 70_002+10+50_000_000-3, "xxx behind"))
	r.send(from('c', 69_000, strings.Repeat("x", 500)), from('c', 69_500, strings.Repeat("x", 500)))
	r.send(from('c', 70_002+10+50_000_000+7, " it"))
	r.engine.Close()
	log := strings.Join(r.log, "\n")
	if !strings.HasSuffix(log, "#50000000; behind it\nclose") {
		t.Errorf("came as %s", log[max(0, len(log)-120):])
	}
	if c := r.engine.Counters(); c.Resyncs != 0 || c.GapBytes != 0 {
		t.Errorf("%d resyncs, %d bytes missing", c.Resyncs, c.GapBytes)
	}
}

// What no protocol knows is listened to no longer once it is bulk, and then
// dropped; a short conversation is not worth a range.
func TestShuntOfBulkThatNobodyKnows(t *testing.T) {
	r := newShuntRig(t)
	r.send(syn, synack, ack, from('c', 0, "no, "), from('s', 0, "no"))
	r.bulk('s', 2, flow.BulkBytes-5000)
	if len(r.kernel.asked) != 0 {
		t.Fatalf("a range was asked for after %d bytes", flow.BulkBytes-5000)
	}
	r.bulk('s', 2+flow.BulkBytes-5000, 4<<20)
	if r.kernel.dropped < (4<<20)/1400 {
		t.Errorf("%d frames dropped", r.kernel.dropped)
	}
	for i := range 200 {
		f := udpFrame(client, server, strings.Repeat("z", 1400)+fmt.Sprint(i))
		if !r.kernel.drops(f) {
			r.engine.Frame(f)
		}
		r.engine.Flush()
	}
	if n := r.kernel.counts[sensor.Way{From: client, To: server, Transport: protocols.UDP}]; n.Packets < 5 {
		t.Errorf("%d datagrams dropped", n.Packets)
	}
}

// A range that has run out, or was never taken, is asked for again.
func TestShuntRenews(t *testing.T) {
	r := newShuntRig(t)
	r.send(opened()...)
	r.bulk('c', 2, 70_000)
	r.send(from('c', 70_002, "#90000000;"))
	clear(r.kernel.ranges)
	asked := len(r.kernel.asked)
	r.bulk('c', 70_013, 50_000)
	if len(r.kernel.asked) != asked {
		t.Error("a range was asked for twice at once: frames were on their way")
	}
	r.send(packet{by: 'c', flags: sensor.ACK, seq: 120_013, data: "x", after: 2 * flow.RenewShunt})
	if len(r.kernel.asked) != asked+1 || len(r.kernel.ranges) != 1 {
		t.Errorf("%d ranges asked for after %d", len(r.kernel.asked), asked)
	}
}

// shuntStream is a stream of words and long runs that nobody wants, as frames of
// both directions in order.
func shuntStream(r *rand.Rand) (frames []*sensor.Frame) {
	isn := r.Uint32()
	seq := isn + 1
	now := start
	put := func(f *sensor.Frame) {
		now = now.Add(50 * time.Microsecond)
		f.When = now
		frames = append(frames, f)
	}
	put(tcpFrame(client, server, isn, 0, sensor.SYN, ""))
	put(tcpFrame(server, client, 99, isn+1, sensor.SYN|sensor.ACK, ""))
	word := func(s string) {
		put(tcpFrame(client, server, seq, 100, sensor.ACK|sensor.PSH, s))
		seq += uint32(len(s))
		put(tcpFrame(server, client, 100, seq, sensor.ACK, ""))
	}
	word("HI")
	for range 60 {
		word(strings.Repeat("w", 1200))
	}
	for i := range 6 {
		n := 1400 * (50 + r.IntN(400))
		word(fmt.Sprintf("run %d #%d;", i, n))
		for range n / 1400 {
			word(strings.Repeat("x", 1400))
		}
		word(fmt.Sprintf("after run %d", i))
	}
	put(tcpFrame(client, server, seq, 100, sensor.FIN|sensor.ACK, ""))
	put(tcpFrame(server, client, 100, seq+1, sensor.FIN|sensor.ACK, ""))
	return frames
}

// heardOf is what a session hears of frames behind a kernel.
func heardOf(t *testing.T, frames []*sensor.Frame, k *kernel) []string {
	t.Helper()
	o := flow.Options{}
	if k != nil {
		o.Shunt = k
	}
	var log []string
	e := flow.New(decode.New(), o, []protocols.Protocol{greet{name: "greet", on: protocols.TCP, word: "HI", log: &log}}, new(listener))
	for i, f := range frames {
		if k == nil || !k.drops(f) {
			e.Frame(f)
		}
		if i%20 == 0 {
			e.Flush() // a block of the ring ends
		}
	}
	e.Close()
	return log
}

// TestInvariant06ShuntOnAgainstOff: a session hears the same, whether what it does
// not want is dropped below or passed over here.
func TestInvariant06ShuntOnAgainstOff(t *testing.T) {
	for seed := range uint64(40) {
		frames := shuntStream(rand.New(rand.NewPCG(seed, 3)))
		k := newKernel()
		on, off := heardOf(t, frames, k), heardOf(t, frames, nil)
		if strings.Join(on, "\n") != strings.Join(off, "\n") {
			t.Fatalf("seed %d: with the shunt\n%.300v\nwithout\n%.300v", seed, on, off)
		}
		if k.dropped < len(frames)/2 {
			t.Errorf("seed %d: %d of %d frames were dropped", seed, k.dropped, len(frames))
		}
	}
}

// A range that was spoilt on its way costs what it hides, told as a gap, and never
// makes words that were not sent.
func TestSpoiltRangesMakeNoWords(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		frames := shuntStream(r)
		k := newKernel()
		k.spoil = func(s *sensor.Skip) {
			switch r.IntN(4) {
			case 0:
				s.End += uint32(r.IntN(200_000))
			case 1:
				s.Start -= uint32(r.IntN(200_000))
			case 2:
				s.Start, s.End = r.Uint32(), r.Uint32()
			}
		}
		said := strings.Join(heardOf(t, frames, nil), "\n")
		for _, entry := range heardOf(t, frames, k) {
			for word := range strings.SplitSeq(strings.TrimPrefix(entry, "o:"), "x") {
				if word != "" && !strings.HasPrefix(word, "o gap") && !strings.Contains(said, strings.Trim(word, "w")) {
					t.Fatalf("seed %d: %.80q was never said", seed, word)
				}
			}
		}
	}
}
