package tls_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/tls"
)

func probe(b []byte, midstream bool) protocols.Verdict {
	return tls.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
}

func sealed(n int) []byte { return record(23, 0x0303, bytes.Repeat([]byte{0x5a}, n)) }

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(7, 7))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func with(b []byte, at int, value ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], value)
	return b
}

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	ch, sh := clear22(clientHello(0x0303, 32)), clear22(serverHello(0x0303, 0xc02f, 0))
	three := slices.Concat(sealed(30), sealed(40), sealed(50))
	for _, c := range []struct {
		name      string
		bytes     []byte
		midstream bool
		want      protocols.Verdict
	}{
		{"nothing yet", nil, false, protocols.More},
		{"client hello", ch, false, protocols.Yes},
		{"client hello of SSL 3.0", with(ch, 1, 3, 0), false, protocols.Yes},
		{"client hello cut short", ch[:60], false, protocols.More},
		{"client hello in records of one octet", split(clientHello(0x0303, 32), 1), false, protocols.Yes},
		{"client hello of a version to come", with(ch, 9, 3, 9), false, protocols.No},
		{"client hello, odd suites", with(ch, 9+67, 0, 3), false, protocols.No},
		{"client hello, session too long", with(ch, 9+34, 33), false, protocols.No},
		{"client hello longer than its bound", with(ch, 6, 1, 0, 0), false, protocols.No},
		{"record of version 2", with(ch, 1, 2), false, protocols.No},
		{"record longer than a plain one", with(ch, 3, 0x40, 1), false, protocols.No},
		{"empty record", record(22, 0x0303, nil), false, protocols.No},
		{"server hello", sh, false, protocols.Yes},
		{"server hello, a certificate in its record", clear22(serverHello(0x0301, 5, 0), certificates(make([]byte, 50))), false, protocols.Yes},
		{"server hello, the keys change behind it", slices.Concat(sh, record(20, 0x0303, []byte{1})), false, protocols.Yes},
		{"server hello with a compression that is none", with(sh, 9+37, 2), false, protocols.No},
		{"certificate first", clear22(certificates(make([]byte, 99))), false, protocols.No},
		{"refusal", alert(2, 40), false, protocols.Yes},
		{"refusal cut short", alert(2, 40)[:6], false, protocols.More},
		{"alert of a level that is none", alert(3, 40), false, protocols.No},
		{"alert of a description that is none", alert(2, 5), false, protocols.No},
		{"hello in the form of SSL 2.0", oldHello(0x0301, 9, 0, 16), false, protocols.Yes},
		{"hello of SSL 2.0", oldHello(0x0002, 3, 16, 32), false, protocols.Yes},
		{"old hello whose lengths do not agree", with(oldHello(0x0301, 9, 0, 16), 1, 1), false, protocols.No},
		{"old hello with half a suite", oldHello(0x0301, 8, 0, 16), false, protocols.No},
		{"three records, the beginning was seen", three, false, protocols.No},
		{"three records, joined later", three, true, protocols.Yes},
		{"the end of a record, then three", slices.Concat(noise(200), three), true, protocols.Yes},
		{"two records, joined later", slices.Concat(sealed(30), sealed(40)), true, protocols.More},
		{"records of two versions", slices.Concat(sealed(30), record(23, 0x0302, make([]byte, 30)), sealed(500)), true, protocols.No},
		{"records too short to be sealed", bytes.Repeat(sealed(3), 100), true, protocols.No},
		{"one long record, joined later", sealed(16000), true, protocols.No},
		{"the middle of a long record", noise(600), true, protocols.No},
		{"client hello, joined later", slices.Concat(noise(50), ch), true, protocols.Yes},
		{"HTTP", []byte("GET / HTTP/1.1\r\n"), false, protocols.No},
		{"HL7", []byte("\x0bMSH|^~\\&|A|B\r"), false, protocols.No},
		{"SSH", []byte("SSH-2.0-OpenSSH_9.2\r\n"), false, protocols.No},
		{"TPKT", []byte{3, 0, 0, 19, 14, 0xe0, 0, 0}, false, protocols.No},
		{"zeros", make([]byte, 600), true, protocols.No},
		{"small numbers", bytes.Repeat([]byte{23, 3, 3, 0, 23}, 120), true, protocols.No},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := probe(c.bytes, c.midstream); got != c.want {
				t.Errorf("verdict %d, want %d", got, c.want)
			}
		})
	}
	if v := tls.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: ch}); v != protocols.No {
		t.Errorf("verdict %d over UDP", v)
	}
}

// TestNoPDUTypeIsARecord: whatever a DICOM PDU holds, its type is no content type.
func TestNoPDUTypeIsARecord(t *testing.T) {
	hello := clear22(clientHello(0x0303, 32))
	for pdu := byte(1); pdu <= 7; pdu++ {
		for second := range 256 {
			if v := probe(with(hello, 0, pdu, byte(second)), false); v != protocols.No {
				t.Errorf("PDU type %d: verdict %d", pdu, v)
			}
			pdata := slices.Concat([]byte{pdu, 0, 0, 0, 1, 200}, bytes.Repeat([]byte{byte(second)}, 506))
			if v := probe(pdata, true); v != protocols.No {
				t.Errorf("PDU type %d full of %d, joined later: verdict %d", pdu, second, v)
			}
		}
	}
}

// TestProbeRandom has octets that are as sparse as headers are, and begin like a
// record.
func TestProbeRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, protocols.ProbeLimit)
	for range 8192 {
		for i := range b {
			b[i] = byte(random.Uint32())
			if random.IntN(3) > 0 {
				b[i] = byte(random.IntN(25))
			}
		}
		b[0], b[1], b[2] = byte(20+random.IntN(5)), 3, byte(random.IntN(4))
		for _, midstream := range []bool{false, true} {
			if v := probe(b, midstream); v != protocols.No {
				t.Fatalf("verdict %v on random octets, midstream = %v: %x", v, midstream, b)
			}
		}
	}
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	p := tls.New()
	for _, b := range [][]byte{clear22(clientHello(0x0303, 32)), split(clientHello(0x0303, 32), 1), noise(512)} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: true, Bytes: b}
		if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
