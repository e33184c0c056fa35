package netbios_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/netbios"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// listen plays one datagram of a host to the protocol that recognises it, or to the
// name service.
func listen(t testing.TB, from netip.Addr, mac protocols.MAC, b []byte) *protocoltest.Heard {
	t.Helper()
	p := netbios.NewNameService()
	if netbios.NewBrowser().Probe(opening(b)) == protocols.Yes {
		p = netbios.NewBrowser()
	}
	h := &protocoltest.Heard{}
	s, sink := p.Open(protocols.Context{}), h.Sink(p.Name())
	seg := protocols.Segment{When: protocoltest.Start(), From: protocols.Endpoint{Addr: from, MAC: mac}, Bytes: b}
	if s.Segment(seg, sink) != 0 {
		t.Error("a datagram has nothing to skip")
	}
	s.Gap(protocols.FromOpener, 1, sink)
	s.Close(sink)
	return h
}

func opening(b []byte) protocols.Opening {
	return protocols.Opening{Transport: protocols.UDP, Bytes: b[:min(len(b), protocols.ProbeLimit)]}
}

// said writes the facts of one statement on one line, and the outcomes.
func said(h *protocoltest.Heard) string {
	var all []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%s=%s", f.Attribute, f.Value))
		}
	}
	return strings.Join(all, " ") + fmt.Sprint(h.Outcomes)
}
