package flow_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

func TestReports(t *testing.T) {
	r := newRig(t, flow.Options{ReportEvery: time.Minute})
	r.send(syn, synack, ack)
	if len(r.heard.talked) != 0 {
		t.Fatalf("a handshake was reported: %+v", r.heard.talked)
	}
	r.send(from('c', 0, "H"))                                                             // 1: first data of the opener
	r.send(from('c', 1, "I"))                                                             // 2: recognised
	r.send(from('s', 0, "yes"))                                                           // 3: first data of the acceptor
	r.send(from('c', 2, "more"))                                                          // nothing new
	r.send(packet{by: 'c', flags: sensor.ACK, seq: 6, data: "later", after: time.Minute}) // 4: a minute later
	r.engine.Close()                                                                      // 5: the end

	type row struct {
		protocol       protocols.Name
		bytes, packets [2]uint64
		ended          bool
	}
	want := []row{
		{"", [2]uint64{1, 0}, [2]uint64{3, 1}, false},
		{"greet", [2]uint64{1, 0}, [2]uint64{1, 0}, false},
		{"greet", [2]uint64{0, 3}, [2]uint64{0, 1}, false},
		{"greet", [2]uint64{9, 0}, [2]uint64{2, 0}, false},
		{"greet", [2]uint64{}, [2]uint64{}, true},
	}
	if len(r.heard.talked) != len(want) {
		t.Fatalf("%d reports, want %d: %+v", len(r.heard.talked), len(want), r.heard.talked)
	}
	for i, c := range r.heard.talked {
		if got := (row{c.Protocol, c.Bytes, c.Packets, c.Ended}); got != want[i] {
			t.Errorf("report %d: %+v, want %+v", i+1, got, want[i])
		}
		if !c.OpenerKnown || c.Opener.Addr != client.Addr() || c.Acceptor.Port != server.Port() || c.Site != "stv" || c.Tap != "span0" {
			t.Errorf("report %d: %+v", i+1, c)
		}
		if c.First != start || c.Last.Before(start) {
			t.Errorf("report %d: first %v, last %v", i+1, c.First, c.Last)
		}
	}
}

// A scan makes no ghosts: who never answered has no packets.
func TestScanLeavesSilentAcceptors(t *testing.T) {
	r := newRig(t, flow.Options{})
	for i := range 10 {
		r.engine.Frame(tcpFrame(client, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 9, byte(i)}), 104), 1, 0, sensor.SYN, ""))
	}
	r.engine.Close()
	if len(r.heard.talked) != 10 {
		t.Fatalf("%d reports, want 10", len(r.heard.talked))
	}
	for _, c := range r.heard.talked {
		if c.Packets != [2]uint64{1, 0} || !c.OpenerKnown || !c.Ended {
			t.Errorf("reported as %+v", c)
		}
	}
}

func TestOpenerIsWhoSpokeFirstWhereNothingTells(t *testing.T) {
	for _, c := range []struct {
		name   string
		first  packet
		opener netip.AddrPort
		known  bool
	}{
		{"SYN", syn, client, true},
		{"SYN/ACK", synack, client, true},
		{"data of the server", from('s', 0, "x"), server, false},
		{"data of the client", from('c', 0, "x"), client, false},
	} {
		r := newRig(t, flow.Options{})
		r.send(c.first)
		r.engine.Close()
		got := r.heard.talked[0]
		if got.Opener.Addr != c.opener.Addr() || got.OpenerKnown != c.known {
			t.Errorf("%s: opener %v, known %v", c.name, got.Opener.Addr, got.OpenerKnown)
		}
	}
}

// A SYN that was overtaken corrects the guess about who opened the conversation.
func TestLateSYNCorrectsTheOpener(t *testing.T) {
	for name, late := range map[string][]packet{
		"SYN":     {acks('s', 0, 0), syn},
		"SYN/ACK": {acks('s', 0, 0), synack},
	} {
		r := newRig(t, flow.Options{})
		r.send(late...)
		r.send(from('c', 0, "HI"), from('s', 0, "yes"))
		r.end("open known=true mid=false", "o:HI", "a:yes", "close")
		last := r.heard.talked[len(r.heard.talked)-1]
		if last.Opener.Addr != client.Addr() || !last.OpenerKnown {
			t.Errorf("%s: opener %v, known %v", name, last.Opener.Addr, last.OpenerKnown)
		}
		if n := r.engine.Counters().Opened; n != 1 {
			t.Errorf("%s: %d conversations, want one", name, n)
		}
	}
}

// Two interfaces whose clocks differ do not make time run fast.
func TestClocksThatDiffer(t *testing.T) {
	for _, skew := range []time.Duration{time.Millisecond, 10 * time.Second, time.Hour} {
		r := newRig(t, flow.Options{IdleTimeout: 2 * time.Hour, UnknownTimeout: 2 * time.Hour})
		r.send(syn, synack, from('c', 0, "HI"))
		for i := range 20_000 {
			f := udpFrame(client, server, "x")
			f.When = start.Add(time.Duration(i) * time.Microsecond)
			if i%2 == 1 {
				f.When = f.When.Add(skew)
			}
			r.engine.Frame(f)
		}
		r.send(from('c', 2, "ab"))
		r.end("open known=true mid=false", "o:HIab", "close")
		if n := r.engine.Counters().Ended[flow.EndIdle]; n != 0 {
			t.Errorf("clocks %v apart: %d conversations ended by time", skew, n)
		}
	}
}

// The clock goes on ticking when frames bear absurd times, and when its range is
// used up.
func TestTimeOutsOutliveAbsurdTimes(t *testing.T) {
	r := newRig(t, flow.Options{})
	early, late := time.Unix(0, 0).UTC(), time.Unix(1<<32-1, 0).UTC()
	other := netip.MustParseAddrPort("10.1.3.99:1")
	at := func(f *sensor.Frame, when time.Time) {
		f.When = when
		r.engine.Frame(f)
	}
	for i := range 10 { // a thousand years
		at(udpFrame(client, server, "x"), late)
		for range 1000 {
			at(udpFrame(client, server, "x"), early)
		}
		at(udpFrame(other, server, "x"), early)
		at(udpFrame(client, server, "x"), early.Add(time.Hour))
		if n := r.engine.Counters().Open; n != 1 {
			t.Fatalf("round %d: %d conversations are known after an hour, want the one that is heard", i, n)
		}
		for range 1000 {
			at(udpFrame(client, server, "x"), early)
		}
	}
}

// One host may talk to itself, and an IPv4 address inside IPv6 is another one.
func TestKeysThatAreAlmostAlike(t *testing.T) {
	r := newRig(t, flow.Options{})
	here, there := netip.MustParseAddrPort("127.0.0.1:9000"), netip.MustParseAddrPort("127.0.0.1:50")
	r.engine.Frame(udpFrame(here, there, "x"))
	r.engine.Frame(udpFrame(there, here, "x"))
	if n := r.engine.Counters().Opened; n != 1 {
		t.Errorf("%d conversations of a host with itself, want 1", n)
	}
	four := udpFrame(here, there, "x")
	body := four.Data[20:]
	six := append([]byte{0x60, 0, 0, 0, 0, byte(len(body)), 17, 64}, make([]byte, 32)...)
	copy(six[18:], []byte{0xff, 0xff, 127, 0, 0, 1})
	copy(six[34:], []byte{0xff, 0xff, 127, 0, 0, 1})
	r.engine.Frame(&sensor.Frame{Data: append(six, body...), Length: 40 + len(body), When: start, Link: sensor.LinkRaw, Tap: tap})
	if n := r.engine.Counters().Opened; n != 2 {
		t.Errorf("%d conversations, want 2", n)
	}
}

// A few new conversations are safe in a table full of recognised ones, so that
// they can be recognised.
func TestNewConversationsHaveRoom(t *testing.T) {
	r := newRig(t, flow.Options{MaxConversations: 16})
	for i := range 15 {
		r.engine.Frame(udpFrame(client, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 0, byte(i)}), 53), "HI"))
	}
	r.send(syn, from('c', 0, "H"))
	r.engine.Frame(udpFrame(client, netip.MustParseAddrPort("10.9.9.9:53"), "x"))
	r.send(from('c', 1, "I"))
	if n := r.engine.Counters(); n.Protocols[0].Sessions != 1 || n.Ended[flow.EndEvictedRecognised] != 1 {
		t.Errorf("%d sessions, ended %v", n.Protocols[0].Sessions, n.Ended)
	}
}

// Conversations with holes are remembered within the bound of the table, also
// when time stands still and no tick ever comes.
func TestInvariant07HolesAreBounded(t *testing.T) {
	r := newRig(t, flow.Options{MaxConversations: 8})
	for port := range uint16(2000) {
		for _, p := range []packet{syn, from('c', 0, "HI"), from('c', 4, "cd")} {
			f := r.frame(p)
			f.Data[20], f.Data[21] = byte(port>>8), byte(port)
			r.engine.Frame(f)
		}
	}
	if n := r.engine.Holes(); n > 16 {
		t.Errorf("%d conversations with holes are remembered, the table has room for 8", n)
	}
}

func TestEndpointsAreAsLastSeen(t *testing.T) {
	r := newRig(t, flow.Options{})
	f := udpFrame(client, server, "HI")
	withLink := func(src byte, ttl byte, vlan uint16) *sensor.Frame {
		data := append([]byte{2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, src, 8, 0}, f.Data...)
		data[14+8] = ttl
		return &sensor.Frame{Data: data, Length: len(data), When: start, Link: sensor.LinkEthernet, Tap: tap, VLAN: vlan, VLANTagged: vlan != 0}
	}
	r.engine.Frame(withLink(1, 64, 10))
	answer := udpFrame(server, client, "yes")
	answer.Data[8] = 60
	r.engine.Frame(answer)
	r.engine.Frame(withLink(2, 63, 20)) // the same conversation behind a router, in another VLAN
	r.engine.Close()
	if n := r.engine.Counters().Opened; n != 1 {
		t.Fatalf("%d conversations: the VLAN tag is not part of the key", n)
	}
	last := r.heard.talked[len(r.heard.talked)-1]
	if last.Opener.MAC != (protocols.MAC{2, 0, 0, 0, 0, 2}) || last.Opener.Hops != 63 || last.Opener.VLAN != 20 {
		t.Errorf("opener %+v", last.Opener)
	}
	if last.Acceptor.Hops != 60 {
		t.Errorf("acceptor %+v: it is known by its own packets", last.Acceptor)
	}
	if first := r.heard.talked[0].Acceptor; first.MAC != (protocols.MAC{2, 0, 0, 0, 0, 9}) || first.Hops != 0 {
		t.Errorf("acceptor before it spoke %+v: it is known by what is sent to it", first)
	}
}

func TestSitesStayApart(t *testing.T) {
	r := newRig(t, flow.Options{})
	f := udpFrame(client, server, "x")
	r.engine.Frame(f)
	f.Tap = &sensor.Tap{Site: "elsewhere", Name: "span0"}
	r.engine.Frame(f)
	f.Tap = &sensor.Tap{Site: "stv", Name: "span0"} // another file of the first tap
	r.engine.Frame(f)
	if n := r.engine.Counters(); n.Opened != 2 {
		t.Errorf("%d conversations, want 2", n.Opened)
	}
}

func TestIdleConversationsEnd(t *testing.T) {
	o := flow.Options{IdleTimeout: 10 * time.Minute, UnknownTimeout: time.Minute}
	r := newRig(t, o)
	r.send(syn, from('c', 0, "HI"))
	r.engine.Frame(udpFrame(client, server, "x"))
	r.engine.Tick(start.Add(time.Minute + time.Second))
	if n := r.engine.Counters(); n.Open != 1 || n.Ended[flow.EndIdle] != 1 {
		t.Fatalf("%d open, ended %v; the unknown one should be over", n.Open, n.Ended)
	}
	back := start.Add(-24 * time.Hour)
	for range 1000 { // time jumps backwards, and stays there: harmless
		r.engine.Tick(back)
	}
	r.engine.Tick(back.Add(8 * time.Minute))
	if n := r.engine.Counters(); n.Open != 1 {
		t.Fatal("a jump backwards ended a conversation")
	}
	r.engine.Tick(back.Add(10 * time.Minute))
	if n := r.engine.Counters(); n.Open != 0 {
		t.Errorf("%d still open", n.Open)
	}
	r.end("open known=true mid=false", "o:HI", "close")
}

// A full table gives up the oldest conversation without a protocol first, so
// that a scan does not push out a device.
func TestInvariant07TableIsBounded(t *testing.T) {
	r := newRig(t, flow.Options{MaxConversations: 16})
	r.send(syn, from('c', 0, "HI"))
	for i := range 1000 {
		r.engine.Frame(udpFrame(client, netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, byte(i >> 8), byte(i)}), 53), "x"))
	}
	n := r.engine.Counters()
	if n.Open != 16 || n.Ended[flow.EndEvictedUnknown] != 1001-16 || n.Ended[flow.EndEvictedRecognised] != 0 {
		t.Errorf("%d open, ended %v", n.Open, n.Ended)
	}
	r.send(from('c', 2, " still"))
	r.end("open known=true mid=false", "o:HI still", "close")
}

// A table full of recognised conversations gives up the one silent longest.
func TestInvariant07RecognisedConversationsAreBounded(t *testing.T) {
	r := newRig(t, flow.Options{MaxConversations: 16})
	host := func(i int) netip.AddrPort { return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 9, 0, byte(i)}), 53) }
	for i := range 40 {
		r.engine.Frame(udpFrame(client, host(i), "HI"))
		r.engine.Frame(udpFrame(client, host(0), "HI")) // is always heard
	}
	n := r.engine.Counters()
	if n.Open != 16 || n.Ended[flow.EndEvictedRecognised] != 40-16 {
		t.Errorf("%d open, ended %v", n.Open, n.Ended)
	}
	if n.Protocols[2].Sessions != 40 {
		t.Errorf("%d sessions: the one that is always heard was given up", n.Protocols[2].Sessions)
	}
}

func TestCounters(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI"), from('c', 0, "HI"))
	r.engine.Frame(&sensor.Frame{Data: make([]byte, 60), Length: 60, When: start, Link: sensor.LinkEthernet, Tap: tap})
	c := r.engine.Counters()
	if c.Frames != 6 || c.Decode.Verdicts[sensor.Decoded] != 5 || c.Decode.Verdicts[sensor.NotIP] != 1 {
		t.Errorf("%d frames, verdicts %v", c.Frames, c.Decode.Verdicts)
	}
	if c.Bytes != 5*40+2*2+60 || c.Duplicates != 0 || c.DuplicateFrames != 1 {
		t.Errorf("%d bytes, %d seen before, %d frames", c.Bytes, c.Duplicates, c.DuplicateFrames)
	}
	c.Protocols[0].Sessions = 99
	if r.engine.Counters().Protocols[0].Sessions != 1 {
		t.Error("the copy of the counts is not a copy")
	}
	var twice flow.Counters
	twice.Add(r.engine.Counters())
	twice.Add(r.engine.Counters())
	if twice.Frames != 12 || twice.Protocols[0].Sessions != 2 || twice.Protocols[0].Protocol != "greet" {
		t.Errorf("twice the counts are %+v", twice)
	}
	seen := make(map[string]bool)
	for e := range flow.EndCount + 1 {
		if seen[e.String()] || e.String() == "" {
			t.Errorf("reason %d is called %q", e, e)
		}
		seen[e.String()] = true
	}
}
