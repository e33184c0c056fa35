package sdc_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
	canary   = "Zzcanary"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

type step = protocoltest.Step

func says(d protocols.Direction, parts ...[]byte) step { return protocoltest.Says(d, parts...) }

// result is what a session stated and counted.
type result struct {
	observations []protocols.Observation
	outcomes     [protocols.OutcomeCount]int
	kept         int
}

func (r *result) sink(n protocols.Name) *protocols.Sink {
	return protocols.NewSink(n, func(o protocols.Observation) { r.observations = append(r.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { r.outcomes[o]++ }, nil)
}

// run plays steps to a session in segments of sizes, dropping what it does not
// need, as flow does.
func run(t testing.TB, s protocols.Session, size func() int, steps ...step) *result {
	t.Helper()
	r := &result{}
	out := r.sink("test")
	var skip [2]uint64
	for _, st := range steps {
		if st.Hole {
			skip[st.From] = 0
			s.Gap(st.From, 0, out)
		}
		for b := st.Data; len(b) > 0; {
			n := min(uint64(len(b)), skip[st.From])
			skip[st.From] -= n
			if b = b[n:]; len(b) == 0 {
				break
			}
			piece := slices.Clone(b[:min(max(size(), 1), len(b))])
			b = b[len(piece):]
			from, to := protocoltest.Ends(st.From)
			skip[st.From] = s.Segment(protocols.Segment{When: start, Direction: st.From, From: from, To: to, Bytes: piece}, out)
			clear(piece)
			r.kept = max(r.kept, sdc.KeptBytes(s))
		}
	}
	s.Close(out)
	return r
}

// print shows what was stated and counted.
func (r *result) print() string {
	var b strings.Builder
	for _, o := range r.observations {
		fmt.Fprintf(&b, "%s about %d", o.Speaker.Addr, o.About.Kind)
		if o.About.Addr.IsValid() {
			fmt.Fprintf(&b, " %s", o.About.Addr)
		}
		if o.About.Component != "" {
			fmt.Fprintf(&b, " part of %s", o.About.Component)
		}
		b.WriteByte('\n')
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %s=%s (%s) %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if o.Report != nil {
			fmt.Fprintf(&b, "  report %+v\n", *o.Report)
		}
	}
	for o, n := range r.outcomes {
		if n > 0 {
			fmt.Fprintf(&b, "%v %d\n", protocols.Outcome(o), n)
		}
	}
	return b.String()
}

// short shows facts as subject:attribute=value, reports as a state, and outcomes.
func (r *result) short() string {
	var all []string
	for _, o := range r.observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%d:%s=%s", o.About.Kind, f.Attribute, f.Value))
		}
		if o.Report != nil {
			all = append(all, fmt.Sprintf("use=%s,%v", o.Report.Channels[0].State, o.Report.Complete))
		}
	}
	for o, n := range r.outcomes {
		if n > 0 {
			all = append(all, fmt.Sprintf("%v %d", protocols.Outcome(o), n))
		}
	}
	return strings.Join(all, "; ")
}

func body() protocols.Session { return sdc.OpenBody(protocols.Context{}) }

func datagrams() protocols.Session { return sdc.NewDiscovery().Open(protocols.Context{}) }

func checkNoCanary(t testing.TB, r *result) {
	t.Helper()
	if strings.Contains(strings.ToLower(r.print()), "canary") {
		t.Errorf("a patient shows:\n%s", r.print())
	}
}
