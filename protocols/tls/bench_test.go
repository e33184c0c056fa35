package tls_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/tls"
)

func BenchmarkProbe(b *testing.B) {
	for name, o := range map[string]protocols.Opening{
		"hello":     {Bytes: protocoltest.Recorded(b, "testdata/openssl-tls13.hex")[0].Data},
		"other":     {Bytes: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n")},
		"midstream": {Bytes: noise(protocols.ProbeLimit), Midstream: true},
	} {
		o.Transport, o.Bytes = protocols.TCP, o.Bytes[:min(len(o.Bytes), protocols.ProbeLimit)]
		p := tls.New()
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
	for _, name := range []string{"openssl-tls12", "openssl-tls13", "openssl-refused"} {
		steps := protocoltest.Recorded(b, "testdata/"+name+".hex")[:2]
		b.Run(name, func(b *testing.B) {
			out, p := protocols.NewSink(protocols.TLS, nil, nil, nil), tls.New()
			b.ReportAllocs()
			for b.Loop() {
				s := p.Open(protocols.Context{OpenerKnown: true})
				for _, st := range steps {
					s.Segment(protocols.Segment{Direction: st.From, Bytes: st.Data}, out)
				}
				s.Close(out)
			}
		})
	}
}

func BenchmarkSkipped(b *testing.B) {
	out, s := protocols.NewSink(protocols.TLS, nil, nil, nil), tls.New().Open(protocols.Context{})
	seg := protocols.Segment{Bytes: sealed(1400)}
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(seg, out)
	}
}
