package ssh_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/ssh"
)

func probe(b []byte, midstream bool, d protocols.Direction) protocols.Verdict {
	return ssh.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Direction: d, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
}

func with(b []byte, at int, value ...byte) []byte {
	b = slices.Clone(b)
	copy(b[at:], value)
	return b
}

func TestInvariant05ProbeAnswersByContent(t *testing.T) {
	kex := kexInit(methods)
	for _, c := range []struct {
		name             string
		bytes            []byte
		midstream        bool
		opener, acceptor protocols.Verdict
	}{
		{"nothing yet", nil, false, protocols.More, protocols.More},
		{"identification", text(openSSH), false, protocols.Yes, protocols.Yes},
		{"identification, the beginning was not seen", text(openSSH), true, protocols.Yes, protocols.Yes},
		{"a part of it", text("SSH-2.0"), false, protocols.More, protocols.More},
		{"enough of it", text("SSH-2.0-d"), false, protocols.Yes, protocols.Yes},
		{"both versions", text("SSH-1.99-Cisco-1.25\n"), false, protocols.Yes, protocols.Yes},
		{"version 1", text("SSH-1.5-1.2.27\n"), false, protocols.Yes, protocols.Yes},
		{"another version", text("SSH-3.0-x", strings.Repeat("y", 600)), false, protocols.No, protocols.No},
		{"no software", text("SSH-2.0-\r\n"), true, protocols.No, protocols.No},
		{"another word", text("SSHX2.0-d"), true, protocols.No, protocols.No},
		{"lines before", text("Authorised use only\r\n\r\n", openSSH), false, protocols.No, protocols.Yes},
		{"lines, and nothing yet", text("Authorised use only\r\nSS"), false, protocols.No, protocols.More},
		{"lines without end", text(strings.Repeat("Hello\r\n", 100)), false, protocols.No, protocols.No},
		{"in the middle of a line", text("About SSH-2.0-d\r\n", strings.Repeat("x", 600)), false, protocols.No, protocols.No},
		{"behind a proxy's answer", text("HTTP/1.1 200 OK\r\n\r\n", openSSH), false, protocols.No, protocols.No},
		{"behind what is no text", text("\x00\x01\n", openSSH), false, protocols.No, protocols.No},
		{"key exchange, joined later", kex, true, protocols.Yes, protocols.Yes},
		{"key exchange, the beginning was seen", kex, false, protocols.No, protocols.No},
		{"a part of a key exchange", kex[:30], true, protocols.More, protocols.More},
		{"another message", with(kex, 5, 30), true, protocols.No, protocols.No},
		{"too little padding", with(kex, 4, 3), true, protocols.No, protocols.No},
		{"a packet over its bound", with(kex, 1, 1), true, protocols.No, protocols.No},
		{"a list longer than its packet", with(kex, 24, 9), true, protocols.No, protocols.No},
		{"methods that are no names", with(kex, 26, 1), true, protocols.No, protocols.No},
		{"HTTP", text("GET / HTTP/1.1\r\n"), false, protocols.No, protocols.More},
		{"HL7", text("\x0bMSH|^~\\&|A|B\r"), false, protocols.No, protocols.No},
		{"TLS", []byte{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3}, true, protocols.No, protocols.No},
		{"zeros", make([]byte, 600), true, protocols.No, protocols.No},
	} {
		if got := probe(c.bytes, c.midstream, opener); got != c.opener {
			t.Errorf("%s: verdict %d from the opener, want %d", c.name, got, c.opener)
		}
		if got := probe(c.bytes, c.midstream, acceptor); got != c.acceptor {
			t.Errorf("%s: verdict %d from the acceptor, want %d", c.name, got, c.acceptor)
		}
	}
	if v := ssh.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: text(openSSH)}); v != protocols.No {
		t.Errorf("verdict %d over UDP", v)
	}
}

// TestProbeRandom has octets that begin like a packet, and DICOM PDUs.
func TestProbeRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, protocols.ProbeLimit)
	for i := range 8192 {
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		b[0], b[1], b[5] = 0, 0, 20
		if i%2 == 0 {
			b[0], b[1] = byte(1+i%7), 0
		}
		for _, midstream := range []bool{false, true} {
			if v := probe(b, midstream, acceptor); v != protocols.No {
				t.Fatalf("verdict %v on random octets, midstream = %v: %x", v, midstream, b[:40])
			}
		}
	}
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	p := ssh.New()
	for _, b := range [][]byte{text(openSSH), kexInit(methods), bytes.Repeat([]byte("line\r\n"), 80)} {
		o := protocols.Opening{Transport: protocols.TCP, Midstream: len(b) > 100, Direction: acceptor, Bytes: b}
		if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
