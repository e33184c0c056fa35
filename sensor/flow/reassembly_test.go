package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor"
	"github.com/auscult/auscult/sensor/flow"
)

// streamCase is what is sent and what the session is to hear.
type streamCase struct {
	name string
	send []packet
	want []string
}

// What a session is told first, and the beginnings of most cases.
const known, guessed = "open known=true mid=false", "open known=false mid=true"

func handshake(then ...packet) []packet { return append([]packet{syn, synack, ack}, then...) }

func opened(then ...packet) []packet { return append(handshake(from('c', 0, "HI")), then...) }

// checkStreams runs each case twice: in the middle of the sequence space, and
// across its end.
func checkStreams(t *testing.T, cases []streamCase) {
	t.Helper()
	for _, c := range cases {
		for version, isn := range map[string]uint32{"": clientISN, ", across the end of the sequence space": 0xffff_fffd} {
			t.Run(c.name+version, func(t *testing.T) {
				r := newRig(t, flow.Options{})
				r.isn['c'], r.isn['s'] = isn, isn-1
				r.send(c.send...)
				r.end(c.want...)
			})
		}
	}
}

func TestOrder(t *testing.T) {
	checkStreams(t, []streamCase{
		{"in order",
			handshake(from('c', 0, "HI there"), from('s', 0, "yes"), from('c', 8, "bye")),
			[]string{known, "o:HI there", "a:yes", "o:bye", "close"}},
		{"nothing but a handshake", handshake(), nil},
		{"reordered", slices.Concat(opened(), []packet{from('c', 4, "cd"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcd", "close"}},
		{"reordered, three deep", slices.Concat(opened(), []packet{from('c', 6, "ef"), from('c', 4, "cd"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcdef", "close"}},
		{"first bytes reordered", handshake(from('c', 2, "ab"), from('c', 0, "HI")),
			[]string{known, "o:HIab", "close"}},
		{"data before the SYN", []packet{from('c', 0, "HI"), syn, synack, from('c', 2, "ab")},
			[]string{guessed, "o:HIab", "close"}},
		{"SYN/ACK before the SYN", []packet{synack, syn, ack, from('c', 0, "HI"), from('s', 0, "yes")},
			[]string{known, "o:HI", "a:yes", "close"}},
	})
}

// Where segments overlap, the bytes that arrived first win.
func TestRepeatedBytes(t *testing.T) {
	checkStreams(t, []streamCase{
		{"retransmitted", slices.Concat(opened(), []packet{from('c', 0, "HI"), from('c', 2, "ab"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"retransmitted with more", slices.Concat(opened(), []packet{from('c', 0, "HIab")}),
			[]string{known, "o:HIab", "close"}},
		{"retransmitted with other bytes: the first win", slices.Concat(opened(), []packet{from('c', 0, "XXab")}),
			[]string{known, "o:HIab", "close"}},
		{"overlapping what waits: the first win", slices.Concat(opened(), []packet{from('c', 4, "cd"), from('c', 2, "abXX")}),
			[]string{known, "o:HIabcd", "close"}},
		{"overlapping the end of what waits", slices.Concat(opened(), []packet{from('c', 4, "cd"), from('c', 5, "Xe"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcde", "close"}},
		{"around what waits", slices.Concat(opened(), []packet{from('c', 5, "d"), from('c', 3, "bcXe"), from('c', 2, "a")}),
			[]string{known, "o:HIabcde", "close"}},
		{"keep-alive", slices.Concat(opened(), []packet{from('c', 1, "\x00"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
	})
}

// A stream may be joined anywhere, and one direction alone is enough.
func TestBeginnings(t *testing.T) {
	checkStreams(t, []streamCase{
		{"SYN twice", slices.Concat([]packet{syn}, opened(), []packet{from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"data in the SYN", []packet{{by: 'c', flags: sensor.SYN, seq: -1, data: "HI"}, synack, from('c', 2, "ab")},
			[]string{known, "o:HIab", "close"}},
		{"both open at once", []packet{syn, {by: 's', flags: sensor.SYN, seq: -1}, from('s', 0, "yes"), from('c', 0, "HI")},
			[]string{known, "a:yes", "o:HI", "close"}},
		{"joined in the middle", []packet{from('s', 70, "x"), from('c', 50, "HI"), from('c', 52, "ab"), from('s', 71, "yes")},
			[]string{guessed, "o gap 0", "a:HIab", "o:yes", "close"}},
		{"joined in the middle, first two swapped", []packet{from('c', 52, "ab"), from('c', 50, "HI"), from('c', 54, "HIcd")},
			[]string{guessed, "o:HIcd", "close"}},
		{"only the client's direction", []packet{syn, acks('c', 0, 0), from('c', 0, "HI"), from('c', 2, "ab"), acks('c', 4, 5000), from('c', 4, "cd")},
			[]string{known, "o:HIabcd", "a gap 5000", "close"}},
		{"only the server's direction", []packet{synack, from('s', 0, "HI"), acks('s', 2, 700), from('s', 2, "ab")},
			[]string{known, "a:HIab", "o gap 700", "close"}},
		{"SYN/ACK not seen: the client's first acknowledgement tells where the server begins",
			[]packet{syn, ack, from('s', 2, "cd"), from('s', 0, "HI")},
			[]string{known, "a:HIcd", "close"}},
		{"SYN/ACK not seen, and the server spoke before the client acknowledged",
			[]packet{syn, acks('c', 0, 4), from('s', 0, "HIab"), from('s', 4, "cd")},
			[]string{known, "a:HIabcd", "close"}},
		{"SYN/ACK behind the server's first bytes, which were cut away: now it is known who opened",
			[]packet{{by: 's', flags: sensor.ACK, seq: 0, data: "xx", cut: 2}, synack, from('c', 0, "HI"), from('s', 2, "yes")},
			[]string{known, "a gap 0", "o:HI", "a:yes", "close"}},
		{"SYN/ACK behind a session: it keeps its directions",
			[]packet{from('s', 0, "HI"), synack, from('s', 2, "ab"), from('c', 0, "yes")},
			[]string{guessed, "o:HIab", "a:yes", "close"}},
	})
}

// What the snap length cut away is a gap of known length.
func TestSnapLength(t *testing.T) {
	checkStreams(t, []streamCase{
		{"cut by the snap length", slices.Concat(opened(), []packet{{by: 'c', seq: 2, data: "abcdef", cut: 4}, from('c', 8, "gh")}),
			[]string{known, "o:HIab", "o gap 4", "o:gh", "close"}},
		{"cut to nothing", slices.Concat(opened(), []packet{{by: 'c', seq: 2, data: "abcdef", cut: 6}, from('c', 8, "gh")}),
			[]string{known, "o:HI", "o gap 6", "o:gh", "close"}},
		{"cut and out of order", slices.Concat(opened(), []packet{{by: 'c', seq: 4, data: "cdef", cut: 3}, from('c', 2, "ab"), from('c', 8, "gh")}),
			[]string{known, "o:HIabc", "o gap 3", "o:gh", "close"}},
	})
}

// A hole is waited for, and then declared.
func TestLosses(t *testing.T) {
	checkStreams(t, []streamCase{
		{"lost, and acknowledged", slices.Concat(opened(), []packet{from('c', 4, "cd"), acks('s', 0, 6)}, repeat(7, acks('s', 0, 6)), []packet{from('c', 6, "ef")}),
			[]string{known, "o:HI", "o gap 2", "o:cdef", "close"}},
		{"acknowledged a little before it is seen", slices.Concat(opened(), []packet{from('c', 4, "cd"), acks('s', 0, 6), acks('s', 0, 6), from('c', 2, "ab")}),
			[]string{known, "o:HIabcd", "close"}},
		{"lost, not acknowledged, by time", slices.Concat(opened(), []packet{from('c', 4, "cd"), {by: 's', flags: sensor.ACK, after: flow.HoleTimeout}}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"lost, not acknowledged, by packets", slices.Concat(opened(), []packet{from('c', 4, "cd")}, repeat(flow.MaxHolePackets, ack), []packet{from('c', 2, "ab")}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"two losses", slices.Concat(opened(), []packet{from('c', 8, "gh"), from('c', 4, "cd"), acks('s', 0, 10)}, repeat(20, acks('s', 0, 10))),
			[]string{known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:gh", "close"}},
		{"lost at the end", slices.Concat(opened(), []packet{from('c', 4, "cd")}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"lost behind the last segment", slices.Concat(opened(), []packet{acks('s', 0, 30)}),
			[]string{known, "o:HI", "o gap 28", "close"}},
		{"late, after the gap was declared", slices.Concat(opened(), []packet{from('c', 4, "cd"), acks('s', 0, 6)}, repeat(8, acks('s', 0, 6)), []packet{from('c', 2, "ab"), from('c', 6, "ef")}),
			[]string{known, "o:HI", "o gap 2", "o:cdef", "close"}},
	})
}

// One segment from nowhere is not believed; two that fit together begin a rival,
// beside which the stream goes on where it was. The log tells of both in one.
func TestJumps(t *testing.T) {
	checkStreams(t, []streamCase{
		{"one segment from nowhere", slices.Concat(opened(), []packet{from('c', flow.MaxJump+100, "zz"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"two from nowhere that do not fit together", slices.Concat(opened(), []packet{from('c', flow.MaxJump+100, "zz"), from('c', flow.MaxJump+110, "yy"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"gone back; what was acknowledged before means nothing then", slices.Concat(opened(), []packet{acks('s', 0, 2)},
			[]packet{from('c', -flow.MaxJump-100, "zz"), from('c', -flow.MaxJump-98, "yy"), from('c', -flow.MaxJump-94, "vv")},
			repeat(flow.AckedHolePackets, ack), []packet{from('c', -flow.MaxJump-96, "ww")}),
			[]string{known, "o:HI", middle, "o:yywwvv", "close", "close"}},
		{"two that go on from there", slices.Concat(opened(), []packet{from('c', flow.MaxJump+100, "zz"), from('c', flow.MaxJump+102, "yy"), from('c', flow.MaxJump+104, "xx")}),
			[]string{known, "o:HI", middle, "o:yyxx", "close", "close"}},
		{"two that a stranger put there", slices.Concat(opened(), []packet{from('c', flow.MaxJump+100, "zz"), from('c', flow.MaxJump+102, "yy"), from('c', 2, "ab"), from('c', 4, "cd")}),
			[]string{known, "o:HI", middle, "o:yyabcd", "close", "close"}},
		{"two that go on from behind", slices.Concat(opened(), []packet{from('c', -flow.MaxJump-100, "zz"), from('c', -flow.MaxJump-98, "yy")}),
			[]string{known, "o:HI", middle, "o:yy", "close", "close"}},
	})
}

// middle is what a rival hears first: the same protocol, from the middle on.
const middle = "open known=false mid=true"

func TestSkip(t *testing.T) {
	for _, c := range []struct {
		name    string
		send    []packet
		want    []string
		skipped uint64
	}{
		{"inside one segment", []packet{from('c', 2, "#4;"), from('c', 5, "xxxxab")}, []string{known, "o:HI#4;ab", "close"}, 4},
		{"over several", []packet{from('c', 2, "#5;"), from('c', 5, "xx"), from('c', 7, "xx"), from('c', 9, "xab")}, []string{known, "o:HI#5;ab", "close"}, 5},
		{"a hole inside is not told", []packet{from('c', 2, "#9;"), from('c', 5, "xx"), from('c', 12, "xxab")}, []string{known, "o:HI#9;ab", "close"}, 9},
		{"a hole up to its end", []packet{from('c', 2, "#4;"), from('c', 9, "ab")}, []string{known, "o:HI#4;ab", "close"}, 4},
		{"a hole across its end is told for what was wanted", []packet{from('c', 2, "#4;"), from('c', 11, "cd")},
			[]string{known, "o:HI#4;", "o gap 2", "o:cd", "close"}, 4},
		{"and may still be filled", []packet{from('c', 2, "#4;"), from('c', 11, "cd"), from('c', 9, "ab")},
			[]string{known, "o:HI#4;abcd", "close"}, 4},
		{"a cut inside", []packet{from('c', 2, "#4;"), {by: 'c', seq: 5, data: "xxxx", cut: 3}, from('c', 9, "ab")}, []string{known, "o:HI#4;ab", "close"}, 4},
		{"a cut across its end", []packet{from('c', 2, "#4;"), {by: 'c', seq: 5, data: "xxxxab", cut: 5}, from('c', 11, "cd")},
			[]string{known, "o:HI#4;", "o gap 2", "o:cd", "close"}, 4},
		{"longer than the conversation", []packet{from('c', 2, "#99999999999;"), from('c', 15, "xx")}, []string{known, "o:HI#99999999999;", "close"}, 2},
		{"one direction only", []packet{from('c', 2, "#4;"), from('s', 0, "yes"), from('c', 5, "xxxx"), from('c', 9, "ab")},
			[]string{known, "o:HI#4;", "a:yes", "o:ab", "close"}, 4},
		{"told while others wait", []packet{from('c', 5, "xxxx"), from('c', 11, "cd"), from('c', 2, "#4;"), from('c', 9, "ab")},
			[]string{known, "o:HI#4;abcd", "close"}, 4},
		{"a jump from behind it ends it", []packet{from('c', 2, "#4;"), from('c', flow.MaxJump+100, "zz"), from('c', flow.MaxJump+102, "ab")}, []string{known, "o:HI#4;", middle, "o:ab", "close", "close"}, 0},
		{"a jump inside it is a range that was shunted", []packet{from('c', 2, "#500000000;"), from('c', 400_000_000, "zz"), from('c', 500_000_011, "zzab")},
			[]string{known, "o:HI#500000000;ab", "close"}, 500_000_000},
		{"lost at the end of the conversation", []packet{from('c', 2, "#40;"), acks('s', 0, 20)}, []string{known, "o:HI#40;", "close"}, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(opened()...)
			r.send(c.send...)
			r.end(c.want...)
			if n := r.engine.Counters().Skipped; n != c.skipped {
				t.Errorf("%d bytes counted as skipped, want %d", n, c.skipped)
			}
		})
	}
}

func TestEndOfConversations(t *testing.T) {
	const fin, rst, ackf = sensor.FIN | sensor.ACK, sensor.RST, sensor.ACK
	for _, c := range []struct {
		name string
		send []packet
		want []string
		end  flow.End
	}{
		{"FIN from both", []packet{flags('c', fin, 2, 0), flags('s', fin, 0, 3), acks('c', 3, 1)}, []string{known, "o:HI", "close"}, flow.EndFIN},
		{"FIN before the last data", []packet{flags('s', fin, 0, 2), flags('c', fin, 4, 0), from('c', 2, "ab"), acks('s', 1, 5)}, []string{known, "o:HIab", "close"}, flow.EndFIN},
		{"FIN with data", []packet{{by: 'c', flags: fin, seq: 2, data: "ab"}, flags('s', fin, 0, 5)}, []string{known, "o:HIab", "close"}, flow.EndFIN},
		{"half closed", []packet{flags('c', fin, 2, 0), from('s', 0, "still"), from('s', 5, "talking")}, []string{known, "o:HI", "a:stilltalking", "close"}, flow.EndClosed},
		{"RST", []packet{flags('s', rst, 0, 0)}, []string{known, "o:HI", "close"}, flow.EndRST},
		{"RST with a hole", []packet{from('c', 4, "cd"), acks('s', 0, 6), flags('c', rst, 6, 0)}, []string{known, "o:HI", "o gap 2", "o:cd", "close"}, flow.EndRST},
		{"RST with a hole that nobody received", []packet{acks('s', 0, 2), from('c', 4, "cd"), flags('c', rst, 2, 0)}, []string{known, "o:HI", "close"}, flow.EndRST},
		{"RST from nowhere", []packet{flags('c', rst, 1<<30, 0), from('c', 2, "ab")}, []string{known, "o:HIab", "close"}, flow.EndClosed},
		{"data behind the end", []packet{flags('s', rst, 0, 0), from('c', 3, "late"), from('c', 7, "r")}, []string{known, "o:HI", "close"}, flow.EndRST},
		{"FIN lost", []packet{flags('s', ackf, 0, 3)}, []string{known, "o:HI", "close"}, flow.EndClosed},
		{"bytes before the FIN lost", []packet{flags('c', fin, 5, 0), flags('s', fin, 0, 6)}, []string{known, "o:HI", "o gap 3", "close"}, flow.EndClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(opened()...)
			r.send(c.send...)
			r.end(c.want...)
			if n := r.engine.Counters().Ended; n[c.end] != 1 {
				t.Errorf("ended %v, want one by %v", n, c.end)
			}
			if n := r.engine.Counters().Opened; n != 1 {
				t.Errorf("%d conversations, want one", n)
			}
		})
	}
}

func TestOneDirectionEndsByItself(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, from('c', 0, "HI"), flags('c', sensor.FIN|sensor.ACK, 2, 0))
	if got := strings.Join(r.log, " "); !strings.HasSuffix(got, "close") {
		t.Errorf("after the FIN of the only direction: %s", got)
	}
}

func TestPortsUsedAgain(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI one"))
	r.isn['c'], r.isn['s'] = 90_000_000, 7
	r.send(syn, synack, ack, from('c', 0, "HI two"), flags('s', sensor.RST, 0, 0))
	r.isn['c'], r.isn['s'] = 5, 80_000
	r.send(synack, from('c', 0, "HI three")) // the SYN was not seen
	// The first one stays beside them until its time is over: it might go on.
	r.end(known, "o:HI one", known, "o:HI two", "close", known, "o:HI three", "close", "close")
	if n := r.engine.Counters(); n.Opened != 3 || n.Ended[flow.EndClosed] != 2 || n.Ended[flow.EndRST] != 1 || n.Disputed != 1 {
		t.Errorf("opened %d, ended %v", n.Opened, n.Ended)
	}
}

// An end that was seen without its conversation does not swallow the next one.
func TestPortsUsedAgainAfterALoneRST(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(flags('s', sensor.RST|sensor.ACK, 0, 0), syn, synack, ack, from('c', 0, "HI"))
	r.end("open known=true mid=false", "o:HI", "close")
}

// A hole that the session does not want is not waited for.
func TestHoleInsideASkipIsNotWaitedFor(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI#9;"), from('c', 10, "xxxxab"))
	if got := r.log[len(r.log)-1]; got != "o:HI#9;ab" {
		t.Errorf("heard so far: %q", got)
	}
	if n := r.engine.Counters(); n.OutOfOrder != 0 || n.Gaps != 0 {
		t.Errorf("%d out of order, %d gaps", n.OutOfOrder, n.Gaps)
	}
}

func TestConversationThatGoesOnAfterAForgedRST(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI"), flags('s', sensor.RST, 0, 0))
	for i := range flow.MaxStragglers + 3 {
		r.send(from('c', 2+2*i, "HI"))
	}
	r.end("open known=true mid=false", "o:HI", "close", "open known=false mid=true", "o:"+strings.Repeat("HI", flow.MaxStragglers+3), "close")
}

func TestInvariant07BuffersAreBounded(t *testing.T) {
	t.Run("bytes of one direction", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedDirection: 6})
		r.send(opened()...)
		r.send(from('c', 4, "cd"), from('c', 8, "gh"), from('c', 10, "ij"), from('c', 12, "kl"), from('c', 14, "mn"))
		r.end(known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:ghijklmn", "close")
		if n := r.engine.Counters().Overflows; n != 1 {
			t.Errorf("%d overflows counted, want 1", n)
		}
	})
	t.Run("a segment that fills the hole when there is no room", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedDirection: 4})
		r.send(opened()...)
		r.send(from('c', 6, "ef"), from('c', 10, "ij"), from('c', 2, "abcdEF"), from('c', 8, "gh"))
		r.end(known, "o:HIabcdefghij", "close")
	})
	t.Run("bytes of all", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedBytes: 4})
		r.send(opened()...)
		r.send(from('c', 4, "cd"), from('c', 8, "gh"), from('c', 12, "kl"), from('c', 2, "ab"))
		r.end(known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:gh", "o gap 2", "o:kl", "close")
	})
	t.Run("segments", func(t *testing.T) {
		r := newRig(t, flow.Options{})
		r.send(opened()...)
		for i := range flow.MaxPieces - 1 {
			r.send(from('c', 4+2*i, "x"))
		}
		r.send(from('c', 2, "ab")) // the stream goes on, to the next hole
		if n := r.engine.Counters(); n.Gaps != 0 || n.Buffered != flow.MaxPieces-2 {
			t.Fatalf("%d gaps, %d bytes kept", n.Gaps, n.Buffered)
		}
		for i := range 10 {
			r.send(from('c', 4+2*(flow.MaxPieces+i), "x"))
		}
		if n := r.engine.Counters(); n.Overflows == 0 || n.Buffered > flow.MaxPieces {
			t.Errorf("%d overflows, %d bytes kept", n.Overflows, n.Buffered)
		}
	})
}

func TestHoleTimesOutWithoutFurtherPackets(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, from('c', 0, "HI"), from('c', 4, "cd")) // the other direction is not seen
	r.engine.Tick(start.Add(flow.HoleTimeout - time.Millisecond))
	if n := r.engine.Counters().Gaps; n != 0 {
		t.Fatal("declared too early")
	}
	r.engine.Tick(start.Add(flow.HoleTimeout))
	if n := r.engine.Counters(); n.Gaps != 1 || n.GapBytes != 2 || n.Buffered != 0 {
		t.Errorf("%d gaps of %d bytes, %d kept; want 1 of 2, 0", n.Gaps, n.GapBytes, n.Buffered)
	}
}
