package snmp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/snmp"
)

// step is one datagram.
type step struct {
	from protocols.Direction
	b    []byte
}

func asks(b []byte) step    { return step{protocols.FromOpener, b} }
func answers(b []byte) step { return step{protocols.FromAcceptor, b} }

// listen plays datagrams of one conversation: 192.0.2.1 asks 192.0.2.2.
func listen(t testing.TB, steps ...step) *protocoltest.Heard {
	t.Helper()
	h := &protocoltest.Heard{}
	sink := h.Sink(protocols.SNMP)
	s := snmp.New().Open(protocols.Context{})
	for _, st := range steps {
		from, to := protocoltest.Ends(st.from)
		b := append([]byte(nil), st.b...)
		if s.Segment(protocols.Segment{When: protocoltest.Start(), Direction: st.from, From: from, To: to, Bytes: b}, sink) != 0 {
			t.Fatal("a datagram has nothing to skip")
		}
		clear(b) // they are the caller's again
	}
	s.Gap(protocols.FromOpener, 1, sink)
	s.Close(sink)
	for _, canary := range []string{"ZZ", "5a5a"} {
		if strings.Contains(h.Texts(), canary) {
			t.Errorf("a credential or a name gets through:\n%s", h.Print())
		}
	}
	return h
}

// said is what was stated, in short form: who, attribute and value.
func said(h *protocoltest.Heard) string {
	var all []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%d:%s=%s", o.Speaker.Addr.As4()[3], f.Attribute, f.Value))
		}
	}
	return strings.Join(all, " ")
}

var engine = []byte{0x80, 0, 0x1f, 0x88, 3, 0x02, 0, 0, 0, 0, 1}

const agent2 = "2:role=snmp-agent 2:role=snmp-clear-text-community"

// TestWhatIsStated: who says what of itself, and what says nothing.
func TestWhatIsStated(t *testing.T) {
	descr := object{"1.1.0", text("FUJIFILM FCR IRS Console A5.0 Windows 7 Embedded")}
	name := object{"1.5.0", text("FCRIRS05.example.org")}
	trapped := []object{{"1.3.0", element(0x43, []byte{1})}, {"1.3.6.1.6.3.1.1.4.1.0", oid(t, "1.3.6.1.6.3.1.1.5.1")}, name}
	from2, from9 := []byte{192, 0, 2, 2}, []byte{192, 0, 2, 9}
	failed := element(0x30, element(2, []byte{1}), text(community), operation(t, response, 17, name))
	for _, c := range []struct {
		name string
		step step
		want string
	}{
		{"a question", asks(v2(t, get, descr)), "1:role=snmp-manager"},
		{"a value that is set", asks(v2(t, set, name)), "1:role=snmp-manager"},
		{"an answer", answers(v2(t, response, descr, name)),
			agent2 + " 2:system_description=FUJIFILM FCR IRS Console A5.0 Windows 7 Embedded 2:hostname=FCRIRS05"},
		{"sysObjectID", answers(v2(t, response, object{"1.2.0", oid(t, "1.3.6.1.4.1.9.1.1208")})), agent2 + " 2:system_object_id=1.3.6.1.4.1.9.1.1208 2:enterprise_number=9"},
		{"sysObjectID of nobody", answers(v2(t, response, object{"1.2.0", oid(t, "0.0")})), agent2},
		{"the version of IOS", answers(v2(t, response, object{"1.1.0", text("Cisco IOS Software, C2960 Software (X), Version 15.2(7)E3, RELEASE\r\nZZ")})),
			agent2 + " 2:system_description=Cisco IOS Software, C2960 Software (X), Version 15.2(7)E3, RELEASE 2:software_version=15.2(7)E3"},
		{"sysContact", answers(v2(t, response, object{"1.4.0", text("ZZ Canary")})), agent2},
		{"a place", answers(v2(t, response, object{"1.6.0", text("Radiology Room 5")})), agent2 + " 2:location=Radiology Room 5"},
		{"a place with a person", answers(v2(t, response, object{"1.6.0", text("Room 5, call ZZ Canary")})), agent2},
		{"a place that nobody filled in", answers(v2(t, response, object{"1.6.0", text("<Unknown>")})), agent2},
		{"a place that is a number", answers(v2(t, response, object{"1.6.0", number(5)})), agent2},
		{"a name that is not there", answers(v2(t, response, object{"1.5.0", []byte{0x80, 0}})), agent2},
		{"a value of another row", answers(v2(t, response, object{"1.5.1", text("ZZROW")})), agent2},
		{"a refusal", answers(failed), agent2},
		{"an inform", asks(v2(t, inform, trapped...)), "1:role=snmp-agent 1:role=snmp-clear-text-community 1:hostname=FCRIRS05"},
		{"its confirmation", answers(v2(t, response, trapped...)), "2:role=snmp-receiver"},
		{"a trap", answers(v2(t, trapV2, trapped...)), agent2 + " 2:hostname=FCRIRS05"},
		{"a trap passed on", answers(v2(t, trapV2, append(trapped, object{"1.3.6.1.6.3.18.1.3.0", element(0x40, from9)})...)), agent2},
		{"a trap with its sender", answers(v2(t, trapV2, append(trapped, object{"1.3.6.1.6.3.18.1.3.0", element(0x40, from2)})...)), agent2 + " 2:hostname=FCRIRS05"},
		{"a trap of version 1", answers(v1Trap(t, "1.3.6.1.4.1.318", from2, name)), agent2 + " 2:enterprise_number=318 2:hostname=FCRIRS05"},
		{"one passed on", answers(v1Trap(t, "1.3.6.1.4.1.318", from9, name)), agent2},
		{"one of no address", answers(v1Trap(t, "1.3.6.1.4.1.318", make([]byte, 4), name)), agent2 + " 2:enterprise_number=318 2:hostname=FCRIRS05"},
		{"version 3, discovery", asks(v3(nil, 4, scoped(nil, operation(t, get, 0)))), "1:role=snmp-v3 1:role=snmp-manager"},
		{"version 3, report", answers(v3(engine, 0, scoped(engine, operation(t, report, 0)))), "2:role=snmp-v3 2:role=snmp-agent 2:snmp_engine_id=80001f8803020000000001 2:enterprise_number=8072"},
		{"version 3, a question", asks(v3(engine, 7, text("ZZSECRET"))), "1:role=snmp-v3"},
		{"version 3, an answer", answers(v3(engine, 3, text("ZZSECRET"))), "2:role=snmp-v3 2:snmp_engine_id=80001f8803020000000001 2:enterprise_number=8072"},
		{"version 3 in clear", answers(v3(engine, 1, scoped(engine, operation(t, response, 0, name)))), "2:role=snmp-v3 2:role=snmp-agent 2:snmp_engine_id=80001f8803020000000001 2:enterprise_number=8072 2:hostname=FCRIRS05"},
		{"version 3 for another engine", answers(v3(engine, 1, scoped([]byte("other"), operation(t, response, 0, name)))), "2:role=snmp-v3 2:role=snmp-agent"},
		{"version 3, an engine too long", answers(v3(make([]byte, 33), 1, scoped(nil, operation(t, report, 0)))), "2:role=snmp-v3 2:role=snmp-agent"},
	} {
		if got := said(listen(t, c.step)); got != c.want {
			t.Errorf("%s:\n  %s\nwant\n  %s", c.name, got, c.want)
		}
	}
}

// rows writes the cells of one column of the entity table.
func column(n int, cells ...string) (all []object) {
	for i, c := range cells {
		all = append(all, object{fmt.Sprintf("47.1.1.1.1.%d.%d", n, i+1), text(c)})
	}
	return all
}

func classes(of ...byte) (all []object) {
	for i, c := range of {
		all = append(all, object{fmt.Sprintf("47.1.1.1.1.5.%d", i+1), element(2, []byte{c})})
	}
	return all
}

// TestInvariant04RowsDoNotMix: a table that is walked column by column gives the
// chassis alone, and a stack is none of its units.
func TestInvariant04RowsDoNotMix(t *testing.T) {
	walk := func(class []byte) []step {
		var steps []step
		for _, objects := range [][]object{
			classes(class...), column(8, "V03", "A0", "V02"), column(10, "15.2(7)E3", "1.0", "1.1"),
			column(11, "FOC1234X0AB", "PSU00001", "SFP00001"), column(12, "Cisco", "Delta", "Finisar"), column(13, "WS-C2960X", "PWR-C2", "GLC-SX"),
		} {
			steps = append(steps, asks(v2(t, getBulk)), answers(v2(t, response, objects...)))
		}
		return steps
	}
	h := listen(t, walk([]byte{3, 6, 9})...)
	last := h.Observations[len(h.Observations)-1]
	want := map[protocols.Attribute]string{
		protocols.Manufacturer: "Cisco", protocols.Model: "WS-C2960X", protocols.SerialNumber: "FOC1234X0AB",
		protocols.HardwareVersion: "V03", protocols.SoftwareVersion: "15.2(7)E3",
	}
	if len(last.Facts) != len(want) {
		t.Errorf("%d facts, want %d:\n%s", len(last.Facts), len(want), h.Print())
	}
	for _, f := range last.Facts {
		if want[f.Attribute] != f.Value {
			t.Errorf("%s is %q", f.Attribute, f.Value)
		}
	}
	for class, why := range map[string]string{
		"\x0b\x03\x03": "a stack", "\x06\x03\x03": "two chassis", "\x06\x06\x09": "parts only",
	} {
		if h := listen(t, walk([]byte(class))...); h.Get(protocols.AboutSpeaker, protocols.SerialNumber) != "" {
			t.Errorf("%s has a serial number:\n%s", why, h.Print())
		}
	}
	if got := listen(t, walk([]byte{6, 3, 9})...).Get(protocols.AboutSpeaker, protocols.SerialNumber); got != "PSU00001" {
		t.Errorf("the one chassis, in the second row, has serial number %q", got)
	}
	if got := listen(t, answers(v2(t, response, column(11, "FOC1234X0AB", "PSU1")...))).Get(protocols.AboutSpeaker, protocols.SerialNumber); got != "FOC1234X0AB" {
		t.Errorf("the first row, of a class that nobody asked for, has serial number %q", got)
	}
}

// TestInvariant04AnEndSpeaksForItself: what both ends of a conversation tell of a table
// does not make one device.
func TestInvariant04AnEndSpeaksForItself(t *testing.T) {
	h := listen(t, answers(v2(t, response, column(13, "MODEL-A")...)), asks(v2(t, response, column(11, "SERIAL-1")...)))
	if got := said(h); strings.Contains(got, "1:model") || strings.Contains(got, "2:serial") {
		t.Error(got)
	}
}

// TestProducts: a printer and a UPS by their own tables; a print server's printers and
// processors are not the host.
func TestProducts(t *testing.T) {
	printer, processor := oid(t, "1.3.6.1.2.1.25.3.1.5"), oid(t, "1.3.6.1.2.1.25.3.1.3")
	for _, c := range []struct {
		name    string
		objects []object
		want    string
	}{
		{"printer", []object{{"25.3.2.1.2.1", printer}, {"25.3.2.1.3.1", text("HP LaserJet 4250")}, {"43.5.1.1.17.1", text("CNBXA12345")}},
			agent2 + " 2:model=HP LaserJet 4250 2:serial_number=CNBXA12345 2:device_type=mib:printer"},
		{"printer without a serial number", []object{{"25.3.2.1.2.1", printer}, {"43.5.1.1.17.1", text("unknown")}}, agent2 + " 2:device_type=mib:printer"},
		{"print server", []object{{"25.3.2.1.2.1", processor}, {"25.3.2.1.3.1", text("Intel64")}, {"25.3.2.1.2.2", printer}, {"25.3.2.1.3.2", text("HP LaserJet 4250")}, {"43.5.1.1.17.2", text("CNBXA12345")}}, agent2},
		{"UPS", []object{{"33.1.1.1.0", text("APC")}, {"33.1.1.2.0", text("Smart-UPS 1500")}, {"33.1.1.3.0", text("UPS 09.3")}, {"33.1.1.4.0", text("ZZAGENT")}},
			agent2 + " 2:manufacturer=APC 2:model=Smart-UPS 1500 2:firmware_version=UPS 09.3 2:device_type=mib:ups"},
	} {
		if got := said(listen(t, answers(v2(t, response, c.objects...)))); got != c.want {
			t.Errorf("%s:\n  %s\nwant\n  %s", c.name, got, c.want)
		}
	}
}

// TestOwnInterface: of the addresses of all interfaces, the one is the host's that the
// agent gives the address to from which it answers.
func TestOwnInterface(t *testing.T) {
	mac := func(last byte) []byte { return element(4, []byte{0, 0x12, 0x21, 0, 0, last}) }
	table := v2(t, response, object{"2.2.1.6.1", mac(1)}, object{"2.2.1.6.2", mac(2)}, object{"2.2.1.6.3", element(4, nil)})
	own := func(address string) []byte {
		return v2(t, response, object{"4.20.1.2." + address, element(2, []byte{2})})
	}
	if got := listen(t, answers(table)).Get(protocols.AboutSpeaker, protocols.HardwareAddress); got != "" {
		t.Errorf("without a table of addresses, %q is its own", got)
	}
	if got := listen(t, answers(table), answers(own("192.0.2.77"))).Get(protocols.AboutSpeaker, protocols.HardwareAddress); got != "" {
		t.Errorf("with another's address, %q is its own", got)
	}
	h := listen(t, answers(table), answers(own("192.0.2.2")), answers(table))
	if got := said(h); strings.Count(got, "mac=") != 1 || h.Get(protocols.AboutSpeaker, protocols.HardwareAddress) != "00:12:21:00:00:02" {
		t.Error(got)
	}
}

func TestProbe(t *testing.T) {
	whole := v2(t, response, object{"1.1.0", text(strings.Repeat("x", 300))})
	long := v2(t, response, object{"1.1.0", text(strings.Repeat("x", 300))}, object{"1.1.0", text(strings.Repeat("x", 300))})
	change := func(at int, to byte) []byte {
		b := append([]byte(nil), whole...)
		b[at] = to
		return b
	}
	for _, c := range []struct {
		name string
		on   protocols.Transport
		b    []byte
		want protocols.Verdict
	}{
		{"version 2c", protocols.UDP, whole, protocols.Yes},
		{"longer than is looked at", protocols.UDP, long[:protocols.ProbeLimit], protocols.Yes},
		{"version 1 trap", protocols.UDP, v1Trap(t, "1.3.6.1.4.1.9", make([]byte, 4)), protocols.Yes},
		{"version 3", protocols.UDP, v3(engine, 3, text("x")), protocols.Yes},
		{"over TCP", protocols.TCP, whole, protocols.No},
		{"an octet less", protocols.UDP, whole[:len(whole)-1], protocols.No},
		{"a version that is none", protocols.UDP, change(6, 2), protocols.No},
		{"an octet more", protocols.UDP, append(append([]byte(nil), whole...), 0), protocols.No},
		{"indefinite length", protocols.UDP, change(1, 0x80), protocols.No},
		{"another operation", protocols.UDP, change(7+2+len(community), 0xa9), protocols.No},
		{"the operation ends elsewhere", protocols.UDP, change(7+2+len(community)+3, 0), protocols.No},
		{"LDAP over UDP", protocols.UDP, element(0x30, element(2, []byte{1}), element(0x63, make([]byte, 30))), protocols.No},
		{"nothing", protocols.UDP, nil, protocols.No},
	} {
		if got := snmp.New().Probe(protocols.Opening{Transport: c.on, Bytes: c.b}); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

// TestInvariant07HostileMessages: each is an outcome, and what is stated stays bounded.
func TestInvariant07HostileMessages(t *testing.T) {
	name := object{"1.5.0", text("sw1")}
	nested := []byte{}
	for range 5000 {
		nested = element(0x30, nested)
	}
	var endless []object
	for range 2000 {
		endless = append(endless, name)
	}
	lie := v2(t, response, name)
	lie[len(lie)-5] = 0x7f // the value is longer than the message
	short := v2(t, response, name)
	short[1]-- // the message ends inside its operation
	for _, c := range []struct {
		name string
		b    []byte
		want protocols.Outcome
		says string
	}{
		{"nested", v2(t, response, object{"1.5.0", nested}), protocols.Parsed, agent2},
		{"nested from the outside", nested, protocols.Malformed, ""},
		{"a length that lies", lie, protocols.Malformed, ""},
		{"a message shorter than its operation", short, protocols.Malformed, ""},
		{"a length of four gigabytes", append([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, lie...), protocols.Truncated, ""},
		{"right to left", v2(t, response, object{"1.5.0", text("sw\u202e1")}, object{"1.1.0", text("a\u202eb")}, object{"1.6.0", text("r\u202e5")}), protocols.Parsed, agent2},
		{"control characters", v2(t, response, object{"1.1.0", text("\x1b[2J")}, object{"1.6.0", text("\x07")}), protocols.Parsed, agent2},
		{"a script as a name", v2(t, response, object{"1.5.0", text("<script>alert(1)</script>")}), protocols.Parsed, agent2},
		{"a name of 60,000 octets", v2(t, response, object{"1.5.0", text(strings.Repeat("a", 60000))}), protocols.Parsed, agent2},
		{"an object identifier that overflows", v2(t, response, object{"1.2.0", element(6, []byte{0x2b, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})}), protocols.Parsed, agent2},
		{"an object identifier without an end", v2(t, response, object{"1.2.0", element(6, []byte{0x2b, 6, 0x81})}), protocols.Parsed, agent2},
	} {
		h := listen(t, answers(c.b))
		if got := said(h); len(h.Outcomes) != 1 || h.Outcomes[0] != c.want || got != c.says {
			t.Errorf("%s: %v, %s", c.name, h.Outcomes, got)
		}
	}
	h := listen(t, answers(v2(t, response, endless...)))
	if h.Outcomes[0] != protocols.LimitReached || len(h.Observations) != 1 || len(h.Observations[0].Facts) > protocols.MaxFacts {
		t.Errorf("endless: %v, %d observations of %d facts", h.Outcomes, len(h.Observations), len(h.Observations[0].Facts))
	}
}

// TestInvariant07TablesAreBounded: a device that has no end of rows is remembered by the
// first of them.
func TestInvariant07TablesAreBounded(t *testing.T) {
	s := snmp.New().Open(protocols.Context{})
	sink := (&protocoltest.Heard{}).Sink(protocols.SNMP)
	from, to := protocoltest.Ends(protocols.FromAcceptor)
	for i := range 2000 {
		b := v2(t, response, object{fmt.Sprintf("2.2.1.6.%d", i+1), element(4, []byte{0, 0x12, 0x21, 0, byte(i >> 8), byte(i)})},
			object{fmt.Sprintf("47.1.1.1.1.5.%d", i+1), element(2, []byte{3})})
		s.Segment(protocols.Segment{Direction: protocols.FromAcceptor, From: from, To: to, Bytes: b}, sink)
	}
	if rows, interfaces := snmp.Kept(s); rows != 16 || interfaces != 512 {
		t.Errorf("keeps %d rows and %d interfaces", rows, interfaces)
	}
}
