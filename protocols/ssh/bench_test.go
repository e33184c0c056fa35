package ssh_test

import (
	"bytes"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/ssh"
)

func BenchmarkProbe(b *testing.B) {
	for name, octets := range map[string][]byte{
		"identification": text(openSSH),
		"other":          {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3},
		"lines":          bytes.Repeat([]byte("220 a line\r\n"), 42),
	} {
		o := protocols.Opening{Transport: protocols.TCP, Direction: acceptor, Bytes: octets}
		p := ssh.New()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}

// BenchmarkHandshake opens a session, reads both directions until they are done,
// and closes it. BenchmarkSkipped is what a segment costs that nobody dropped.
func BenchmarkHandshake(b *testing.B) {
	steps := protocoltest.Recorded(b, "testdata/openssh.hex")[:4]
	out, p := protocols.NewSink(protocols.SSH, nil, nil, nil), ssh.New()
	b.ReportAllocs()
	for b.Loop() {
		s := p.Open(protocols.Context{OpenerKnown: true})
		for _, st := range steps {
			s.Segment(protocols.Segment{Direction: st.From, Bytes: st.Data}, out)
		}
		s.Close(out)
	}
}

func BenchmarkSkipped(b *testing.B) {
	out, s := protocols.NewSink(protocols.SSH, nil, nil, nil), ssh.New().Open(protocols.Context{})
	s.Segment(protocols.Segment{Bytes: text("SSH-1.5-x\n")}, out)
	seg := protocols.Segment{Bytes: make([]byte, 1400)}
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
