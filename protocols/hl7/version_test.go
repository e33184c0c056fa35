package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestVersions reads a device and its two ends from each version of the standard, in
// the shape that the version has.
func TestVersions(t *testing.T) {
	obx := "OBX|1|ST|X^X^L||5||||||F|||||||Six^MON-1000^2.1-3"
	prt := "PRT|1|UC||EQUIP||||||(01)00844588003288(21)MON-1000"
	cases := []struct {
		version, header string
		rows            []string
		want            string
	}{
		{"2.1", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|880102||ORU|1|P|2.1`, []string{"OBX|1|ST|X||5"}, ""},
		{"2.2", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|19940102||ORU^R01|1|P|2.2`, []string{"OBX|1|ST|X||5"}, ""},
		{"2.3", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01|1|P^T|2.3`, []string{"OBX|1|ST|X||5"}, ""},
		{"2.3.1", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01|1|P|2.3.1||||||UNICODE UTF-8`, []string{obx}, "model=Six serial_number=MON-1000"},
		{"2.4", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ESU^U01|1|P|2.4`, []string{"EQU|MON-1000^Six|20260102030405|OP"}, "model=Six serial_number=MON-1000"},
		{"2.5", `MSH|^~\&|APP^1.2.3^ISO|EXAMPLE|OTHER|EXAMPLE|20260102030405||OUL^R22^OUL_R22|1|P|2.5^DEU^2`, []string{obx}, "model=Six serial_number=MON-1000"},
		{"2.5.1", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||OUL^R22^OUL_R22|1|P|2.5.1`, []string{obx}, "model=Six serial_number=MON-1000"},
		{"2.6", msh, []string{"OBX|1||69965^X^MDC|1.0.0.0|||||||X|||||||MON-1000^Six"}, "model=Six serial_number=MON-1000"},
		{"2.7", `MSH|^~\&#|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.7`, []string{prt}, "serial_number=MON-1000 udi=(01)00844588003288(21)MON-1000"},
		{"2.7.1", `MSH|^~\&#|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.7.1`, []string{prt}, "serial_number=MON-1000 udi=(01)00844588003288(21)MON-1000"},
		{"2.8", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.8`, []string{prt}, "serial_number=MON-1000 udi=(01)00844588003288(21)MON-1000"},
		{"2.8.2", `MSH|^~\&|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.8.2`, []string{"PRT|1|UC||EQUIP|||||||||||||||||MON-1000"}, ""},
		{"2.9", `MSH|^~\&#|APP|EXAMPLE|OTHER|EXAMPLE|20260102030405||ORU^R01^ORU_R01|1|P|2.9`,
			[]string{prt, "DEV|A||||Example Medical|Brand|Six|M-6||LOT|MON-1000|||||4.2|"},
			"manufacturer=Example Medical model=Six serial_number=MON-1000 udi=(01)00844588003288(21)MON-1000"},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(append([]string{c.header, "PID|1||CANARY"}, c.rows...)...)})
		if got := outcomes(h); got != "parsed" {
			t.Errorf("%s: outcomes %q", c.version, got)
		}
		if h.Get(protocols.AboutSpeaker, protocols.Institution) != "EXAMPLE" || h.Get(protocols.AboutListener, protocols.RoleOf) != "hl7-receiver" {
			t.Errorf("%s: the ends are lost:\n%s", c.version, h.Print())
		}
		got := ""
		for _, o := range h.Observations {
			if o.About.Kind == protocols.AboutDescribed {
				got += facts(o, "device_type")
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.version, got, c.want)
		}
	}
}

// TestDeviceSegment reads DEV of 2.9 beside PRT and by itself. An implant is a
// patient's: nothing of it is stated, nor of a device that was taken out.
func TestDeviceSegment(t *testing.T) {
	header := strings.Replace(msh, "2.6", "2.9", 1)
	prt := "PRT|1|UC||EQUIP||||||SER-1000^Duo"
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"by itself", []string{"DEV|A|SER-1000^Duo|||Example Medical"}, "manufacturer=Example Medical model=Duo serial_number=SER-1000"},
		{"brand only", []string{"DEV|A|||||Brand|||||SER-1000"}, "model=Brand serial_number=SER-1000"},
		{"brand and model", []string{"DEV|A|||||Brand|Six||||SER-1000"}, "model=Six serial_number=SER-1000"},
		{"udi", []string{"DEV|A|(01)00844588003288(21)SER-1000"}, "serial_number=SER-1000 udi=(01)00844588003288(21)SER-1000"},
		{"behind a participation", []string{prt, "DEV|A||||Example Medical"}, "manufacturer=Example Medical model=Duo serial_number=SER-1000"},
		{"two devices", []string{prt, "DEV|A||||One", "PRT|2|UC||EQUIP||||||SER-2000^Uno", "DEV|A||||Two"},
			"manufacturer=One model=Duo serial_number=SER-1000; manufacturer=Two model=Uno serial_number=SER-2000"},
		{"an implant", []string{"DEV|A|CANARY-77^Pacer|||||||||CANARY-77||||||1^Implanted"}, ""},
		{"an implant behind a participation", []string{"PRT|1|UC||EQUIP||||||CANARY-77^Pacer", "DEV|A||||CANARY||||||||||||1"}, ""},
		{"taken out", []string{prt, "DEV|D"}, ""},
		{"of the pump of the row", []string{root, "PRT|1|UC||EQUIP||||||CANARY-77", "DEV|A||||CANARY||||||||||||1"}, "manufacturer=pumps.example model=Duo serial_number=PX-100"},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(append([]string{header}, c.rows...)...)})
		var got []string
		for _, o := range h.Observations {
			if o.About.Kind == protocols.AboutDescribed {
				got = append(got, facts(o, "device_type"))
			}
		}
		if strings.Join(got, "; ") != c.want || strings.Contains(h.Texts(), "CANARY") {
			t.Errorf("%s: %q, want %q\n%s", c.name, strings.Join(got, "; "), c.want, h.Print())
		}
	}
}

// TestEquipmentStates maps HL7 table 0365.
func TestEquipmentStates(t *testing.T) {
	for code, want := range map[string]string{
		"OP": "in-use", "LT": "in-use", "ID": "idle", "PA": "standby", "PD": "standby", "TS": "standby", "SS": "standby", "RS": "standby",
		"PU": "unknown", "IN": "unknown", "CO": "unknown", "CL": "unknown", "SD": "unknown", "MA": "unknown", "DI": "unknown", "UNK": "unknown",
		"ES": "unknown emergency-stop", "FL": "unknown malfunction", "": "unknown", "...": "unknown", "op": "in-use", "XX": "unknown",
	} {
		for _, kind := range []string{"ESU^U01", "INU^U05", "SSU^U03", "EAR^U08"} {
			header := strings.Replace(msh, "ORU^R01", kind, 1)
			h := listen(0, bit{text: block(header, "EQU|TR-0001^Master|20260102|"+code+"^X^HL70365")})
			got := ""
			for _, o := range h.Observations {
				if o.Report != nil {
					got = strings.TrimSpace(string(o.Report.Channels[0].State) + " " + values(h, protocols.AlarmOf))
				}
			}
			if got != want {
				t.Errorf("%s %q: %s, want %s", kind, code, got, want)
			}
		}
	}
	h := listen(0, bit{text: block(strings.Replace(msh, "ORU^R01", "EAC^U07", 1), "EQU|TR-0001^Master|20260102|ID")})
	if described(h) != 0 || h.Uses(protocols.AboutSpeaker) != 0 {
		t.Errorf("a command says nothing of who sends it:\n%s", h.Print())
	}
}
