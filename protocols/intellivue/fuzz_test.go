package intellivue_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// FuzzDatagrams: whatever two datagrams hold, what is stated keeps the rules, comes
// from messages that were understood, and what is understood is recognised.
func FuzzDatagrams(f *testing.F) {
	all := conversation()
	for i, b := range all {
		f.Add(b, all[(i+1)%len(all)], uint16(i*10))
	}
	f.Fuzz(func(t *testing.T, a, b []byte, seconds uint16) {
		a, b = neutral(a), neutral(b)
		h := listen(t, said{by: monitor, data: a}, said{by: collector, after: time.Duration(seconds) * time.Second, data: b})
		if len(h.outcomes) != 2 {
			t.Errorf("outcomes %v of two datagrams", h.outcomes)
		}
		for i, data := range [][]byte{a, b} {
			ends := len(data) > 0 && strings.ContainsRune("\x0c\x09\x0a\x19", rune(data[0]))
			if h.outcomes[i] == protocols.Parsed && !ends && probe(data) != protocols.Yes {
				t.Errorf("understood and not recognised: %x", data)
			}
		}
		if alone := listen(t, said{by: monitor, data: a}); len(h.observations) < len(alone.observations) {
			t.Error("a later datagram takes back an earlier one")
		}
	})
}

// canary finds what a fuzzer may move into a field that is stated; FuzzPatient looks
// for it where it must not be.
var canary = regexp.MustCompile(`(?i)C\x00?A\x00?N\x00?A\x00?R\x00?Y`)

func neutral(b []byte) []byte {
	return canary.ReplaceAllFunc(b, func(m []byte) []byte { return append([]byte{'M'}, m[1:]...) })
}

// FuzzPatient writes any text into what is said of a patient, and looks for it.
func FuzzPatient(f *testing.F) {
	f.Add("Anna", uint16(2))
	f.Add("\x00\x00\x09\x1e", uint16(0x4000))
	f.Fuzz(func(t *testing.T, name string, bits uint16) {
		if len(name) > 500 {
			return
		}
		listen(t, said{by: monitor, data: announce(canaries(name)...)},
			said{by: monitor, data: create(append(canaries(name), mode(bits))...)},
			said{by: monitor, data: pollResult(42, poll{bits, [][]byte{observed(bits, append(canaries(name), patient(bits))...)}})})
	})
}
