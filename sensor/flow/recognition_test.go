package flow_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

// Content tells the protocol, whatever the port, in either direction.
func TestInvariant05RecognisedByContent(t *testing.T) {
	long := strings.Repeat("z", protocols.ProbeLimit)
	for _, c := range []struct {
		name string
		send []packet
		want []string
	}{
		{"in two segments", []packet{syn, synack, ack, from('c', 0, "H"), from('c', 1, "I there")}, []string{known, "o:HI there", "close"}},
		{"in three, with a turn between", []packet{syn, synack, ack, from('c', 0, "H"), from('s', 0, "H"), from('c', 1, "Ia"), from('s', 1, "ey")},
			[]string{known, "o:H", "a:H", "o:Ia", "a:ey", "close"}},
		{"by the answer; what came before is handed over in order", []packet{syn, synack, ack, from('c', 0, "one"), from('s', 0, "HI"), from('c', 3, "two")},
			[]string{known, "o:one", "a:HI", "o:two", "close"}},
		{"by the answer in two", []packet{syn, synack, ack, from('c', 0, "one"), from('s', 0, "H"), from('c', 3, "two"), from('s', 1, "Ix")},
			[]string{known, "o:one", "a:H", "o:two", "a:Ix", "close"}},
		{"by the answer, after more than is kept", []packet{syn, synack, ack, from('c', 0, "q"+long), from('s', 0, "HI")},
			[]string{known, "o:q" + long[1:], "o gap 1", "a:HI", "close"}},
		{"by the answer, after far more than is kept", append(append([]packet{syn, synack, ack}, stream('c', strings.Repeat(long, 40))...), from('s', 0, "HI"), from('c', 40*len(long), "x")),
			[]string{known, "o gap 0", "a:HI", "o:x", "close"}},
		{"the first bytes alone count", []packet{syn, synack, ack, from('c', 0, "no HI"), from('s', 0, "neither"), from('c', 5, "HI"), from('s', 7, "HI")}, nil},
		{"refused from the start, then a gap: not looked at again", []packet{syn, synack, ack, from('c', 0, "no"), from('c', 4, "HI"), flags('c', sensor.FIN, 6, 0)}, nil},
		{"the beginning cut away", []packet{syn, synack, ack, {by: 'c', seq: 0, data: "HIHI", cut: 3}, from('c', 4, "HI")},
			[]string{"open known=true mid=true", "o:HI", "close"}},
		{"the beginning lost", []packet{syn, synack, ack, from('c', 2, "HI"), flags('c', sensor.FIN, 4, 0), {by: 's', flags: sensor.FIN | sensor.ACK, ack: 5, after: flow.HoleTimeout}},
			[]string{"open known=true mid=true", "o:HI", "close"}},
		{"joined in the guessed, at the third segment", []packet{from('c', 0, "xx"), from('c', 2, "yy"), from('c', 4, "HI"), from('s', 9, "a")},
			[]string{guessed, "o:HI", "a:a", "close"}},
		{"joined in the guessed, in two segments", []packet{from('c', 0, "xx"), from('c', 2, "H"), from('c', 3, "I")}, []string{guessed, "o:HI", "close"}},
		{"joined in the guessed, after something that began alike", []packet{from('c', 0, "H"), from('c', 1, "x"), from('c', 2, "HI")},
			[]string{guessed, "o:HI", "close"}},
		{"joined in the middle: bytes inside a segment do not count", []packet{from('c', 0, "xxHI"), from('s', 0, "yHI")}, nil},
		{"joined in the middle: what a firm protocol says no to", []packet{from('c', 0, "FIRM"), from('s', 0, "FIRM")}, nil},
		{"a firm protocol from the start", []packet{syn, synack, from('c', 0, "FI"), from('c', 2, "RM")}, []string{known, "o:FIRM", "close"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(c.send...)
			r.end(c.want...)
		})
	}
}

// stream cuts text into full segments.
func stream(by byte, text string) (ps []packet) {
	for at := 0; at < len(text); at += 1460 {
		ps = append(ps, from(by, at, text[at:min(len(text), at+1460)]))
	}
	return ps
}

// The directions may alternate so often before a protocol is recognised, and no
// more.
func TestInvariant07TurnsAreBounded(t *testing.T) {
	for turns, want := range map[int]uint64{flow.MaxRuns / 2: 1, flow.MaxRuns/2 + 2: 0} {
		word := strings.Repeat("L", turns)
		var log []string
		r := newRig(t, flow.Options{})
		r.engine = flow.New(decode.New(), flow.Options{}, []protocols.Protocol{greet{name: "long", on: protocols.TCP, word: word, log: &log}}, r.heard)
		r.send(syn, synack, ack)
		for i := range turns {
			r.send(from('c', i, "L"), from('s', i, "x"))
		}
		if n := r.engine.Counters().Protocols[0].Sessions; n != want {
			t.Errorf("%d turns: %d sessions, want %d", turns, n, want)
		}
	}
}

// Where there is no room to keep the first bytes, the next ones are not taken
// for the first.
func TestNoRoomForFirstBytes(t *testing.T) {
	r := newRig(t, flow.Options{MaxBufferedBytes: 100})
	r.send(syn, synack, ack, from('c', 0, "H"), from('c', 1, "HI"))
	r.end()
}

func TestInvariant07RetriesAreBounded(t *testing.T) {
	for _, c := range []struct {
		segments int
		sessions uint64
	}{{flow.MaxRetries, 1}, {flow.MaxRetries + 1, 0}} {
		r := newRig(t, flow.Options{})
		for i := range c.segments {
			r.send(from('c', 2*i, "xx"))
		}
		r.send(from('c', 2*c.segments, "HI"))
		if n := r.engine.Counters().Protocols[0].Sessions; n != c.sessions {
			t.Errorf("after %d segments: %d sessions, want %d", c.segments, n, c.sessions)
		}
	}
}

func TestInvariant07FirstBytesAreBounded(t *testing.T) {
	r := newRig(t, flow.Options{MaxBufferedBytes: 10_000})
	for port := range uint16(100) {
		f := tcpFrame(client, server, 0, 0, sensor.SYN, "H")
		f.Data[20], f.Data[21] = byte(port>>8), byte(port)
		r.engine.Frame(f)
		if n := r.engine.Counters().Buffered; n > 10_000 {
			t.Fatalf("%d bytes are kept", n)
		}
	}
	r.engine.Close()
	if n := r.engine.Counters().Buffered; n != 0 {
		t.Errorf("%d bytes are still kept at the end", n)
	}
}

func TestUnknownConversationsKeepNothing(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "no"), from('c', 4, "cd"), from('s', 0, "neither"))
	r.send(from('c', 8, "gh"), from('c', 20, "xy"))
	r.send(acks('s', 7, 90)) // acknowledges what nobody saw, and nobody misses
	if n := r.engine.Counters().Buffered; n != 0 {
		t.Errorf("%d bytes kept", n)
	}
	r.end()
	if n := r.engine.Counters().Gaps; n != 0 {
		t.Errorf("%d gaps", n)
	}
}

// The middle of a stream that nobody wanted is not kept for the other direction.
func TestMiddleOfAStreamIsNotKept(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(from('c', 0, "xx"), from('c', 10, "yy"))
	if n := r.engine.Counters(); n.Buffered != 0 || n.OutOfOrder != 0 {
		t.Errorf("%d bytes kept, %d segments out of order", n.Buffered, n.OutOfOrder)
	}
	r.end()
}

func TestDatagrams(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.engine.Frame(udpFrame(client, server, "x"))
	r.engine.Frame(udpFrame(server, client, "y"))
	r.engine.Frame(udpFrame(client, server, "HI#5;")) // a skip is not for datagrams
	r.engine.Frame(udpFrame(server, client, "yes"))
	cut := udpFrame(client, server, "abcdef")
	cut.Data = cut.Data[:len(cut.Data)-2]
	r.engine.Frame(cut)
	cut = udpFrame(client, server, "#2;xx")
	cut.Data = cut.Data[:len(cut.Data)-2]
	r.engine.Frame(cut)
	r.end("open known=false mid=false", "o:HI#5;", "a:yes", "o:abcd", "o gap 2", "o:#2;", "o gap 2", "close")
	first := r.heard.talked[0]
	if first.Transport != protocols.UDP || first.OpenerKnown || first.Opener.Addr != client.Addr() || first.Opener.Port != client.Port() {
		t.Errorf("reported as %+v", first)
	}
}

func TestLinkFrames(t *testing.T) {
	r := newRig(t, flow.Options{})
	body := "\x00\x01\x08\x00\x06\x04\x00\x01" + strings.Repeat("a", 20)
	other := &sensor.Tap{Site: "stv", Name: "span1"}
	first := udpFrame(client, server, "x") // a tap without link frames is met first
	first.Tap = &sensor.Tap{Site: "stv", Name: "span2"}
	r.engine.Frame(first)
	r.heard.talked = nil
	for i, on := range []*sensor.Tap{tap, tap, other} {
		data := append([]byte{255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, byte(i), 8, 6}, body...)
		r.engine.Frame(&sensor.Frame{Data: data, Length: len(data), When: start, Link: sensor.LinkEthernet, Tap: on})
	}
	if len(r.heard.talked) != 0 {
		t.Errorf("link frames made %d conversations", len(r.heard.talked))
	}
	r.end("open known=false mid=false", "o:"+body+body, "open known=false mid=false", "o:"+body, "close", "close")
	if n := r.engine.Counters().Protocols[3].Sessions; n != 2 {
		t.Errorf("%d sessions, want one for each tap", n)
	}
}
