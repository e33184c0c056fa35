package carescape_test

import (
	"math/rand/v2"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/carescape"
)

func messages() map[string][]byte {
	return map[string][]byte{
		"discovery": announce(bedside, "ICU|B-02", "QQCANARY,A"), "alarm": alert(bedside, "ICU|B-02", "ABLTG AUSFALL"), "request": ask("ICU ALARME:", "ICU|C"),
		"numerics": dash(80, 12, 97, 120), "waveforms": curves(1, 7), "a sensor": values(bedside, sensor(0x3A, 80, none, none)),
	}
}

func TestInvariant05RecognisesEachMessageOnAnyPort(t *testing.T) {
	if n := len(dash(1, 2, 3, 4)); n != 616 {
		t.Errorf("numerics of the Dash have %d octets, and 616 were captured", n)
	}
	for name, b := range messages() {
		if probe(b) != protocols.Yes {
			t.Errorf("%s is not recognised", name)
		}
		if v := carescape.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: b}); v != protocols.No {
			t.Errorf("%s is recognised over TCP", name)
		}
	}
}

func TestTakesNoOther(t *testing.T) {
	changed := func(b []byte, at int, c byte) []byte {
		b = append([]byte{}, b...)
		b[at] = c
		return b
	}
	discovery, alarm, request, numerics := messages()["discovery"], messages()["alarm"], messages()["request"], messages()["numerics"]
	for name, b := range map[string][]byte{
		"nothing": {}, "zeros of 88": make([]byte, 88), "zeros of 84": make([]byte, 84), "zeros of 62": make([]byte, 62), "zeros of 196": make([]byte, 196), "zeros of 699": make([]byte, 699),
		"RTP": append([]byte{0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4}, make([]byte, 76)...), "DNS": append([]byte{1, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, make([]byte, 76)...),
		"mark": changed(discovery, 1, 5), "address": changed(discovery, 4, 0), "a label without a bar": changed(discovery, 15, 'X'), "a label of control characters": changed(discovery, 13, 7),
		"octets behind a label": changed(discovery, 27, 'X'), "no services": changed(discovery, 43, 0), "too many services": changed(discovery, 43, 12), "a port of zero": changed(changed(discovery, 46, 0), 47, 0),
		"an alarm to one host": changed(alarm, 3, 8), "an alarm to another network": changed(alarm, 0, 10), "an alarm without a text": changed(alarm, 66, 0), "an alarm of no text": alert(bedside, "ICU|B-02", ""), "an alarm without a bar": changed(alarm, 27, 'X'),
		"another kind of request": changed(request, 13, 0xCB), "a request without a tail": changed(request, 17, 5), "a request without a bar": changed(request, 27, 'X'),
		"two addresses": changed(numerics, 9, 99), "lengths that differ": changed(numerics, 119, 1), "a sensor less": changed(numerics, 124, 6), "a sensor of another mark": changed(numerics, 128, 0xC1),
		"one source": join(word(1, 0), repeat(word(0x070B, 1, 2, 3, 4), 20)), "few batches": join(word(1, 0), repeat(word(0x070B, 1, 2, 3, 4, 0x1709, 1), 5)),
	} {
		if probe(b) != protocols.No {
			t.Errorf("%s: taken", name)
		}
	}
}

func repeat(b []byte, n int) (all []byte) {
	for range n {
		all = append(all, b...)
	}
	return all
}

func TestTakesNoNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 1))
	lengths := []int{88, 84, 62, 196, 616, 699, 40}
	for i := range 200_000 {
		b := make([]byte, lengths[i%len(lengths)])
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		if i%2 == 0 {
			copy(b, []byte{1, 4, 0, 0}[:min(4, len(b))])
		}
		if probe(b) == protocols.Yes {
			t.Fatalf("noise is taken: %x", b)
		}
	}
}
