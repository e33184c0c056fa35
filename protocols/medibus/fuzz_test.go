package medibus_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/medibus"
)

// maxKept is what a session may hold: the open frames of both directions, which grow
// by a quarter at a time.
const maxKept = 2*2*medibus.MaxFrame*5/4 + (4 << 10)

// canary finds what a fuzzer may move into a name, which is stated; FuzzPatient looks
// for it where it must not be.
var canary = regexp.MustCompile(`(?i)C[^\x00-\x7e]*A[^\x00-\x7e]*N[^\x00-\x7e]*A[^\x00-\x7e]*R[^\x00-\x7e]*Y`)

// FuzzChunking: however the octets arrive, the same is stated and counted, and memory
// stays bounded.
func FuzzChunking(f *testing.F) {
	var both [2][]byte
	for _, st := range recorded(f) {
		both[st.by] = append(both[st.by], st.data...)
	}
	f.Add(both[0], both[1], []byte{1, 2, 200})
	f.Add(both[1], both[0], []byte{})
	f.Add(join(evita, breaths[:9]), join(standby, []byte{0x18}, scattered(breaths)), []byte{3})
	f.Fuzz(func(t *testing.T, a, b, sizes []byte) {
		if canary.Match(a) || canary.Match(b) {
			return
		}
		steps := []step{says(collector, a), says(device, b)}
		exact := run(t, fixed(1), steps...)
		i := 0
		pieces := run(t, func() int {
			if i++; len(sizes) == 0 {
				return 1 << 30
			}
			return int(sizes[i%len(sizes)]) + 1
		}, steps...)
		if pieces.String() != exact.String() {
			t.Errorf("in pieces\n%s\noctet by octet\n%s", pieces, exact)
		}
		if kept := max(exact.kept, pieces.kept); kept > maxKept {
			t.Errorf("a session held %d octets", kept)
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	for _, st := range recorded(f) {
		f.Add(st.data, true)
		f.Add(st.data, false)
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

// FuzzPatient writes any text where a device may say something of its patient, and
// looks for it.
func FuzzPatient(f *testing.F) {
	f.Add("Anna", byte(0x20))
	f.Add("\x03' \r", byte(0x1E))
	f.Fuzz(func(t *testing.T, name string, code byte) {
		clean := strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return -1
			}
			return r
		}, name)
		said := "QQCANARY" + clean[:min(len(clean), 24)]
		run(t, fixed(5), says(device, evita, response(0x2A, text(code, said)), response(0x27, alarm('1', code, said)), response(0x28, said), response(0x29, setting(code, said[:5])+said[:7]),
			response(0x24, value(code, said[:4])), response(0x6D, said), response(code&0x7F, said)), says(collector, command(0x6D, said)))
	})
}
