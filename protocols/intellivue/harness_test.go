package intellivue_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/intellivue"
)

const (
	monitor   = protocols.FromAcceptor
	collector = protocols.FromOpener
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// said is one datagram of a conversation.
type said struct {
	by    protocols.Direction
	after time.Duration
	data  []byte
}

type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
	refused      int
}

// listen plays a conversation between 192.0.2.10, a monitor, and 192.0.2.20.
func listen(t testing.TB, datagrams ...said) *heard {
	t.Helper()
	h := &heard{}
	out := protocols.NewSink(protocols.IntelliVue, func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) }, func(protocols.Name) { h.refused++ })
	s := intellivue.New().Open(protocols.Context{})
	for _, d := range datagrams {
		bedside := protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.10"), Port: 24105}
		middle := protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 50000}
		seg := protocols.Segment{When: start.Add(d.after), Direction: d.by, From: bedside, To: middle}
		if d.by == collector {
			seg.From, seg.To = middle, bedside
		}
		seg.Bytes = append([]byte(nil), d.data...)
		if s.Segment(seg, out) != 0 {
			t.Fatal("a datagram has nothing to skip")
		}
		clear(seg.Bytes) // they are the caller's again
	}
	s.Gap(monitor, 1, out)
	s.Close(out)
	h.check(t)
	return h
}

// check asserts what every statement keeps.
func (h *heard) check(t testing.TB) {
	t.Helper()
	parsed := 0
	for _, o := range h.outcomes {
		if o == protocols.Parsed {
			parsed++
		}
	}
	if len(h.observations) > 2*parsed {
		t.Errorf("%d observations of %d messages that were understood", len(h.observations), parsed)
	}
	if text := fmt.Sprintf("%+v", h.observations); strings.Contains(strings.ToUpper(text), "CANARY") {
		t.Errorf("a patient shows: %s", h)
	}
	for _, o := range h.observations {
		for _, f := range o.Facts {
			if f.Field == "" || f.Confidence <= 0 || f.Confidence > 1 {
				t.Errorf("fact %+v", f)
			}
		}
		if r := o.Report; r != nil && (len(r.Channels) != 1 || r.Valid <= 0 || r.Source == "" || r.Channels[0].Agent != "") {
			t.Errorf("report %+v", r)
		}
	}
}

// String writes an observation a line: about whom, facts, use.
func (h *heard) String() string {
	var lines []string
	for _, o := range h.observations {
		line := map[protocols.SubjectKind]string{protocols.AboutSpeaker: "speaker", protocols.AboutListener: "listener"}[o.About.Kind] + " " + o.Speaker.Addr.String()
		for _, f := range o.Facts {
			line += fmt.Sprintf(" %s=%s(%s %.2f)", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if o.Report != nil {
			c := o.Report.Channels[0]
			line += fmt.Sprintf(" use=%s", c.State)
			if c.Activity != "" {
				line += "/" + string(c.Activity)
			}
			line += fmt.Sprintf("(%s, %s)", o.Report.Source, o.Report.Valid)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// uses lists the states of use that were stated.
func (h *heard) uses() string {
	var states []string
	for _, o := range h.observations {
		if o.Report != nil {
			states = append(states, string(o.Report.Channels[0].State))
		}
	}
	return strings.Join(states, " ")
}

func probe(b []byte) protocols.Verdict {
	return intellivue.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: b})
}
