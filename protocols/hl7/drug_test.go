package hl7_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// Rows that name a drug, of a channel that infuses.
const (
	drugLabel = "184514^MDC_DRUG_NAME_LABEL"
	drugType  = "184330^MDC_DRUG_NAME_TYPE"
)

func rowOf(kind, code, path, value string) string {
	return "OBX|2|" + kind + "|" + code + "^MDC|" + path + "|" + value + "||||||R"
}

// TestAllNamesOfAChannelAreKept: a drug that any row, repetition or coding names is
// named, so that no channel is called plain fluid for one of several names.
func TestAllNamesOfAChannelAreKept(t *testing.T) {
	name := func(kind, code, value string) string { return rowOf(kind, code, "1.1.1.2", value) }
	many := strings.Repeat("NaCl 0.9% bag ", 9)
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"one", []string{name("ST", drugLabel, "NaCl 0.9%")}, "NaCl 0.9%"},
		{"label and type", []string{name("ST", drugLabel, "NaCl 0.9%"), name("ST", drugType, "DOXOrubicin")}, "NaCl 0.9% + DOXOrubicin"},
		{"type and label", []string{name("ST", drugType, "DOXOrubicin"), name("ST", drugLabel, "NaCl 0.9%")}, "DOXOrubicin + NaCl 0.9%"},
		{"two labels", []string{name("ST", drugLabel, "DOXOrubicin"), name("ST", drugLabel, "NaCl 0.9%")}, "DOXOrubicin + NaCl 0.9%"},
		{"the same twice", []string{name("ST", drugLabel, "DOXOrubicin"), name("ST", drugType, "Doxorubicin")}, "DOXOrubicin"},
		{"repetitions", []string{name("ST", drugLabel, "NaCl 0.9%~DOXOrubicin")}, "NaCl 0.9% + DOXOrubicin"},
		{"too many repetitions", []string{name("ST", drugLabel, "NaCl 0.9%"+strings.Repeat("~", 8)+"DOXOrubicin")}, "NaCl 0.9% + unknown"},
		{"coded repetitions", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L~2^DOXOrubicin^M")}, "NaCl 0.9% + DOXOrubicin"},
		{"alternate coding", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L^2^DOXOrubicin^M")}, "NaCl 0.9% + DOXOrubicin"},
		{"second alternate coding", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L^2^^M^^^^3^DOXOrubicin^N")}, "NaCl 0.9% + DOXOrubicin"},
		{"alternate code without a text", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L^DOXO50^^M")}, "NaCl 0.9% + DOXO50"},
		{"alternate number", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L^0338-0049-04^^NDC")}, "NaCl 0.9%"},
		{"original text", []string{name("CWE", drugLabel, "1^NaCl 0.9%^L^^^^^^DOXOrubicin 50mg in NaCl 0.9%")}, "NaCl 0.9% + DOXOrubicin 50mg in NaCl 0.9%"},
		{"code alone", []string{name("CWE", drugLabel, "DOXO")}, "DOXO"},
		{"behind the text", []string{name("CWE", drugLabel, "^NaCl 0.9%&DOXOrubicin")}, "NaCl 0.9% + unknown"},
		{"unknown characters", []string{name("ST", drugLabel, "NaCl 0.9%"), name("ST", drugType, "D\xf6xo")}, "NaCl 0.9% + unknown"},
		{"too long to be read", []string{name("ST", drugLabel, "NaCl 0.9%"), name("ST", drugType, strings.Repeat("x", 600))}, "NaCl 0.9% + unknown"},
		{"a person", []string{name("ST", drugLabel, "NaCl 0.9%"), name("CWE", drugType, "CANARYLAST^CANARYFIRST")}, "NaCl 0.9% + unknown"},
		{"no room for all", []string{name("ST", drugLabel, many), name("ST", drugType, "DOXOrubicin")}, "DOXOrubicin + unknown"},
		{"empty", []string{name("ST", drugLabel, "NaCl 0.9%"), name("ST", drugType, "")}, "NaCl 0.9%"},
		{"null", []string{name("ST", drugLabel, "NaCl 0.9%"), name("CWE", drugType, `""`)}, "NaCl 0.9%"},
	}
	for _, c := range cases {
		rows := append([]string{root, strings.Replace(ready, "ready", "infusing", 1)}, c.rows...)
		got := pump(t, msh, rows...).Report.Channels[0].Agent
		if got != c.want || len(got) > protocols.MaxText {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestSourcesOfADeliveryAreNamedTogether: a delivery gives what all its sources have,
// and what is said of a module or of the whole is said of its channels.
func TestSourcesOfADeliveryAreNamedTogether(t *testing.T) {
	delivery := "OBX|1||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X"
	source := func(n string) string {
		return "OBX|1||126977^MDC_DEV_PUMP_INFUS_CHAN_SOURCE^MDC|1.1." + n + ".0|||||||X"
	}
	fluid := func(path string) string { return rowOf("ST", drugLabel, path, "NaCl 0.9%") }
	drug := func(path string) string { return rowOf("ST", drugLabel, path, "DOXOrubicin") }
	runs := strings.Replace(ready, "ready", "infusing", 1)
	const both = "NaCl 0.9% + DOXOrubicin"
	for name, c := range map[string]struct {
		rows []string
		want string
	}{
		"two sources":            {[]string{delivery, runs, source("2"), fluid("1.1.2.1"), source("3"), drug("1.1.3.1")}, both},
		"delivery and source":    {[]string{delivery, runs, fluid("1.1.1.2"), source("2"), drug("1.1.2.1")}, both},
		"channel and its module": {[]string{delivery, runs, fluid("1.1.1.2"), drug("1.1.0.2")}, both},
		"channel and the whole":  {[]string{delivery, runs, fluid("1.1.1.2"), drug("1.0.0.2")}, both},
		"the module alone":       {[]string{delivery, runs, drug("1.1.0.2")}, "DOXOrubicin"},
	} {
		got := pump(t, msh, append([]string{root}, c.rows...)...).Report.Channels
		if len(got) != 1 || got[0].Agent != c.want {
			t.Errorf("%s: %+v, want one channel with %q", name, got, c.want)
		}
	}
}

// TestWithoutADrugLibraryNothingIsNamed: what a pump shows while its drug library is
// off, or in place of a name, is no drug, and asks for no less care.
func TestWithoutADrugLibraryNothingIsNamed(t *testing.T) {
	const libraryName, careArea, version = "184520^MDC_DRUG_LIB_NAME", "184516^MDC_DRUG_LIB_CARE_AREA", "184517^MDC_DRUG_LIB_VERSION"
	row := func(code, path, value string) string { return rowOf("ST", code, path, value) }
	saline := row(drugLabel, "1.1.1.2", "NaCl 0.9%")
	second := strings.ReplaceAll(strings.Replace(ready, "ready", "infusing", 1), "1.1.1", "1.1.2")
	cases := []struct {
		name, state string
		rows        []string
		want        string
	}{
		{"library off", "infusing", []string{saline, row(libraryName, "1.1.1.3", "Library Off")}, "unknown"},
		{"care area says so", "infusing", []string{saline, row(careArea, "1.1.1.3", "Drug library off")}, "unknown"},
		{"of the whole", "infusing", []string{row(libraryName, "1.0.0.3", "Guardrails Off"), saline}, "unknown"},
		{"of its source", "infusing", []string{saline, row(libraryName, "1.1.7.3", "DERS disabled")}, "unknown"},
		{"library without a name", "infusing", []string{saline, row(libraryName, "1.1.1.3", "")}, "unknown"},
		{"library null", "infusing", []string{saline, row(libraryName, "1.1.1.3", `""`)}, "unknown"},
		{"care area without a name", "infusing", []string{saline, row(careArea, "1.1.1.3", "")}, "unknown"},
		{"profile off", "infusing", []string{saline, row(careArea, "1.1.1.3", "ICU Profile Off")}, "unknown"},
		{"held", "paused", []string{saline, row(libraryName, "1.1.1.3", "Library Off")}, "unknown"},
		{"held, and no drug", "paused", []string{row(libraryName, "1.1.1.3", "Library Off")}, "unknown"},
		{"a program without a drug, held", "paused", []string{rowOf("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.3", "80")}, "unknown"},
		{"a flow without a drug, denied", "ready", []string{rowOf("NM", "158014^MDC_FLOW_FLUID_PUMP_CURRENT", "1.1.1.3", "80")}, "unknown"},
		{"no program and no drug, held", "paused", []string{rowOf("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.3", "0")}, ""},
		{"off, and a program", "off", []string{rowOf("NM", "157784^MDC_FLOW_FLUID_PUMP", "1.1.1.3", "80")}, ""},
		{"idle, and no drug", "ready", []string{row(libraryName, "1.1.1.3", "Library Off")}, ""},
		{"library on", "infusing", []string{saline, row(libraryName, "1.1.1.3", "Main"), row(careArea, "1.1.1.4", "ONC"), row(version, "1.1.1.5", "")}, "NaCl 0.9%"},
		{"of another channel", "infusing", []string{saline, second, row(libraryName, "1.1.2.3", "Library Off")}, "NaCl 0.9%"},
		{"drug library off", "infusing", []string{row(drugLabel, "1.1.1.2", "Drug library off")}, "unknown"},
		{"Guardrails Off", "infusing", []string{row(drugLabel, "1.1.1.2", "Guardrails Off")}, "unknown"},
		{"none selected", "infusing", []string{row(drugLabel, "1.1.1.2", "NO DRUG SELECTED")}, "unknown"},
		{"none selected, idle", "ready", []string{row(drugLabel, "1.1.1.2", "NO DRUG SELECTED")}, ""},
		{"dashes", "infusing", []string{row(drugLabel, "1.1.1.2", "---")}, "unknown"},
		{"not there", "infusing", []string{row(drugLabel, "1.1.1.2", "N/A")}, "unknown"},
		{"fluid beside it", "infusing", []string{saline, row(drugType, "1.1.1.3", "No drug selected")}, "NaCl 0.9% + unknown"},
		{"drug beside it", "infusing", []string{row(drugLabel, "1.1.1.2", "DOXOrubicin library off")}, "DOXOrubicin library off"},
		{"a gas", "infusing", []string{row(drugLabel, "1.1.1.2", "NO 20 ppm")}, "NO 20 ppm"},
	}
	for _, c := range cases {
		got := pump(t, msh, append([]string{root, strings.Replace(ready, "ready", c.state, 1)}, c.rows...)...)
		if agent := got.Report.Channels[0].Agent; agent != c.want {
			t.Errorf("%s: %q, want %q", c.name, agent, c.want)
		}
		if text := fmt.Sprint(got.Facts); strings.Contains(text, "Drug library off") {
			t.Errorf("%s: stated as a place: %s", c.name, text)
		}
	}
}

// TestALoadedPumpIsNotIdle: with a drug or a program it is set up for a patient.
func TestALoadedPumpIsNotIdle(t *testing.T) {
	number := func(code, value string) string {
		return "OBX|3|NM|" + code + "^MDC|1.1.1.5|" + value + "|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R"
	}
	const rate, dose, volume, left, remains = "157784^MDC_FLOW_FLUID_PUMP", "157924^MDC_RATE_DOSE", "157884^MDC_VOL_FLUID_TBI", "157872^MDC_VOL_FLUID_TBI_REMAIN", "0^MDC_TIME_PD_REMAIN"
	saline := rowOf("ST", drugLabel, "1.1.1.2", "NaCl 0.9%")
	cases := []struct {
		name, state string
		rows        []string
		want        protocols.UseState
	}{
		{"nothing", "idle", nil, protocols.Idle},
		{"ready with a drug", "ready", []string{rowOf("ST", drugLabel, "1.1.1.2", "DOXOrubicin")}, protocols.Standby},
		{"idle with a fluid", "idle", []string{saline}, protocols.Standby},
		{"a drug that cannot be read", "idle", []string{rowOf("ST", drugType, "1.1.1.2", "D\xf6xo")}, protocols.Standby},
		{"a drug of the whole", "idle", []string{rowOf("ST", drugType, "1.0.0.2", "DOXOrubicin")}, protocols.Standby},
		{"a drug, and the library is off", "idle", []string{saline, rowOf("ST", "184520^MDC_DRUG_LIB_NAME", "1.1.1.3", "off")}, protocols.Standby},
		{"a name without a text", "idle", []string{rowOf("ST", drugLabel, "1.1.1.2", "")}, protocols.Idle},
		{"a rate is set", "idle", []string{number(rate, "80")}, protocols.Standby},
		{"a rate of nothing", "idle", []string{number(rate, "0.0")}, protocols.Idle},
		{"a rate left out", "idle", []string{number(rate, "")}, protocols.Idle},
		{"a rate that cannot be read", "idle", []string{number(rate, "8o")}, protocols.Standby},
		{"a dose is set", "idle", []string{number(dose, "0,5")}, protocols.Standby},
		{"a volume is set", "idle", []string{number(volume, "100")}, protocols.Standby},
		{"a volume remains", "idle", []string{number(left, "100")}, protocols.Standby},
		{"a time remains", "idle", []string{number(remains, "20")}, protocols.Standby},
		{"no time remains", "idle", []string{number(remains, "0")}, protocols.Idle},
		{"off with a drug", "off", []string{saline}, protocols.Off},
		{"infusing", "infusing", []string{saline, number(remains, "20")}, protocols.InUse},
	}
	for _, c := range cases {
		o := pump(t, msh, append([]string{root, strings.Replace(ready, "ready", c.state, 1)}, c.rows...)...)
		if len(o.Report.Channels) != 1 || o.Report.Channels[0].State != c.want {
			t.Errorf("%s: %+v, want %s", c.name, o.Report.Channels, c.want)
		}
	}
}

// TestADrugWithoutAStatusIsKept: what is loaded is told when nobody says what it does,
// but an alarm or an event takes no state away that was told before.
func TestADrugWithoutAStatusIsKept(t *testing.T) {
	delivery := "OBX|1||126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY^MDC|1.1.1.0|||||||X"
	drug := func(path string) string { return rowOf("ST", drugLabel, path, "DOXOrubicin") }
	rate := "OBX|3|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.1.3|40|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R"
	stopped := strings.Replace(rate, "|40|", "|0|", 1)
	for name, c := range map[string]struct {
		trigger string
		rows    []string
		want    string
	}{
		"drug and rate":        {"R01", []string{delivery, drug("1.1.1.2"), rate}, "[{Name:1.1.1 State:unknown Activity: Agent:DOXOrubicin Rate:40 mL/h Ended:false}] MDC_DRUG_NAME_LABEL"},
		"drug":                 {"R01", []string{drug("1.1.1.2")}, "[{Name:1.1.1 State:unknown Activity: Agent:DOXOrubicin Rate: Ended:false}] MDC_DRUG_NAME_LABEL"},
		"rate":                 {"R01", []string{rate}, "[{Name:1.1.1 State:unknown Activity: Agent:unknown Rate:40 mL/h Ended:false}] MDC_FLOW_FLUID_PUMP"},
		"drug of the module":   {"R01", []string{drug("1.1.0.2")}, "[{Name:1.1 State:unknown Activity: Agent:DOXOrubicin Rate: Ended:false}] MDC_DRUG_NAME_LABEL"},
		"drug of the whole":    {"R01", []string{drug("1.0.0.2"), delivery}, "[{Name:1.1.1 State:unknown Activity: Agent:DOXOrubicin Rate: Ended:false}] MDC_DRUG_NAME_LABEL"},
		"a rate of nothing":    {"R01", []string{stopped}, "nothing"},
		"an alarm with a drug": {"R40", []string{delivery, drug("1.1.1.2"), rate}, "nothing"},
		"an event with a drug": {"R42", []string{delivery, drug("1.1.1.2"), rate}, "nothing"},
	} {
		got := "nothing"
		o := pump(t, strings.Replace(msh, "R01", c.trigger, 1), append([]string{root}, c.rows...)...)
		if o.Report != nil {
			got = fmt.Sprint(o.Report.Channels, strings.TrimPrefix(o.Report.Source, "hl7 OBX"))
		}
		if got != c.want || o.Report != nil && o.Report.Complete {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
