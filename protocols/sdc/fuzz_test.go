package sdc_test

import (
	"strings"
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/sdc"
)

// maxKept is what a message may hold: one text, one value, the names of the open
// elements, and the attributes of one, twice that while they grow.
const maxKept = 2 * (sdc.MaxText + sdc.MaxElements*200 + 64*400)

func pieces(sizes []byte) func() int {
	i := 0
	return func() int {
		if i++; len(sizes) == 0 {
			return 1 << 30
		}
		return int(sizes[i%len(sizes)])*2 + 1
	}
}

// FuzzMessage: however a body arrives, the same is stated and counted; a datagram
// says what the body says; memory is bounded; no patient shows.
func FuzzMessage(f *testing.F) {
	pump := device{sdcTypes, sdcScopes + " sdc.ctxt.pat:/x/" + canary, "https://192.0.2.1/"}
	for _, m := range []string{hello(pump), older(hello(pump)), probeMatches(pump, pump), envelope(profile),
		mdib(mds("S1")+mds("S2"), mdsState("On")), mdib(mds("S1"), mdsState("StndBy")+patient("Assoc")+place), "<!DOCTYPE x>", "<a b='&#x41;'><![CDATA[]]></a>"} {
		f.Add([]byte(m), []byte{1, 50, 3})
	}
	f.Fuzz(func(t *testing.T, m, sizes []byte) {
		exact := run(t, body(), protocoltest.Fixed(1), says(opener, m))
		if r := run(t, body(), pieces(sizes), says(opener, m)); r.print() != exact.print() {
			t.Errorf("in pieces\n%s\noctet by octet\n%s", r.print(), exact.print())
		}
		if r := run(t, datagrams(), protocoltest.Whole, says(opener, m)); len(m) > 0 && r.print() != exact.print() {
			t.Errorf("as a datagram\n%s\nas a body\n%s", r.print(), exact.print())
		}
		if exact.kept > maxKept {
			t.Errorf("holds %d octets", exact.kept)
		}
		if total := total(exact); len(m) > 0 && total != 1 {
			t.Errorf("%d outcomes of one message", total)
		}
	})
}

func total(r *result) (n int) {
	for _, o := range r.outcomes {
		n += o
	}
	return n
}

// FuzzPatient writes a name into every place where a patient is told of, and looks
// for it in what is stated.
func FuzzPatient(f *testing.F) {
	f.Add("Anna", "m:ContextState")
	f.Add("&amp;", "pm:State")
	f.Fuzz(func(t *testing.T, name, element string) {
		name = "QQCANARYQQ" + strings.NewReplacer("<", "", "\"", "", "'", "").Replace(name)
		states := strings.ReplaceAll(patient("Assoc"), canary, name)
		m := strings.ReplaceAll(mdib(mds("S1"), states+mdsState("On")), canary, name)
		if element != "" {
			m = strings.ReplaceAll(m, "pm:CoreData", element)
		}
		r := run(t, body(), protocoltest.Whole, says(acceptor, []byte(m)))
		d := run(t, datagrams(), protocoltest.Whole, says(opener, []byte(hello(device{sdcTypes, sdcScopes + " sdc.ctxt.pat:/x/" + name, ""}))))
		if strings.Contains(r.print()+d.print(), "CANARY") {
			t.Errorf("a patient shows:\n%s%s", r.print(), d.print())
		}
	})
}

// FuzzAssociation: however the octets arrive, the same is stated and counted.
func FuzzAssociation(f *testing.F) {
	f.Add(append(aarq(agentID, 700), attributeList()...), []byte{3, 9}, false)
	f.Add(append(data(0x0101, make([]byte, 30)), attributeList()...), []byte{1}, true)
	f.Add(append(aare(3, managerID), apdu(0xe600, []byte{0, 0})...), []byte{}, true)
	f.Fuzz(func(t *testing.T, b, sizes []byte, late bool) {
		exact := run(t, associated(late), protocoltest.Fixed(1), says(opener, b))
		if r := run(t, associated(late), pieces(sizes), says(opener, b)); r.print() != exact.print() {
			t.Errorf("in pieces\n%s\noctet by octet\n%s", r.print(), exact.print())
		}
		if exact.kept > 3*sdc.MaxUnit {
			t.Errorf("holds %d octets", exact.kept)
		}
	})
}

// FuzzProbe: a verdict, once given, stays, and a full window gets one.
func FuzzProbe(f *testing.F) {
	f.Add(aarq(agentID, 0), true)
	f.Add(data(0x0203, make([]byte, 9)), false)
	f.Fuzz(func(t *testing.T, b []byte, late bool) {
		last := protocols.More
		for n := 0; n <= len(b); n++ {
			v := sdc.NewAssociation().Probe(protocols.Opening{Transport: protocols.TCP, Midstream: late, Bytes: b[:n]})
			if last != protocols.More && v != last || n >= protocols.ProbeLimit && v == protocols.More {
				t.Fatalf("verdict %v after %v, at %d octets", v, last, n)
			}
			last = v
			if v := sdc.NewDiscovery().Probe(protocols.Opening{Transport: protocols.UDP, Bytes: b[:n]}); v == protocols.More {
				t.Fatal("waits for more of a datagram")
			}
		}
	})
}
