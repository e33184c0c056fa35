package hl7_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// said writes the channels of a report.
func said(r *protocols.Report) string {
	if r == nil {
		return "nothing"
	}
	var out []string
	for _, c := range r.Channels {
		out = append(out, c.Name+" "+string(c.State))
	}
	return strings.Join(out, ", ") + fmt.Sprintf(" complete=%v", r.Complete)
}

// TestInvariant10WhatCannotBeReadIsNotIdle adds to a pump whose one channel is
// ready a row that is lost or not understood: the pump may not be called idle.
func TestInvariant10WhatCannotBeReadIsNotIdle(t *testing.T) {
	status := func(path, value string) string {
		return "OBX|3|CWE|184508^MDC_PUMP_STAT^MDC|" + path + "|" + value + "||||||R"
	}
	flow := func(value string) string {
		return "OBX|3|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1.1.1.2|" + value + "|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R"
	}
	long := strings.Repeat("5", 600)
	cases := []struct{ name, row, want string }{
		{"nothing added", "", "1.1.1 idle complete=true"},
		{"status in unknown characters", status("1.1.2.1", "^pump-status-l\xe4uft"), "1.1.1 idle, 1.1.2 unknown complete=true"},
		{"its code is readable, its text not", status("1.1.1.2", "pump-status-ready^l\xe4uft"), "1.1.1 unknown complete=true"},
		{"status too long", status("1.1.1.2", "^pump-status-infusing^"+long), "1.1.1 unknown complete=true"},
		{"status empty", status("1.2.1.1", ""), "1.1.1 idle, 1.2.1 unknown complete=true"},
		{"status null", status("1.2.1.1", `""`), "1.1.1 idle, 1.2.1 unknown complete=true"},
		{"status cut by the sender", status("1.1.1.2", `^pump\Zx\status`), "1.1.1 unknown complete=true"},
		{"more repetitions than are read", status("1.1.1.2", strings.Repeat("^ready~", 9)+"^infusing"), "1.1.1 unknown complete=true"},
		{"a word behind the text", status("1.1.1.2", "^ready&infusing"), "1.1.1 unknown complete=true"},
		{"the alternate coding contradicts", status("1.1.1.2", "^pump-status-ready^MDC^^pump-status-infusing^MDC"), "1.1.1 in-use complete=true"},
		{"the alternate coding is local", status("1.1.1.2", "^pump-status-ready^MDC^^bereit^L"), "1.1.1 idle complete=true"},
		{"the code contradicts the text", status("1.1.1.2", "pump-status-paused^pump-status-ready^MDC"), "1.1.1 standby complete=true"},
		{"flow below zero", flow("-5"), "1.1.1 unknown complete=true"},
		{"flow no number", flow(".0.0."), "1.1.1 unknown complete=true"},
		{"flow of two parts", flow("5^6"), "1.1.1 unknown complete=true"},
		{"flow too long", flow(long), "1.1.1 unknown complete=true"},
		{"flow with a comma", flow("1,5"), "1.1.1 unknown complete=true"},
		{"flow of nothing", flow("0.0"), "1.1.1 idle complete=true"},
		{"flow left out", flow(""), "1.1.1 idle complete=true"},
		{"flow infinite", flow("Inf"), "1.1.1 unknown complete=true"},
		{"a private module", "OBX|3||0^MDCX_DEV_SYRINGE_VMD^MDC|1.2.0.0|||||||X", "1.1.1 idle complete=false"},
		{"a private channel", "OBX|3||0^MDCX_DEV_SYRINGE_CHAN^MDC|1.1.2.0|||||||X", "1.1.1 idle complete=false"},
		{"a private status", "OBX|3|CWE|0^MDCX_STATE^MDC|1.2.1.1|^infusing||||||R", "1.1.1 idle, 1.2.1 unknown complete=true"},
		{"a private status of the channel", "OBX|3|CWE|0^MDCX_STATE^MDC|1.1.1.9|^infusing||||||R", "1.1.1 unknown complete=true"},
		{"a status without the nomenclature", "OBX|3|CWE|99^X_PUMP_STAT^L|1.2.1.1|^running||||||R", "1.1.1 idle, 1.2.1 unknown complete=true"},
		{"a module without the nomenclature", "OBX|3||99^SYRINGE^L|1.2.0.0|||||||X", "1.1.1 idle complete=false"},
		{"a row with a code too long", "OBX|3|CWE|184508^MDC_PUMP_STAT^" + long + "|1.1.1.1|^running||||||R", "1.1.1 idle complete=false"},
		{"a path too long", "OBX|3|CWE|184508^MDC_PUMP_STAT^MDC|1.2.1." + long + "|^infusing||||||R", "1.1.1 idle complete=false"},
		{"the code is in the alternate coding", "OBX|3|CWE|1^MDCX_X^MDC^184508^MDC_PUMP_STAT^MDC|1.1.1.3|^infusing||||||R", "1.1.1 in-use complete=true"},
		{"an alarm has stopped", "OBX|3|CWE|68481^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.2|^stop||||||R", "1.1.1 idle complete=true"},
		{"a measurement of the channel", "OBX|3|NM|157864^MDC_VOL_FLUID_DELIV^MDC|1.1.1.7|100|263762^MDC_DIM_MILLI_L^MDC|||||R", "1.1.1 idle complete=true"},
	}
	for _, c := range cases {
		rows := []string{root, ready}
		if c.row != "" {
			rows = append(rows, c.row)
		}
		if got := said(pump(t, msh, rows...).Report); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestInvariant10RackOfManyModules: more modules than are remembered are never
// all accounted for.
func TestInvariant10RackOfManyModules(t *testing.T) {
	rows := []string{root, ready}
	for i := range 80 {
		rows = append(rows, fmt.Sprintf("OBX|3||99^X^L|1.%d.0.0|||||||X", i+1))
	}
	if o := pump(t, msh, rows...); o.Report == nil || o.Report.Complete {
		t.Errorf("says %s", said(o.Report))
	}
}

// TestInvariant04TherapyStaysWithItsPump sends two pumps that are numbered alike
// in one message: what one does is never said of the other.
func TestInvariant04TherapyStaysWithItsPump(t *testing.T) {
	const bare = "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X"
	obr := "OBR|1|||69985^MDC_DEV_PUMP_INFUS_MDS^MDC"
	serial := func(n string) string { return "OBX|2|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.3|" + n + "||||||R" }
	runs := strings.Replace(ready, "ready", "infusing", 1)
	drug := "OBX|9|ST|184514^MDC_DRUG_NAME_LABEL^MDC|1.1.1.9|cisplatin||||||R"
	first, second := serial("11112222"), serial("33334444")
	alike := "1.1.1 idle complete=true"
	busy := "1.1.1 in-use complete=true"
	doubt := " unknown complete=false"
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"a row of its own for each", []string{obr, bare, first, ready, obr, bare, second, runs, drug}, "11112222: " + alike + "; 33334444: " + busy},
		{"below one OBR", []string{obr, bare, first, ready, bare, second, runs, drug}, "11112222: " + alike + "; 33334444: " + busy},
		{"rows of the second before its own", []string{obr, bare, first, ready, obr, runs, drug, bare, second}, "11112222: " + doubt + "; 33334444: " + doubt},
		{"no row for the second", []string{obr, bare, first, ready, obr, second, runs, drug}, "11112222: " + doubt + "; 33334444: " + doubt},
		{"nor an OBR", []string{obr, bare, first, ready, second, runs, drug}, "11112222: " + doubt + "; 33334444: " + doubt},
		{"the second does not say who it is", []string{obr, bare, first, ready, obr, bare, runs, drug}, "11112222: " + doubt},
		{"the first does not say who it is", []string{obr, bare, ready, obr, bare, second, runs, drug}, "33334444: " + doubt},
		{"one pump in two OBR", []string{obr, bare, first, ready, obr, strings.ReplaceAll(runs, "1.1.1", "1.2.1")}, "11112222: 1.1.1 idle, 1.2.1 in-use complete=true"},
		{"its number twice", []string{obr, bare, first, first, ready}, "11112222: " + alike},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(append([]string{msh, "PID|1"}, c.rows...)...)})
		var got []string
		for _, o := range h.Observations {
			if o.About.Kind == protocols.AboutDescribed {
				got = append(got, strings.TrimPrefix(facts(o, "device_type"), "serial_number=")+": "+said(o.Report))
				if o.Report != nil && facts(o, "device_type") == "serial_number=11112222" && strings.Contains(fmt.Sprint(o.Report), "cisplatin") {
					t.Errorf("%s: the first pump gives the drug of the second", c.name)
				}
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, strings.Join(got, "; "), c.want)
		}
	}
}

// TestInvariant02ShiftedRow: a separator in a text shifts what stands behind it, and the
// observer of OBX-16 must not be read as the instrument of OBX-18.
func TestInvariant02ShiftedRow(t *testing.T) {
	const observer = "1234567^CANARYDOC^ANNA"
	for name, text := range map[string]string{
		"separators in the text":            "seen by night | and by day | twice",
		"halves of characters of Shift-JIS": "\x83\x7c\x83\x7c",
	} {
		for _, row := range []string{
			"OBX|1|TX|9999^NOTE^L||" + text + "||||||F|||20260102||" + observer,
			"OBX|1|TX|69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|" + text + "||||||F|||20260102||" + observer,
		} {
			h := listen(0, bit{text: block(msh, "OBR|1", row)})
			if said := h.Texts(); strings.Contains(said, "CANARY") || strings.Contains(said, "1234567") {
				t.Errorf("%s: the observer shows:\n%s", name, said)
			}
		}
	}
}

// TestUnknownPumpGivesAnUnknownDrug: what a pump may be giving is unknown where its state
// is, unless it names a drug; an idle one gives none.
func TestUnknownPumpGivesAnUnknownDrug(t *testing.T) {
	timeless := strings.Replace(msh, "20260102030405", "", 1)
	drug := "OBX|3|ST|184514^MDC_DRUG_NAME_LABEL^MDC|1.1.1.2|DOXOrubicin||||||R"
	for name, c := range map[string]struct {
		got  protocols.Observation
		want string
	}{
		"idle":              {pump(t, msh, root, ready), ""},
		"perhaps long ago":  {pump(t, timeless, root, ready), "unknown"},
		"and a drug is set": {pump(t, timeless, root, ready, drug), "DOXOrubicin"},
	} {
		if r := c.got.Report; r == nil || r.Channels[0].Agent != c.want {
			t.Errorf("%s: %v, want the agent %q", name, r, c.want)
		}
	}
}
