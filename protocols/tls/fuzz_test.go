package tls_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/tls"
)

// maxKept is what a session may hold: of each direction a hello or a certificate,
// twice that while it grows.
const maxKept = 2*2*tls.MaxHello + (4 << 10)

func seeds(f *testing.F) (conversations [][2][]byte) {
	paths, _ := filepath.Glob("testdata/*.hex")
	for _, path := range paths {
		var both [2][]byte
		for _, st := range protocoltest.Recorded(f, path) {
			both[st.From] = append(both[st.From], st.Data...)
		}
		conversations = append(conversations, both)
	}
	sh, leaf := serverHello(0x0303, 5, 0), host(f, "ct01.example.org", "ct01")
	return append(conversations,
		[2][]byte{split(clientHello(0x0303, 32, sni), 3), split(slices.Concat(sh, message(23, nil), certificates(leaf)), 2)},
		[2][]byte{oldHello(0x0301, 9, 0, 16), slices.Concat(alert(1, 112), clear22(sh), alert(2, 40))},
		[2][]byte{slices.Concat(noise(60), sealed(40), sealed(50), sealed(60)), noise(512)})
}

// FuzzChunking: however the octets arrive, the same is stated and counted, the same
// octets are wanted, and memory stays bounded.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s[0], s[1], []byte{1, 2, 200}, false)
		f.Add(s[1], s[0], []byte{}, true)
	}
	f.Fuzz(func(t *testing.T, a, b, sizes []byte, midstream bool) {
		c := protocols.Context{Midstream: midstream}
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
		checkTexts(t, exact)
	})
}

// checkTexts asserts what every statement keeps, and that none comes without a
// message that was understood.
func checkTexts(t *testing.T, r *protocoltest.Heeded) {
	t.Helper()
	if len(r.Observations) > 0 && r.Counted(protocols.Parsed) == 0 {
		t.Errorf("stated without a message that was understood:\n%s", r.Lines())
	}
	for _, o := range r.Observations {
		if o.About.Kind != protocols.AboutSpeaker || o.Report != nil || len(o.Facts) != 1 {
			t.Errorf("observation %+v", o)
		}
		for _, fact := range o.Facts {
			if strings.ContainsAny(fact.Value, " @*") || fact.Field == "" || fact.Confidence <= 0 || fact.Confidence > 1 {
				t.Errorf("fact %+v", fact)
			}
		}
	}
}

// FuzzBroken changes a conversation, or cuts a hole into it: nothing is stated that
// the whole does not state, unless the changed octets are the name's own.
func FuzzBroken(f *testing.F) {
	f.Add(uint16(10), uint16(5), true)
	f.Add(uint16(900), uint16(300), false)
	all := seeds(f)
	f.Fuzz(func(t *testing.T, at, size uint16, told bool) {
		for _, s := range all {
			known := play(t, says(opener, s[0]), says(acceptor, s[1])).Lines()
			begin := int(at) % len(s[1])
			end := min(begin+int(size), len(s[1]))
			steps := []step{says(opener, s[0]), says(acceptor, s[1][:begin]), {From: acceptor, Hole: told}, says(acceptor, s[1][end:])}
			r := play(t, steps...)
			if told {
				for line := range strings.Lines(r.Lines()) {
					if strings.Contains(line, " about ") && !strings.Contains(known, line) {
						t.Errorf("stated only with a Hole: %s", line)
					}
				}
			}
			checkTexts(t, r)
		}
	})
}

// FuzzCertificate puts any octets where a server's certificate belongs.
func FuzzCertificate(f *testing.F) {
	f.Add(host(f, "ct01.example.org", "ct01"))
	f.Add(host(f, "*.example.org"))
	f.Fuzz(func(t *testing.T, der []byte) {
		if len(der) > 60000 {
			return
		}
		r := play(t, says(acceptor, split(slices.Concat(serverHello(0x0303, 5, 0), certificates(der)), 16384)))
		checkTexts(t, r)
		if r.Counted(protocols.Parsed)+r.Counted(protocols.Malformed)+r.Counted(protocols.LimitReached) != 2 || !r.Done[acceptor] {
			t.Errorf("counted\n%s", r.Lines())
		}
	})
}

// FuzzProbe: a verdict, once given, stays; a full window gets one; a session on
// what was recognised from its beginning never calls it broken before its first
// message.
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
