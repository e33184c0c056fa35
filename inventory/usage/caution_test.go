package usage_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/inventory/usage"
	"github.com/auscult/auscult/protocols"
)

// What nobody knows asks for the highest caution: a drug that no list has, a drug
// library that is off, and plain fluid that was said too long ago.
func TestAgentUnknownIsTheHighestCaution(t *testing.T) {
	infusing := channel("A", inUse, "")
	for name, c := range map[string]struct {
		says    []inventory.Statement
		when    int
		hazard  inventory.Hazard
		caution inventory.Caution
	}{
		"plain fluid":                               {[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline"))}, 60, inventory.HazardPlainFluid, inventory.CautionNormal},
		"plain fluid, long ago":                     {[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline"))}, 601, inventory.HazardUnknown, inventory.CautionHigh},
		"a drug that no list has":                   {[]inventory.Statement{say(at(0), true, channel("A", inUse, "Xyzumab"))}, 60, inventory.HazardUnknown, inventory.CautionHigh},
		"the library is off":                        {[]inventory.Statement{say(at(0), true, infusing)}, 60, inventory.HazardUnknown, inventory.CautionHigh},
		"the library is off beside plain fluid":     {[]inventory.Statement{say(at(0), true, channel("A", inUse, ""), channel("B", inUse, "saline"))}, 60, inventory.HazardUnknown, inventory.CautionHigh},
		"the library goes off":                      {[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline")), say(at(60), true, infusing)}, 70, inventory.HazardUnknown, inventory.CautionHigh},
		"the library comes on":                      {[]inventory.Statement{say(at(0), true, infusing), say(at(60), true, channel("A", inUse, "saline"))}, 70, inventory.HazardPlainFluid, inventory.CautionNormal},
		"held, and it names its drug no more":       {[]inventory.Statement{say(at(0), true, channel("A", inUse, "DOXOrubicin")), say(at(60), true, channel("A", standby, ""))}, 70, inventory.HazardUnknown, inventory.CautionHigh},
		"held, with another channel's fluid":        {[]inventory.Statement{say(at(0), true, channel("A", standby, ""), channel("B", standby, "saline"))}, 60, inventory.HazardUnknown, inventory.CautionHigh},
		"idle with a dangerous drug":                {[]inventory.Statement{say(at(0), true, channel("A", idle, "DOXOrubicin"))}, 60, inventory.HazardCytotoxic, inventory.CautionHigh},
		"idle with a drug that no list has":         {[]inventory.Statement{say(at(0), true, channel("A", idle, "Xyzumab"))}, 60, inventory.HazardUnknown, inventory.CautionHigh},
		"idle with plain fluid":                     {[]inventory.Statement{say(at(0), true, channel("A", idle, "saline"))}, 60, inventory.HazardPlainFluid, inventory.CautionNormal},
		"off with a dangerous drug":                 {[]inventory.Statement{say(at(0), true, channel("A", off, "DOXOrubicin"))}, 60, inventory.HazardCytotoxic, inventory.CautionHigh},
		"idle, and was infusing":                    {[]inventory.Statement{say(at(0), true, channel("A", inUse, "DOXOrubicin")), say(at(60), true, channel("A", idle, ""))}, 70, inventory.HazardNone, inventory.CautionNormal},
		"what was not idle for sure":                {[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline")), say(at(60), true, channel("A", idle, ""))}, 661, inventory.HazardUnknown, inventory.CautionHigh},
		"a known danger tells more than an unknown": {[]inventory.Statement{say(at(0), true, channel("A", inUse, "Xyzumab"), channel("B", inUse, "DOXOrubicin"))}, 60, inventory.HazardCytotoxic, inventory.CautionHigh},
		"danger on a channel that is not the worst": {[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline"), channel("B", standby, "DOXOrubicin"))}, 60, inventory.HazardPlainFluid, inventory.CautionHigh},
		"a monitor gives nothing":                   {[]inventory.Statement{say(at(0), true, protocols.Channel{State: inUse, Activity: protocols.Monitoring})}, 60, inventory.HazardNone, inventory.CautionNormal},
		"nor does it when nobody hears it":          {[]inventory.Statement{say(at(0), true, protocols.Channel{State: inUse, Activity: protocols.Monitoring})}, 601, inventory.HazardNone, inventory.CautionNormal},
		"traffic alone says nothing":                {nil, 60, inventory.HazardNone, ""},
		"a pump of which every channel is forgotten": {
			[]inventory.Statement{say(at(0), true, channel("A", inUse, "saline"))}, 601 + int(usage.Forgotten/time.Second), inventory.HazardUnknown, inventory.CautionHigh,
		},
	} {
		b := usage.New(usage.Options{Hazard: hazard})
		for _, s := range c.says {
			b.Report("pump", s)
		}
		got := b.At([]string{"pump"}, at(c.when))
		if got.Hazard != c.hazard || got.Caution != c.caution {
			t.Errorf("%s: hazard %q, caution %q; want %q, %q (%+v)", name, got.Hazard, got.Caution, c.hazard, c.caution, got)
		}
		if c.says == nil && got.State != unknown {
			t.Errorf("%s: %s; without a statement the use is unknown", name, got.State)
		}
	}
}

// Without a list of drugs every one of them is unknown.
func TestWithoutAListEveryDrugIsUnknown(t *testing.T) {
	b := usage.New(usage.Options{})
	b.Report("pump", say(at(0), true, channel("A", inUse, "saline")))
	if got := b.At([]string{"pump"}, at(1)); got.Hazard != inventory.HazardUnknown || got.Caution != inventory.CautionHigh {
		t.Errorf("%+v", got)
	}
	b.Report("machine", say(at(0), true, protocols.Channel{State: inUse, Activity: protocols.Ventilating, Agent: "Sevoflurane"}))
	if got := b.At([]string{"machine"}, at(1)); got.Hazard != inventory.HazardUnknown {
		t.Errorf("%+v", got)
	}
}

// A channel that a complete report left out is not brought back by an older word
// that only comes later.
func TestLateWordOnAForgottenChannel(t *testing.T) {
	b := usage.New(usage.Options{})
	b.Report("pump", say(at(10), false, channel("A", standby, "")))
	b.Report("pump", say(at(120), true, channel("B", idle, "")))
	b.Report("pump", say(at(60), false, channel("A", idle, "")))
	if got := b.At([]string{"pump"}, at(130)); len(got.Channels) != 1 || got.State != idle {
		t.Errorf("%+v", got)
	}
}

// Statements count by their own time, and one of a time to come tells nothing: the
// clock was set back between it and the question. Nothing stale is ever idle.
func TestTimesThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		says []inventory.Statement
		when int
		want protocols.UseState
	}{
		"a late batch of idle does not end what runs":    {[]inventory.Statement{say(at(600), true, channel("A", inUse, "")), say(at(0), true, channel("A", idle, ""))}, 610, inUse},
		"a late batch of running does not start it":      {[]inventory.Statement{say(at(600), true, channel("A", idle, "")), say(at(0), true, channel("A", inUse, ""))}, 610, idle},
		"a late batch that is over when it comes":        {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, 3600, unknown},
		"a late batch does not lengthen what expired":    {[]inventory.Statement{say(at(100), true, channel("A", idle, "")), say(at(50), true, channel("A", idle, ""))}, 701, unknown},
		"within the error of a clock":                    {[]inventory.Statement{say(at(60), true, channel("A", idle, ""))}, 0, idle},
		"idle of a time to come":                         {[]inventory.Statement{say(at(61), true, channel("A", idle, ""))}, 0, unknown},
		"in use of a time to come":                       {[]inventory.Statement{say(at(7200), true, channel("A", inUse, ""))}, 0, unknown},
		"one of two channels of a time to come":          {[]inventory.Statement{say(at(0), true, channel("A", idle, ""), channel("B", idle, "")), say(at(7200), false, channel("B", idle, ""))}, 10, unknown},
		"the very end of it":                             {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, 600, idle},
		"and then it is never idle again":                {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, 601, unknown},
		"nor a year later":                               {[]inventory.Statement{say(at(0), true, channel("A", idle, ""))}, 31_536_000, unknown},
		"a statement that holds for no time says of now": {[]inventory.Statement{{Protocol: protocols.HL7, When: at(0), Report: protocols.Report{Complete: true, Channels: []protocols.Channel{channel("A", idle, "")}}}}, 1, unknown},
	} {
		b := usage.New(usage.Options{})
		for _, s := range c.says {
			b.Report("pump", s)
		}
		got := b.At([]string{"pump"}, at(c.when))
		if got.State != c.want {
			t.Errorf("%s: %s (%s); want %s", name, got.State, got.Why, c.want)
		}
		if got.State == unknown && got.Why == "" {
			t.Errorf("%s: unknown without a reason", name)
		}
	}
}

// Each statement holds as long as its protocol says, and is said by whom it was.
func TestWhoSaidSoAndForHowLong(t *testing.T) {
	b := usage.New(usage.Options{Hazard: hazard})
	pump := say(at(0), false, channel("A", inUse, "heparin"))
	serial := inventory.Statement{Protocol: protocols.MEDIBUS, When: at(10), Report: protocols.Report{
		Channels: []protocols.Channel{{Name: "breath", State: standby}}, Valid: 2 * time.Minute, Source: "medibus status",
	}}
	b.Report("x", pump)
	b.Report("x", serial)
	got := b.At([]string{"x"}, at(60))
	if got.Source != "hl7 test" || !got.ObservedAt.Equal(at(0)) || !got.ExpiresAt.Equal(at(130)) || got.State != inUse {
		t.Errorf("the worst channel's words, until the first of all expires: %+v", got)
	}
	got = b.At([]string{"x"}, at(131))
	if got.State != inUse || got.Channels[1].State != unknown || !got.ExpiresAt.Equal(at(600)) {
		t.Errorf("the shorter one is over, the longer one is not: %+v", got)
	}
}

// Whatever the order in which statements come, they mean the same.
func TestAnyOrderMeansTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2026))
	states, names := []protocols.UseState{inUse, idle, standby, off, unknown}, []string{"A", "B", "C"}
	agents := []string{"", "", "saline", "DOXOrubicin", "Xyzumab"}
	for round := range 2000 {
		var says []inventory.Statement
		for i := range 5 {
			var channels []protocols.Channel
			whole := random.IntN(2) == 0 // and then it names them all
			for _, n := range names {
				if c := channel(n, states[random.IntN(len(states))], agents[random.IntN(len(agents))]); whole || random.IntN(3) > 0 {
					c.Ended = !whole && random.IntN(8) == 0
					channels = append(channels, c)
				}
			}
			says = append(says, say(at(i*200+random.IntN(100)), whole, channels...))
		}
		want := ""
		for range 6 {
			random.Shuffle(len(says), func(i, j int) { says[i], says[j] = says[j], says[i] })
			b := usage.New(usage.Options{Hazard: hazard})
			for _, s := range says {
				b.Report("pump", s)
			}
			text, err := json.Marshal([]inventory.Use{b.At([]string{"pump"}, at(1000)), b.At([]string{"pump"}, at(1450))})
			if err != nil {
				t.Fatal(err)
			}
			if got := timeless(string(text)); want == "" {
				want = got
			} else if got != want {
				t.Fatalf("round %d: in one order %s\nin another %s\n%+v", round, want, got, says)
			}
		}
	}
}

func BenchmarkAt(b *testing.B) {
	book := usage.New(usage.Options{Hazard: hazard})
	book.Report("pump", say(at(0), true, channel("A", inUse, "heparin"), channel("B", inUse, "saline"), channel("C", idle, "")))
	keys := []string{"pump"}
	b.ReportAllocs()
	for b.Loop() {
		_ = book.At(keys, at(60))
	}
}

// timeless leaves out since when a state holds: what was between is not known when
// a statement comes late.
func timeless(use string) string { return since.ReplaceAllString(use, "") }

var since = regexp.MustCompile(`"since":"[^"]*",?`)
