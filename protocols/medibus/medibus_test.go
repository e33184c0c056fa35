package medibus_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/medibus"
)

var (
	evita   = identification("8053", "Evita XL", "07.04:04.03")
	host    = identification("0161", "ICU GATEWAY", "04.03")
	breaths = response(0x24, value(0xD6, "12")+value(0xB9, "6.1")+value(0xF0, "40"))
	idle    = response(0x24, value(0xD6, "0")+value(0xB9, "0.0")+value(0xF0, "21")+value(0x6B, "1013")+value(0x7D, "5"))
	standby = response(0x2A, text(0x20, "Adults")+text(0x1E, "Bereit"))
	mode    = response(0x2A, text(0x0E, "BIPAP")+text(0x20, "Adults"))
)

const (
	carrier = "speaker 192.0.2.10 role=medibus-carrier(requests and answers 0.90)\nlistener 192.0.2.10 role=medibus-collector(requests and answers 0.90)\n"
	line    = "described by 192.0.2.10 serial_line=tcp/4001(TCP port 0.75)"
	made    = " manufacturer=Dräger(requests and answers 0.60)"
	named   = line + made + " model=Evita XL(device identification 52H 0.80) software_version=07.04(device identification 52H 0.80) device_type=medibus:8053(device identification 52H 0.80)\n"
	inUse   = line + " use=in-use/ventilating(medibus measured data, 2m0s)\n"
)

func TestStatements(t *testing.T) {
	cases := []struct {
		name  string
		steps []step
		want  string
	}{
		{"a line from its beginning", []step{says(collector, command(0x51)), says(device, response(0x51, ""), command(0x52)), says(collector, host, command(0x52)), says(device, evita),
			says(collector, command(0x24)), says(device, breaths)}, "speaker 192.0.2.20 role=medibus-collector(requests and answers 0.90)\nlistener 192.0.2.20 role=medibus-carrier(requests and answers 0.50)\n" + named + inUse + "parsed 8"},
		{"only the device", []step{says(device, evita, breaths)}, carrier + named + inUse + "parsed 2"},
		{"only the device, from the middle", []step{says(device, []byte("12B9 6.14A\r"), breaths)}, carrier + line + made + "\n" + inUse + "parsed 1"},
		{"only the collector", []step{says(collector, host, command(0x24))}, "speaker 192.0.2.20 role=medibus-collector(requests and answers 0.90)\nlistener 192.0.2.20 role=medibus-carrier(requests and answers 0.50)\nparsed 2"},
		{"nobody asks for data", []step{says(collector, command(0x51), host), says(device, evita)}, "parsed 3"},
		{"the collector answers first", []step{says(collector, host), says(device, mode, evita)}, carrier + line + made + "\n" + named + "parsed 3"},
		{"curves among the octets", []step{says(device, scattered(join(evita, breaths)))}, carrier + named + inUse + "parsed 2"},
		{"marks of flow control", []step{says(device, join(evita[:9], []byte{0x13, 0x11}, evita[9:], breaths))}, carrier + named + inUse + "parsed 2"},
		{"a command inside a response", []step{says(device, join(breaths[:9], command(0x30), breaths[9:]))}, carrier + line + made + "\n" + inUse + "parsed 2"},
		{"a revision without a colon", []step{says(device, identification("8053", "Primus", "2.10"), mode)}, carrier + strings.NewReplacer("Evita XL", "Primus", "07.04", "2.10").Replace(named) + "parsed 2"},
		{"no name", []step{says(device, identification("8053", "", ""), mode)}, carrier + line + made + " device_type=medibus:8053(device identification 52H 0.80)\nparsed 2"},
		{"an empty answer", []step{says(device, response(0x52, ""), response(0x24, ""), response(0x4A, ""))}, "parsed 3"},
		{"another device is plugged in", []step{says(device, evita, mode, identification("8053", "V500", "1.0:6.00"))}, carrier + named + strings.NewReplacer("Evita XL", "V500", "07.04", "1.0").Replace(named) + "parsed 3"},
		{"settings, alarms, date, limits", []step{says(device, response(0x29, setting(0x4A, "66")+setting(0x4B, "77")), response(0x27, alarm('9', 0x9A, "CANARY")), response(0x28, "12:00:00 1-MAR-26"),
			response(0x25, value(0xD6, "5")))}, carrier + line + made + "\nparsed 4"},
	}
	for _, c := range cases {
		h := play(t, c.steps...)
		if got := h.String(); got != c.want || h.refused != 0 {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// scattered puts a curve behind each octet.
func scattered(b []byte) (all []byte) {
	for i, c := range b {
		all = append(all, c)
		all = append(all, record(uint16(i))...)
	}
	return all
}

func TestUse(t *testing.T) {
	dev := func(parts ...[]byte) []step { return []step{says(device, parts...)} }
	cases := []struct {
		name  string
		steps []step
		want  string
	}{
		{"breaths", dev(breaths), "in-use"},
		{"no breath", dev(idle), ""},
		{"no value", dev(response(0x24, value(0xD6, "")+value(0xB9, "----"))), ""},
		{"a negative value", dev(response(0x24, value(0x82, "-12"))), ""},
		{"page 2 has other codes", dev(response(0x2B, value(0xD6, "12"))), ""},
		{"curves only", dev(mode, record(1, 2), phase(1)), ""},
		{"standby of the mode", dev(standby), "standby"},
		{"standby of the device", dev(response(0x2A, text(0x54, ""))), "standby"},
		{"the word", dev(response(0x2A, text(0x99, "Standby"))), "standby"},
		{"the word in a sentence", dev(response(0x2A, text(0x99, "no standby"))), ""},
		{"a mode", dev(mode), ""},
		{"old values in standby", dev(standby, breaths), "standby"},
		{"no standby any more", dev(standby, mode, breaths), "standby in-use"},
		{"standby, and nobody asks again", []step{says(device, standby), later(31, says(device, breaths))}, "standby in-use"},
		{"breaths, then standby", dev(breaths, standby), "in-use standby"},
		{"the same again, too soon", []step{says(device, breaths), later(10, says(device, breaths)), later(31, says(device, breaths))}, "in-use in-use"},
		{"the collector's word is not the device's", []step{says(collector, command(0x24), breaths, standby)}, ""},
	}
	for _, c := range cases {
		if got := play(t, c.steps...).uses(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	changed := append([]byte{}, breaths...)
	changed[3] ^= 1
	cases := []struct {
		name  string
		steps []step
		want  string
	}{
		{"a changed octet", []step{says(device, changed, mode)}, "parsed 1 malformed 1"},
		{"a response without a checksum", []step{says(device, []byte{header, '\r'}, mode)}, "parsed 1 malformed 1"},
		{"small letters", []step{says(device, []byte("\x01\x24d638\r"))}, "malformed 1"},
		{"values of another length", []step{says(device, response(0x24, "D612"))}, "malformed 1"},
		{"values without codes", []step{says(device, response(0x24, "XX  12"))}, "malformed 1"},
		{"settings of another length", []step{says(device, response(0x29, "4A"))}, "malformed 1"},
		{"a text without an end", []step{says(device, response(0x2A, "1E0"))}, "malformed 1"},
		{"a text that is longer than the message", []step{says(device, response(0x2A, "1E9abc\x03"))}, "malformed 1"},
		{"an identification without apostrophes", []step{says(device, response(0x52, "8053 Evita"))}, "malformed 1"},
		{"an identification with a long name", []step{says(device, identification("8053", strings.Repeat("x", 41), ""))}, "malformed 1"},
		{"an identification without a number", []step{says(device, identification("80X3", "Evita", ""))}, "malformed 1"},
		{"an unknown response", []step{says(device, response(0x77, "QQCANARY"))}, "unsupported 1"},
		{"an unknown command", []step{says(collector, command(0x77))}, "unsupported 1"},
		{"too long", []step{says(device, response(0x28, strings.Repeat("x", medibus.MaxFrame)), mode)}, "parsed 1 limit 1"},
		{"broken off", []step{says(device, breaths[:9], []byte{0x18}, mode)}, "parsed 1 truncated 1"},
		{"a response begins in another", []step{says(device, breaths[:9], mode)}, "parsed 1 truncated 1"},
		{"responses that lost their ends", []step{says(device, breaths[:9], standby[:7], mode)}, "parsed 1 truncated 2"},
		{"nothing is left of what was broken off", []step{says(device, breaths[:9], []byte{0x18}, []byte("\r"))}, "truncated 1"},
		{"a text with another end", []step{says(device, response(0x2A, "1E3abcX"))}, "malformed 1"},
		{"a hole", []step{says(device, breaths[:9]), {by: device, hole: true, data: join(breaths[12:], mode)}}, "parsed 1 truncated 1"},
		{"the end inside a response", []step{says(device, mode, breaths[:9])}, "parsed 1 truncated 1"},
		{"octets between frames", []step{says(device, []byte("hello\r\n"), mode, []byte("hello\r"))}, "parsed 1"},
	}
	for _, c := range cases {
		if got := play(t, c.steps...).counts(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestInvariant04LineIsTheKey: the device is known by its line, whichever end has
// called the other; the address is the serial server's.
func TestInvariant04LineIsTheKey(t *testing.T) {
	var got []protocols.Observation
	out := protocols.NewSink(protocols.MEDIBUS, func(o protocols.Observation) { got = append(got, o) }, nil, nil)
	s := medibus.New().Open(protocols.Context{})
	s.Segment(protocols.Segment{When: start, From: protocols.Endpoint{Port: 51000}, To: protocols.Endpoint{Port: 4002}, Bytes: breaths}, out)
	for _, o := range got {
		if o.About.Kind == protocols.AboutDescribed && o.Facts[0].Value != "tcp/4002" {
			t.Errorf("the line is %s", o.Facts[0].Value)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d observations", len(got))
	}
}

// TestCorruptResponsesStateNothing: no identity and no use comes from a response
// whose checksum does not fit.
func TestCorruptResponsesStateNothing(t *testing.T) {
	for _, b := range [][]byte{evita, breaths, standby} {
		for at := 2; at < len(b)-1; at++ {
			c := append([]byte{}, b...)
			c[at] ^= 0x10
			h := play(t, says(device, c))
			if h.outcomes[protocols.Parsed] > 0 || len(h.observations) > 0 {
				t.Errorf("octet %d changed: %s", at, h)
			}
		}
	}
}
