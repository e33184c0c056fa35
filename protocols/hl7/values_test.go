package hl7_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// pump returns what one message with these rows says of its device.
func pump(t *testing.T, header string, rows ...string) protocols.Observation {
	t.Helper()
	h := listen(0, bit{text: block(append([]string{header}, rows...)...)})
	for _, o := range h.Observations {
		if o.About.Kind == protocols.AboutDescribed && o.About.Component == "" {
			return o
		}
	}
	t.Fatalf("no device described:\n%s", h.Print())
	return protocols.Observation{}
}

// TestStatusWords states for each word of a pump what it means for whoever wants
// to work on it.
func TestStatusWords(t *testing.T) {
	cases := []struct {
		code, word string
		want       protocols.UseState
	}{
		{"184508^MDC_PUMP_STAT", "pump-status-infusing", protocols.InUse},
		{"184508^MDC_PUMP_STAT", "pump-status-kvo", protocols.InUse},
		{"184508^MDC_PUMP_STAT", "pump-status-ready", protocols.Idle},
		{"184508^MDC_PUMP_STAT", "pump-status-standby", protocols.Standby},
		{"184508^MDC_PUMP_STAT", "pump-status-paused", protocols.Standby},
		{"184508^MDC_PUMP_STAT", "pump-status-stopped", protocols.Standby},
		{"184508^MDC_PUMP_STAT", "pump-status-priming", protocols.UnknownUse},
		{"184508^MDC_PUMP_STAT", "Infusing", protocols.InUse},
		{"184519^MDC_PUMP_INFUSING_STATUS", "pump-status-not-infusing", protocols.Standby},
		{"158005^MDC_PUMP_CURRENT_DELIVERY_STATUS", "pump-status-delivering", protocols.InUse},
		{"158005^MDC_PUMP_CURRENT_DELIVERY_STATUS", "pump-status-transitioning", protocols.UnknownUse},
		{"158006^MDC_PUMP_NOT_DELIVERING_REASON", "pump-stopped-powered-off", protocols.Off},
		{"158006^MDC_PUMP_NOT_DELIVERING_REASON", "pump-stopped-anything", protocols.Standby},
		{"2::53436^MDC_PUMP_STAT", "pump-status-infusing", protocols.InUse},
		{"0^MDC_PUMP_STAT", "pump-status-infusing", protocols.InUse},
		{"0^MDCX_PUMP_STAT", "pump-status-infusing", protocols.InUse},
		{"0^MDC_DEV_PUMP_CURRENT_DELIVERY_STATUS", "pump-status-delivering", protocols.InUse},
	}
	for _, c := range cases {
		o := pump(t, msh, root, fmt.Sprintf("OBX|2|CWE|%s^MDC|1.1.1.1|^%s^MDC||||||R", c.code, c.word))
		if o.Report == nil || len(o.Report.Channels) != 1 || o.Report.Channels[0].State != c.want {
			t.Errorf("%s %s: %+v, want %s", c.code, c.word, o.Report, c.want)
		}
	}
}

func TestRowsOfOneChannelAreWeighed(t *testing.T) {
	stat := `OBX|2|CWE|184508^MDC_PUMP_STAT^MDC|%s|^pump-status-%s^MDC||||||R`
	row := func(path, word string) string { return fmt.Sprintf(stat, path, word) }
	flow := `OBX|3|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1.1.1.2|%s|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R`
	cases := []struct {
		name     string
		rows     []string
		want     string
		complete bool
	}{
		{"two words, the busier", []string{row("1.1.1.1", "ready"), row("1.1.1.2", "infusing")}, "1.1.1 in-use", true},
		{"idle and off contradict", []string{row("1.1.1.1", "ready"), row("1.1.1.2", "off")}, "1.1.1 unknown", true},
		{"a flow and standby contradict", []string{row("1.1.1.1", "standby"), fmt.Sprintf(flow, "5")}, "1.1.1 unknown", true},
		{"a flow and no delivery contradict", []string{row("1.1.1.1", "not-delivering"), fmt.Sprintf(flow, "40")}, "1.1.1 unknown", true},
		{"a flow and ready contradict", []string{row("1.1.1.1", "ready"), fmt.Sprintf(flow, "40")}, "1.1.1 unknown", true},
		{"a flow and off contradict", []string{row("1.1.1.1", "off"), fmt.Sprintf(flow, "40")}, "1.1.1 unknown", true},
		{"a flow while it infuses", []string{row("1.1.1.1", "infusing"), row("1.1.1.3", "paused"), fmt.Sprintf(flow, "5")}, "1.1.1 in-use", true},
		{"a flow beside a word of its own", []string{row("1.1.1.1", "priming"), fmt.Sprintf(flow, "5")}, "1.1.1 in-use", true},
		{"a rate that is set, and no delivery", []string{row("1.1.1.1", "not-delivering"), strings.Replace(fmt.Sprintf(flow, "40"), "158014^MDC_FLOW_FLUID_PUMP_CURRENT", "157784^MDC_FLOW_FLUID_PUMP", 1)}, "1.1.1 standby", true},
		{"no flow is measured", []string{row("1.1.1.1", "standby"), fmt.Sprintf(flow, "0.0")}, "1.1.1 standby", true},
		{"a flow alone", []string{fmt.Sprintf(flow, "5")}, "1.1.1 in-use", true},
		{"deleted row", []string{row("1.1.1.1", "ready"), strings.Replace(row("1.1.1.1", "infusing"), "|R", "|D", 1)}, "1.1.1 idle", true},
		{"the module speaks for its channel", []string{row("1.1.0.1", "infusing"), `OBX|3||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X`}, "1.1.1 in-use", true},
		{"the whole stands by", []string{row("1.0.0.1", "standby"), `OBX|3||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X`}, "1.1.1 standby", true},
		{"the whole is ready, a channel silent", []string{row("1.0.0.1", "ready"), `OBX|3||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X`}, "1.1.1 unknown", false},
		{"the whole is busier than its channel", []string{row("1.0.0.1", "infusing"), row("1.1.1.1", "ready")}, "1.1.1 idle,  in-use", true},
		{"a pump module is silent", []string{row("1.1.1.1", "ready"), `OBX|3||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.2.0.0|||||||X`}, "1.1.1 idle", false},
		{"on mains says nothing", []string{row("1.1.1.1", "ready"), `OBX|3|CWE|67925^MDC_ATTR_POWER_STAT^MDC|1.0.0.9|^onMains^MDC||||||R`}, "1.1.1 idle", true},
	}
	for _, c := range cases {
		o := pump(t, msh, append([]string{root}, c.rows...)...)
		var got []string
		for _, ch := range o.Report.Channels {
			got = append(got, ch.Name+" "+string(ch.State))
		}
		if strings.Join(got, ", ") != c.want || o.Report.Complete != c.complete {
			t.Errorf("%s: %q complete=%v, want %q complete=%v", c.name, strings.Join(got, ", "), o.Report.Complete, c.want, c.complete)
		}
	}
}

// TestRootRowMakesComplete: without the row of the system nobody knows what else
// belongs to it.
func TestRootRowMakesComplete(t *testing.T) {
	row := `OBX|2|CWE|184508^MDC_PUMP_STAT^MDC|1.1.1.1|^pump-status-ready^MDC||||||R|||||||PX-100^Duo^pumps.example^DNS`
	if o := pump(t, msh, row); o.Report == nil || o.Report.Complete {
		t.Errorf("report %+v, want one that is not complete", o.Report)
	}
}

func TestInstanceIdentifiers(t *testing.T) {
	cases := []struct{ obx18, want string }{
		{"SER1^Duo^00D075FFFE00C201^EUI-64", "eui64=00D075FFFE00C201 model=Duo serial_number=SER1"},
		{"00D075FFFE00C201^^00D075FFFE00C201^EUI-64", "eui64=00D075FFFE00C201"},
		{"P52814^^0012210000000000^EUI-64", "serial_number=P52814"},
		{"SER1^Duo^pumps.example^DNS", "manufacturer=pumps.example model=Duo serial_number=SER1"},
		{"080019FFFE134535^B1", "eui64=080019FFFE134535 model=B1"},
		{"7f2586c7-0506-46cd-a612-d8e75b838faa-Monitor 5", "device_uid=7f2586c7-0506-46cd-a612-d8e75b838faa model=Monitor 5"},
		{"00D075FFFE00C201^^00D075FFFE00C201^EUI-64~SER1^Duo^pumps.example^DNS", "eui64=00D075FFFE00C201 manufacturer=pumps.example model=Duo serial_number=SER1"},
		{"(01)00844588003288(21)A-1(10)L", "serial_number=A-1 udi=(01)00844588003288(21)A-1(10)L"},
		{"+B066000325011NS1/$$420020216LOT", "udi=+B066000325011NS1/$$420020216LOT"},
	}
	for _, c := range cases {
		row := `OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||` + c.obx18
		if got := facts(pump(t, msh, row), "device_type"); got != c.want {
			t.Errorf("%s: %s, want %s", c.obx18, got, c.want)
		}
	}
}

// facts writes facts in the order of their attributes, leaving some out.
func facts(o protocols.Observation, without string) string {
	var out []string
	for _, a := range []protocols.Attribute{"device_type", "device_uid", "eui64", "location", "manufacturer", "model", "serial_number", "udi"} {
		for _, f := range o.Facts {
			if f.Attribute == a && string(a) != without {
				out = append(out, string(a)+"="+f.Value)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestCharacterSetsAndEscapes(t *testing.T) {
	cases := []struct{ charset, raw, want string }{
		{"", "Duo", "Duo"},
		{"", "D\xfco", ""},
		{"NO SUCH SET", "D\xfco", ""},
		{"8859/1", "D\xfco", "Düo"},
		{"8859/5", "\xbd\xd0\xe1\xde\xe1", "Насос"},
		{"UNICODE UTF-8", "Düo", "Düo"},
		{"UNICODE UTF-8", "D\xfco", ""},
		{"GB 18030-2000", "\xca\xe4\xd2\xba\xb1\xc3", "输液泵"},
		{"GB 18030-2000", "\x81\x7c\x81\x5e", "亅乛"}, // octets that look like | and ^
		{"ISO IR87", "\x1b$B%]%s%W\x1b(B", "ポンプ"},
		{"ASCII~ISO IR87", "\x1b$B|^\x1b(B", "餧"},
		{"8859/1", `D\XFC\o`, "Düo"},
		{"", `a\F\b\T\d\R\e\E\f`, `a|b&d~e\f`},
		{"", `a\S\b`, ""},
		{"", `a\.br\b`, "a b"},
		{"", `a\H\b\N\c`, "abc"},
		{"", `a\Z12\b`, ""},
		{"", `C:\x`, `C:\x`},
		{"", `""`, ""},
		{"", "a\tb", ""},
		{"", strings.Repeat("x", 600), ""},
	}
	for _, c := range cases {
		header := msh + "||||||" + c.charset
		row := `OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||S1`
		model := `OBX|2|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|` + c.raw + `||||||R`
		want := "serial_number=S1"
		if c.want != "" {
			want = "model=" + c.want + " " + want
		}
		if got := facts(pump(t, header, row, model), "device_type"); got != want {
			t.Errorf("%q in %q: %q, want %q", c.raw, c.charset, got, want)
		}
	}
}

// TestCutValuesAreNotUsed: a value that the sender cut short identifies nothing.
func TestCutValuesAreNotUsed(t *testing.T) {
	header := strings.Replace(msh, `^~\&`, `^~\&#`, 1)
	row := `OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||S1`
	model := `OBX|2|ST|531969^MDC_ID_MODEL_NUMBER^MDC|1.0.0.1|Volumetric Pu#||||||R`
	if got := facts(pump(t, header, row, model), "device_type"); got != "serial_number=S1" {
		t.Errorf("states %q", got)
	}
}

func TestRates(t *testing.T) {
	cases := []struct{ value, unit, want string }{
		{"80", "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^^UCUM", "80 mL/h"},
		{"80", "mL/h^mL/h^UCUM", "80 mL/h"},
		{"80", "265266^MDC_DIM_MILLI_L_PER_HR^MDC", "80 mL/h"},
		{"0.5", "0^MDC_DIM_MILLI_L_PER_MIN^MDC", "0.5 mL/min"},
		{"80", "", ""},
		{"many", "mL/h^mL/h^UCUM", ""},
		{"NaN", "mL/h^mL/h^UCUM", ""},
		{"5", "mcg/kg/min", "5 mcg/kg/min"},
		{"5", "ug/(kg.min)^^UCUM", "5 ug/(kg.min)"},
		{"5", "[iU]/h^^UCUM", "5 [iU]/h"},
		{"5", "CANARY/MARY", ""},
		{"5", "CANARY/h", ""},
		{"5", "mL/CANARY/h", ""},
		{"5", "CANARY^MARY^UCUM", ""},
		{"5", "mg", ""},
	}
	for _, c := range cases {
		rows := []string{root, strings.Replace(ready, "ready", "infusing", 1),
			"OBX|3|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.2|" + c.value + "|" + c.unit + "|||||R"}
		if got := pump(t, msh, rows...).Report.Channels[0].Rate; got != c.want {
			t.Errorf("%s %s: %q, want %q", c.value, c.unit, got, c.want)
		}
	}
}

// TestInvariant02FieldsHaveForms writes a person's name where a name of a thing
// belongs: what has not the form of such a thing is not stated.
func TestInvariant02FieldsHaveForms(t *testing.T) {
	spec := func(kind, code, value string) string {
		return "OBX|2|" + kind + "|" + code + "^MDC|1.0.0.1|" + value + "||||||R"
	}
	const model, maker, software = "531969^MDC_ID_MODEL_NUMBER", "531970^MDC_ID_MODEL_MANUFACTURER", "531975^MDC_ID_PROD_SPEC_SW"
	for _, row := range []string{
		spec("ST", model, "CANARYLAST^CANARYFIRST"),
		spec("ST", model, `CANARYLAST\S\CANARYFIRST`),
		spec("", model, "CANARYLAST^CANARYFIRST"),
		spec("CWE", model, "CANARYLAST^CANARYFIRST"),
		spec("XPN", maker, "CANARYLAST"),
		spec("ST", maker, "CANARYLAST^CANARYFIRST"),
		spec("ST", software, "CANARYLAST^CANARYFIRST"),
		spec("ST", software, "CANARYLAST"),
		spec("ST", "184514^MDC_DRUG_NAME_LABEL", "CANARYLAST^CANARYFIRST"),
		"OBX|2||0^CANARY MARY^MDC|1.0.0.0|||||||X|||||||PX-100^Duo^pumps.example^DNS",
		"OBX|2||0^MDC CANARY^MDC|1.1.0.0|||||||X|||||||PX-101",
		"OBX|2|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.2|5|CANARY/MARY|||||R",
		"SFT|Maker|CANARYLAST|Program",
	} {
		first := root
		if strings.Contains(row, "1.0.0.0") {
			first = ready
		}
		h := listen(0, bit{text: block(msh, first, row, ready)})
		if described(h) == 0 || strings.Contains(h.Texts(), "CANARY") {
			t.Errorf("%s:\n%s", row, h.Print())
		}
	}
	kept := pump(t, msh, root, spec("ST", maker, "Example Medical"), spec("CWE", model, "^Duo"), spec("CWE", software, "7^7.1^L"))
	if got := fmt.Sprint(kept.Facts); !strings.Contains(got, "Example Medical") || !strings.Contains(got, "Duo") || !strings.Contains(got, "7.1") {
		t.Errorf("names of things are gone: %s", got)
	}
}

// TestInvariant04ForwardedMessagesSayNothingOfTheForwarder: an engine that passes
// on what others sent has neither their EUI-64 nor their identity.
func TestInvariant04ForwardedMessagesSayNothingOfTheForwarder(t *testing.T) {
	from := func(n string) string {
		return block(`MSH|^~\&|MON`+n+`^00A0370098000`+n+`^EUI-64|EXAMPLE|ENGINE|EXAMPLE|20260102||ORU^R01|1|P|2.6`,
			`OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||^^00A0370098000`+n+`^EUI-64`)
	}
	h := listen(0, bit{text: from("001") + from("002")})
	for _, o := range h.Observations[3:] {
		if o.About.Kind != protocols.AboutSpeaker {
			continue
		}
		for _, f := range o.Facts {
			if f.Attribute == protocols.EUI64 || f.Attribute == protocols.DeviceType || f.Value == string(protocols.RoleHL7DeviceReporter) {
				t.Errorf("says of the forwarder: %s %s", f.Attribute, f.Value)
			}
		}
	}
	if described(h) != 1 {
		t.Errorf("%d devices described, want the second monitor", described(h))
	}
}

// TestOneInstanceIsOneDevice writes the identifier of the system on all of its rows: a
// module that is called like its system is no device of its own.
func TestOneInstanceIsOneDevice(t *testing.T) {
	rows := func(whole, module string) []string {
		return []string{
			"OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||" + whole,
			"OBX|2|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|P001||||||R|||||||" + whole,
			"OBX|3||69986^MDC_DEV_PUMP_INFUS_VMD^MDC|1.1.0.0|||||||X|||||||" + module,
			"OBX|4||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X|||||||" + whole,
		}
	}
	for _, c := range []struct {
		whole, module, want string
	}{
		{"SNP001^^^", "SNP001^^^", "serial_number=P001"},
		{"SNP001^Duo", "SNP001^Duo", "model=Duo serial_number=P001"},
		{"SNP001^^^~X9^^^", "SNP001^^^", "serial_number=P001"},
		{"SNP001^^^", "SNP001^^^~SNP001^^^", "serial_number=P001"},
		{"SNP001^^^", "M77^^^", "serial_number=P001, serial_number=M77"},
		{"SNP001^^^", "M77^^^~SNP001^^^", "serial_number=P001, serial_number=M77"},
		{"", "M77^^^", "serial_number=P001, serial_number=M77"},
	} {
		h := listen(0, bit{text: block(append([]string{msh}, rows(c.whole, c.module)...)...)})
		var got []string
		for _, o := range h.Observations {
			if o.About.Kind == protocols.AboutDescribed {
				got = append(got, facts(o, "device_type"))
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s with %s: %q, want %q", c.whole, c.module, strings.Join(got, ", "), c.want)
		}
	}
}
