package dns_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dns"
	"github.com/auscult/auscult/protocols/protocoltest"
)

func both() []protocols.Protocol { return []protocols.Protocol{dns.NewMulticast(), dns.NewLinkLocal()} }

func opening(b []byte) protocols.Opening {
	return protocols.Opening{Transport: protocols.UDP, Bytes: b[:min(len(b), protocols.ProbeLimit)]}
}

// listen plays datagrams of one host to the protocol that recognises the first, or to
// multicast DNS.
func listen(t testing.TB, from netip.Addr, mac protocols.MAC, datagrams ...[]byte) *protocoltest.Heard {
	t.Helper()
	p := dns.NewMulticast()
	if dns.NewLinkLocal().Probe(opening(datagrams[0])) == protocols.Yes {
		p = dns.NewLinkLocal()
	}
	h := &protocoltest.Heard{}
	s, sink := p.Open(protocols.Context{}), h.Sink(p.Name())
	for _, b := range datagrams {
		seg := protocols.Segment{When: protocoltest.Start(), From: protocols.Endpoint{Addr: from, MAC: mac}, Bytes: b}
		if s.Segment(seg, sink) != 0 {
			t.Error("a datagram has nothing to skip")
		}
	}
	s.Gap(protocols.FromOpener, 1, sink)
	s.Close(sink)
	return h
}

// said writes all facts on one line, and the outcomes.
func said(h *protocoltest.Heard) string {
	var all []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%s=%s", f.Attribute, f.Value))
		}
	}
	return strings.TrimSpace(strings.Join(all, " ") + fmt.Sprint(h.Outcomes))
}
