package dns_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

const (
	ct       = "ct01.local"
	printing = "Canary's printer._ipp._tcp.local"
	scanner  = "CT Canary._dicom._tcp.local"
)

func TestMulticast(t *testing.T) {
	brother := []string{"txtvers=1", "ty=Brother HL-L2350DW series", "note=Canary's room", "adminurl=http://canary", "usb_MFG=Brother", "fn=Canary", "UUID=e3248000"}
	for _, c := range []struct {
		name string
		says [][]byte
		want string
	}{
		{"host", [][]byte{announce(a(ct, host))}, "hostname=ct01[parsed]"},
		{"host with both addresses", [][]byte{announce(aaaa(ct, host6), a(ct, host))}, "hostname=ct01[parsed]"},
		{"another host's address", [][]byte{announce(a(ct, other))}, "[parsed]"},
		{"reflected records beside one's own", [][]byte{announce(a("ct99.local", other), srv(scanner, "ct99.local"), a(ct, host))}, "hostname=ct01[parsed]"},
		{"service", [][]byte{announce(srv(scanner, ct), a(ct, host))}, "hostname=ct01 role=offers-dicom[parsed]"},
		{"service announced later", [][]byte{announce(a(ct, host)), announce(srv(scanner, "CT01.local"))}, "hostname=ct01 role=offers-dicom[parsed parsed]"},
		{"service without an address", [][]byte{announce(srv(scanner, ct))}, "[parsed]"},
		{"service of another host", [][]byte{announce(srv(scanner, "ct99.local"), a(ct, host))}, "hostname=ct01[parsed]"},
		{"service of several kinds", [][]byte{announce(srv("x._http._tcp.local", ct), srv("x._ssh._tcp.local", ct), srv("y._http._tcp.local", ct), srv("x._workstation._tcp.local", ct), a(ct, host))},
			"hostname=ct01 role=offers-http role=offers-ssh role=offers-workstation[parsed]"},
		{"service that nobody knows", [][]byte{announce(srv("x._canary._tcp.local", ct), txt("x._canary._tcp.local", "model=Canary"), a(ct, host))}, "hostname=ct01[parsed]"},
		{"service that is taken back", [][]byte{announce(record(scanner, typeSRV, flush, goodbye, []byte{0, 0, 0, 0, 0, 104}, dotted(ct)), a(ct, host))}, "hostname=ct01[parsed]"},
		{"name that is taken back", [][]byte{announce(a(ct, host)), announce(record(ct, typeA, flush, goodbye, host.AsSlice())), announce(srv(scanner, ct))}, "hostname=ct01[parsed parsed parsed]"},
		{"goodbye alone", [][]byte{announce(record(ct, typeA, flush, goodbye, host.AsSlice()))}, "[parsed]"},
		{"printer", [][]byte{announce(srv(printing, ct), txt(printing, brother...), a(ct, host))},
			"hostname=ct01 model=Brother HL-L2350DW series manufacturer=Brother role=offers-printer[parsed]"},
		{"text of another instance", [][]byte{announce(srv(printing, ct), txt("b._ipp._tcp.local", brother...), a(ct, host))}, "hostname=ct01 role=offers-printer[parsed]"},
		{"text that is taken back", [][]byte{announce(srv(printing, ct), record(printing, typeTXT, flush, goodbye, []byte("\x09ty=Canary")), a(ct, host))}, "hostname=ct01 role=offers-printer[parsed]"},
		{"print queue of a computer", [][]byte{announce(srv(printing, ct), txt(printing, append(brother, "rp=printers/canary")...), a(ct, host))}, "hostname=ct01 role=offers-print-queue[parsed]"},
		{"printer of a workstation", [][]byte{announce(srv(printing, ct), txt(printing, brother...), srv("x._workstation._tcp.local", ct), a(ct, host))},
			"hostname=ct01 role=offers-printer role=offers-workstation[parsed]"},
		{"serial number", [][]byte{announce(srv("x._http._tcp.local", ct), txt("x._http._tcp.local", "SN=AB-12345", "serial=Canary"), a(ct, host))},
			"hostname=ct01 serial_number=AB-12345 role=offers-http[parsed]"},
		{"a model that is somebody's", [][]byte{announce(srv(printing, ct), txt(printing, "ty=Canary's LaserJet", "mdl=Canary iPhone"), a(ct, host))}, "hostname=ct01 role=offers-printer[parsed]"},
		{"text whose length lies", [][]byte{announce(srv(printing, ct), record(printing, typeTXT, flush, alive, []byte("\x20ty=Canary")), a(ct, host))}, "hostname=ct01 role=offers-printer[parsed]"},
		{"system", [][]byte{announce(a(ct, host), record(ct, typeHINFO, flush, alive, []byte("\x06X86_64\x05LINUX")))}, "hostname=ct01 os=Linux[parsed]"},
		{"system that nobody knows", [][]byte{announce(a(ct, host), record(ct, typeHINFO, flush, alive, []byte("\x06X86_64\x06Canary")))}, "hostname=ct01[parsed]"},
		{"system cut", [][]byte{announce(a(ct, host), record(ct, typeHINFO, flush, alive, []byte("\x06X86_64\x05LIN")))}, "hostname=ct01[parsed]"},
		{"a person's telephone", [][]byte{announce(a("Canarys-iPhone.local", host), srv("Canary's iPhone._ssh._tcp.local", "canarys-iphone.local"))}, "role=offers-ssh[parsed]"},
		{"a name with more labels", [][]byte{announce(a("ct01.rad.local", host))}, "[parsed]"},
		{"two names for one address", [][]byte{announce(a(ct, host), a("ct02.local", host), srv(scanner, "ct02.local"))}, "hostname=ct01[parsed]"},
		{"question", [][]byte{message(0, 0, [][]byte{asks(ct, 1)}, a(ct, host))}, "[parsed]"},
		{"script", [][]byte{announce(a("<script>.local", host))}, "[parsed]"},
		{"right to left", [][]byte{announce(a("ct\u202e01.local", host))}, "[parsed]"},
		{"control characters", [][]byte{announce(a("ct\x0701.local", host))}, "[parsed]"},
		{"more records than there are", [][]byte{with(announce(a(ct, host)), 7, 2)}, "[malformed]"},
		{"more records than are read", [][]byte{announce(slices.Repeat([][]byte{a(ct, host)}, 257)...)}, "[limit]"},
		{"data longer than the message", [][]byte{announce(a(ct, host)[:20])}, "[malformed]"},
		{"unicast DNS", [][]byte{message(7, 0x8580, [][]byte{asks(ct, 1)}, a(ct, host))}, "[malformed]"},
	} {
		if got := said(listen(t, host, protocols.MAC{}, c.says...)); got != c.want {
			t.Errorf("%s: states\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestPointers: names that go on elsewhere are followed backwards only, and not for
// ever.
func TestPointers(t *testing.T) {
	addr := host.AsSlice()
	first := append([]byte("\x02aa"), dotted("local")...) // at 12
	for _, c := range []struct {
		name string
		says []byte
		want string
	}{
		{"to what was before", announce(raw(dotted("x.local"), typePTR, shared, alive, dotted("ct02.local")), raw([]byte("\x04ct01\xc0\x0e"), typeA, flush, alive, addr)), "hostname=ct01[parsed]"},
		{"to itself", announce(raw([]byte("\xc0\x0c"), typeA, flush, alive, addr)), "[malformed]"},
		{"in a circle", announce(raw(dotted("x.local"), typePTR, shared, alive, []byte("\xc0\x1f")), raw([]byte("\xc0\x1f"), typeA, flush, alive, addr)), "[parsed]"},
		{"forwards", announce(raw(dotted("x.local"), typePTR, shared, alive), raw([]byte("\xc0\xff"), typeA, flush, alive, addr)), "[parsed]"},
		{"forwards to a name", announce(record("x.local", typePTR, shared, alive), raw([]byte("\xc0\x2f"), typeA, flush, alive, addr), record(ct, typePTR, shared, alive)), "[parsed]"},
		{"into the header", announce(raw(first, typePTR, shared, alive), raw([]byte("\x04ct01\xc0\x02"), typeA, flush, alive, addr)), "[parsed]"},
		{"a label of another kind", announce(raw(first, typePTR, shared, alive), raw([]byte("\x44ct01\xc0\x0f"), typeA, flush, alive, addr)), "[malformed]"},
	} {
		if got := said(listen(t, host, protocols.MAC{}, c.says)); got != c.want {
			t.Errorf("%s: states %s, want %s", c.name, got, c.want)
		}
	}
}

func TestLinkLocal(t *testing.T) {
	own := record("ct01", typeA, shared, 30, host.AsSlice())
	for _, c := range []struct {
		name string
		says []byte
		want string
	}{
		{"answer", resolved(0x8000, "ct01", own), "hostname=ct01[parsed]"},
		{"answer in another case", resolved(0x8000, "CT01", own), "hostname=ct01[parsed]"},
		{"answer for several addresses", resolved(0x8000, "ct01", record("ct01", typeA, shared, 30, other.AsSlice()), own), "hostname=ct01[parsed]"},
		{"answer for another host", resolved(0x8000, "ct01", record("ct01", typeA, shared, 30, other.AsSlice())), "[parsed]"},
		{"answer to another question", resolved(0x8000, "ct02", own), "[parsed]"},
		{"others have the name, too", resolved(0x8400, "ct01", own), "hostname=ct01[parsed]"},
		{"tentative", resolved(0x8100, "ct01", own), "[parsed]"},
		{"answer to whoever asks for a proxy", resolved(0x8000, "wpad", record("wpad", typeA, shared, 30, host.AsSlice())), "[parsed]"},
		{"a person's computer", resolved(0x8000, "Canary-PC", record("Canary-PC", typeA, shared, 30, host.AsSlice())), "[parsed]"},
		{"question", resolved(0, "ct01"), "[parsed]"},
		{"no answer", resolved(0x8000, "ct01"), "[parsed]"},
		{"cut", resolved(0x8000, "ct01", own[:12]), "[malformed]"},
	} {
		if got := said(listen(t, host, protocols.MAC{}, c.says)); got != c.want {
			t.Errorf("%s: states %s, want %s", c.name, got, c.want)
		}
	}
}

// TestInvariant02NoNameOfAPrivateAddress: who made its address up has no name here.
func TestInvariant02NoNameOfAPrivateAddress(t *testing.T) {
	private := protocols.MAC{0xda, 0xa1, 0x19, 0, 0, 1}
	for _, c := range []struct {
		says []byte
		want string
	}{
		{announce(a(ct, host), srv("x._ssh._tcp.local", ct)), "role=offers-ssh[parsed]"},
		{resolved(0x8000, "ct01", record("ct01", typeA, shared, 30, host.AsSlice())), "[parsed]"},
	} {
		if got := said(listen(t, host, private, c.says)); got != c.want {
			t.Errorf("states %s, want %s", got, c.want)
		}
	}
}

// TestInvariant04AReflectorDoesNotBecomeWhatItRepeats: all that a host says of itself,
// from another address.
func TestInvariant04AReflectorDoesNotBecomeWhatItRepeats(t *testing.T) {
	full := announce(srv(printing, ct), txt(printing, "ty=Brother HL"), a(ct, host), aaaa(ct, host6))
	for addr, want := range map[netip.Addr]bool{host: true, host6: true, other: false, netip.MustParseAddr("::ffff:192.0.2.31"): true} {
		if h := listen(t, addr, protocols.MAC{}, full); (len(h.Observations) > 0) != want {
			t.Errorf("from %s: states %s", addr, said(h))
		}
	}
}

func with(b []byte, at int, v byte) []byte { b[at] = v; return b }

func TestProbe(t *testing.T) {
	m, l := announce(a(ct, host)), resolved(0, "ct01")
	for _, c := range []struct {
		name        string
		says        []byte
		mdns, llmnr protocols.Verdict
	}{
		{"announcement", m, protocols.Yes, protocols.No},
		{"question", message(0, 0, [][]byte{asks("_dicom._tcp.local", 12)}), protocols.Yes, protocols.No},
		{"question for a name by its address", message(0, 0, [][]byte{asks("31.2.0.192.in-addr.arpa", 12)}), protocols.Yes, protocols.No},
		{"the same with a transaction", message(7, 0, [][]byte{asks("31.2.0.192.in-addr.arpa", 12)}), protocols.No, protocols.No},
		{"a transaction", with(slices.Clone(m), 1, 7), protocols.No, protocols.No},
		{"a name of a server's", announce(a("ct01.example.org", host)), protocols.No, protocols.No},
		{"another class", announce(record(ct, typeA, 3, alive, host.AsSlice())), protocols.No, protocols.No},
		{"LLMNR", l, protocols.No, protocols.Yes},
		{"LLMNR answer", resolved(0x8000, "ct01", record("ct01", typeA, shared, 30, host.AsSlice())), protocols.No, protocols.Yes},
		{"DNS question", resolved(0x0100, "ct01"), protocols.No, protocols.No},
		{"DNS answer", resolved(0x8180, "ct01", record("ct01", typeA, shared, 30, host.AsSlice())), protocols.No, protocols.No},
		{"DNS question for a full name", resolved(0, "ct01.example.org"), protocols.No, protocols.No},
		{"a question for a service", resolved(0, "_dicom"), protocols.No, protocols.Yes},
		{"NetBIOS", slices.Concat([]byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 32}, []byte(strings.Repeat("CA", 16)), []byte{0, 0, 32, 0, 1}), protocols.No, protocols.No},
		{"zeros", make([]byte, 100), protocols.No, protocols.No},
		{"nothing", nil, protocols.No, protocols.No},
	} {
		for i, p := range both() {
			if got := p.Probe(opening(c.says)); got != [2]protocols.Verdict{c.mdns, c.llmnr}[i] {
				t.Errorf("%s: %s says %d", c.name, p.Name(), got)
			}
			if p.Probe(protocols.Opening{Transport: protocols.TCP, Bytes: c.says}) != protocols.No {
				t.Errorf("%s: %s says yes over TCP", c.name, p.Name())
			}
		}
	}
}
