package banner_test

import (
	"bytes"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
)

func BenchmarkProbe(b *testing.B) {
	for name, octets := range map[string][]byte{
		"negotiation": []byte(asks),
		"greeting":    []byte(pump),
		"ftp":         []byte("220 (vsFTPd 3.0.3)\r\n"),
		"other":       {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3},
		"lines":       bytes.Repeat([]byte("220-a line\r\n"), 42),
	} {
		o := protocols.Opening{Transport: protocols.TCP, Direction: acceptor, Bytes: octets}
		t, f := banner.NewTelnet(greetings{}), banner.NewFTP(greetings{})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				t.Probe(o)
				f.Probe(o)
			}
		})
	}
}

// BenchmarkGreeting opens a session, reads both directions until they are done, and
// closes it, with no knowledge to ask.
func BenchmarkGreeting(b *testing.B) {
	for name, c := range map[string]struct {
		p     protocols.Protocol
		steps []step
	}{
		"telnet": {banner.NewTelnet(nil), []step{says(acceptor, asks), says(opener, answers), says(acceptor, pump+"login: ")}},
		"ftp":    {banner.NewFTP(nil), []step{says(acceptor, "220 (vsFTPd 3.0.3)\r\n"), says(opener, "USER x\r\n")}},
	} {
		out := protocols.NewSink(c.p.Name(), nil, nil, nil)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := c.p.Open(protocols.Context{OpenerKnown: true})
				for _, st := range c.steps {
					s.Segment(protocols.Segment{Direction: st.From, Bytes: st.Data}, out)
				}
				s.Close(out)
			}
		})
	}
}
