package lldp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/lldp"
	"github.com/auscult/auscult/protocols/protocoltest"
)

var (
	own        = protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, 0x00} // of the chassis
	interface7 = protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, 0x07}
	another    = protocols.MAC{0x00, 0x12, 0x21, 0x00, 0x00, 0x01}
)

// listen dissects one frame body that came from a link address.
func listen(t testing.TB, from protocols.MAC, body []byte) *protocoltest.Heard {
	t.Helper()
	h := &protocoltest.Heard{}
	sink := h.Sink(protocols.LLDP)
	s := lldp.New().Open(protocols.Context{})
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

const ownPort = "own_port=Gi1/0/7"

// TestElements: what each element says, and what says nothing.
func TestElements(t *testing.T) {
	north := []byte{0x01, 0x88, 0x5e, 0xc0, 0xcf, 0x18, 0x8b, 0xee, 0xea, 0xa8, 0xeb, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}
	for _, c := range []struct {
		name string
		more []byte
		want string
	}{
		{"nothing more", nil, ownPort},
		{"name", name("sw-icu-2.example.org"), ownPort + " hostname=sw-icu-2"},
		{"description", tlv(6, []byte("Cisco IOS Software, X, Version 15.2(7)E3, RELEASE\nZZ")), ownPort + " system_description=Cisco IOS Software, X, Version 15.2(7)E3, RELEASE software_version=15.2(7)E3"},
		{"port description", tlv(4, []byte("ICU, closet 2")), ownPort + " own_port=ICU, closet 2"},
		{"port description with a person", tlv(4, []byte("to ZZ, ext 4711")), ownPort},
		{"what it can do, and does not", capable(0x9c, 0x80), ownPort + " role=station"},
		{"switch", capable(0x14, 0x14), ownPort + " role=bridge role=router"},
		{"what it does, and cannot", capable(0x04, 0x24), ownPort + " role=bridge"},
		{"telephone", capable(0x24, 0x24), ownPort + " role=bridge role=telephone"},
		{"managed at", managed(1, 192, 0, 2, 5), ownPort + " ip=192.0.2.5"},
		{"managed at IPv6", managed(2, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5), ownPort + " ip=2001:db8::5"},
		{"managed nowhere", managed(1, 0, 0, 0, 0), ownPort},
		{"managed at a group", managed(1, 224, 0, 0, 1), ownPort},
		{"managed at a MAC", managed(6, 0, 1, 2, 3, 4, 5), ownPort},
		{"an address whose length lies", tlv(8, []byte{200, 1, 192, 0, 2, 5}), ownPort},
		{"VLAN of the port", vlans(1, "\x00\x0c"), ownPort + " port_vlan=12"},
		{"no VLAN", vlans(1, "\x00\x00"), ownPort},
		{"name of a VLAN", vlans(3, "\x00\x0c\x08CLINICAL"), ownPort + " vlan_name=12 CLINICAL"},
		{"a name whose length lies", vlans(3, "\x00\x0c\x09C"), ownPort},
		{"asset", med(11, "BIO-00412"), ownPort + " label=BIO-00412"},
		{"inventory", slices.Concat(med(5, "A"), med(6, "F1"), med(7, "C.01"), med(8, "DE44018202"), med(9, "Philips"), med(10, "MX450")),
			ownPort + " hardware_version=A firmware_version=F1 software_version=C.01 serial_number=DE44018202 manufacturer=Philips model=MX450"},
		{"what nobody has filled in", slices.Concat(med(7, "Unknown"), med(9, "To Be Filled By O.E.M.")), ownPort},
		{"where an endpoint is", slices.Concat(class(3), civic(2, part(3, "Northfield"), part(25, "5"), part(27, "2"), part(28, "2.114"), part(23, "ZZ Canary"))),
			ownPort + " location=building 5, floor 2, room 2.114"},
		{"where its neighbour is", slices.Concat(class(4), civic(2, part(28, "ZZ room"))), ownPort},
		{"before it says what it is", slices.Concat(civic(2, part(28, "ZZ room")), class(3)), ownPort},
		{"where a server is", slices.Concat(class(1), civic(0, part(28, "ZZ room"))), ownPort},
		{"a place with a person", slices.Concat(class(1), civic(2, part(28, "Dr. ZZ"))), ownPort},
		{"a place whose lengths lie", slices.Concat(class(1), civic(2, part(28, "ZZ"), []byte{27, 200, '2'})), ownPort},
		{"coordinates", slices.Concat(class(1), med(3, string(north))), ownPort + " location=47.37658 -8.54168"},
		{"a telephone number", slices.Concat(class(1), med(3, "\x030445550199")), ownPort},
		{"another organization", tlv(127, []byte{0, 0x12, 0x0f, 1, 3, 0x6c, 0, 0, 0x10}), ownPort},
		{"a reserved kind", tlv(100, []byte("ZZ")), ownPort},
	} {
		h := listen(t, own, frame(c.more))
		if got := said(h); got != c.want || len(h.Outcomes) != 1 || h.Outcomes[0] != protocols.Parsed {
			t.Errorf("%s: %v\n  %s\nwant\n  %s", c.name, h.Outcomes, got, c.want)
		}
	}
}

// TestInvariant04WhoIsMeant: the chassis, where the interface can be one of it, and the
// interface alone otherwise.
func TestInvariant04WhoIsMeant(t *testing.T) {
	profinet := tlv(127, []byte{0x00, 0x0e, 0xcf, 5}, own[:])
	local := named(1, 7, "siemens-x208-switch")
	far := protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x04, 0x00}
	for _, c := range []struct {
		name string
		from protocols.MAC
		body []byte
		want protocols.Subject
	}{
		{"the chassis itself", own, frame(), protocols.Subject{Kind: protocols.AboutSpeaker}},
		{"one of its interfaces", interface7, frame(), protocols.Subject{Kind: protocols.AboutAddress, MAC: own}},
		{"too far away", far, frame(), protocols.Subject{Kind: protocols.AboutSpeaker}},
		{"another maker's interface", another, frame(), protocols.Subject{Kind: protocols.AboutSpeaker}},
		{"PROFINET", interface7, slices.Concat(local, port, ttl, profinet, end), protocols.Subject{Kind: protocols.AboutAddress, MAC: own}},
		{"a chassis with a name", interface7, slices.Concat(local, port, ttl, end), protocols.Subject{Kind: protocols.AboutSpeaker}},
		{"a group as the chassis", own, slices.Concat(tlv(1, []byte{4, 1, 0x1b, 0x54, 0xaa, 0, 0}), port, ttl, end), protocols.Subject{Kind: protocols.AboutSpeaker}},
	} {
		h := listen(t, c.from, c.body)
		if len(h.Observations) != 1 || h.Observations[0].About != c.want {
			t.Errorf("%s: %+v", c.name, h.Observations)
		}
	}
}

// TestInvariant07HostileFrames: each is an outcome, and nothing of what it should not say
// gets through.
func TestInvariant07HostileFrames(t *testing.T) {
	long := strings.Repeat("A", 511)
	many := slices.Repeat(vlans(1, "\x00\x0c"), 400)
	for _, c := range []struct {
		name string
		body []byte
		want protocols.Outcome
		says string
	}{
		{"nothing", nil, protocols.Truncated, ""},
		{"no end", frame()[:len(frame())-2], protocols.Truncated, ""},
		{"a length that lies", slices.Concat(chassis, port, ttl, []byte{5 << 1, 200, 'x'}), protocols.Truncated, ""},
		{"two chassis", frame(chassis), protocols.Malformed, ""},
		{"the port first", slices.Concat(port, chassis, ttl, end), protocols.Malformed, ""},
		{"a chassis of no kind", slices.Concat(named(1, 0, "x"), port, ttl, end), protocols.Malformed, ""},
		{"a chassis of no length", slices.Concat(tlv(1, []byte{4}), port, ttl, end), protocols.Malformed, ""},
		{"a time to live of one octet", slices.Concat(chassis, port, tlv(3, []byte{1}), end), protocols.Malformed, ""},
		{"it leaves", slices.Concat(chassis, port, tlv(3, []byte{0, 0}), name("sw"), end), protocols.Parsed, ""},
		{"the longest name", frame(name(long)), protocols.Parsed, ownPort},
		{"the longest description", frame(tlv(6, []byte(long))), protocols.Parsed, ownPort},
		{"control characters", frame(name("a\x1b[2J"), tlv(6, []byte("a\x07b")), tlv(4, []byte("a\x00b"))), protocols.Parsed, ownPort},
		{"right to left", frame(name("a\u202eb"), tlv(6, []byte("a\u202eb")), med(9, "a\u202eb"), vlans(3, "\x00\x01\x05a\u202eb")), protocols.Parsed, ownPort},
		{"a script as a name", frame(name("<script>alert(1)</script>")), protocols.Parsed, ownPort},
		{"not UTF-8", frame(med(10, "\xff\xfe")), protocols.Parsed, ownPort},
		{"elements without an end", slices.Concat(chassis, port, ttl, many), protocols.LimitReached, ownPort + " port_vlan=12"},
		{"padding behind the end", append(frame(name("sw")), make([]byte, 40)...), protocols.Parsed, ownPort + " hostname=sw"},
	} {
		h := listen(t, own, c.body)
		if got := said(h); len(h.Outcomes) != 1 || h.Outcomes[0] != c.want || got != c.says {
			t.Errorf("%s: %v, %s", c.name, h.Outcomes, got)
		}
	}
	h := listen(t, own, frame(slices.Repeat(name("a1"), 200)))
	if strings.Count(said(h), "hostname") != 1 {
		t.Errorf("repeated: %s", said(h))
	}
}

func TestProbe(t *testing.T) {
	whole := frame(name("sw"))
	for _, c := range []struct {
		name string
		on   protocols.Transport
		b    []byte
		want protocols.Verdict
	}{
		{"LLDP", protocols.Link, whole, protocols.Yes},
		{"longer than is looked at", protocols.Link, slices.Concat(named(1, 7, strings.Repeat("a", 255)), named(2, 7, strings.Repeat("b", 255)), ttl, end)[:protocols.ProbeLimit], protocols.Yes},
		{"over UDP", protocols.UDP, whole, protocols.No},
		{"the end first", protocols.Link, slices.Concat(end, whole), protocols.No},
		{"cut in the port", protocols.Link, whole[:12], protocols.No},
		{"another time to live", protocols.Link, slices.Concat(chassis, port, tlv(3, []byte{1, 2, 3})), protocols.No},
		{"nothing", protocols.Link, nil, protocols.No},
	} {
		if got := lldp.New().Probe(protocols.Opening{Transport: c.on, Bytes: c.b}); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

// TestInvariant05NoPartSaysMore: a frame that is cut anywhere says nothing.
func TestInvariant05NoPartSaysMore(t *testing.T) {
	whole := seed()
	for n := range len(whole) - 1 {
		if h := listen(t, interface7, whole[:n]); len(h.Observations) > 0 || len(h.Outcomes) != 1 {
			t.Fatalf("cut to %d of %d octets: %s, %v", n, len(whole), said(h), h.Outcomes)
		}
	}
}

func seed() []byte {
	return frame(name("sw-icu-2"), tlv(6, []byte("Cisco IOS Software, X, Version 15.2(7)E3")), tlv(4, []byte("uplink")), capable(0x14, 0x14), managed(1, 192, 0, 2, 5),
		vlans(1, "\x00\x0c"), vlans(3, "\x00\x0c\x02OR"), class(3), med(8, "S1234"), med(9, "Cisco"), civic(2, part(25, "5"), part(28, "12")))
}

// FuzzFrame: any frame has one outcome, what it says keeps the rules of texts, and it is
// about its sender or the sender's own chassis.
func FuzzFrame(f *testing.F) {
	f.Add(seed(), byte(7))
	f.Add(frame(), byte(0))
	f.Fuzz(func(t *testing.T, b []byte, last byte) {
		from := protocols.MAC{0x00, 0x1b, 0x54, 0xaa, 0x00, last}
		h := &protocoltest.Heard{}
		lldp.New().Open(protocols.Context{}).Segment(protocols.Segment{From: protocols.Endpoint{MAC: from}, Bytes: b}, h.Sink(protocols.LLDP))
		if len(h.Outcomes) != 1 || len(h.Observations) > 1 {
			t.Fatalf("%v, %d observations", h.Outcomes, len(h.Observations))
		}
		for _, o := range h.Observations {
			if o.About.Kind != protocols.AboutSpeaker && !o.About.MAC.SameChassis(from) || len(o.Facts) > protocols.MaxFacts {
				t.Errorf("about %+v, %d facts", o.About, len(o.Facts))
			}
		}
		lldp.New().Probe(protocols.Opening{Transport: protocols.Link, Bytes: b[:min(len(b), protocols.ProbeLimit)]})
	})
}

// BenchmarkProbe and BenchmarkSegment read the announcement of a switch.
func BenchmarkProbe(b *testing.B) {
	o := protocols.Opening{Transport: protocols.Link, Bytes: seed()}
	b.ReportAllocs()
	for b.Loop() {
		if lldp.New().Probe(o) != protocols.Yes {
			b.Fatal("not recognised")
		}
	}
}

func BenchmarkSegment(b *testing.B) {
	s, sink := lldp.New().Open(protocols.Context{}), protocols.NewSink(protocols.LLDP, nil, nil, nil)
	seg := protocols.Segment{From: protocols.Endpoint{MAC: interface7}, Bytes: seed()}
	b.ReportAllocs()
	b.SetBytes(int64(len(seg.Bytes)))
	for b.Loop() {
		s.Segment(seg, sink)
	}
}
