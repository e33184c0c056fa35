package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// values writes the values of an attribute that are stated of a described device.
func values(h *heard, a protocols.Attribute) string {
	var out []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			if o.About.Kind == protocols.AboutDescribed && f.Attribute == a {
				out = append(out, f.Value)
			}
		}
	}
	return strings.Join(out, " ")
}

const (
	alarmHeader = `MSH|^~\&|WARDGW|EXAMPLE|PAGER|EXAMPLE|20260102030405+0000||ORU^R40^ORU_R40|1|P|2.6`
	alarmOrder  = `OBR|1|||196616^MDC_EVT_ALARM^MDC|||20260102030405+0000`
)

func attribute(code, value string) string {
	return "OBX|3|ST|" + code + "^MDC|1.1.0.0.1|" + value + "||||||F"
}

func event(name string) string { return attribute("196616^MDC_EVT_ALARM", "1^"+name+"^MDC") }

// TestAlarmsAreStatesOfTheDevice: of a technical alarm its condition is stated, one
// of a closed set; of a patient's alarm, of one that has ended, and of one that
// waited somewhere, nothing.
func TestAlarmsAreStatesOfTheDevice(t *testing.T) {
	phase := func(p string) string { return attribute("68481^MDC_ATTR_EVENT_PHASE", p) }
	kind := func(k string) string { return attribute("68485^MDC_ATTR_ALERT_TYPE", k) }
	text := func(s string) string { return attribute("68546^MDC_ATTR_ALERT_TEXT", s) }
	low := event("MDC_EVT_BATT_LO")
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"low battery", []string{low, phase("start"), kind("ST")}, "battery-low"},
		{"without a type", []string{low}, "battery-low"},
		{"advisory about the device", []string{low, kind("SA")}, "battery-low"},
		{"goes on", []string{low, phase("continue")}, "battery-low"},
		{"has ended", []string{low, phase("end"), kind("ST")}, ""},
		{"is inactive", []string{low, attribute("68482^MDC_ATTR_ALARM_STATE", "inactive")}, ""},
		{"inactive, first edition", []string{low, attribute("68166^MDC_ATTR_ALERT_STATE", "inactive")}, ""},
		{"ended, first edition", []string{low, attribute("68165^MDC_ATTR_EVENT_PHASE", "end")}, ""},
		{"of the patient", []string{event("MDC_EVT_ECG_ASYSTOLE"), kind("SP")}, ""},
		{"of the patient, by a word of ours", []string{low, kind("SP")}, ""},
		{"of the patient, without a type", []string{event("MDC_EVT_ECG_ASYSTOLE")}, ""},
		{"empty battery", []string{event("MDC_EVT_BATT_DEPL")}, "battery-empty"},
		{"battery wants service", []string{event("MDC_EVT_BATT_SERV")}, "battery-service"},
		{"door", []string{event("MDC_EVT_DOOR_POSN_ERR")}, "door-open"},
		{"syringe", []string{event("MDC_EVT_SYRINGE_BARREL_CAPTURE_FAULT")}, "syringe-misplaced"},
		{"occlusion", []string{event("MDC_EVT_FLUID_LINE_OCCL_PROXIMAL")}, "line-occluded"},
		{"air", []string{event("MDC_EVT_FLUID_LINE_AIR")}, "air-in-line"},
		{"lead", []string{event("MDC_EVT_LEADS_OFF")}, "sensor-off"},
		{"emergency stop", []string{event("MDC_EVT_EMER_STOP")}, "emergency-stop"},
		{"malfunction", []string{event("MDC_EVT_MALF")}, "malfunction"},
		{"end of the infusion", []string{event("MDC_EVT_VOL_INFUS_NEAR_COMP")}, ""},
		{"by its text", []string{event("MDC_EVT_PUMP_GENERAL_ALARM"), text("Door Open")}, "door-open"},
		{"by the text in the event", []string{attribute("196616^MDC_EVT_ALARM", "1^MDC_EVT_X^MDC^^^^^^Air In Line")}, "air-in-line"},
		{"another text", []string{event("MDC_EVT_PUMP_GENERAL_ALARM"), text("CANARY")}, ""},
		{"the row is the event", []string{"OBX|3|ST|196802^MDC_EVT_BATT_LO^MDC|1.0.0.0.1|CANARY||||||F"}, "battery-low"},
		{"no identifier", []string{attribute("196616^MDC_EVT_ALARM", "1^BATT LO^L")}, ""},
		{"two alarms", []string{low, phase("start"), alarmOrder, event("MDC_EVT_DOOR_OPEN"), phase("end"), alarmOrder, event("MDC_EVT_MALF")}, "battery-low malfunction"},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(append([]string{alarmHeader, "PID|1|CANARY", alarmOrder, root}, c.rows...)...)})
		if got := values(h, protocols.AlarmOf); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if h.Uses(protocols.AboutDescribed) != 0 {
			t.Errorf("%s: an alarm says nothing of use: %s", c.name, h.Print())
		}
		if described(h) != 1 || strings.Contains(h.Texts(), "CANARY") {
			t.Errorf("%s:\n%s", c.name, h.Print())
		}
	}
	old := strings.Replace(alarmHeader, "20260102", "20260101", 1)
	if got := values(listen(0, bit{text: block(old, root, low)}), protocols.AlarmOf); got != "" {
		t.Errorf("an alarm of yesterday: %q", got)
	}
}

// TestConditions reads power and battery, which say how the device is.
func TestConditions(t *testing.T) {
	row := func(kind, code, value, unit string) string {
		return "OBX|3|" + kind + "|" + code + "^MDC|1.0.0.9|" + value + "|" + unit + "|||||F"
	}
	const percent = "262688^MDC_DIM_PERCENT^MDC"
	cases := []struct{ row, power, battery string }{
		{row("ST", "67925^MDC_ATTR_POWER_STAT", "onMains(0)", ""), "mains", ""},
		{row("CWE", "67925^MDC_ATTR_POWER_STAT", "^onBattery^MDC", ""), "battery", ""},
		{row("CWE", "0^MDCX_DMC_ATTR_POWER_SOURCE", "1^OnBattery", ""), "battery", ""},
		{row("ST", "67925^MDC_ATTR_POWER_STAT", "chargingFull(8)", ""), "mains", ""},
		{row("ST", "67925^MDC_ATTR_POWER_STAT", "CANARY", ""), "", ""},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "99.5", percent), "", "about 100 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "100", "%^%^UCUM"), "", "about 100 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "7", ""), "", "under 10 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "0", percent), "", "under 10 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "10", percent), "", "about 10 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "12", percent), "", "about 10 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "87", percent), "", "about 90 %"},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "700", "268242^MDC_DIM_MILLI_AMP_HR^MDC"), "", ""},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "70", "268242^MDC_DIM_MILLI_AMP_HR^MDC"), "", ""},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "-1", percent), "", ""},
		{row("NM", "67996^MDC_ATTR_VAL_BATT_CHARGE", "NaN", percent), "", ""},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(msh, root, c.row)})
		if got := values(h, protocols.PowerSource); got != c.power {
			t.Errorf("%s: power %q, want %q", c.row, got, c.power)
		}
		if got := values(h, protocols.Battery); got != c.battery {
			t.Errorf("%s: battery %q, want %q", c.row, got, c.battery)
		}
	}
}

// TestManagedEquipmentIsNotMeasuring: the numbers of a battery and of a radio are no
// patient's, and those of a demonstration are nobody's.
func TestManagedEquipmentIsNotMeasuring(t *testing.T) {
	const monitor = `OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||MON-1000^Six^example.org^DNS`
	spo2 := func(flag string) string {
		return "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|99|262688^MDC_DIM_PERCENT^MDC||" + flag + "|||R"
	}
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"a measurement", []string{spo2("")}, " in-use complete=true"},
		{"one that is high", []string{spo2("H~A")}, " in-use complete=true"},
		{"a demonstration", []string{spo2("DEMO")}, "nothing"},
		{"a test", []string{spo2("A~TEST")}, "nothing"},
		{"not available", []string{spo2("NAV")}, "nothing"},
		{"not valid", []string{spo2("INV")}, "nothing"},
		{"strength of a radio", []string{"OBX|2|NM|69425^MDC_NCC_WIRELESS_STRENGTH_PERCENT^MDC|1.1.1.1|99||||||R"}, "nothing"},
		{"sampling rate", []string{"OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.1.1.1|500||||||R"}, "nothing"},
		{"managed", []string{"OBR|1|||69135^MDC_OBS_MEM^MDC", monitor, "OBX|2|NM|150000^MDC_TEMP_X^MDC|1.1.1.1|20||||||R"}, "nothing"},
	}
	for _, c := range cases {
		rows := c.rows
		if len(rows) == 1 {
			rows = append([]string{monitor}, rows...)
		}
		if got := said(pump(t, msh, rows...).Report); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	for _, word := range []string{"ready", "infusing"} {
		row := strings.Replace(strings.Replace(ready, "ready", word, 1), "||||||R", "|||DEMO|||R", 1)
		if got := said(pump(t, msh, root, row).Report); strings.Contains(got, "idle") || got == "nothing" {
			t.Errorf("a pump that demonstrates %s is %s", word, got)
		}
	}
}

// TestMisspelledCodes reads a model by whatever senders write beside its name.
func TestMisspelledCodes(t *testing.T) {
	for _, code := range []string{
		"67880^MDC_ATTR_ID_MODEL^MDC", "1::2344^MDC_ATTR_ID_MODEL^MDC", "1::2344^^MDC", "67880^^MDC", "0^MDC_ATTR_ID_MODEL^MDC", "2344^MDC_ATTR_ID_MODEL^MDC",
		"^MDC_ATTR_ID_MODEL^MDC", "0^MDCX_ATTR_ID_MODEL^MDC", "99^MDC_ID_MODEL^MDC", "0^MDC_DEV_ATTR_ID_MODEL^MDC", "1^X^L^67880^MDC_ATTR_ID_MODEL^MDC",
		"67880^MDC_ATTR_ID_MODEL", "0^mdc_attr_id_model^mdc",
	} {
		row := "OBX|2|ST|" + code + "|1.0.0.1|Duo||||||R"
		bare := strings.Replace(root, "Duo", "", 1)
		if o := pump(t, msh, bare, row); !strings.Contains(facts(o, "device_type"), "model=Duo") {
			t.Errorf("%s: %v", code, o.Facts)
		}
	}
	for _, code := range []string{"67880^X^L", "2344^X^MDC", "1::x^^MDC"} {
		if o := pump(t, msh, root, "OBX|2|ST|"+code+"|1.0.0.1|Trio||||||R"); strings.Contains(facts(o, ""), "Trio") {
			t.Errorf("%s: %v", code, o.Facts)
		}
	}
}

// TestPumpEvents reads the events of PCD-10: a delivery that has ended leaves a patient
// attached, and an event names one channel of perhaps many.
func TestPumpEvents(t *testing.T) {
	header := strings.Replace(msh, "ORU^R01", "ORU^R42^ORU_R01", 1)
	condition := func(value string) string { return "OBX|3|CWE|68487^MDC_ATTR_EVT_COND^MDC|1.1.1.3|" + value + "||||||R" }
	for value, want := range map[string]string{
		"197288^MDC_EVT_PUMP_DELIV_START^MDC": "1.1.1 in-use complete=false",
		"0^MDC_EVT_PUMP_DELIV_STOP^MDC":       "1.1.1 standby complete=false",
		"197292^MDC_EVT_PUMP_DELIV_COMP^MDC":  "1.1.1 unknown complete=false",
		"0^MDC_EVT_PUMP_DELIV_START^MDC":      "1.1.1 in-use complete=false",
		"1^MDC_EVT_COMM_STATUS_CHANGE^MDC":    "nothing",
		"1^MDC_EVT_PUMP_PROG_CLEARED^MDC":     "nothing",
	} {
		if got := said(pump(t, header, root, condition(value)).Report); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
	both := pump(t, header, root, condition("1^MDC_EVT_PUMP_DELIV_STOP^MDC"), condition("1^MDC_EVT_PUMP_DELIV_START^MDC"))
	if got := said(both.Report); got != "1.1.1 in-use complete=false" {
		t.Errorf("stopped and started: %s", got)
	}
}
