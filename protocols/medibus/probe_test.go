package medibus_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/medibus"
)

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	start := join(response(0x51, ""), command(0x52))
	long := response(0x24, value(0xD6, "12")+value(0xB9, "6.1"))
	waves := bytes.Repeat(join(record(7, 9), record(8, 10), phase(0)), 60)
	cases := []struct {
		name      string
		data      []byte
		midstream bool
		want      protocols.Verdict
	}{
		{"nothing yet", nil, false, protocols.More},
		{"one frame", command(0x51), false, protocols.More},
		{"a collector begins", join(command(0x51), command(0x52)), false, protocols.Yes},
		{"a device begins", start, false, protocols.Yes},
		{"curves between", join(record(1, 2), scattered(start), record(3)), false, protocols.Yes},
		{"flow control between", join([]byte{0x11}, start), false, protocols.Yes},
		{"a command inside a response", join(long[:9], command(0x30), long[9:]), false, protocols.Yes},
		{"joined inside a response", join(long[5:], long, long), true, protocols.Yes},
		{"joined inside a response, cut at its end", join([]byte("A\r"), long, long), true, protocols.Yes},
		{"joined in a text", join([]byte("ults\x03AA\r"), start), true, protocols.Yes},
		{"joined among curves", waves[3:], true, protocols.Yes},
		{"joined among curves, then a frame", join(waves[1:100], start), true, protocols.Yes},
		{"curves from the beginning", waves, false, protocols.No},
		{"a wrong checksum", join(command(0x51)[:2], []byte("00\r"), command(0x52)), false, protocols.No},
		{"an unknown code", join(command(0x41), command(0x52)), false, protocols.No},
		{"octets between frames", join(command(0x51), []byte("x"), command(0x52)), false, protocols.No},
		{"the middle, where the beginning was seen", join(long[5:], long), false, protocols.No},
		{"octets that no curve has", join([]byte{0xE0}, start), false, protocols.No},
		{"a byte of 0xFF in the middle", join([]byte{'x', 0xFF}, start), true, protocols.No},
		{"telnet with escapes", []byte("\x1b[2J\x1b[1;1HWelcome\r\n"), false, protocols.No},
		{"a response in a response", join(long[:9], long), false, protocols.No},
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), false, protocols.No},
		{"HTTP, from the middle", []byte("Accept: x\r\nHost: x\r\n\r\n"), true, protocols.No},
		{"silence of a telephone", bytes.Repeat([]byte{0x80}, 600), true, protocols.No},
		{"sync octets without values", bytes.Repeat([]byte{0xD3}, 600), true, protocols.No},
		{"Latin letters", bytes.Repeat([]byte{0xC4, 0xD6}, 300), true, protocols.No},
		{"text without an end", bytes.Repeat([]byte("x"), 600), true, protocols.No},
		{"ASTM", []byte("\x05\x021H|\\^&\r\x03E5\r\n"), false, protocols.No},
		{"MLLP", []byte("\x0bMSH|^~\\&|A\r"), false, protocols.No},
		{"TLS", []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC}, false, protocols.No},
	}
	for _, c := range cases {
		if got := probe(c.data, c.midstream); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if v := medibus.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: start}); v != protocols.No {
		t.Errorf("over UDP: %d", v)
	}
}

// TestTakesNoNoise: random octets, and random text with the marks of frames.
func TestTakesNoNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	const text = "\x01\x1b\r0123456789ABCDEF $'QRU\x03"
	for i := range 100_000 {
		b := make([]byte, protocols.ProbeLimit)
		for j := range b {
			if b[j] = byte(r.Uint32()); i%2 == 0 {
				b[j] = text[r.IntN(len(text))]
			}
		}
		if probe(b, i%4 < 2) == protocols.Yes {
			t.Fatalf("noise is taken: %q", b)
		}
	}
}

// TestProbeDoesNotAllocate: the hot path.
func TestProbeDoesNotAllocate(t *testing.T) {
	all, p := join(evita, breaths), medibus.New()
	if n := testing.AllocsPerRun(100, func() { p.Probe(protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: all}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
