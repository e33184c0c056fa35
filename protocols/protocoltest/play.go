package protocoltest

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
)

// Step is what a conversation does next: octets, or a hole of unknown length.
type Step struct {
	From protocols.Direction
	Data []byte
	Hole bool
}

// Says is octets of one direction. It copies them.
func Says(d protocols.Direction, parts ...[]byte) Step {
	return Step{From: d, Data: slices.Concat(parts...)}
}

// Whole is a size for segments that holds any step.
func Whole() int { return 1 << 30 }

// Fixed is a size for segments of n octets.
func Fixed(n int) func() int { return func() int { return n } }

// Recorded reads a conversation: on each line who speaks, > the opener and < the
// acceptor, and octets in hexadecimal digits.
func Recorded(t testing.TB, path string) (steps []Step) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		mark, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		data, err := hex.DecodeString(digits)
		if err != nil || mark != ">" && mark != "<" {
			t.Fatalf("%s: line %q: %v", path, mark, err)
		}
		from := protocols.FromOpener
		if mark == "<" {
			from = protocols.FromAcceptor
		}
		steps = append(steps, Says(from, data))
	}
	return steps
}

// Start is the wire time of what is played.
func Start() time.Time { return time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC) }

// Ends are who speaks and who listens: 192.0.2.1 has called 192.0.2.2.
func Ends(d protocols.Direction) (from, to protocols.Endpoint) {
	from = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.1"), Port: 49152}
	to = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 4711}
	if d == protocols.FromAcceptor {
		return to, from
	}
	return from, to
}

func segment(d protocols.Direction, b []byte) protocols.Segment {
	from, to := Ends(d)
	return protocols.Segment{When: Start(), Direction: d, From: from, To: to, Bytes: slices.Clone(b)}
}

// Opening is a dissector whose sessions hear the opening of each direction and then
// skip the rest, all at once.
type Opening struct {
	Protocol protocols.Protocol
	Kept     func(protocols.Session) int // octets that a session holds
}

// Heeded is what a session stated and counted, and what it wanted.
type Heeded struct {
	Heard
	Kept int    // the most that the session held after any segment
	Read [2]int // octets of each direction up to the end of the segment after which all were skipped, or all
	Done [2]bool
}

// Play plays steps to a new session in segments of sizes, dropping what the session
// does not need, as flow does.
func (p Opening) Play(t testing.TB, c protocols.Context, size func() int, steps ...Step) *Heeded {
	t.Helper()
	h := &Heeded{}
	sink := h.Sink(p.Protocol.Name())
	session := p.Protocol.Open(c)
	for _, st := range steps {
		if st.Hole && !h.Done[st.From] {
			session.Gap(st.From, 0, sink)
		}
		for b := st.Data; len(b) > 0 && !h.Done[st.From]; {
			s := segment(st.From, b[:min(max(size(), 1), len(b))])
			b = b[len(s.Bytes):]
			h.Read[st.From] += len(s.Bytes)
			h.Done[st.From] = allOrNothing(t, session.Segment(s, sink))
			clear(s.Bytes) // they are the caller's again
			h.Kept = max(h.Kept, p.Kept(session))
		}
	}
	session.Close(sink)
	return h
}

// allOrNothing reports whether a session wants nothing more of a direction. No
// stream is as long as what a smaller number would be taken for.
func allOrNothing(t testing.TB, skip uint64) bool {
	t.Helper()
	if skip != 0 && skip < 1<<62 {
		t.Fatalf("skips %d octets", skip)
	}
	return skip != 0
}

// Wants compares the statements, in short form, and the outcomes.
func (h *Heeded) Wants(t testing.TB, facts string, outcomes string) {
	t.Helper()
	var said []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			said = append(said, fmt.Sprintf("%d:%s", o.Speaker.Addr.As4()[3], f.Value))
		}
	}
	got, counted := strings.Join(said, " "), strings.Join(h.counts(), " ")
	if got != facts || counted != outcomes {
		t.Errorf("stated %q, counted %q\nwant   %q, counted %q", got, counted, facts, outcomes)
	}
}
