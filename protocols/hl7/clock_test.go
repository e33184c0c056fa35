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
		{"not said", header("", ""), obr(""), row("ready", ""), unknown},
		{"training", header("20260102030405", "T"), obr(""), row("ready", ""), "nothing"},
		{"debugging", header("20260102030405", "D"), obr(""), row("ready", ""), "nothing"},
		{"out of an archive", header("20260102030405", "P^R"), obr(""), row("ready", ""), "nothing"},
		{"current processing", header("20260102030405", "P^T"), obr(""), row("ready", ""), idle},
		{"with its zone, now", header("20260101220405-0500", "P"), obr(""), row("ready", ""), idle},
		{"with its zone, a little late", header("20260102025000.123+0000", "P"), obr(""), row("ready", ""), idle},
		{"with its zone, too late", header("20260101214500-0500", "P"), obr(""), row("ready", ""), "nothing"},
		{"with its zone, too late and in use", header("20260101214500-0500", "P"), obr(""), row("infusing", ""), "nothing"},
		{"no zone, perhaps New York", header("20260101220405", "P"), obr(""), row("ready", ""), unknown},
		{"no zone, perhaps Kathmandu", header("20260102084905", "P"), obr(""), row("ready", ""), unknown},
		{"no zone, and no zone is like it", header("20260102014900", "P"), obr(""), row("ready", ""), "nothing"},
		{"no zone, older than all zones", header("20260101110405", "P"), obr(""), row("ready", ""), "nothing"},
		{"a day only", header("20260102", "P"), obr(""), row("ready", ""), unknown},
		{"not a time", header("YESTERDAY", "P"), obr(""), row("ready", ""), unknown},
		{"OBR-7 is old", header("20260102030405", "P"), obr("20260102000405"), row("ready", ""), unknown},
		{"OBR-7 is old, its zone named", header("20260102030405+0000", "P"), obr("20260101190405-0500"), row("ready", ""), unknown},
		{"OBR-7 in a zone that is not named", header("20260102030405+0000", "P"), obr("20260101220405"), row("ready", ""), idle},
		{"OBR-7 is old, and in use", header("20260102030405", "P"), obr("20260102000405"), row("infusing", ""), "1.1.1 in-use complete=true"},
		{"OBX-14 is old", header("20260102030405", "P"), obr("20260102030405"), row("ready", "20260102020405"), unknown},
		{"OBX-14 is no time", header("20260102030405", "P"), obr(""), row("ready", "2026-01-01T03:04:05+00:00"), unknown},
		{"no time, and in use", header("", "P"), obr(""), row("infusing", ""), "1.1.1 in-use complete=true"},
		{"with its zone, ahead", header("20260102032405+0000", "P"), obr(""), row("ready", ""), unknown},
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
		"an hour-old one": {{0, local(2 * hour), "unknown"}, {minute, local(hour + minute), "nothing"}, {2 * minute, local(2*hour + 2*minute), "idle"}},
		"ten hours":       {{0, local(2 * hour), "unknown"}, {minute, local(-8 * hour), "nothing"}, {20 * minute, local(-8*hour + 19*minute), "nothing"}},
		"the end of summer time": {{0, local(2 * hour), "unknown"}, {minute, local(hour + minute), "nothing"}, {20 * minute, local(hour + 20*minute), "unknown"},
			{23 * minute, local(hour + 23*minute), "idle"}},
		"its start": {{0, local(hour), "unknown"}, {minute, local(2*hour + minute), "unknown"}, {2 * minute, local(2*hour + 2*minute), "unknown"},
			{3 * minute, local(2*hour + 3*minute), "idle"}},
		"sent on in haste":           {{0, local(-8 * hour), "unknown"}, {3 * minute, local(-8*hour + 11*minute), "unknown"}, {4 * minute, local(-8*hour + 25*minute), "unknown"}},
		"a fast clock, and its zone": {{0, local(3*hour) + "+0000", "unknown"}, {minute, local(2*hour) + "+0000", "nothing"}},
		"days only":                  {{0, "20261025", "unknown"}, {10 * hour, "20261025", "unknown"}},
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

// TestAReportIsOfItsOwnTime: what was kept and sent on is as old as it says, and what a
// row says is as old as the row. A clock that goes wrong by the same all the time is not
// taken for delay once that is seen.
func TestAReportIsOfItsOwnTime(t *testing.T) {
	wire := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stamp := func(d time.Duration, zone string) string { return wire.Add(d).Format("20060102150405") + zone }
	old := strings.Replace(ready, "||||||R", "||||||R|||"+stamp(-4*time.Minute, "+0000"), 1)
	for name, c := range map[string]struct {
		says []string // a message each second
		row  string
		want time.Duration // of the last, before its arrival
	}{
		"at once":              {[]string{stamp(0, "+0000")}, ready, 0},
		"ten minutes":          {[]string{stamp(-10*time.Minute, "+0000")}, ready, 10 * time.Minute},
		"behind a newer one":   {[]string{stamp(0, "+0000"), stamp(-9*time.Minute, "+0000")}, ready, 9*time.Minute + time.Second},
		"without zones":        {[]string{stamp(0, ""), stamp(-9*time.Minute, "")}, ready, 9*time.Minute + time.Second},
		"a fast clock":         {[]string{stamp(5*time.Minute, "+0000"), stamp(-3*time.Minute, "+0000")}, ready, 8*time.Minute + time.Second},
		"a row of earlier":     {[]string{stamp(0, "+0000")}, old, 4 * time.Minute},
		"late, and its row is": {[]string{stamp(-2*time.Minute, "+0000")}, old, 4 * time.Minute},
	} {
		h := &heard{}
		out := h.Sink(protocols.HL7)
		s := hl7.In(time.UTC).Open(protocols.Context{OpenerKnown: true})
		for i, says := range c.says {
			b := segment(bit{text: block(`MSH|^~\&|WARDGW|EXAMPLE|ENGINE|EXAMPLE|`+says+`||ORU^R01|1|P|2.6`, root, c.row)})
			b.When = wire.Add(time.Duration(i) * time.Second)
			s.Segment(b, out)
		}
		last := h.Observations[len(h.Observations)-1]
		if last.Report == nil {
			t.Errorf("%s: no report", name)
			continue
		}
		if got := last.When.Sub(last.Report.At); (got - c.want).Abs() > 2*time.Second {
			t.Errorf("%s: %v before its arrival, want %v", name, got, c.want)
		}
	}
}

// TestTheZoneOfTheSite: a clock that names no zone is understood where it keeps that of
// the site, by summer and by winter.
func TestTheZoneOfTheSite(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Skip(err)
	}
	for says, want := range map[string]string{"20260102040405": "idle", "20260102030405": "unknown", "20260102033405": "unknown"} {
		h := &heard{}
		s := hl7.In(vienna).Open(protocols.Context{OpenerKnown: true})
		s.Segment(segment(bit{text: block(`MSH|^~\&|WARDGW|EXAMPLE|ENGINE|EXAMPLE|`+says+`||ORU^R01|1|P|2.6`, root, ready)}), h.Sink(protocols.HL7))
		if got := said(h.Observations[len(h.Observations)-1].Report); !strings.Contains(got, want) {
			t.Errorf("%s in Vienna: %s, want %s", says, got, want)
		}
	}
}
