package banner_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/banner"
)

// TestServerHeardAlone: where the client's packets pass elsewhere, only the server's own
// voice tells that it waits for an answer; what it echoes is no greeting.
func TestServerHeardAlone(t *testing.T) {
	const line, want = "Sigma Spectrum SN: 1000001 SW: v8.00.01\r\n", "1000001"
	for name, c := range map[string]struct {
		says   []string // one packet each, a millisecond apart
		client string   // heard in front of the second packet
		told   bool
	}{
		"a greeting":                     {says: []string{welcome + "\r\n" + line}, told: true},
		"in two packets":                 {says: []string{welcome + "\r\n", line}, told: true},
		"cut inside a word":              {says: []string{welcome + "\r\nSigma Spec", strings.TrimPrefix(line, "Sigma Spec")}, told: true},
		"a question with an end":         {says: []string{welcome + "\r\nWho?\r\n", line}, told: true},
		"behind a mark":                  {says: []string{welcome + "\r\n> SN 12345\r\n" + line}},
		"behind the mark of a root":      {says: []string{welcome + "\r\npump# show\r\n" + line}},
		"behind the mark of a shell":     {says: []string{welcome + "\r\npump$ show\r\n" + line}},
		"behind a question":              {says: []string{welcome + "\r\nWho? zzcanary\r\n" + line}},
		"behind a word nobody knows":     {says: []string{welcome + "\r\nKennwort: ", "\r\n" + line}},
		"behind a colon without a space": {says: []string{welcome + "\r\nKennung:", "z", "z\r\n", line}},
		"behind a mark, after a pause":   {says: []string{welcome + "\r\npump#", "\r\n" + line}},
		"the client is heard":            {says: []string{asks + welcome + "\r\nModel:", " X\r\n" + line}, client: answers, told: true},
	} {
		for _, size := range []int{1, 3, 1 << 20} {
			var said strings.Builder
			sink := protocols.NewSink(protocols.Telnet, func(o protocols.Observation) {
				for _, f := range o.Facts {
					said.WriteString(f.Value + " ")
				}
			}, func(protocols.Name, protocols.Outcome) {}, nil)
			session := banner.NewTelnet(greetings{}).Open(whole)
			at := time.Unix(0, 0)
			hear := func(d protocols.Direction, text string) {
				for at = at.Add(time.Millisecond); text != ""; text = text[min(size, len(text)):] {
					session.Segment(protocols.Segment{When: at, Direction: d, From: protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1")}, Bytes: []byte(text[:min(size, len(text))])}, sink)
				}
			}
			for i, text := range c.says {
				if i == 1 {
					hear(opener, c.client)
				}
				hear(acceptor, text)
			}
			session.Close(sink)
			if got := said.String(); strings.Contains(got, want) != c.told || strings.Contains(got, "zz") || !strings.Contains(got, "telnet-server") {
				t.Errorf("%s, in pieces of %d: stated %q", name, size, got)
			}
		}
	}
}
