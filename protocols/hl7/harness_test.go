package hl7_test

import (
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
	"github.com/auscult/auscult/protocols/protocoltest"
)

// The two ends of every conversation in these tests.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.10"), Port: 40000, MAC: protocols.MAC{0x00, 0x12, 0x21, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 6661, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
)

type heard = protocoltest.Heard

// bit is a run of octets in one direction.
type bit struct {
	back bool
	text string
}

func segment(b bit) protocols.Segment {
	s := protocols.Segment{When: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), From: opener, To: acceptor, Bytes: []byte(b.text)}
	if b.back {
		s.Direction, s.From, s.To = protocols.FromAcceptor, acceptor, opener
	}
	return s
}

// listen plays a conversation in pieces of at most size octets (0: whole).
func listen(size int, bits ...bit) *heard {
	h := &heard{}
	out := h.Sink(protocols.HL7)
	s := hl7.In(time.UTC).Open(protocols.Context{OpenerKnown: true})
	for _, b := range bits {
		for len(b.text) > 0 {
			n := len(b.text)
			if size > 0 {
				n = min(n, size)
			}
			s.Segment(segment(bit{b.back, b.text[:n]}), out)
			b.text = b.text[n:]
		}
	}
	s.Close(out)
	return h
}

// block frames a message whose segments are written on lines.
func block(lines ...string) string {
	return "\x0b" + strings.Join(lines, "\r") + "\r\x1c\r"
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}
