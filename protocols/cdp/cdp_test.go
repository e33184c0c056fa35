package cdp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/cdp"
	"github.com/auscult/auscult/protocols/protocoltest"
)

var (
	own        = protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, 0x00} // of the chassis
	interface7 = protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, 0x07}
)

// listen dissects one frame body that came from a link address.
func listen(t testing.TB, from protocols.MAC, body []byte) *protocoltest.Heard {
	t.Helper()
	h := &protocoltest.Heard{}
	sink := h.Sink(protocols.CDP)
	s := cdp.New().Open(protocols.Context{})
	b := slices.Clone(body)
	if s.Segment(protocols.Segment{When: protocoltest.Start(), From: protocols.Endpoint{MAC: from}, Bytes: b}, sink) != 0 {
		t.Fatal("a frame has nothing to skip")
	}
	clear(b)
	s.Gap(protocols.FromOpener, 1, sink)
	s.Close(sink)
	if strings.Contains(h.Texts(), "ZZ") {
		t.Errorf("a person gets through:\n%s", h.Print())
	}
	return h
}

// said is what was stated, in short form.
func said(h *protocoltest.Heard) string {
	var all []string
	for _, o := range h.Observations {
		for _, f := range o.Facts {
			all = append(all, fmt.Sprintf("%s=%s", f.Attribute, f.Value))
		}
	}
	return strings.Join(all, " ")
}

// ios is the version of a switch, of several lines.
const ios = "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3, RELEASE SOFTWARE (fc1)\nTechnical Support: ZZ"

// TestElements: what each element says, and what says nothing.
func TestElements(t *testing.T) {
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"name", frame(device("sw-icu-2.example.org")), "hostname=sw-icu-2"},
		{"name of a phone", frame(device("SEP001122334455")), "hostname=SEP001122334455"},
		{"name with a serial number", frame(device("n9k-core(FDO21120ABC)"), tlv(6, "N9K-C93180YC-EX"), tlv(5, "Cisco Nexus Operating System (NX-OS) Software, Version 7.0(3)I7(6)")),
			"hostname=n9k-core manufacturer=Cisco model=N9K-C93180YC-EX serial_number=FDO21120ABC system_description=Cisco Nexus Operating System (NX-OS) Software, Version 7.0(3)I7(6) software_version=7.0(3)I7(6)"},
		{"serial number with a name", frame(device("TBM06110406(sw1)"), tlv(6, "cisco WS-C6509")), "hostname=sw1 manufacturer=Cisco model=WS-C6509 serial_number=TBM06110406"},
		{"brackets with something else", frame(device("sw1(ZZ)"), tlv(6, "cisco WS-C6509")), "manufacturer=Cisco model=WS-C6509"},
		{"name made of an address", frame(device("APb838.61f3.05ac")), ""},
		{"platform and version", frame(device("sw1"), tlv(6, "cisco WS-C2960X-48TS-L"), tlv(5, ios)),
			"hostname=sw1 manufacturer=Cisco model=WS-C2960X-48TS-L system_description=" + strings.Split(ios, "\n")[0] + " software_version=15.2(7)E3"},
		{"platform of another maker", frame(device("pc1"), tlv(6, "Linux"), tlv(5, "Debian GNU/Linux 12")), "hostname=pc1 system_description=Linux system_description=Debian GNU/Linux 12"},
		{"port", frame(device("sw1"), tlv(3, "GigabitEthernet1/0/7")), "own_port=GigabitEthernet1/0/7 hostname=sw1"},
		{"switch and router", frame(device("sw1"), tlv(4, "\x00\x00\x00\x29")), "role=router role=bridge hostname=sw1"},
		{"access point", frame(device("sw1"), tlv(4, "\x00\x00\x00\x02")), "hostname=sw1"},
		{"telephone", frame(device("sw1"), tlv(4, "\x00\x00\x04\x90")), "role=telephone hostname=sw1"},
		{"native VLAN", frame(device("sw1"), tlv(0xa, "\x00\x0c")), "port_vlan=12 hostname=sw1"},
		{"no VLAN", frame(device("sw1"), tlv(0xa, "\x0f\xff")), "hostname=sw1"},
		{"addresses", frame(device("sw1"), addresses(2, "\xc0\x00\x02\x05", "\x00\x00\x00\x00"), addresses(0x16, "\xc0\x00\x02\x06")), "ip=192.0.2.5 ip=192.0.2.6 hostname=sw1"},
		{"an address of IPv6", frame(device("sw1"), tlv(2, "\x00\x00\x00\x01\x02\x08\xaa\xaa\x03\x00\x00\x00\x86\xdd\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05")), "ip=2001:db8::5 hostname=sw1"},
		{"more addresses than there are", frame(device("sw1"), tlv(2, "\xff\xff\xff\xff\x01\x01\xcc\x00\x04\xc0\x00\x02\x05")), "ip=192.0.2.5 hostname=sw1"},
		{"an address whose length lies", frame(device("sw1"), tlv(2, "\x00\x00\x00\x01\x01\x01\xcc\xff\xff\xc0\x00\x02\x05")), "hostname=sw1"},
		{"system name and object", frame(device("x.y"), tlv(0x14, "sw1"), tlv(0x15, "\x2b\x06\x01\x04\x01\x09\x01\x89\x38")), "hostname=sw1 system_object_id=1.3.6.1.4.1.9.1.1208 hostname=x"},
		{"an object without an end", frame(device("sw1"), tlv(0x15, "\x2b\x06\x81")), "hostname=sw1"},
		{"place", frame(device("sw1"), tlv(0x17, "\x00Bldg 4, closet 2")), "location=Bldg 4, closet 2 hostname=sw1"},
		{"place with a person", frame(device("sw1"), tlv(0x17, "\x00call ZZ")), "hostname=sw1"},
		{"what is not read", frame(device("sw1"), tlv(9, "ZZDOMAIN"), tlv(0x1001, "ZZ")), "hostname=sw1"},
	} {
		h := listen(t, own, c.body)
		if got := said(h); got != c.want || len(h.Outcomes) != 1 || h.Outcomes[0] != protocols.Parsed {
			t.Errorf("%s: %v\n  %s\nwant\n  %s", c.name, h.Outcomes, got, c.want)
		}
	}
}

// TestInvariant04WhoIsMeant: the chassis that a switch names, where the interface can be
// one of it, and the interface alone otherwise.
func TestInvariant04WhoIsMeant(t *testing.T) {
	chassis := protocols.Subject{Kind: protocols.AboutAddress, MAC: own}
	alone := protocols.Subject{Kind: protocols.AboutSpeaker}
	for _, c := range []struct {
		name string
		from protocols.MAC
		body []byte
		want protocols.Subject
	}{
		{"one of its interfaces", interface7, frame(device("sw1"), hello(string(own[:]))), chassis},
		{"the chassis itself", own, frame(device("sw1"), hello(string(own[:]))), alone},
		{"another maker's interface", protocols.MAC{0, 0x12, 0x21, 0, 0, 1}, frame(device("sw1"), hello(string(own[:]))), alone},
		{"no hello", interface7, frame(device("sw1")), alone},
		{"a hello of another protocol", interface7, frame(device("sw1"), tlv(8, "\x00\x00\x0c\x00\x01"+strings.Repeat("\x00", 30))), alone},
	} {
		if h := listen(t, c.from, c.body); len(h.Observations) != 1 || h.Observations[0].About != c.want {
			t.Errorf("%s: %+v", c.name, h.Observations)
		}
	}
}

// TestChecksums: of frames with an odd octet at the end, both ways of counting it are
// right; anything else is damage.
func TestChecksums(t *testing.T) {
	for _, tail := range []string{"", "x", "\x7f", "\x80", "\x81", "\xff"} {
		for _, ciscos := range []bool{true, false} {
			b := append([]byte{2, 180, 0, 0}, slices.Concat(device("sw1"), tlv(0x1002, tail))...)
			sum := checksum(b, ciscos)
			b[2], b[3] = byte(sum>>8), byte(sum)
			if h := listen(t, own, b); h.Outcomes[0] != protocols.Parsed {
				t.Errorf("tail %x, Cisco's way %v: %v", tail, ciscos, h.Outcomes)
			}
			b[9] ^= 1
			if h := listen(t, own, b); h.Outcomes[0] != protocols.Malformed || len(h.Observations) > 0 {
				t.Errorf("tail %x, changed: %v", tail, h.Outcomes)
			}
		}
	}
}

// TestInvariant07HostileFrames: each is an outcome, and nothing of what it should not say
// gets through.
func TestInvariant07HostileFrames(t *testing.T) {
	long := strings.Repeat("A", 60000)
	old := frame(device("sw1"))
	old[0]++
	for _, c := range []struct {
		name string
		body []byte
		want protocols.Outcome
		says string
	}{
		{"nothing", nil, protocols.Truncated, ""},
		{"version 3", old, protocols.Unsupported, ""},
		{"a length that lies", frame(device("sw1"), []byte{0, 5, 0xff, 0xff, 'x'}), protocols.Malformed, ""},
		{"a length of nothing", frame(device("sw1"), []byte{0, 5, 0, 0}), protocols.Malformed, ""},
		{"half an element", frame(device("sw1"), []byte{0, 5}), protocols.Malformed, ""},
		{"a name of 60,000 octets", frame(device(long)), protocols.Parsed, ""},
		{"a version of 60,000 octets", frame(device("sw1"), tlv(5, long)), protocols.Parsed, "hostname=sw1"},
		{"control characters", frame(device("a\x1b[2J"), tlv(5, "a\x07"), tlv(3, "a\x00b")), protocols.Parsed, ""},
		{"right to left", frame(device("a\u202eb"), tlv(6, "cisco a\u202eb"), tlv(3, "\u202e")), protocols.Parsed, ""},
		{"a script as a name", frame(device("<script>alert(1)</script>")), protocols.Parsed, ""},
		{"elements without an end", frame(slices.Repeat(tlv(0xa, "\x00\x0c"), 2000)), protocols.LimitReached, "port_vlan=12"},
	} {
		h := listen(t, own, c.body)
		if got := said(h); len(h.Outcomes) != 1 || h.Outcomes[0] != c.want || got != c.says {
			t.Errorf("%s: %v, %s", c.name, h.Outcomes, got)
		}
	}
}

func TestProbe(t *testing.T) {
	whole := frame(device("sw1"), tlv(6, "cisco"))
	one := slices.Clone(whole)
	one[0] = 1
	for _, c := range []struct {
		name string
		on   protocols.Transport
		b    []byte
		want protocols.Verdict
	}{
		{"version 2", protocols.Link, whole, protocols.Yes},
		{"version 1", protocols.Link, one, protocols.Yes},
		{"over UDP", protocols.UDP, whole, protocols.No},
		{"another element first", protocols.Link, frame(tlv(6, "cisco"), device("sw1")), protocols.No},
		{"a name of no length", protocols.Link, frame(device(""), device("x")), protocols.No},
		{"a name longer than the frame", protocols.Link, whole[:10], protocols.No},
		{"nothing", protocols.Link, nil, protocols.No},
	} {
		if got := cdp.New().Probe(protocols.Opening{Transport: c.on, Bytes: c.b}); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

// TestInvariant05NoPartSaysMore: a frame that is cut anywhere says nothing.
func TestInvariant05NoPartSaysMore(t *testing.T) {
	whole := seed()
	for n := range whole {
		if h := listen(t, interface7, whole[:n]); len(h.Observations) > 0 || len(h.Outcomes) != 1 {
			t.Fatalf("cut to %d of %d octets: %s, %v", n, len(whole), said(h), h.Outcomes)
		}
	}
}

func seed() []byte {
	return frame(device("sw-icu-2.example.org"), addresses(2, "\xc0\x00\x02\x05"), tlv(3, "GigabitEthernet1/0/7"), tlv(4, "\x00\x00\x00\x28"), tlv(5, ios),
		tlv(6, "cisco WS-C2960X-48TS-L"), hello(string(own[:])), tlv(9, ""), tlv(0xa, "\x00\x0c"), tlv(0xb, "\x01"), addresses(0x16, "\xc0\x00\x02\x05"))
}

// FuzzFrame: any elements have one outcome, with the right checksum and without, what
// they say keeps the rules of texts, and it is about the sender or its own chassis.
func FuzzFrame(f *testing.F) {
	f.Add(seed()[4:], byte(7))
	f.Add(device("x"), byte(0))
	f.Fuzz(func(t *testing.T, elements []byte, last byte) {
		from := protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, last}
		for _, b := range [][]byte{frame(elements), elements} {
			h := &protocoltest.Heard{}
			cdp.New().Open(protocols.Context{}).Segment(protocols.Segment{From: protocols.Endpoint{MAC: from}, Bytes: b}, h.Sink(protocols.CDP))
			if len(h.Outcomes) != 1 || len(h.Observations) > 1 {
				t.Fatalf("%v, %d observations", h.Outcomes, len(h.Observations))
			}
			for _, o := range h.Observations {
				if o.About.Kind != protocols.AboutSpeaker && !o.About.MAC.SameChassis(from) || len(o.Facts) > protocols.MaxFacts {
					t.Errorf("about %+v, %d facts", o.About, len(o.Facts))
				}
			}
			cdp.New().Probe(protocols.Opening{Transport: protocols.Link, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
		}
	})
}

// BenchmarkProbe and BenchmarkSegment read the announcement of a switch.
func BenchmarkProbe(b *testing.B) {
	o := protocols.Opening{Transport: protocols.Link, Bytes: seed()}
	b.ReportAllocs()
	for b.Loop() {
		if cdp.New().Probe(o) != protocols.Yes {
			b.Fatal("not recognised")
		}
	}
}

func BenchmarkSegment(b *testing.B) {
	s, sink := cdp.New().Open(protocols.Context{}), protocols.NewSink(protocols.CDP, nil, nil, nil)
	seg := protocols.Segment{From: protocols.Endpoint{MAC: interface7}, Bytes: seed()}
	b.ReportAllocs()
	b.SetBytes(int64(len(seg.Bytes)))
	for b.Loop() {
		s.Segment(seg, sink)
	}
}
