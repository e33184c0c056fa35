package hl7_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/hl7"
)

// TestInvariant10OnlyWhatHoldsNowIsUse: training, archives and backlogs say who a
// device is, and never that it is idle now. The wire is at 03:04:05 UTC.
func TestInvariant10OnlyWhatHoldsNowIsUse(t *testing.T) {
	header := func(stamp, processing string) string {
		return `MSH|^~\&|WARDGW|EXAMPLE|ENGINE|EXAMPLE|` + stamp + `||ORU^R01|1|` + processing + `|2.6`
	}
	obr := func(stamp string) string { return "OBR|1|||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|||" + stamp }
	idle, unknown := "1.1.1 idle complete=true", "1.1.1 unknown complete=true"
	row := func(word, stamp string) string {
		return "OBX|2|CWE|184508^MDC_PUMP_STAT^MDC|1.1.1.1|^pump-status-" + word + "||||||R|||" + stamp
	}
	cases := []struct{ name, header, obr, row, want string }{
		{"production", header("20260102030405", "P"), obr(""), row("ready", ""), idle},
		{"not said", header("", ""), obr(""), row("ready", ""), idle},
		{"training", header("20260102030405", "T"), obr(""), row("ready", ""), "nothing"},
		{"debugging", header("20260102030405", "D"), obr(""), row("ready", ""), "nothing"},
		{"out of an archive", header("20260102030405", "P^R"), obr(""), row("ready", ""), "nothing"},
		{"current processing", header("20260102030405", "P^T"), obr(""), row("ready", ""), idle},
		{"with its zone, now", header("20260101220405-0500", "P"), obr(""), row("ready", ""), idle},
		{"with its zone, a little late", header("20260102025000.123+0000", "P"), obr(""), row("ready", ""), idle},
		{"with its zone, too late", header("20260101214500-0500", "P"), obr(""), row("ready", ""), "nothing"},
		{"with its zone, too late and in use", header("20260101214500-0500", "P"), obr(""), row("infusing", ""), "nothing"},
		{"no zone, perhaps New York", header("20260101220405", "P"), obr(""), row("ready", ""), idle},
		{"no zone, perhaps Kathmandu", header("20260102084905", "P"), obr(""), row("ready", ""), idle},
		{"no zone, and no zone is like it", header("20260102014900", "P"), obr(""), row("ready", ""), "nothing"},
		{"no zone, older than all zones", header("20260101110405", "P"), obr(""), row("ready", ""), "nothing"},
		{"a day only", header("20260102", "P"), obr(""), row("ready", ""), idle},
		{"not a time", header("YESTERDAY", "P"), obr(""), row("ready", ""), idle},
		{"OBR-7 is old", header("20260102030405", "P"), obr("20260102000405"), row("ready", ""), unknown},
		{"OBR-7 is old, its zone named", header("20260102030405+0000", "P"), obr("20260101190405-0500"), row("ready", ""), unknown},
		{"OBR-7 in a zone that is not named", header("20260102030405+0000", "P"), obr("20260101220405"), row("ready", ""), idle},
		{"OBR-7 is old, and in use", header("20260102030405", "P"), obr("20260102000405"), row("infusing", ""), "1.1.1 in-use complete=true"},
		{"OBX-14 is old", header("20260102030405", "P"), obr("20260102030405"), row("ready", "20260102020405"), unknown},
		{"OBX-14 is new", header("20260102030405", "P"), obr("20260102020405"), row("ready", "20260102030400"), idle},
	}
	for _, c := range cases {
		o := pump(t, c.header, c.obr, root, c.row)
		if got := said(o.Report); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if facts(o, "device_type") == "" {
			t.Errorf("%s: it does not say who the device is", c.name)
		}
	}
}

// TestInvariant10BacklogWithinAConversation: a sender without zones is held
// against its own earlier messages.
func TestInvariant10BacklogWithinAConversation(t *testing.T) {
	wire := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)
	local := func(d time.Duration) string { return wire.Add(d).Format("20060102150405") }
	const hour, minute = time.Hour, time.Minute
	type step struct {
		after time.Duration // of the wire
		says  string
		want  string
	}
	cases := map[string][]step{
		"an hour-old one":            {{0, local(2 * hour), "idle"}, {minute, local(hour + minute), "nothing"}, {2 * minute, local(2*hour + 2*minute), "idle"}},
		"ten hours":                  {{0, local(2 * hour), "idle"}, {minute, local(-8 * hour), "nothing"}, {20 * minute, local(-8*hour + 19*minute), "nothing"}},
		"the end of summer time":     {{0, local(2 * hour), "idle"}, {minute, local(hour + minute), "nothing"}, {20 * minute, local(hour + 20*minute), "idle"}},
		"its start":                  {{0, local(hour), "idle"}, {minute, local(2*hour + minute), "idle"}, {2 * minute, local(2*hour + 2*minute), "idle"}},
		"a fast clock, and its zone": {{0, local(3*hour) + "+0000", "idle"}, {minute, local(2*hour) + "+0000", "nothing"}},
		"days only":                  {{0, "20261025", "idle"}, {10 * hour, "20261025", "idle"}},
	}
	for name, steps := range cases {
		h := &heard{}
		out := h.Sink(protocols.HL7)
		s := hl7.New().Open(protocols.Context{OpenerKnown: true})
		for i, st := range steps {
			h.Observations = nil
			header := `MSH|^~\&|WARDGW|EXAMPLE|ENGINE|EXAMPLE|` + st.says + `||ORU^R01|1|P|2.6`
			b := segment(bit{text: block(header, root, ready)})
			b.When = wire.Add(st.after)
			s.Segment(b, out)
			got := said(h.Observations[len(h.Observations)-1].Report)
			if !strings.Contains(got, st.want) {
				t.Errorf("%s, step %d: %s, want %s", name, i, got, st.want)
			}
		}
	}
}

// TestClocksAreBounded: a conversation with many programs keeps the clocks of a
// few, and goes on stating.
func TestClocksAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		b.WriteString(block(fmt.Sprintf(`MSH|^~\&|GW%d|EXAMPLE|ENGINE|EXAMPLE|20260102030405||ORU^R01|1|P|2.6`, i), root, ready))
	}
	reports := 0
	for _, o := range listen(0, bit{text: b.String()}).Observations {
		if o.Report != nil {
			reports++
		}
	}
	if reports != 40 {
		t.Errorf("%d reports, want 40", reports)
	}
}

// TestEquipmentStateThatWas: an instrument was idle at a time that is over.
func TestEquipmentStateThatWas(t *testing.T) {
	for at, want := range map[string]string{"20260102030400": "idle", "20260102010000": "unknown", "": "idle"} {
		h := listen(0, bit{text: block(`MSH|^~\&|TRACK|EXAMPLE|LAS|EXAMPLE|20260102030405||ESU^U01|1|P|2.5`, "EQU|TR-0001^Track Master|"+at+"|ID")})
		if got := h.Print(); !strings.Contains(got, `channel "" `+want) {
			t.Errorf("at %q:\n%s\nwant %s", at, got, want)
		}
	}
}
