package daemon_test

import (
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"github.com/auscult/auscult/inventory"
)

// recordedLines reads what a room's test conversations say: before each line's octets
// stands who says them.
func recordedLines(t testing.TB, path string) (who []string, what [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		by, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		octets, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		who, what = append(who, by), append(what, octets)
	}
	return who, what
}

// announce plays announcements as link frames: LLDP has an EtherType, CDP stands behind
// Cisco's number in SNAP.
func (f *film) announce(path string, cdp bool) {
	macs, bodies := recordedLines(f.t, path)
	for i, body := range bodies {
		from, err := net.ParseMAC(macs[i])
		if err != nil {
			f.t.Fatal(err)
		}
		e := &layers.Ethernet{SrcMAC: from, DstMAC: net.HardwareAddr{1, 0x80, 0xc2, 0, 0, 0x0e}, EthernetType: layers.EthernetTypeLinkLayerDiscovery}
		if cdp {
			body = append([]byte{0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0}, body...)
			e.DstMAC, e.EthernetType, e.Length = net.HardwareAddr{1, 0, 0x0c, 0xcc, 0xcc, 0xcc}, 0, uint16(len(body))
		}
		f.Add(e, gopacket.Payload(body))
	}
}

// datagrams plays a recorded conversation over UDP: > is the client, < the server.
func (f *film) datagrams(path string, client, server party, port uint16) {
	const clientPort = 49200
	who, what := recordedLines(f.t, path)
	for i, body := range what {
		if who[i] == ">" {
			f.Datagram(client, server, clientPort, port, body)
		} else {
			f.Datagram(server, client, port, clientPort, body)
		}
	}
}

// TestNeighboursOnTheWire: one switch that is seen by LLDP on two of its ports, by CDP on
// one, and by SNMP at the address where it is managed, is one device, of the mirrored
// port's other end nothing is taken from it, and the endpoint that announces itself is the
// device with the MAC that it speaks from. Who asks, and how, is nowhere.
func TestNeighboursOnTheWire(t *testing.T) {
	const rooms = "../../protocols/"
	f := newFilm(t, monday)
	svi := party{MAC: "00:1b:54:aa:00:40", Address: "10.40.9.2"}
	for range 3 {
		f.announce(rooms+"cdp/testdata/switch.hex", true)
		f.announce(rooms+"lldp/testdata/switch.hex", false)
		f.announce(rooms+"lldp/testdata/lldpd.hex", false)
		f.announce(rooms+"cdp/testdata/lldpd.hex", true)
		f.ARP(svi, engineParty)
		f.datagrams(rooms+"snmp/testdata/switch.hex", engineParty, svi, 161)
		f.datagrams(rooms+"snmp/testdata/net-snmp.hex", engineParty, party{MAC: "00:00:5e:00:53:77", Address: "10.40.9.7"}, 161)
	}
	path := filepath.Join(t.TempDir(), "neighbours.pcap")
	f.save(t, path)
	out := must(t, "replay", "--format", "json", path).out
	if four := must(t, "replay", "--format", "json", "--workers", "4", path).out; four != out {
		t.Errorf("by four workers: %s", firstDifference(out, four))
	}
	for _, canary := range []string{"ZZ", "5a5a434f"} {
		if strings.Contains(out, canary) {
			t.Errorf("%s gets through:\n%s", canary, out)
		}
	}
	k := known{devices: objects[inventory.Device](t, out)}
	if len(k.devices) != 4 {
		t.Errorf("%d devices, want a switch, a monitor, its central station and who asks:\n%s", len(k.devices), out)
	}
	d := k.serial(t, "FOC1932X0K1")
	if d.Type != "switch" || !slices.Contains(d.Hostnames, "sw-icu-2") || d.ModelCanonical+d.Model == "" || !slices.Equal(d.IPs, []string{svi.Address}) || d.OS != "Cisco IOS" {
		t.Errorf("switch %+v", d)
	}
	if d.Location != "Bldg 4, floor 2, closet 2.114" || !slices.Contains(d.MACs, "00:1b:54:aa:00:00") || !slices.Contains(d.SoftwareVersions, "15.2(7)E3") {
		t.Errorf("switch at %q, %v, %v", d.Location, d.MACs, d.SoftwareVersions)
	}
	m := k.serial(t, "DE44018202")
	if !slices.Equal(m.MACs, []string{"00:12:21:aa:00:01"}) || m.Location != "building 5, floor 2, room 2.114" || m.SwitchPort != "" || m.Type != "patient-monitor" {
		t.Errorf("monitor %+v", m)
	}
	c := k.device(t, "at 10.40.9.7", func(d inventory.Device) bool { return slices.Contains(d.IPs, "10.40.9.7") })
	if c.Location != "Intensive care, room 12" || c.OS != "Linux" || !slices.Contains(c.Roles, "snmp-clear-text-community") || !slices.Contains(c.Roles, "snmp-v3") {
		t.Errorf("central station %+v", c)
	}
}
