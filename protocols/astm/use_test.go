package astm_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

func sentAt(purpose, processing, sent, measured string) string {
	return lines(fmt.Sprintf(`H|\^&|||c311^1|||||host|%s|%s|1|%s`, purpose, processing, sent),
		"O|1|CANARY", "R|1|^^^685|CANARY|U/l||A||F||||"+measured+"|P1", end)
}

// ordered is a result whose only time stands in a field of its order.
func ordered(field int, when string) string {
	return lines(`H|\^&|||c311^1|||||host||P|1`, "O|1|CANARY"+strings.Repeat("|", field-3)+when+"|", "R|1|^^^685|CANARY|U/l||A||F|||||P1", end)
}

// TestUse: results say that their sender measures, unless something says that they
// were not measured just now.
func TestUse(t *testing.T) {
	cases := []struct {
		name, text string
		want       bool
	}{
		{"no times: it may have waited", sentAt("RSUPL^REAL", "P", "", ""), false},
		{"just measured", sentAt("RSUPL^REAL", "P", "20260102115900", "20260102115500"), true},
		{"no seconds", sentAt("", "P", "202601021159", "202601021155"), true},
		{"quality control", sentAt("", "Q", "20260102115900", "20260102115500"), true},
		{"hours before it was sent", sentAt("", "P", "20260102115900", "20260102085500"), false},
		{"another zone", sentAt("", "P", "20260102005900", "20260102005500"), true},
		{"no zone is so far behind", sentAt("", "P", "20260101205900", "20260101205500"), false},
		{"no zone is so far ahead", sentAt("", "P", "20260103025900", ""), false},
		{"a clock that was never set", sentAt("", "P", "20000101000100", "20000101000000"), false},
		{"no such time", sentAt("", "P", "20269999999999", "2026"), false},
		{"reported long ago", ordered(23, "20240203132011"), false},
		{"reported just now", ordered(23, "20260102115900"), true},
		{"received long ago", ordered(15, "20240203132011"), false},
		{"received just now", ordered(15, "20260102115900"), true},
		{"collected just now", ordered(8, "20260102115900"), true},
		{"ordered long ago", ordered(7, "20240203132011"), false},
		{"sent now, reported long ago", strings.Replace(ordered(23, "20240203132011"), "|P|1", "|P|1|20260102115900", 1), false},
		{"begun long ago", lines(`H|\^&|||c311^1`, "R|1|^^^685|CANARY|U/l||A||F|||20240203132011||P1", end), false},
		{"training", sentAt("", "T", "", ""), false},
		{"debugging", sentAt("", "D", "", ""), false},
		{"stored, sent on demand", sentAt("RSUPL^BATCH", "P", "", ""), false},
		{"on demand, and new", sentAt("RSUPL^BATCH", "P", "20260102115900", "20260102115500"), true},
		{"no value", lines(`H|\^&|||c311^1`, "R|1|", end), false},
		{"a query", lines(`H|\^&|||c311^1`, "Q|1|^CANARY||ALL", end), false},
		{"an order", lines(`H|\^&|||c311^1`, "O|1|CANARY||^^^685", end), false},
	}
	for _, c := range cases {
		h := listen(0, forward(c.text))
		if got := h.Uses(protocols.AboutSpeaker) == 1; got != c.want {
			t.Errorf("%s: %v\n%s", c.name, got, h.Print())
		}
		for _, o := range h.Observations {
			if r := o.Report; r != nil && (r.Valid != 10*time.Minute || r.Channels[0].Activity != protocols.Analysing || r.Channels[0].State != protocols.InUse) {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// TestABacklogIsNotUse: what lags behind the sender's own earlier messages has
// waited somewhere; a clock that is set back by an hour is believed in the end.
func TestABacklogIsNotUse(t *testing.T) {
	at := func(wire, clock int) bit { // minutes behind noon
		return bit{text: sentAt("", "P", noon.Add(time.Duration(clock)*time.Minute).Format("20060102150405"), ""), when: noon.Add(time.Duration(wire) * time.Minute)}
	}
	cases := []struct {
		name string
		bits []bit
		uses int
	}{
		{"in step", []bit{at(0, 0), at(30, 30), at(60, 61)}, 3},
		{"one waited", []bit{at(0, 0), at(60, 20), at(61, 61)}, 2},
		{"summer time ends", []bit{at(0, 0), at(60, 0), at(65, 5), at(80, 20)}, 2},
	}
	for _, c := range cases {
		if h := listen(0, c.bits...); h.Uses(protocols.AboutSpeaker) != c.uses {
			t.Errorf("%s: %d, want %d\n%s", c.name, h.Uses(protocols.AboutSpeaker), c.uses, h.Print())
		}
	}
}

// TestRoles: who asks, who orders, who takes.
func TestRoles(t *testing.T) {
	taken := []bit{forward("\x05"), answer("\x06"), forward(frame(1, lines(header, result, end), true)), answer("\x06"), forward("\x04")}
	last := frame(1, lines(header, result, end), true)
	h := listen(0, append(taken, forward("\x05"+last+"\x04"))...)
	confident := false
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			confident = confident || o.About.Kind == protocols.AboutListener && f.Value == string(protocols.RoleASTMResultReceiver) && f.Confidence >= 0.9
		}
	}
	if !confident {
		t.Errorf("a receiver that takes frames is no sure one:\n%s", h.Print())
	}
	// Acknowledgements alone say nothing.
	if h := listen(0, answer(strings.Repeat("\x06", 50)+"\x15")); len(h.Observations)+len(h.Outcomes) != 0 {
		t.Error(h.Print())
	}
	// A host that orders under an instrument's name is not that instrument.
	h = listen(0, answer(lines(header, "P|1|CANARY", "O|1|CANARY||^^^Alb", end)))
	if got := h.Get(protocols.AboutSpeaker, model) + h.Get(protocols.AboutSpeaker, protocols.RoleOf); got != "" {
		t.Errorf("%q\n%s", got, h.Print())
	}
}

// TestInvariant04MiddlewareIsNoneOfItsInstruments: it names them in its results,
// and does not measure itself. One name that no family has may be its own.
func TestInvariant04MiddlewareIsNoneOfItsInstruments(t *testing.T) {
	from := func(sender string, instruments ...string) string {
		text := []string{`H|\^&|||` + sender + `|||||LIS||P|1|20260102115900`}
		for _, i := range instruments {
			text = append(text, "R|1|^^^K|CANARY|mmol/L||||F||||20260102115800|"+i)
		}
		return lines(append(text, end)...)
	}
	for _, c := range []struct {
		name  string
		bits  []bit
		relay bool
		own   int // reports of the sender
		named int // reports of instruments
	}{
		{"of a known family", []bit{forward(from("IM^9", "XN-1000^11"))}, true, 0, 1},
		{"two of no family", []bit{forward(from("IM^9", "c501^22", "c502^23"))}, true, 0, 2},
		{"one after the other", []bit{forward(from("IM^9", "c501^22")), forward(from("IM^9", "c502^23"))}, true, 1, 1},
		{"always one of no family", []bit{forward(from("IM^9", "c501^22")), forward(from("IM^9", "c501^22^7"))}, false, 2, 0},
		{"a place", []bit{forward(from("IM^9", "P1", "P2"))}, false, 1, 0},
		{"no number", []bit{forward(from("IM^9", "a^b", "c^d"))}, false, 1, 0},
		{"a sender that is known", []bit{forward(from("c311^1", "XN-1000^11"))}, false, 1, 0},
	} {
		h := listen(0, c.bits...)
		relay := strings.Contains(h.Print(), string(protocols.RoleASTMRelay))
		if relay != c.relay || h.Uses(protocols.AboutSpeaker) != c.own || h.Uses(protocols.AboutDescribed) != c.named {
			t.Errorf("%s: relay %v\n%s", c.name, relay, h.Print())
		}
	}
}
