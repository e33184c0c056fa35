package smb_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/smb"
)

// maxKept is what a session may hold: a message of each direction, twice that while it
// grows.
const maxKept = 2*2*smb.MaxMessage + (4 << 10)

func seeds(f testing.TB) (conversations [][2][]byte) {
	paths, _ := filepath.Glob("testdata/*.hex")
	for _, path := range paths {
		var both [2][]byte
		for _, st := range protocoltest.Recorded(f, path) {
			both[st.From] = append(both[st.From], st.Data...)
		}
		conversations = append(conversations, both)
	}
	return append(conversations,
		[2][]byte{slices.Concat(offer1("NT LM 0.12"), setup1(ntlmOffer(system(5, 1, 2600)), "Windows 2002 2600 Service Pack 2", "Windows 2002 5.1")),
			slices.Concat(choice1(3), answer1(more, 0, responseToken(dc01()), "Windows 5.1", "Windows 2000 LAN Manager"), answer1(0, 1, nil))},
		[2][]byte{slices.Concat(offer2(0x0311), setup2(responseToken(logon(system(10, 0, 19041), "u", "WS02")))), slices.Concat(choice2(1, 0x0311), answer2(more, 0, dc01()), answer2(0, 1, nil))})
}

// FuzzChunking: however the octets arrive, the same is stated and counted, the same
// octets are wanted, and memory stays bounded.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s[0], s[1], []byte{1, 2, 200}, false)
		f.Add(s[1], s[0], []byte{}, true)
	}
	f.Fuzz(func(t *testing.T, a, b, sizes []byte, midstream bool) {
		c := protocols.Context{Midstream: midstream, OpenerKnown: true}
		steps := []step{says(opener, a), says(acceptor, b)}
		exact := run(t, c, protocoltest.Fixed(1), steps...)
		i, largest := 0, 1
		pieces := run(t, c, func() int {
			if i++; len(sizes) == 0 {
				return 1 << 30
			}
			n := int(sizes[i%len(sizes)])*4 + 1
			largest = max(largest, n)
			return n
		}, steps...)
		if pieces.Lines() != exact.Lines() {
			t.Errorf("in pieces\n%s\noctet by octet\n%s", pieces.Lines(), exact.Lines())
		}
		for d := range exact.Read {
			more := pieces.Read[d] - exact.Read[d]
			if pieces.Done[d] != exact.Done[d] || more < 0 || len(sizes) > 0 && more >= largest {
				t.Errorf("direction %d: %d octets wanted in pieces of up to %d, %d octet by octet", d, pieces.Read[d], largest, exact.Read[d])
			}
		}
		if kept := max(exact.Kept, pieces.Kept); kept > maxKept {
			t.Errorf("a session held %d octets", kept)
		}
		if len(exact.Observations) > 0 && exact.Counted(protocols.Parsed) == 0 || exact.Refused > 0 {
			t.Errorf("%d refused; stated without a message that was understood:\n%s", exact.Refused, exact.Lines())
		}
	})
}

// FuzzTruncated: what is cut off, or has a hole, states nothing that the whole does not.
func FuzzTruncated(f *testing.F) {
	f.Add(uint16(10), uint16(5), false)
	f.Add(uint16(400), uint16(0), true)
	all := seeds(f)
	f.Fuzz(func(t *testing.T, at, size uint16, acceptorToo bool) {
		for _, s := range all {
			for d := range protocols.Direction(2) {
				known := facts(play(t, says(d, s[d])))
				begin := int(at) % (len(s[d]) + 1)
				end := min(begin+int(size), len(s[d]))
				steps := []step{says(d, s[d][:begin])}
				if acceptorToo {
					steps = append(steps, step{From: d, Hole: true}, says(d, s[d][end:]))
				}
				for _, fact := range facts(play(t, steps...)) {
					if !slices.Contains(known, fact) {
						t.Errorf("stated only with octets %d to %d missing: %q", begin, end, fact)
					}
				}
			}
		}
	})
}

// FuzzUser writes any text where accounts, their domains and responses stand, and looks
// for it.
func FuzzUser(f *testing.F) {
	f.Add("A")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, name string) {
		text := "QQCANARYQQ" + strings.ReplaceAll(name, "\x00", "")
		plain := v1(0x73, false, 0, slices.Concat([]byte{0xff, 0, 0, 0}, make([]byte, 10), le16(len(text)), le16(0), make([]byte, 8)),
			tail(append([]byte(text), make([]byte, (len(text)+1)%2)...), text, text, "Windows NT 1381", text))
		h := play(t, says(opener, offer1(text), setup2(responseToken(logon(system(10, 0, 19041), text, "WS02")))), says(opener, plain), says(acceptor, answer1(0, 0, []byte{0, 0}, text, text)))
		if strings.Contains(h.Texts(), "CANARY") {
			t.Errorf("a user shows:\n%s", h.Texts())
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s[0][:min(len(s[0]), protocols.ProbeLimit)], true)
		f.Add(s[1][:min(len(s[1]), protocols.ProbeLimit)], false)
	}
	f.Fuzz(func(t *testing.T, b []byte, midstream bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		last := protocols.More
		for n := 0; n <= len(b); n++ {
			v := probe(b[:n], midstream)
			if last != protocols.More && v != last {
				t.Fatalf("verdict %v after %v, at %d octets", v, last, n)
			}
			last = v
		}
		if full := append(slices.Clone(b), make([]byte, protocols.ProbeLimit-len(b))...); probe(full, midstream) == protocols.More {
			t.Error("More at the limit")
		}
	})
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	p := smb.New()
	for _, b := range [][]byte{offer1("NT LM 0.12"), offer2(0x0311), make([]byte, 100)} {
		o := protocols.Opening{Transport: protocols.TCP, Bytes: b}
		if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func BenchmarkProbe(b *testing.B) {
	for name, octets := range map[string][]byte{"negotiate": offer2(0x0311), "other": []byte("GET / HTTP/1.1\r\n\r\n")} {
		o, p := protocols.Opening{Transport: protocols.TCP, Bytes: octets}, smb.New()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkSession opens a session, reads both directions until they are done, and
// closes it. BenchmarkSkipped is what a segment costs that nobody dropped.
func BenchmarkSession(b *testing.B) {
	for _, name := range []string{"smb1-guest", "smb3-guest"} {
		steps := protocoltest.Recorded(b, "testdata/"+name+".hex")
		out, p := protocols.NewSink(protocols.SMB, nil, nil, nil), smb.New()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := p.Open(protocols.Context{OpenerKnown: true})
				var done [2]bool
				for _, st := range steps {
					if !done[st.From] {
						done[st.From] = s.Segment(protocols.Segment{Direction: st.From, Bytes: st.Data}, out) > 0
					}
				}
				s.Close(out)
			}
		})
	}
}

func BenchmarkSkipped(b *testing.B) {
	out, s := protocols.NewSink(protocols.SMB, nil, nil, nil), smb.New().Open(protocols.Context{})
	s.Segment(protocols.Segment{Bytes: framed([]byte("\xfdSMB"), make([]byte, 60))}, out)
	seg := protocols.Segment{Bytes: make([]byte, 1400)}
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
