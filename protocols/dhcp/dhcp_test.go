package dhcp_test

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/dhcp"
)

var (
	clientMAC = protocols.MAC{0x00, 0x12, 0x21, 0x00, 0x00, 0x01}
	client    = netip.MustParseAddr("192.0.2.71")
	server    = netip.MustParseAddr("192.0.2.1")
	relay     = netip.MustParseAddr("198.51.100.1")
	nobody    = netip.MustParseAddr("0.0.0.0")
)

// datagram describes one message; the zero value is an Ethernet client's request.
type datagram struct {
	op                   byte
	ciaddr, yiaddr, gate netip.Addr
	from, to             netip.Addr
	options              []byte
	file, sname          []byte
	hlen                 byte
}

// option writes one option.
func option(code byte, value ...byte) []byte {
	return append([]byte{code, byte(len(value))}, value...)
}

func text(code byte, s string) []byte { return option(code, []byte(s)...) }

func join(parts ...[]byte) []byte { return append(slices.Concat(parts...), 255) }

func (d datagram) bytes() []byte {
	b := make([]byte, 236, 512)
	b[0], b[1], b[2] = max(d.op, 1), 1, 6
	if d.hlen != 0 {
		b[2] = d.hlen
	}
	for at, a := range map[int]netip.Addr{12: d.ciaddr, 16: d.yiaddr, 24: d.gate} {
		if a.IsValid() {
			copy(b[at:], a.AsSlice())
		}
	}
	copy(b[28:], clientMAC[:])
	copy(b[44:108], d.sname)
	copy(b[108:236], d.file)
	b = binary.BigEndian.AppendUint32(b, 0x63825363)
	return append(b, d.options...)
}

type heard struct {
	observations []protocols.Observation
	outcomes     []protocols.Outcome
}

func listen(from, to netip.Addr, b []byte) *heard {
	h := &heard{}
	out := protocols.NewSink(protocols.DHCP,
		func(o protocols.Observation) { h.observations = append(h.observations, o) },
		func(_ protocols.Name, o protocols.Outcome) { h.outcomes = append(h.outcomes, o) }, nil)
	s := dhcp.New().Open(protocols.Context{})
	if s.Segment(protocols.Segment{When: time.Unix(1, 0), From: protocols.Endpoint{Addr: from}, To: protocols.Endpoint{Addr: to}, Bytes: b}, out) != 0 {
		panic("a datagram has nothing to skip")
	}
	s.Gap(protocols.FromOpener, 1, out)
	s.Close(out)
	return h
}

func (d datagram) listen() *heard {
	from, to := d.from, d.to
	if !from.IsValid() {
		from = nobody
	}
	if !to.IsValid() {
		to = netip.MustParseAddr("255.255.255.255")
	}
	return listen(from, to, d.bytes())
}

// String writes what was stated on one line an observation.
func (h *heard) String() string {
	var lines []string
	for _, o := range h.observations {
		line := "speaker:"
		if o.About.Kind == protocols.AboutAddress {
			line = fmt.Sprintf("%s at %s:", o.About.MAC, o.About.Addr)
			line = strings.NewReplacer("00:00:00:00:00:00 at ", "", " at invalid IP", "").Replace(line)
		}
		for _, f := range o.Facts {
			line += fmt.Sprintf(" %s=%s(%s)", f.Attribute, f.Value, f.Field)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const (
	me     = "00:12:21:00:00:01"
	asSelf = me + ": role=dhcp-client(option 53) mac=" + me + "(chaddr)"
)

func TestStatements(t *testing.T) {
	cases := []struct {
		name string
		datagram
		outcome protocols.Outcome
		want    string
	}{
		{"discover", datagram{options: join(option(53, 1), text(12, "PUMP-0407"), text(60, "VxWorks"), option(55, 1, 28, 2, 3), option(61, 1, 0xab))},
			protocols.Parsed, asSelf + " hostname=PUMP-0407(option 12) vendor_class=VxWorks(option 60) parameter_list=1,28,2,3(option 55) client_id=01ab(option 61)"},
		{"a wish is no holding", datagram{options: join(option(53, 3), option(50, 192, 0, 2, 71), option(54, 192, 0, 2, 1))}, protocols.Parsed, asSelf},
		{"renewal", datagram{ciaddr: client, from: client, to: server, options: join(option(53, 3))}, protocols.Parsed,
			me + " at 192.0.2.71: role=dhcp-client(option 53) mac=" + me + "(chaddr) ip=192.0.2.71(ciaddr)"},
		{"release", datagram{ciaddr: client, options: join(option(53, 7))}, protocols.Parsed, me + " at 192.0.2.71: role=dhcp-client(option 53) mac=" + me + "(chaddr)"},
		{"decline", datagram{ciaddr: client, options: join(option(53, 4))}, protocols.Parsed, asSelf},
		{"address in a discover", datagram{ciaddr: client, options: join(option(53, 1))}, protocols.Parsed, asSelf},
		{"offer", datagram{op: 2, yiaddr: client, from: server, options: join(option(53, 2), text(12, "PUMP-0407"))}, protocols.Parsed, "speaker: role=dhcp-server(option 53)"},
		{"acknowledgement", datagram{op: 2, yiaddr: client, from: server, options: join(option(53, 5), text(12, "PUMP-0407"), text(15, "example.org"))}, protocols.Parsed,
			"speaker: role=dhcp-server(option 53)\n" + me + " at 192.0.2.71: mac=" + me + "(chaddr) ip=192.0.2.71(yiaddr) hostname=PUMP-0407(option 12)"},
		{"answer to an inform", datagram{op: 2, ciaddr: client, from: server, options: join(option(53, 5))}, protocols.Parsed,
			"speaker: role=dhcp-server(option 53)\n" + me + " at 192.0.2.71: mac=" + me + "(chaddr) ip=192.0.2.71(ciaddr)"},
		{"refusal", datagram{op: 2, from: server, options: join(option(53, 6), option(54, 192, 0, 2, 1))}, protocols.Parsed, "speaker: role=dhcp-server(option 53)"},
		{"relayed request", datagram{gate: relay, from: relay, to: server, options: join(option(53, 1), option(82, append([]byte{1, 6}, "Gi1/05"...)...))}, protocols.Parsed,
			"198.51.100.1: role=dhcp-relay(giaddr)\n" + asSelf + " switch_port=Gi1/05(option 82)"},
		{"answer to the relay", datagram{op: 2, yiaddr: client, gate: relay, from: server, to: relay, options: join(option(53, 2))}, protocols.Parsed, "speaker: role=dhcp-server(option 53)"},
		{"answer passed on", datagram{op: 2, yiaddr: client, gate: relay, from: relay, to: client, options: join(option(53, 2), option(54, 192, 0, 2, 1))}, protocols.Parsed,
			"198.51.100.1: role=dhcp-relay(giaddr)\n192.0.2.1: role=dhcp-server(option 54)"},
		{"server hidden by the relay", datagram{op: 2, yiaddr: client, gate: relay, from: relay, to: client, options: join(option(53, 2), option(54, 198, 51, 100, 1))}, protocols.Parsed,
			"198.51.100.1: role=dhcp-relay(giaddr)"},
		{"circuit with type and length", datagram{options: join(option(53, 1), option(82, append([]byte{1, 8, 1, 6}, "Gi1/05"...)...))}, protocols.Parsed, asSelf + " switch_port=Gi1/05(option 82)"},
		{"binary circuit", datagram{options: join(option(53, 1), option(82, 1, 6, 0, 4, 0, 10, 1, 5))}, protocols.Parsed, asSelf},
		{"full name", datagram{options: join(option(53, 1), option(81, append([]byte{0, 0, 0}, "ct01.rad.example.org"...)...))}, protocols.Parsed, asSelf + " hostname=ct01(option 81)"},
		{"full name in wire form", datagram{options: join(option(53, 1), option(81, append([]byte{4, 0, 0, 4}, "ct01\x03rad\x00"...)...))}, protocols.Parsed, asSelf + " hostname=ct01(option 81)"},
		{"long option in parts", datagram{options: join(option(53, 1), text(12, "PUMP-"), option(0)[:1], text(12, "0407"))}, protocols.Parsed, asSelf + " hostname=PUMP-0407(option 12)"},
		{"overload", datagram{options: join(option(52, 3)), file: join(option(53, 1), text(12, "PUMP-")), sname: join(text(12, "0407"))}, protocols.Parsed, asSelf + " hostname=PUMP-0407(option 12)"},
		{"overload of a bad kind", datagram{options: join(option(53, 1), option(52, 9))}, protocols.Malformed, ""},
		{"overload that overruns", datagram{options: join(option(53, 1), option(52, 1)), file: option(12, make([]byte, 200)...)}, protocols.Malformed, ""},
		{"no end mark", datagram{options: option(53, 1)}, protocols.Parsed, asSelf},
		{"option overruns", datagram{options: []byte{53, 1, 1, 12, 9, 'x'}}, protocols.Malformed, ""},
		{"length missing", datagram{options: []byte{53, 1, 1, 12}}, protocols.Malformed, ""},
		{"reply with a client's type", datagram{op: 2, options: join(option(53, 1))}, protocols.Malformed, ""},
		{"type of two octets", datagram{options: join(option(53, 1, 1))}, protocols.Malformed, ""},
		{"plain BOOTP", datagram{options: join(text(12, "PUMP-0407"))}, protocols.Unsupported, ""},
		{"lease query", datagram{options: join(option(53, 10))}, protocols.Unsupported, ""},
		{"no Ethernet client", datagram{hlen: 8, options: join(option(53, 1), text(12, "PUMP-0407"))}, protocols.Parsed, ""},
		{"lease of a broadcast address", datagram{op: 2, yiaddr: netip.MustParseAddr("255.255.255.255"), from: server, options: join(option(53, 5))}, protocols.Parsed, "speaker: role=dhcp-server(option 53)"},
	}
	for _, c := range cases {
		h := c.listen()
		if len(h.outcomes) != 1 || h.outcomes[0] != c.outcome {
			t.Errorf("%s: outcomes %v, want %v", c.name, h.outcomes, c.outcome)
		}
		if got := h.String(); got != c.want {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestInvariant02NoPatientInHostNames: a telephone is named after its owner, and
// the owner may be a patient; accounts stand in the user class.
func TestInvariant02NoPatientInHostNames(t *testing.T) {
	cases := []struct{ sent, want string }{
		{"ICU2-MX450", "ICU2-MX450"}, {"BRN001BA9818283", "BRN001BA9818283"}, {"ct01.rad.example.org", "ct01"}, {"iPhone", "iPhone"}, {"W4_CART", "W4_CART"},
		{"Canarys-iPhone", ""}, {"iPhone-von-Canary", ""}, {"Canary-iPad2", ""}, {"Canary-s-MacBook-Pro", ""}, {"Galaxy-S21-Canary", ""},
		{"CanarysiPad", ""}, {"CANARYiPhone", ""}, {"Canarys-iPhone-2", ""}, {"iPhone-de-Canary", ""}, {"Canarys-MBP", ""}, {"Canarys-Air", ""},
		{"Canarys-Laptop", ""}, {"Canarys-S23-Ultra", ""}, {"Canarys-S23", ""}, {"Galaxy-S23-von-Canary", ""}, {"Canary-PC", ""}, {"CANARYS-KINDLE", ""},
		{"Canarys-Tablet", ""}, {"CanarysTablet", ""}, {"Canarys-Surface", ""}, {"Canarys-Moto-G", ""}, {"DESKTOP-CANARY", ""}, {"Canary-Mary-PC", ""},
		{"PHILIPS-T5", "PHILIPS-T5"}, {"ELI250-ED", "ELI250-ED"}, {"STVREAD01", "STVREAD01"}, {"RAD1-PC", "RAD1-PC"}, {"DESKTOP-4F7K2QM", "DESKTOP-4F7K2QM"},
		{"LAPTOP-9A8B7C6", "LAPTOP-9A8B7C6"}, {"PUMP-0407", "PUMP-0407"}, {"iPad-2", "iPad-2"}, {"ULTRA-1", "ULTRA-1"}, {"PC-LAB-S10", "PC-LAB-S10"},
		{"canary@example.org", ""}, {`EXAMPLE\canary`, ""}, {"Mary Canary", ""}, {"canary\x01", ""}, {"--", ""}, {"", ""}, {strings.Repeat("c", 64), ""},
	}
	for _, c := range cases {
		h := datagram{options: join(option(53, 1), text(12, c.sent), text(77, "canary"))}.listen()
		want := asSelf
		if c.want != "" {
			want += " hostname=" + c.want + "(option 12)"
		}
		if got := h.String(); got != want {
			t.Errorf("%q: states\n%s\nwant\n%s", c.sent, got, want)
		}
	}
}

// TestInvariant02NoNameOfAPrivateAddress: a station that made its address up does
// not want to be known, and its name may be its owner's.
func TestInvariant02NoNameOfAPrivateAddress(t *testing.T) {
	for _, c := range []struct {
		mac  protocols.MAC
		want bool
	}{
		{protocols.MAC{0x00, 0x12, 0x21, 0, 0, 1}, true},
		{protocols.MAC{0xda, 0xa1, 0x19, 0, 0, 1}, false},
		{protocols.MAC{0x52, 0x54, 0x00, 0, 0, 1}, true}, // a virtual machine
		{protocols.MAC{0x52, 0x54, 0x01, 0, 0, 1}, false},
	} {
		for _, name := range [][]byte{text(12, "canary"), option(81, append([]byte{0, 0, 0}, "canary.example"...)...)} {
			b := datagram{options: join(option(53, 1), name)}.bytes()
			copy(b[28:], c.mac[:])
			h := listen(nobody, netip.MustParseAddr("255.255.255.255"), b)
			if got := strings.Contains(h.String(), "canary"); got != c.want {
				t.Errorf("%s: its name is stated: %v, want %v", c.mac, got, c.want)
			}
		}
	}
}

func TestProbe(t *testing.T) {
	good := datagram{options: join(option(53, 1))}.bytes()
	bad := func(at int, v byte) []byte {
		b := slices.Clone(good)
		b[at] = v
		return b
	}
	cases := []struct {
		name      string
		transport protocols.Transport
		bytes     []byte
		want      protocols.Verdict
	}{
		{"DHCP", protocols.UDP, good, protocols.Yes},
		{"over TCP", protocols.TCP, good, protocols.No},
		{"operation 3", protocols.UDP, bad(0, 3), protocols.No},
		{"no cookie", protocols.UDP, bad(236, 0), protocols.No},
		{"hardware length 17", protocols.UDP, bad(2, 17), protocols.No},
		{"short", protocols.UDP, good[:239], protocols.No},
	}
	for _, c := range cases {
		if got := dhcp.New().Probe(protocols.Opening{Transport: c.transport, FromPort: 1, ToPort: 2, Bytes: c.bytes}); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

// TestDatagramIsNotChanged: the bytes belong to the caller.
func TestDatagramIsNotChanged(t *testing.T) {
	b := datagram{options: join(option(53, 1), text(12, "PUMP-"), text(60, "VxWorks"), text(12, "0407"))}.bytes()
	before := slices.Clone(b)
	listen(nobody, nobody, b)
	if !slices.Equal(b, before) {
		t.Error("the datagram was written to")
	}
}

// FuzzStatements: a broken datagram states nothing; addresses come only from an
// acknowledgement or from a client that uses one; texts keep the rules.
func FuzzStatements(f *testing.F) {
	f.Add(datagram{options: join(option(53, 3), option(50, 192, 0, 2, 71), text(12, "PUMP-0407"))}.bytes())
	f.Add(datagram{op: 2, yiaddr: client, options: join(option(53, 5), option(82, 1, 2, 'a', 'b'))}.bytes())
	f.Add(datagram{options: join(option(52, 3)), file: join(option(53, 1), text(12, "PUMP-")), sname: join(text(12, "0407"))}.bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		h := listen(nobody, nobody, b)
		if len(h.outcomes) != 1 {
			t.Fatalf("outcomes %v, want one", h.outcomes)
		}
		if len(h.observations) > 0 && h.outcomes[0] != protocols.Parsed {
			t.Errorf("states %q though %v", h, h.outcomes[0])
		}
		for _, o := range h.observations {
			for _, fact := range o.Facts {
				if _, ok := protocols.Text(fact.Value); !ok {
					t.Errorf("fact %+v", fact)
				}
				held := string(b[12:16]) == string(o.About.Addr.AsSlice()) || string(b[16:20]) == string(o.About.Addr.AsSlice())
				if fact.Attribute == protocols.IPAddress && !held {
					t.Errorf("address %s is in neither field", fact.Value)
				}
			}
		}
	})
}
