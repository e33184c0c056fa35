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

// A mirror of both directions of both ports shows each frame twice: it is counted
// once.
func TestFramesShownTwiceAreCountedOnce(t *testing.T) {
	frames := madeCapture(400)
	once, twice := new(listener), new(listener)
	a := flow.New(decode.New(), flow.Options{}, testProtocols(), once)
	b := flow.New(decode.New(), flow.Options{}, testProtocols(), twice)
	for i, f := range frames {
		f.Data = append([]byte(nil), f.Data...)
		if f.Link == sensor.LinkRaw {
			f.Data[4], f.Data[5] = byte(i>>8)|0x80, byte(i) // packets that are sent have each its number
		}
		a.Frame(f)
		b.Frame(f)
		again := *f
		again.When = f.When.Add(time.Millisecond)
		again.Data = append([]byte(nil), f.Data...)
		if f.Link == sensor.LinkRaw {
			again.Data[8]-- // behind a router
			b.Frame(&again)
		}
	}
	a.Close()
	b.Close()
	if len(once.talked) != len(twice.talked) {
		t.Fatalf("%d conversations, shown twice %d", len(once.talked), len(twice.talked))
	}
	for i, c := range once.talked {
		d := twice.talked[i]
		if c.Transport != protocols.ICMP && (c.Bytes != d.Bytes || c.Packets != d.Packets) {
			t.Fatalf("conversation %+v became %+v", c, d)
		}
	}
	if n := b.Counters(); n.DuplicateFrames < uint64(len(frames))*6/10 || a.Counters().DuplicateFrames > 0 {
		t.Errorf("%d duplicates told of %d frames, %d where there are none", n.DuplicateFrames, len(frames), a.Counters().DuplicateFrames)
	}
}

// A retransmission is no copy of a frame: it comes later, or has another number.
// Acknowledgements of the same byte are no copies either.
func TestRetransmissionsAreNoDuplicates(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(opened()...)
	r.send(from('c', 2, "ab"), packet{by: 'c', flags: sensor.ACK | sensor.PSH, seq: 2, data: "ab", after: 2 * flow.DuplicateWithin})
	r.send(acks('s', 0, 4), acks('s', 0, 4), acks('s', 0, 4))
	c := r.engine.Counters()
	if c.DuplicateFrames != 0 || c.Duplicates != 2 {
		t.Errorf("%d frames taken for copies, %d bytes for seen before", c.DuplicateFrames, c.Duplicates)
	}
	r.end("open known=true mid=false", "o:HIab", "close")
}

// Identical datagrams without a number may be sent twice.
func TestDatagramsWithoutANumber(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.engine.Frame(udpFrame(client, server, "HI"))
	r.engine.Frame(udpFrame(client, server, "HI"))
	r.end("open known=false mid=false", "o:HIHI", "close")
}

// Every frame is counted at its place, what cannot be decoded too.
func TestPlaces(t *testing.T) {
	e := flow.New(decode.New(), flow.Options{}, testProtocols(), new(listener))
	tagged := func(vlan uint16, f *sensor.Frame) *sensor.Frame {
		b := append([]byte("\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x81\x00"), byte(vlan>>8), byte(vlan), 8, 0)
		b = append(b, f.Data...)
		return &sensor.Frame{Data: b, Length: len(b), When: start, Link: sensor.LinkEthernet, Tap: tap}
	}
	e.Frame(tagged(60, udpFrame(client, server, "HI")))
	e.Frame(tagged(61, udpFrame(client, server, "HI")))
	e.Frame(tagged(60, udpFrame(server, client, "HI")))
	e.Frame(udpFrame(client, server, "HI"))
	e.Frame(&sensor.Frame{Data: []byte(strings.Repeat("\x02", 12) + "\x81\x00\x00\x3d\x88\xcc" + strings.Repeat("z", 40)), Length: 58, When: start, Link: sensor.LinkEthernet, Tap: tap})
	frames := map[uint16]uint64{}
	for _, h := range e.Counters().Heard {
		frames[h.Place.VLAN] += h.Frames
	}
	if frames[60] != 2 || frames[61] != 2 || frames[0] != 1 {
		t.Errorf("heard %v frames by VLAN", frames)
	}
}
