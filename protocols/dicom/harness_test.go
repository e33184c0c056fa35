package dicom_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dicom"
)

const (
	opener   = protocols.FromOpener
	acceptor = protocols.FromAcceptor
)

// step is what a conversation does next: octets, or a hole.
type step struct {
	from protocols.Direction
	data []byte
	gap  uint64        // a hole of so many octets; hole says that there is one
	hole bool          // with gap 0: of unknown length
	wait time.Duration // wire time since the step before
}

func says(d protocols.Direction, parts ...[]byte) step {
	return step{from: d, data: slices.Concat(parts...)}
}

// result is what a session stated and counted.
type result struct {
	observations []protocols.Observation
	outcomes     [protocols.OutcomeCount]int
	refused      int
	kept         int // the most that the session held after any segment
	skipped      uint64
	longest      uint64 // skip that was asked for
}

func (r *result) sink() *protocols.Sink {
	return protocols.NewSink(protocols.DICOM,
		func(o protocols.Observation) { r.observations = append(r.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { r.outcomes[o]++ },
		func(protocols.Name) { r.refused++ })
}

var start = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func endpoints(d protocols.Direction) (from, to protocols.Endpoint) {
	from = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 49152}
	to = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 104}
	if d == acceptor {
		return to, from
	}
	return from, to
}

// run plays steps to a new session in segments of at most size octets, dropping
// what the session does not need, as flow does.
func run(c protocols.Context, size int, steps ...step) *result {
	return runSizes(c, func() int { return size }, steps...)
}

func runSizes(c protocols.Context, size func() int, steps ...step) *result {
	r := &result{}
	sink, session := r.sink(), dicom.New().Open(c)
	when, skip := start, [2]uint64{}
	for _, st := range steps {
		when = when.Add(st.wait)
		if st.hole {
			session.Gap(st.from, st.gap, sink)
			skip[st.from] = 0
			continue
		}
		for b := st.data; len(b) > 0; {
			if n := min(skip[st.from], uint64(len(b))); n > 0 {
				skip[st.from], b = skip[st.from]-n, b[n:]
				r.skipped += n
				continue
			}
			n := min(max(size(), 1), len(b))
			from, to := endpoints(st.from)
			segment := protocols.Segment{When: when, Direction: st.from, From: from, To: to, Bytes: slices.Clone(b[:n])}
			skip[st.from] = session.Segment(segment, sink)
			r.longest = max(r.longest, skip[st.from])
			clear(segment.Bytes) // they are the caller's again
			b = b[n:]
			r.kept = max(r.kept, dicom.KeptBytes(session))
		}
	}
	session.Close(sink)
	return r
}

const whole = 1 << 30

// play runs a conversation that was seen from its beginning.
func play(steps ...step) *result {
	return run(protocols.Context{OpenerKnown: true}, whole, steps...)
}

// lines shows observations, one a line: who speaks about whom, and what.
func (r *result) lines() []string {
	lines := []string{}
	for _, o := range r.observations {
		lines = append(lines, line(o))
	}
	return lines
}

func line(o protocols.Observation) string {
	who := "opener"
	if o.Speaker.Port == 104 {
		who = "acceptor"
	}
	about := kindName(o.About.Kind)
	if o.About.Title != "" {
		about += " " + o.About.Title
	}
	parts := []string{}
	for _, f := range o.Facts {
		parts = append(parts, fmt.Sprintf("%s=%s", f.Attribute, f.Value))
	}
	if o.Report != nil {
		for _, c := range o.Report.Channels {
			parts = append(parts, fmt.Sprintf("%s %s %s ended=%v", c.Name, c.State, c.Activity, c.Ended))
		}
	}
	return who + " on " + about + ": " + strings.Join(parts, "; ")
}

// only keeps the lines that contain a text.
func only(lines []string, text string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(s string) bool { return !strings.Contains(s, text) })
}

func wantLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("stated\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func wantOutcome(t *testing.T, r *result, o protocols.Outcome, n int) {
	t.Helper()
	if r.outcomes[o] != n {
		t.Errorf("%v counted %d times, want %d (all: %v)", o, r.outcomes[o], n, r.outcomes)
	}
}

// associated is a settled association of CT01 with ARCHIVE for one context.
func associated(abstract, transfer string) []step {
	return []step{
		says(opener, request("ARCHIVE", "CT01", proposal{1, abstract, []string{implicit, transfer}})),
		says(acceptor, accept("ARCHIVE", "CT01", answer{1, 0, transfer})),
	}
}

// after returns what is stated by steps behind a settled association.
func after(abstract, transfer string, steps ...step) (*result, []string) {
	r := play(append(associated(abstract, transfer), steps...)...)
	return r, r.lines()[2:]
}

func storeRQ(id byte, more ...element) []byte {
	return pdata(pdv(id, lastCommand, dimse(0x0001, ctStorage, 7, true, -1,
		append([]element{el(0x00001000, "UI", "1.2.99.1")}, more...)...)))
}

func storeRSP(id byte, status int) []byte {
	return pdata(pdv(id, lastCommand, dimse(0x8001, ctStorage, 7, false, status)))
}
