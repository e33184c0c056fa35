package dicom_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

func probe(b []byte, midstream bool, d protocols.Direction) protocols.Verdict {
	return dicom.New().Probe(protocols.Opening{Transport: protocols.TCP, Direction: d, Midstream: midstream, Bytes: b})
}

func TestProbe(t *testing.T) {
	rq := request("ARCHIVE", "CT01", proposal{1, ctStorage, []string{implicit}})
	ac := accept("ARCHIVE", "CT01", answer{1, 0, implicit})
	rsp := storeRSP(1, 0)
	picture := fragments(1, moreData, noise(16378), 16378)
	even, split, control := slices.Clone(rsp), slices.Clone(rsp), slices.Clone(rsp)
	even[10], split[9], control[11] = 2, split[9]-1, 0x83
	version, context, length := slices.Clone(rq), slices.Clone(rq), slices.Clone(rq)
	version[7], context[80], length[2] = 2, 'x', 1
	for _, tt := range []struct {
		name      string
		bytes     []byte
		midstream bool
		want      protocols.Verdict
	}{
		{"nothing yet", nil, false, protocols.More},
		{"request", rq, false, protocols.Yes},
		{"request, the beginning was not seen", rq, true, protocols.Yes},
		{"acceptance", ac, false, protocols.Yes},
		{"reserved octets hold anything", scribble(rq), false, protocols.Yes},
		{"a part of a request", rq[:98], false, protocols.More},
		{"enough of a request", rq[:99], false, protocols.Yes},
		{"another protocol version", version, false, protocols.No},
		{"another application context", context, false, protocols.No},
		{"a length of 16 MiB", length, false, protocols.No},
		{"messages where the beginning was seen", rsp, false, protocols.No},
		{"a response, joined later", rsp, true, protocols.Yes},
		{"a response behind the end of a picture", append(noise(300), rsp...), true, protocols.Yes},
		{"a part of a response, joined later", rsp[:15], true, protocols.More},
		{"a response on an even context", append(even, noise(500)...), true, protocols.No},
		{"a response whose lengths do not agree", append(split, noise(500)...), true, protocols.No},
		{"a response with control bits that do not exist", append(control, noise(500)...), true, protocols.No},
		{"pixels, joined later", noise(600), true, protocols.No},
		{"pixels, then the next fragment", append(noise(480), picture...)[:512], true, protocols.Yes},
		{"a fragment of a picture", picture[:512], true, protocols.Yes},
		{"zeros", make([]byte, 600), true, protocols.No},
		{"fours", slices.Repeat([]byte{4, 0, 0, 0}, 150), true, protocols.No},
		{"ones", slices.Repeat([]byte{1, 0, 0, 0}, 150), true, protocols.No},
		{"HTTP", []byte("GET / HTTP/1.1\r\n"), false, protocols.No},
		{"the end of something, joined later", noise(80), true, protocols.More},
		{"TLS", []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, false, protocols.No},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, d := range []protocols.Direction{opener, acceptor} {
				if got := probe(tt.bytes, tt.midstream, d); got != tt.want {
					t.Errorf("verdict %v, want %v", got, tt.want)
				}
			}
		})
	}
	if p := dicom.New(); p.Name() != protocols.DICOM || p.Transport() != protocols.TCP {
		t.Errorf("%v over %v", p.Name(), p.Transport())
	}
	if v := dicom.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: rq}); v != protocols.No {
		t.Errorf("verdict %v over UDP", v)
	}
}

// TestProbeRandom has four million octets that begin like a PDU does.
func TestProbeRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, protocols.ProbeLimit)
	for range 8192 {
		for i := range b {
			b[i] = byte(random.Uint32())
			if random.IntN(3) == 0 {
				b[i] = byte(random.IntN(5)) // as sparse as headers are
			}
		}
		b[0], b[1] = byte(1+random.IntN(4)), 0
		for _, midstream := range []bool{false, true} {
			if v := probe(b, midstream, opener); v != protocols.No {
				t.Fatalf("verdict %v on random octets, midstream = %v", v, midstream)
			}
		}
	}
}

func TestProbeDoesNotAllocate(t *testing.T) {
	b := append(noise(300), storeRSP(1, 0)...)
	o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: b}
	p := dicom.New()
	if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
		t.Errorf("%v allocations a probe", n)
	}
}
