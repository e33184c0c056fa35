package ssh_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/ssh"
)

// maxKept is what a session may hold: a key exchange message of each direction,
// twice that while it grows.
const maxKept = 2*2*ssh.MaxPacket + (4 << 10)

func seeds(f *testing.F) (conversations [][2][]byte) {
	paths, _ := filepath.Glob("testdata/*.hex")
	for _, path := range paths {
		var both [2][]byte
		for _, st := range protocoltest.Recorded(f, path) {
			both[st.From] = append(both[st.From], st.Data...)
		}
		conversations = append(conversations, both)
	}
	return append(conversations,
		[2][]byte{slices.Concat(text("lines\r\nbefore\n", openSSH), kexInit(methods)), kexInit(methods + ",ext-info-s")},
		[2][]byte{text("SSH-1.99-x\n\x00\x00\x01\x0b"), text(strings.Repeat("x", 300), "\n", openSSH)})
}

// FuzzChunking: however the octets arrive, the same is stated and counted, the same
// octets are wanted, and memory stays bounded.
func FuzzChunking(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s[0], s[1], []byte{1, 2, 200}, false)
		f.Add(s[1], s[0], []byte{}, true)
	}
	f.Fuzz(func(t *testing.T, a, b, sizes []byte, midstream bool) {
		c := protocols.Context{Midstream: midstream, OpenerKnown: len(a)%2 == 0}
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
			if strings.Contains(fact.Value, " ") || fact.Field == "" || fact.Confidence <= 0 || fact.Confidence > 1 {
				t.Errorf("fact %+v", fact)
			}
		}
	}
}

// FuzzComment writes any text into the comment, and into a line before, and looks
// for it in what is stated.
func FuzzComment(f *testing.F) {
	f.Add("Anna", " ")
	f.Add("-2.0-", "\t")
	f.Fuzz(func(t *testing.T, name, between string) {
		clean := strings.NewReplacer("\n", "", "\r", "").Replace(" QQCANARYQQ" + between + name)
		r := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Whole, says(acceptor, text("x", clean, "\r\nSSH-2.0-software", clean, "\r\n")))
		if strings.Contains(r.Lines(), "CANARY") {
			t.Errorf("free text shows:\n%s", r.Lines())
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s[0][:min(len(s[0]), protocols.ProbeLimit)], true, false)
		f.Add(s[1][:min(len(s[1]), protocols.ProbeLimit)], false, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, midstream, accepts bool) {
		b = b[:min(len(b), protocols.ProbeLimit)]
		d := opener
		if accepts {
			d = acceptor
		}
		last := protocols.More
		for n := 0; n <= len(b); n++ {
			v := probe(b[:n], midstream, d)
			if last != protocols.More && v != last {
				t.Fatalf("verdict %v after %v, at %d octets", v, last, n)
			}
			last = v
		}
		if full := append(slices.Clone(b), make([]byte, protocols.ProbeLimit-len(b))...); probe(full, midstream, d) == protocols.More {
			t.Error("More at the limit")
		}
	})
}
