package astm_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/astm"
)

// The two ends of every conversation in these tests, and its time.
var (
	opener   = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.20"), Port: 40000, MAC: protocols.MAC{0x00, 0x09, 0xfb, 0x00, 0x00, 0x01}}
	acceptor = protocols.Endpoint{Addr: netip.MustParseAddr("192.0.2.2"), Port: 9100, MAC: protocols.MAC{0x02, 0, 0, 0, 0, 2}}
	noon     = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
)

// heard is what a session stated and counted.
type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
	refused      int
}

func (h *heard) sink() *protocols.Sink {
	return protocols.NewSink(protocols.ASTM,
		func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) },
		func(protocols.Name) { h.refused++ })
}

// bit is a run of octets in one direction.
type bit struct {
	back bool
	text string
	when time.Time // noon when zero
}

func segment(b bit) protocols.Segment {
	s := protocols.Segment{When: b.when, From: opener, To: acceptor, Bytes: []byte(b.text)}
	if s.When.IsZero() {
		s.When = noon
	}
	if b.back {
		s.Direction, s.From, s.To = protocols.FromAcceptor, acceptor, opener
	}
	return s
}

// listen plays a conversation in pieces of at most size octets (0: whole).
func listen(size int, bits ...bit) *heard {
	return play(protocols.Context{OpenerKnown: true}, size, bits...)
}

func play(c protocols.Context, size int, bits ...bit) *heard {
	h := &heard{}
	out := h.sink()
	s := astm.New().Open(c)
	for _, b := range bits {
		for len(b.text) > 0 {
			n := len(b.text)
			if size > 0 {
				n = min(n, size)
			}
			if s.Segment(segment(bit{b.back, b.text[:n], b.when}), out) != 0 {
				panic("frames have no lengths to skip by")
			}
			b.text = b.text[n:]
		}
	}
	s.Close(out)
	return h
}

// frame writes one frame as LIS01-A2, section 6.3, says: the sum of everything from
// the number to the end of text, modulo 256, in two capital hexadecimal digits.
func frame(number int, text string, last bool) string {
	end := "\x17"
	if last {
		end = "\x03"
	}
	body := fmt.Sprintf("%d%s%s", number%8, text, end)
	sum := 0
	for _, c := range []byte(body) {
		sum += int(c)
	}
	return fmt.Sprintf("\x02%s%02X\r\n", body, sum%256)
}

// transmission frames each record by itself, in parts of at most size characters.
func transmission(size int, records ...string) string {
	out, number := "\x05", 0
	for _, r := range records {
		for r += "\r"; len(r) > 0; {
			n := min(size, len(r))
			number++
			out += frame(number, r[:n], n == len(r))
			r = r[n:]
		}
	}
	return out + "\x04"
}

func lines(records ...string) string { return strings.Join(records, "\r") + "\r" }

// print writes observations so that a person can check them.
func (h *heard) print() string {
	var b strings.Builder
	for _, o := range h.observations {
		fmt.Fprintf(&b, "%s about %s\n", o.Speaker.Addr, subject(o.About))
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %-16s %-28q %s %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if r := o.Report; r != nil {
			fmt.Fprintf(&b, "  report complete=%v valid=%s source=%q", r.Complete, r.Valid, r.Source)
			for _, c := range r.Channels {
				fmt.Fprintf(&b, " channel %q %s %s", c.Name, c.State, c.Activity)
			}
			b.WriteByte('\n')
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

// get returns a fact of the first statement about a kind of subject.
func (h *heard) get(about protocols.SubjectKind, a protocols.Attribute) string {
	for _, o := range h.observations {
		if o.About.Kind != about {
			continue
		}
		for _, f := range o.Facts {
			if f.Attribute == a {
				return f.Value
			}
		}
	}
	return ""
}

// uses counts the statements of use about a kind of subject.
func (h *heard) uses(about protocols.SubjectKind) (n int) {
	for _, o := range h.observations {
		if o.About.Kind == about && o.Report != nil {
			n++
		}
	}
	return n
}

// counted is how often an outcome was counted.
func (h *heard) counted(o protocols.Outcome) (n int) {
	for _, other := range h.outcomes {
		if other == o {
			n++
		}
	}
	return n
}
