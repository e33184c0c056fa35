package tls_test

import (
	"bytes"
	"crypto/ed25519"
	gotls "crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// talk lets Go's client and server talk, and returns what passed between them.
func talk(t *testing.T, client, server *gotls.Config) []step {
	t.Helper()
	a, b, wire := protocoltest.Connected(t)
	c := gotls.Client(a, client)
	s := gotls.Server(b, server)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(s, s) // what fails is what is tested
		_ = b.Close()
	}()
	text := bytes.Repeat([]byte("text"), 10)
	for range 5 {
		if _, err := c.Write(text); err != nil {
			break
		}
		if _, err := io.ReadFull(c, make([]byte, len(text))); err != nil {
			break
		}
	}
	_ = a.Close()
	<-ended
	return wire.Steps()
}

func configs(t *testing.T, version uint16) (client, server *gotls.Config) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	own := func(name string) []gotls.Certificate {
		der := certificate(t, x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}})
		return []gotls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	}
	client = &gotls.Config{InsecureSkipVerify: true, ServerName: "zzasked.example.org", MinVersion: version, MaxVersion: version, Certificates: own("zzcanary.example.org")}
	server = &gotls.Config{Certificates: own("ct01.example.org"), MinVersion: version, MaxVersion: version}
	return client, server
}

func TestGoPartners(t *testing.T) {
	const named = both + " 2:ct01.example.org"
	session := gotls.NewLRUClientSessionCache(4)
	for _, c := range []struct {
		name   string
		change func(client, server *gotls.Config)
		v      uint16
		facts  string
	}{
		{"1.2", nil, gotls.VersionTLS12, named},
		{"1.3", nil, gotls.VersionTLS13, both},
		{"1.3 with a second hello", func(_, s *gotls.Config) { s.CurvePreferences = []gotls.CurveID{gotls.CurveP521} }, gotls.VersionTLS13, both},
		{"1.2, both have certificates", func(_, s *gotls.Config) { s.ClientAuth = gotls.RequireAnyClientCert }, gotls.VersionTLS12, named},
		{"1.2, the client wants another version", func(c, _ *gotls.Config) { c.MaxVersion, c.MinVersion = gotls.VersionTLS11, gotls.VersionTLS11 }, gotls.VersionTLS12, clientOnly},
		{"1.2, a session begins", func(c, _ *gotls.Config) { c.ClientSessionCache = session }, gotls.VersionTLS12, named},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, server := configs(t, c.v)
			if c.change != nil {
				c.change(client, server)
			}
			steps := talk(t, client, server)
			check(t, c.facts, steps)
		})
	}
	t.Run("1.2, a session goes on", func(t *testing.T) {
		client, server := configs(t, gotls.VersionTLS12)
		client.ClientSessionCache = gotls.NewLRUClientSessionCache(4)
		talk(t, client, server)
		check(t, both, talk(t, client, server))
	})
}

func check(t *testing.T, facts string, steps []step) {
	t.Helper()
	for _, size := range []int{1 << 30, 1, 50} {
		r := run(t, protocols.Context{OpenerKnown: true}, protocoltest.Fixed(size), steps...)
		var got []string
		for line := range strings.Lines(r.Lines()) {
			if addr, fact, ok := strings.Cut(line, " about 1: "); ok {
				_, value, _ := strings.Cut(fact, "=")
				got = append(got, addr[len(addr)-1:]+":"+value[:strings.IndexByte(value, ' ')])
			}
		}
		if strings.Join(got, " ") != facts || strings.Contains(r.Lines(), "zz") {
			t.Errorf("states %q, want %q", got, facts)
		}
		if r.Counted(protocols.Malformed)+r.Counted(protocols.Truncated)+r.Counted(protocols.LimitReached) > 0 || !r.Done[opener] || !r.Done[acceptor] {
			t.Errorf("done %v\n%s", r.Done, r.Lines())
		}
	}
	for _, d := range []protocols.Direction{opener, acceptor} {
		i := slices.IndexFunc(steps, func(s step) bool { return s.From == d })
		if v := probe(steps[i].Data, false); v != protocols.Yes {
			t.Errorf("verdict %d on direction %d alone", v, d)
		}
	}
}

// TestJoinedLater: short messages show three records in what a probe sees.
func TestJoinedLater(t *testing.T) {
	for _, version := range []uint16{gotls.VersionTLS12, gotls.VersionTLS13} {
		client, server := configs(t, version)
		var said []byte
		for _, st := range talk(t, client, server) {
			if st.From == opener {
				said = append(said, st.Data...)
			}
		}
		late := said[len(said)-320:]
		if v := probe(late, true); v != protocols.Yes {
			t.Errorf("verdict %d on the end of a conversation", v)
		}
		r := run(t, protocols.Context{Midstream: true}, protocoltest.Fixed(40), says(opener, late))
		if r.Lines() != "resynchronised 1\n" || !r.Done[opener] {
			t.Errorf("states\n%s", r.Lines())
		}
	}
}
