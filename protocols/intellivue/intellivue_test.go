package intellivue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
)

// The attributes of a monitor.
var (
	model    = ava(0x0928, ascii("Philips"), ascii("M8007A"))
	specs    = ava(0x092D, counted(spec(1, 8, "DE22700001"), spec(2, 8, "M8007A"), spec(3, 8, " B.00.05"), spec(5, 0x78, "--------"), spec(2, 0x58, "S-M4046-1701A "), spec(4, 0x58, "G.01.78 ")))
	address  = ava(0xF100, []byte{0, 9, 0xFB, 1, 2, 3}, []byte{192, 0, 2, 10}, []byte{255, 255, 255, 0})
	ports    = ava(0xF101, counted(word(1, 1, 24105, 0), word(5, 1, 24105, 0x8000)))
	system   = ava(0x0984, sized([]byte{0, 9, 0xFB, 1, 2, 3}))
	kind     = ava(0x0986, word(1, 0x114D))
	language = ava(0x0937, word(0x0608, 0x0608, 1, 11))
	bed      = ava(0x091E, wide("ICU 07 ÄÖ"))
)

func mode(bits uint16) []byte    { return ava(0x0946, word(bits)) }
func status(code uint16) []byte  { return ava(0x09A7, word(code)) }
func patient(code uint16) []byte { return ava(0x0957, word(code)) }

func demographics(code uint16) []byte {
	return pollResult(42, poll{0, [][]byte{observed(1, append(canaries("A"), patient(code))...)}})
}

func numerics(context, state uint16, value uint32) []byte {
	return pollResult(6, poll{context, [][]byte{observed(2, ava(0x0950, number(state, value)))}})
}

func TestStatements(t *testing.T) {
	const self = "role=intellivue-monitor(data export 0.90)"
	cases := []struct {
		name string
		by   protocols.Direction
		data []byte
		want string
	}{
		{"announcement", monitor, announce(append(canaries("B"), model, specs, address, ports, kind, language)...), "speaker 192.0.2.10 manufacturer=Philips(System Model 0928 0.95) model=M8007A(System Model 0928 0.95)" +
			" serial_number=DE22700001(Production Specification 092D 0.95) part_number=M8007A(Production Specification 092D 0.95) hardware_version=B.00.05(Production Specification 092D 0.95)" +
			" software_version=G.01.78(Production Specification 092D 0.95) mac=00:09:fb:01:02:03(Network Address F100 0.95) ip=192.0.2.10(Network Address F100 0.80) device_type=mdc:69965(System Type 0986 0.95) " + self},
		{"created", monitor, create(system, bed, ava(0x090D, word(2)), model), "speaker 192.0.2.10 manufacturer=Philips(System Model 0928 0.95) model=M8007A(System Model 0928 0.95)" +
			" mac=00:09:fb:01:02:03(System Id 0984 0.95) location=ICU 07 ÄÖ(Bed Label 091E 0.80) department=intensive care(Application Area 090D 0.40) " + self},
		{"EUI-64 without its length", monitor, create(ava(0x0984, []byte{0, 9, 0xFB, 0xFF, 0xFE, 1, 2, 3})), "speaker 192.0.2.10 eui64=0009FBFFFE010203(System Id 0984 0.95) " + self},
		{"software of the product where there is no other", monitor, create(ava(0x092D, counted(spec(4, 8, "A.1"), spec(4, 0x18, "Boot"), spec(1, 0x50, "BOARD"), spec(5, 0x78, "--------"), spec(5, 0x50, "F.2")))),
			"speaker 192.0.2.10 software_version=A.1(Production Specification 092D 0.95) firmware_version=F.2(Production Specification 092D 0.95) " + self},
		{"octets behind a specification and behind a label", monitor, create(ava(0x092D, counted(append(word(1, 8), sized([]byte("DE1\x00\x09\x00\x02\x00"))...)), []byte("rubbish"))),
			"speaker 192.0.2.10 serial_number=DE1(Production Specification 092D 0.95) " + self},
		{"confirmed", collector, createResult(), "speaker 192.0.2.20 role=intellivue-collector(data export 0.90)\nlistener 192.0.2.20 role=intellivue-called(data export 0.50)"},
		{"asked", collector, pollRequest(6), "speaker 192.0.2.20 role=intellivue-collector(data export 0.90)\nlistener 192.0.2.20 role=intellivue-called(data export 0.50)"},
		{"associating", collector, associate(0x0D), "speaker 192.0.2.20 role=intellivue-collector(data export 0.90)\nlistener 192.0.2.20 role=intellivue-called(data export 0.50)"},
		{"accepted", monitor, associate(0x0E), "speaker 192.0.2.10 " + self},
		{"ended", collector, release(), ""},
		{"a group address is nobody's", monitor, announce(ava(0xF100, []byte{1, 0, 0x5E, 1, 2, 3}, []byte{224, 0, 0, 1}, make([]byte, 4))), "speaker 192.0.2.10 " + self},
		{"a label of control characters", monitor, create(ava(0x0928, sized([]byte("P\x07")), ascii("")), ava(0x091E, sized(word(0xD800, 0x41)))), "speaker 192.0.2.10 " + self},
		{"a module is not the monitor", monitor, pollResult(33, poll{1, [][]byte{observed(1, model, specs, mode(0x4000))}}), "speaker 192.0.2.10 " + self},
	}
	for _, c := range cases {
		h := listen(t, said{by: c.by, data: c.data})
		if got := h.String(); got != c.want {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
		if len(h.outcomes) != 1 || h.outcomes[0] != protocols.Parsed || h.refused != 0 {
			t.Errorf("%s: outcomes %v, %d refused", c.name, h.outcomes, h.refused)
		}
	}
}

func TestUse(t *testing.T) {
	const nan = 0x007FFFFF
	first := func(b []byte) []said { return []said{{by: monitor, data: b}} }
	then := func(parts ...[]byte) (all []said) {
		for i, b := range parts {
			all = append(all, said{by: monitor, after: time.Duration(i) * time.Second, data: b})
		}
		return all
	}
	cases := []struct {
		name string
		said []said
		want string
	}{
		{"measures", first(numerics(0, 0, 80)), "in-use"},
		{"measures in a module", first(numerics(1, 0x0002, 80)), "in-use"},
		{"measures in a compound", first(pollResult(6, poll{0, [][]byte{observed(2, ava(0x094B, counted(number(0x8000, nan), number(0, 120))))}})), "in-use"},
		{"nothing valid", first(numerics(0, 0x8000, 80)), ""},
		{"unavailable", first(numerics(0, 0x2000, 80)), ""},
		{"no number", first(numerics(0, 0, nan)), ""},
		{"demonstration values", first(numerics(0, 0x0400, 80)), ""},
		{"test values", first(numerics(0, 0x0800, 80)), ""},
		{"monitoring, nobody admitted", first(create(mode(0x4000), status(6))), "unknown"},
		{"standby", first(create(mode(0x0002), status(6))), "standby"},
		{"demonstration", first(create(mode(0x2000), status(6))), "idle"},
		{"service", first(create(mode(0x1000), status(6))), "unknown"},
		{"configuration", first(create(mode(0x0001), status(6))), "unknown"},
		{"standby of a monitor that is not connected", first(create(mode(0x0002), status(0))), "unknown"},
		{"admitted", first(demographics(2)), "in-use"},
		{"empty", first(demographics(0)), "unknown"},
		{"pre-admitted", first(demographics(1)), "unknown"},
		{"discharged", first(demographics(8)), "unknown"},
		{"monitoring an admitted patient", then(create(mode(0x4000)), demographics(2)), "unknown in-use"},
		{"admitted in standby", then(create(mode(0x0002)), demographics(2)), "standby"},
		{"admitted in service", then(create(mode(0x1000)), demographics(2)), "unknown"},
		{"wakes from standby", then(create(mode(0x0002)), numerics(0, 0, 80)), "standby in-use"},
		{"goes into standby", then(numerics(0, 0, 80), create(mode(0x0002))), "in-use standby"},
		{"no real value ends a demonstration", then(create(mode(0x2000)), numerics(0, 0x0400, 80)), "idle"},
		{"discharged while values are fresh", then(demographics(2), numerics(0, 0, 80), demographics(8)), "in-use"},
		{"associated, and no word of a patient", then(associate(0x0E), create(model), pollResult(33)), ""},
	}
	for _, c := range cases {
		if got := listen(t, c.said...).uses(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestUseExpires: what was said of the mode and of a patient does not hold for ever,
// and the same thing is said again, not too often.
func TestUseExpires(t *testing.T) {
	at := func(after time.Duration, b []byte) said { return said{by: monitor, after: after, data: b} }
	cases := []struct {
		name string
		said []said
		want string
	}{
		{"an old mode is no reason", []said{at(0, create(mode(0x0002))), at(6*time.Minute, demographics(2))}, "standby in-use"},
		{"an old admission is no reason", []said{at(0, demographics(2)), at(20*time.Minute, create(mode(0x4000)))}, "in-use unknown"},
		{"again after a minute", []said{at(0, numerics(0, 0, 80)), at(30*time.Second, numerics(0, 0, 81)), at(61*time.Second, numerics(0, 0, 82))}, "in-use in-use"},
	}
	for _, c := range cases {
		if got := listen(t, c.said...).uses(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	h := listen(t, at(0, announce(model)), at(10*time.Second, announce(model)), at(20*time.Second, announce(model, specs)), at(90*time.Second, announce(model, specs)))
	if len(h.observations) != 3 {
		t.Errorf("an identity that is repeated:\n%s", h)
	}
}

// TestLinkedResults: each part holds whole objects, and is stated by itself.
func TestLinkedResults(t *testing.T) {
	part := func(state, count byte, objects ...[]byte) said {
		return said{by: monitor, data: linkedResult(state, count, 33, poll{0, objects})}
	}
	h := listen(t, part(1, 1, observed(1, model)), part(2, 2, observed(1, specs)), part(3, 3, observed(1, mode(0x0002), status(6))))
	for _, want := range []string{"model=M8007A", "serial_number=DE22700001", "use=standby"} {
		if !strings.Contains(h.String(), want) {
			t.Errorf("nothing says %s in\n%s", want, h)
		}
	}
	if last := listen(t, part(3, 3, observed(1, mode(0x0002), status(6)))); last.uses() != "standby" {
		t.Errorf("the last part alone: %s", last)
	}
}

func TestOutcomes(t *testing.T) {
	many := make([][]byte, 257)
	for i := range many {
		many[i] = ava(0x0001)
	}
	contexts := make([]poll, 65)
	objects := make([][]byte, 1025)
	for i := range objects {
		objects[i] = observed(1)
	}
	manySpecs := make([][]byte, 65)
	for i := range manySpecs {
		manySpecs[i] = spec(6, 8, "x")
	}
	whole := create(model, specs)
	cases := []struct {
		name string
		data []byte
		want protocols.Outcome
	}{
		{"cut", whole[:len(whole)-4], protocols.Truncated},
		{"cut in the headers", whole[:20], protocols.Malformed},
		{"lengths that do not agree", append(append([]byte{}, whole[:6]...), append([]byte{0, 1}, whole[8:]...)...), protocols.Malformed},
		{"attribute overruns", create(word(0x0928, 99, 1)), protocols.Malformed},
		{"model of one label", create(ava(0x0928, ascii("Philips"))), protocols.Malformed},
		{"mode of no octets", create(ava(0x0946)), protocols.Malformed},
		{"too many attributes", create(many...), protocols.LimitReached},
		{"too many contexts", pollResult(33, contexts...), protocols.LimitReached},
		{"too many objects", pollResult(33, poll{0, objects}), protocols.LimitReached},
		{"too many specifications", create(ava(0x092D, counted(manySpecs...))), protocols.Malformed},
		{"poll result without a list", export(operation(2, 7, join(object(0x21), word(0x0C16), sized(word(1))))), protocols.Truncated},
		{"unknown event", export(operation(1, 1, event(0x21, 0x0D99, nil))), protocols.Malformed},
		{"abort", []byte{0x19, 4, 0x11, 1, 3, 0xC1}, protocols.Parsed},
		{"other", []byte("hello"), protocols.Malformed},
		{"short", []byte{0xE1}, protocols.Malformed},
	}
	for _, c := range cases {
		h := listen(t, said{by: monitor, data: c.data})
		if fmt.Sprint(h.outcomes) != fmt.Sprint([]protocols.Outcome{c.want}) || c.want != protocols.Parsed && len(h.observations) != 0 {
			t.Errorf("%s: %v, want %v\n%s", c.name, h.outcomes, c.want, h)
		}
	}
}
