package hl7_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// The two ends of every conversation in these tests.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.10"), Port: 40000, MAC: protocols.MAC{0x00, 0x12, 0x21, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 6661, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
)

// heard is what a session stated and counted.
type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
	refused      int
}

func (h *heard) sink() *protocols.Sink {
	return protocols.NewSink(protocols.HL7,
		func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) },
		func(protocols.Name) { h.refused++ })
}

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
	out := h.sink()
	s := hl7.New().Open(protocols.Context{OpenerKnown: true})
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

// print writes observations so that a person can check them.
func (h *heard) print() string {
	var b strings.Builder
	for _, o := range h.observations {
		fmt.Fprintf(&b, "%s about %s\n", o.Speaker.Addr, subject(o.About))
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %-16s %-28q %s %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if r := o.Report; r != nil {
			fmt.Fprintf(&b, "  report complete=%v valid=%s source=%q\n", r.Complete, r.Valid, r.Source)
			for _, c := range r.Channels {
				fmt.Fprintf(&b, "    channel %q %s %s agent=%q rate=%q\n", c.Name, c.State, c.Activity, c.Agent, c.Rate)
			}
		}
	}
	fmt.Fprintf(&b, "outcomes %v refused %d\n", h.outcomes, h.refused)
	return b.String()
}

func subject(s protocols.Subject) string {
	name := map[protocols.SubjectKind]string{
		protocols.AboutSpeaker: "speaker", protocols.AboutListener: "listener", protocols.AboutDescribed: "described",
	}[s.Kind]
	if s.Component != "" {
		name += " part of " + s.Component
	}
	return name
}

// texts is everything in observations that could hold a word of a message.
func (h *heard) texts() string {
	var b strings.Builder
	for _, o := range h.observations {
		fmt.Fprintln(&b, o.About.Component, o.About.Title)
		for _, f := range o.Facts {
			fmt.Fprintln(&b, f.Value, f.Field)
		}
		if o.Report != nil {
			fmt.Fprintln(&b, o.Report.Source)
			for _, c := range o.Report.Channels {
				fmt.Fprintln(&b, c.Name, c.Agent, c.Rate)
			}
		}
	}
	return b.String()
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}
