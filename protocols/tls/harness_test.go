package tls_test

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/tls"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
)

// step is what a conversation does next: octets, or a hole.
type step struct {
	from protocols.Direction
	data []byte
	hole bool
}

func says(d protocols.Direction, parts ...[]byte) step {
	return step{from: d, data: slices.Concat(parts...)}
}

// result is what a session stated, counted and asked for.
type result struct {
	observations []protocols.Observation
	outcomes     [protocols.OutcomeCount]int
	session      protocols.Session
	kept         int    // the most that the session held after any segment
	read         [2]int // octets of each direction up to the end of the segment after which all were skipped, or all
	done         [2]bool
}

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func endpoints(d protocols.Direction) (from, to protocols.Endpoint) {
	from = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 49152}
	to = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 2762}
	if d == acceptor {
		return to, from
	}
	return from, to
}

func (r *result) sink() *protocols.Sink {
	return protocols.NewSink(protocols.TLS, func(o protocols.Observation) { r.observations = append(r.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { r.outcomes[o]++ }, nil)
}

// run plays steps to a new session in segments of sizes, dropping what the session
// does not need, as flow does.
func run(t testing.TB, c protocols.Context, size func() int, steps ...step) *result {
	t.Helper()
	r := &result{session: tls.New().Open(c)}
	sink := r.sink()
	for _, st := range steps {
		if st.hole && !r.done[st.from] {
			r.session.Gap(st.from, 0, sink)
		}
		for b := st.data; len(b) > 0 && !r.done[st.from]; {
			n := min(max(size(), 1), len(b))
			from, to := endpoints(st.from)
			s := protocols.Segment{When: start, Direction: st.from, From: from, To: to, Bytes: slices.Clone(b[:n])}
			skip := r.session.Segment(s, sink)
			if skip != 0 && skip != tls.Everything {
				t.Fatalf("skips %d octets", skip)
			}
			clear(s.Bytes) // they are the caller's again
			b = b[n:]
			r.read[st.from] += n
			r.done[st.from] = skip != 0
			r.kept = max(r.kept, tls.KeptBytes(r.session))
		}
	}
	r.session.Close(sink)
	return r
}

func whole() int { return 1 << 30 }

func fixed(n int) func() int { return func() int { return n } }

// play runs a conversation that was seen from its beginning.
func play(t testing.TB, steps ...step) *result {
	t.Helper()
	return run(t, protocols.Context{OpenerKnown: true}, whole, steps...)
}

// print shows what was stated and counted, for a person and for comparison.
func (r *result) print() string {
	var b strings.Builder
	for _, o := range r.observations {
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "%s about %d: %s=%s (%s) %.1f\n", o.Speaker.Addr, o.About.Kind, f.Attribute, f.Value, f.Field, f.Confidence)
		}
	}
	for o, n := range r.outcomes {
		if n > 0 {
			fmt.Fprintf(&b, "%v %d\n", protocols.Outcome(o), n)
		}
	}
	return b.String()
}

// wants compares the statements, in short form, and the outcomes.
func (r *result) wants(t testing.TB, facts string, outcomes string) {
	t.Helper()
	var got, counted []string
	for _, o := range r.observations {
		for _, f := range o.Facts {
			got = append(got, fmt.Sprintf("%d:%s", o.Speaker.Addr.As4()[3], f.Value))
		}
	}
	for o, n := range r.outcomes {
		if n > 0 {
			counted = append(counted, fmt.Sprintf("%v %d", protocols.Outcome(o), n))
		}
	}
	if strings.Join(got, " ") != facts || strings.Join(counted, " ") != outcomes {
		t.Errorf("stated %q, counted %q\nwant   %q, counted %q", strings.Join(got, " "), strings.Join(counted, " "), facts, outcomes)
	}
}

// recorded reads a conversation of testdata.
func recorded(t testing.TB, path string) []step {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var steps []step
	for line := range strings.Lines(string(raw)) {
		mark, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		data, err := hex.DecodeString(digits)
		if err != nil || mark != ">" && mark != "<" {
			t.Fatalf("%s: line %q: %v", path, mark, err)
		}
		from := opener
		if mark == "<" {
			from = acceptor
		}
		steps = append(steps, says(from, data))
	}
	return steps
}
