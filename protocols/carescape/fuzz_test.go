package carescape_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// FuzzDatagrams: whatever three datagrams hold, what is stated keeps the rules, and
// what is understood is what is recognised.
func FuzzDatagrams(f *testing.F) {
	for _, b := range messages() {
		f.Add(b, announce(bedside, "ICU|1", "QQCANARY"), b, uint16(5))
		f.Add(b[:len(b)/2], b, b, uint16(90))
	}
	f.Fuzz(func(t *testing.T, a, b, c []byte, seconds uint16) {
		all := [][]byte{a, b, c}
		var datagrams []said
		for i, data := range all {
			all[i] = neutral(data)
			datagrams = append(datagrams, said{after: time.Duration(i) * time.Duration(seconds) * time.Second, data: all[i]})
		}
		h := listen(t, datagrams...)
		for i, data := range all {
			if (h.outcomes[i] == protocols.Parsed) != (probe(data) == protocols.Yes) {
				t.Errorf("outcome %v of %x", h.outcomes[i], data)
			}
		}
	})
}

// canary finds what a fuzzer may move into a field that is stated; FuzzPatient looks
// for it where it must not be.
var canary = regexp.MustCompile(`(?i)C\x00?A\x00?N\x00?A\x00?R\x00?Y`)

func neutral(b []byte) []byte {
	return canary.ReplaceAllFunc(b, func(m []byte) []byte { return append([]byte{'M'}, m[1:]...) })
}

// FuzzPatient writes any text into the fields that are not to be read, and looks for
// it.
func FuzzPatient(f *testing.F) {
	f.Add("A", uint16(80))
	f.Add("\x00|", uint16(none))
	f.Fuzz(func(t *testing.T, name string, value uint16) {
		field := []rune("QQCANARY" + name)
		text := string(field[:min(len(field), 14)])
		listen(t, said{data: announce(bedside, "ICU|1", text)}, said{data: alert(bedside, "ICU|1", text)}, said{data: ask(string(field[:min(len(field), 12)]), "ICU|1")},
			said{data: dash(value, value, none, value)}, said{after: time.Hour, data: announce(bedside, "ICU|1", text)})
	})
}
