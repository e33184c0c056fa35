package intellivue_test

import (
	"math/rand/v2"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/intellivue"
)

// conversation is one of every message, both sides.
func conversation() [][]byte {
	return [][]byte{
		announce(append(canaries("C"), model, specs, address, ports, kind, language)...), associate(0x0D), associate(0x0E),
		create(append(canaries("D"), system, bed, model, mode(0x4000), status(6))...), createResult(), pollRequest(6), numerics(0, 0, 80), demographics(2),
		linkedResult(1, 1, 33, poll{0, [][]byte{observed(1, model, specs)}}), linkedResult(3, 2, 33, poll{0, [][]byte{observed(1, mode(2))}}),
		export(operation(1, 3, join(object(0x21), word(0, 0), word(1), sized(word(0xF23A))))), export(operation(2, 3, join(object(0x21), counted(ava(0xF23A, word(1)))))),
		export(join(word(3, 6), word(7, 15, 0))), // ROER: invalid argument
	}
}

func TestInvariant05RecognisesEachMessageOnAnyPort(t *testing.T) {
	for i, b := range conversation() {
		if probe(b) != protocols.Yes {
			t.Errorf("message %d is not recognised", i)
		}
		if v := intellivue.New().Probe(protocols.Opening{Transport: protocols.TCP, Bytes: b}); v != protocols.No {
			t.Errorf("message %d is recognised over TCP", i)
		}
	}
}

// TestTakesNoOther: datagrams of other protocols, and ours with one octet of a length
// or a code changed.
func TestTakesNoOther(t *testing.T) {
	others := map[string][]byte{
		"nothing": {}, "zeros": make([]byte, 200), "release alone": release(),
		"DNS":                                   append([]byte{0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}, "\x07example\x03org\x00\x00\x01\x00\x01"...),
		"SNMP":                                  {0x30, 0x26, 2, 1, 1, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c', 0xA0, 0x19, 2, 4, 1, 2, 3, 4, 2, 1, 0, 2, 1, 0, 0x30, 0x0B},
		"RTP":                                   append([]byte{0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4}, make([]byte, 160)...),
		"NTP":                                   append([]byte{0x1B, 0, 0, 0}, make([]byte, 44)...),
		"TFTP":                                  append([]byte{0, 1}, "file\x00octet\x00"...),
		"OSI session without the data language": append([]byte{0x0D, 60, 5, 8, 0x13, 1, 0, 0x16, 1, 2, 0xC1, 50}, make([]byte, 50)...),
	}
	for name, b := range others {
		if probe(b) != protocols.No {
			t.Errorf("%s is taken", name)
		}
	}
	if probe(append(associate(0x0D), 0)) != protocols.No {
		t.Error("an association with an octet behind it is taken")
	}
	b := create(model, specs)
	for _, at := range []int{0, 2, 5, 7, 11, 13, 15, 25, 27} {
		c := append([]byte{}, b...)
		c[at] ^= 0x41
		if probe(c) != protocols.No {
			t.Errorf("octet %d changed, and still taken", at)
		}
	}
}

func TestTakesNoNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 7))
	heads := [][]byte{{0xE1, 0, 0, 2, 0, 1}, {0xE1, 0, 0, 2, 0, 2}, {0xE1, 0, 0, 2, 0, 5}, {0, 0, 1, 0, 0, 1}, {0x0D}, {0x0E}, {}}
	for i := range 200_000 {
		b := make([]byte, 4+r.IntN(300))
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		copy(b, heads[i%len(heads)])
		if probe(b) == protocols.Yes {
			t.Fatalf("noise is taken: %x", b)
		}
	}
}
