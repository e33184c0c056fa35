package snmp_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/protocoltest"
	"github.com/auscult/auscult/protocols/snmp"
)

func BenchmarkProbe(b *testing.B) {
	o := protocols.Opening{Transport: protocols.UDP, Bytes: seeds(b)[0]}
	b.ReportAllocs()
	for b.Loop() {
		if snmp.New().Probe(o) != protocols.Yes {
			b.Fatal("not recognised")
		}
	}
}

// BenchmarkSegment reads what managers ask for most.
func BenchmarkSegment(b *testing.B) {
	for name, datagram := range map[string][]byte{"system": seeds(b)[0], "request": seeds(b)[1], "other objects": v2(b, response, counters()...)} {
		b.Run(name, func(b *testing.B) {
			s, sink := snmp.New().Open(protocols.Context{}), protocols.NewSink(protocols.SNMP, nil, nil, nil)
			from, to := protocoltest.Ends(protocols.FromAcceptor)
			seg := protocols.Segment{Direction: protocols.FromAcceptor, From: from, To: to, Bytes: datagram}
			b.ReportAllocs()
			b.SetBytes(int64(len(datagram)))
			for b.Loop() {
				s.Segment(seg, sink)
			}
		})
	}
}

// counters are 40 rows of ifInOctets, as a manager asks for them every minute.
func counters() (all []object) {
	for range 40 {
		all = append(all, object{"2.2.1.10.7", element(0x41, []byte{1, 2, 3, 4})})
	}
	return all
}
