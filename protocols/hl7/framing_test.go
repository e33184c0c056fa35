package hl7_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

const (
	msh   = `MSH|^~\&|WARDGW|EXAMPLE|ENGINE|EXAMPLE|20260102030405||ORU^R01|1|P|2.6`
	root  = `OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||PX-100^Duo^pumps.example^DNS`
	ready = `OBX|2|CWE|184508^MDC_PUMP_STAT^MDC|1.1.1.1|^pump-status-ready^MDC||||||R`
	ack   = `MSH|^~\&|ENGINE|EXAMPLE|WARDGW|EXAMPLE|20260102||ACK|1|P|2.6`
)

func TestFraming(t *testing.T) {
	good := block(msh, root, ready)
	unframed := strings.Join([]string{msh, root, ready}, "\r")
	answer := bit{true, block(ack, "MSA|AA|1")}
	cases := []struct {
		name     string
		bits     []bit
		outcomes string
		devices  int
	}{
		{"framed", []bit{{text: good}}, "parsed", 1},
		{"two in one segment", []bit{{text: good + good}}, "parsed parsed", 2},
		{"start of block alone", []bit{{text: "\x0b"}, {text: good[1:]}}, "parsed", 1},
		{"LF ends", []bit{{text: strings.ReplaceAll(good, "\r", "\n")}}, "parsed", 1},
		{"CRLF ends", []bit{{text: strings.ReplaceAll(good, "\r", "\r\n")}}, "parsed", 1},
		{"last end missing", []bit{{text: "\x0b" + unframed + "\x1c\r"}}, "parsed", 1},
		{"end of block without CR", []bit{{text: "\x0b" + unframed + "\x1c" + good}}, "parsed parsed", 2},
		{"batch", []bit{{text: "\x0b" + strings.Join([]string{`FHS|^~\&|A`, `BHS|^~\&|A`, unframed, unframed, "BTS|2", "FTS|1"}, "\r") + "\x1c\r"}}, "parsed parsed", 2},
		{"unframed, acknowledged", []bit{{text: unframed}, answer}, "parsed parsed", 1},
		{"unframed, followed", []bit{{text: unframed + "\r" + unframed}, answer}, "parsed parsed parsed", 2},
		{"unframed, then framed", []bit{{text: unframed + "\r" + good}}, "parsed parsed", 2},
		{"unframed, conversation ends", []bit{{text: unframed + "\r"}}, "parsed", 1},
		{"unframed, cut in a segment", []bit{{text: unframed}}, "truncated", 0},
		{"framed, cut", []bit{{text: good[:len(good)-2]}}, "truncated", 0},
		{"framed, never ended", []bit{{text: "\x0b" + unframed + "\r" + good}}, "malformed parsed", 1},
		{"noise before", []bit{{text: "noise\r\n" + good}}, "malformed resynchronised parsed", 1},
		{"text with line ends in it", []bit{{text: block(msh, root, "NTE|1||see\nOB\nbelow", ready)}}, "parsed", 1},
		{"no type and no version", []bit{{text: block(`MSH|^~\&|A|B`, root)}}, "malformed", 0},
		{"bad delimiters", []bit{{text: block(`MSH|^^\&|A|B|||||ORU^R01|1|P|2.6`, root) + good}}, "malformed resynchronised parsed", 1},
		{"first segment is no header", []bit{{text: "\x0bOBX|1\r\x1c\r" + good}}, "malformed resynchronised parsed", 1},
		{"empty block", []bit{{text: "\x0b\x1c\r" + good}}, "parsed", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int{0, 1, 7} {
				h := listen(size, c.bits...)
				if got := outcomes(h); got != c.outcomes {
					t.Errorf("in pieces of %d: outcomes %q, want %q", size, got, c.outcomes)
				}
				if got := described(h); got != c.devices {
					t.Errorf("in pieces of %d: %d devices, want %d", size, got, c.devices)
				}
			}
		})
	}
}

func outcomes(h *heard) string {
	names := make([]string, len(h.Outcomes))
	for i, o := range h.Outcomes {
		names[i] = o.String()
	}
	return strings.Join(names, " ")
}

func described(h *heard) (n int) {
	for _, o := range h.Observations {
		if o.About.Kind == protocols.AboutDescribed {
			n++
		}
	}
	return n
}

// TestUnframedEndIsNeverComplete: nobody said that no channel was to follow.
func TestUnframedEndIsNeverComplete(t *testing.T) {
	h := listen(0, bit{text: strings.Join([]string{msh, root, ready, ""}, "\r")})
	last := h.Observations[len(h.Observations)-1]
	if last.Report == nil || last.Report.Complete {
		t.Errorf("report %+v, want one that is not complete", last.Report)
	}
}

func TestGapGivesUpOneMessage(t *testing.T) {
	h := &heard{}
	out := h.Sink(protocols.HL7)
	s := hl7.New().Open(protocols.Context{})
	whole := block(msh, root, ready)
	s.Segment(segment(bit{text: whole[:100]}), out)
	s.Gap(protocols.FromOpener, 10, out)
	s.Segment(segment(bit{text: whole[110:] + whole}), out)
	s.Close(out)
	if got := outcomes(h); got != "truncated resynchronised parsed" || described(h) != 1 {
		t.Errorf("outcomes %q and %d devices", got, described(h))
	}
}

func TestMidstreamJoins(t *testing.T) {
	h := &heard{}
	out := h.Sink(protocols.HL7)
	s := hl7.New().Open(protocols.Context{Midstream: true})
	s.Segment(segment(bit{text: "|7.1||\rOBX|9|NM\r\x1c\r" + block(msh, root, ready)}), out)
	if got := outcomes(h); got != "resynchronised parsed" || described(h) != 1 {
		t.Errorf("outcomes %q and %d devices", got, described(h))
	}
}

// TestInvariant07EndlessSegmentCostsNoMemory passes tens of megabytes through one
// field, as a scanned document does, and an endless one over the bound.
func TestInvariant07EndlessSegmentCostsNoMemory(t *testing.T) {
	h := &heard{}
	out := h.Sink(protocols.HL7)
	s := hl7.New().Open(protocols.Context{})
	chunk := strings.Repeat("QUJD", 1<<14)
	before := heap()
	s.Segment(segment(bit{text: "\x0b" + msh + "\r" + root + "\rOBX|3|ED|1^x^L||"}), out)
	for range 20 << 20 / len(chunk) {
		s.Segment(segment(bit{text: chunk}), out)
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("a field of 20 MiB keeps %d octets", grown)
	}
	s.Segment(segment(bit{text: "||||||F\r" + ready + "\r\x1c\r"}), out)
	if got := outcomes(h); got != "parsed" || described(h) != 1 {
		t.Errorf("outcomes %q and %d devices", got, described(h))
	}
	s.Segment(segment(bit{text: "\x0b" + msh + "\rOBX|3|ED|"}), out)
	for range 70 << 20 / len(chunk) {
		s.Segment(segment(bit{text: chunk}), out)
	}
	if got := outcomes(h); got != "parsed limit" {
		t.Errorf("outcomes %q, want a limit", got)
	}
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// TestInvariant07TooManyDevicesStateNothing: over a bound nothing is stated
// rather than half.
func TestInvariant07TooManyDevicesStateNothing(t *testing.T) {
	lines := []string{msh}
	for i := range 100 {
		lines = append(lines, strings.ReplaceAll(strings.ReplaceAll(root, "1.0.0.0", strings.Repeat("1", 1+i%9)+".0.0.0"), "PX-100", "PX-"+strings.Repeat("1", 1+i/9)))
	}
	h := listen(0, bit{text: block(lines...)})
	if !slices.Equal(h.Outcomes, []protocols.Outcome{protocols.LimitReached}) || len(h.Observations) != 0 {
		t.Errorf("outcomes %v, %d observations", h.Outcomes, len(h.Observations))
	}
}
