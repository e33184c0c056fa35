package snmp_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/snmp"
)

// TestInvariant05NoPartSaysMore: a message that is cut anywhere says nothing.
func TestInvariant05NoPartSaysMore(t *testing.T) {
	for _, whole := range seeds(t) {
		for n := range whole {
			if h := listen(t, answers(whole[:n])); len(h.Observations) > 0 || len(h.Outcomes) != 1 {
				t.Fatalf("cut to %d of %d octets: %s, %v", n, len(whole), said(h), h.Outcomes)
			}
		}
	}
}

func seeds(t testing.TB) [][]byte {
	return [][]byte{
		v2(t, response, object{"1.1.0", text("VxWorks SNMPv1/v2c Agent")}, object{"1.2.0", oid(t, "1.3.6.1.4.1.9.1.1")}, object{"1.6.0", text("Room 5")}),
		v2(t, getBulk, object{"47.1.1.1.1.11", element(5)}),
		v2(t, response, append(classes(3, 6), column(11, "FOC1234X0AB", "PSU1")...)...),
		v2(t, response, object{"2.2.1.6.2", element(4, []byte{0, 1, 2, 3, 4, 5})}, object{"4.20.1.2.192.0.2.2", element(2, []byte{2})}),
		v1Trap(t, "1.3.6.1.4.1.318", []byte{192, 0, 2, 2}, object{"1.5.0", text("ups1")}),
		v3(engine, 0, scoped(engine, operation(t, report, 0))), v3(engine, 3, text("x")),
	}
}

// FuzzDatagram: any two datagrams in a row have one outcome each and say nothing but what
// the text rules allow, once the second time as the first, and a probe that says No is
// right: nothing is read of those.
func FuzzDatagram(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		h := &protocoltest.Heard{}
		sink := h.Sink(protocols.SNMP)
		s := snmp.New().Open(protocols.Context{})
		from, to := protocoltest.Ends(protocols.FromAcceptor)
		for _, b := range [][]byte{first, second} {
			s.Segment(protocols.Segment{When: protocoltest.Start(), Direction: protocols.FromAcceptor, From: from, To: to, Bytes: b}, sink)
			look := b[:min(len(b), protocols.ProbeLimit)]
			yes := snmp.New().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: look}) == protocols.Yes
			last := h.Outcomes[len(h.Outcomes)-1]
			if read := last == protocols.Parsed || last == protocols.LimitReached; read && !yes && len(b) <= protocols.ProbeLimit && b[0] == 0x30 && !unlikely(b) {
				t.Errorf("read, and not recognised: %x", b)
			}
		}
		if len(h.Outcomes) != 2 {
			t.Errorf("%d outcomes", len(h.Outcomes))
		}
		for _, o := range h.Observations {
			if o.About.Kind != protocols.AboutSpeaker || len(o.Facts) > protocols.MaxFacts {
				t.Errorf("says %d facts about %d", len(o.Facts), o.About.Kind)
			}
			for _, fact := range o.Facts {
				if fact.Attribute == protocols.Location && strings.Contains(fact.Value, "@") {
					t.Errorf("a place with an address of somebody: %q", fact.Value)
				}
			}
		}
	})
}

// unlikely reports a message of version 3 whose numbers are out of their ranges: parse
// does not look at them, and the probe does.
func unlikely(b []byte) bool {
	for i := 1; i+2 < len(b) && i < 8; i++ {
		if b[i] == 2 {
			return b[i+1] != 1 || b[i+2] == 3
		}
	}
	return true
}
