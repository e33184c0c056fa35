package flow_test

import (
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// scripted is a Decoder whose frames are one byte: the verdict. Whatever the
// verdict, it fills in the same datagram.
type scripted struct{ counts sensor.DecodeCounters }

func (s *scripted) Decode(f *sensor.Frame, p *sensor.Packet) sensor.Verdict {
	*p = sensor.Packet{Transport: protocols.UDP, Payload: []byte("HI"), PayloadLength: 2}
	p.From.Addr, p.From.Port = client.Addr(), client.Port()
	p.To.Addr, p.To.Port = server.Addr(), server.Port()
	v := sensor.Verdict(f.Data[0])
	s.counts.Verdicts[v]++
	return v
}

func (s *scripted) Counters() sensor.DecodeCounters { return s.counts }

// An engine takes the packets that its decoder calls decoded, no others, and
// shows the decoder's counts as they are.
func TestEngineTakesWhatItsDecoderSays(t *testing.T) {
	out := new(listener)
	e := flow.New(new(scripted), flow.Options{}, testProtocols(), out)
	for v := range sensor.VerdictCount {
		e.Frame(&sensor.Frame{Data: []byte{byte(v)}, Length: 1, When: start, Tap: tap})
	}
	e.Close()
	if len(out.said) != 2 { // a segment and a close
		t.Errorf("%d observations, want 2", len(out.said))
	}
	c := e.Counters()
	for v, n := range c.Decode.Verdicts {
		if n != 1 {
			t.Errorf("%v: counted %d times, want once", sensor.Verdict(v), n)
		}
	}
	if c.Frames != uint64(sensor.VerdictCount) || c.Opened != 1 {
		t.Errorf("%d frames, %d conversations; want %d and 1", c.Frames, c.Opened, sensor.VerdictCount)
	}
}

// Each engine of a Fan has a decoder to itself, whatever the number of workers,
// and gets the frames that Spread gives it.
func TestInvariant06EachShardHasADecoder(t *testing.T) {
	for _, workers := range []int{1, 3} {
		var made []*scripted
		fan := flow.NewFan(workers, flow.Decoding{
			New:    func() flow.Decoder { made = append(made, new(scripted)); return made[len(made)-1] },
			Spread: func(f *sensor.Frame) uint64 { return uint64(f.Data[1]) + 3*flow.Shards },
		}, flow.Options{}, testProtocols(), new(listener))
		for shard := range flow.Shards {
			for range shard {
				fan.Frame(&sensor.Frame{Data: []byte{byte(sensor.NotIP), byte(shard)}, Length: 2, When: start, Tap: tap})
			}
		}
		fan.Close()
		if len(made) != flow.Shards {
			t.Fatalf("%d workers: %d decoders, want %d", workers, len(made), flow.Shards)
		}
		var got []uint64
		for _, d := range made {
			got = append(got, d.counts.Verdicts[sensor.NotIP])
		}
		slices.Sort(got) // workers have every so many shards, so the order of making differs
		for shard, n := range got {
			if n != uint64(shard) {
				t.Fatalf("%d workers: the decoders had %v frames, want 0 to %d", workers, got, flow.Shards-1)
			}
		}
	}
}
