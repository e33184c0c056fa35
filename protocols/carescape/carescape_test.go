package carescape_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

const (
	place   = " location=ICU B-02(discovery 0.80) department=ICU(discovery 0.80)"
	made    = " manufacturer=GE Healthcare(discovery 0.65)"
	inUse   = " use=in-use/monitoring(carescape discovery, patient field not empty, 5m0s)"
	values1 = " use=in-use/monitoring(carescape numerics, 5m0s)"
)

func TestStatements(t *testing.T) {
	node := func(patient string) string { return place + made + " role=carescape-node(discovery 0.85)" + patient }
	monitor := place + made + " role=carescape-monitor(discovery 0.85)" + inUse
	numerics := " manufacturer=GE Healthcare(numerics 0.65) role=carescape-monitor(numerics 0.85)"
	elsewhere := netip.MustParseAddr("198.51.100.7")
	cases := []struct {
		name string
		said said
		want string
	}{
		{"nobody admitted", said{data: announce(bedside, "ICU|B-02", "")}, "speaker 192.0.2.10" + node("")},
		{"a patient", said{data: announce(bedside, "ICU|B-02", "QQCANARY,A")}, "speaker 192.0.2.10" + monitor},
		{"a patient with an umlaut", said{data: announce(bedside, "ICU|B-02", "ÄQQCANARY")}, "speaker 192.0.2.10" + monitor},
		{"a name that fills the field", said{data: announce(bedside, "ICU|B-02", "QQCANARYCANARY")}, "speaker 192.0.2.10" + monitor},
		{"only the comma", said{data: announce(bedside, "ICU|B-02", " , ")}, "speaker 192.0.2.10" + node("")},
		{"for another address", said{data: announce(elsewhere, "ICU|B-02", "")}, "198.51.100.7 by 192.0.2.10" + node("")},
		{"a place with umlauts", said{data: announce(bedside, "IÄ|BÖ", "")}, "speaker 192.0.2.10 location=IÄ BÖ(discovery 0.80) department=IÄ(discovery 0.80)" + made + " role=carescape-node(discovery 0.85)"},
		{"alarm", said{data: alert(bedside, "ICU|B-02", "CANARY AUSFALL")}, "speaker 192.0.2.10" + strings.ReplaceAll(place+made+" role=carescape-monitor(discovery 0.85)", "discovery", "alarm")},
		{"request", said{from: middle, data: ask("QQCANARY,A", "ICU|CENTRAL")}, "speaker 192.0.2.20 location=ICU CENTRAL(data request 0.80) department=ICU(data request 0.80) role=carescape-viewer(data request 0.85)\n" +
			"listener 192.0.2.20 role=carescape-called(data request 0.50)"},
		{"a heart rate", said{data: dash(80, none, none, none)}, "speaker 192.0.2.10" + numerics + values1},
		{"a respiration", said{data: dash(none, 12, none, none)}, "speaker 192.0.2.10" + numerics + values1},
		{"a saturation", said{data: dash(none, none, 97, none)}, "speaker 192.0.2.10" + numerics + values1},
		{"not connected", said{data: dash(none, none, none, none)}, "speaker 192.0.2.10" + numerics},
		{"an old pressure", said{data: dash(none, none, none, 120)}, "speaker 192.0.2.10" + numerics},
		{"a rate of zero", said{data: dash(0, none, none, none)}, "speaker 192.0.2.10" + numerics},
		{"a marked value", said{data: dash(0x800F, 0xFFFF, none, none)}, "speaker 192.0.2.10" + numerics},
		{"waveforms", said{data: curves(7, 100)}, "speaker 192.0.2.10" + strings.ReplaceAll(numerics, "numerics", "waveforms")},
		{"waveforms without leads", said{data: curves(7, 0x800F)}, "speaker 192.0.2.10" + strings.ReplaceAll(numerics, "numerics", "waveforms")},
	}
	for _, c := range cases {
		h := listen(t, c.said)
		if got := h.String(); got != c.want {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
		if len(h.outcomes) != 1 || h.outcomes[0] != protocols.Parsed || h.refused != 0 {
			t.Errorf("%s: outcomes %v, %d refused", c.name, h.outcomes, h.refused)
		}
	}
}

// TestInvariant04ServerOfBeds: who announces one bed, another, and the first again is
// none of them.
func TestInvariant04ServerOfBeds(t *testing.T) {
	at := func(seconds int, label, patient string) said {
		return said{after: time.Duration(seconds) * time.Second, data: announce(bedside, label, patient)}
	}
	moved := listen(t, at(0, "ICU|1", "QQCANARY"), at(10, "ICU|2", "QQCANARY"), at(20, "ICU|2", "QQCANARY"))
	if got := moved.String(); strings.Contains(got, "described") || strings.Count(got, "use=in-use") != 2 {
		t.Errorf("a monitor that was moved:\n%s", got)
	}
	server := listen(t, at(0, "TELE|1", ""), at(1, "TELE|2", ""), at(2, "TELE|3", ""), at(3, "TELE|4", ""), at(4, "TELE|5", ""), at(5, "TELE|1", "QQCANARY"), at(6, "TELE|2", ""), at(7, "TELE|2", ""))
	want := "described by 192.0.2.10 location=TELE 1(discovery 0.80) department=TELE(discovery 0.80) manufacturer=GE Healthcare(discovery 0.65) label=TELE 1(discovery 0.80)" + inUse +
		"\nspeaker 192.0.2.10 role=carescape-server(discovery 0.85)\ndescribed by 192.0.2.10 location=TELE 2(discovery 0.80)"
	if got := server.String(); !strings.Contains(got, want) {
		t.Errorf("a server states\n%s\nwithout\n%s", got, want)
	}
}

// TestNotTooOften: the same thing is said again after a minute, a new patient at once.
func TestNotTooOften(t *testing.T) {
	at := func(seconds int, b []byte) said {
		return said{after: time.Duration(seconds) * time.Second, data: b}
	}
	empty, taken := announce(bedside, "ICU|1", ""), announce(bedside, "ICU|1", "QQCANARY")
	for name, c := range map[string]struct {
		said []said
		want int
	}{
		"twice in a minute": {[]said{at(0, taken), at(10, taken)}, 1},
		"after a minute":    {[]said{at(0, taken), at(61, taken)}, 2},
		"a patient comes":   {[]said{at(0, empty), at(10, taken)}, 2},
		"two kinds":         {[]said{at(0, empty), at(1, alert(bedside, "ICU|1", "X"))}, 2},
	} {
		if h := listen(t, c.said...); len(h.observations) != c.want {
			t.Errorf("%s: %d observations, want %d\n%s", name, len(h.observations), c.want, h)
		}
	}
}

// TestOthersOnThePort: messages that nobody has described are passed over.
func TestOthersOnThePort(t *testing.T) {
	cut := announce(bedside, "ICU|1", "QQCANARY")
	h := listen(t, said{data: []byte("QQCANARY")}, said{data: cut[:80]}, said{data: nil}, said{data: append(cut, 0)})
	for _, o := range h.outcomes {
		if o != protocols.Unsupported {
			t.Errorf("outcomes %v", h.outcomes)
		}
	}
	if len(h.observations) != 0 {
		t.Errorf("states %s", h)
	}
}
