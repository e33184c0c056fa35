package daemon_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/configs"
	"github.com/auscult/auscult/inventory"
	"github.com/auscult/auscult/sensor/daemon"
	"github.com/auscult/auscult/sensor/testbed/sender"
)

// turns is one TCP connection in which both sides say something in turns: "<" what
// the server says, ">" the client.
func (f *film) turns(client, server party, port uint16, said ...string) {
	lines := make([]sender.Line, len(said))
	for i, turn := range said {
		lines[i] = sender.Line{FromServer: turn[0] == '<', Data: []byte(turn[1:])}
	}
	f.Converse(client, server, port, sender.Shape{Segment: 40}, lines...)
}

const spectrum = "Welcome to the SIGMA Spectrum Diagnostic Terminal\r\nWireless Battery Module (802.11a/b/g/n)\r\n" +
	"MAC Address: 00-40-9d-00-53-01 SW: 20 D29\r\nSigma Spectrum SN: 1000001 SW: v8.00.01\r\n"

// TestTells: what gives a device away goes from a capture to the inventory, with the
// rule that says so, and without a word that was typed.
func TestTells(t *testing.T) {
	t.Parallel()
	f := newFilm(t, monday)
	pump, pcu, monitor := party{MAC: "00:40:9d:00:53:01", Address: "10.40.1.70"}, party{MAC: "00:b0:94:00:53:01", Address: "10.40.1.71"}, party{MAC: "00:00:5e:00:53:72", Address: "10.40.1.72"}
	converter, manager := party{MAC: "00:90:e8:00:53:01", Address: "10.40.1.73"}, party{MAC: "00:00:5e:00:53:74", Address: "10.40.1.74"}
	for _, p := range []party{pump, pcu, monitor, converter, manager} {
		f.ARP(p, gatewayParty)
	}
	f.turns(engineParty, pump, 23, "<"+spectrum+"login: ", ">zzcanary\r\n", "<zzcanary\r\nPassword: ", ">zzcanary\r\n")
	f.turns(pcu, manager, 3613, ">\x01\x02\x03", "<\x01")
	f.turns(gatewayParty, manager, 3613, ">\x01\x02\x03", "<\x01")
	f.Call(monitor, party{MAC: gatewayParty.MAC, Address: "202.114.4.120"}, 515)
	f.turns(engineParty, converter, 2323, "<\xff\xfd\x18\xff\xfb\x01Model name       : NPort 5610-8-DT\r\n\r\nPlease keyin your password:", ">zzcanary\r\n")
	path := filepath.Join(t.TempDir(), "tells.pcap")
	f.save(t, path)
	result, err := daemon.Replay(t.Context(), daemon.ReplayOptions{Config: configs.Default(), Captures: []string{path}})
	if err != nil {
		t.Fatal(err)
	}
	devices := map[string]inventory.Device{}
	for _, raw := range result.Devices {
		if strings.Contains(string(raw), "zzcanary") {
			t.Errorf("a canary shows: %s", raw)
		}
		var d inventory.Device
		if err := json.Unmarshal(raw, &d); err != nil {
			t.Fatal(err)
		}
		for _, ip := range d.IPs {
			devices[ip] = d
		}
	}
	for _, c := range []struct {
		is            party
		kind          inventory.Type
		maker, serial string
		shows         string // attribute, value, protocol and field of a piece of evidence
	}{
		{pump, "infusion-pump", "Baxter", "1000001", "firmware_version=20 D29 (telnet greeting, rule baxter-spectrum-wbm)"},
		{pump, "infusion-pump", "Baxter", "1000001", "software_version=v8.00.01 (telnet greeting, rule baxter-spectrum-wbm)"},
		{pump, "infusion-pump", "Baxter", "1000001", "role=telnet-server (telnet who opened the connection)"},
		{pcu, "infusion-pump", "BD", "", "manufacturer=BD (tells rule bd-alaris-pcu)"},
		{manager, "infusion-gateway", "", "", "called_by=BD tcp/3613 (ip conversation)"},
		{monitor, "patient-monitor", "Contec", "", "reaches=202.114.4.120 (ip conversation)"},
		{converter, "serial-device-server", "", "", "application=Moxa device server (telnet greeting, rule moxa-device-server)"},
		{gatewayParty, inventory.UnknownType, "", "", "calls=tcp/3613 (ip conversation)"},
	} {
		d := devices[c.is.Address]
		if d.Type != c.kind || d.Manufacturer != c.maker || d.SerialNumber != c.serial {
			t.Errorf("%s is a %q of %q with %q, want %q %q %q", c.is.Address, d.Type, d.Manufacturer, d.SerialNumber, c.kind, c.maker, c.serial)
		}
		if !slices.ContainsFunc(d.Evidence, func(e inventory.Evidence) bool {
			return e.Attribute+"="+e.Value+" ("+e.Protocol+" "+e.Field+")" == c.shows
		}) {
			t.Errorf("%s does not show %s: %+v", c.is.Address, c.shows, d.Evidence)
		}
	}
	if d := devices[pump.Address]; d.Model != "Sigma Spectrum" || !slices.Equal(d.MACs, []string{pump.MAC}) || !slices.Equal(d.SoftwareVersions, []string{"v8.00.01"}) {
		t.Errorf("the pump: model %q, MACs %v, software %v", d.Model, d.MACs, d.SoftwareVersions)
	}
	if len(result.Devices) != 7 {
		t.Errorf("%d devices, want the 7 that speak", len(result.Devices))
	}
}
