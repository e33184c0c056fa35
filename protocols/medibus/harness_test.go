package medibus_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/medibus"
)

const (
	collector = protocols.FromOpener
	device    = protocols.FromAcceptor
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// step is what a conversation does next: octets, or a hole.
type step struct {
	by    protocols.Direction
	after time.Duration // since the beginning
	data  []byte
	hole  bool
}

func says(by protocols.Direction, parts ...[]byte) step { return step{by: by, data: join(parts...)} }

func later(seconds int, s step) step {
	s.after = time.Duration(seconds) * time.Second
	return s
}

type heard struct {
	observations []protocols.Observation
	outcomes     [protocols.OutcomeCount]int
	refused      int
	kept         int // the most that the session held
}

// run plays steps in segments of sizes: 192.0.2.20 has called the serial server
// 192.0.2.10 at port 4001.
func run(t testing.TB, size func() int, steps ...step) *heard {
	t.Helper()
	h := &heard{}
	out := protocols.NewSink(protocols.MEDIBUS, func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes[o]++ }, func(protocols.Name) { h.refused++ })
	s := medibus.New().Open(protocols.Context{})
	server := protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.10"), Port: 4001}
	client := protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 49152}
	for _, st := range steps {
		if st.hole {
			s.Gap(st.by, 0, out)
		}
		for b := st.data; len(b) > 0; {
			n := min(max(size(), 1), len(b))
			seg := protocols.Segment{When: start.Add(st.after), Direction: st.by, From: server, To: client, Bytes: append([]byte(nil), b[:n]...)}
			if st.by == collector {
				seg.From, seg.To = client, server
			}
			if s.Segment(seg, out) != 0 {
				t.Fatal("MEDIBUS has no lengths to skip by")
			}
			clear(seg.Bytes) // they are the caller's again
			b = b[n:]
			h.kept = max(h.kept, medibus.KeptBytes(s))
		}
	}
	s.Close(out)
	h.check(t)
	return h
}

func whole() int { return 1 << 30 }

func fixed(n int) func() int { return func() int { return n } }

// play runs a conversation whole and octet by octet, which must state the same.
func play(t testing.TB, steps ...step) *heard {
	t.Helper()
	h := run(t, whole, steps...)
	if pieces := run(t, fixed(1), steps...); pieces.String() != h.String() {
		t.Errorf("octet by octet\n%s\nwhole\n%s", pieces, h)
	}
	return h
}

// check asserts what every statement keeps.
func (h *heard) check(t testing.TB) {
	t.Helper()
	if len(h.observations) > 0 && h.outcomes[protocols.Parsed] == 0 {
		t.Errorf("stated without a message that was understood:\n%s", h)
	}
	if text := fmt.Sprintf("%+v", h.observations); strings.Contains(strings.ToUpper(text), "CANARY") {
		t.Errorf("a patient shows: %s", h)
	}
	for _, o := range h.observations {
		for _, f := range o.Facts {
			if f.Field == "" || f.Confidence <= 0 || f.Confidence > 1 {
				t.Errorf("fact %+v", f)
			}
			if o.About.Kind != protocols.AboutDescribed && f.Attribute != protocols.RoleOf {
				t.Errorf("what a device says is stated of a host: %+v", f)
			}
		}
		if o.Report != nil && o.About.Kind != protocols.AboutDescribed {
			t.Errorf("a host is said to be in use: %+v", o)
		}
	}
}

// String writes an observation a line, and the outcomes.
func (h *heard) String() string {
	var b strings.Builder
	for _, o := range h.observations {
		kind := map[protocols.SubjectKind]string{protocols.AboutSpeaker: "speaker", protocols.AboutListener: "listener", protocols.AboutDescribed: "described by"}
		fmt.Fprintf(&b, "%s %s", kind[o.About.Kind], o.Speaker.Addr)
		for _, f := range o.Facts {
			fmt.Fprintf(&b, " %s=%s(%s %.2f)", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if o.Report != nil {
			fmt.Fprintf(&b, " use=%s/%s(%s, %s)", o.Report.Channels[0].State, o.Report.Channels[0].Activity, o.Report.Source, o.Report.Valid)
		}
		b.WriteString("\n")
	}
	b.WriteString(h.counts())
	return b.String()
}

func (h *heard) counts() string {
	var counted []string
	for o, n := range h.outcomes {
		if n > 0 {
			counted = append(counted, fmt.Sprintf("%v %d", protocols.Outcome(o), n))
		}
	}
	return strings.Join(counted, " ")
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

func probe(b []byte, midstream bool) protocols.Verdict {
	return medibus.New().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: midstream, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
}
