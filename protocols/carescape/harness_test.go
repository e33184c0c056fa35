package carescape_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/carescape"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// said is one datagram of a conversation.
type said struct {
	from  netip.Addr // bedside when it is not set
	after time.Duration
	data  []byte
}

type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
	refused      int
}

func listen(t testing.TB, datagrams ...said) *heard {
	t.Helper()
	h := &heard{}
	out := protocols.NewSink(protocols.CARESCAPE, func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) }, func(protocols.Name) { h.refused++ })
	s := carescape.New().Open(protocols.Context{})
	for _, d := range datagrams {
		from := d.from
		if !from.IsValid() {
			from = bedside
		}
		seg := protocols.Segment{When: start.Add(d.after), From: protocols.Endpoint{Addr: from, Port: 7000}, To: protocols.Endpoint{Addr: all, Port: 7000}}
		seg.Bytes = append([]byte(nil), d.data...)
		if s.Segment(seg, out) != 0 {
			t.Fatal("a datagram has nothing to skip")
		}
		clear(seg.Bytes) // they are the caller's again
	}
	s.Gap(protocols.FromOpener, 1, out)
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
		if r := o.Report; r != nil && (len(r.Channels) != 1 || r.Valid <= 0 || r.Source == "" || r.Channels[0].State != protocols.InUse) {
			t.Errorf("report %+v", r)
		}
	}
}

// String writes an observation a line: about whom, facts, use.
func (h *heard) String() string {
	var lines []string
	for _, o := range h.observations {
		line := map[protocols.SubjectKind]string{protocols.AboutSpeaker: "speaker", protocols.AboutListener: "listener", protocols.AboutDescribed: "described by",
			protocols.AboutAddress: o.About.Addr.String() + " by"}[o.About.Kind] + " " + o.Speaker.Addr.String()
		for _, f := range o.Facts {
			line += fmt.Sprintf(" %s=%s(%s %.2f)", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if o.Report != nil {
			c := o.Report.Channels[0]
			line += fmt.Sprintf(" use=%s/%s(%s, %s)", c.State, c.Activity, o.Report.Source, o.Report.Valid)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func probe(b []byte) protocols.Verdict {
	return carescape.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: b})
}
