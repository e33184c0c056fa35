package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// quiet is an Output and a Protocol whose sessions say nothing.
type quiet struct{ on protocols.Transport }

func (quiet) Observe(protocols.Observation)                    {}
func (quiet) Converse(protocols.Conversation)                  {}
func (quiet) Name() protocols.Name                             { return "quiet" }
func (q quiet) Transport() protocols.Transport                 { return q.on }
func (quiet) Open(protocols.Context) protocols.Session         { return quiet{} }
func (quiet) Gap(protocols.Direction, uint64, *protocols.Sink) {}
func (quiet) Close(*protocols.Sink)                            {}

func (quiet) Probe(o protocols.Opening) protocols.Verdict {
	return greet{word: "HI"}.Probe(o)
}

func (quiet) Segment(protocols.Segment, *protocols.Sink) uint64 { return 0 }

// flows are packets of known conversations: a recognised one, an unknown one, one
// joined in the middle, datagrams.
func flows(e interface{ Frame(*sensor.Frame) }) map[string]func() {
	payload := strings.Repeat("x", 1400)
	seq := map[uint16]uint32{}
	now := start
	step := func(port uint16, data string) func() {
		f := tcpFrame(client, server, 0, 0, sensor.ACK, data)
		f.Data[20], f.Data[21] = byte(port>>8), byte(port)
		return func() {
			s := seq[port]
			f.Data[24], f.Data[25], f.Data[26], f.Data[27] = byte(s>>24), byte(s>>16), byte(s>>8), byte(s)
			seq[port] = s + uint32(len(data))
			now = now.Add(time.Millisecond) // reports and ticks come due as well
			f.When = now
			e.Frame(f)
		}
	}
	begin := func(port uint16, first string) {
		f := tcpFrame(client, server, seq[port], 0, sensor.SYN, "")
		f.Data[20], f.Data[21] = byte(port>>8), byte(port)
		e.Frame(f)
		seq[port]++
		step(port, first)()
		f = tcpFrame(server, client, 1, seq[port], sensor.ACK, "no")
		f.Data[22], f.Data[23] = byte(port>>8), byte(port)
		e.Frame(f)
	}
	begin(1, "HI")
	begin(2, "no")
	datagram := udpFrame(client, server, "HI")
	return map[string]func(){
		"recognised":    step(1, payload),
		"unknown":       step(2, payload),
		"in the middle": step(3, payload),
		"datagrams":     func() { e.Frame(datagram) },
	}
}

func TestInvariant08NoAllocationPerPacket(t *testing.T) {
	ps := []protocols.Protocol{quiet{on: protocols.TCP}, quiet{on: protocols.UDP}}
	workers := flow.NewFan(2, decoding, flow.Options{}, ps, quiet{})
	defer workers.Close()
	for kind, e := range map[string]interface{ Frame(*sensor.Frame) }{
		"engine": flow.New(decode.New(), flow.Options{}, ps, quiet{}),
		"fan":    flow.NewFan(1, decoding, flow.Options{}, ps, quiet{}),
		"two":    workers, // a few allocations for each batch, none for a packet
	} {
		for name, next := range flows(e) {
			for range 100 {
				next() // past recognition
			}
			// Two at a time, because the average is rounded down and workers lag behind.
			if n := testing.AllocsPerRun(5000, func() { next(); next() }); n != 0 {
				t.Errorf("%s, %s: %v allocations per two packets, want none", kind, name, n)
			}
		}
	}
}

func BenchmarkFrame(b *testing.B) {
	ps := []protocols.Protocol{quiet{on: protocols.TCP}, quiet{on: protocols.UDP}}
	for _, name := range []string{"recognised", "unknown", "in the middle", "datagrams"} {
		b.Run(name, func(b *testing.B) {
			next := flows(flow.New(decode.New(), flow.Options{}, ps, quiet{}))[name]
			b.ReportAllocs()
			for b.Loop() {
				next()
			}
		})
	}
}

func BenchmarkFan(b *testing.B) {
	frames := madeCapture(2000)
	ps := []protocols.Protocol{quiet{on: protocols.TCP}, quiet{on: protocols.UDP}}
	for _, n := range []int{1, 2} {
		b.Run(map[int]string{1: "inline", 2: "two workers"}[n], func(b *testing.B) {
			fan := flow.NewFan(n, decoding, flow.Options{}, ps, quiet{})
			defer fan.Close()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				fan.Frame(frames[i%len(frames)])
				i++
			}
		})
	}
}
