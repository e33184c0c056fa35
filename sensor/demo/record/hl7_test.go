package record_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/auscult/auscult/sensor/testbed"
)

// The frame of a message: HL7 Minimal Lower Layer Protocol, release 1, section 2.
const (
	blockStart = "\x0b"
	blockEnd   = "\x1c\r"
)

// startEngine answers every message with an acknowledgement, as an interface
// engine does.
func (h *hospital) startEngine() {
	var server net.Listener
	err := h.engine.Do(func() (err error) {
		server, err = net.Listen("tcp", engineAddress+":"+enginePort)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			acknowledge(c)
		}
	}()
	h.t.Cleanup(func() { _ = server.Close(); <-ended })
}

// acknowledge serves one connection until the sender ends it.
func acknowledge(c net.Conn) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for {
		block, err := r.ReadString('\x1c')
		if err != nil {
			return
		}
		f := strings.Split(strings.SplitN(strings.TrimLeft(block, "\r"+blockStart), "\r", 2)[0], "|")
		if len(f) < 12 {
			return
		}
		answer := segments("MSH|^~\\&|FHENGINE|FAIRHAVEN|"+f[2]+"|"+f[3]+"|"+stamp()+"||ACK|A"+f[9]+"|P|"+f[11], "MSA|AA|"+f[9])
		if _, err := io.WriteString(c, answer); err != nil {
			return
		}
	}
}

func segments(list ...string) string {
	return blockStart + strings.Join(list, "\r") + "\r" + blockEnd
}

func stamp() string { return time.Now().UTC().Format("20060102150405") }

// send opens a connection, sends messages one after the other and waits for each
// acknowledgement.
func (h *hospital) send(from *testbed.Host, messages ...string) {
	h.t.Helper()
	var c net.Conn
	err := from.Do(func() (err error) {
		c, err = net.DialTimeout("tcp", engineAddress+":"+enginePort, 5*time.Second)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for _, m := range messages {
		if _, err := io.WriteString(c, m); err != nil {
			h.t.Fatal(err)
		}
		if _, err := r.ReadString('\x1c'); err != nil {
			h.t.Fatalf("no acknowledgement: %v", err)
		}
	}
}

// admit sends what an EHR tells of patients.
func (h *hospital) admit(event string, c canary) {
	h.t.Helper()
	h.send(h.ehr, segments(
		"MSH|^~\\&|FHEHR|FAIRHAVEN|FHENGINE|FAIRHAVEN|"+stamp()+"||ADT^"+event+"^ADT_A01|E"+c.id[7:]+event+"|P|2.5.1",
		"EVN|"+event+"|"+stamp(),
		"PID|1||"+c.id+"^^^FAIRHAVEN^MR||"+c.name+"||"+c.birth+"|F|||1 ZZCANARY STREET^^FAIRHAVEN",
		"PV1|1|I|W4^0407^B^FAIRHAVEN||||ZZCANARY^PHYSICIAN|||MED",
	))
}

// pump is one infusion pump as the gateway describes it.
type pump struct {
	serial, eui, software, room, bed string
	canary
	channels []channel
}

type channel struct {
	letter, status, drug, rate string
}

// The fictional pumps: serial numbers as their maker might stamp them, EUI-64s
// from the block for documentation (RFC 7042, section 2.2.3).
func morningPumps() []pump {
	return []pump{
		{"CS4-104421", "00005EEF10000021", "4.1.3", "0407", "B", canaryOne, []channel{
			{"A", "infusing", "Sodium chloride 0.9%", "83"}, {"B", "infusing", "PACLitaxel", "42"}}},
		{"CS4-104437", "00005EEF10000037", "4.0.9", "0409", "A", canaryTwo, []channel{{"A", "standby", "", ""}}},
		{"CS4-104452", "00005EEF10000052", "4.2.0", "0411", "A", canary{}, []channel{{"A", "ready", "", ""}, {"B", "ready", "", ""}}},
	}
}

func afternoonPumps() []pump {
	p := morningPumps()
	for i := range p[0].channels {
		p[0].channels[i].status, p[0].channels[i].rate = "paused", ""
	}
	p[1].software, p[1].channels[0].status = "4.2.0", "ready"
	return append(p, pump{"CS4-104460", "00005EEF10000060", "4.0.2", "0502", "C", canary{}, []channel{{"A", "ready", "", ""}}})
}

// pumps sends one report for each pump (IHE PCD TF-2, section 3.1, PCD-01).
func (h *hospital) pumps(list []pump) {
	h.t.Helper()
	messages := make([]string, len(list))
	for i, p := range list {
		messages[i] = p.report(i + 1)
	}
	h.send(h.gateway, messages...)
}

func (p pump) report(n int) string {
	lines := []string{
		fmt.Sprintf("MSH|^~\\&|SYRINXGW^00005EEF10000042^EUI-64|FAIRHAVEN|FHENGINE|FAIRHAVEN|%s||ORU^R01^ORU_R01|P%s%d|P|2.6|||NE|AL||UNICODE UTF-8|||PCD_DEC_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO", stamp(), stamp(), n),
		"SFT|Calder Infusion|2.4.0|Calder Ward Link|2.4.0",
		"PID|1||" + p.id + "^^^FAIRHAVEN^MR||" + p.name + "||" + p.birth + "|F",
		"PV1|1|I|W4^" + p.room + "^" + p.bed + "^FAIRHAVEN",
		"OBR|1|ZZCANARYORDER|ZZCANARYFILLER|69985^MDC_DEV_PUMP_INFUS_MDS^MDC|||" + stamp(),
	}
	row := 0
	add := func(kind, concept, path, value, units, result, instance string) {
		row++
		line := fmt.Sprintf("OBX|%d|%s|%s^MDC|%s|%s|%s|||||%s|||||||%s", row, kind, concept, path, value, units, result, instance)
		lines = append(lines, strings.TrimRight(line, "|"))
	}
	add("", "69985^MDC_DEV_PUMP_INFUS_MDS", "1.0.0.0", "", "", "X", p.serial+"^Syrinx 4^"+p.eui+"^EUI-64")
	add("ST", "531970^MDC_ID_MODEL_MANUFACTURER", "1.0.0.1", "Calder Infusion", "", "R", "")
	add("ST", "531969^MDC_ID_MODEL_NUMBER", "1.0.0.2", "Syrinx 4", "", "R", "")
	add("ST", "531972^MDC_ID_PROD_SPEC_SERIAL", "1.0.0.3", p.serial, "", "R", "")
	add("ST", "531975^MDC_ID_PROD_SPEC_SW", "1.0.0.4", p.software, "", "R", "")
	for i, c := range p.channels {
		vmd := i + 1
		add("", "69986^MDC_DEV_PUMP_INFUS_VMD", fmt.Sprintf("1.%d.0.0", vmd), "", "", "X", c.letter)
		add("", "126978^MDC_DEV_PUMP_INFUS_CHAN_DELIVERY", fmt.Sprintf("1.%d.1.0", vmd), "", "", "X", "")
		add("CWE", "184508^MDC_PUMP_STAT", fmt.Sprintf("1.%d.1.1", vmd), "^pump-status-"+c.status+"^MDC", "", "R", "")
		if c.rate != "" {
			add("NM", "158014^MDC_FLOW_FLUID_PUMP_CURRENT", fmt.Sprintf("1.%d.1.2", vmd), c.rate, "265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^^UCUM", "R", "")
		}
		if c.drug != "" {
			add("", "126977^MDC_DEV_PUMP_INFUS_CHAN_SOURCE", fmt.Sprintf("1.%d.2.0", vmd), "", "", "X", "")
			add("ST", "184514^MDC_DRUG_NAME_LABEL", fmt.Sprintf("1.%d.2.1", vmd), c.drug, "", "R", "")
		}
	}
	lines = append(lines, "NTE|1||ZZCANARY bedside note")
	return segments(lines...)
}

// results sends what the haematology analyser has measured (IHE PaLM, LAB-29).
func (h *hospital) results(n int) {
	h.t.Helper()
	c := []canary{canaryOne, canaryTwo, canaryThree}[n%3]
	h.send(h.analyser, segments(
		fmt.Sprintf("MSH|^~\\&|HX-20|Arden Diagnostics|FHENGINE|FAIRHAVEN|%s||OUL^R22^OUL_R22|L%d|P|2.5|||NE|AL||UNICODE UTF-8|||LAB-29^IHE", stamp(), n),
		"PID|1||"+c.id+"^^^FAIRHAVEN^MR||"+c.name+"||"+c.birth+"|F",
		fmt.Sprintf("SPM|1|ZZSAMPLE-%d||WB", n),
		"OBR|1||||CBC^Complete blood count^L",
		"OBX|1|NM|6690-2^WBC^LN||7.1|10*3/uL|||||F|||"+stamp()+"||ZZCANARY^TECHNICIAN||HX-20^AD-22071^01-14",
		"OBX|2|NM|718-7^HGB^LN||13.2|g/dL|||||F|||"+stamp()+"||ZZCANARY^TECHNICIAN||HX-20^AD-22071^01-14",
	))
}
