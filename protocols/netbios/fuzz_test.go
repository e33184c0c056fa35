package netbios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/netbios"
)

func seeds() [][]byte {
	return [][]byte{
		registration(0x2910, "CT01", 0x20, 0, host), response("CT01", 0, address(0, other), address(groupFlag, host)), query("*", 0x21),
		status(3, owned("CT01", 0, active), owned("RADIOLOGY", 0, active|groupFlag), owned("CT01", 0x20, active)),
		datagram(host, "CT01", 0x1d, browse(announcement(1, "CT01", 6, 1, windows7))),
		datagram(host, "CT01", 1, browse(announcement(12, "RADIOLOGY", 3, 10, 0x80001000))),
	}
}

// FuzzDatagrams: one outcome a datagram; who is recognised is read; what is not
// understood states nothing; a shorter datagram never states more.
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
		known := netbios.NewNameService().Probe(opening(b)) == protocols.Yes || netbios.NewBrowser().Probe(opening(b)) == protocols.Yes
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

// FuzzUser writes any text into the fields that are not to be read, and looks for it.
func FuzzUser(f *testing.F) {
	f.Add("A")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, name string) {
		text := "CANARY" + name
		tail := append(announcement(1, "CT01", 6, 1, windows7)[:32], text...)
		for _, b := range [][]byte{
			registration(0x2910, text, 3, 0, host), status(1, owned(text, 3, active)), response(text, 0, address(0, other)),
			datagram(host, "CT01", 0x1d, browse(tail)), query(text, 0x20),
		} {
			if texts := listen(t, host, protocols.MAC{}, b).Texts(); strings.Contains(texts, "CANARY") {
				t.Errorf("a user shows:\n%s", texts)
			}
		}
	})
}

func TestInvariant08ProbeDoesNotAllocate(t *testing.T) {
	for _, p := range []protocols.Protocol{netbios.NewNameService(), netbios.NewBrowser()} {
		for _, b := range seeds() {
			o := opening(b)
			if n := testing.AllocsPerRun(100, func() { p.Probe(o) }); n != 0 {
				t.Errorf("%s: %v allocations", p.Name(), n)
			}
		}
	}
}

func BenchmarkSegment(b *testing.B) {
	for i, name := range []string{"registration", "answer", "question", "status", "announcement"} {
		data, p := seeds()[i], netbios.NewNameService()
		if name == "announcement" {
			p = netbios.NewBrowser()
		}
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
	for name, octets := range map[string][]byte{"question": query("CT01", 0x20), "other": make([]byte, 60)} {
		o, p := opening(octets), netbios.NewNameService()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(o)
			}
		})
	}
}
