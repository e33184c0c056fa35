package usage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
)

var start = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// at is so many seconds after start.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func hazard(agent string) inventory.Hazard {
	switch agent {
	case "DOXOrubicin":
		return inventory.HazardCytotoxic
	case "heparin":
		return inventory.HazardAnticoagulant
	case "saline", "Sodium Chloride 0.9%":
		return inventory.HazardPlainFluid
	}
	return inventory.HazardUnknown
}

func channel(name string, state protocols.UseState, agent string) protocols.Channel {
	c := protocols.Channel{Name: name, State: state, Agent: agent}
	if state == protocols.InUse {
		c.Activity = protocols.Infusing
	}
	return c
}

// say is a report at a moment that holds for ten minutes.
func say(when time.Time, complete bool, channels ...protocols.Channel) inventory.Statement {
	return inventory.Statement{Site: "s", Tap: "t", Protocol: protocols.HL7, When: when, Report: protocols.Report{
		Complete: complete, Channels: channels, Valid: 10 * time.Minute, Source: "hl7 test",
	}}
}

const (
	inUse   = protocols.InUse
	idle    = protocols.Idle
	standby = protocols.Standby
	off     = protocols.Off
	unknown = protocols.UnknownUse
)

func TestInvariant10IdleOnlyIfAllOfItIs(t *testing.T) {
	for name, c := range map[string]struct {
		says []inventory.Statement
		when time.Time
		want protocols.UseState
	}{
		"nothing was said":                         {nil, at(0), unknown},
		"all channels of a complete report idle":   {[]inventory.Statement{say(at(0), true, channel("A", idle, ""), channel("B", idle, ""))}, at(60), idle},
		"idle, but the report names not all":       {[]inventory.Statement{say(at(0), false, channel("A", idle, ""))}, at(60), unknown},
		"one channel runs":                         {[]inventory.Statement{say(at(0), true, channel("A", idle, ""), channel("B", inUse, ""))}, at(60), inUse},
		"one channel is not known":                 {[]inventory.Statement{say(at(0), true, channel("A", idle, ""), channel("B", unknown, ""))}, at(60), unknown},
		"one channel says a word that is no state": {[]inventory.Statement{say(at(0), true, channel("A", idle, ""), channel("B", "resting", ""))}, at(60), unknown},
		"running is worse than unknown":            {[]inventory.Statement{say(at(0), true, channel("A", unknown, ""), channel("B", inUse, ""))}, at(60), inUse},
		"unknown is worse than standby":            {[]inventory.Statement{say(at(0), true, channel("A", unknown, ""), channel("B", standby, ""))}, at(60), unknown},
		"standby is worse than off":                {[]inventory.Statement{say(at(0), true, channel("A", off, ""), channel("B", standby, ""))}, at(60), standby},
		"off is worse than idle":                   {[]inventory.Statement{say(at(0), true, channel("A", off, ""), channel("B", idle, ""))}, at(60), off},
		"the last moment that it holds":            {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, at(600), idle},
		"it has expired":                           {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, at(601), unknown},
		"one of two statements has expired": {[]inventory.Statement{
			say(at(0), true, channel("A", idle, ""), channel("B", idle, "")), say(at(500), false, channel("A", idle, "")),
		}, at(700), unknown},
		"a complete report drops what was off and it does not name": {[]inventory.Statement{
			say(at(0), true, channel("A", off, ""), channel("B", idle, "")), say(at(60), true, channel("B", idle, "")),
		}, at(70), idle},
		"a complete report does not end what runs and it does not name": {[]inventory.Statement{
			say(at(0), true, channel("1.1.1", inUse, "cisplatin")), say(at(5), true, channel("1.2.1", idle, "")),
		}, at(10), inUse},
		"nor what stands by": {[]inventory.Statement{
			say(at(0), true, channel("1.1.1", standby, "")), say(at(5), true, channel("1.2.1", idle, "")),
		}, at(10), standby},
		"nor what is not known": {[]inventory.Statement{
			say(at(0), true, channel("1.1.1", unknown, "")), say(at(5), true, channel("1.2.1", idle, "")),
		}, at(10), unknown},
		"nor a channel that got another number": {[]inventory.Statement{
			say(at(0), true, channel("1.1.1", inUse, "")), say(at(5), true, channel("1.1.2", idle, "")),
		}, at(10), inUse},
		"nor by a word on the whole device": {[]inventory.Statement{
			say(at(0), true, channel("1.1.1", inUse, "")), say(at(5), true, channel("", idle, "")),
		}, at(10), inUse},
		"until it expires": {[]inventory.Statement{
			say(at(0), true, channel("A", inUse, "")), say(at(600), true, channel("B", idle, "")),
		}, at(600), inUse},
		"and then the next complete report ends it": {[]inventory.Statement{
			say(at(0), true, channel("A", inUse, "")), say(at(5), true, channel("B", idle, "")), say(at(601), true, channel("B", idle, "")),
		}, at(602), idle},
		"the channel itself says that it stopped": {[]inventory.Statement{
			say(at(0), true, channel("A", inUse, "")), say(at(5), true, channel("A", idle, "")),
		}, at(6), idle},
		"an incomplete report drops nothing": {[]inventory.Statement{
			say(at(0), true, channel("A", inUse, ""), channel("B", idle, "")), say(at(60), false, channel("B", idle, "")),
		}, at(70), inUse},
		"an examination ended": {[]inventory.Statement{
			say(at(0), false, channel("procedure 1", inUse, "")),
			say(at(60), false, protocols.Channel{Name: "procedure 1", State: idle, Ended: true}),
		}, at(70), unknown},
		"one of two examinations ended": {[]inventory.Statement{
			say(at(0), false, channel("procedure 1", inUse, ""), channel("procedure 2", inUse, "")),
			say(at(60), false, protocols.Channel{Name: "procedure 1", State: idle, Ended: true}),
		}, at(70), inUse},
	} {
		b := usage.New(usage.Options{})
		for _, s := range c.says {
			b.Report("pump", s)
		}
		got := b.At([]string{"pump"}, c.when)
		if got.State != c.want {
			t.Errorf("%s: %s (%s); want %s", name, got.State, got.Why, c.want)
		}
		if (got.State == unknown) != (got.Why != "") {
			t.Errorf("%s: %s says why %q; unknown, and only unknown, needs a reason", name, got.State, got.Why)
		}
	}
}

// Statements may overtake each other: the newest by wire time speaks.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	says := []inventory.Statement{
		say(at(0), true, channel("A", inUse, "heparin"), channel("B", idle, "")),
		say(at(60), true, channel("A", standby, ""), channel("B", inUse, "DOXOrubicin")),
		say(at(120), true, channel("B", idle, "")),
		say(at(130), false, channel("C", inUse, "saline")),
		say(at(140), false, protocols.Channel{Name: "C", Ended: true}),
	}
	permutations(len(says), func(order []int) {
		b := usage.New(usage.Options{Hazard: hazard})
		for _, i := range order {
			b.Report("pump", says[i])
		}
		got := b.At([]string{"pump"}, at(150))
		if got.State != standby || len(got.Channels) != 2 || got.Channels[0].State != standby || got.Channels[1].State != idle {
			t.Errorf("in order %v: %+v", order, got)
		}
	})
}

func permutations(n int, do func([]int)) {
	order := make([]int, 0, n)
	used := make([]bool, n)
	var next func()
	next = func() {
		if len(order) == n {
			do(order)
			return
		}
		for i := range n {
			if !used[i] {
				used[i], order = true, append(order, i)
				next()
				used[i], order = false, order[:len(order)-1]
			}
		}
	}
	next()
}

func TestTheWorstChannelSpeaks(t *testing.T) {
	b := usage.New(usage.Options{Hazard: hazard})
	saline, cytotoxic := channel("A", inUse, "Sodium Chloride 0.9%"), channel("B", inUse, "DOXOrubicin")
	saline.Rate, cytotoxic.Rate = "50 mL/h", "80 mL/h"
	cytotoxic.Dose, cytotoxic.Volume = "60 mg/h", "13 mL"
	b.Report("pump", say(at(0), true, saline, cytotoxic))
	b.Report("pump", say(at(30), true, saline, cytotoxic))
	got := b.At([]string{"pump"}, at(60))
	if got.Agent != "DOXOrubicin" || got.Hazard != inventory.HazardCytotoxic || got.Caution != inventory.CautionHigh || got.Activity != protocols.Infusing {
		t.Errorf("the most hazardous of two running channels must speak: %+v", got)
	}
	if !got.Since.Equal(at(0)) || !got.ObservedAt.Equal(at(30)) || !got.ExpiresAt.Equal(at(630)) || got.Source != "hl7 test" {
		t.Errorf("since %v, observed %v, expires %v, source %q", got.Since, got.ObservedAt, got.ExpiresAt, got.Source)
	}
	if len(got.Channels) != 2 || got.Channels[0].Agent != "Sodium Chloride 0.9%" || got.Channels[1].Rate != "80 mL/h" ||
		got.Channels[1].Dose != "60 mg/h" || got.Channels[1].Volume != "13 mL" {
		t.Errorf("channels %+v", got.Channels)
	}
	if fewer := got.WithoutTherapy().Channels[1]; fewer != (inventory.ChannelUse{Name: "B", State: inUse, Activity: protocols.Infusing}) {
		t.Errorf("without therapy %+v", fewer)
	}
}

func TestCaution(t *testing.T) {
	for name, c := range map[string]struct {
		channel protocols.Channel
		want    inventory.Caution
	}{
		"saline":                        {channel("A", inUse, "saline"), inventory.CautionNormal},
		"cytotoxic":                     {channel("A", inUse, "DOXOrubicin"), inventory.CautionHigh},
		"cytotoxic on standby":          {channel("A", standby, "DOXOrubicin"), inventory.CautionHigh},
		"cytotoxic, state not known":    {channel("A", unknown, "DOXOrubicin"), inventory.CautionHigh},
		"cytotoxic, but off":            {channel("A", off, "DOXOrubicin"), inventory.CautionHigh}, // loaded, and may spill
		"breath":                        {protocols.Channel{State: inUse, Activity: protocols.Ventilating}, inventory.CautionHigh},
		"an examination":                {protocols.Channel{State: inUse, Activity: protocols.Examination}, inventory.CautionNormal},
		"breath, and its report is old": {protocols.Channel{State: unknown, Activity: protocols.Ventilating}, inventory.CautionHigh},
	} {
		b := usage.New(usage.Options{Hazard: hazard})
		b.Report("x", say(at(0), true, c.channel))
		if got := b.At([]string{"x"}, at(1)); got.Caution != c.want {
			t.Errorf("%s: %s; want %s", name, got.Caution, c.want)
		}
	}
}

// A dead mirror turns everything under it to unknown by itself.
func TestInvariant10SilentTapMakesUnknown(t *testing.T) {
	heard := map[string]time.Time{"t": at(0), "other": at(1000)}
	b := usage.New(usage.Options{Heard: func(_, tap string) time.Time { return heard[tap] }})
	b.Report("pump", say(at(0), true, channel("A", idle, "")))
	elsewhere := say(at(0), true, channel("A", idle, ""))
	elsewhere.Tap = "never"
	b.Report("monitor", elsewhere)
	for _, c := range []struct {
		key  string
		when time.Time
		want protocols.UseState
		says string
	}{
		{"pump", at(20), idle, ""},
		{"pump", at(21), unknown, "tap t has been silent since 2026-11-23T15:00:00Z"},
		{"monitor", at(1), unknown, "tap never has not been heard"},
	} {
		got := b.At([]string{c.key}, c.when)
		if got.State != c.want || !strings.HasPrefix(got.Why, c.says) {
			t.Errorf("%s at %v: %s %q; want %s %q", c.key, c.when, got.State, got.Why, c.want, c.says)
		}
	}
	heard["t"] = at(60)
	if got := b.At([]string{"pump"}, at(61)); got.State != idle {
		t.Errorf("the tap is heard again, and its last statement still holds: %s %q", got.State, got.Why)
	}
}

func TestExpiryNamesItsMoment(t *testing.T) {
	b := usage.New(usage.Options{})
	b.Report("pump", say(at(0), true, channel("A", inUse, "")))
	got := b.At([]string{"pump"}, at(700))
	if !strings.Contains(got.Why, "2026-11-23T15:10:00Z") || !got.Since.Equal(at(600)) {
		t.Errorf("why %q, since %v", got.Why, got.Since)
	}
	late := at(700).Add(usage.Forgotten)
	if got := b.At([]string{"pump"}, late); len(got.Channels) != 0 || got.State != unknown {
		t.Errorf("a channel that nobody named for a day is still shown: %+v", got)
	}
}

// A device that is made of several keys is idle only if every one of them is, and
// an examination that ends under one key ends under all.
func TestSeveralKeysAreOneDevice(t *testing.T) {
	b := usage.New(usage.Options{})
	b.Report("title", say(at(0), false, channel("procedure 1", inUse, "")))
	b.Report("address", say(at(0), true, channel("", idle, "")))
	keys := []string{"address", "title", "nobody"}
	if got := b.At(keys, at(1)); got.State != inUse {
		t.Errorf("before the end: %+v", got)
	}
	b.Report("address", say(at(60), false, protocols.Channel{Name: "procedure 1", Ended: true}))
	if got := b.At(keys, at(61)); got.State != idle || len(got.Channels) != 1 {
		t.Errorf("after the end: %+v", got)
	}
}

func TestBounds(t *testing.T) {
	b := usage.New(usage.Options{})
	for i := range usage.MaxChannels + 10 {
		b.Report("rack", say(at(i), false, channel(strings.Repeat("x", i+1), idle, "")))
	}
	if got := b.At([]string{"rack"}, at(100)); len(got.Channels) != usage.MaxChannels || got.State == idle {
		t.Errorf("%d channels, %s; want %d, and never idle", len(got.Channels), got.State, usage.MaxChannels)
	}
}

// TestOffIsOfTheWhole: that one part is off says nothing of the others.
func TestOffIsOfTheWhole(t *testing.T) {
	for complete, want := range map[bool]protocols.UseState{true: off, false: unknown} {
		b := usage.New(usage.Options{Hazard: hazard})
		b.Report("pump", say(at(0), complete, channel("A", off, "")))
		if got := b.At([]string{"pump"}, at(60)); got.State != want {
			t.Errorf("one channel off, all named %v: %s, want %s", complete, got.State, want)
		}
	}
}
