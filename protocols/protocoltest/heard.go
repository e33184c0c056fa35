package protocoltest

import (
	"fmt"
	"strings"

	"github.com/auscult/auscult/protocols"
)

// Heard is what a session stated and counted.
type Heard struct {
	Observations []protocols.Observation
	Outcomes     []protocols.Outcome // in their order
	Refused      int
}

// Sink returns a sink that fills h.
func (h *Heard) Sink(n protocols.Name) *protocols.Sink {
	return protocols.NewSink(n,
		func(o protocols.Observation) { h.Observations = append(h.Observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.Outcomes = append(h.Outcomes, o) },
		func(protocols.Name) { h.Refused++ })
}

// Print writes statements and outcomes so that a person can check them.
func (h *Heard) Print() string {
	var b strings.Builder
	for _, o := range h.Observations {
		fmt.Fprintf(&b, "%s about %s\n", o.Speaker.Addr, subject(o.About))
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "  %-16s %-28q %s %.2f\n", f.Attribute, f.Value, f.Field, f.Confidence)
		}
		if r := o.Report; r != nil {
			fmt.Fprintf(&b, "  report complete=%v valid=%s source=%q\n", r.Complete, r.Valid, r.Source)
			for _, c := range r.Channels {
				fmt.Fprintf(&b, "    channel %q %s %s agent=%q rate=%q%s\n", c.Name, c.State, c.Activity, c.Agent, c.Rate, given(c))
			}
		}
	}
	fmt.Fprintf(&b, "outcomes %v refused %d\n", h.Outcomes, h.Refused)
	return b.String()
}

// given writes what few protocols tell of a channel.
func given(c protocols.Channel) string {
	if c.Dose+c.Volume == "" {
		return ""
	}
	return fmt.Sprintf(" dose=%q volume=%q", c.Dose, c.Volume)
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

// Lines writes a fact a line, and how often each outcome was counted: the order of
// outcomes is left out, for comparing what is heard in other pieces.
func (h *Heard) Lines() string {
	var b strings.Builder
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			fmt.Fprintf(&b, "%s about %d: %s=%s (%s) %.1f\n", o.Speaker.Addr, o.About.Kind, f.Attribute, f.Value, f.Field, f.Confidence)
		}
	}
	for _, c := range h.counts() {
		b.WriteString(c + "\n")
	}
	return b.String()
}

func (h *Heard) counts() (all []string) {
	for o := range protocols.OutcomeCount {
		if n := h.Counted(protocols.Outcome(o)); n > 0 {
			all = append(all, fmt.Sprintf("%v %d", protocols.Outcome(o), n))
		}
	}
	return all
}

// Texts is everything in statements that could hold a word of a message.
func (h *Heard) Texts() string {
	var b strings.Builder
	for _, o := range h.Observations {
		fmt.Fprintln(&b, o.About.Component, o.About.Title)
		for _, f := range o.Facts {
			fmt.Fprintln(&b, f.Value, f.Field)
		}
		if o.Report != nil {
			fmt.Fprintln(&b, o.Report.Source)
			for _, c := range o.Report.Channels {
				fmt.Fprintln(&b, c.Name, c.Agent, c.Rate, c.Dose, c.Volume)
			}
		}
	}
	return b.String()
}

// Get returns a fact of the first statement about a kind of subject that has it.
func (h *Heard) Get(about protocols.SubjectKind, a protocols.Attribute) string {
	for _, o := range h.Observations {
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

// Uses counts the statements of use about a kind of subject.
func (h *Heard) Uses(about protocols.SubjectKind) (n int) {
	for _, o := range h.Observations {
		if o.About.Kind == about && o.Report != nil {
			n++
		}
	}
	return n
}

// Counted is how often an outcome was counted.
func (h *Heard) Counted(o protocols.Outcome) (n int) {
	for _, other := range h.Outcomes {
		if other == o {
			n++
		}
	}
	return n
}
