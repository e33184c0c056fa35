package http_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/http"
	"github.com/auscult/auscult/protocols/protocoltest"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
	canary   = "Zzcanary"
)

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// step is what a conversation does next: octets, or a hole of a length, 0 for one
// that is not known.
type step struct {
	from protocols.Direction
	data []byte
	hole bool
	lost uint64
}

func says(d protocols.Direction, parts ...string) step {
	return step{from: d, data: []byte(strings.Join(parts, ""))}
}

func hole(d protocols.Direction, n uint64) step { return step{from: d, hole: true, lost: n} }

// result is what a session stated, counted and asked for.
type result struct {
	observations []protocols.Observation
	outcomes     [protocols.OutcomeCount]int
	kept         int
	skipped      [2]int
}

func (r *result) sink() *protocols.Sink {
	return protocols.NewSink(protocols.HTTP, func(o protocols.Observation) { r.observations = append(r.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { r.outcomes[o]++ }, nil)
}

// reader is a Reader that writes down what it gets: "[" text "]", "!" for a hole.
type reader struct {
	all  *strings.Builder
	skip uint64
}

func (r reader) Segment(s protocols.Segment, _ *protocols.Sink) uint64 {
	r.all.Write(s.Bytes)
	return r.skip
}

func (r reader) Gap(protocols.Direction, uint64, *protocols.Sink) { r.all.WriteByte('!') }
func (r reader) Close(*protocols.Sink)                            { r.all.WriteByte(']') }

// noting returns the dissector with a reader of application/x-test.
func noting(skip uint64) (protocols.Protocol, *strings.Builder) {
	all := &strings.Builder{}
	return http.New(http.Reader{Media: []string{"application/x-test", "application/dicom"}, Open: func(protocols.Context) protocols.Session {
		all.WriteByte('[')
		return reader{all, skip}
	}}), all
}

// run plays steps to a session in segments of sizes, dropping what it does not
// need, as flow does: a hole inside of that is not told.
func run(t testing.TB, p protocols.Protocol, c protocols.Context, size func() int, steps ...step) *result {
	t.Helper()
	r, s := &result{}, p.Open(c)
	out := r.sink()
	var skip [2]uint64
	for _, st := range steps {
		if st.hole {
			inside := min(st.lost, skip[st.from])
			skip[st.from] -= inside
			if st.lost == 0 || st.lost > inside {
				s.Gap(st.from, st.lost-inside, out)
			}
		}
		for b := st.data; len(b) > 0; {
			n := min(uint64(len(b)), skip[st.from])
			skip[st.from] -= n
			r.skipped[st.from] += int(n)
			if b = b[n:]; len(b) == 0 {
				break
			}
			piece := slices.Clone(b[:min(max(size(), 1), len(b))])
			b = b[len(piece):]
			from, to := protocoltest.Ends(st.from)
			skip[st.from] = s.Segment(protocols.Segment{When: start, Direction: st.from, From: from, To: to, Bytes: piece}, out)
			clear(piece)
			r.kept = max(r.kept, http.KeptBytes(s))
		}
	}
	s.Close(out)
	return r
}

// print shows what was stated and counted.
func (r *result) print() string {
	var b strings.Builder
	for _, o := range r.observations {
		fmt.Fprintf(&b, "%s about %d\n", o.Speaker.Addr, o.About.Kind)
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %s=%s (%s) %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if o.Report != nil {
			fmt.Fprintf(&b, "  report %+v\n", *o.Report)
		}
	}
	return b.String() + r.counted()
}

func (r *result) counted() string {
	var all []string
	for o, n := range r.outcomes {
		if n > 0 {
			all = append(all, fmt.Sprintf("%v %d", protocols.Outcome(o), n))
		}
	}
	return strings.Join(all, "; ")
}

// short shows facts as speaker/subject:value, channels as states, and outcomes; the
// roles of client and server, which every conversation has, are left out.
func (r *result) short() string {
	var all []string
	for _, o := range r.observations {
		for _, f := range o.Facts {
			if f.Value != string(protocols.RoleHTTPClient) && f.Value != string(protocols.RoleHTTPServer) {
				all = append(all, fmt.Sprintf("%d/%d:%s", o.Speaker.Addr.As4()[3], o.About.Kind, f.Value))
			}
		}
		if o.Report != nil {
			for _, c := range o.Report.Channels {
				all = append(all, fmt.Sprintf("use %s=%s", c.Name, c.State))
			}
		}
	}
	return strings.Join(append(all, r.counted()), "; ")
}

// checks plays steps whole, octet by octet and in odd pieces.
func checks(t *testing.T, c protocols.Context, want string, steps ...step) {
	t.Helper()
	for _, size := range []int{1 << 30, 1, 13} {
		r := run(t, http.New(), c, protocoltest.Fixed(size), steps...)
		if r.short() != want {
			t.Errorf("in pieces of %d says\n%s\nwant\n%s", size, r.short(), want)
		}
		checkNoCanary(t, r)
	}
}

func checkNoCanary(t testing.TB, r *result) {
	t.Helper()
	if strings.Contains(strings.ToLower(r.print()), "canary") {
		t.Errorf("a patient or a credential shows:\n%s", r.print())
	}
}

// recorded reads a conversation of testdata.
func recorded(t testing.TB, path string) (steps []step) {
	t.Helper()
	for _, st := range protocoltest.Recorded(t, path) {
		steps = append(steps, step{from: st.From, data: st.Data})
	}
	return steps
}
