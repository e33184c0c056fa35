package flow_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/decode"
	"github.com/auscult/auscult/sensor/flow"
)

func TestReassembly(t *testing.T) {
	hello := []packet{syn, synack, ack}
	opened := []packet{syn, synack, ack, from('c', 0, "HI")}
	const known, guessed = "open known=true mid=false", "open known=false mid=true"
	for _, c := range []struct {
		name string
		send []packet
		want []string
	}{
		{"in order",
			slices.Concat(hello, []packet{from('c', 0, "HI there"), from('s', 0, "yes"), from('c', 8, "bye")}),
			[]string{known, "o:HI there", "a:yes", "o:bye", "close"}},
		{"nothing but a handshake", hello, nil},

		{"reordered", slices.Concat(opened, []packet{from('c', 4, "cd"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcd", "close"}},
		{"reordered, three deep", slices.Concat(opened, []packet{from('c', 6, "ef"), from('c', 4, "cd"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcdef", "close"}},
		{"first bytes reordered", slices.Concat(hello, []packet{from('c', 2, "ab"), from('c', 0, "HI")}),
			[]string{known, "o:HIab", "close"}},
		{"data before the SYN", []packet{from('c', 0, "HI"), syn, synack, from('c', 2, "ab")},
			[]string{guessed, "o:HIab", "close"}},
		{"SYN/ACK before the SYN", []packet{synack, syn, ack, from('c', 0, "HI"), from('s', 0, "yes")},
			[]string{known, "o:HI", "a:yes", "close"}},

		{"retransmitted", slices.Concat(opened, []packet{from('c', 0, "HI"), from('c', 2, "ab"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"retransmitted with more", slices.Concat(opened, []packet{from('c', 0, "HIab")}),
			[]string{known, "o:HIab", "close"}},
		{"retransmitted with other bytes: the first win", slices.Concat(opened, []packet{from('c', 0, "XXab")}),
			[]string{known, "o:HIab", "close"}},
		{"overlapping what waits: the first win", slices.Concat(opened, []packet{from('c', 4, "cd"), from('c', 2, "abXX")}),
			[]string{known, "o:HIabcd", "close"}},
		{"overlapping the end of what waits", slices.Concat(opened, []packet{from('c', 4, "cd"), from('c', 5, "Xe"), from('c', 2, "ab")}),
			[]string{known, "o:HIabcde", "close"}},
		{"around what waits", slices.Concat(opened, []packet{from('c', 5, "d"), from('c', 3, "bcXe"), from('c', 2, "a")}),
			[]string{known, "o:HIabcde", "close"}},
		{"keep-alive", slices.Concat(opened, []packet{from('c', 1, "\x00"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"SYN twice", slices.Concat([]packet{syn}, opened, []packet{from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"data in the SYN", []packet{{by: 'c', flags: decode.SYN, seq: -1, data: "HI"}, synack, from('c', 2, "ab")},
			[]string{known, "o:HIab", "close"}},
		{"both open at once", []packet{syn, {by: 's', flags: decode.SYN, seq: -1}, from('s', 0, "yes"), from('c', 0, "HI")},
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

		{"cut by the snap length", slices.Concat(opened, []packet{{by: 'c', seq: 2, data: "abcdef", cut: 4}, from('c', 8, "gh")}),
			[]string{known, "o:HIab", "o gap 4", "o:gh", "close"}},
		{"cut to nothing", slices.Concat(opened, []packet{{by: 'c', seq: 2, data: "abcdef", cut: 6}, from('c', 8, "gh")}),
			[]string{known, "o:HI", "o gap 6", "o:gh", "close"}},
		{"cut and out of order", slices.Concat(opened, []packet{{by: 'c', seq: 4, data: "cdef", cut: 3}, from('c', 2, "ab"), from('c', 8, "gh")}),
			[]string{known, "o:HIabc", "o gap 3", "o:gh", "close"}},

		{"lost, and acknowledged", slices.Concat(opened, []packet{from('c', 4, "cd"), acks('s', 0, 6)}, repeat(7, acks('s', 0, 6)), []packet{from('c', 6, "ef")}),
			[]string{known, "o:HI", "o gap 2", "o:cdef", "close"}},
		{"acknowledged a little before it is seen", slices.Concat(opened, []packet{from('c', 4, "cd"), acks('s', 0, 6), acks('s', 0, 6), from('c', 2, "ab")}),
			[]string{known, "o:HIabcd", "close"}},
		{"lost, not acknowledged, by time", slices.Concat(opened, []packet{from('c', 4, "cd"), {by: 's', flags: decode.ACK, after: flow.HoleTimeout}}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"lost, not acknowledged, by packets", slices.Concat(opened, []packet{from('c', 4, "cd")}, repeat(flow.MaxHolePackets, ack), []packet{from('c', 2, "ab")}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"two losses", slices.Concat(opened, []packet{from('c', 8, "gh"), from('c', 4, "cd"), acks('s', 0, 10)}, repeat(20, acks('s', 0, 10))),
			[]string{known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:gh", "close"}},
		{"lost at the end", slices.Concat(opened, []packet{from('c', 4, "cd")}),
			[]string{known, "o:HI", "o gap 2", "o:cd", "close"}},
		{"lost behind the last segment", slices.Concat(opened, []packet{acks('s', 0, 30)}),
			[]string{known, "o:HI", "o gap 28", "close"}},
		{"late, after the gap was declared", slices.Concat(opened, []packet{from('c', 4, "cd"), acks('s', 0, 6)}, repeat(8, acks('s', 0, 6)), []packet{from('c', 2, "ab"), from('c', 6, "ef")}),
			[]string{known, "o:HI", "o gap 2", "o:cdef", "close"}},

		{"one segment from nowhere", slices.Concat(opened, []packet{from('c', flow.MaxJump+100, "zz"), from('c', 2, "ab")}),
			[]string{known, "o:HIab", "close"}},
		{"two that go on from there", slices.Concat(opened, []packet{from('c', flow.MaxJump+100, "zz"), from('c', flow.MaxJump+102, "yy"), from('c', flow.MaxJump+104, "xx")}),
			[]string{known, "o:HI", "o gap 0", "o:yyxx", "close"}},
		{"two that go on from behind", slices.Concat(opened, []packet{from('c', -flow.MaxJump-100, "zz"), from('c', -flow.MaxJump-98, "yy")}),
			[]string{known, "o:HI", "o gap 0", "o:yy", "close"}},
	} {
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

func TestSkip(t *testing.T) {
	opened := []packet{syn, synack, ack, from('c', 0, "HI")} // o: 2 bytes
	const known = "open known=true mid=false"
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
		{"lost at the end of the conversation", []packet{from('c', 2, "#40;"), acks('s', 0, 20)}, []string{known, "o:HI#40;", "close"}, 14},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(opened...)
			r.send(c.send...)
			r.end(c.want...)
			if n := r.engine.Counters().Skipped; n != c.skipped {
				t.Errorf("%d bytes counted as skipped, want %d", n, c.skipped)
			}
		})
	}
}

func TestEndOfConversations(t *testing.T) {
	const fin, rst, ackf = decode.FIN | decode.ACK, decode.RST, decode.ACK
	opened := []packet{syn, synack, ack, from('c', 0, "HI")}
	const known = "open known=true mid=false"
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
		{"RST with a hole", []packet{from('c', 4, "cd"), flags('c', rst, 6, 0)}, []string{known, "o:HI", "o gap 2", "o:cd", "close"}, flow.EndRST},
		{"RST from nowhere", []packet{flags('c', rst, 1<<30, 0), from('c', 2, "ab")}, []string{known, "o:HIab", "close"}, flow.EndClosed},
		{"data behind the end", []packet{flags('s', rst, 0, 0), from('c', 2, "late"), from('c', 6, "r")}, []string{known, "o:HI", "close"}, flow.EndRST},
		{"FIN lost", []packet{flags('s', ackf, 0, 3)}, []string{known, "o:HI", "close"}, flow.EndClosed},
		{"bytes before the FIN lost", []packet{flags('c', fin, 5, 0), flags('s', fin, 0, 6)}, []string{known, "o:HI", "o gap 3", "close"}, flow.EndClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, flow.Options{})
			r.send(opened...)
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
	r.send(syn, from('c', 0, "HI"), flags('c', decode.FIN|decode.ACK, 2, 0))
	if got := strings.Join(r.log, " "); !strings.HasSuffix(got, "close") {
		t.Errorf("after the FIN of the only direction: %s", got)
	}
}

func TestPortsUsedAgain(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI one"))
	r.isn['c'], r.isn['s'] = 90_000_000, 7
	r.send(syn, synack, ack, from('c', 0, "HI two"), flags('s', decode.RST, 0, 0))
	r.isn['c'], r.isn['s'] = 5, 80_000
	r.send(synack, from('c', 0, "HI three")) // the SYN was not seen
	const known = "open known=true mid=false"
	r.end(known, "o:HI one", "close", known, "o:HI two", "close", known, "o:HI three", "close")
	if n := r.engine.Counters(); n.Opened != 3 || n.Ended[flow.EndReused] != 1 || n.Ended[flow.EndRST] != 1 {
		t.Errorf("opened %d, ended %v", n.Opened, n.Ended)
	}
}

func TestConversationThatGoesOnAfterAForgedRST(t *testing.T) {
	r := newRig(t, flow.Options{})
	r.send(syn, synack, ack, from('c', 0, "HI"), flags('s', decode.RST, 0, 0))
	for i := range flow.MaxStragglers + 3 {
		r.send(from('c', 2+2*i, "HI"))
	}
	r.end("open known=true mid=false", "o:HI", "close", "open known=false mid=true", "o:HIHIHI", "close")
}

func TestInvariant07BuffersAreBounded(t *testing.T) {
	opened := []packet{syn, synack, ack, from('c', 0, "HI")}
	const known = "open known=true mid=false"
	t.Run("bytes of one direction", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedDirection: 6})
		r.send(opened...)
		r.send(from('c', 4, "cd"), from('c', 8, "gh"), from('c', 10, "ij"), from('c', 12, "kl"), from('c', 14, "mn"))
		r.end(known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:ghijklmn", "close")
		if n := r.engine.Counters().Overflows; n != 1 {
			t.Errorf("%d overflows counted, want 1", n)
		}
	})
	t.Run("a segment that fills the hole when there is no room", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedDirection: 4})
		r.send(opened...)
		r.send(from('c', 6, "ef"), from('c', 10, "ij"), from('c', 2, "abcdEF"), from('c', 8, "gh"))
		r.end(known, "o:HIabcdefghij", "close")
	})
	t.Run("bytes of all", func(t *testing.T) {
		r := newRig(t, flow.Options{MaxBufferedBytes: 4})
		r.send(opened...)
		r.send(from('c', 4, "cd"), from('c', 8, "gh"), from('c', 12, "kl"), from('c', 2, "ab"))
		r.end(known, "o:HI", "o gap 2", "o:cd", "o gap 2", "o:gh", "o gap 2", "o:kl", "close")
	})
	t.Run("segments", func(t *testing.T) {
		r := newRig(t, flow.Options{})
		r.send(opened...)
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
	r.send(syn, synack, ack, from('c', 0, "HI"), from('c', 4, "cd"))
	r.engine.Tick(start.Add(flow.HoleTimeout - time.Millisecond))
	if n := r.engine.Counters().Gaps; n != 0 {
		t.Fatal("declared too early")
	}
	r.engine.Tick(start.Add(flow.HoleTimeout))
	if n := r.engine.Counters(); n.Gaps != 1 || n.GapBytes != 2 || n.Buffered != 0 {
		t.Errorf("%d gaps of %d bytes, %d kept; want 1 of 2, 0", n.Gaps, n.GapBytes, n.Buffered)
	}
}
