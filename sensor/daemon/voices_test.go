package daemon_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/sensor/testbed/sender"
)

// voice is one conversation of one protocol, with a patient in it where the protocol
// has a place for one.
type voice struct {
	name  string
	a, b  sender.Host // who opens, who is called
	port  uint16
	lines []sender.Line // over TCP
	grams []gram        // over UDP
}

// gram is one datagram.
type gram struct {
	back  bool // from b
	after time.Duration
	data  []byte
}

// play sends a voice, once the hosts have found each other: what is first heard of a
// host is then its MAC, which is the same on every tap. Shapes are of TCP; datagrams are
// whole.
func (v voice) play(c *sender.Capture, s sender.Shape) {
	if v.b.Address != everybody.Address {
		c.ARP(v.a, v.b)
	}
	for _, g := range v.grams {
		c.At = c.At.Add(g.after)
		from, to := v.a, v.b
		if g.back {
			from, to = to, from
		}
		if (s.Unheard == sender.TheServer) != g.back || s.Unheard == sender.Nobody {
			c.Datagram(from, to, v.port, v.port, g.data)
		}
	}
	if v.lines != nil {
		c.Converse(v.a, v.b, v.port, s, v.lines...)
	}
}

// ward3 is a host of the ward in which these conversations are.
func ward3(octet byte) sender.Host {
	return sender.Host{MAC: fmt.Sprintf("00:00:5e:00:53:%02x", 0x80+octet), Address: fmt.Sprintf("10.40.3.%d", octet)}
}

// everybody is the group of WS-Discovery (section 3.1.1) and its MAC (RFC 1112).
var everybody = sender.Host{MAC: "01:00:5e:7f:ff:fa", Address: "239.255.255.250"}

// voices is a ward in which every protocol is spoken, at a moment.
func voices(t testing.TB, at time.Time) []voice {
	ct := scanner{ward3(1), "NFCT3", "Vireo Imaging", "Ring 64", "VI-3301", "3.1.4"}
	archive, engine, station := ward3(2), ward3(3), ward3(4)
	pump := strangePump("2.1", infusing())
	return []voice{
		{name: "dicom", a: ct.party, b: archive, port: 31001, lines: ct.study(2, 300)},
		{name: "dicomweb", a: ward3(5), b: archive, port: 31002, lines: webImages(ct)},
		{name: "hl7", a: ward3(6), b: engine, port: 31003, lines: []sender.Line{
			sender.Client([]byte(pump.report(at, 1))), sender.Server([]byte(acknowledgement(at, "P1")))}},
		{name: "hl7 admission", a: ward3(22), b: engine, port: 31014, lines: []sender.Line{
			sender.Client([]byte(admission(at, "A01"))), sender.Server([]byte(acknowledgement(at, "E1")))}},
		{name: "hl7 over http", a: ward3(7), b: engine, port: 31004, lines: sender.POST("/hl7", "application/hl7-v2", []byte(bedsideMonitor(at)))},
		{name: "astm", a: ward3(8), b: station, port: 31005, lines: sender.ASTM(false, []byte(analysis(at)))},
		{name: "poct1a", a: ward3(9), b: station, port: 31006, lines: glucose(at)},
		{name: "intellivue", a: sender.Host{MAC: "00:09:fb:01:02:03", Address: "10.40.3.20"}, b: ward3(10), port: 31007, grams: datagrams(t, "intellivue/testdata/poll.hex", "<", 20)},
		{name: "carescape", a: ward3(21), b: ward3(11), port: 31008, grams: datagrams(t, "carescape/testdata/bedside.hex", "192.0.2.10", 21)},
		{name: "medibus", a: ward3(12), b: ward3(13), port: 31009, lines: dialogue(t, "medibus/testdata/evita.hex")},
		{name: "sdc", a: ward3(15), b: ward3(14), port: 31010, lines: sdcRequests()},
		{name: "sdc reports", a: ward3(14), b: ward3(15), port: 31011, lines: sdcReports()},
		{name: "ws-discovery", a: ward3(14), b: everybody, port: 3702, grams: []gram{{data: sdcHello()}}},
		{name: "ieee11073-20601", a: ward3(16), b: ward3(17), port: 31012, lines: personalHealth()},
		{name: "fhir", a: ward3(18), b: ward3(19), port: 31013, lines: fhirRead()},
	}
}

// datagrams reads a room's recording: who speaks, seconds, octets. The address that the
// monitor states of itself, 192.0.2.10, becomes that of a host of the ward.
func datagrams(t testing.TB, name, a string, host byte) (all []gram) {
	last := 0
	for _, w := range recording(t, name) {
		seconds := 0
		if _, err := fmt.Sscan(w[1], &seconds); err != nil {
			t.Fatal(err)
		}
		all = append(all, gram{back: w[0] != a, after: time.Duration(seconds-last) * time.Second, data: bytes.ReplaceAll(digits(t, w[2]), []byte{192, 0, 2, 10}, []byte{10, 40, 3, host})})
		last = seconds
	}
	return all
}

// dialogue reads a room's recording of a connection; ">" opens it.
func dialogue(t testing.TB, name string) (all []sender.Line) {
	for _, w := range recording(t, name) {
		all = append(all, sender.Line{FromServer: w[0] == "<", Data: digits(t, w[len(w)-1])})
	}
	return all
}

func recording(t testing.TB, name string) (lines [][]string) {
	t.Helper()
	raw, err := os.ReadFile("../../protocols/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		lines = append(lines, strings.Fields(line))
	}
	return lines
}

func digits(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
