package dns_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
)

func seeds() [][]byte {
	return [][]byte{
		announce(srv(printing, ct), txt(printing, "ty=Brother HL-L2350DW", "usb_MFG=Brother"), a(ct, host), aaaa(ct, host6), record(ct, typeHINFO, flush, alive, []byte("\x03X86\x05LINUX"))),
		announce(raw(dotted("x.local"), typePTR, shared, alive, dotted("ct02.local")), raw([]byte("\x04ct01\xc0\x0e"), typeA, flush, alive, host.AsSlice())),
		message(0, 0, [][]byte{asks("_dicom._tcp.local", 12)}), resolved(0, "ct01"),
		resolved(0x8000, "ct01", record("ct01", typeA, shared, 30, host.AsSlice())),
	}
}

// FuzzDatagrams: one outcome a datagram; only what is recognised states anything; a
// broken datagram states nothing; a part of one states nothing that the whole does not.
func FuzzDatagrams(f *testing.F) {
	for _, b := range seeds() {
		f.Add(b, uint16(len(b)/2))
	}
	f.Fuzz(func(t *testing.T, b []byte, n uint16) {
		before := slices.Clone(b)
		h := listen(t, host, protocols.MAC{}, b)
		if len(h.Outcomes) != 1 || h.Refused > 0 || len(h.Observations) > 0 && h.Outcomes[0] != protocols.Parsed {
			t.Fatalf("outcomes %v, %d refused: %s", h.Outcomes, h.Refused, said(h))
		}
		if !slices.Equal(b, before) {
			t.Error("the datagram was written to")
		}
		known := slices.ContainsFunc(both(), func(p protocols.Protocol) bool { return p.Probe(opening(b)) == protocols.Yes })
		if len(h.Observations) > 0 && !known {
			t.Errorf("states %s of what nobody recognises", said(h))
		}
		all := h.Lines()
		for line := range strings.Lines(listen(t, host, protocols.MAC{}, b[:min(int(n), len(b))]).Lines()) {
			if strings.Contains(line, " about ") && !strings.Contains(all, line) {
				t.Errorf("stated only by %d octets: %s", n, line)
			}
		}
	})
}

// FuzzPeople writes any text where people write, and looks for it.
func FuzzPeople(f *testing.F) {
	f.Add("'s room")
	f.Add(" iPhone")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, name string) {
		text := strings.ReplaceAll("QQCANARYQQ"+name, ".", "")
		if len(text) > 50 {
			return
		}
		instance := text + "._ipp._tcp.local"
		for _, b := range [][]byte{
			announce(srv(instance, ct), txt(instance, "fn="+text, "note="+text, text, "adminurl="+text, "ty="+text+"'s"), a(ct, host)),
			announce(a(text+"-iPhone.local", host)), announce(a(text+".local", other)), resolved(0, text),
		} {
			if texts := listen(t, host, protocols.MAC{}, b).Texts(); strings.Contains(texts, "CANARY") {
				t.Errorf("a person shows:\n%s", texts)
			}
		}
	})
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	for _, p := range both() {
		for _, b := range seeds() {
			o := opening(b)
			if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
				t.Errorf("%s: %v allocations", p.Name(), n)
			}
		}
	}
}

func BenchmarkSegment(b *testing.B) {
	for i, name := range []string{"printer", "host", "question", "linklocal question", "linklocal answer"} {
		data, p := seeds()[i], both()[i/3]
		out, s := protocols.NewSink(p.Name(), nil, nil, nil), p.Open(protocols.Context{})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Segment(protocols.Segment{From: protocols.Endpoint{Addr: host}, Bytes: data}, out)
			}
		})
	}
}

func BenchmarkProbe(b *testing.B) {
	for name, octets := range map[string][]byte{"announcement": seeds()[0], "other": make([]byte, 60)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			o, all := opening(octets), both()
			for b.Loop() {
				all[0].Probe(o)
				all[1].Probe(o)
			}
		})
	}
}

// BenchmarkHostile is a datagram that makes the reader compare as much as it can: as
// many services and texts as are looked at, under names that differ at their end only.
func BenchmarkHostile(b *testing.B) {
	records := [][]byte{a(ct, host)}
	long := strings.Repeat("x", 50)
	for i := range 200 {
		instance := long + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "._http._tcp.local"
		if records = append(records, txt(instance, "ty=Canary")); i < 40 {
			records = append(records, srv(instance, ct))
		}
	}
	data, out := announce(records...), protocols.NewSink(protocols.MDNS, nil, nil, nil)
	s := both()[0].Open(protocols.Context{})
	b.ReportAllocs()
	for b.Loop() {
		s.Segment(protocols.Segment{From: protocols.Endpoint{Addr: host}, Bytes: data}, out)
	}
}
