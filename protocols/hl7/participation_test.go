package hl7_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

// TestParticipants names devices below the rows of a pump: what has another key than
// the pump, or none in common, is said of another device.
func TestParticipants(t *testing.T) {
	const (
		pump   = "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X|||||||0003B1000ABC0120^Duo^0003B1000ABC0120^EUI-64"
		serial = "OBX|2|ST|531972^MDC_ID_PROD_SPEC_SERIAL^MDC|1.0.0.1|PX-100||||||R"
		bare   = "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X"
		second = "OBX|3||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|2.0.0.0|||||||X"
		udi    = "PRT|1|UC||EQUIP||||||(01)00844588003288(21)PX-100"
		own    = "eui64=0003B1000ABC0120 model=Duo"
	)
	cases := []struct {
		name string
		rows []string
		want string
	}{
		{"a gateway by EUI-64", []string{pump, "PRT|1|AD||EQUIP||||||GW00001^Server^0003B1000ABC5555^EUI-64"}, own},
		{"a gateway by serial number", []string{pump, "PRT|1|AD||EQUIP||||||GW00001^Server"}, own},
		{"a gateway in DEV", []string{pump, "DEV|A|GW1|||Cap|Neuron|N|||||GW00001"}, own},
		{"a gateway before the serial number", []string{pump, "PRT|1|AD||EQUIP||||||GW00001^Server", serial}, own + " serial_number=PX-100"},
		{"another pump", []string{pump, serial, "PRT|1|AD||EQUIP||||||PX-100^Duo^0003B1000ABC0121^EUI-64"}, own + " serial_number=PX-100"},
		{"the pump by EUI-64", []string{pump, "PRT|1|AD||EQUIP||||||PX-100^Duo^0003B1000ABC0120^EUI-64", "DEV|A||||Example||||||PX-100"},
			"eui64=0003B1000ABC0120 manufacturer=Example model=Duo serial_number=PX-100"},
		{"the pump by a serial number that comes later", []string{pump, udi, serial}, own + " serial_number=PX-100 udi=(01)00844588003288(21)PX-100"},
		{"a row without a key", []string{bare, "PRT|1|AD||EQUIP||||||GW00001^Server"}, ""},
		{"a row without a key, by UDI", []string{bare, udi}, "serial_number=PX-100 udi=(01)00844588003288(21)PX-100"},
		{"a row without a key, by two UDIs", []string{bare, udi, strings.Replace(udi, "PX-100", "GW-1", 1)}, ""},
		{"two rows without a key, by one UDI", []string{bare, udi, second, udi},
			"serial_number=PX-100 udi=(01)00844588003288(21)PX-100; serial_number=PX-100 udi=(01)00844588003288(21)PX-100"},
	}
	for _, c := range cases {
		h := listen(0, bit{text: block(append([]string{msh}, c.rows...)...)})
		var got []string
		for _, o := range h.Observations {
			if o.About.Kind == protocols.AboutDescribed {
				got = append(got, facts(o, "device_type"))
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q\n%s", c.name, strings.Join(got, "; "), c.want, h.Print())
		}
	}
}

// TestTwoOfOneName lets nobody take the use of one pump for that of another one which
// the same participant is named beside.
func TestTwoOfOneName(t *testing.T) {
	udi := "PRT|1|UC||EQUIP||||||(01)00844588003288(21)PX-100"
	bare := "OBX|1||69985^MDC_DEV_PUMP_INFUS_MDS^MDC|1.0.0.0|||||||X"
	on := func(mds, line string) string { return strings.Replace(line, "|1.", "|"+mds+".", 1) }
	h := listen(0, bit{text: block(msh, bare, udi, ready, on("2", bare), udi, on("2", ready))})
	uses := 0
	for _, o := range h.Observations {
		if o.Report == nil {
			continue
		}
		if uses++; said(o.Report) != "unknown" && !strings.Contains(said(o.Report), "unknown") {
			t.Errorf("one of two: %s", said(o.Report))
		}
	}
	if uses != 2 {
		t.Errorf("%d reports, want 2\n%s", uses, h.Print())
	}
}

// TestGatewayParticipates says of the sender what a participant with its EUI-64 is.
func TestGatewayParticipates(t *testing.T) {
	header := strings.Replace(msh, "WARDGW", "WARDGW^0003B1000ABC5555^EUI-64", 1)
	h := listen(0, bit{text: block(header, root, "PRT|1|AD||EQUIP||||||GW00001^Server^0003B1000ABC5555^EUI-64")})
	if got := h.Get(protocols.AboutSpeaker, protocols.SerialNumber) + " " + h.Get(protocols.AboutSpeaker, protocols.Model); got != "GW00001 Server" {
		t.Errorf("the gateway is %q\n%s", got, h.Print())
	}
}
