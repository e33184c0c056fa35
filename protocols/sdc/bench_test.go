package sdc_test

import (
	"testing"

	"github.com/auscult/auscult/protocols"
	"github.com/auscult/auscult/protocols/sdc"
)

func bench(b *testing.B, open func() protocols.Session, message []byte) {
	out := protocols.NewSink(protocols.WSDiscovery, nil, nil, nil)
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		s := open()
		s.Segment(protocols.Segment{Bytes: message}, out)
		s.Close(out)
	}
}

func BenchmarkHello(b *testing.B) {
	s := datagrams()
	bench(b, func() protocols.Session { return s }, []byte(hello(device{sdcTypes, sdcScopes, "https://192.0.2.1/"})))
}

func BenchmarkPrinter(b *testing.B) {
	s := datagrams()
	bench(b, func() protocols.Session { return s }, []byte(hello(device{"dp:Device", "", "https://192.0.2.1/"})))
}

func BenchmarkMDIB(b *testing.B) {
	bench(b, body, []byte(mdib(mds("S1"), mdsState("On")+patient("Assoc"))))
}

func BenchmarkAssociation(b *testing.B) {
	bench(b, func() protocols.Session { return associated(false) }, append(aarq(agentID, 700), attributeList()...))
}

func BenchmarkProbe(b *testing.B) {
	o := protocols.Opening{Transport: protocols.UDP, Bytes: []byte(hello(device{}))[:512]}
	p := sdc.NewDiscovery()
	b.ReportAllocs()
	for b.Loop() {
		p.Probe(o)
	}
}
